"""Size, quality, kept frames and seed, and for experts the method's own numbers."""

import random

from ..neural_style_client import kept_frames
from ..neural_style_client.kept_frames import MAX_ITERATIONS
from ..neural_style_client.parameters import MAX_SEED, PLACES, QUALITIES, SEAMLESS, START_LAYER, STARTS, size_choices
from ..neural_style_client.print_size import ACTION, TIP
from ..neural_style_client.translations import tr
from ..qt import QtCore, QtWidgets
from .layer_choice import LayerChoice
from .layout import button, choice, column, form, guard_wheel, label, named, row, select


def number(name, words, lowest, highest, special="", tip=""):
    """A whole number; its lowest value may be shown as words."""
    box = named(QtWidgets.QSpinBox(), name, words, tip)
    box.setRange(lowest, highest)
    return _plain(box, special)


def weight(name, words, lowest, tip=""):
    """A factor of the method; its lowest value means "as the preset says"."""
    box = named(QtWidgets.QDoubleSpinBox(), name, words, tip)
    box.setRange(lowest, 1e9)
    box.setDecimals(4)
    return _plain(box, tr("As the preset says"))


def _plain(box, special):
    box.setSpecialValueText(special)
    box.setMinimumWidth(60)
    box.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
    guard_wheel(box)
    return box


class Options(QtWidgets.QWidget):
    """What every job needs to be told, and the way to a print."""

    changed = QtCore.pyqtSignal()
    print_wanted = QtCore.pyqtSignal()

    def __init__(self):
        super().__init__()
        tip = tr("The long side of what is painted; the result always fits the layer")
        self.size_box = choice("size", tr("Size"), size_choices(), tip)
        self.quality = choice("quality", tr("Quality"), QUALITIES)
        self.keep = choice("keep", tr("Keep frames"), kept_frames.KINDS, tr("Each kept frame is a layer in a group"))
        self.keep_text = named(QtWidgets.QLineEdit(), "keep_text", tr("Iterations to keep"), tr("Such as 100, 300"))
        self.keep_text.setText("100, 300")
        tip = tr("In its place the layer itself is taken away; undo brings it back")
        self.place = choice("place", tr("Result layer"), PLACES, tip)
        self.seed = number("seed", tr("Seed"), -1, MAX_SEED, tr("As the preset says"))
        tip = tr("The same seed gives the same picture again")
        self.dice = named(QtWidgets.QToolButton(), "dice", tr("New seed"), tip)
        self.dice.setText("⚄")
        self.dice.clicked.connect(lambda: self.seed.setValue(random.randrange(1, 100000)))
        self.forecast = label("", dim=True)
        self.forecast.setObjectName("neural_style_forecast")
        self.print = button("paint_for_print", tr(ACTION), tr(TIP))
        rows = form(
            (tr("Size"), self.size_box),
            (tr("Quality"), self.quality),
            (tr("Keep"), column(self.keep, self.keep_text)),
            (tr("Result"), self.place),
            (tr("Seed"), row(self.seed, self.dice)),
        )
        self.setLayout(column(rows, self.forecast, self.print))
        self.print.clicked.connect(lambda: self.print_wanted.emit())
        for box in (self.size_box, self.quality, self.keep, self.place):
            box.currentIndexChanged.connect(self._changed)
        self.keep_text.textChanged.connect(self._changed)
        self.seed.valueChanged.connect(self._changed)
        self._changed()

    def _changed(self, *_):
        self.keep_text.setVisible(bool(self.keep.currentData()))
        self.changed.emit()

    def show_values(self, chosen):
        if self.size_box.findData(chosen.size) < 0:
            self.size_box.addItem("{} px".format(chosen.size), chosen.size)
        select(self.size_box, chosen.size)
        select(self.quality, chosen.quality)
        kind, words = kept_frames.kind_and_words(chosen.keep)
        select(self.keep, kind)
        self.keep_text.setText(words or self.keep_text.text())
        select(self.place, chosen.place)
        self.seed.setValue(chosen.seed)

    def values(self):
        return {
            "size": self.size_box.currentData(),
            "quality": self.quality.currentData(),
            "keep": kept_frames.text_of(self.keep.currentData(), self.keep_text.text()),
            "place": self.place.currentData(),
            "seed": self.seed.value(),
        }


class Expert(QtWidgets.QWidget):
    """The method's own words, and the way to an animation."""

    changed = QtCore.pyqtSignal()
    film_wanted = QtCore.pyqtSignal()

    def __init__(self, look):
        """`look()` gives the layers that can be started from, as (identity, name) pairs."""
        super().__init__()
        self.numbers = {
            "iterations": number("iterations", tr("Iterations"), 0, MAX_ITERATIONS, tr("As the preset says")),
            "content_weight": weight("content_weight", tr("Content weight"), 0, tr("α: how much the subject counts")),
            "style_weight": weight("style_weight", tr("Style weight"), 0, tr("β: how much the style counts")),
            "tv_weight": weight("tv_weight", tr("Total-variation weight"), -1, tr("How much smoothness counts")),
        }
        starts = (*STARTS, START_LAYER)
        self.start = choice("start", tr("Start image"), starts, tr("What the first iteration begins with"))
        self.start_layer = LayerChoice("start_layer", tr("Layer to start from"), look)
        self.seamless = choice("seamless", tr("Seamless"), SEAMLESS, tr("Edges that meet when tiled"))
        tip = tr("Paint a range of frames of the current layer without flicker")
        self.film = button("paint_animation", tr("Paint animation…"), tip)
        labels = (tr("Iterations"), tr("Content α"), tr("Style β"), tr("Variation"))
        iterations, *weights = zip(labels, self.numbers.values())
        others = (tr("Seamless"), self.seamless), (tr("Animation"), self.film)
        self.setLayout(form(iterations, (tr("Start"), column(self.start, self.start_layer.box)), *weights, *others))
        for box in (self.start, self.start_layer.box, self.seamless):
            box.currentIndexChanged.connect(self._changed)
        for box in self.numbers.values():
            box.valueChanged.connect(self._changed)
        self.film.clicked.connect(lambda: self.film_wanted.emit())
        self._changed()

    def _changed(self, *_):
        self.start_layer.box.setVisible(self.start.currentData() == START_LAYER[0])
        self.changed.emit()

    def show_values(self, chosen):
        for name, box in self.numbers.items():
            box.setValue(getattr(chosen, name))
        select(self.start, chosen.start)
        self.start_layer.choose(chosen.start_id, chosen.start_layer)
        select(self.seamless, chosen.seamless)

    def values(self):
        numbers = {name: box.value() for name, box in self.numbers.items()}
        found = dict(numbers, start=self.start.currentData(), seamless=self.seamless.currentData())
        if found["start"] == START_LAYER[0]:
            found["start_id"], found["start_layer"] = self.start_layer.chosen
        return found
