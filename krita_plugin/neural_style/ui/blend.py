"""A second and a third style beside the first, each with a slider between the two."""

from ..neural_style_client.blend import EVEN, LEAST, MOST, MOST_BLENDED
from ..neural_style_client.translations import tr
from ..qt import Qt, QtCore, QtWidgets
from .layout import button, column, guard_wheel, named, remove_button, row
from .thumbnails import Picture, PresetChoice


class BlendRow(QtWidgets.QWidget):
    """One more style; `removed` when the painter wants it no longer."""

    changed = QtCore.pyqtSignal()
    removed = QtCore.pyqtSignal()

    def __init__(self, number, thumbnails):
        super().__init__()
        name, words = "blend_{}".format(number), tr("Style {}", number + 1)
        self.choice = PresetChoice(name, words, thumbnails, tr("Another style in the same picture"))
        self.remove = remove_button(name + "_remove", tr("Take {} away", words))
        self._pictures = Picture(thumbnails), Picture(thumbnails)
        self.slider = QtWidgets.QSlider(Qt.Orientation.Horizontal)
        tip = tr("Left the first style, right this one")
        share = tr("Share of {}", words)
        named(self.slider, name + "_share", share, tip).setMinimumWidth(60)
        self._number = named(QtWidgets.QSpinBox(), name + "_number", share, tip)
        self._number.setButtonSymbols(QtWidgets.QAbstractSpinBox.ButtonSymbols.NoButtons)
        self._number.setFixedWidth(44)
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight)
        for widget in (self.slider, self._number):
            widget.setRange(LEAST, MOST)
            widget.setValue(EVEN)
            guard_wheel(widget)
        first, second = self._pictures
        self.setLayout(column(row(self.choice.box, self.remove), row(first, self.slider, second, self._number)))
        self.slider.valueChanged.connect(self._number.setValue)
        self._number.valueChanged.connect(self.slider.setValue)
        self.slider.valueChanged.connect(lambda _: self.changed.emit())
        self.choice.box.currentIndexChanged.connect(self._chosen)
        self.remove.clicked.connect(self.removed)

    def show_first(self, name):
        """Which style the slider's left end stands for."""
        self._pictures[0].show_preset(name)

    def show_style(self, name, share):
        self.choice.choose(name)
        self.slider.setValue(round(share))
        self._pictures[1].show_preset(name)

    def _chosen(self, _):
        self._pictures[1].show_preset(self.choice.name)
        self.changed.emit()


class Blend(QtWidgets.QWidget):
    """`changed` when the painter chose, moved or removed one."""

    changed = QtCore.pyqtSignal()

    def __init__(self, thumbnails):
        super().__init__()
        self._presets = []
        self._first = ""
        self._used = 0
        self.rows = [BlendRow(number, thumbnails) for number in range(1, MOST_BLENDED + 1)]
        self.add = button("blend_add", tr("Blend with another style"), tr("Mix a second style into the first"))
        self.setLayout(column(*self.rows, self.add))
        self.add.clicked.connect(self._add)
        for number, one in enumerate(self.rows):
            one.changed.connect(self.changed)
            one.removed.connect(lambda number=number: self._remove(number))
        self._show_used()

    def show_presets(self, presets):
        self._presets = presets
        for one in self.rows:
            one.choice.show_presets(presets)
        self.add.setEnabled(len(presets) > 1)

    def show_first(self, name):
        self._first = name
        for one in self.rows:
            one.show_first(name)

    def show_values(self, blend):
        self._used = len(blend)
        for one, (name, share) in zip(self.rows, blend.items()):
            one.show_style(name, share)
        self._show_used()

    def values(self):
        """{preset: share}"""
        return {one.choice.name: one.slider.value() for one in self.rows[: self._used] if one.choice.name}

    def _add(self):
        taken = {self._first, *self.values()}
        free = next((one["name"] for one in self._presets if one["name"] not in taken), "")
        made = self.rows[self._used]
        made.show_style(free, EVEN)
        self._used += 1
        self._show_used()
        made.choice.box.setFocus()

    def _remove(self, number):
        left = [pair for place, pair in enumerate(self._pairs()) if place != number]
        self._used = len(left)
        for one, pair in zip(self.rows, left):
            one.show_style(*pair)
        self._show_used()
        self.add.setFocus()

    def _pairs(self):
        return [(one.choice.name, one.slider.value()) for one in self.rows[: self._used]]

    def _show_used(self):
        for place, one in enumerate(self.rows):
            one.setVisible(place < self._used)
        self.add.setVisible(self._used < len(self.rows))
        self.changed.emit()
