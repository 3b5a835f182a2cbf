"""Workers without a process, each answering on a thread of its own, and all of a daemon's jobs around them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tests.waiting import wait_for

from neural_style_server.files import private_folder, read_json
from neural_style_server.jobs.assembly import Jobs
from neural_style_server.jobs.messages import (
    Command,
    Ended,
    EndRun,
    Failed,
    FrameWritten,
    Message,
    Progress,
    Ready,
    StartRun,
    WorkerOptions,
)
from neural_style_server.jobs.picture_files import write_picture
from neural_style_server.jobs.pool import DevicePool
from neural_style_server.jobs.record import Loss
from neural_style_server.jobs.spec import JobSpec
from neural_style_server.jobs.table import Job
from neural_style_server.pixels import Picture
from neural_style_server.presets.library import Library
from neural_style_server.settings import Settings
from neural_style_server.users import OWNER
from neural_style_server.validation import validate

LOSS = {"total": 3.0, "content": 1.0, "style": 1.5, "tv": 0.5}
ENDS: dict[str, Any] = {"cancel": "cancelled", "pause": "paused", "finish": "done"}
OnMessage, OnExit = Callable[[Message], None], Callable[[int, str], None]


class FakeWorker:
    """Keeps the commands. An obedient one carries out cancel, pause and finish.

    All that it does and reports happens on its own thread, in order, as with a process. What a test has it say is
    waited for; `settle` waits for the rest.
    """

    def __init__(self, options: WorkerOptions, on_message: OnMessage, on_exit: OnExit) -> None:
        self.options, self._on_message, self._on_exit = options, on_message, on_exit
        self.obedient = True
        self.commands: list[Any] = []
        self.folders: dict[str, Path] = {}
        self.stopped = self.killed = False
        self.patience_s: float | None = None
        self._todo: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._live, name="fake-worker", daemon=True)
        self._thread.start()

    # What the pool calls

    def send(self, command: Command) -> None:
        self._todo.put(lambda: self._obey(command))

    def stop(self, patience_s: float) -> None:
        self.stopped, self.patience_s = True, patience_s
        self._do(lambda: [self._end(run, "paused") for run in list(self.folders)])
        self.die(0)

    def kill(self) -> None:
        self.killed = True
        self.die(-9)

    # What a test has it do

    def ready(self, **more: Any) -> FakeWorker:
        self.say(Ready(device="fake", network="fake", network_sha256="0" * 64, dtype="float32", **more))
        return self

    def say(self, message: Message) -> None:
        self._do(lambda: self._on_message(message))

    def fail(self, **error: Any) -> None:
        self.say(Failed(error=error))

    def die(self, code: int = -9, error: str = "") -> None:
        self._do(lambda: self._on_exit(code, error))
        self._todo.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(5)

    def settle(self) -> None:
        self._do(lambda: None)

    def settled(self) -> list[Any]:
        """The commands that have come."""
        self.settle()
        return self.commands

    def ops(self) -> list[str]:
        return [command.op for command in self.settled()]

    def run_of(self, job: str) -> str:
        """The latest run that was handed out for a job; a running job's may be on its way."""
        self.settle()
        wait_for(lambda: any(folder.name == job for folder in [*self.folders.values()]))
        return [run for run, folder in self.folders.items() if folder.name == job][-1]

    def painting(self) -> list[str]:
        self.settle()
        return [folder.name for folder in self.folders.values()]

    def progress(
        self,
        job: str,
        iteration: int = 1,
        iterations: int = 60,
        tile: int | None = None,
        eta: float = 1.0,
        scale: int = 0,
        **more: float,
    ) -> None:
        run, loss = self.run_of(job), Loss(**LOSS)
        size = {"scale": scale, "width": 8, "height": 6, "seconds": 0.1, "eta": eta, "tile": tile, **more}
        self.say(Progress(id=run, iteration=iteration, iterations=iterations, loss=loss, **size))  # type: ignore[arg-type]
        self.settle()

    def frame(self, job: str, number: int, iteration: int) -> None:
        run = self.run_of(job)
        private_folder(self.folders[run] / "frames")
        write_picture(self.folders[run] / "frames" / str(number), grey(number), iteration=iteration)
        self.say(FrameWritten(id=run, number=number, iteration=iteration, iterations=60, width=8, height=6))

    def done(self, job: str, extensions: int | None = None) -> None:
        run = self.run_of(job)
        write_picture(self.folders[run] / "result", grey(200), iteration=60)
        (self.folders[run] / "checkpoint.pt").write_bytes(b"state")
        self.end_run(run, "done", extensions=extensions)

    def rest(self, job: str, revision: int) -> None:
        """A live job's picture has settled."""
        run = self.run_of(job)
        (self.folders[run] / "checkpoint.pt").write_bytes(b"state")
        self._do(lambda: self._end(run, "resting", revision=revision))

    def end_run(self, run: str, state: Any, error: dict[str, Any] | None = None, extensions: int | None = None) -> None:
        self._do(lambda: self._end(run, state, error, extensions))

    # On its thread

    def _live(self) -> None:
        while (action := self._todo.get()) is not None:
            action()

    def _do(self, action: Callable[[], Any]) -> None:
        """On the worker's thread, after all that it has to do before; returns when it is done."""
        if threading.current_thread() is self._thread or not self._thread.is_alive():
            action()
            return
        done = threading.Event()

        def act() -> None:
            try:
                action()
            finally:
                done.set()

        self._todo.put(act)
        while not done.wait(0.05) and self._thread.is_alive():
            pass

    def _obey(self, command: Command) -> None:
        self.commands.append(command)
        if isinstance(command, StartRun):
            self.folders[command.id] = Path(command.folder)
        elif self.obedient and isinstance(command, EndRun):
            self._end(command.id, ENDS[command.op])

    def _end(
        self,
        run: str,
        state: Any,
        error: dict[str, Any] | None = None,
        extensions: int | None = None,
        revision: int | None = None,
    ) -> None:
        self.folders.pop(run, None)
        self._on_message(Ended(id=run, state=state, error=error, extensions=extensions, revision=revision))


def grey(value: int, width: int = 8, height: int = 6) -> Picture:
    pixels = np.full((height, width, 4), value % 256, "u1")
    pixels[..., 3] = 255
    return Picture(pixels, "RGBA8")


class Shop:
    """All of a daemon's jobs in a home folder, with its library, its pictures, and every worker that was started."""

    def __init__(self, home: Path, library: Library, devices: int = 1, discover: bool = False, **limits: Any) -> None:
        self.home, self.library = private_folder(home), library
        self.workers: list[FakeWorker] = []
        self.start: Callable[..., FakeWorker] = FakeWorker
        options = [WorkerOptions(device="auto" if discover else "cpu") for _ in range(devices)]
        settings = Settings().model_copy(update=limits)
        self.pool = DevicePool(options, self._start, discover=discover, idle_unload_s=settings.idle_unload_s)
        self.all = Jobs(home, library, self.pool, settings)
        self.images, self.controller, self.table = self.all.images, self.all.controller, self.all.table
        self.owner = OWNER
        self.content = str(self.images.put(grey(90))["id"])

    def _start(self, options: WorkerOptions, on_message: OnMessage, on_exit: OnExit) -> FakeWorker:
        self.workers.append(self.start(options, on_message, on_exit))
        return self.workers[-1]

    @property
    def worker(self) -> FakeWorker:
        return self.workers[-1]

    @property
    def worker_state(self) -> str:
        self.settle()
        return self.controller.status.worker().state

    def settle(self) -> None:
        """Wait until every worker has done what it was told, and the disk has what is to be kept."""
        for _ in range(2):  # what one has done may have been a command for another
            for worker in list(self.workers):
                worker.settle()
        self.all.store.flush(10)

    def warm(self) -> FakeWorker:
        self.controller.warm()
        return self.workers[-1].ready()

    def submit(self, client: str = "gimp-1", **more: Any) -> str:
        spec = validate(JobSpec, {"content": self.content, "preset": "ink", "client": client, **more})
        return str(self.controller.submit(spec)["id"])

    def job(self, job: str) -> dict[str, Any]:
        self.settle()
        return self.controller.job(job)

    def state(self, job: str) -> str:
        return str(self.job(job)["state"])

    def live(self, job: str) -> Job:
        """The job as the daemon has it in memory."""
        return self.table.find(job, self.owner)

    def saved(self, job: str) -> Any:
        self.settle()
        return read_json(self.home / "jobs" / job / "job.json")

    def told(self, job: str, after: int = 0) -> list[tuple[str, Any]]:
        """The events that are there now."""
        self.settle()
        found = []
        stream = self.controller.events(job, after, 0.001)
        for event in stream:
            if event is None:
                break
            found.append((event.name, event.data))
        stream.close()
        return found

    def close(self) -> None:
        self.all.close()
