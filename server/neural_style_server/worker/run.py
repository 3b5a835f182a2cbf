"""One job inside the worker: from its folder to tensors, through the transfer, and back to files.

The folder holds `task.json` (see `jobs/task.py`), and gets `frames/N`, `result`, `losses.jsonl` and checkpoints.
Everything that the daemon must know is returned as a message.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from ..engine import first_frame
from ..engine.memory.out_of_memory import raising_out_of_memory
from ..engine.memory.tensor_store import InMemoryStore
from ..engine.targets import TargetCache
from ..engine.task import small
from ..engine.transfer import Progress as EngineProgress
from ..engine.vgg import Network
from ..files import disk_errors, write_atomic
from ..jobs.loss_curves import as_line
from ..jobs.loss_curves import read as read_losses
from ..jobs.messages import FrameWritten, Progress
from ..jobs.spec import FrameSpec
from ..jobs.task import LOSSES, TaskFile
from .checkpoint import Checkpoints
from .frame_files import FrameFiles
from .painting import Painting

log = logging.getLogger(__name__)

CHECKPOINT_S = 15.0
"""Work that a killed worker can lose."""

CHECKPOINT_SHARE = 0.05
"""Saving a large canvas takes at most this share of the time."""

RunReport = Progress | FrameWritten


class Run:
    """A job that is being painted. `advance()` paints one iteration and returns its messages; `notes` are for the
    painter."""

    def __init__(
        self,
        identity: str,
        folder: Path,
        images: Path,
        network: Network,
        cache: TargetCache,
        *,
        replicas: Sequence[Network] = (),
        memory_limit: int | None = None,
        calibration: Mapping[str, Any] | None = None,
    ) -> None:
        self.identity, self._folder = identity, folder
        task = TaskFile.read(folder)
        self._frame_spec, self._extendable = FrameSpec.model_validate(task.frames), task.extendable
        options: dict[str, Any] = {"replicas": replicas, "memory_limit": memory_limit, "calibration": calibration}
        self._painting = Painting(identity, folder, images, network, cache, task, **options)
        with disk_errors(), raising_out_of_memory():
            self._transfer = self._painting.transfer()
            self.extensions = 0
            self.extend(task.extensions)
            self._frames = FrameFiles(folder)
            self._checkpoints = Checkpoints(folder)
            self._restored = self._checkpoints.restore(self._take_up, self._painting.store.device)
        self._losses = _LossFile(folder / LOSSES, self._transfer.position.iteration)
        self.notes = self._taken_up(self._losses.had_entries)
        self._last_frame = self._last_checkpoint = time.monotonic()
        self._checkpoint_s = 0.0
        self._progress: EngineProgress | None = None

    @property
    def tile_size(self) -> int | None:
        return self._painting.tile_size

    def begin(self) -> Iterator[RunReport]:
        """A quick first frame of a large new job that has live frames."""
        finest = self._transfer.scales[-1]
        if self._restored or self._frame_spec.seconds is None or max(finest.height, finest.width) <= first_frame.SIDE:
            return
        painting = self._painting
        method, scale = first_frame.method_and_scale(painting.method, *painting.canvas.size)
        with raising_out_of_memory():
            task = small(replace(painting.task, content=self._transfer.content), (scale.height, scale.width))
            quick = painting.transfer(
                task=task,
                method=method,
                scales=[scale],
                tile_size=None,
                replicas=(),
                store=InMemoryStore(task.content.device),
            )
            for _ in quick:
                pass
        log.info("job %s: a first frame at %d × %d px", self.identity, scale.width, scale.height)
        yield self._frame(quick.picture(), 0)

    def advance(self) -> Iterator[RunReport]:
        """One iteration, with its progress, and a frame where one is due."""
        if self._transfer.finished:
            return
        progress = self._painting.step(self._transfer)
        self._progress = progress
        self._losses.add(progress)
        now = time.monotonic()
        yield self._painting.message(progress, self._transfer)
        if self._frame_spec.wanted(progress.iteration, now - self._last_frame) and not self._transfer.finished:
            yield self._frame(self._transfer.picture(), progress.iteration)
            self._last_frame = time.monotonic()
        if now - self._last_checkpoint > max(CHECKPOINT_S, self._checkpoint_s / CHECKPOINT_SHARE):
            self.save_checkpoint()

    rests = False
    """Only a live job rests."""

    @property
    def finished(self) -> bool:
        return self._transfer.finished

    def extend(self, extensions: Sequence[int]) -> None:
        """Takes all extensions that the job has had; known ones change nothing."""
        for count in extensions[self.extensions :]:
            self._transfer.extend(count)
        self.extensions = len(extensions)

    def finish(self) -> Iterator[RunReport]:
        """The result from the picture as it is now, also as the last frame."""
        iteration = self._progress.iteration if self._progress else self._transfer.position.iteration
        if self._transfer.position.iteration == 0:
            yield from self.advance()
            iteration = 1
        message = self._frame(self._transfer.picture(), iteration)
        self._frames.last_is_result()
        if self._extendable:
            self.save_checkpoint()
        self._checkpoints.forget_former()
        yield message

    def save_checkpoint(self) -> None:
        """The whole state of the run. Raises DiskFull, StorageError."""
        started = time.monotonic()
        self._checkpoints.save({"transfer": self._transfer.state(), "frames": self._frames.count})
        self._painting.store.release()
        self._last_checkpoint = time.monotonic()
        self._checkpoint_s = self._last_checkpoint - started

    def close(self) -> None:
        self._losses.close()

    def keep_last_good(self) -> Iterator[RunReport]:
        """After a failure: the last finite picture as a frame, where there is one."""
        if self._progress is not None:
            yield self._frame(self._transfer.picture(), self._progress.iteration)

    # in

    def _take_up(self, state: dict[str, Any]) -> None:
        self._transfer.restore(state["transfer"])
        self._frames.count = int(state["frames"])

    def _taken_up(self, has_painted: bool) -> list[str]:
        """What the painter is told of where the run begins."""
        if self._restored and self._checkpoints.damaged:
            iteration = self._transfer.position.iteration
            return [
                f"The latest checkpoint was damaged; the job goes on from the one before, at iteration {iteration}."
            ]
        if self._restored or not (self._checkpoints.damaged or has_painted):
            return []
        why = "The checkpoint was damaged" if self._checkpoints.damaged else "There was no checkpoint to go on from"
        return [f"{why}, so the job is painted from its start again."]

    def _frame(self, picture: Tensor, iteration: int) -> FrameWritten:
        """Write the picture as the next frame."""
        transfer = self._transfer
        return self._frames.write(self._painting, picture, transfer.content, iteration, transfer.iterations)


class _LossFile:
    """`losses.jsonl`, cut back to the iteration that a run goes on from."""

    def __init__(self, path: Path, iteration: int) -> None:
        entries = read_losses(path)
        self.had_entries = bool(entries)
        kept = [as_line(entry) for entry in entries if entry["iteration"] <= iteration]
        write_atomic(path, "".join(kept).encode())
        self._file = path.open("a", encoding="utf-8")

    def add(self, progress: EngineProgress) -> None:
        losses = progress.losses
        entry = {"iteration": progress.iteration, "scale": progress.scale, **losses.as_dict()}
        with disk_errors():
            self._file.write(as_line({**entry, "layers": dict(losses.layers)}))
            self._file.flush()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # of a line that the disk did not take; `add` has reported it
            self._file.close()
