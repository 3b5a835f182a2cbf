"""The job queue: what clients may ask for. One Condition guards it all.

Four parts, each built on the one before: `Board` has the jobs and their records, `Painting` the worker that paints
them, `Keeping` what is kept and what goes, `JobQueue` the requests.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from ..errors import Conflict, TooMany
from ..files import read_json, write_json
from .event_streams import Readers
from .housekeeping import Housekeeping
from .image_store import ImageStore
from .job import CANCELLED, DONE, ENDED, PAUSED, QUEUED, RUNNING, Job, JobEvent
from .keeping import Keeping
from .spec import JobOptions, JobSpec
from .submit import Library, predict, prepare, resolve_recipe
from .worker_process import WorkerLike

PAUSE_S = 10.0
FINISH_S = 30.0
"""How long a request waits for the iteration that the worker is in; after it, the events tell."""

StartWorker = Callable[["JobQueue"], WorkerLike]


class JobQueue(Keeping):
    """Jobs by id, in `folder`; `start_worker` gives a worker whose messages come to `on_message` and `on_exit`."""

    def __init__(
        self,
        folder: Path,
        *,
        library: Library,
        images: ImageStore,
        start_worker: StartWorker,
        max_queued: int = 64,
        max_paused: int = 100,
        max_kept: int = 200,
        idle_unload_s: float = 900.0,
        keep_s: float = 7 * 86400.0,
        paused_keep_s: float = 30 * 86400.0,
        disk_limit_bytes: int = 10 << 30,
        memory_limit_bytes: int | None = None,
    ) -> None:
        super().__init__(
            folder,
            start_worker=lambda: start_worker(self),
            idle_unload_s=idle_unload_s,
            max_kept=max_kept,
            keep_s=keep_s,
            paused_keep_s=paused_keep_s,
            images=images,
            disk_limit_bytes=disk_limit_bytes,
        )
        self._library = library
        self._max_queued, self._max_paused = max_queued, max_paused
        self._memory_limit = memory_limit_bytes
        self._preparing = 0
        self._readers = Readers(self._changed, self._abandoned)
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

    def forecast(self, spec: JobOptions, width: int, height: int) -> dict[str, Any]:
        """What a job would take, without starting it."""
        recipe = resolve_recipe(self._library.snapshot(spec.preset).preset, spec)
        known = self._known(spec, width, height)
        return predict(spec, recipe, width, height, self.calibration(), **known).as_dict()

    def submit(self, spec: JobSpec) -> dict[str, Any]:
        """A new job, queued. Raises TooMany when the queue is full, and what `prepare` raises."""
        self._take_a_place()
        try:
            content = self._images.get(spec.content)
            job = prepare(
                spec,
                library=self._library,
                images=self._images,
                jobs_folder=self._folder,
                calibration=self.calibration(),
                versions=self._foreman.versions,
                make_room=self._make_room,
                **self._known(spec, content.width, content.height),
            )
        finally:
            with self._changed:
                self._preparing -= 1
        with self._changed:
            self._jobs[job.id] = job
            self._set_state(job, QUEUED)
            self._readers.expect(job)
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

    # inside, with the lock held unless noted

    def _known(self, spec: JobOptions, width: int, height: int) -> dict[str, Any]:
        """What the daemon knows that makes a forecast better. Without the lock."""
        with self._changed:
            before = any(
                (job.state, job.preset, job.width, job.height, job.request["size"])
                == (DONE, spec.preset, width, height, spec.size)
                and job.request["regions"] == [vars(region) for region in spec.regions]
                for job in self._jobs.values()
            )
        itemsize = 4 if self._foreman.versions.get("dtype", "float32") == "float32" else 2
        return {"limit": self._memory_limit, "itemsize": itemsize, "targets_cached": before}

    def _take_a_place(self) -> None:
        """Without the lock."""
        with self._changed:
            waiting = sum(job.state in (QUEUED, RUNNING) for job in self._jobs.values()) + self._preparing
            if waiting >= self._max_queued:
                raise TooMany(f"{waiting} jobs are waiting or running already, which is the limit.")
            paused = sum(job.state == PAUSED for job in self._jobs.values())
            if paused >= self._max_paused:
                raise TooMany(
                    f"{paused} jobs are paused, which is the limit.", hint="Resume or delete some of them first."
                )
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


def _refuse(job: Job, states: tuple[str, ...], wish: str) -> None:
    if job.state in states:
        raise Conflict(f"The job is {job.state}, so it cannot be {wish}.")
