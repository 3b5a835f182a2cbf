"""A worker without a process, and a queue around it: what the queue is told is up to the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from neural_style_server.files import private_folder
from neural_style_server.jobs.image_store import ImageStore
from neural_style_server.jobs.picture_files import write_picture
from neural_style_server.jobs.queue import JobQueue
from neural_style_server.jobs.spec import JobSpec
from neural_style_server.pixels import Picture
from neural_style_server.presets.library import Library
from neural_style_server.validation import validate

LOSS = {"total": 3.0, "content": 1.0, "style": 1.5, "tv": 0.5}
ENDS = {"cancel": "cancelled", "pause": "paused", "finish": "done"}


class FakeWorker:
    """Keeps the commands. An obedient one carries out cancel, pause and finish at once."""

    def __init__(self, queue: JobQueue) -> None:
        self.queue, self.obedient = queue, True
        self.commands: list[dict[str, Any]] = []
        self.folders: dict[str, Path] = {}
        self.stopped = self.killed = False

    def send(self, command: dict[str, Any]) -> None:
        self.commands.append(command)
        if command["op"] == "run":
            self.folders[command["id"]] = Path(command["folder"])
        elif self.obedient and command["op"] in ENDS:
            self.end_run(command["id"], ENDS[command["op"]])

    def stop(self) -> None:
        self.stopped = True
        for run in list(self.folders):
            self.end_run(run, "paused")
        self.die(0)

    def kill(self) -> None:
        self.killed = True
        self.die(-9)

    def die(self, code: int = -9) -> None:
        self.queue.on_exit(self, code)

    def ready(self) -> FakeWorker:
        self.say(event="ready", device="fake", network="fake", network_sha256="0" * 64, dtype="float32")
        return self

    def say(self, **message: Any) -> None:
        self.queue.on_message(self, message)

    def run_of(self, job: str) -> str:
        """The latest run that was handed out for a job."""
        return [run for run, folder in self.folders.items() if folder.name == job][-1]

    def painting(self) -> list[str]:
        return [folder.name for folder in self.folders.values()]

    def progress(self, job: str, iteration: int = 1, iterations: int = 60, tile: int | None = None) -> None:
        size = {"scale": 0, "width": 8, "height": 6, "loss": LOSS, "seconds": 0.1, "eta": 1.0, "tile": tile}
        self.say(event="progress", id=self.run_of(job), iteration=iteration, iterations=iterations, **size)

    def frame(self, job: str, number: int, iteration: int) -> None:
        run = self.run_of(job)
        private_folder(self.folders[run] / "frames")
        write_picture(self.folders[run] / "frames" / str(number), grey(number), iteration=iteration)
        size = {"width": 8, "height": 6, "iterations": 60}
        self.say(event="frame", id=run, number=number, iteration=iteration, **size)

    def done(self, job: str, **more: Any) -> None:
        run = self.run_of(job)
        write_picture(self.folders[run] / "result", grey(200), iteration=60)
        (self.folders[run] / "checkpoint.pt").write_bytes(b"state")
        self.end_run(run, "done", **more)

    def end_run(self, run: str, state: str, error: dict[str, Any] | None = None, **more: Any) -> None:
        self.folders.pop(run, None)
        self.say(event="ended", id=run, state=state, error=error, **more)


def grey(value: int, width: int = 8, height: int = 6) -> Picture:
    pixels = np.full((height, width, 4), value % 256, "u1")
    pixels[..., 3] = 255
    return Picture(pixels, "RGBA8")


class Shop:
    """A queue over a folder, with its library, its pictures, and every worker that it has started."""

    def __init__(self, home: Path, library: Library, **options: Any) -> None:
        self.home, self.library = home, library
        self.workers: list[FakeWorker] = []
        self.start: Callable[[JobQueue], FakeWorker] = FakeWorker
        self.images = ImageStore(private_folder(home) / "images", 100, 1 << 30)
        self.content = str(self.images.put(grey(90))["id"])
        self.queue = JobQueue(home / "jobs", library=library, images=self.images, start_worker=self._hire, **options)

    def _hire(self, queue: JobQueue) -> FakeWorker:
        self.workers.append(self.start(queue))
        return self.workers[-1]

    @property
    def worker(self) -> FakeWorker:
        return self.workers[-1]

    def warm(self) -> FakeWorker:
        self.queue.warm()
        return self.worker.ready()

    def submit(self, client: str = "gimp-1", **more: Any) -> str:
        spec = validate(JobSpec, {"content": self.content, "preset": "ink", "client": client, **more})
        return str(self.queue.submit(spec)["id"])

    def state(self, job: str) -> str:
        return str(self.queue.job(job)["state"])

    def told(self, job: str, after: int = 0) -> list[tuple[str, Any]]:
        """The events that are there now."""
        found = []
        stream = self.queue.events(job, after, 0.001)
        for event in stream:
            if event is None:
                break
            found.append((event.name, event.data))
        stream.close()
        return found
