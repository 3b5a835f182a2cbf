"""For the drivers: strokes by the mouse on Krita's canvas, laid beside a driver as `driving` is."""

import time

from krita import Krita
from rig_driver import QtCore, QtGui, QtWidgets

STEP_S = 0.02


def drag(took=None, steps=12, each=None):
    """A stroke with the brush, across the middle of the canvas. `took` gets of each of its steps when it was sent, how
    many seconds late that was, and how long Krita was busy with it; `each` is called before each step."""
    Krita.instance().action("KritaShape/KisToolBrush").trigger()
    yield 0.3
    canvas, kinds = canvas_widget(), QtCore.QEvent.Type
    place = canvas.rect().center()
    mouse(canvas, kinds.MouseMove, place)
    mouse(canvas, kinds.MouseButtonPress, place, held=True)
    for step in range(steps):
        begun_at = time.perf_counter()
        yield STEP_S
        if each is not None:
            each()
        place += QtCore.QPoint(3 if step % 40 < 20 else -3, 1)
        sent_at = time.perf_counter()
        mouse(canvas, kinds.MouseMove, place, held=True)
        if took is not None:
            took.append((sent_at, sent_at - begun_at - STEP_S, time.perf_counter() - sent_at))
    mouse(canvas, kinds.MouseButtonRelease, place)
    yield 0.5


def mouse(canvas, kind, place, held=False):
    from neural_style.qt import Qt

    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QtCore.QEvent.Type.MouseMove else left
    at, on_screen = QtCore.QPointF(place), QtCore.QPointF(canvas.mapToGlobal(place))
    modifiers = Qt.KeyboardModifier.NoModifier
    event = QtGui.QMouseEvent(kind, at, on_screen, button, left if held else none, modifiers)
    QtWidgets.QApplication.sendEvent(canvas, event)


def canvas_widget():
    from neural_style.document.open_documents import canvas_widgets

    return next(widget for widget in canvas_widgets() if widget.isVisible())


class PaintTimes(QtCore.QObject):
    """When a widget was painted."""

    def __init__(self, widget):
        super().__init__()
        self._times = []
        self._widget = widget
        widget.installEventFilter(self)

    def eventFilter(self, _widget, event):
        if event.type() == QtCore.QEvent.Type.Paint:
            self._times.append(time.perf_counter())
        return False

    def after(self, moment):
        """The first time after it, or None."""
        return next((time_ for time_ in self._times if time_ > moment), None)

    def stop(self):
        self._widget.removeEventFilter(self)
