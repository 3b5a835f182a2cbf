"""Handing jobs to the worker, hearing what it says, and what its end means for the jobs that it had.

Clients share it fairly: the client that was served longest ago is next, and up to two jobs of different clients are
painted at once. While more clients wait, a job that has had its turn is saved, makes way, and goes on later; so it
does for a short job of its own client. Each time that a job is handed out is a `run` with a name of its own, so that
what an earlier run still has to say is never taken for the present one's.
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

from ..errors import StorageError
from ..files import write_json
from ..pixels import PIXEL_BYTES
from .board import Board
from .foreman import Foreman
from .job import DONE, FAILED, PAUSED, QUEUED, RUNNING, YIELD, Job
from .spec import most_previews
from .worker_process import WorkerLike

log = logging.getLogger(__name__)

MOST_ACTIVE = 2
TURN_S = 20.0
"""How long a job is painted, at least, before it makes way; one that takes no longer than this is short."""

MOST_ATTEMPTS = 3
"""A job is taken up again at most twice after its worker died."""

SAVE_FRAMES_S = 1.0
"""How often a record is saved for its frames' sake; later ones are found again by their files."""

CALIBRATION_KEYS = ("place", "pixels", "seconds", "device_bytes")

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
        paused_keep_s: float,
    ) -> None:
        super().__init__(folder, max_kept, keep_s, paused_keep_s)
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
        self._make_way(job)

    def _on_frame(self, job: Job, message: dict[str, Any]) -> None:
        frame = job.add_frame(message["number"], message)
        job.tell("frame", **frame, iterations=message["iterations"])
        if "seconds" in job.request["frames"]:
            _drop_live_frames(job)
        if time.monotonic() - job.saved > SAVE_FRAMES_S:
            self._save(job)

    def _on_ended(self, job: Job, message: dict[str, Any]) -> None:
        state = message["state"]
        self._idle_since = time.monotonic()
        if state == PAUSED and job.wish in (YIELD, "finish") and not self._closing:
            self._queue_on(job)
        elif state == PAUSED:
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
            job.wish = None if job.wish == YIELD else job.wish
            self._set_state(job, QUEUED)

    def _make_way(self, job: Job) -> None:
        """Let a job that has had its turn wait, where another is due."""
        had_its_turn = job.wish is None and time.monotonic() - job.since > TURN_S
        if had_its_turn and self._another_is_due(job):
            job.wish = YIELD
            self._foreman.send("pause", job.run)

    def _another_is_due(self, job: Job) -> bool:
        active = [other for other in self._jobs.values() if other.state == RUNNING]
        if any(other.wish == YIELD for other in active):
            return False
        waiting = [other for other in self._jobs.values() if other.state == QUEUED]
        busy = {other.client for other in active}
        crowded = len(active) >= MOST_ACTIVE and any(other.client not in busy for other in waiting)
        overtaken = not _is_short(job) and any(other.client == job.client and _is_short(other) for other in waiting)
        return crowded or overtaken

    def _queue_on(self, job: Job) -> None:
        """It has made way: its turn was no attempt that failed, and its client was served until now."""
        job.wish = None if job.wish == YIELD else job.wish
        job.attempts -= 1
        self._served[job.client] = time.monotonic()
        self._set_state(job, QUEUED)

    def _fail_all(self, error: dict[str, Any]) -> None:
        for job in list(self._jobs.values()):
            if job.state in (QUEUED, RUNNING):
                job.error = {key: error[key] for key in ("code", "detail", "hint")}
                self._end(job, FAILED)

    def _keep_calibration(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(StorageError):
            write_json(self._calibration_path, {key: message[key] for key in CALIBRATION_KEYS if key in message})

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
        """Hand waiting jobs to the worker, the client that was served longest ago first, and its short jobs."""
        while not self._closing:
            active = [job for job in self._jobs.values() if job.state == RUNNING]
            busy = {job.client for job in active}
            waiting = [job for job in self._jobs.values() if job.state == QUEUED and job.client not in busy]
            if not waiting or len(active) >= MOST_ACTIVE or not self._ensure_worker():
                return
            self._hand_out(min(waiting, key=self._place))

    def _place(self, job: Job) -> tuple[float, bool, float]:
        return self._served.get(job.client, 0.0), not _is_short(job), job.created

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


def _is_short(job: Job) -> bool:
    """Whether what is left of it fits into one turn."""
    left: float = job.forecast.get("seconds", 0.0) if job.eta is None else job.eta
    return left <= TURN_S


def _iteration_s(job: Job) -> float:
    expected: float = job.forecast.get("seconds", 0.0)
    return max(job.seconds / max(1, job.iteration), expected / max(1, job.iterations))


def _drop_live_frames(job: Job) -> None:
    """The first one stays, as the beginning of the story."""
    most = most_previews(job.width * job.height * PIXEL_BYTES[job.format])
    live = [frame for frame in job.frames if not frame["kept"]]
    gone = live[1 : max(1, len(live) - most + 1)]
    job.frames = [frame for frame in job.frames if frame not in gone]
    for frame in gone:
        for suffix in (".json", ".raw"):
            with contextlib.suppress(OSError):
                (job.folder / "frames" / f"{frame['number']}{suffix}").unlink()
