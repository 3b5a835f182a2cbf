"""What clients do with jobs: submit, follow, control, delete."""

from __future__ import annotations

import copy
from collections.abc import Generator
from pathlib import Path
from typing import Any

from ..errors import Conflict
from ..pixels import Picture
from ..users import OWNER
from .abandoned import AbandonedJobs
from .create import JobCreator
from .dispatcher import Dispatcher
from .event_streams import EventStreams, JobEvent
from .job_limits import JobLimits
from .record import DONE, ENDED, PAUSED, QUEUED, RUNNING, FramePlace
from .retention import Retention
from .short_waits import ShortWaits
from .spec import ChangeSpec, JobOptions, JobSpec
from .status import JobsStatus
from .store import JobStore
from .table import Action, Job, JobTable
from .task_changes import TaskChanges
from .workers import WorkerPool


class JobController:
    """Requests about a job raise NotFound where there is none, and Conflict where its state does not allow it.

    This one is the owner's; `of` answers another user's. Each knows the jobs of its user alone: `_job` decides it.
    """

    def __init__(
        self,
        table: JobTable,
        store: JobStore,
        streams: EventStreams,
        dispatcher: Dispatcher,
        pool: WorkerPool,
        creator: JobCreator,
        retention: Retention,
        status: JobsStatus,
        limits: JobLimits,
    ) -> None:
        self._table, self._store, self._streams = table, store, streams
        self._dispatcher, self._pool, self._retention = dispatcher, pool, retention
        self._creator, self.status = creator, status
        self._limits, self._owner = limits, OWNER
        self._changes = TaskChanges(table, dispatcher, self._go_on)
        self._waits = ShortWaits(table, store)
        self._abandoned = AbandonedJobs(table, streams, dispatcher)
        for job in table.all():
            self._abandoned.watch(job)

    def of(self, user: str, creator: JobCreator) -> JobController:
        """Another user's, with the same workers, limits and files."""
        mine = copy.copy(self)
        mine._owner, mine._creator = user, creator
        return mine

    def jobs(self) -> list[dict[str, Any]]:
        """The user's jobs, newest first."""
        with self._table.lock:
            records = [job.record.model_copy() for job in self._table.all() if job.owner == self._owner]
        return [record.view() for record in sorted(records, key=lambda record: -record.created)]

    def workers(self) -> list[dict[str, Any]]:
        """What `GET /v1/workers` answers, with the jobs of the user alone."""
        return self.status.workers(self._owner)

    def warm(self) -> None:
        """Start a worker if there is none."""
        self._pool.ensure(1)

    def unload(self) -> None:
        """End the workers and free their memory; the next job starts one. Raises Conflict while a job is painted."""
        with self._table.lock:
            if self._table.waiting() or self._table.painted():
                raise Conflict("A job is being painted.", hint="Pause or cancel it first.")
            end_workers = self._pool.detach()
        end_workers()

    def forecast(self, spec: JobOptions, width: int, height: int) -> dict[str, Any]:
        """The time, memory and disk space that a job would take; starts nothing."""
        return self._creator.forecast(spec, width, height)

    def submit(self, spec: JobSpec, place: FramePlace | None = None, key: Picture | None = None) -> dict[str, Any]:
        """Queue a new job; with `place` it is a frame of a sequence, and done at once with `key`. Raises TooMany at the
        limits, and what `JobCreator.create` raises."""
        with self._limits.place(self._owner):
            record = self._creator.create(spec, place, key)
            with self._table.lock:
                job = self._table.add(record)
                self._abandoned.watch(job)
                self._streams.expect(job.log)
                if key is not None:
                    job.record.iteration = job.record.iterations
                    self._table.end(job, DONE)
                self._dispatcher.dispatch()
                view = job.record.view()
        self._retention.delete_old()
        self._dispatcher.forget_clients()
        return view

    def job(self, identity: str) -> dict[str, Any]:
        with self._table.lock:
            return self._job(identity).record.view()

    def folder(self, identity: str) -> Path:
        return self._job(identity).folder

    def events(self, identity: str, after: int, patience_s: float) -> Generator[JobEvent | None]:
        """Events after number `after` as they come; None whenever `patience_s` passes without one."""
        return self._streams.follow(self._job(identity).log, after, patience_s)

    def cancel(self, identity: str, wait: bool = True) -> dict[str, Any]:
        """The state changes at once; the worker stops after its present iteration. `wait` for the disk, a moment."""
        with self._table.lock:
            job = self._find(identity, ENDED, "cancelled")
            self._dispatcher.cancel(job)
            view = job.record.view()
        if wait:
            self._waits.wait()
        return view

    def pause(self, identity: str) -> dict[str, Any]:
        """Save the job and stop. If that takes longer than a moment, the answer still says running."""
        with self._table.lock:
            job = self._find(identity, (*ENDED, PAUSED), "paused")
            if job.state == QUEUED:
                self._table.set_state(job, PAUSED)
        return self._await(job, "pause")

    def resume(self, identity: str) -> dict[str, Any]:
        """Continue from the last checkpoint; the picture is the same as without the pause."""
        return self._continue(identity, (*ENDED, QUEUED, RUNNING), "resumed")

    def retry(self, identity: str) -> dict[str, Any]:
        """Continue a paused, cancelled or failed job from its last checkpoint."""
        return self._continue(identity, (DONE, QUEUED, RUNNING), "taken up again")

    def finish(self, identity: str) -> dict[str, Any]:
        """End a running or paused job with the picture as it is now. If that takes longer than a moment, the answer
        still says running."""
        with self._table.lock:
            job = self._find(identity, (*ENDED, QUEUED), "finished early")
            if job.state == PAUSED:
                self._reopen(job)
        return self._await(job, "finish")

    def extend(self, identity: str, iterations: int) -> dict[str, Any]:
        """Add iterations: to those of a running job, else from the last checkpoint."""
        return self._changes.extend(self._job(identity), iterations, self._creator)

    def change(self, identity: str, spec: ChangeSpec) -> dict[str, Any]:
        """Change a live job; what it paints next follows. Raises Conflict where it is not live or has ended, and what
        `JobCreator.change` raises; then nothing has changed."""
        return self._changes.change(self._job(identity), spec, self._creator)

    def delete(self, identity: str, wait: bool = True) -> None:
        """Delete a job and its files, cancelling it first if it is unfinished. `wait` for the disk, a moment."""
        with self._table.lock:
            job = self._job(identity)
            if identity in self._table.needed():
                detail = "The next frame of its sequence is painted from this one, so it cannot be deleted yet."
                raise Conflict(detail, hint="Wait until that one is done, or delete the sequence.", code="needed")
            if job.state not in ENDED:
                self._dispatcher.cancel(job)
            self._table.remove(job)
        self._retention.forget_frame(job)
        if wait:
            self._waits.wait()

    def hang_up(self) -> None:
        """End the event streams and start no more jobs. Takes no lock: a signal handler calls it."""
        self._dispatcher.closing = True
        self._streams.hang_up()

    def close(self) -> None:
        """End the workers, which save their jobs first, and pause what is unfinished."""
        self.hang_up()
        self._streams.close(job.log for job in self._table.all())
        with self._table.lock:
            end_workers = self._pool.detach()
        end_workers()
        with self._table.lock:
            for job in self._table.in_state(QUEUED, RUNNING):
                self._table.set_state(job, PAUSED)

    def _continue(self, identity: str, refused: tuple[str, ...], action: str) -> dict[str, Any]:
        with self._table.lock:
            job = self._find(identity, refused, action)
            self._go_on(job)
            return job.record.view()

    def _job(self, identity: str) -> Job:
        """Raises NotFound where the user has no such job."""
        return self._table.find(identity, self._owner)

    def _find(self, identity: str, refused: tuple[str, ...], action: str) -> Job:
        job = self._job(identity)
        job.refuse_in(refused, action)
        return job

    def _await(self, job: Job, action: Action) -> dict[str, Any]:
        """Request the action if the job is unfinished, and wait a moment for it, but not for the job's turn."""
        with self._table.lock:
            if job.state in (QUEUED, RUNNING):
                self._dispatcher.request(job, action)
                self._dispatcher.dispatch()
        self._waits.wait(job)
        with self._table.lock:
            return job.record.view()

    def _go_on(self, job: Job) -> None:
        self._reopen(job)
        self._dispatcher.dispatch()

    def _reopen(self, job: Job) -> None:
        """Queue it again. Its client has to follow it as if it were new."""
        self._table.queue_again(job)
        self._streams.expect(job.log)
