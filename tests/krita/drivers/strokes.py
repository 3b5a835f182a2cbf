"""For the drivers: strokes by the mouse on Krita's canvas, laid beside a driver as `driving` is."""

import time

from brush import Kind, canvas_widget, mouse, press_mouse, take_brush
from rig_driver import QtCore

STEP_S = 0.02


def drag(took=None, steps=12, each=None):
    """A stroke with the brush, across the middle of the canvas. `took` gets of each of its steps when it was sent, how
    many seconds late that was, and how long Krita was busy with it; `each` is called before each step."""
    yield from take_brush()
    canvas = canvas_widget()
    place = canvas.rect().center()
    press_mouse()
    for step in range(steps):
        begun_at = time.perf_counter()
        yield STEP_S
        if each is not None:
            each()
        place += QtCore.QPoint(3 if step % 40 < 20 else -3, 1)
        sent_at = time.perf_counter()
        mouse(canvas, Kind.MouseMove, place, held=True)
        if took is not None:
            took.append((sent_at, sent_at - begun_at - STEP_S, time.perf_counter() - sent_at))
    mouse(canvas, Kind.MouseButtonRelease, place)
    yield 0.5


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
