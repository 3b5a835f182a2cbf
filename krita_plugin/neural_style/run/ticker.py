"""The one timer: everything that touches Krita happens in its ticks.

Krita's calls spin the event loop, so a tick can begin inside another; the busy flag lets that one pass. Longer work is
a task (see `neural_style_client.tasks`); a tick goes on with it until its time is up, so that the canvas stays free.
"""

import queue
import time
from collections import deque
from contextlib import suppress
from typing import Any, Callable, Deque

from ..neural_style_client.tasks import WAIT, Task
from ..qt import QtCore, QTimer

TICK_MS = 50
QUICK_TICK_MS = 2
BUDGET_S = 0.018
WATCH_EVERY_S = 0.25


class Ticker(QtCore.QObject):
    """`inbox` has (call, values) that are due; `failed(error)` is told what a call or a task raised; `watch()` is
    called now and then."""

    _woken = QtCore.pyqtSignal()

    def __init__(self, inbox: Any, watch: Callable[[], Any], failed: Callable[[BaseException], None]) -> None:
        super().__init__()
        self.longest_s = 0.0
        self._inbox = inbox
        self._watch = watch
        self._watched_at = 0.0
        self._failed = failed
        self._tasks: Deque[Task] = deque()
        self._busy = False
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._woken.connect(self._tick, QtCore.Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        self._tasks.clear()

    def wake(self) -> None:
        """From any thread: something lies in the inbox, which need not wait for the timer."""
        with suppress(RuntimeError):  # Krita has quit, and taken this along
            self._woken.emit()

    def add(self, task: Task) -> None:
        """Go through a task in the coming ticks."""
        self._tasks.append(task)
        self._timer.setInterval(QUICK_TICK_MS)

    def _tick(self) -> None:
        if self._busy or not self._timer.isActive():
            return
        self._busy = True
        begun = time.perf_counter()
        try:
            if begun - self._watched_at > WATCH_EVERY_S:
                self._watched_at = begun
                self._guarded(self._watch)
            while self._step() and time.perf_counter() - begun < BUDGET_S:
                pass
        finally:
            self._busy = False
            self.longest_s = max(self.longest_s, time.perf_counter() - begun)
            self._timer.setInterval(QUICK_TICK_MS if self._tasks else TICK_MS)

    def _step(self) -> bool:
        """One call that is due, else one step of a task; False when there is neither, or the task waits."""
        try:
            call, values = self._inbox.get_nowait()
        except queue.Empty:
            return self._step_task()
        self._guarded(call, *values)
        return True

    def _guarded(self, call: Callable[..., Any], *values: Any) -> None:
        try:
            call(*values)
        except Exception as error:  # the border to Krita: an exception here would reach nobody
            self._report(error)

    def _report(self, error: BaseException) -> None:
        try:
            self._failed(error)
        except RuntimeError:  # the window, and the docker with it, are gone
            self.stop()

    def _step_task(self) -> bool:
        if not self._tasks:
            return False
        task = self._tasks[0]
        try:
            return next(task) is not WAIT
        except StopIteration:
            pass
        except Exception as error:
            self._report(error)
        if task in self._tasks:  # a nested event loop may have stopped everything
            self._tasks.remove(task)
        return bool(self._tasks)
