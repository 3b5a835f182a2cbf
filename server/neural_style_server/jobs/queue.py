"""The job queue: what clients may ask for. One Condition guards it all.

Three parts, each built on the one before: `Board` has the jobs and their records, `Painting` the worker that paints
them, `JobQueue` the requests.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from ..errors import Conflict, TooMany
from .files import read_json, write_json
from .housekeeping import Housekeeping, folder_bytes, named_images, outdated
from .images import ImageStore
from .painting import Painting
from .readers import Readers
from .record import CANCELLED, ENDED, PAUSED, QUEUED, RUNNING, Job, JobEvent
from .spec import JobSpec
from .submit import Library, predict, prepare, resolve_recipe
from .supervisor import WorkerLike

log = logging.getLogger(__name__)

PAUSE_S = 10.0
FINISH_S = 30.0
"""How long a request waits for the iteration that the worker is in; after it, the events tell."""

FRESH_S = 600.0
"""A result is never forgotten for want of room so soon after it was finished: its client may be fetching it."""

StartWorker = Callable[["JobQueue"], WorkerLike]


class JobQueue(Painting):
    """Jobs by id, in `folder`; `start_worker` gives a worker whose messages come to `on_message` and `on_exit`."""

    def __init__(
        self,
        folder: Path,
        *,
        library: Library,
        images: ImageStore,
        start_worker: StartWorker,
        max_queued: int = 64,
        max_kept: int = 200,
        idle_unload_s: float = 900.0,
        keep_s: float = 7 * 86400.0,
        disk_limit_bytes: int = 10 << 30,
    ) -> None:
        super().__init__(
            folder,
            start_worker=lambda: start_worker(self),
            idle_unload_s=idle_unload_s,
            max_kept=max_kept,
            keep_s=keep_s,
        )
        self._library, self._images = library, images
        self._max_queued, self._disk_limit = max_queued, disk_limit_bytes
        self._preparing = 0
        self._readers = Readers(self._changed, self._abandoned)
        images.needed = self._needed_images
        self._keeper = Housekeeping(self.tidy, min(60.0, max(1.0, idle_unload_s / 4)))

    @property
    def worker_state(self) -> str:
        return self._foreman.state

    @property
    def worker_detail(self) -> str:
        return self._foreman.detail

    @property
    def device(self) -> str | None:
        return self._foreman.device

    @property
    def network(self) -> str | None:
        return self._foreman.network

    # requests

    def warm(self) -> None:
        """Start the worker if there is none."""
        with self._changed:
            self._ensure_worker()

    def forecast(self, spec: JobSpec, width: int, height: int) -> dict[str, Any]:
        """What a job would take, without starting it."""
        recipe = resolve_recipe(self._library.snapshot(spec.preset).preset, spec)
        return predict(spec, recipe, width, height, self.calibration()).as_dict()

    def submit(self, spec: JobSpec) -> dict[str, Any]:
        """A new job, queued. Raises TooMany when the queue is full, and what `prepare` raises."""
        self._take_a_place()
        try:
            job = prepare(
                spec,
                library=self._library,
                images=self._images,
                jobs_folder=self._folder,
                calibration=self.calibration(),
                versions=self._foreman.versions,
                make_room=self._make_room,
            )
        finally:
            with self._changed:
                self._preparing -= 1
        with self._changed:
            self._jobs[job.id] = job
            self._set_state(job, QUEUED)
            self._dispatch()
            self._forget_old()
            return job.view()

    def jobs(self) -> list[dict[str, Any]]:
        """All jobs, newest first."""
        with self._changed:
            return [job.view() for job in sorted(self._jobs.values(), key=lambda job: -job.created)]

    def job(self, identity: str) -> dict[str, Any]:
        with self._changed:
            return self._find(identity).view()

    def folder(self, identity: str) -> Path:
        with self._changed:
            return self._find(identity).folder

    def cancel(self, identity: str) -> dict[str, Any]:
        """At once for the client; the worker stops after the iteration that it is in."""
        with self._changed:
            job = self._find(identity)
            _refuse(job, ENDED, "cancelled")
            self._cancel(job)
            return job.view()

    def pause(self, identity: str) -> dict[str, Any]:
        """Answers once the worker has saved the job, which is still running after PAUSE_S only if it is very slow."""
        with self._changed:
            job = self._find(identity)
            _refuse(job, (*ENDED, PAUSED), "paused")
            if job.state == QUEUED:
                self._set_state(job, PAUSED)
            else:
                self._wish(job, "pause", PAUSE_S)
            return job.view()

    def resume(self, identity: str) -> dict[str, Any]:
        """Go on from the last checkpoint, to the picture that an undisturbed run would have given."""
        with self._changed:
            job = self._find(identity)
            _refuse(job, (*ENDED, QUEUED, RUNNING), "resumed")
            self._queue_again(job)
            return job.view()

    def finish(self, identity: str) -> dict[str, Any]:
        """Stop here and keep the picture as it is; a paused job too."""
        with self._changed:
            job = self._find(identity)
            _refuse(job, (*ENDED, QUEUED), "finished early")
            if job.state == PAUSED:
                self._queue_again(job)
            self._wish(job, "finish", FINISH_S)
            return job.view()

    def extend(self, identity: str, iterations: int) -> dict[str, Any]:
        """So many more iterations: for a running job after its own, else from its last checkpoint."""
        with self._changed:
            job = self._find(identity)
            task = read_json(job.folder / "task.json")
            ready = job.state in (QUEUED, RUNNING) or (job.folder / "checkpoint.pt").exists()
            if not ready or not isinstance(task, dict):
                raise Conflict("This job has no checkpoint to go on from.", hint="Submit it again.")
            task["extensions"].append(iterations)
            write_json(job.folder / "task.json", task)
            job.iterations += iterations
            job.extensions = len(task["extensions"])
            if job.state == RUNNING:
                self._foreman.send("extend", job.run, extensions=task["extensions"])
                self._save(job)
            elif job.state != QUEUED:
                self._queue_again(job)
            return job.view()

    def delete(self, identity: str) -> None:
        """Forget a job and its files; one under way is cancelled."""
        with self._changed:
            job = self._find(identity)
            if job.state not in ENDED:
                self._cancel(job)
            self._remove(job)

    def unload(self) -> None:
        """End the worker, so that its memory is free; the next job starts another. Raises Conflict while it paints."""
        with self._changed:
            if any(job.state in (QUEUED, RUNNING) for job in self._jobs.values()):
                raise Conflict("A job is being painted.", hint="Pause or cancel it first.")
            end_worker = self._foreman.let_go()
        end_worker()

    def calibration(self) -> dict[str, Any] | None:
        found = read_json(self._calibration_path)
        return found if isinstance(found, dict) and "pixels" in found else None

    def events(self, identity: str, after: int, patience_s: float) -> Generator[JobEvent | None]:
        """Events after number `after` as they come; None whenever `patience_s` passes without one."""
        with self._changed:
            job = self._find(identity)
        return self._readers.follow(job, after, patience_s)

    def hang_up(self) -> None:
        """Let event streams end, and start nothing any more. Takes no lock: a signal handler calls it."""
        self._closing = True
        self._readers.hang_up()

    def close(self) -> None:
        """End the worker, which saves what it paints, and all threads."""
        self.hang_up()
        self._readers.close()
        with self._changed:
            end_worker = self._foreman.let_go()
        end_worker()
        self._keeper.close()
        with self._changed:
            for job in self._jobs.values():
                if job.state in (QUEUED, RUNNING):
                    self._set_state(job, PAUSED)

    def tidy(self) -> None:
        """End an idle or a hung worker, forget what is old, save what the disk would not take before."""
        with self._changed:
            end_worker = self._foreman.let_go() if self._is_idle() else None
            hung = self._foreman.worker if self._is_hung() else None
            self._forget_old()
            for identity in list(self._unsaved):
                self._save(self._jobs[identity])
            named = {item for job in self._jobs.values() for item in named_images(job)}
        if end_worker is not None:
            log.info("no job for a while: the worker ends and gives its memory back")
            end_worker()
        if hung is not None:
            log.warning("the worker has said nothing for too long: it is ended, and its jobs are taken up again")
            hung.kill()
        self._images.sweep(named, self._keep_s, time.time())

    # inside, with the lock held unless noted

    def _take_a_place(self) -> None:
        """Without the lock."""
        with self._changed:
            waiting = sum(job.state in (QUEUED, RUNNING) for job in self._jobs.values()) + self._preparing
            if waiting >= self._max_queued:
                raise TooMany(f"{waiting} jobs are waiting or running already, which is the limit.")
            self._preparing += 1

    def _wish(self, job: Job, wish: str, patience_s: float) -> None:
        job.wish = wish
        if job.state == RUNNING:
            self._foreman.send(wish, job.run)
        self._changed.wait_for(lambda: job.state not in (QUEUED, RUNNING) or self._closing, timeout=patience_s)

    def _cancel(self, job: Job) -> None:
        run = job.run if job.state == RUNNING else None
        self._end(job, CANCELLED)
        self._foreman.send("cancel", run)
        self._dispatch()

    def _abandoned(self, job: Job) -> None:
        """Without the lock."""
        with self._changed:
            if job.readers == 0 and job.state in (QUEUED, RUNNING):
                job.note("The client went away, and the job was cancelled as it had asked.")
                self._cancel(job)

    def _queue_again(self, job: Job) -> None:
        job.reopen()
        self._set_state(job, QUEUED)
        self._dispatch()

    def _make_room(self, needed: int) -> bool:
        """Whether so many bytes are within the limit, once the oldest results have gone. Without the lock."""
        used = folder_bytes(self._folder)
        if used + needed > self._disk_limit:
            with self._changed:
                now = time.time()
                for job in outdated(self._jobs.values(), 0, self._keep_s, now):
                    if used + needed > self._disk_limit and now - (job.finished or now) > FRESH_S:
                        used -= folder_bytes(job.folder)
                        self._remove(job)
        return used + needed <= self._disk_limit


def _refuse(job: Job, states: tuple[str, ...], wish: str) -> None:
    if job.state in states:
        raise Conflict(f"The job is {job.state}, so it cannot be {wish}.")
