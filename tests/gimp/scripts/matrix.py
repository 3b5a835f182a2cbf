"""Runs in GIMP: every kind of image, layer and selection; the findings go to the report."""

import base64
import os
import sys

sys.path.insert(0, os.path.join(os.environ["GIMP_SCRIPTS"]))
import inside
from gi.repository import Gimp

WIDTH, HEIGHT = 96, 64
PICTURE = inside.picture(WIDTH, HEIGHT)
FADED = inside.picture(WIDTH, HEIGHT, lambda x, y: 0 if x < 20 else 255 if x > 40 else 128)
found = {}


def case(work):
    image, layer, arguments = work()
    before = inside.raw(layer)
    layers = [layer, *arguments.pop("more", ())]
    status, error, result = inside.stylize(image, layers, **arguments)
    found[work.__name__] = dict(
        status=status,
        error=error,
        names=inside.names(image.get_layers()),
        precision=image.get_precision().value_nick,
    )
    if result is not None:
        found[work.__name__].update(facts(layer, result, before))
    image.delete()


def facts(layer, result, before):
    raw, size = inside.raw(result), len(before) // (layer.get_width() * layer.get_height())
    parts = [slice(at, at + size) for at in range(0, len(raw), size)]
    changed = [number for number, part in enumerate(parts) if raw[part] != before[part]]
    mask = result.get_mask()
    return dict(
        name=result.get_name(),
        offsets=list(result.get_offsets())[1:],
        size=[result.get_width(), result.get_height()],
        kinds=[layer.type().value_nick, result.type().value_nick],
        changed=changed,
        source_untouched=inside.raw(layer) == before,
        pixels=base64.b64encode(inside.read(result)).decode(),
        source=base64.b64encode(inside.read(layer)).decode(),
        mask=None if mask is None else base64.b64encode(inside.read(mask, "Y u8")).decode(),
        above=is_right_above(inside.names(siblings(layer)), result.get_name(), layer.get_name()),
        parent=result.get_parent().get_name() if result.get_parent() else None,
        parasite=bytes(result.get_parasite("neural-style").get_data()).decode(),
    )


def is_right_above(names, upper, lower):
    return upper in names and names.index(upper) + 1 == names.index(lower)


def siblings(layer):
    return layer.get_parent().get_children() if layer.get_parent() else layer.get_image().get_layers()


def prepared(data=PICTURE, alpha=True, select=None, offsets=(0, 0), size=(WIDTH, HEIGHT), **image_options):
    image = inside.new_image(**image_options)
    layer = inside.new_layer(image, size, offsets, alpha)
    inside.write(layer, data)
    if select is not None:
        image.select_rectangle(Gimp.ChannelOps.REPLACE, *select)
    return image, layer


SELECTED = (30, 10, 40, 30)

for precision in inside.PRECISIONS:

    def work(precision=precision):
        return (*prepared(precision=precision), {})

    work.__name__ = "depth " + precision
    case(work)

    def work(precision=precision):
        return (*prepared(precision=precision, select=SELECTED), {})

    work.__name__ = "selected " + precision
    case(work)


@case
def rgb_without_alpha():
    return (*prepared(alpha=False), {})


@case
def alpha_kept():
    return (*prepared(FADED), {})


@case
def grey():
    return (*prepared(base="grey", alpha=False), {})


@case
def grey_alpha_16():
    return (*prepared(FADED, base="grey", precision="u16-non-linear"), {})


@case
def adobe_rgb():
    image, layer = prepared(alpha=False)
    image.set_color_profile(Gimp.ColorProfile.new_rgb_adobe())
    inside.write(layer, PICTURE)
    return image, layer, {}


@case
def adobe_rgb_selected():
    image, layer = prepared(select=SELECTED)
    image.set_color_profile(Gimp.ColorProfile.new_rgb_adobe())
    return image, layer, {}


@case
def feathered():
    Gimp.context_set_feather(True)
    Gimp.context_set_feather_radius(6, 6)
    made = prepared(select=SELECTED)
    Gimp.context_set_feather(False)
    found["the feathered selection"] = base64.b64encode(inside.read(made[0].get_selection(), "Y u8")).decode()
    return (*made, {})


@case
def smaller_and_aside():
    return (*prepared(inside.picture(50, 40), size=(50, 40), offsets=(-10, 37), select=(0, 30, 20, 20)), {})


@case
def larger_than_the_image():
    return (*prepared(inside.picture(120, 90), size=(120, 90), offsets=(-12, -13)), {})


@case
def selection_elsewhere():
    return (*prepared(inside.picture(20, 20), size=(20, 20), select=(60, 40, 20, 20)), {})


@case
def own_mask():
    image, layer = prepared()
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    layer.add_mask(mask)
    inside.write(mask, bytes(range(WIDTH)) * HEIGHT, "Y u8")
    return image, layer, {}


@case
def own_mask_and_selection():
    image, layer = prepared(select=SELECTED)
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    layer.add_mask(mask)
    inside.write(mask, bytes(range(WIDTH)) * HEIGHT, "Y u8")
    return image, layer, {}


def grouped():
    image, layer = prepared()
    group = Gimp.GroupLayer.new(image, "scenery")
    image.insert_layer(group, None, 0)
    image.reorder_item(layer, group, 0)
    return image, layer, group


@case
def in_a_group():
    image, layer, _ = grouped()
    return image, layer, {}


@case
def a_group_itself():
    image, _, group = grouped()
    return image, group, {}


@case
def kept_frames():
    return (*prepared(), {"keep_frames": "1"})


@case
def indexed():
    image, layer = prepared(alpha=False)
    image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")
    return image, layer, {}


@case
def indexed_converted():
    image, layer = prepared(alpha=False)
    image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")
    return image, layer, {"convert_indexed": True}


@case
def unknown_preset():
    return (*prepared(), {"preset": "ink-wish"})


@case
def wrong_quality():
    return (*prepared(), {"quality": "superb"})


@case
def empty_layer():
    return (*prepared(bytes(4 * WIDTH * HEIGHT)), {})


@case
def hidden_layer():
    image, layer = prepared()
    layer.set_visible(False)
    return image, layer, {}


@case
def hidden_group():
    image, layer, group = grouped()
    group.set_visible(False)
    return image, layer, {}


@case
def a_layer_mask():
    image, layer = prepared()
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
    return image, layer.get_mask(), {}


@case
def starts_from_another_layer():
    image, layer = prepared()
    other = inside.new_layer(image, name="other")
    inside.write(other, inside.picture(WIDTH, HEIGHT))
    return image, layer, {"start": "image", "start_layer": other}


@case
def starts_from_a_smaller_layer():
    image, layer = prepared()
    other = inside.new_layer(image, (40, 50), (30, 5), name="other")
    inside.write(other, inside.picture(40, 50))
    return image, layer, {"start": "image", "start_layer": other}


@case
def tiny():
    return (*prepared(inside.picture(5, 3), size=(5, 3)), {})


@case
def thin():
    return (*prepared(inside.picture(1, 64), size=(1, 64)), {})


@case
def a_later_layer_is_hidden():
    image, layer = prepared()
    hidden = inside.new_layer(image, name="hidden")
    inside.write(hidden, PICTURE)
    hidden.set_visible(False)
    return image, layer, {"more": [hidden]}


inside.report(**found)
