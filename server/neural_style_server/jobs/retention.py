"""What is deleted, and when: old results and paused jobs, unused pictures, and old results when the disk limit is
reached. Also ends idle workers and retries failed writes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from functools import partial

from ..engine.memory.release import release_all
from ..settings import Settings
from .disk_limit import DiskLimit, folder_bytes
from .image_store import ImageStore
from .record import ENDED, PAUSED
from .store import JobStore
from .table import Job, JobTable
from .workers import WorkerPool

log = logging.getLogger(__name__)
CLOSE_S, FLUSH_S = 15.0, 5.0

FRESH_S = 600.0
"""No result younger than this is deleted to make room: its client may be fetching it."""

CLOCK_S = 600.0
"""Nothing is deleted by its age before the daemon has known it this long, so that a clock that is wrong for some
minutes, as after an empty battery, deletes nothing."""


class Retention:
    """By max_jobs_kept, result_keep_s and paused_keep_s of the settings."""

    def __init__(
        self,
        table: JobTable,
        store: JobStore,
        images: ImageStore,
        pool: WorkerPool,
        disk: DiskLimit,
        settings: Settings,
    ) -> None:
        self._table, self._store, self._images, self._pool = table, store, images, pool
        self._max_kept, self._keep_s = settings.max_jobs_kept, settings.result_keep_s
        self._paused_keep_s = settings.paused_keep_s
        self._began, self._given_back = time.monotonic(), table.ended
        disk.evictors.append(partial(self.evict, None))

    def tidy(self) -> None:
        """Call this regularly, on a thread that may wait."""
        self._pool.tidy()
        self.delete_old()
        self._store.retry()
        if time.monotonic() - self._began > min(self._keep_s, CLOCK_S):
            self._store.forget_set_aside(self._paused_keep_s)
            self._images.sweep(self._keep_s, time.time())
        if self._table.ended != self._given_back and not (self._table.waiting() or self._table.painted()):
            self._given_back = self._table.ended
            release_all()

    def delete_old(self) -> None:
        """Delete the jobs beyond the number or age limits."""
        now = time.time()
        with self._table.lock:
            jobs = self._table.all()
            over = abandoned(jobs, self._paused_keep_s, now)
            free, latest = self._deletable(jobs), self._table.latest()
            old = [
                job
                for owner in {job.owner for job in free}
                for job in outdated(_of(owner, free), self._max_kept, self._keep_s, now, latest)
            ]
            for job in [*old, *over]:
                self._table.remove(job)
        for job in over:
            log.info("job %s was paused and not resumed for too long: it is deleted", job.id, extra={"job": job.id})

    def forget_frame(self, job: Job) -> None:
        """A frame of a sequence was deleted: its pictures go at once, for there may be many in a short time."""
        if job.record.sequence is not None:
            self._images.drop(job.record.images(), job.record.created)

    def evict(self, user: str | None, wanted: int) -> int:
        """Delete the oldest results of a user, or of all; answers how many bytes have gone."""
        freed, now = 0, time.time()
        for job in outdated(_of(user, self._deletable(self._table.all())), 0, self._keep_s, now, self._table.latest()):
            if freed < wanted and now - _finished(job) > FRESH_S:
                size = folder_bytes(job.folder)
                with self._table.lock:
                    if job.state in ENDED:  # no client has gone on with it meanwhile
                        self._table.remove(job)
                        freed += size
        if freed:
            self._store.flush(FLUSH_S)
        return freed

    def _deletable(self, jobs: Iterable[Job]) -> list[Job]:
        """Without those that a successor in their sequence is still to be painted from."""
        needed = self._table.needed()
        return [job for job in jobs if job.id not in needed]


class Ticker:
    """Calls `action` every `period_s` on a thread of its own, whatever it raises, until closed."""

    def __init__(self, action: Callable[[], None], period_s: float) -> None:
        self._action, self._period_s = action, period_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while not self._closing.wait(self._period_s):
            try:
                self._action()
            except Exception:  # this thread must outlive whatever the disk may hold
                log.exception("the regular tidying failed")


def outdated(jobs: Iterable[Job], most: int, keep_s: float, now: float, latest: Collection[str] = ()) -> list[Job]:
    """The ended jobs beyond the number or age limit, the oldest first; of the `latest` only those beyond the age."""
    ended = sorted((job for job in jobs if job.state in ENDED), key=_finished)
    counted = [job for job in ended if job.id not in latest]
    extra = set(map(id, counted[: max(0, len(ended) - most)]))
    return [job for job in ended if id(job) in extra or _is_over(job, _finished(job), keep_s, now)]


def abandoned(jobs: Iterable[Job], keep_s: float, now: float) -> list[Job]:
    """The jobs that have been paused for longer than `keep_s`."""
    return [job for job in jobs if job.state == PAUSED and _is_over(job, job.changed, keep_s, now)]


def _of(user: str | None, jobs: Iterable[Job]) -> list[Job]:
    """A user's, or all."""
    return [job for job in jobs if user in (None, job.owner)]


def _finished(job: Job) -> float:
    return job.record.finished or job.record.created


def _is_over(job: Job, since: float, keep_s: float, now: float) -> bool:
    return now - since > keep_s and time.monotonic() - job.since > min(keep_s, CLOCK_S)
