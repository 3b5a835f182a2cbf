"""The painter's seven controls as sliders, each with its number."""

from ..neural_style_client.controls import CONTROLS, changed_values, preset_values
from ..neural_style_client.translations import tr
from ..qt import Qt, QtCore, QtWidgets
from .layout import button, column, guard_wheel, named, row


class Slider(QtWidgets.QWidget):
    """Name, slider and number in one line."""

    changed = QtCore.pyqtSignal()

    def __init__(self, control):
        super().__init__()
        words, tip = control.plain_label, "{} – {}".format(tr(control.low), tr(control.high))
        text = QtWidgets.QLabel(words)
        text.setToolTip(tip)
        self.slider = named(QtWidgets.QSlider(Qt.Orientation.Horizontal), control.name, words, tip)
        self.slider.setMinimumWidth(60)
        number = named(QtWidgets.QSpinBox(), control.name + "_number", words, tip)
        number.setButtonSymbols(QtWidgets.QAbstractSpinBox.ButtonSymbols.NoButtons)
        number.setFixedWidth(44)
        number.setAlignment(Qt.AlignmentFlag.AlignRight)
        text.setBuddy(self.slider)
        self.text = text
        for widget in (self.slider, number):
            widget.setRange(control.minimum, control.maximum)
            guard_wheel(widget)
        self.slider.valueChanged.connect(number.setValue)
        number.valueChanged.connect(self.slider.setValue)
        self.slider.valueChanged.connect(lambda _: self.changed.emit())
        self.setLayout(row(text, self.slider, number))


class Sliders(QtWidgets.QWidget):
    """All sliders; `changed` when the painter moved one."""

    changed = QtCore.pyqtSignal()

    def __init__(self):
        super().__init__()
        self._sliders = {control.name: Slider(control) for control in CONTROLS}
        width = max(76, *(one.text.sizeHint().width() for one in self._sliders.values()))
        for one in self._sliders.values():
            one.text.setFixedWidth(width)
        self.reset = button("reset", tr("As the preset"), tr("Set all sliders back"))
        self.reset.clicked.connect(lambda: self.show_preset(self._preset, {}))
        self.setLayout(column(*self._sliders.values(), row(None, self.reset), spacing=2))
        for slider in self._sliders.values():
            slider.changed.connect(self._moved)
        self.show_preset({}, {})

    def show_preset(self, preset, changed):
        """The sliders stand where the preset has them, but for what the painter changed."""
        self._preset = preset
        for name, value in preset_values(preset).items():
            slider = self._sliders[name]
            slider.blockSignals(True)
            slider.slider.setValue(int(changed.get(name, value)))
            slider.blockSignals(False)
        self._moved()

    def shows(self, name):
        """Whether they stand where the preset of this name has them, but for what the painter changed."""
        return self._preset.get("name") == name

    def values(self):
        """What differs from the preset."""
        now = {name: slider.slider.value() for name, slider in self._sliders.items()}
        return changed_values(now, self._preset)

    def _moved(self):
        self.reset.setEnabled(bool(self.values()))
        self.changed.emit()
