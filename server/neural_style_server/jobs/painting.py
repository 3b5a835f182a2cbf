"""Handing jobs to the worker, hearing what it says, and what its end means for the jobs that it had.

Clients share it fairly: the client that was served longest ago is next, and up to two jobs of different clients are
painted in turn. Each time that a job is handed out is a `run` with a name of its own, so that what an earlier run
still has to say is never taken for the present one's.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from .board import Board
from .files import DiskFull, write_json
from .foreman import Foreman
from .record import DONE, FAILED, PAUSED, QUEUED, RUNNING, Job
from .spec import MOST_PREVIEWS
from .supervisor import WorkerLike

log = logging.getLogger(__name__)

MOST_ACTIVE = 2
MOST_ATTEMPTS = 3
"""A job is taken up again at most twice after its worker died."""

SAVE_FRAMES_S = 1.0
"""How often a record is saved for its frames' sake; later ones are found again by their files."""

HUNG_S = 600.0
HUNG_ITERATIONS = 20
"""A worker that has painted for so long, and for so many of its iterations, without a word hangs."""


class Painting(Board):
    """`on_message` and `on_exit` are called on the worker's reader thread."""

    def __init__(
        self,
        folder: Path,
        *,
        start_worker: Callable[[], WorkerLike],
        idle_unload_s: float,
        max_kept: int,
        keep_s: float,
    ) -> None:
        super().__init__(folder, max_kept, keep_s)
        self._foreman = Foreman(start_worker)
        self._run_numbers = count(1)
        self._idle_unload_s = idle_unload_s
        self._calibration_path = folder.parent / "calibration.json"
        self._closing = False

    def on_message(self, worker: WorkerLike, message: dict[str, Any]) -> None:
        """What the worker tells; messages of a run that is over are dropped."""
        with self._changed:
            event, run = message["event"], message.get("id", "")
            self._foreman.heard = time.monotonic()
            if event == "ready" and worker is self._foreman.worker:
                self._foreman.warmed(message)
                self._dispatch()
            elif event == "failed" and worker is self._foreman.worker:
                self._foreman.failed(message["error"])
                self._fail_all(message["error"])
            elif event == "calibration":
                self._keep_calibration(message)
            elif run in self._runs:
                self._hear(run, message)
            self._changed.notify_all()

    def on_exit(self, worker: WorkerLike, code: int) -> None:
        """The worker has ended: expected, or its jobs are taken up again by a fresh one."""
        with self._changed:
            lost = [run for run, (_, whose) in self._runs.items() if whose is worker]
            running = [job for run in lost if (job := self._let_go(run)) is not None]
            if worker is not self._foreman.worker:
                return
            problem = self._foreman.died(code)
            for job in running:
                self._take_up_again(job, code)
            if problem is not None:
                self._fail_all(problem)
            self._dispatch()
            self._changed.notify_all()

    def _hear(self, run: str, message: dict[str, Any]) -> None:
        job, event = self._runs[run][0], message["event"]
        present = job.run == run and job.state == RUNNING
        if event == "ended":
            self._let_go(run)
        if present:
            listen = {
                "started": self._on_started,
                "progress": self._on_progress,
                "frame": self._on_frame,
                "ended": self._on_ended,
            }
            listen[event](job, message)

    def _let_go(self, run: str) -> Job | None:
        """The worker no longer has this run; answers its job where that is still being painted."""
        job, _ = self._runs.pop(run)
        if self._jobs.get(job.id) is not job:
            shutil.rmtree(job.folder, ignore_errors=True)
            return None
        return job if job.run == run and job.state == RUNNING else None

    def _on_started(self, job: Job, message: dict[str, Any]) -> None:
        job.tile = message["tile"]

    def _on_progress(self, job: Job, message: dict[str, Any]) -> None:
        if message["tile"] != job.tile:
            job.note(f"Memory ran out; painted in tiles of {message['tile']} px from there.")
            job.tile = message["tile"]
        job.iteration, job.seconds, job.eta = message["iteration"], message["seconds"], message["eta"]
        job.loss, job.iterations = message["loss"], message["iterations"]
        job.tell("progress", **{key: value for key, value in message.items() if key not in ("event", "id", "tile")})

    def _on_frame(self, job: Job, message: dict[str, Any]) -> None:
        frame = {key: message[key] for key in ("number", "iteration", "width", "height")}
        job.add_frame(frame)
        job.tell("frame", **frame, iterations=message["iterations"])
        if "seconds" in job.request["frames"]:
            _drop_previews(job)
        if time.monotonic() - job.saved > SAVE_FRAMES_S:
            self._save(job)

    def _on_ended(self, job: Job, message: dict[str, Any]) -> None:
        state = message["state"]
        self._idle_since = time.monotonic()
        if state == PAUSED:
            job.wish, job.eta = None, None
            self._set_state(job, PAUSED)
        elif state == DONE and message.get("extensions", job.extensions) < job.extensions:
            job.wish = None
            self._set_state(job, QUEUED)  # it was extended while its last words were on their way
        else:
            job.error = message.get("error")
            if state == DONE and job.frames:
                job.iteration = job.frames[-1]["iteration"]
            self._end(job, state)
        self._dispatch()

    def _take_up_again(self, job: Job, code: int) -> None:
        if job.attempts >= MOST_ATTEMPTS:
            job.error = {
                "code": "worker_died",
                "detail": f"The worker ended {job.attempts} times while it painted this job (last code {code}).",
                "hint": "Try a smaller size; 'neural-style doctor' may know more.",
            }
            self._end(job, FAILED)
            return
        job.note(f"The worker ended (code {code}) at iteration {job.iteration}; the job was taken up again.")
        if job.wish == "pause":
            job.wish = None
            self._set_state(job, PAUSED)
        else:
            self._set_state(job, QUEUED)

    def _fail_all(self, error: dict[str, Any]) -> None:
        for job in list(self._jobs.values()):
            if job.state in (QUEUED, RUNNING):
                job.error = {key: error[key] for key in ("code", "detail", "hint")}
                self._end(job, FAILED)

    def _keep_calibration(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(DiskFull):
            write_json(
                self._calibration_path, {key: message[key] for key in ("place", "pixels", "seconds") if key in message}
            )

    def _is_idle(self) -> bool:
        busy = any(job.state in (QUEUED, RUNNING) for job in self._jobs.values())
        waited = time.monotonic() - self._idle_since > self._idle_unload_s
        return self._foreman.worker is not None and waited and not busy

    def _is_hung(self) -> bool:
        running = [job for job in self._jobs.values() if job.state == RUNNING]
        slowest = max((_iteration_s(job) for job in running), default=0.0)
        silence = time.monotonic() - self._foreman.heard
        return bool(running) and silence > max(HUNG_S, HUNG_ITERATIONS * slowest)

    def _dispatch(self) -> None:
        """Hand waiting jobs to the worker, the client that was served longest ago first."""
        while not self._closing:
            active = [job for job in self._jobs.values() if job.state == RUNNING]
            busy = {job.client for job in active}
            waiting = [job for job in self._jobs.values() if job.state == QUEUED and job.client not in busy]
            if not waiting or len(active) >= MOST_ACTIVE or not self._ensure_worker():
                return
            self._hand_out(min(waiting, key=lambda job: (self._served.get(job.client, 0.0), job.created)))

    def _hand_out(self, job: Job) -> None:
        worker = self._foreman.worker
        assert worker is not None
        self._served[job.client] = self._foreman.heard = time.monotonic()
        job.started = job.started or time.time()
        job.attempts += 1
        job.versions = {**job.versions, **self._foreman.versions}
        job.run = f"{job.id}-{next(self._run_numbers)}"
        self._runs[job.run] = (job, worker)
        self._set_state(job, RUNNING)
        self._foreman.send("run", job.run, folder=str(job.folder))
        if job.wish is not None:
            self._foreman.send(job.wish, job.run)

    def _ensure_worker(self) -> bool:
        """Whether a worker is ready; one is started where there is none."""
        if self._foreman.worker is None and not self._closing:
            self._idle_since = time.monotonic()
            problem = self._foreman.ensure()
            if problem is not None:
                self._fail_all(problem)
        return self._foreman.ready()


def _iteration_s(job: Job) -> float:
    expected: float = job.forecast.get("seconds", 0.0)
    return max(job.seconds / max(1, job.iteration), expected / max(1, job.iterations))


def _drop_previews(job: Job) -> None:
    """The first frame stays, as the beginning of the story."""
    gone = job.frames[1 : max(1, len(job.frames) - MOST_PREVIEWS + 1)]
    job.frames = [frame for frame in job.frames if frame not in gone]
    for frame in gone:
        for suffix in (".json", ".raw"):
            with contextlib.suppress(OSError):
                (job.folder / "frames" / f"{frame['number']}{suffix}").unlink()
