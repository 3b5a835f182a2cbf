"""What a job is painted with: a second style beside the first."""

import os

from driving import (
    ARTEFACTS,
    check,
    client,
    docker,
    document,
    job,
    names,
    paint_layer,
    pixel,
    press,
    problem,
    result_layer,
    run,
    stylize,
    widget,
)
from krita import Krita
from PyQt5 import QtCore, QtTest, QtWidgets
from rig_driver import drive, screenshot, until

NARROW = 280


def shot(name):
    screenshot(os.path.join(ARTEFACTS, name + ".png"))


def narrow(*open_sections):
    """The docker as narrow as it must be usable, with these sections open."""
    window = Krita.instance().activeWindow().qwindow()
    window.showMaximized()
    for one in Krita.instance().dockers():
        one.setVisible(one.objectName() in ("neural_style", "KisLayerBox"))
    for section in docker().sections:
        section.set_open(section.name in open_sections)
    window.resizeDocks([docker()], [NARROW], QtCore.Qt.Horizontal)
    layers = [one for one in Krita.instance().dockers() if one.objectName() == "KisLayerBox"]
    window.resizeDocks([*layers, docker()], [120, 600], QtCore.Qt.Vertical)


def key(name, *keys):
    """Keys for a widget that has the focus."""
    one = widget(name)
    one.setFocus()
    for code in keys:
        QtTest.QTest.keyClick(one, code)


def request():
    return client().job(job())["request"]


def fits():
    area = widget("scroll", QtWidgets.QScrollArea)
    return area.widget().minimumSizeHint().width() <= NARROW - 24 and not area.horizontalScrollBar().isVisible()


@check
def a_second_style_is_blended_by_keyboard():
    made = yield from document()
    yield from paint_layer(made)
    narrow("style")
    key("blend_add", QtCore.Qt.Key_Space)
    yield 0.2
    assert widget("blend_1").isVisibleTo(docker())
    key("blend_1", QtCore.Qt.Key_Down)
    key("blend_1_share", *[QtCore.Qt.Key_Right] * 11)
    press("blend_add")
    yield 0.5
    assert fits() and not widget("blend_add").isVisibleTo(docker())
    shot("blend")
    press("blend_2_remove")
    yield 0.1
    chosen = docker().chosen()
    ((other, share),) = chosen.blend.items()
    assert share == 61 and other != chosen.preset, chosen
    yield from stylize()
    assert problem() == "", problem()
    assert request()["blend"] == [{"preset": other, "weight": round(61 / 39, 4)}], request()["blend"]
    assert " + " in names(made)[1] and pixel(result_layer(), 5, 5)[3] == 255, names(made)


@check
def a_style_that_is_blended_with_itself_is_refused_in_words():
    made = yield from document()
    yield from paint_layer(made)
    preset = docker().chosen().preset
    docker().use(docker().chosen().changed(blend={preset: 50}))
    press("stylize")
    yield until(lambda: "blended with itself" in problem(), 3)
    assert names(made) == ["paint"]
    docker().use(docker().chosen().changed(blend={}))


@drive
def test():
    return (yield from run())
