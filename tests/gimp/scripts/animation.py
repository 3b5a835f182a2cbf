"""Runs in GIMP: layers painted as frames by a daemon that turns colours round; the findings go to the report."""

import os
import sys

sys.path.insert(0, os.environ["GIMP_SCRIPTS"])
import inside
from gi.repository import Gimp

WIDTH, HEIGHT = 32, 24
GREY, RED, BLUE = bytes((90, 90, 90, 255)), bytes((200, 0, 0, 255)), bytes((0, 0, 200, 255))
found = {}


def frame(image, name, colour, size=(WIDTH, HEIGHT), offsets=(0, 0), parent=None):
    layer = inside.new_layer(image, size, offsets, name=name, parent=parent)
    inside.write(layer, colour * (size[0] * size[1]))
    return layer


def drawn(base="rgb", precision="u8-non-linear"):
    """A ground, a small square over it, another over both, and one that replaces them; all but the top are hidden."""
    image = inside.new_image(WIDTH, HEIGHT, base, precision)
    made = [
        frame(image, "Background", GREY),
        frame(image, "Frame 2 (100ms)", RED, (8, 8), (2, 2)),
        frame(image, "Frame 3 (80ms) (combine)", BLUE, (8, 8), (20, 10)),
        frame(image, "Frame 4 (100ms) (replace)", BLUE, (8, 8), (2, 2)),
    ]
    for layer in made[:3]:
        layer.set_visible(False)
    return image, made


def animate(image, layers, **arguments):
    return inside.call("neural-style-animate", image, layers, **dict({"preset": "ink-wash"}, **arguments))


def looks(layers):
    """Of each: the pixel at the left square, at the right one, and beside both."""
    places = ((4, 4), (22, 12), (12, 20))
    return [[list(pixel(layer, x, y)) for x, y in places] for layer in layers]


def pixel(layer, x, y):
    at = 4 * (y * WIDTH + x)
    return inside.read(layer)[at : at + 4]


def as_new_image():
    image, made = drawn()
    image.set_resolution(150, 150)
    status, error, last = animate(image, [made[0]])
    result = last.get_image()
    frames = list(reversed(result.get_layers()))
    return dict(
        status=status,
        error=error,
        another=result.get_id() != image.get_id(),
        names=inside.names(frames),
        looks=looks(frames),
        visible=[one.get_visible() for one in frames],
        resolution=list(result.get_resolution())[-2:],
        undo=result.undo_is_enabled(),
        untouched=[inside.names(image.get_layers()), [one.get_visible() for one in image.get_layers()]],
        images=len(Gimp.get_images()),
        recorded=last.get_parasite("neural-style") is not None,
    )


def as_group():
    image, made = drawn()
    group_of_two = Gimp.GroupLayer.new(image, "Frame 5 (replace)")
    image.insert_layer(group_of_two, None, 0)
    frame(image, "below", GREY, parent=group_of_two)
    frame(image, "above", RED, (8, 8), (2, 2), parent=group_of_two)
    status, error, _ = animate(image, [made[1], group_of_two], result="group", frames="selected")
    group = image.get_layers()[0]
    frames = list(reversed(group.get_children()))
    return dict(
        status=status,
        error=error,
        names=[group.get_name(), *inside.names(frames)],
        looks=looks(frames),
        layers=len(image.get_layers()),
    )


def of_kind(base, precision):
    image, made = drawn(base, precision)
    last = animate(image, [made[0]])[2]
    result = last.get_image()
    return [result.get_base_type().value_nick, result.get_precision().value_nick, list(pixel(last, 12, 20))]


def indexed():
    image, made = drawn()
    image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")
    refused = animate(image, [made[0]], result="group")[:2]
    last = animate(image, [made[0]])[2]
    kinds = [one.get_base_type().value_nick for one in (image, last.get_image())]
    return dict(refused=refused, kinds=kinds, looks=looks(list(reversed(last.get_image().get_layers()))))


def selected():
    image, made = drawn()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 16, 24)
    last = animate(image, [made[0]])[2]
    return looks(list(reversed(last.get_image().get_layers())))[0]


def in_a_group_only():
    image = inside.new_image(WIDTH, HEIGHT)
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    inner = frame(image, "inner", RED, parent=group)
    return animate(image, [inner], frames="selected")[:2]


found["image"] = as_new_image()
found["group"] = as_group()
found["kinds"] = {" ".join(kind): of_kind(*kind) for kind in (("grey", "u8-non-linear"), ("rgb", "float-linear"))}
found["indexed"] = indexed()
found["selected"] = selected()
image, made = drawn()
found["wrong"] = {
    "in a group": in_a_group_only(),
    "result": animate(image, made, result="film")[:2],
    "frames": animate(image, made, frames="some")[:2],
    "start": animate(image, made, start="image")[:2],
    "preset": animate(image, made, preset="ink-wosh")[:2],
}
found["layers then"] = len(image.get_layers())
inside.report(**found)
