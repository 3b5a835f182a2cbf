"""The jobs and their records: who there is, in which state, saved and told. The lowest part of the queue."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from pathlib import Path

from ..errors import NotFound, StorageError
from ..files import private_folder
from .housekeeping import abandoned, named_images, outdated
from .job import ENDED, FAILED, QUEUED, RUNNING, Job, load
from .worker_process import WorkerLike

log = logging.getLogger(__name__)


class Board:
    """Jobs by id, in `folder`. Everything with a leading underscore needs the lock, `_changed`, unless it says so."""

    def __init__(self, folder: Path, max_kept: int, keep_s: float, paused_keep_s: float) -> None:
        self._folder = private_folder(folder)
        self._max_kept, self._keep_s, self._paused_keep_s = max_kept, keep_s, paused_keep_s
        self._changed = threading.Condition()
        self._jobs = _load_all(self._folder)
        self._runs: dict[str, tuple[Job, WorkerLike]] = {}
        self._served: dict[str, float] = {}
        self._unsaved: set[str] = set()
        self._freed = False
        self._idle_since = time.monotonic()

    def counts(self) -> dict[str, int]:
        with self._changed:
            return {state: sum(job.state == state for job in self._jobs.values()) for state in (QUEUED, RUNNING)}

    def _find(self, identity: str) -> Job:
        job = self._jobs.get(identity)
        if job is None:
            raise NotFound(f"There is no job {identity[:40]!r}.")
        return job

    def _set_state(self, job: Job, state: str) -> None:
        job.state, job.since = state, time.monotonic()
        job.tell("state", state=state)
        self._save(job)
        self._changed.notify_all()

    def _end(self, job: Job, state: str) -> None:
        job.finished, job.state, job.wish, job.eta = time.time(), state, None, 0.0
        job.since = time.monotonic()
        if state == FAILED:
            job.tell("error", **(job.error or {}))
        else:
            job.tell("done", state=state)
        self._save(job)
        self._idle_since, self._freed = time.monotonic(), True
        self._changed.notify_all()

    def _save(self, job: Job) -> None:
        """A full disk must stop neither the queue nor the painting; housekeeping tries again."""
        if self._jobs.get(job.id) is not job:
            return
        try:
            job.save()
            self._unsaved.discard(job.id)
        except StorageError as error:
            log.warning("the record of job %s could not be saved: %s", job.id, error.detail)
            self._unsaved.add(job.id)

    def _remove(self, job: Job) -> None:
        """Forget a job. Its files go at once, or, where the worker still writes them, when it has let go. Its record
        goes first of all: a daemon that is killed in between must not find it again."""
        self._jobs.pop(job.id, None)
        self._freed = True
        self._unsaved.discard(job.id)
        job.forget()
        if all(other is not job for other, _ in self._runs.values()):
            shutil.rmtree(job.folder, ignore_errors=True)

    def _forget_old(self) -> None:
        now = time.time()
        for job in outdated(self._jobs.values(), self._max_kept, self._keep_s, now):
            self._remove(job)
        for job in abandoned(self._jobs.values(), self._paused_keep_s, now):
            log.info("job %s was paused and not resumed for too long: it is forgotten", job.id)
            self._remove(job)
        clients = {job.client for job in self._jobs.values()}
        self._served = {client: when for client, when in self._served.items() if client in clients}

    def _needed_images(self) -> set[str]:
        """Pictures that must not go while their jobs are unfinished. Without the lock."""
        with self._changed:
            return {item for job in self._jobs.values() if job.state not in ENDED for item in named_images(job)}


def _load_all(folder: Path) -> dict[str, Job]:
    """The records by id; a folder that was left before it had one is taken away."""
    jobs = {}
    for path in sorted(folder.iterdir()):
        job = load(path)
        if job is not None:
            jobs[job.id] = job
        elif path.is_dir() and not (path / "job.json").exists():
            shutil.rmtree(path, ignore_errors=True)
    return jobs
