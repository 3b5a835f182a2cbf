"""The docker in other languages: that of Krita's own settings in this start, then the others of its share."""

import os

from driving import ARTEFACTS, check, document, paint_layer, run
from driving import docker as kritas_docker
from krita import Krita
from neural_style.neural_style_client import translations
from neural_style.neural_style_client.regions import Region
from neural_style.neural_style_client.style_part import WHOLE_STYLE
from rig_driver import QtCore, QtWidgets, drive, screenshot, until

from neural_style.ui.docker import NeuralStyleDocker
from neural_style.ui.film_dialog import FilmDialog
from neural_style.ui.print_dialog import PrintDialog
from neural_style.ui.style_part import PartDialog

LANGUAGE = os.environ.get("DRIVE_LANGUAGE", "de")
SHARE = {"de": ("de", "es", "fr"), "ja": ("ja", "pt_BR", "zh_CN")}[LANGUAGE]
NARROW = 280
SECTIONS = ("style", "regions", "controls", "options", "expert", "history")
WORDS = {"de": ("Stilisieren", "Abbrechen", "Pinselgröße"), "ja": ("スタイル変換", "中止", "ブラシサイズ")}


def texts(one):
    """All that is written on a docker's labels, buttons and sections."""
    shown = one.widget().findChildren((QtWidgets.QAbstractButton, QtWidgets.QLabel))
    return [each.text().replace("&", "") for each in shown if each.text()]


@check
def the_docker_speaks_the_language_of_kritas_settings():
    yield 0.1
    assert translations.language() == LANGUAGE
    shown = texts(kritas_docker())
    for word in WORDS[LANGUAGE]:
        assert word in shown, (word, shown)
    for english in ("Stylize", "Cancel", "Brush size"):
        assert english not in shown, english


@check
def menu_entries_speak_it_too():
    yield 0.1
    for name, english in (("stylize", "Neural Style: Stylize"), ("cancel", "Neural Style: Cancel")):
        action = Krita.instance().action("neural_style_" + name)
        assert action.text() == translations.tr(english) != english, action.text()
        assert action.toolTip() and "Paint the current layer" not in action.toolTip(), action.toolTip()


@check
def styles_that_came_with_the_daemon_are_called_in_it():
    known = kritas_docker().controller.presets.known
    yield 0.1
    titles = {kritas_docker().gallery.list.item(row).text() for row in range(len(known))}
    assert not titles & {one["title"] for one in known if one["name"] in ("crayon", "charcoal", "woodcut")}, titles


@check
def every_language_of_the_share_fits_at_280_pixels():
    made = yield from document(640, 480)
    layer = yield from paint_layer(made)
    wrong = []
    try:
        for language in SHARE:
            translations.use(language)
            yield from _fits(language, wrong, (made, layer))
    finally:
        translations.use(LANGUAGE)
    assert wrong == [], wrong


def _fits(language, wrong, picture):
    """One more docker, in this language, in the place of Krita's, and its dialogs for a layer of a document; what is
    too wide is added to `wrong`."""
    window = Krita.instance().activeWindow().qwindow()
    window.showMaximized()
    for other in Krita.instance().dockers():
        other.setVisible(False)
    one = NeuralStyleDocker()
    window.addDockWidget(QtCore.Qt.DockWidgetArea.RightDockWidgetArea, one)
    one.show()
    try:
        yield until(lambda: one.gallery.list.count() > 0, 60)
        one.use(one.chosen().changed(blend={"mosaic": 30, "crayon": 60}, regions=[Region("paint", "mosaic")] * 2))
        area = one.widget().findChild(QtWidgets.QScrollArea)
        for name in SECTIONS:
            for section in one.sections:
                section.set_open(section.name == name)
            window.resizeDocks([one], [NARROW], QtCore.Qt.Orientation.Horizontal)
            yield 0.4
            screenshot(os.path.join(ARTEFACTS, f"language-{language}-{name}.png"))
            width = area.widget().minimumSizeHint().width()
            if width > NARROW - 24:
                wrong.append((language, name, width, _widest(area.widget())))
            wrong += [(language, name, *cut) for cut in _cut(one.widget())]
        part = PartDialog(one, one.controller.presets.known[0], WHOLE_STYLE)
        for dialog in (FilmDialog(one, *picture), PrintDialog(one, *picture), part):
            dialog.show()
            yield 0.3
            screenshot(os.path.join(ARTEFACTS, f"language-{language}-{dialog.objectName()}.png"))
            wrong += [(language, dialog.objectName(), *cut) for cut in _cut(dialog)]
            dialog.close()
        for panel in (one.job_panel, one.live_switch):
            width = panel.minimumSizeHint().width()
            if width > NARROW - 8:
                wrong.append((language, type(panel).__name__, width, _widest(panel)))
    finally:
        one.controller.stop()
        window.removeDockWidget(one)
        one.deleteLater()


def _widest(whole):
    """The texts of the widest widgets, for the report."""
    shown = [one for one in whole.findChildren(QtWidgets.QWidget) if hasattr(one, "text") and one.isVisible()]
    widest = sorted(shown, key=lambda one: -one.minimumSizeHint().width())[:4]
    return [(str(one.text()), one.minimumSizeHint().width()) for one in widest]


def _cut(one):
    """The visible words of labels and buttons that have less room than they need."""
    for each in one.findChildren((QtWidgets.QAbstractButton, QtWidgets.QLabel)):
        wraps = isinstance(each, QtWidgets.QLabel) and each.wordWrap()
        frame = 6 if isinstance(each, QtWidgets.QPushButton) else 0
        needed = each.fontMetrics().horizontalAdvance(each.text().replace("&", "")) + frame
        if each.isVisible() and each.text() and not wraps and needed > each.width():
            yield each.text(), needed, each.width()


@drive
def test():
    return (yield from run())
