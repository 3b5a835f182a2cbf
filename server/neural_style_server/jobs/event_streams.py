"""The events of a job, numbered from 1, for any number of readers; a job can be cancelled when it has none.

Each log has its own condition, so an event wakes only the readers of its job. No lock is held while code outside this
module is called.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable
from typing import Any, NamedTuple

MOST_EVENTS = 5000
"""Events kept for late readers. Beyond it, older ones are thinned: progress first, then live frames."""

RECONNECT_S = 1.0
"""How long a client whose stream broke has to reconnect before its job is cancelled."""

ATTACH_S = 5.0
"""How long the client of a new job has to follow it: a killed client leaves no job behind, and one on a busy machine is
not taken for dead."""

ENDS = ("done", "error")


class JobEvent(NamedTuple):
    """Numbered within its job."""

    number: int
    name: str
    data: dict[str, Any]


class EventLog:
    """One job's events. `last` is the number of the latest; `abandoned` is called a while after the last reader has
    left, unless the job has ended by then. left: when a reader last did, by the monotonic clock."""

    def __init__(self, last: int = 0) -> None:
        self.changed = threading.Condition()
        self.last, self.events = last, list[JobEvent]()
        self.ended, self.readers = False, 0
        self.left: float | None = None
        self.abandoned: Callable[[], None] | None = None

    def add(self, name: str, data: dict[str, Any]) -> int:
        with self.changed:
            self.last += 1
            self.events.append(JobEvent(self.last, name, data))
            self.ended = self.ended or name in ENDS
            if len(self.events) > MOST_EVENTS:
                self._thin()
            self.changed.notify_all()
            return self.last

    def reopen(self) -> None:
        """The job continues: readers do not stop at its former end."""
        with self.changed:
            self.ended = False
            self.events = [event for event in self.events if event.name not in ENDS]

    def close(self) -> None:
        """The job is deleted: its readers get the rest and end."""
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def after(self, number: int) -> list[JobEvent]:
        return self.events[bisect_right(self.events, number, key=lambda event: event.number) :]

    def has_more(self, number: int) -> bool:
        return bool(self.events) and self.events[-1].number > number

    def _thin(self) -> None:
        half = MOST_EVENTS // 2
        old, new = self.events[:half], self.events[half:]
        old = [event for i, event in enumerate(old) if event.name != "progress" or i % 4 == 0]
        if len(old) > 0.9 * half:
            old = [event for event in old if event.name != "frame" or event.data.get("kept")]
        self.events = old[len(old) // 2 :] + new if len(old) > 0.9 * half else old + new


class EventStreams:
    """Readers of event logs, and what happens when a log that has `abandoned` set has no reader left."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timers: set[threading.Timer] = set()
        self._closing = False

    def expect(self, log: EventLog) -> None:
        """Give the client of a new job ATTACH_S to follow it."""
        self._look_again(log, ATTACH_S)

    def follow(self, log: EventLog, after: int, patience_s: float) -> Generator[JobEvent | None]:
        """Events after number `after` as they come; None whenever `patience_s` passes without one."""
        with log.changed:
            log.readers += 1
            if after > log.last:  # a number that this job has never given out
                after = 0
        try:
            while True:
                with log.changed:
                    news = self._wait(log, after, patience_s)
                    over = self._closing or (log.ended and not news)
                for event in news:
                    after = event.number
                    yield event
                if over:
                    return
                if not news:
                    yield None
        finally:
            with log.changed:
                log.readers -= 1
                log.left = time.monotonic()
            self._look_again(log, RECONNECT_S)

    def hang_up(self) -> None:
        """End all streams soon. Takes no lock, so that a signal handler may call it."""
        self._closing = True

    def close(self, logs: Iterable[EventLog]) -> None:
        """End the streams of these logs now, and all timers."""
        self._closing = True
        for log in logs:
            with log.changed:
                log.changed.notify_all()
        with self._lock:
            timers, self._timers = self._timers, set()
        for timer in timers:
            timer.cancel()
            timer.join()

    def _wait(self, log: EventLog, after: int, patience_s: float) -> list[JobEvent]:
        log.changed.wait_for(lambda: self._closing or log.ended or log.has_more(after), timeout=patience_s)
        return log.after(after)

    def _look_again(self, log: EventLog, after_s: float) -> None:
        if log.readers or log.ended or log.abandoned is None:
            return
        timer = threading.Timer(after_s, self._check, (log,))
        timer.name, timer.daemon = "reconnect", True
        with self._lock:
            if self._closing:
                return
            self._timers = {old for old in self._timers if old.is_alive()} | {timer}
            timer.start()

    def _check(self, log: EventLog) -> None:
        if not self._closing and not log.readers and not log.ended and log.abandoned is not None:
            log.abandoned()
