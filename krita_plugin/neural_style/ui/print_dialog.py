"""Asks how wide the picture is to be printed; the rest is as the docker says."""

from ..neural_style_client.errors import PainterError
from ..neural_style_client.parameters import MAX_SIZE
from ..neural_style_client.print_size import (
    ACTION,
    BEGIN,
    HIGHEST,
    INCHES,
    LOWEST,
    RESOLUTION_LABEL,
    TIP,
    UNITS,
    WIDTH_LABEL,
    PrintSize,
    printed_now,
)
from ..neural_style_client.translations import tr
from ..qt import Qt, QtCore, QtWidgets
from .layer_dialog import show_for_layer
from .layout import button, choice, column, form, guard_wheel, label, named, plain_label, row, select

PAUSE_MS = 250
"""Changes within it are one question to the daemon."""


def ask_for_print(docker):
    show_for_layer(docker, PrintDialog)


class PrintDialog(QtWidgets.QDialog):
    """A print of one picture. Modal, so that picture and docker stay as the forecast has them; closed, and deleted, as
    soon as the painting begins."""

    def __init__(self, docker, document, node):
        super().__init__(docker)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._docker, self._document, self._node = docker, document, node
        self._size = document.width(), document.height()
        self._asked = None  # what was asked for last, or None
        title = tr(ACTION).rstrip("…")
        named(self, "print", title)
        self.setWindowTitle(title)
        self._pause = QtCore.QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self._lay_out()
        self._begin_as_it_is()
        for box in (self.width_box, self.resolution):
            box.valueChanged.connect(self._changed)
        self.unit.currentIndexChanged.connect(self._convert)
        self.paint.clicked.connect(lambda: docker.controller.soon(self._begin))
        self.close_button.clicked.connect(self.close)
        self.finished.connect(self._forget)
        self._changed()

    def _lay_out(self):
        self.width_box = _number("print_width", tr(WIDTH_LABEL), 0.01, 100000)
        self.unit = choice("print_unit", tr("Unit"), UNITS)
        self.resolution = _number("print_resolution", tr(RESOLUTION_LABEL), LOWEST, HIGHEST)
        self.summary = plain_label("")
        self.summary.setObjectName("neural_style_print_summary")
        self.forecast = label("", dim=True)
        self.forecast.setObjectName("neural_style_print_forecast")
        self.paint = button("print_paint", tr(BEGIN), tr(TIP))
        self.paint.setDefault(True)
        self.close_button = button("print_close", tr("Close"), tr("Paint nothing"))
        fields = form((tr(WIDTH_LABEL), row(self.width_box, self.unit)), (tr(RESOLUTION_LABEL), self.resolution))
        buttons = row(None, self.close_button, self.paint)
        layout = column(plain_label(tr(TIP)), fields, self.summary, self.forecast, buttons, spacing=8)
        layout.setContentsMargins(12, 12, 12, 12)
        self.setLayout(layout)
        self.setMinimumWidth(340)

    def _begin_as_it_is(self):
        """The size that the picture is printed at now, in the unit of the painter's country."""
        metric = QtCore.QLocale().measurementSystem() == QtCore.QLocale.MeasurementSystem.MetricSystem
        now = printed_now(self._size, self._document.xRes(), "cm" if metric else "in")
        select(self.unit, now.unit)
        self._unit = now.unit
        self.width_box.setValue(now.width)
        self.resolution.setValue(now.resolution)

    def chosen(self):
        """Raises PainterError."""
        return PrintSize(self.width_box.value(), self.unit.currentData(), self.resolution.value())

    def _convert(self, *_):
        """Another unit for the same paper."""
        before, self._unit = self._unit, self.unit.currentData()
        self.width_box.setValue(self.width_box.value() * INCHES[before] / INCHES[self._unit])
        self._changed()

    def _changed(self, *_):
        self._asked = None
        self._pause.start()
        self.forecast.setText("")
        try:
            self._say(self.chosen().summary(self._size, MAX_SIZE), True)
        except PainterError as problem:
            self._say("⚠ {}".format(problem), False)

    def _say(self, words, possible):
        self.summary.setText(words)
        self.paint.setEnabled(possible)

    def _ask(self):
        """What the print would take, at full size."""
        asked = self._asked = object()
        try:
            pixels = self.chosen().pixels(self._size, MAX_SIZE)
            answered = lambda words, refused: self._answered(asked, words, refused)  # noqa: E731
            self._docker.controller.forecasts.ask(self._docker.chosen().changed(size=0), pixels, answered)
        except PainterError as problem:
            self._say("⚠ {}".format(problem), False)

    def _answered(self, asked, words, refused):
        if asked is not self._asked:
            return
        if refused:
            self._say("⚠ {}".format(words), False)
        else:
            self.forecast.setText(words)

    def _forget(self, *_):
        """An answer that comes later is dropped."""
        self._asked = None
        self._pause.stop()

    def _begin(self):
        try:
            begin = self._docker.controller.begin.for_print
            begin(self._docker.chosen(), self._document, self._node, self.chosen())
        except PainterError as problem:
            self._say("⚠ {}".format(problem), True)
        else:
            self.close()


def _number(name, words, lowest, highest):
    box = named(QtWidgets.QDoubleSpinBox(), name, words)
    box.setRange(lowest, highest)
    box.setDecimals(2)
    guard_wheel(box)
    return box
