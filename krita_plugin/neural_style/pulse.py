"""The one timer: everything that touches Krita happens in its beat.

Krita's calls spin the event loop, so a beat can begin inside another; the busy flag lets that one pass.
Longer work is a generator that yields after every few milliseconds; a beat goes on with it until its time
is up, so that the canvas stays free.
"""

import queue
import time
from collections import deque
from typing import Any, Callable, Iterator

from .qt import QtCore, QTimer

BEAT_MS = 50
QUICK_BEAT_MS = 2
BUDGET_S = 0.018
WATCH_EVERY_S = 0.25


class Pulse(QtCore.QObject):
    """`failed(error)` hears what a message or a piece of work raised; `watch()` is called now and then."""

    def __init__(
        self, inbox: "queue.Queue[Any]", watch: Callable[[], Any], failed: Callable[[BaseException], None]
    ) -> None:
        super().__init__()
        self.longest_s = 0.0
        self._inbox = inbox
        self._watch = watch
        self._watched_at = 0.0
        self._failed = failed
        self._work = deque()  # type: deque
        self._busy = False
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        self._work.clear()

    def add(self, work: "Iterator[Any]") -> None:
        """Go through a generator in the coming beats."""
        self._work.append(work)
        self._timer.setInterval(QUICK_BEAT_MS)

    def _beat(self) -> None:
        if self._busy:
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
            self._timer.setInterval(QUICK_BEAT_MS if self._work else BEAT_MS)

    def _step(self) -> bool:
        """One message, else one piece of work; False when there is neither."""
        try:
            reply = self._inbox.get_nowait()
        except queue.Empty:
            return self._work_on()
        self._guarded(reply.call, *reply.values)
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

    def _work_on(self) -> bool:
        if not self._work:
            return False
        work = self._work[0]
        try:
            wish = next(work)
        except StopIteration:
            self._drop(work)
            return bool(self._work)
        except Exception as error:
            self._drop(work)
            self._report(error)
            return bool(self._work)
        return wish is not REST

    def _drop(self, work: "Iterator[Any]") -> None:
        if work in self._work:  # a nested event loop may have stopped everything
            self._work.remove(work)


REST = object()
"""What work yields to let Krita's own event loop run before it goes on."""


def until(condition: Callable[[], bool], patience_s: float = 2.0) -> Iterator[Any]:
    """`yield from` it to wait for Krita; whether it came true in time is the value."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        yield REST
    return True


def rest(seconds: float) -> Iterator[Any]:
    """Let Krita's event loop run for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield REST
