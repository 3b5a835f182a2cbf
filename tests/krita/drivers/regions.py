"""Parts of a picture in styles of their own: what marks them, what of a style they take, and what they become."""

from driving import (
    check,
    choose,
    daemon_result,
    docker,
    document,
    fits,
    is_over,
    job,
    key,
    names,
    narrow,
    paint_layer,
    pixel,
    press,
    problem,
    request,
    result_layer,
    run,
    shot,
    started,
    stylize,
    widget,
    worst,
)
from krita import Krita, Selection
from neural_style.neural_style_client.regions import EACH, Region
from rig_driver import QtCore, drive, until

Key = QtCore.Qt.Key


def selection_mask(made, layer, name, width, feather=0):
    """Marks the left of the canvas."""
    chosen = Selection()
    chosen.select(0, 0, width, made.height(), 255)
    if feather:
        chosen.feather(feather)
    mask = made.createSelectionMask(name)
    mask.setSelection(chosen)
    layer.addChildNode(mask, None)
    return mask


def tree(node):
    """Names of layers with those of their masks and children, from the lowest."""
    return [(one.name(), one.type(), tree(one)) for one in node.childNodes()]


@check
def regions_are_marked_by_masks_and_layers():
    made = yield from document()
    layer = yield from paint_layer(made, bytes((60, 120, 180, 255)), x=8, y=4, width=80, height=56)
    left = Selection()
    left.select(0, 0, 30, 64, 255)
    left.feather(3)
    mask = made.createSelectionMask("left")
    mask.setSelection(left)
    layer.addChildNode(mask, None)
    dots = yield from paint_layer(made, bytes((0, 0, 0, 255)), x=60, y=0, width=200, height=20, name="dots")
    dots.setVisible(False)
    nothing = made.createNode("nothing", "paintlayer")
    made.rootNode().addChildNode(nothing, None)
    yield from choose(made, layer)
    narrow("regions")
    for number, name in enumerate(("left – paint", "dots", "nothing"), start=1):
        key("region_add", QtCore.Qt.Key.Key_Space)
        yield 0.2
        box = widget(f"region_{number}")
        box.setCurrentIndex(box.findText(name))
        style = widget(f"region_{number}_style")
        style.setCurrentIndex(number)
    widget("region_2_weight").setValue(50)
    yield 0.5
    shot("regions")
    assert fits()
    session = docker().controller.run
    yield from stylize()
    done = docker().controller.run
    assert done is not session and "Nothing is marked here by “nothing”" in problem(), problem()
    marked = {one.region.layer: one.weights for one in done._pictures.marked}
    width, area = done.area.width, done.area
    at = lambda name, x, y: marked[name][(y - area.y) * width + x - area.x]  # noqa: E731
    assert (at("left – paint", 10, 30), at("left – paint", 70, 30)) == (255, 0)
    assert 0 < at("left – paint", 30, 30) < 255, "soft edges count"
    assert (at("dots", 70, 10), at("dots", 70, 40), at("dots", 20, 10)) == (255, 0, 0)
    styles = [one["preset"] for one in request()["regions"]]
    assert styles == [one.preset for one in docker().chosen().regions[:2]] + [docker().chosen().preset], styles
    assert pixel(result_layer(), 12, 30) != pixel(result_layer(), 80, 50)
    regions = docker().chosen().regions
    docker().use(docker().chosen().changed(regions=()))
    widget("section_history").setChecked(True)
    yield 0.1
    press("again")
    yield 0.1
    assert docker().chosen().regions == regions
    mask.remove()
    yield from choose(made, layer)
    press("stylize")
    yield until(lambda: "“left – paint”, which marks a region, is not in this picture" in problem(), 3)
    press("region_1_remove")
    yield 0.1
    assert [one.layer for one in docker().chosen().regions] == ["dots", "nothing"]
    docker().use(docker().chosen().changed(regions=()))


@check
def regions_of_another_colour_model_and_a_deep_one_count_the_same():
    made = yield from document(model="CMYKA", profile="")
    layer = yield from paint_layer(made, bytes((10, 90, 60, 20, 255)) * (96 * 64))
    yield from paint_layer(made, bytes((0, 0, 0, 0, 255)) * (48 * 64), 0, 0, 48, 64, "half")
    yield from choose(made, layer)
    docker().use(docker().chosen().changed(regions=[Region("half", "mosaic")]))
    yield from stylize()
    assert problem() == "", problem()
    weights = docker().controller.run._pictures.marked[0].weights
    assert (weights[10], weights[80]) == (255, 0), (weights[10], weights[80])
    docker().use(docker().chosen().changed(regions=()))


@check
def a_group_has_a_layer_for_each_region_and_looks_like_the_one_layer():
    made = yield from document()
    layer = yield from paint_layer(made, bytes((60, 120, 180, 150)), x=8, y=4, width=80, height=56)
    selection_mask(made, layer, "left", 30, feather=3)
    yield from paint_layer(made, bytes((0, 0, 0, 255)), x=20, y=0, width=200, height=20, name="dots")
    made.nodeByName("dots").setVisible(False)
    yield from choose(made, layer)
    regions = [Region("left – paint", "mosaic"), Region("dots", "crayon", 60), Region("nothing", "charcoal")]
    nothing = made.createNode("nothing", "paintlayer")
    made.rootNode().addChildNode(nothing, None)
    yield from choose(made, layer)
    docker().use(docker().chosen().changed(regions=regions, region_result=EACH))
    before = tree(made.rootNode())
    yield from stylize()
    assert "Nothing is marked here by “nothing”" in problem(), problem()
    group = result_layer()
    assert [(name, kind) for name, kind, _ in tree(group)] == [
        (docker().controller.run.title, "paintlayer"),
        ("Crayon – dots", "paintlayer"),
        ("Mosaic – left – paint", "paintlayer"),
    ], tree(group)
    assert all([kind for _, kind, _ in inner] == ["transparencymask"] for _, _, inner in tree(group)), tree(group)
    area, (_, expected) = docker().controller.run.area, daemon_result(job())
    shown = bytes(group.projectionPixelData(*area))
    assert worst(shown[3::4], expected[3::4]) <= 2, worst(shown[3::4], expected[3::4])
    assert worst(shown, expected) <= 6, worst(shown, expected)
    parts = [bytes(one.projectionPixelData(*area))[3::4] for one in group.childNodes()]
    at = lambda x, y: [part[(y - area.y) * area.width + x - area.x] for part in parts]  # noqa: E731
    assert at(80, 50) == [150, 0, 0] and at(12, 50) == [0, 0, 150], (at(80, 50), at(12, 50))
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: tree(made.rootNode()) == before, 5)
    Krita.instance().action("edit_redo").trigger()
    yield until(lambda: len(names(made)) == len(before) + 1, 5)
    made.waitForDone()
    assert bytes(group.projectionPixelData(*area)) == shown


def painted_as_a_group(**more):
    """The document; its result has a layer for one region and one for the rest."""
    made = yield from document()
    layer = yield from paint_layer(made)
    selection_mask(made, layer, "left", 40)
    yield from choose(made, layer)
    docker().use(docker().chosen().changed(regions=[Region("left – paint", "mosaic")], region_result=EACH, **more))
    yield from stylize()
    assert problem() == "", problem()
    return made


@check
def more_iterations_rewrite_all_layers_of_the_group():
    made = yield from painted_as_a_group()
    group = result_layer()
    first = [pixel(one, 10, 30) for one in group.childNodes()]
    retouched = made.createNode("retouched", "paintlayer")
    group.addChildNode(retouched, None)
    retouched.setPixelData(bytes((1, 2, 3, 255)) * 16, 8, 28, 4, 4)
    narrow("history")
    yield 0.2
    widget("more_iterations").setValue(10)
    press("more")
    yield from started()
    yield until(is_over, 60)
    yield 0.2
    assert problem() == "", problem()
    assert result_layer() == group and len(names(made)) == 2, names(made)
    second = [pixel(one, 10, 30) for one in group.childNodes() if one != retouched]
    assert second[0] == second[1] != first[0], (first, second)
    assert tuple(pixel(retouched, 10, 30)) == (1, 2, 3, 255), "what the painter has added stays"


@check
def kept_frames_lie_below_the_group_of_the_regions():
    made = yield from painted_as_a_group(keep="2")
    ((_, _, inner),) = [one for one in tree(made.rootNode()) if one[1] == "grouplayer"]
    (kept, *_), (_, kind, parts) = inner
    assert (kept, kind, len(parts)) == ("iteration 2", "grouplayer", 2), inner
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: names(made) == ["paint"], 5)


def visible(node):
    """How it looks: what is transparent has no colour."""
    data = bytes(node.projectionPixelData(0, 0, 96, 64))
    return b"".join(data[at : at + 4] if data[at + 3] else bytes(4) for at in range(0, len(data), 4))


@check
def a_group_of_regions_is_inserted_again_as_a_group():
    made = yield from painted_as_a_group()
    group = result_layer()
    before, shown = tree(group), visible(group)
    narrow("history")
    for gone, expected in ((group, before), (made.nodeByName("left"), [])):
        gone.remove()
        yield 0.2
        docker().show_problem("")
        press("back")
        yield from started()
        yield until(is_over, 30)
        yield 0.3
        assert tree(result_layer()) == expected, tree(result_layer())
        assert worst(visible(result_layer()), shown) <= 6
    assert "is not in this picture" in problem() and "the result is one layer" in problem(), problem()


@drive
def test():
    return (yield from run())
