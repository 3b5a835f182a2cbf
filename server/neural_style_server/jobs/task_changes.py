"""Changes of a job that has begun: more iterations, or another picture and style for a live one.

A job's `task.json` is read, changed and written by one request at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import Conflict
from .create import JobCreator
from .dispatcher import Dispatcher
from .record import ENDED, QUEUED, RUNNING
from .spec import ChangeSpec
from .table import Job, JobTable
from .task import TaskFile, has_checkpoint

EXTEND_S = 5.0
"""How long a change waits for others of the same job to be saved."""


class TaskChanges:
    """`go_on` queues a job again, with the table's lock held."""

    def __init__(self, table: JobTable, dispatcher: Dispatcher, go_on: Callable[[Job], None]) -> None:
        self._table, self._dispatcher, self._go_on = table, dispatcher, go_on

    def extend(self, job: Job, iterations: int, creator: JobCreator) -> dict[str, Any]:
        """Add iterations: to those of a running job, else from the last checkpoint. Raises Conflict where it has none,
        and NotFound where a picture that it is painted from is no longer kept; its result stays then."""
        with _one_at_a_time(job):
            task = TaskFile.find(job.folder)
            if job.record.live:
                raise Conflict("A live job goes on by itself.", hint="Change it, or finish it and extend the result.")
            ready = job.state in (QUEUED, RUNNING) or has_checkpoint(job.folder)
            if not ready or task is None:
                raise Conflict("This job has no checkpoint to go on from.", hint="Submit it again.")
            if job.state in ENDED:
                creator.check_pictures(job.record)
            task.extensions.append(iterations)
            task.write(job.folder)
            with self._table.lock:
                self._table.find(job.id, job.owner)  # it may have been deleted meanwhile
                job.record.iterations += iterations
                job.record.extensions = len(task.extensions)
                if job.state == RUNNING:
                    self._dispatcher.extend(job, task.extensions)
                if job.state in (QUEUED, RUNNING):
                    self._table.save(job)
                else:
                    self._go_on(job)
                return job.record.view()

    def change(self, job: Job, spec: ChangeSpec, creator: JobCreator) -> dict[str, Any]:
        """Change a live job; what it paints next follows. Raises Conflict where it is not live or has ended, and what
        `JobCreator.change` raises; then nothing has changed."""
        with _one_at_a_time(job):
            job.refuse_in(ENDED, "changed")
            if not job.record.live:
                raise Conflict("Only a live job can be changed.", hint='Submit it with "live": true.')
            changed, superseded = creator.change(job.record.model_copy(), job.folder, spec)
            with self._table.lock:
                self._table.find(job.id, job.owner)  # it may have been deleted meanwhile
                for name, value in changed.items():
                    setattr(job.record, name, value)
                self._dispatcher.change(job)
                self._table.save(job)
                view = job.record.view()
        creator.drop(superseded)
        return view


@contextmanager
def _one_at_a_time(job: Job) -> Iterator[None]:
    if not job.changing.acquire(timeout=EXTEND_S):
        raise Conflict("Another extension is still being saved.", hint="The disk is slow; try again in a moment.")
    try:
        yield
    finally:
        job.changing.release()
