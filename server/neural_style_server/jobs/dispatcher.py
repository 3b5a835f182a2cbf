"""Hands waiting jobs to workers, and what these report of their runs to `run_reports.py`.

Each attempt at a job is a run with its own id, so that late messages of an earlier run are not taken for the present
one's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from .corrections import Corrections
from .counters import Counters
from .event_streams import EventStreams
from .messages import ChangeRun, Ended, EndRun, ExtendRun, FrameWritten, Progress, RunMessage, Started
from .record import CANCELLED, FAILED, PAUSED, QUEUED, RUNNING
from .run_reports import RunReports
from .scheduler import Scheduler
from .store import JobStore
from .table import Action, Job, JobTable
from .workers import WorkerPool

log = logging.getLogger(__name__)


class Dispatcher:
    """The pool's listener. Methods that take a job need the table's lock; the others take it themselves."""

    def __init__(
        self,
        table: JobTable,
        store: JobStore,
        streams: EventStreams,
        pool: WorkerPool,
        counters: Counters,
        corrections: Corrections,
    ) -> None:
        self._table, self._store, self._streams, self._pool = table, store, streams, pool
        self._counters = counters
        self._reports, self._scheduler = RunReports(table, store, counters, corrections), Scheduler()
        self._numbers = count(1)
        self._runs: dict[str, Job] = {}
        self.closing = False
        pool.listen(self)

    def dispatch(self) -> None:
        """Start as many waiting jobs as possible, and workers for the rest."""
        with self._table.lock:
            while not self.closing:
                waiting, running = self._table.waiting(), self._table.painted()
                if not waiting:
                    return
                idle_soon = self._pool.ensure(len(waiting) + len(running))
                choice = self._scheduler.next(waiting, running, self._ready(), idle_soon)
                if choice is None:
                    return
                self._hand_out(*choice)

    def request(self, job: Job, action: Action) -> None:
        """Request an action of the worker that has the job, or else of the next one that gets it."""
        if job.record.resting:
            # nothing is to be saved; a result is written by a worker
            self._table.set_state(job, QUEUED if action == "finish" else PAUSED)
            job.requested = action if action == "finish" else None
            return
        job.requested = action
        if job.run is not None and job.state == RUNNING:
            self._pool.send(job.run, EndRun(op="pause" if action == "yield" else action, id=job.run))

    def extend(self, job: Job, extensions: list[int]) -> None:
        """Send a running job's extensions to its worker."""
        if job.run is not None:
            self._pool.send(job.run, ExtendRun(id=job.run, extensions=extensions))

    def change(self, job: Job) -> None:
        """A live job's task has changed: its worker is told, or it is given to one again."""
        if job.record.resting:
            self._table.set_state(job, QUEUED)
            self.dispatch()
        elif job.run is not None and job.state == RUNNING:
            self._pool.send(job.run, ChangeRun(id=job.run))

    def cancel(self, job: Job) -> None:
        """The state changes at once; the worker stops after its present iteration."""
        run = job.run if job.state == RUNNING else None
        self._table.end(job, CANCELLED)
        if run is not None:
            self._pool.send(run, EndRun(op="cancel", id=run))
        self.dispatch()

    def forget_clients(self) -> None:
        with self._table.lock:
            self._scheduler.keep_only({job.client for job in self._table.all()})

    # The pool's listener

    def on_ready(self) -> None:
        self.dispatch()

    def on_message(self, message: RunMessage) -> None:
        with self._table.lock:
            job = self._runs.get(message.id)
            if job is None:
                return
            present = _is_present(job, message.id)
            if isinstance(message, Ended):
                self._let_go(message.id)
                self._count_cache(message)
            if not present:
                return
            if isinstance(message, Started):
                self._reports.started(job, message)
            elif isinstance(message, Progress):
                self._reports.progress(job, message)
                self._end_turn_if_due(job)
            elif isinstance(message, FrameWritten):
                self._reports.frame(job, message)
            else:
                self._on_ended(job, message)

    def on_lost(self, runs: Sequence[str], code: int | None, problem: Mapping[str, Any] | None) -> None:
        with self._table.lock:
            for run in runs:
                job = self._runs[run]
                if _is_present(job, run) and code is not None:
                    self._reports.died(job, code)
                self._let_go(run)
            if problem is not None:
                for job in [*self._table.in_state(QUEUED), *self._table.painted()]:
                    job.record.error = dict(problem)
                    self._table.end(job, FAILED)
            self.dispatch()

    # With the lock held

    def _ready(self) -> list[str]:
        return [worker.id for worker in self._pool.workers() if worker.state == "ready"]

    def _hand_out(self, job: Job, worker: str) -> None:
        run = f"{job.id}-{next(self._numbers)}"
        if not self._pool.start(worker, run, job.folder, job.iteration_s, job.record.live):
            return
        status = next(item for item in self._pool.workers() if item.id == worker)
        record = job.record
        self._scheduler.served(job.client, time.monotonic())
        record.started = record.started or time.time()
        record.attempts += 1
        record.versions = {**record.versions, **status.versions}
        self._counters.add("stage_seconds", "waiting", time.monotonic() - job.since)
        job.run, job.worker, job.held = run, worker, job.held + 1
        job.heard, job.device = None, status.device or worker
        self._runs[run] = job
        self._table.set_state(job, RUNNING)
        self._reports.handed_out(job, status.calibration)
        if record.sequence is not None:  # a frame is followed once those before it are done
            self._streams.expect(job.log)
        log.info("job %s begins on %s", job.id, worker, extra=_of(job))
        if job.requested is not None:
            self.request(job, job.requested)

    def _count_cache(self, message: Ended) -> None:
        for label, times in (("hit", message.cache_hits), ("miss", message.cache_misses)):
            self._counters.add("targets", label, times)

    def _let_go(self, run: str) -> None:
        """The worker no longer has this run."""
        job = self._runs.pop(run)
        job.held -= 1
        if not job.held and not self._table.has(job):
            self._store.clear(job.id)

    def _end_turn_if_due(self, job: Job) -> None:
        waiting, running = self._table.waiting(), self._table.painted()
        if waiting and self._scheduler.must_wait(job, waiting, running, self._ready(), time.monotonic()):
            self.request(job, "yield")

    def _on_ended(self, job: Job, message: Ended) -> None:
        log.info("job %s: its run is %s", job.id, message.state, extra=_of(job))
        if message.state == PAUSED and job.requested in ("yield", "finish") and not self.closing:
            self._reports.turn_ended(job, message)
            self._scheduler.served(job.client, time.monotonic())
        else:
            self._reports.ended(job, message)
        self.dispatch()


def _of(job: Job) -> dict[str, str]:
    """For the log."""
    return {"job": job.id, "user": job.owner}


def _is_present(job: Job, run: str) -> bool:
    return job.run == run and job.state == RUNNING
