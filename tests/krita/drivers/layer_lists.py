"""The lists of layers in the docker, chosen from as a painter does: open, with a key in the open list."""

from driving import check, docker, document, names, paint_layer, press, run, widget
from rig_driver import QtCore, QtTest, drive


def choose_in_open_list(name, words):
    """Generator: open the list and take an entry of it by its key."""
    box = widget(name)
    box.setFocus()
    box.showPopup()
    yield 0.3
    view = box.view()
    view.setCurrentIndex(box.model().index(box.findText(words), 0))
    QtTest.QTest.keyClick(view, QtCore.Qt.Key.Key_Return)
    yield 0.3
    assert not view.isVisible() and box.currentText() == words, box.currentText()


@check
def a_layer_that_marks_a_region_is_chosen_in_the_open_list():
    made = yield from document()
    yield from paint_layer(made, name="sky")
    yield from paint_layer(made, name="sea")
    docker().sections[1].set_open(True)
    press("region_add")
    yield 0.2
    for words in ("sky", "sea", *names(made)):
        yield from choose_in_open_list("region_1", words)
        assert docker().chosen().regions[0].layer == words
    docker().use(docker().chosen().changed(regions=()))


@drive
def test():
    return (yield from run())
