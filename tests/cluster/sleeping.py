"""A stand-in for the network: a worker with the real loop whose runs sleep instead of painting.

An iteration takes `NEURAL_STYLE_TEST_SLEEP` seconds. The result depends on the content, the seed and every iteration,
and a checkpoint holds what a run must know to go on: a run that is taken up wrongly has another result.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from neural_style_server.cluster.actor import WorkerActor
from neural_style_server.files import own_folder, write_atomic
from neural_style_server.jobs.messages import FrameWritten, Progress, Ready, StartRun, WorkerOptions
from neural_style_server.jobs.picture_files import read_picture, share_picture, write_picture
from neural_style_server.jobs.record import Loss
from neural_style_server.jobs.task import CHECKPOINT, LOSSES, TaskFile
from neural_style_server.pixels import Picture

SLEEP = "NEURAL_STYLE_TEST_SLEEP"
CHECKPOINT_EVERY, FRAME_EVERY = 4, 5
LOSS = Loss(total=1.0, content=0.5, style=0.5, tv=0.0)


class SleepingRun:
    """As `worker.run.Run`."""

    tile_size, rests = None, False
    notes: tuple[str, ...] = ()

    def __init__(self, identity: str, folder: Path, images: Path) -> None:
        self.identity, self._folder = identity, folder
        own_folder(folder / "frames")
        task = TaskFile.read(folder)
        found = read_picture(images / task.content)
        assert found is not None, "the content has not come"
        self._content, self.iterations = found[0], int(task.method["iterations"])
        self._iteration, self._value, self._frames = 0, int(task.method["seed"]), 0
        if (folder / CHECKPOINT).exists():
            self._iteration, self._value, self._frames = json.loads((folder / CHECKPOINT).read_bytes())
        self.extend(task.extensions)

    @property
    def finished(self) -> bool:
        return self._iteration >= self.iterations

    def begin(self) -> Iterator[Any]:
        return iter(())

    keep_last_good = begin

    def extend(self, extensions: Sequence[int]) -> None:
        self.iterations += sum(extensions[getattr(self, "extensions", 0) :])
        self.extensions = len(extensions)

    def advance(self) -> Iterator[Any]:
        time.sleep(float(os.environ.get(SLEEP, "0.02")))
        self._iteration += 1
        self._value = (self._value * 31 + self._iteration) % 251
        with (self._folder / LOSSES).open("a") as file:
            file.write(json.dumps({"iteration": self._iteration}) + "\n")
        content = self._content
        yield Progress(
            id=self.identity,
            iteration=self._iteration,
            iterations=self.iterations,
            scale=0,
            width=content.width,
            height=content.height,
            loss=LOSS,
            seconds=self._iteration * 0.02,
            eta=0.0,
            tile=None,
        )
        if self._iteration % FRAME_EVERY == 0 and not self.finished:
            yield self._frame()
        if self._iteration % CHECKPOINT_EVERY == 0:
            self.save_checkpoint()

    def finish(self) -> Iterator[Any]:
        message = self._frame()
        share_picture(self._folder / "frames" / str(self._frames), self._folder / "result")
        self.save_checkpoint()
        yield message

    def save_checkpoint(self) -> None:
        write_atomic(self._folder / CHECKPOINT, json.dumps([self._iteration, self._value, self._frames]).encode())

    def close(self) -> None:
        """Nothing is open."""

    def _frame(self) -> FrameWritten:
        self._frames += 1
        pixels = self._content.pixels ^ np.uint8([self._value, self._value, self._value, 0])
        picture = Picture(pixels, self._content.format)
        write_picture(self._folder / "frames" / str(self._frames), picture, iteration=self._iteration)
        return FrameWritten(
            id=self.identity,
            number=self._frames,
            iteration=self._iteration,
            iterations=self.iterations,
            width=picture.width,
            height=picture.height,
        )


class SleepingNetwork:
    """As `worker.warm_network.WarmNetwork`, without torch."""

    def __init__(self, home: Path, images: Path, options: WorkerOptions) -> None:
        self._images = images
        self.ready = Ready(device="sleeper", network="none", network_sha256="0" * 64, dtype="float32")

    def run(self, command: StartRun) -> SleepingRun:
        return SleepingRun(command.id, Path(command.folder), self._images)

    def cache_uses(self) -> tuple[int, int]:
        return 0, 0


class SleepingActor(WorkerActor):
    def __init__(self) -> None:
        super().__init__(SleepingNetwork)  # type: ignore[arg-type]

    def process(self) -> int:
        return os.getpid()
