"""Runs in GIMP: layers painted for print by a daemon that turns colours round; the findings go to the report."""

import os
import sys

sys.path.insert(0, os.environ["GIMP_SCRIPTS"])
import inside
from gi.repository import Gimp, Gio

WIDTH, HEIGHT = 96, 64
GREY, RED = bytes((90, 90, 90, 255)), bytes((200, 0, 0, 255))
found = {}


def drawn(parent=None, image=None):
    image = image or inside.new_image(WIDTH, HEIGHT)
    layer = inside.new_layer(image, (WIDTH, HEIGHT), parent=parent)
    inside.write(layer, inside.picture(WIDTH, HEIGHT))
    return image, layer


def printed(image, layers, **arguments):
    """(status, error, layer)"""
    wanted = {"preset": "ink-wash", "width": 3.0, "resolution": 100.0}
    return inside.call("neural-style-print", image, layers, **dict(wanted, **arguments))


def known():
    return {image.get_id() for image in Gimp.get_images()}


def state_of(image):
    """What a painter would miss if it changed."""
    layers, selected = image.get_layers(), image.get_selected_layers()
    size = image.get_width(), image.get_height(), *list(image.get_resolution())[-2:]
    pixels = [inside.read(one).hex() for one in layers]
    return [size, inside.names(layers), pixels, inside.names(selected), image.is_dirty(), image.undo_is_enabled()]


def size_of(layer):
    return [layer.get_width(), layer.get_height()]


def is_turned_round(source, result):
    before, after = inside.read(source), inside.read(result)
    return after == bytes(one if at % 4 == 3 else 255 - one for at, one in enumerate(before))


def exported(image):
    path = os.environ["GIMP_REPORT"] + ".png"
    assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(path), None)
    return path


def a_print():
    image, layer = drawn()
    inside.new_layer(image, (WIDTH, HEIGHT), name="ink")
    image.set_resolution(72, 72)
    image.set_selected_layers([layer])
    image.clean_all()
    before = state_of(image)
    status, error, result = printed(image, [layer])
    assert result is not None, error
    copy = result.get_image()
    source = copy.get_layers()[2]
    return dict(
        status=status,
        untouched=state_of(image) == before,
        names=inside.names(copy.get_layers()),
        sizes=[size_of(one) for one in (copy, source, result)],
        resolution=list(copy.get_resolution())[-2:],
        exact=is_turned_round(source, result),
        undo=copy.undo_is_enabled(),
        images=len(Gimp.get_images()),
        png=exported(copy),
    )


def selected():
    """The left half is selected, and so is the left half of the print."""
    image, layer = drawn()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, WIDTH // 2, HEIGHT)
    result = printed(image, [layer])[2]
    mask = inside.read(result.get_mask(), "Y u8")
    return [mask[100 * 300 + x] for x in (10, 140, 160, 290)], Gimp.Selection.is_empty(image)


def in_a_group():
    """The layer in the group, then the group itself; both chosen at once."""
    image = inside.new_image(WIDTH, HEIGHT)
    group = Gimp.GroupLayer.new(image, "scenery")
    image.insert_layer(group, None, 0)
    inner = drawn(group, image)[1]
    inner.add_mask(inner.create_mask(Gimp.AddMaskType.WHITE))
    results = [printed(image, [inner])[2], printed(image, [group])[2]]
    both = printed(image, [inner, group])[2].get_image()
    return dict(
        parents=[one.get_parent() and one.get_parent().get_name() for one in results],
        sizes=[size_of(one) for one in results],
        masks=[one.get_mask() is not None for one in results],
        both=[len(both.get_layers()), len(both.get_layers()[-1].get_children())],
        originals=[len(image.get_layers()), len(group.get_children())],
    )


def started_from_another_layer():
    image, layer = drawn()
    start = inside.new_layer(image, (WIDTH, HEIGHT), name="ground")
    inside.write(start, RED * (WIDTH * HEIGHT))
    status, error, result = printed(image, [layer], start="image", start_layer=start)
    return status, error, result and size_of(result)


def indexed():
    image, layer = drawn()
    image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")
    result = printed(image, [layer])[2]
    return [one.get_base_type().value_nick for one in (image, result.get_image())], size_of(result)


def of_kind(base, precision):
    image = inside.new_image(WIDTH, HEIGHT, base, precision)
    layer = inside.new_layer(image, (WIDTH, HEIGHT))
    inside.write(layer, GREY * (WIDTH * HEIGHT))
    result = printed(image, [layer])[2]
    copy = result.get_image()
    return copy.get_base_type().value_nick, copy.get_precision().value_nick, list(inside.read(result)[:4])


def smaller():
    """A print may have fewer pixels than the image."""
    image, layer = drawn()
    return size_of(printed(image, [layer], width=0.5)[2])


def refused(**arguments):
    """What is said; and the images that are left of it."""
    image, layer = drawn()
    before = known()
    status, error, _ = printed(image, [layer], **arguments)
    return status, error, len(known() - before)


def refused_mask():
    image, layer = drawn()
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    layer.add_mask(mask)
    before = known()
    return (*printed(image, [mask])[:2], len(known() - before))


found["print"] = a_print()
found["selected"] = selected()
found["group"] = in_a_group()
found["start"] = started_from_another_layer()
found["indexed"] = indexed()
found["kinds"] = [of_kind("grey", "u8-non-linear"), of_kind("rgb", "float-linear")]
found["smaller"] = smaller()
found["wrong"] = {
    "no width": refused(width=0.0),
    "too large": refused(width=200.0),
    "preset": refused(preset="ink-wosh"),
    "mask": refused_mask(),
}
inside.report(**found)
