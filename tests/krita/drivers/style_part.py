"""The part of a style's image that a region is painted with: drawn and moved in its dialog, by mouse and keys."""

from driving import (
    check,
    choose,
    docker,
    document,
    fits,
    key,
    narrow,
    paint_layer,
    press,
    problem,
    request,
    run,
    shot,
    stylize,
    widget,
)
from neural_style.neural_style_client.regions import Region
from neural_style.neural_style_client.style_part import StylePart
from rig_driver import QtCore, QtGui, QtTest, QtWidgets, drive, until

Key = QtCore.Qt.Key


@check
def a_part_of_the_style_image_is_drawn_moved_and_painted_with():
    made = yield from document()
    layer = yield from paint_layer(made)
    yield from paint_layer(made, bytes((0, 0, 0, 255)), width=40, name="left")
    yield from choose(made, layer)
    docker().use(docker().chosen().changed(regions=[Region("left", "mosaic")]))
    narrow("regions")
    yield 0.3
    assert widget("region_1_part").text() == "Whole style image" and fits()
    press("region_1_part")
    yield until(lambda: part_dialog() is not None, 3)
    picture = part_dialog().picture
    yield until(lambda: picture._pixmap is not None, 10)
    drag(picture, (0.1, 0.2), (0.5, 0.7))
    assert picture.part == StylePart(10, 20, 40, 50), picture.part
    drag(picture, (0.3, 0.5), (0.4, 0.4))
    assert picture.part == StylePart(20, 10, 40, 50), picture.part
    assert picture.hasFocus()
    QtTest.QTest.keyClick(picture, Key.Key_Right)
    QtTest.QTest.keyClick(picture, Key.Key_Down, QtCore.Qt.KeyboardModifier.ShiftModifier)
    assert picture.part == StylePart(22, 10, 40, 52) and "From 22 to 62 %" in part_dialog().place.text(), picture.part
    yield 0.3
    shot("style-part")
    QtTest.QTest.keyClick(picture, Key.Key_Return)
    yield until(lambda: part_dialog() is None, 3)
    assert widget("region_1_part").text() == "40 × 52 % of the style image" and fits()
    yield 0.3
    shot("regions-part")
    assert docker().chosen().regions[0].part == StylePart(22, 10, 40, 52)
    yield from stylize()
    assert problem() == "", problem()
    assert request()["regions"][0]["style_part"] == {"left": 0.22, "top": 0.1, "width": 0.4, "height": 0.52}
    assert request()["regions"][1]["style_part"] is None
    key("region_1_style", Key.Key_Up)
    yield 0.1
    assert docker().chosen().regions[0].part.is_whole, "another style has another picture"


def part_dialog():
    found = docker().findChild(QtWidgets.QDialog, "neural_style_style_part")
    return found if found is not None and found.isVisible() else None


def drag(picture, start, end):
    """With the mouse, from one place to another in shares of the picture's sides."""
    at = lambda place: QtCore.QPoint(round(place[0] * picture.width()), round(place[1] * picture.height()))  # noqa: E731
    button = QtCore.Qt.MouseButton.LeftButton
    QtTest.QTest.mousePress(picture, button, QtCore.Qt.KeyboardModifier.NoModifier, at(start))
    move = QtGui.QMouseEvent(
        QtCore.QEvent.Type.MouseMove,
        QtCore.QPointF(at(end)),
        QtCore.QPointF(picture.mapToGlobal(at(end))),
        QtCore.Qt.MouseButton.NoButton,
        button,
        QtCore.Qt.KeyboardModifier.NoModifier,
    )
    QtWidgets.QApplication.sendEvent(picture, move)
    QtTest.QTest.mouseRelease(picture, button, QtCore.Qt.KeyboardModifier.NoModifier, at(end))


@drive
def test():
    return (yield from run())
