"""Who follows a job's events, and what happens when nobody does any longer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator

from .job import ENDED, QUEUED, RUNNING, Job, JobEvent

RECONNECT_S = 1.0
"""How long a client whose stream broke may take to come back before its job is cancelled."""

ATTACH_S = 5.0
"""How long the client of a new job may take to come and follow it: one killed in between leaves no orphan, and one on a
busy machine is not taken for dead."""


class Readers:
    """Shares the queue's condition. `abandoned` is called, without the lock, for a job that wanted to end then."""

    def __init__(self, changed: threading.Condition, abandoned: Callable[[Job], None]) -> None:
        self._changed, self._abandoned = changed, abandoned
        self._timers: set[threading.Timer] = set()
        self._closing = False

    def expect(self, job: Job) -> None:
        """A new job's client is to come soon."""
        self._look_again(job, ATTACH_S)

    def follow(self, job: Job, after: int, patience_s: float) -> Generator[JobEvent | None]:
        """Events after number `after` as they come; None whenever `patience_s` passes without one."""
        with self._changed:
            job.readers += 1
            if after > job.told:  # a number that this job has never given out
                after = 0
        try:
            while True:
                news, over = self._next(job, after, patience_s)
                for event in news:
                    after = event.number
                    yield event
                if over:
                    return
                if not news:
                    yield None
        finally:
            self._left(job)

    def hang_up(self) -> None:
        """All streams end soon. Takes no lock, so that a signal handler may call it."""
        self._closing = True

    def close(self) -> None:
        self._closing = True
        with self._changed:
            timers, self._timers = self._timers, set()
            self._changed.notify_all()
        for timer in timers:
            timer.cancel()
            timer.join()

    def _next(self, job: Job, after: int, patience_s: float) -> tuple[list[JobEvent], bool]:
        """What is new, and whether that is all."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or _has_more(job, after), timeout=patience_s)
            news = [event for event in job.events if event.number > after]
            return news, self._closing or (job.state in ENDED and not news)

    def _left(self, job: Job) -> None:
        with self._changed:
            job.readers -= 1
        self._look_again(job, RECONNECT_S)

    def _look_again(self, job: Job, after_s: float) -> None:
        with self._changed:
            if self._closing or not _wants_to_end(job):
                return
            timer = threading.Timer(after_s, self._check, (job,))
            timer.name, timer.daemon = "reconnect", True
            self._timers = {old for old in self._timers if old.is_alive()} | {timer}
            timer.start()

    def _check(self, job: Job) -> None:
        with self._changed:
            ends = not self._closing and _wants_to_end(job)
        if ends:
            self._abandoned(job)


def _has_more(job: Job, after: int) -> bool:
    return job.state in ENDED or bool(job.events and job.events[-1].number > after)


def _wants_to_end(job: Job) -> bool:
    return not job.readers and job.on_disconnect == "cancel" and job.state in (QUEUED, RUNNING)
