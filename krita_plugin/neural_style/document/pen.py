"""What the painter's hand does: whether the pen is down, how long it has rested, when it may have changed something.

A layer that comes or goes in the middle of a stroke or of a lasso would spoil that: a run's work on the canvas waits.

Only the canvas is listened to, only while somebody needs it; nothing of Krita is asked or computed in an event.
"""

import time
from typing import Any

from ..neural_style_client.tasks import WAIT, Task
from ..qt import QtCore, QtWidgets
from .open_documents import canvas_widgets, undo_actions

_KINDS = QtCore.QEvent.Type
_DOWN = (_KINDS.MouseButtonPress, _KINDS.MouseButtonDblClick, _KINDS.TabletPress, _KINDS.TouchBegin)
_UP = (_KINDS.MouseButtonRelease, _KINDS.TabletRelease, _KINDS.TouchEnd, _KINDS.TouchCancel)
_MOVES = (_KINDS.MouseMove, _KINDS.TabletMove, _KINDS.TouchUpdate)
LOST_S = 10.0
"""A pen on the canvas never stands still for so long: its end went elsewhere."""


class Pen(QtCore.QObject):
    """`touched_at`: when the painter last ended a stroke or stepped through the undo history."""

    def __init__(self) -> None:
        """It listens to all canvases that there are now, until `stop`."""
        super().__init__()
        self.is_down = False
        self.down_at = self.moved_at = self.touched_at = 0.0
        for canvas in canvas_widgets():
            canvas.installEventFilter(self)
        for action in undo_actions():
            action.triggered.connect(self._touch)

    def stop(self) -> None:
        """Canvas and actions let go of it by themselves: they may be gone, and would not answer any more."""
        self.deleteLater()

    def rests(self, seconds: float) -> bool:
        """Up, and not moved for so long."""
        return not self.is_pressed() and time.monotonic() - self.moved_at >= seconds

    def is_pressed(self) -> bool:
        """On the canvas, or a mouse button anywhere in Krita."""
        is_down = self.is_down and time.monotonic() - self.moved_at < LOST_S
        return is_down or bool(int(_buttons()))

    def until_up(self) -> Task:
        while self.is_pressed():
            yield WAIT

    def while_up(self, task: Task) -> Task:
        """The task, which goes on only while nothing is pressed; its outcome."""
        while True:
            yield from self.until_up()
            try:
                step = next(task)
            except StopIteration as end:
                return end.value
            yield step

    def eventFilter(self, _widget: Any, event: Any) -> bool:
        kind = event.type()
        if kind in _MOVES:
            if self.is_down:
                self.moved_at = time.monotonic()
        elif kind in _DOWN:
            self.is_down, self.down_at = True, time.monotonic()
            self.moved_at = self.down_at
        elif kind in _UP:
            self.is_down = False
            self._touch()
        return False

    def _touch(self, *_: Any) -> None:
        self.touched_at = self.moved_at = time.monotonic()


def _buttons() -> Any:
    buttons = QtWidgets.QApplication.mouseButtons()
    return getattr(buttons, "value", buttons)  # PyQt6 has no numbers for flags
