"""The painter's seven sliders, each with its number."""

from . import parameters
from .qt import Qt, QtCore, QtWidgets
from .sections import column, guard_wheel, named, row
from .words import tr


class Slider(QtWidgets.QWidget):
    """Name, slider and number in one line."""

    changed = QtCore.pyqtSignal()

    def __init__(self, control):
        super().__init__()
        words, tip = tr(control.label), "{} – {}".format(tr(control.low), tr(control.high))
        text = QtWidgets.QLabel(words)
        text.setFixedWidth(76)
        text.setToolTip(tip)
        self.slider = named(QtWidgets.QSlider(Qt.Orientation.Horizontal), control.name, words, tip)
        self.slider.setRange(control.minimum, control.maximum)
        self.slider.setMinimumWidth(60)
        self.number = named(QtWidgets.QSpinBox(), control.name + "_number", words, tip)
        self.number.setRange(control.minimum, control.maximum)
        self.number.setButtonSymbols(QtWidgets.QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.number.setFixedWidth(44)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        text.setBuddy(self.slider)
        self.slider.valueChanged.connect(self.number.setValue)
        self.number.valueChanged.connect(self.slider.setValue)
        self.slider.valueChanged.connect(lambda _: self.changed.emit())
        for widget in (self.slider, self.number):
            guard_wheel(widget)
        self.setLayout(row(text, self.slider, self.number))


class Controls(QtWidgets.QWidget):
    """All sliders; `changed` when the painter moved one."""

    changed = QtCore.pyqtSignal()

    def __init__(self):
        super().__init__()
        self._own = {}
        self.sliders = {control.name: Slider(control) for control in parameters.CONTROLS}
        self.reset = named(
            QtWidgets.QPushButton(tr("As the preset")),
            "reset",
            tr("As the preset"),
            tr("Set all sliders back"),
        )
        self.reset.clicked.connect(lambda: self.show_values({}))
        self.setLayout(column(*self.sliders.values(), row(None, self.reset), spacing=2))
        for slider in self.sliders.values():
            slider.changed.connect(self._moved)
        self.show_preset({}, {})

    def show_preset(self, preset, changed):
        """The sliders stand where the preset has them, but for what the painter changed."""
        self._own = parameters.preset_controls(preset)
        self._preset = preset
        self.show_values(changed)

    def show_values(self, changed):
        for name, slider in self.sliders.items():
            slider.blockSignals(True)
            slider.slider.setValue(int(changed.get(name, self._own[name])))
            slider.blockSignals(False)
        self._moved()

    def values(self):
        """What differs from the preset."""
        now = {name: slider.slider.value() for name, slider in self.sliders.items()}
        return parameters.differing(now, self._preset)

    def _moved(self):
        self.reset.setEnabled(bool(self.values()))
        self.changed.emit()
