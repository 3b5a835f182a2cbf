"""Paint for Print: a copy at the exact size and resolution of the print is painted, the painter's picture stays."""

import os
import struct

from driving import (
    check,
    choose,
    docker,
    document,
    is_over,
    names,
    narrow,
    paint_layer,
    painted,
    press,
    problem,
    result_layer,
    run,
    started,
    widget,
)
from krita import InfoObject, Krita, Selection
from rig_driver import QtCore, QtTest, QtWidgets, drive, until

from neural_style.document import open_documents

SIZE, PRINT, RESOLUTION = (96, 64), (300, 200), 100
INCH_M = 0.0254


def dialog():
    """The one that is shown, or None."""
    found = docker().findChildren(QtWidgets.QDialog, "neural_style_print")
    return next((one for one in found if one.isVisible()), None)


def ask(width=3.0, resolution=RESOLUTION, unit="in"):
    """Generator: the dialog, filled in."""
    Krita.instance().action("neural_style_print").trigger()
    yield until(lambda: dialog() is not None or problem(), 5)
    assert problem() == "", problem()
    shown = dialog()
    shown.unit.setCurrentIndex(shown.unit.findData(unit))
    shown.resolution.setValue(resolution)
    shown.width_box.setValue(width)
    return shown


def begin(shown):
    """Generator: press Paint; the copy."""
    shown.paint.click()
    yield from started()
    assert problem() == "", problem()
    yield until(lambda: dialog() is None, 5)
    copy = docker().controller.run.document
    assert copy == Krita.instance().activeDocument()
    return copy


def ended():
    """Generator: until the job is over."""
    yield until(is_over, 90)
    yield 0.2
    assert problem() == "", problem()


def pictures():
    return [one for one in Krita.instance().documents() if one.name() != "neural style scratch"]


def all_of(made):
    """What the painter has of a picture, to the bit."""
    area = (0, 0, made.width(), made.height())
    layers = [(one.name(), bytes(one.pixelData(*area))) for one in made.topLevelNodes()]
    return area, made.xRes(), made.yRes(), made.name(), made.fileName(), layers, bytes(made.pixelData(*area))


def refused_in(shown):
    return shown.summary.text().startswith("⚠")


@check
def the_docker_leads_to_it_in_three_clicks_and_begins_with_the_pictures_own_size():
    made = yield from document(*SIZE)
    yield from paint_layer(made)
    narrow()
    widget("section_options").click()
    yield 0.2
    press("paint_for_print")
    yield until(lambda: dialog() is not None, 5)
    shown = dialog()
    assert shown.chosen().pixels(SIZE, 16384) == SIZE and shown.resolution.value() == 72, shown.chosen()
    assert shown.summary.text().startswith("96 × 64 pixels"), shown.summary.text()
    paper = shown.chosen().width * {"in": 25.4, "cm": 10}[shown.chosen().unit]
    for unit in ("mm", "in", "cm"):
        shown.unit.setCurrentIndex(shown.unit.findData(unit))
        assert abs(shown.width_box.value() * {"in": 25.4, "cm": 10, "mm": 1}[unit] - paper) < 0.3, unit
    assert shown.chosen().pixels(SIZE, 16384)[0] in (95, 96, 97)
    yield until(lambda: shown.forecast.text().startswith("About"), 20)
    QtTest.QTest.keyClick(shown, QtCore.Qt.Key.Key_Escape)
    yield until(lambda: dialog() is None, 5)
    assert pictures() == [made] and is_over()


@check
def a_print_has_exactly_its_pixels_and_its_resolution_and_the_painters_picture_stays():
    made = yield from document(*SIZE)
    yield from paint_layer(made, bytes((30, 30, 200, 255)), name="below")
    layer = yield from paint_layer(made, bytes((90, 150, 60, 255)), 0, 0, 48, 64, "chosen")
    yield from paint_layer(made, bytes((200, 30, 30, 255)), 80, 50, 16, 14, "above")
    yield from choose(made, layer)
    made.setModified(False)
    before = all_of(made)
    docker().use(docker().chosen().changed(size=256, iterations=4))
    shown = yield from ask()
    assert shown.summary.text() == "300 × 200 pixels; the height on paper is 2.0 in", shown.summary.text()
    copy = yield from begin(shown)
    assert (copy.width(), copy.height()) == PRINT and (copy.xRes(), copy.yRes()) == (RESOLUTION, RESOLUTION)
    assert copy.name() == "test 3 × 2 in" and copy.fileName() == "", (copy.name(), copy.fileName())
    assert names(copy)[:3] == ["below", "chosen", "above"] and docker().controller.run.source.name == "chosen"
    yield from ended()
    bounds, request = result_layer().bounds(), docker().controller.run.record["request"]
    assert (bounds.x(), bounds.y(), bounds.height()) == (0, 0, 200) and 150 <= bounds.width() <= 153, bounds
    assert not request.get("size"), request
    assert [len(names(copy)), copy.activeNode().name()] == [4, "chosen"], names(copy)
    assert all_of(made) == before and not made.modified(), "the painter's picture was changed"
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: len(names(copy)) == 3, 5)
    assert (copy.width(), copy.height()) == PRINT, "one undo takes the result away, and no more"


@check
def the_history_of_the_copy_is_its_own():
    made = yield from document(*SIZE)
    yield from paint_layer(made)
    copy = yield from begin((yield from ask()))
    yield from ended()
    assert open_documents.key(copy) != open_documents.key(made)
    assert docker().history.entry() is not None
    copy.setModified(False)
    copy.close()
    yield until(lambda: Krita.instance().activeDocument() == made, 5)
    yield until(lambda: docker().history.entry() is None, 5)


@check
def the_result_is_as_large_as_the_print_and_the_saved_file_has_its_resolution():
    made = yield from document(*SIZE)
    yield from paint_layer(made, bytes((90, 150, 60, 255)))
    copy = yield from begin((yield from ask(8.42, 90.5, "cm")))
    assert (copy.width(), copy.height()) == PRINT, (copy.width(), copy.height())
    yield from ended()
    bounds = result_layer().bounds()
    assert (bounds.x(), bounds.y(), bounds.width(), bounds.height()) == (0, 0, *PRINT), bounds
    path = os.path.join(os.environ["DRIVE_FOLDER"], "print.png")
    copy.setBatchmode(True)
    assert copy.exportImage(path, InfoObject())
    with open(path, "rb") as file:
        data = file.read()
    at = data.index(b"pHYs") + 4
    assert struct.unpack(">II", data[16:24]) == PRINT
    across, down, per_metre = struct.unpack(">IIB", data[at : at + 9])
    assert per_metre == 1 and round(across * INCH_M, 1) == round(down * INCH_M, 1) == 90.5, (across, down)


@check
def shapes_and_the_selection_grow_with_the_picture():
    made = yield from document(*SIZE)
    vector = made.createVectorLayer("shapes")
    made.rootNode().addChildNode(vector, None)
    vector.addShapesFromSvg('<svg width="96" height="64"><rect width="48" height="32" fill="#3366cc"/></svg>')
    group = made.createGroupLayer("hidden")
    made.rootNode().addChildNode(group, None)
    below = made.createVectorLayer("hidden shapes")
    group.addChildNode(below, None)
    below.addShapesFromSvg('<svg width="96" height="64"><rect width="96" height="64" fill="#000"/></svg>')
    group.setVisible(False)
    yield from paint_layer(made)
    yield from choose(made, vector)
    chosen = Selection()
    chosen.select(24, 16, 48, 32, 255)
    made.setSelection(chosen)
    yield until(lambda: vector.bounds().width() >= 47, 5)
    drawn, before = vector.bounds(), all_of(made)
    copy = yield from begin((yield from ask()))
    found, scale = copy.selection(), PRINT[0] / SIZE[0]
    area = (found.x(), found.y(), found.width(), found.height())
    assert all(abs(a - b * scale) <= 3 for a, b in zip(area, (24, 16, 48, 32), strict=True)), area
    grown = copy.nodeByName("shapes").bounds()
    assert abs(grown.width() - drawn.width() * scale) <= 4, (grown, drawn)
    assert abs(grown.height() - drawn.height() * scale) <= 4, (grown, drawn)
    yield from ended()
    bounds = result_layer().bounds()
    assert docker().controller.run.source.name == "shapes"
    assert abs(bounds.x() - 24 * scale) <= 3 and abs(bounds.right() - 48 * scale) <= 4, bounds
    assert all_of(made) == before


@check
def the_copy_of_a_saved_picture_has_no_file_and_cannot_overwrite_it():
    path = os.path.join(os.environ["DRIVE_FOLDER"], "harbour.kra")
    made = yield from document(*SIZE)
    yield from paint_layer(made)
    made.setName("")
    assert made.saveAs(path) and made.fileName() == path
    copy = yield from begin((yield from ask()))
    assert copy.fileName() == "" and copy.name() == "harbour 3 × 2 in" and made.fileName() == path
    yield from ended()
    assert [len(names(copy)), len(names(made))] == [2, 1]


@check
def what_cannot_be_printed_is_said_and_nothing_begins():
    made = yield from document(*SIZE)
    yield from paint_layer(made)
    shown = yield from ask(100, 300)
    assert "at most 16384 a side" in shown.summary.text() and not shown.paint.isEnabled(), shown.summary.text()
    shown.width_box.setValue(52)  # each side is short enough, both together are too many for the daemon
    assert shown.paint.isEnabled()
    yield until(lambda: refused_in(shown), 20)
    assert not shown.paint.isEnabled() and not shown.forecast.text(), shown.summary.text()
    shown.width_box.setValue(3)
    yield until(lambda: shown.forecast.text().startswith("About"), 20)
    assert shown.paint.isEnabled() and not refused_in(shown)
    shown.close()
    assert pictures() == [made]


@check
def what_cannot_be_painted_is_said_before_there_is_a_copy():
    made = yield from document(*SIZE)
    empty = made.createNode("empty", "paintlayer")
    made.rootNode().addChildNode(empty, None)
    yield from choose(made, empty)
    shown = yield from ask()
    shown.paint.click()
    yield until(lambda: refused_in(shown), 5)
    assert "is empty" in shown.summary.text() and pictures() == [made] and is_over(), shown.summary.text()
    shown.close()


@check
def one_thing_is_painted_at_a_time():
    made = yield from document(*SIZE)
    yield from paint_layer(made)
    docker().use(docker().chosen().changed(iterations=10000))
    press("stylize")
    yield from started()
    yield from painted(made)
    Krita.instance().action("neural_style_print").trigger()
    yield until(lambda: "Something is being painted" in problem(), 5)
    assert dialog() is None and pictures() == [made]


@check
def without_a_picture_it_says_so():
    yield 0.1
    Krita.instance().action("neural_style_print").trigger()
    yield until(lambda: "No picture is open" in problem(), 5)
    assert dialog() is None


@drive
def test():
    return (yield from run())
