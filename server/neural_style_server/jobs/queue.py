"""The job queue: who waits, who is painted, what is told to whom. One Condition guards it all.

Clients share the worker fairly: the client that was served longest ago is next, and up to two jobs of different
clients are painted in turn. The queue starts the worker, ends it after an idle time, and takes jobs up again
when it dies.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..errors import Conflict, NotFound, TooMany
from .files import private_folder, read_json, write_json
from .images import ImageStore
from .record import CANCELLED, DONE, ENDED, FAILED, PAUSED, QUEUED, RUNNING, Job, JobEvent, load
from .spec import JobSpec
from .submit import Library, predict, prepare, resolve_recipe
from .supervisor import WorkerLike

log = logging.getLogger(__name__)

MOST_ACTIVE = 2
MOST_ATTEMPTS = 3
"""A job is taken up again at most twice after its worker died."""

MOST_PREVIEWS = 24
"""Live previews (`seconds`) kept on disk for a job; chosen frames are all kept."""

RECONNECT_S = 1.0
"""How long a client whose stream broke may take to come back before its job is cancelled."""

QUICK_DEATHS = 3
"""So many workers in a row that die before they are ready, and no more are started until a job comes."""

StartWorker = Callable[["JobQueue"], WorkerLike]


class JobQueue:
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
    ) -> None:
        self._folder = private_folder(folder)
        self._library, self._images, self._start_worker = library, images, start_worker
        self._max_queued, self._max_kept, self._idle_unload_s, self._keep_s = (
            max_queued,
            max_kept,
            idle_unload_s,
            keep_s,
        )
        self._changed = threading.Condition()
        self._jobs: dict[str, Job] = {}
        self._served: dict[str, float] = {}
        self._worker: WorkerLike | None = None
        self._closing = False
        self._deaths = 0
        self._idle_since = time.monotonic()
        self._timers: set[threading.Timer] = set()
        self._calibration_path = folder.parent / "calibration.json"
        self.worker_state = "stopped"
        self.worker_detail = ""
        self.device: str | None = None
        self.network: str | None = None
        self._versions: dict[str, Any] = {}
        for path in sorted(self._folder.iterdir()):
            job = load(path)
            if job is not None:
                self._jobs[job.id] = job
        self._keeper = threading.Thread(target=self._keep_house, name="housekeeping", daemon=True)
        self._keeper.start()

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
        with self._changed:
            waiting = sum(job.state in (QUEUED, RUNNING) for job in self._jobs.values())
            if waiting >= self._max_queued:
                raise TooMany(f"{waiting} jobs are waiting or running already, which is the limit.")
        job = prepare(
            spec,
            library=self._library,
            images=self._images,
            jobs_folder=self._folder,
            calibration=self.calibration(),
            versions=self._versions,
        )
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
            self._refuse(job, ENDED, "cancelled")
            self._order(job, "cancel")
            self._finish(job, CANCELLED)
            self._dispatch()
            return job.view()

    def pause(self, identity: str) -> dict[str, Any]:
        with self._changed:
            job = self._find(identity)
            self._refuse(job, (*ENDED, PAUSED), "paused")
            if job.state == RUNNING:
                self._order(job, "pause")
                self._changed.wait_for(lambda: job.state != RUNNING, timeout=10)
            else:
                self._set_state(job, PAUSED)
            return job.view()

    def resume(self, identity: str) -> dict[str, Any]:
        """Go on from the last checkpoint, to the picture that an undisturbed run would have given."""
        with self._changed:
            job = self._find(identity)
            self._refuse(job, (*ENDED, QUEUED, RUNNING), "resumed")
            job.attempts = 0
            self._set_state(job, QUEUED)
            self._dispatch()
            return job.view()

    def finish(self, identity: str) -> dict[str, Any]:
        """Stop here and keep the picture as it is."""
        with self._changed:
            job = self._find(identity)
            self._refuse(job, (*ENDED, QUEUED, PAUSED), "finished early")
            self._order(job, "finish")
            self._changed.wait_for(lambda: job.state != RUNNING, timeout=30)
            return job.view()

    def extend(self, identity: str, iterations: int) -> dict[str, Any]:
        """So many more iterations: for a running job after its own, else from its last checkpoint."""
        with self._changed:
            job = self._find(identity)
            ready = job.state in (QUEUED, RUNNING) or (job.folder / "checkpoint.pt").exists()
            if not ready:
                raise Conflict("This job has no checkpoint to go on from.", hint="Submit it again.")
            task = read_json(job.folder / "task.json")
            task["extensions"].append(iterations)
            write_json(job.folder / "task.json", task)
            job.iterations += iterations
            if job.state == RUNNING:
                self._order(job, "extend", iterations=iterations)
                job.save()
            elif job.state != QUEUED:
                job.attempts, job.error, job.finished = 0, None, None
                self._set_state(job, QUEUED)
                self._dispatch()
            return job.view()

    def delete(self, identity: str) -> None:
        """Forget a job and its files; one under way is cancelled."""
        with self._changed:
            job = self._find(identity)
            if job.state in (QUEUED, RUNNING, PAUSED):
                self._order(job, "cancel")
                self._finish(job, CANCELLED)
            self._remove(job)
            self._dispatch()

    def unload(self) -> None:
        """End the worker, so that its memory is free; the next job starts another. Raises Conflict while it paints."""
        with self._changed:
            if any(job.state in (QUEUED, RUNNING) for job in self._jobs.values()):
                raise Conflict("A job is being painted.", hint="Pause or cancel it first.")
            worker = self._detach_worker("stopped")
        if worker is not None:
            worker.stop()

    def counts(self) -> dict[str, int]:
        with self._changed:
            return {state: sum(job.state == state for job in self._jobs.values()) for state in (QUEUED, RUNNING)}

    def calibration(self) -> dict[str, Any] | None:
        found = read_json(self._calibration_path)
        return found if isinstance(found, dict) and "pixels" in found else None

    def events(self, identity: str, after: int, patience_s: float) -> Iterator[JobEvent | None]:
        """Events after number `after` as they come; None whenever `patience_s` passes without one."""
        with self._changed:
            job = self._find(identity)
            job.readers += 1
        try:
            while True:
                with self._changed:
                    last = after
                    self._changed.wait_for(
                        lambda: self._closing or (job.events and job.events[-1].number > last),
                        timeout=patience_s,
                    )
                    news = [event for event in job.events if event.number > after]
                    over = self._closing or (job.state in ENDED and not news)
                for event in news:
                    after = event.number
                    yield event
                if over:
                    return
                if not news:
                    yield None
        finally:
            self._reader_left(job)

    def close(self) -> None:
        """End the worker, which saves what it paints, and all threads."""
        with self._changed:
            self._closing = True
            worker = self._detach_worker("stopped")
            for timer in self._timers:
                timer.cancel()
            self._changed.notify_all()
        if worker is not None:
            worker.stop()
        self._keeper.join(5)
        with self._changed:
            for job in self._jobs.values():
                if job.state in (QUEUED, RUNNING):
                    job.state = PAUSED
                    job.save()

    # the worker's side

    def on_message(self, worker: WorkerLike, message: dict[str, Any]) -> None:
        """What the worker tells; messages of a job that has ended meanwhile are dropped."""
        with self._changed:
            event = message["event"]
            if event == "ready" and worker is self._worker:
                self._deaths = 0
                self.device, self.network = message["device"], message["network"]
                self._versions = {"network": message["network_sha256"], "dtype": message["dtype"]}
                self.worker_state, self.worker_detail = "ready", ""
                self._dispatch()
            elif event == "calibration":
                write_json(self._calibration_path, {key: message[key] for key in ("pixels", "seconds")})
            elif event == "failed" and worker is self._worker:
                self.worker_state, self.worker_detail = "failed", message["error"]["detail"]
                self._fail_all(message["error"])
            else:
                job = self._jobs.get(message.get("id", ""))
                if job is not None and job.state == RUNNING:
                    getattr(self, f"_on_{event}")(job, {k: v for k, v in message.items() if k not in ("event", "id")})
            self._changed.notify_all()

    def on_exit(self, worker: WorkerLike, code: int) -> None:
        """The worker has ended: expected, or its jobs are taken up again by a fresh one."""
        with self._changed:
            if worker is not self._worker:
                return
            self._worker = None
            died_early = self.worker_state == "starting"
            self._deaths += died_early
            if self.worker_state != "failed":
                self.worker_state, self.worker_detail = (
                    "stopped",
                    f"The worker ended unexpectedly (code {code}).",
                )
                log.warning("%s", self.worker_detail)
            for job in list(self._jobs.values()):
                if job.state == RUNNING:
                    self._take_up_again(job, code)
            if self._deaths >= QUICK_DEATHS:
                self.worker_state = "failed"
                self._fail_all(
                    {
                        "code": "worker_died",
                        "detail": "The worker ends as soon as it is started.",
                        "hint": "Run 'neural-style doctor'; worker.log has its last words.",
                    }
                )
            elif any(job.state == QUEUED for job in self._jobs.values()):
                self._ensure_worker()
            self._changed.notify_all()

    def _on_started(self, job: Job, message: dict[str, Any]) -> None:
        job.tile = message["tile"]

    def _on_progress(self, job: Job, message: dict[str, Any]) -> None:
        if message["tile"] != job.tile:
            job.notes.append(f"Memory ran out; painted in tiles of {message['tile']} px from there.")
            job.tile = message["tile"]
        job.iteration, job.seconds, job.eta = message["iteration"], message["seconds"], message["eta"]
        job.loss = message["loss"]
        job.iterations = message["iterations"]
        job.tell("progress", **{key: value for key, value in message.items() if key != "tile"})

    def _on_frame(self, job: Job, message: dict[str, Any]) -> None:
        frame = {key: message[key] for key in ("number", "iteration", "width", "height")}
        job.frames = [old for old in job.frames if old["number"] != frame["number"]] + [frame]
        job.tell("frame", **frame, iterations=message["iterations"])
        if "seconds" in job.request["frames"]:
            self._drop_previews(job)
        job.save()

    def _on_ended(self, job: Job, message: dict[str, Any]) -> None:
        if message["state"] == PAUSED:
            self._set_state(job, PAUSED)
        else:
            job.error = message.get("error")
            if message["state"] == DONE:
                job.iteration, job.eta = (job.frames[-1]["iteration"] if job.frames else job.iteration), 0.0
            self._finish(job, message["state"])
        self._dispatch()

    # inside, with the lock held

    def _find(self, identity: str) -> Job:
        job = self._jobs.get(identity)
        if job is None:
            raise NotFound(f"There is no job {identity[:40]!r}.")
        return job

    def _refuse(self, job: Job, states: tuple[str, ...], wish: str) -> None:
        if job.state in states:
            raise Conflict(f"The job is {job.state}, so it cannot be {wish}.")

    def _order(self, job: Job, op: str, **details: Any) -> None:
        if job.state == RUNNING and self._worker is not None:
            self._worker.send({"op": op, "id": job.id, **details})

    def _set_state(self, job: Job, state: str) -> None:
        job.state = state
        job.tell("state", state=state)
        job.save()
        self._changed.notify_all()

    def _finish(self, job: Job, state: str) -> None:
        job.finished = time.time()
        job.state = state
        if state == FAILED:
            job.tell("error", **(job.error or {}))
        else:
            job.tell("done", state=state)
        job.save()
        self._idle_since = time.monotonic()
        self._changed.notify_all()

    def _dispatch(self) -> None:
        """Hand waiting jobs to the worker, the client that was served longest ago first."""
        if self._closing:
            return
        while True:
            active = [job for job in self._jobs.values() if job.state == RUNNING]
            busy = {job.client for job in active}
            waiting = [job for job in self._jobs.values() if job.state == QUEUED and job.client not in busy]
            if not waiting or len(active) >= MOST_ACTIVE:
                return
            self._ensure_worker()
            if self._worker is None or self.worker_state != "ready":
                return
            job = min(waiting, key=lambda job: (self._served.get(job.client, 0.0), job.created))
            self._served[job.client] = time.monotonic()
            job.started = job.started or time.time()
            job.attempts += 1
            job.versions.update(self._versions)
            self._set_state(job, RUNNING)
            self._worker.send({"op": "run", "id": job.id, "folder": str(job.folder)})

    def _ensure_worker(self) -> None:
        if self._worker is None and not self._closing:
            self.worker_state, self.worker_detail = "starting", ""
            self._idle_since = time.monotonic()
            self._worker = self._start_worker(self)

    def _detach_worker(self, state: str) -> WorkerLike | None:
        worker, self._worker = self._worker, None
        self.worker_state = state
        return worker

    def _take_up_again(self, job: Job, code: int) -> None:
        if job.attempts >= MOST_ATTEMPTS:
            job.error = {
                "code": "worker_died",
                "detail": f"The worker ended {job.attempts} times while it painted this job (last code {code}).",
                "hint": "Try a smaller size; 'neural-style doctor' may know more.",
            }
            self._finish(job, FAILED)
            return
        job.notes.append(f"The worker ended (code {code}) at iteration {job.iteration}; the job was taken up again.")
        self._set_state(job, QUEUED)

    def _fail_all(self, error: dict[str, Any]) -> None:
        for job in list(self._jobs.values()):
            if job.state in (QUEUED, RUNNING):
                job.error = error
                self._finish(job, FAILED)

    def _drop_previews(self, job: Job) -> None:
        while len(job.frames) > MOST_PREVIEWS:
            old = job.frames.pop(1)  # the first frame stays, as the beginning of the story
            for suffix in (".json", ".raw"):
                with contextlib.suppress(OSError):
                    (job.folder / "frames" / f"{old['number']}{suffix}").unlink()

    def _remove(self, job: Job) -> None:
        self._jobs.pop(job.id, None)
        shutil.rmtree(job.folder, ignore_errors=True)

    def _forget_old(self) -> None:
        ended = sorted((job for job in self._jobs.values() if job.state in ENDED), key=lambda job: job.finished or 0)
        now = time.time()
        for job in ended[: max(0, len(ended) - self._max_kept)]:
            self._remove(job)
        for job in ended:
            if now - (job.finished or now) > self._keep_s:
                self._remove(job)

    # readers and idling

    def _reader_left(self, job: Job) -> None:
        with self._changed:
            job.readers -= 1
            if job.readers or job.on_disconnect != "cancel" or job.state not in (QUEUED, RUNNING) or self._closing:
                return
            timer = threading.Timer(RECONNECT_S, self._cancel_if_alone, (job,))
            timer.name, timer.daemon = "reconnect", True
            self._timers = {old for old in self._timers if old.is_alive()} | {timer}
            timer.start()

    def _cancel_if_alone(self, job: Job) -> None:
        with self._changed:
            if job.readers == 0 and job.state in (QUEUED, RUNNING) and not self._closing:
                self._order(job, "cancel")
                job.notes.append("The client went away, and the job was cancelled as it had asked.")
                self._finish(job, CANCELLED)
                self._dispatch()

    def _keep_house(self) -> None:
        """Sleeps; wakes to end an idle worker and to forget what is old. Not once a second: once a minute."""
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: self._closing, timeout=min(60.0, max(1.0, self._idle_unload_s / 4))):
                    return
                busy = any(job.state in (QUEUED, RUNNING) for job in self._jobs.values())
                idle = not busy and time.monotonic() - self._idle_since > self._idle_unload_s
                worker = self._detach_worker("stopped") if idle and self._worker is not None else None
                self._forget_old()
                named = {item for job in self._jobs.values() for item in self._named_images(job)}
            if worker is not None:
                log.info("no job for a while: the worker ends and gives its memory back")
                worker.stop()
            self._images.sweep(named, self._keep_s, time.time())

    def _named_images(self, job: Job) -> list[str]:
        request = job.request
        found = [request["content"], request["mask"], request["init"]]
        for region in request["regions"]:
            found += [region["mask"], region["style"], region["style_mask"]]
        return [item for item in found if item is not None]
