"""What marks a region: layers that are locked, overlap, come back by undo; colour labels; and what is gone."""

from driving import (
    check,
    choose,
    client,
    docker,
    document,
    is_over,
    key,
    names,
    narrow,
    paint_layer,
    press,
    problem,
    request,
    run,
    stylize,
    widget,
)
from krita import Krita
from neural_style.neural_style_client.regions import Region
from rig_driver import QtCore, drive, until

Key = QtCore.Qt.Key


@check
def a_colour_label_marks_what_all_that_wear_it_mark():
    made = yield from document()
    layer = yield from paint_layer(made)
    for name, x in (("one", 0), ("two", 64)):
        part = yield from paint_layer(made, bytes((0, 0, 0, 255)), x=x, width=32, name=name)
        part.setColorLabel(6)
        part.setVisible(False)
    yield from choose(made, layer)
    narrow("regions")
    key("region_add", Key.Key_Space)
    box = widget("region_1")
    assert [box.itemText(row) for row in range(box.count())] == ["two", "one", "paint", "All labelled red"]
    box.setCurrentIndex(3)
    yield 0.2
    docker().use(docker().chosen())
    assert box.currentText() == "All labelled red" and docker().chosen().regions[0].mark == "label:6"
    yield from stylize()
    assert problem() == "", problem()
    weights = docker().controller.run._pictures.marked[0].weights
    assert [weights[96 * 10 + x] for x in (5, 40, 70)] == [255, 0, 255]
    for part in ("one", "two"):
        made.nodeByName(part).setColorLabel(0)
    yield from choose(made, layer)
    press("stylize")
    yield until(lambda: "“All labelled red”, which marks a region, is not in this picture" in problem(), 3)


@check
def a_hidden_group_marks():
    made = yield from document()
    layer = yield from paint_layer(made)
    group = made.createGroupLayer("group")
    group.setVisible(False)
    made.rootNode().addChildNode(group, None)
    part = yield from paint_layer(made, bytes((255, 255, 255, 255)), width=48, name="part", parent=group)
    yield from choose(made, layer)
    docker().use(docker().chosen().changed(regions=[Region("group", "mosaic")]))
    yield from stylize()
    assert problem() == "" and not group.visible(), problem()
    weights = docker().controller.run._pictures.marked[0].weights
    assert [weights[96 * 10 + x] for x in (5, 40, 70)] == [255, 255, 0]
    part.setPixelData(bytes((255, 255, 255, 255)) * 96 * 64, 0, 0, 96, 64)
    yield from choose(made, layer)
    yield from stylize()
    weights = docker().controller.run._pictures.marked[0].weights
    assert [weights[96 * 10 + x] for x in (5, 40, 70)] == [255, 255, 255]


@check
def marks_that_overlap_or_are_locked_mark_and_a_style_that_vanished_is_named():
    made = yield from document()
    layer = yield from paint_layer(made)
    for name, width in (("left", 48), ("wide", 72)):
        part = yield from paint_layer(made, bytes((0, 0, 0, 255)), width=width, name=name)
        part.setLocked(True)
    yield from choose(made, layer)
    regions = [Region("left", "mosaic"), Region("wide", "crayon")]
    docker().use(docker().chosen().changed(regions=regions))
    yield from stylize()
    assert problem() == "" and len(request()["regions"]) == 3, problem()
    client().create_preset({"name": "passing", "copy_of": "mosaic"})
    docker().controller.presets.look(now=True)
    yield until(lambda: docker().controller.presets.named("passing"), 5)
    docker().use(docker().chosen().changed(regions=[Region("left", "passing")]))
    client().delete_preset("passing")
    before = names(made)
    yield from choose(made, layer)
    press("stylize")
    yield until(lambda: "There is no preset named “passing”" in problem(), 5)
    assert is_over() and names(made) == before


@check
def a_thumbnail_may_come_after_the_region_that_shows_it_is_gone():
    narrow("regions")
    key("region_add", Key.Key_Space)
    yield until(lambda: docker().chosen().regions, 3)
    row = widget("region_1_style").parent()
    assert row.style.box is not None  # held here, as anything may hold it
    docker().use(docker().chosen().changed(regions=[]))
    yield 0.3  # Qt deletes what is gone when its event loop has time
    docker().thumbnails.arrived.emit("mosaic")
    yield 0.1


@check
def a_mark_that_is_deleted_and_undone_marks_again():
    made = yield from document()
    layer = yield from paint_layer(made)
    half = yield from paint_layer(made, bytes((0, 0, 0, 255)), width=48, name="half")
    narrow("regions")
    key("region_add", Key.Key_Space)
    box = widget("region_1")
    box.setCurrentIndex(box.findText("half"))
    yield 0.2
    mark = docker().chosen().regions[0].mark
    yield from choose(made, half)
    Krita.instance().action("remove_layer").trigger()
    yield until(lambda: names(made) == ["paint"], 5)
    yield from choose(made, layer)
    press("stylize")
    yield until(lambda: "“half”, which marks a region, is not in this picture" in problem(), 3)
    assert names(made) == ["paint"]
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: len(names(made)) == 2, 5)
    made.nodeByName("half").setName("renamed")
    yield from choose(made, layer)
    yield from stylize()
    assert problem() == "" and docker().chosen().regions[0].mark == mark, problem()
    assert len(request()["regions"]) == 2


@drive
def test():
    return (yield from run())
