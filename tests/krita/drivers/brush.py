"""The painter's hand, for drivers: the mouse on the canvas. It is laid beside a driver, as `driving` is."""

from krita import Krita
from rig_driver import QtCore, QtGui, QtWidgets

from neural_style.document.open_documents import canvas_widgets

Qt, Kind = QtCore.Qt, QtCore.QEvent.Type


def take_brush():
    Krita.instance().action("KritaShape/KisToolBrush").trigger()
    yield 0.3


def press_mouse():
    """Begin a stroke in the middle of the canvas."""
    canvas = canvas_widget()
    mouse(canvas, Kind.MouseMove, canvas.rect().center())
    mouse(canvas, Kind.MouseButtonPress, canvas.rect().center(), held=True)


def move_mouse():
    """A little further with the stroke: a pen that stands still for long is taken for one that was lost."""
    canvas = canvas_widget()
    mouse(canvas, Kind.MouseMove, canvas.rect().center() + QtCore.QPoint(3, 2), held=True)


def release_mouse():
    canvas = canvas_widget()
    mouse(canvas, Kind.MouseButtonRelease, canvas.rect().center())


def mouse(canvas, kind, place, held=False):
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == Kind.MouseMove else left
    at, on_screen = QtCore.QPointF(place), QtCore.QPointF(canvas.mapToGlobal(place))
    modifiers = Qt.KeyboardModifier.NoModifier
    event = QtGui.QMouseEvent(kind, at, on_screen, button, left if held else none, modifiers)
    QtWidgets.QApplication.sendEvent(canvas, event)


def canvas_widget():
    return next(widget for widget in canvas_widgets() if widget.isVisible())
