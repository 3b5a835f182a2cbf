"""The painter has a token for another computer: it paints, nothing is started here, and the choice can be changed."""

import os

from driving import ARTEFACTS, check, docker, document, is_over, names, paint_layer, problem, run, stylize, widget
from rig_driver import QtWidgets, drive, screenshot, until


def state():
    return docker().controller.connection.state


def choose_place(name):
    box = widget("where", QtWidgets.QComboBox)
    place = box.findData(name)
    box.setCurrentIndex(place)
    box.activated.emit(place)  # what a click does


@check
def the_other_computer_paints():
    box = widget("where", QtWidgets.QComboBox)
    assert [box.itemText(place) for place in range(box.count())] == ["this computer", "studio"]
    assert box.currentData() == "studio" and box.isVisibleTo(docker())
    made = yield from document()
    yield from paint_layer(made)
    yield from stylize(120)
    assert problem() == "", problem()
    assert len(names(made)) == 2, names(made)
    screenshot(os.path.join(ARTEFACTS, "paint-on-studio.png"))


@check
def the_choice_waits_while_a_job_runs():
    made = yield from document()
    yield from paint_layer(made)
    docker().controller.soon(docker().stylize)
    yield until(lambda: docker().controller.is_running, 10)
    assert not docker().where.isEnabled()
    docker().controller.soon(docker().controller.cancel)
    yield until(is_over, 30)
    yield until(lambda: docker().where.isEnabled(), 5)


@check
def this_computer_is_a_click_away_and_so_is_the_other():
    choose_place("")
    yield until(lambda: state() == "lost connection", 30)  # none can be started in this test's Krita
    assert docker().controller.daemon.client is None
    choose_place("studio")
    yield until(lambda: state() in ("ready", "busy"), 30)
    assert docker().gallery.list.count() > 0


@drive
def test():
    return (yield from run())
