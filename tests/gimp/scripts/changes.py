"""Runs in GIMP: what the painter changes in the image while a job runs, before its layers are inserted."""

import importlib
import os
import sys

sys.path.insert(0, os.environ["GIMP_SCRIPTS"])
import inside
from gi.repository import Gimp

WIDTH, HEIGHT = 16, 12
COLOUR, PAINTED = bytes((200, 120, 40, 255)), bytes((60, 180, 90, 255))
found = {}

sys.path.insert(0, os.path.join(Gimp.directory(), "plug-ins", "neural-style"))
animation, buffers, layers = (
    importlib.import_module(f"document.{name}") for name in ("animation", "buffers", "layers")
)
run_to_end = importlib.import_module("neural_style_client.tasks").run_to_end
client = importlib.import_module("neural_style_client")
pixels = importlib.import_module("document.pixels")
RECORD = b'{"parameters": {}}'


def painted(precision="u8-non-linear"):
    """An image with one layer, half of it selected."""
    image = inside.new_image(WIDTH, HEIGHT, precision=precision)
    layer = inside.new_layer(image, (WIDTH, HEIGHT), name="sky")
    inside.write(layer, COLOUR * (WIDTH * HEIGHT))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, WIDTH // 2, HEIGHT)
    return image, layer


def to(precision):
    return lambda image: image.convert_precision(inside.PRECISIONS[precision])


def to_adobe(image):
    image.convert_color_profile(Gimp.ColorProfile.new_rgb_adobe(), Gimp.ColorRenderingIntent.PERCEPTUAL, False)


def to_indexed(image):
    image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")


CHANGES = {
    "nothing": lambda image: None,
    "16 bits": to("u16-non-linear"),
    "float": to("float-linear"),
    "grey": lambda image: image.convert_grayscale(),
    "profile": to_adobe,
}


def a_frame():
    return client.Pixels(WIDTH, HEIGHT, "RGBA8", PAINTED * (WIDTH * HEIGHT))


def look(image, layer):
    """What a painter sees of it at the left and at the right, its mask there, and whether it fits the image."""
    mask = layer.get_mask()
    weights = inside.read(mask, "Y u8") if mask is not None else b""
    seen = inside.read(layer)
    ground = image.get_layers()[-1]
    return dict(
        pixels=[list(seen[:4]), list(seen[4 * (WIDTH - 1) : 4 * WIDTH])],
        mask=[weights[0], weights[WIDTH - 1]] if weights else [],
        fits=(layer.get_bpp(), layer.type()) == (ground.get_bpp(), ground.type()),
        place=list(layer.get_offsets())[1:],
    )


def a_result(change, precision="u8-non-linear"):
    """A kept frame that was written before the change, the live layer that was shown before, one written after it."""
    image, layer = painted(precision)
    source = run_to_end(buffers.read_source(image, layer))
    kept, live = (run_to_end(buffers.new_layer(source, name)) for name in ("kept", "live"))
    run_to_end(buffers.write_frame(source, kept, a_frame()))
    run_to_end(buffers.write_frame(source, live, a_frame()))
    live = layers.show_live(image, live, source)
    CHANGES[change](image)
    run_to_end(buffers.write_frame(source, live, a_frame()))
    later = run_to_end(buffers.new_layer(source, "later"))
    run_to_end(buffers.write_frame(source, later, a_frame()))
    final = live.copy()
    layers.remove_live(live)
    finished = [layers.FinishedLayer(one, name, RECORD) for one, name in ((kept, "1"), (later, "2"), (final, "3"))]
    made = layers.insert_results(image, [(source, finished)], "group")
    return [look(image, one) for one in made]


def parts_of_a_result(change):
    """The layers of regions wait, too."""
    image, layer = painted()
    source = run_to_end(buffers.read_source(image, layer))
    final, part = (run_to_end(buffers.new_layer(source, name)) for name in ("final", "part"))
    run_to_end(buffers.write_frame(source, part, a_frame()))
    CHANGES[change](image)
    finished = [layers.FinishedLayer(final, "result", RECORD, parts=[part])]
    (made,) = layers.insert_results(image, [(source, finished)], "group")
    return [look(image, one) for one in made.get_children()]


def a_live_layer_that_was_not_shown_yet(change):
    image, layer = painted()
    source = run_to_end(buffers.read_source(image, layer))
    live = run_to_end(buffers.new_layer(source, "live"))
    CHANGES[change](image)
    live = layers.show_live(image, live, source)
    run_to_end(buffers.write_frame(source, live, a_frame()))
    return [look(image, live)]


def frames_in_a_group(change):
    image, _ = painted()
    group = animation.NewGroup(image, "frames")
    picture = pixels.Picture(WIDTH, HEIGHT, "RGBA8", [PAINTED * (WIDTH * HEIGHT)])
    run_to_end(group.add("before", picture, RECORD))
    CHANGES[change](image)
    run_to_end(group.add("after", picture, RECORD))
    group.close()
    return [look(image, one) for one in group.layers]


def a_deleted_source():
    """The result comes on top of what is left."""
    image, layer = painted()
    other = inside.new_layer(image, name="other")
    image.reorder_item(other, None, 1)
    source = run_to_end(buffers.read_source(image, layer))
    live = run_to_end(buffers.new_layer(source, "live"))
    image.remove_layer(layer)
    live = layers.show_live(image, live, source)
    return inside.names(image.get_layers())


def indexed():
    image, _ = painted()
    group = animation.NewGroup(image, "frames")
    to_indexed(image)
    picture = pixels.Picture(WIDTH, HEIGHT, "RGBA8", [PAINTED * (WIDTH * HEIGHT)])
    try:
        run_to_end(group.add("after", picture, RECORD))
    except Exception as problem:
        return str(problem)


def a_change_of_both():
    """From one profile to grey: the former primaries still count."""
    image, layer = painted()
    to_adobe(image)
    source = run_to_end(buffers.read_source(image, layer))
    kept = run_to_end(buffers.new_layer(source, "kept"))
    run_to_end(buffers.write_frame(source, kept, a_frame()))
    image.convert_grayscale()
    return [
        look(image, one)
        for one in layers.insert_results(image, [(source, [layers.FinishedLayer(kept, "1", RECORD)])], "group")
    ]


found["both"] = a_change_of_both()
found["results"] = {change: a_result(change) for change in CHANGES}
CHANGES["8 bits"] = to("u8-non-linear")
found["float to 8 bits"] = a_result("8 bits", "float-linear")
found["parts"] = {change: parts_of_a_result(change) for change in CHANGES}
found["live"] = {change: a_live_layer_that_was_not_shown_yet(change) for change in CHANGES}
found["frames"] = {change: frames_in_a_group(change) for change in CHANGES}
found["deleted source"] = a_deleted_source()
found["indexed"] = indexed()
inside.report(**found)
