"""Every kind of layer as the source: the daemon gets what a painter sees of it, by pixel value."""

import os

from driving import (
    check,
    choose,
    daemon_result,
    document,
    is_over,
    names,
    paint_layer,
    press,
    problem,
    result_layer,
    run,
    stylize,
)
from krita import InfoObject, Krita, Selection
from rig_driver import QtGui, drive, until

RED, GREEN = bytes((30, 30, 200, 255)), bytes((30, 200, 30, 255))
SELECTED = 40


def sent(made, source, *points):
    """B, G, R, A as the daemon got them at points beside the selection: those come back to the bit."""
    yield from choose(made, source)
    chosen = Selection()
    chosen.select(0, 0, SELECTED, 64, 255)
    made.setSelection(chosen)
    yield 0.3
    done = yield from stylize()
    assert problem() == "", problem()
    assert len(names(made)) > 1 and result_layer().bounds().width() > 0
    _, data = daemon_result(done.record["id"])
    left, top, width, _ = done.area
    found = []
    for x, y in points:
        assert SELECTED <= x < left + width, (x, done.area)
        at = ((y - top) * width + x - left) * 4
        found.append(bytes(data[at : at + 4]))
    return found


def add(made, node):
    made.rootNode().addChildNode(node, None)
    made.refreshProjection()
    yield 0.5


@check
def a_file_layer():
    made = yield from document()
    path = os.path.join(os.environ["DRIVE_FOLDER"], "file.png")
    picture = QtGui.QImage(44, 32, QtGui.QImage.Format.Format_RGB32)
    picture.fill(QtGui.QColor(200, 100, 50))
    assert picture.save(path)
    layer = made.createFileLayer("file", path, "None")
    yield from add(made, layer)
    yield until(lambda: layer.bounds().width() == 44)
    found = yield from sent(made, layer, (42, 20))
    assert found == [bytes((50, 100, 200, 255))], found


@check
def a_file_layer_whose_file_is_gone_is_refused_in_words():
    made = yield from document()
    layer = made.createFileLayer("file", "/nowhere/at-all.png", "None")
    yield from add(made, layer)
    yield from choose(made, layer)
    press("stylize")
    yield until(lambda: "is empty" in problem(), 3)
    assert is_over() and names(made) == ["file"]


@check
def a_clone_layer_that_was_moved():
    made = yield from document()
    original = yield from paint_layer(made, RED, 0, 0, 24, 64)
    clone = made.createCloneLayer("clone", original)
    yield from add(made, clone)
    clone.move(20, 0)
    made.refreshProjection()
    yield 0.3
    found = yield from sent(made, clone, (42, 20))
    assert found == [RED] and result_layer().bounds().x() == 20, found


@check
def a_fill_layer():
    made = yield from document()
    colour, everything = InfoObject(), Selection()
    colour.setProperty("color", "#cc6633")
    everything.select(0, 0, 96, 64, 255)
    fill = made.createFillLayer("fill", "color", colour, everything)
    yield from add(made, fill)
    found = yield from sent(made, fill, (42, 20))
    assert found == [bytes((0x33, 0x66, 0xCC, 255))], found


@check
def a_vector_layer():
    made = yield from document()
    vector = made.createVectorLayer("vector")
    yield from add(made, vector)
    vector.addShapesFromSvg('<svg width="60" height="60"><rect width="44" height="60" fill="#3366cc"/></svg>')
    yield 0.5
    found = yield from sent(made, vector, (42, 20))
    assert found == [bytes((0xCC, 0x66, 0x33, 255))], found


@check
def a_group_whose_layer_inherits_alpha():
    made = yield from document()
    group = made.createGroupLayer("group")
    yield from add(made, group)
    yield from paint_layer(made, RED, 0, 0, 44, 64, "below", group)
    clipped = yield from paint_layer(made, GREEN, 0, 0, 96, 64, "clipped", group)
    clipped.setInheritAlpha(True)
    made.refreshProjection()
    yield 0.3
    found = yield from sent(made, group, (42, 20))
    assert found == [GREEN], found
    assert result_layer().bounds().width() <= 44, result_layer().bounds()


@check
def a_group_that_inherits_alpha():
    made = yield from document()
    yield from paint_layer(made, RED, 0, 0, 44, 64, "below")
    group = made.createGroupLayer("group")
    yield from add(made, group)
    yield from paint_layer(made, GREEN, 0, 0, 96, 64, "inside", group)
    group.setInheritAlpha(True)
    made.refreshProjection()
    yield 0.3
    found = yield from sent(made, group, (42, 20))
    assert found == [GREEN] and result_layer().inheritAlpha(), found
    yield until(lambda: bytes(made.pixelData(50, 20, 1, 1))[3] == 0, 3)  # clipped by what is below, like the group


@check
def a_pass_through_group():
    made = yield from document()
    group = made.createGroupLayer("group")
    yield from add(made, group)
    is_new = not Krita.instance().version().startswith("5.")  # there the mode and a selection are steps to be undone
    if is_new:
        group.setPassThroughMode(True)
    yield from paint_layer(made, RED, 0, 0, 43, 64, "left", group)
    yield from paint_layer(made, GREEN, 43, 0, 53, 64, "right", group)
    if not is_new:
        group.setPassThroughMode(True)
    made.refreshProjection()
    yield 0.3
    found = yield from sent(made, group, (42, 20), (44, 20))
    assert found == [RED, GREEN] and group.passThroughMode(), found
    for _ in range(3 if is_new else 2):  # the result, the selection, the last layer: reading the group left no step
        Krita.instance().action("edit_undo").trigger()
        yield 0.5
    yield until(lambda: [one.name() for one in group.childNodes()] == ["left"])


@check
def a_filter_layer_is_refused_in_words():
    made = yield from document()
    yield from paint_layer(made, RED)
    layer = made.createFilterLayer("filter", Krita.instance().filter("invert"), Selection())
    yield from add(made, layer)
    yield from choose(made, layer)
    press("stylize")
    yield until(lambda: "no picture of its own" in problem(), 3)
    assert is_over() and names(made) == ["paint", "filter"]


@drive
def test():
    return (yield from run())
