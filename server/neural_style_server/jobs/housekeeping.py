"""What happens now and then: a thread that wakes for it, and which jobs and pictures may go."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .job import ENDED, PAUSED, Job

log = logging.getLogger(__name__)
CLOSE_S = 15.0

CLOCK_S = 600.0
"""Nothing goes because its time is over before this daemon has known it so long: a clock that is wrong for some
minutes, as after an empty battery, must cost nothing."""


class Housekeeping:
    """Calls `tidy` every `period_s` on a thread of its own, whatever `tidy` meets, until closed."""

    def __init__(self, tidy: Callable[[], None], period_s: float) -> None:
        self._tidy, self._period_s = tidy, period_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while not self._closing.wait(self._period_s):
            try:
                self._tidy()
            except Exception:  # this thread must outlive whatever the disk may hold
                log.exception("housekeeping failed")


def outdated(jobs: Iterable[Job], most: int, keep_s: float, now: float) -> list[Job]:
    """The ended jobs beyond the number or the time that they are kept."""
    ended = sorted((job for job in jobs if job.state in ENDED), key=lambda job: job.finished or job.created)
    extra = len(ended) - most
    return [job for i, job in enumerate(ended) if i < extra or _is_over(job, job.finished or job.created, keep_s, now)]


def abandoned(jobs: Iterable[Job], keep_s: float, now: float) -> list[Job]:
    """The paused jobs that nobody has resumed for so long."""
    return [job for job in jobs if job.state == PAUSED and _is_over(job, job.changed, keep_s, now)]


def _is_over(job: Job, since: float, keep_s: float, now: float) -> bool:
    return now - since > keep_s and time.monotonic() - job.since > min(keep_s, CLOCK_S)


def named_images(job: Job) -> list[str]:
    """The uploaded pictures that a job is made of."""
    request = job.request
    found = [request["content"], request["mask"], request["init"]]
    for region in request["regions"]:
        found += [region["mask"], region["style"], region["style_mask"]]
    return [item for item in found if item is not None]


def folder_bytes(folder: Path) -> int:
    """What the files below a folder take."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.stat(os.path.join(root, name)).st_size
    return total
