"""How many jobs there may be at once: in all, and of each user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import TooMany
from ..settings import Settings
from ..users import OWNER
from .record import PAUSED, QUEUED
from .table import Job, JobTable


class JobLimits:
    """By max_jobs_queued, of jobs that wait or run, max_jobs_paused, and user_jobs_queued, which does not bind the
    daemon's owner."""

    def __init__(self, table: JobTable, settings: Settings) -> None:
        self._table, self._settings = table, settings
        self._creating: Counter[str] = Counter()

    @contextmanager
    def place(self, owner: str) -> Iterator[None]:
        """A place for a job that is being made. Raises TooMany."""
        with self._table.lock:
            self._check(owner)
            self._creating[owner] += 1
        try:
            yield
        finally:
            with self._table.lock:
                self._creating[owner] -= 1

    def _check(self, owner: str) -> None:
        waiting = [*self._table.in_state(QUEUED), *self._table.painted()]
        if len(waiting) + self._creating.total() >= self._settings.max_jobs_queued:
            raise TooMany(f"{len(waiting)} jobs are waiting or running already, which is the limit.")
        own = _count(waiting, owner) + self._creating[owner]
        if owner != OWNER and own >= self._settings.user_jobs_queued:
            raise TooMany(f"{own} of your jobs are waiting or running already, which is the limit for each user.")
        paused = self._table.in_state(PAUSED)
        if _count(paused, owner) >= self._settings.max_jobs_paused:
            raise TooMany(
                f"{_count(paused, owner)} jobs are paused, which is the limit.",
                hint="Resume or delete some of them first.",
            )


def _count(jobs: list[Job], owner: str) -> int:
    return sum(job.owner == owner for job in jobs)
