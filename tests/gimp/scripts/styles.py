"""Runs in GIMP: blends and regions, with what marks them in every form; the findings go to the report."""

import json
import os
import sys

sys.path.insert(0, os.environ["GIMP_SCRIPTS"])
import inside
from gi.repository import Gimp

sys.path.insert(0, os.path.join(Gimp.directory(), "plug-ins", "neural-style"))
from document import layers, marks
from neural_style_client.errors import PainterError
from neural_style_client.regions import Region
from neural_style_client.tasks import run_to_end

WIDTH, HEIGHT = 64, 48
found = {}


def prepared(base="rgb", precision="u8-non-linear"):
    """A layer with an offset, and above it all that can mark a region."""
    image = inside.new_image(WIDTH, HEIGHT, base, precision)
    layer = inside.new_layer(image, (40, 30), (10, 8), name="paint")
    inside.write(layer, inside.picture(40, 30))
    beyond = inside.new_layer(image, (100, 20), (-20, -4), name="beyond")
    inside.write(beyond, bytes((9, 9, 9, 255)) * 2000)
    beyond.set_visible(False)
    bright = inside.new_layer(image, (WIDTH, HEIGHT), (0, 0), False, "bright")
    inside.write(bright, bytes(value for at in range(WIDTH * HEIGHT) for value in (4 * (at % WIDTH),) * 3), "R'G'B' u8")
    masked = inside.new_layer(image, (WIDTH, HEIGHT), (0, 0), True, "masked")
    inside.write(masked, bytes((9, 9, 9, 128)) * (WIDTH * HEIGHT))
    mask = masked.create_mask(Gimp.AddMaskType.WHITE)
    masked.add_mask(mask)
    inside.write(mask, bytes(4 * (at % WIDTH) for at in range(WIDTH * HEIGHT)), "Y u8")
    inverted = inside.new_layer(image, (WIDTH, HEIGHT), (0, 0), False, "inverted")
    inside.write(inverted, inside.read(bright, "R'G'B' u8"), "R'G'B' u8")
    inverted.append_filter(Gimp.DrawableFilter.new(inverted, "gegl:invert-gamma", "invert"))
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 10, 8, 20, 20)
    Gimp.Selection.feather(image, 4)
    Gimp.Selection.save(image).set_name("saved")
    Gimp.Selection.none(image)
    inside.new_layer(image, (20, 20), (0, 0), name="nothing")
    return image, layer


def weights(base, precision):
    image, layer = prepared(base, precision)
    for item in (image.get_channels()[0], image.get_layer_by_name("beyond")):
        item.set_color_tag(Gimp.ColorTag.RED)
    names = ("beyond", "bright", "inverted", "masked", "Mask of masked", "saved", "nothing", "All labelled red")
    place = (*list(layer.get_offsets())[1:], layer.get_width(), layer.get_height())
    marked = run_to_end(marks.read_regions(image, place, [Region(name, "mosaic") for name in names]))
    at = {one.region.layer: one.weights for one in marked}
    places = ((2, 2), (35, 2), (10, 10), (35, 25))
    return {name: [at[name][y * 40 + x] for x, y in places] + [len(at[name])] for name in names}


def paint(**arguments):
    image, layer = prepared()
    status, error, made = inside.stylize(image, [layer], **arguments)
    return [status, error, made is not None and list(made.get_offsets())[1:]]


def say(*regions):
    return json.dumps([{"layer": layer, "preset": preset, "weight": weight} for layer, preset, weight in regions])


found["weights"] = {
    f"{base} {precision}": weights(base, precision)
    for base, precision in (("rgb", "u8-non-linear"), ("grey", "u8-non-linear"), ("rgb", "float-linear"))
}


def seen(image, layer, **arguments):
    """What is on the canvas after a run, the layer with all that a result takes over from it."""
    layer.set_opacity(70)
    layer.set_mode(Gimp.LayerMode.MULTIPLY)
    ground = inside.new_layer(image, (WIDTH, HEIGHT), (0, 0), name="ground")
    image.lower_item_to_bottom(ground)
    inside.write(ground, inside.picture(WIDTH, HEIGHT))
    inside.write(layer, inside.picture(40, 30, lambda x, y: 255 if x < 25 else 120))
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 14, 10, 30, 24)
    status, error, made = inside.stylize(image, [layer], seed=5, **arguments)
    assert status == "success", error
    root = made.get_parent() or made
    for one in image.get_layers():
        one.set_visible(one.get_id() in (ground.get_id(), root.get_id()))
    parts, parent = (made.get_children() if made.is_group() else []), made.get_parent()
    tree = [(one.get_name(), one.get_offsets()[1:], one.get_mask() is not None) for one in (made, *parts)]
    beside = inside.names(parent.get_children()) if parent else []
    marks_at = [[inside.read(part.get_mask(), "Y u8")[40 * 10 + x] for x in (10, 35)] for part in parts]
    told = {"tree": tree, "marks": marks_at, "kept": layers.recorded(made).region_result, "beside": beside}
    whole = image.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
    whole.resize_to_image_size()
    return told, inside.read(whole)


def group(base, precision, **arguments):
    """The group of a result in regions, and how far it looks from the one layer."""
    marked = say(("saved", "mosaic", 100), ("bright", "charcoal", 60), ("nothing", "mosaic", 100))
    runs = (dict(arguments, regions=marked, region_result=result) for result in ("one", "each"))
    one, each = (seen(*prepared(base, precision), **run) for run in runs)
    return dict(each[0], alone=one[0]["tree"], apart=max(abs(a - b) for a, b in zip(one[1], each[1], strict=True)))


three = (("beyond", "mosaic", 100), ("saved", "charcoal", 50), ("nothing", "mosaic", 100))


def instead():
    """The layers of an image after one that it has alone, and one below another, were painted in their place."""
    image, layer = prepared()
    places = inside.names(image.get_layers())
    _, error, made = inside.stylize(image, [layer], place="instead")
    alone = inside.new_image(WIDTH, HEIGHT)
    single = inside.new_layer(alone, (WIDTH, HEIGHT))
    inside.write(single, inside.picture(WIDTH, HEIGHT))
    inside.stylize(alone, [single], place="instead", keep_frames="1")
    before = places.index("paint"), len(places)
    after = [one.get_id() for one in image.get_layers()].index(made.get_id()), len(image.get_layers())
    return {"error": error, "same": before == after, "alone": len(alone.get_layers())}


def chosen_after_it_was_deleted():
    """As when the painter deletes it while the dialogue is open; a call from outside GIMP stops itself."""
    image, layer = prepared()
    image.remove_layer(layer)
    try:
        return layers.layers_of(image, [layer])
    except PainterError as error:
        return ["execution-error", str(error), False]


found["groups"] = {
    f"{base} {precision}": group(base, precision)
    for base, precision in (("rgb", "u8-non-linear"), ("grey", "u8-non-linear"), ("rgb", "float-linear"))
}
found["group with kept frames"] = group("rgb", "u8-non-linear", keep_frames="1")
found["instead"] = instead()
found["deleted"] = chosen_after_it_was_deleted()
found["painted"] = paint(blend="night-swirl:25", regions=say(*three))
found["no such result"] = paint(regions=say(*three), region_result="some")
found["no such place"] = paint(place="below")
found["no such part"] = paint(regions=json.dumps([{"layer": "saved", "preset": "mosaic", "part": [0, 0, 5, 5]}]))
found["gone"] = paint(regions=say(("never", "mosaic", 100)))
found["vanished preset"] = paint(regions=say(("saved", "mosaik", 100)))
found["no json"] = paint(regions="sky=mosaic")
found["itself"] = paint(blend="ink-wash:25")
inside.report(**found)
