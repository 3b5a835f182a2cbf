"""What goes out and what comes back: layers of every kind, selections, undo, kept frames."""

import os

from driving import (
    ARTEFACTS,
    check,
    choose,
    docker,
    document,
    is_over,
    names,
    paint_layer,
    pixel,
    press,
    problem,
    result_layer,
    run,
    stylize,
)
from krita import InfoObject, Krita, Selection
from rig_driver import drive, screenshot, until


@check
def a_layer_off_the_corner_comes_back_where_it_was():
    made = yield from document(120, 90)
    yield from paint_layer(made, x=40, y=30, width=64, height=48)
    yield from stylize()
    bounds = result_layer().bounds()
    assert (bounds.x(), bounds.y(), bounds.width(), bounds.height()) == (40, 30, 64, 48), bounds
    assert names(made) == ["paint", docker().controller.run.result.name]


@check
def a_layer_that_reaches_over_the_edge_is_sent_as_far_as_it_shows():
    made = yield from document(96, 64)
    yield from paint_layer(made, x=-30, y=-20, width=200, height=150)
    done = yield from stylize()
    assert tuple(done.area) == (0, 0, 96, 64), done.area


@check
def transparent_pixels_stay_transparent():
    made = yield from document()
    yield from paint_layer(made)
    yield from stylize()
    assert pixel(result_layer(), 48, 32)[3] == 0
    assert pixel(result_layer(), 5, 5)[3] == 255


@check
def the_painters_layer_stays_the_chosen_one():
    made = yield from document()
    layer = yield from paint_layer(made)
    yield from stylize()
    yield 0.5
    assert made.activeNode() == layer, made.activeNode().name()


@check
def undo_takes_the_result_back_in_one_step_and_redo_brings_its_pixels():
    made = yield from document()
    yield from paint_layer(made)
    yield from stylize()
    before = bytes(result_layer().pixelData(0, 0, 96, 64))
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: names(made) == ["paint"])
    Krita.instance().action("edit_redo").trigger()
    yield until(lambda: len(names(made)) == 2)
    assert bytes(made.topLevelNodes()[1].pixelData(0, 0, 96, 64)) == before


@check
def the_result_takes_the_layers_place_as_a_whole_only():
    made = yield from document()
    layer = yield from paint_layer(made)
    layer.setOpacity(150)
    layer.setBlendingMode("multiply")
    yield from paint_layer(made, bytes((0, 0, 0, 60)), name="ink")
    yield from choose(made, layer)
    docker().use(docker().chosen().changed(place="instead"))
    yield from stylize()
    yield until(lambda: len(names(made)) == 2, 5)
    result = made.topLevelNodes()[0]
    assert names(made) == [docker().controller.run.result.name, "ink"], names(made)
    assert result.opacity() == 150 and result.blendingMode() == "multiply"
    yield until(lambda: made.activeNode() == result, 3)
    for _ in range(4):  # the layer, its opacity and mode, the result
        Krita.instance().action("edit_undo").trigger()
        made.waitForDone()
        yield 0.3
        if names(made) == ["paint", "ink"]:
            break
    assert names(made) == ["paint", "ink"], names(made)
    chosen = Selection()
    chosen.select(0, 0, 40, 64, 255)
    made.setSelection(chosen)
    yield from choose(made, made.nodeByName("paint"))
    press("stylize")
    yield until(lambda: "cannot take the place of the whole layer" in problem(), 3)
    left = [node.name() for node in made.topLevelNodes() if node.type() == "paintlayer"]  # not the selection
    assert is_over() and left == ["paint", "ink"], left


@check
def a_feathered_selection_is_sent_and_blends():
    made = yield from document()
    yield from paint_layer(made, bytes((40, 120, 200, 255)))
    chosen = Selection()
    chosen.select(30, 20, 30, 24, 255)
    chosen.feather(4)
    made.setSelection(chosen)
    yield 0.2
    done = yield from stylize()
    layer = result_layer()
    assert done.source.mask is not None
    assert pixel(layer, 2, 2)[3] == 0, "outside the selection the layer below shows"
    assert pixel(layer, 45, 32)[3] == 255
    x, y, width, _ = done.area
    edge = next(at for at, weight in enumerate(done.source.mask) if 0 < weight < 40)
    faint = pixel(layer, x + edge % width, y + edge // width)
    assert max(abs(a - b) for a, b in zip(faint[:3], (40, 120, 200), strict=False)) < 60, faint


@check
def a_selection_beside_the_layer_is_refused_in_words():
    made = yield from document()
    yield from paint_layer(made, x=0, y=0, width=20, height=20)
    chosen = Selection()
    chosen.select(60, 40, 10, 10, 255)
    made.setSelection(chosen)
    yield 0.2
    press("stylize")
    yield until(lambda: "does not touch" in problem(), 3)
    assert is_over()


@check
def an_empty_layer_is_refused_in_words():
    made = yield from document()
    layer = made.createNode("nothing", "paintlayer")
    made.rootNode().addChildNode(layer, None)
    yield from choose(made, layer)
    press("stylize")
    yield until(lambda: "is empty" in problem(), 3)


@check
def a_group_is_sent_as_it_looks():
    made = yield from document()
    group = made.createGroupLayer("group")
    made.rootNode().addChildNode(group, None)
    yield from paint_layer(made, bytes((200, 30, 30, 255)), 0, 0, 48, 64, "left", group)
    yield from paint_layer(made, bytes((30, 200, 30, 255)), 48, 0, 48, 64, "right", group)
    yield from choose(made, group)
    done = yield from stylize()
    assert tuple(done.area) == (0, 0, 96, 64)
    assert names(made)[0] == "group" and len(names(made)) == 2
    left, right = pixel(result_layer(), 10, 30), pixel(result_layer(), 85, 30)
    assert left != right


@check
def vector_and_fill_layers_are_sent_as_they_look():
    made = yield from document()
    vector = made.createVectorLayer("vector")
    made.rootNode().addChildNode(vector, None)
    vector.addShapesFromSvg('<svg width="60" height="60"><rect width="40" height="40" fill="#3366cc"/></svg>')
    yield from choose(made, vector)
    yield 0.3
    yield from stylize()
    assert pixel(result_layer(), 10, 10)[3] == 255
    colour = InfoObject()
    colour.setProperty("color", "#cc6633")
    everything = Selection()
    everything.select(0, 0, 96, 64, 255)
    fill = made.createFillLayer("fill", "color", colour, everything)
    made.rootNode().addChildNode(fill, None)
    yield from choose(made, fill)
    yield 0.3
    yield from stylize()
    assert pixel(result_layer(), 90, 60)[3] == 255


@check
def a_transparency_mask_is_part_of_the_look():
    made = yield from document()
    layer = yield from paint_layer(made, bytes((60, 120, 180, 255)))
    shown = Selection()
    shown.select(0, 0, 48, 64, 255)
    mask = made.createTransparencyMask("mask")
    mask.setSelection(shown)
    layer.addChildNode(mask, None)
    made.refreshProjection()
    yield from choose(made, mask)
    press("stylize")
    yield until(lambda: "is a mask" in problem(), 3)
    yield from choose(made, layer)
    yield from stylize()
    assert pixel(result_layer(), 10, 30)[3] == 255
    assert pixel(result_layer(), 80, 30)[3] == 0


@check
def inherit_alpha_is_inherited():
    made = yield from document()
    yield from paint_layer(made, x=0, width=48, name="below")
    layer = yield from paint_layer(made, name="clipped")
    layer.setInheritAlpha(True)
    yield from stylize()
    assert result_layer().inheritAlpha()


@check
def frames_are_kept_in_a_group_that_one_undo_takes_back():
    made = yield from document()
    yield from paint_layer(made)
    docker().use(docker().chosen().changed(keep="2, 4"))
    yield 0.1
    yield from stylize()
    assert problem() == "", problem()
    group = made.topLevelNodes()[1]
    kept = [node.name() for node in group.childNodes()]
    assert kept == ["iteration 2", "iteration 4", docker().controller.run.result.name], kept
    assert all(pixel(node, 5, 5)[3] == 255 for node in group.childNodes())
    screenshot(os.path.join(ARTEFACTS, "kept-frames.png"))
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: names(made) == ["paint"])


@check
def the_same_seed_gives_the_same_picture():
    made = yield from document()
    layer = yield from paint_layer(made)
    docker().use(docker().chosen().changed(seed=11))
    yield from stylize()
    one = bytes(result_layer().pixelData(0, 0, 96, 64))
    yield from choose(made, layer)
    yield from stylize()
    assert bytes(result_layer().pixelData(0, 0, 96, 64)) == one


@check
def wrap_around_mode_makes_a_seamless_job_of_the_whole_canvas():
    made = yield from document()
    yield from paint_layer(made, x=20, y=20, width=30, height=30)
    Krita.instance().action("wrap_around_mode").trigger()
    yield 0.3
    done = yield from stylize()
    Krita.instance().action("wrap_around_mode").trigger()
    assert problem() == "", problem()
    assert tuple(done.area) == (0, 0, 96, 64)
    assert done.wrapped


@drive
def test():
    return (yield from run())
