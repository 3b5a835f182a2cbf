"""One job inside the worker: from its folder to tensors, through the transfer, and back to files.

The folder holds `task.json` (see `jobs/task.py`), and gets `frames/N`, `result`, `losses.jsonl` and checkpoints.
Everything that the daemon must know is returned as a message.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from ..engine import first_frame
from ..engine.memory.limits import available_bytes
from ..engine.memory.out_of_memory import is_out_of_memory, raising_out_of_memory
from ..engine.memory.release import release_after_out_of_memory
from ..engine.memory.tensor_store import store_for
from ..engine.memory.working_set import choose_tile, profile_for, smaller_tile
from ..engine.method import Method
from ..engine.scales import fit
from ..engine.targets import TargetCache
from ..engine.transfer import Progress as EngineProgress
from ..engine.transfer import Transfer
from ..engine.vgg import Network
from ..errors import OutOfMemory
from ..files import disk_errors, own_folder, write_atomic
from ..jobs.loss_curves import as_line
from ..jobs.loss_curves import read as read_losses
from ..jobs.messages import FrameWritten, Progress
from ..jobs.picture_files import share_picture, write_rows
from ..jobs.record import Loss
from ..jobs.spec import FrameSpec
from ..jobs.task import TaskFile
from .canvas import Canvas
from .checkpoint import Checkpoints

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
    ) -> None:
        self.identity, self._folder, self._network = identity, folder, network
        task = TaskFile.read(folder)
        self._method = Method(**task.method)
        self._frame_spec = FrameSpec.model_validate(task.frames)
        self._canvas = Canvas(folder, images, task)
        height, width = self._canvas.size
        finest = fit(height, width, task.size, self._method)
        self._finest = finest
        free = available_bytes(network.device, memory_limit)
        numbers = profile_for(network.memory_profile, self._method.pooling, memory_limit, free)
        self._store = store_for(max(height * width, finest[0] * finest[1]), network.device, folder, numbers)
        self.tile_size = choose_tile(*finest, free, numbers)
        self._cache, self._replicas = cache, replicas
        with disk_errors(), raising_out_of_memory():
            self._task = self._canvas.task(self._store, network.device)
            self._transfer = self._transfer_of(self._method, tile_size=self.tile_size, replicas=replicas)
            self.extensions = 0
            self.extend(task.extensions)
            frames = [path.stem for path in own_folder(folder / "frames").glob("*.json")]
            self._frames = max((int(name) for name in frames if name.isascii() and name.isdigit()), default=0)
            self._checkpoints = Checkpoints(folder)
            self._restored = self._checkpoints.restore(self._take_up, self._store.device)
        self._losses = _LossFile(folder / "losses.jsonl", self._transfer.position.iteration)
        self.notes = self._taken_up(self._losses.had_entries)
        self._last_frame = self._last_checkpoint = time.monotonic()
        self._checkpoint_s = 0.0
        self._progress: EngineProgress | None = None

    def begin(self) -> Iterator[RunReport]:
        """A quick first frame of a large new job that has live frames."""
        finest = self._transfer.scales[-1]
        if self._restored or self._frame_spec.seconds is None or max(finest.height, finest.width) <= first_frame.SIDE:
            return
        method, scale = first_frame.method_and_scale(self._method, *self._canvas.size)
        with raising_out_of_memory():
            quick = self._transfer_of(method, scales=[scale])
            for _ in quick:
                pass
        log.info("job %s: a first frame at %d × %d px", self.identity, scale.width, scale.height)
        yield self._frame(quick.picture(), 0)

    def advance(self) -> Iterator[RunReport]:
        """One iteration, with its progress, and a frame where one is due."""
        if self._transfer.finished:
            return
        progress = self._step()
        self._progress = progress
        self._losses.add(progress)
        now = time.monotonic()
        yield self._progress_message(progress)
        if self._frame_spec.wanted(progress.iteration, now - self._last_frame) and not self._transfer.finished:
            yield self._frame(self._transfer.picture(), progress.iteration)
            self._last_frame = time.monotonic()
        if now - self._last_checkpoint > max(CHECKPOINT_S, self._checkpoint_s / CHECKPOINT_SHARE):
            self.save_checkpoint()

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
        share_picture(self._folder / "frames" / str(self._frames), self._folder / "result")
        self.save_checkpoint()
        self._checkpoints.forget_former()
        yield message

    def save_checkpoint(self) -> None:
        """The whole state of the run. Raises DiskFull, StorageError."""
        started = time.monotonic()
        self._checkpoints.save({"transfer": self._transfer.state(), "frames": self._frames})
        self._store.release()
        self._last_checkpoint = time.monotonic()
        self._checkpoint_s = self._last_checkpoint - started

    def close(self) -> None:
        self._losses.close()

    def keep_last_good(self) -> Iterator[RunReport]:
        """After a failure: the last finite picture as a frame, where there is one."""
        if self._progress is not None:
            yield self._frame(self._transfer.picture(), self._progress.iteration)

    # in

    def _transfer_of(self, method: Method, **options: Any) -> Transfer:
        return Transfer(self._network, self._task, method, cache=self._cache, store=self._store, **options)

    def _take_up(self, state: dict[str, Any]) -> None:
        self._transfer.restore(state["transfer"])
        self._frames = int(state["frames"])

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

    # out

    def _step(self) -> EngineProgress:
        """One iteration, taken again with smaller tiles each time that memory runs out."""
        while True:
            try:
                with disk_errors():
                    return self._transfer.step()
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
            tile = smaller_tile(self.tile_size, *self._finest)
            if tile is None:
                raise OutOfMemory("There is not enough memory for even the smallest tile of this picture.")
            log.warning("job %s: out of memory; going on in tiles of %d px", self.identity, tile)
            self.tile_size = tile
            self._transfer.use_tiles(tile)
            release_after_out_of_memory()

    def _frame(self, picture: Tensor, iteration: int) -> FrameWritten:
        """Write the picture as the next frame."""
        content = self._canvas.content
        path = self._folder / "frames" / str(self._frames + 1)
        rows = self._canvas.delivered(picture, self._method, self._store, self._transfer.content)
        with disk_errors(), raising_out_of_memory():
            write_rows(path, rows, content.width, content.height, content.format, iteration=iteration)
        self._frames += 1
        return FrameWritten(
            id=self.identity,
            number=self._frames,
            iteration=iteration,
            iterations=self._transfer.iterations,
            width=content.width,
            height=content.height,
        )

    def _progress_message(self, progress: EngineProgress) -> Progress:
        return Progress(
            id=self.identity,
            iteration=progress.iteration,
            iterations=progress.iterations,
            scale=progress.scale,
            width=progress.width,
            height=progress.height,
            loss=Loss(**progress.losses.as_dict()),
            seconds=round(progress.seconds, 3),
            eta=round(_eta(self._transfer, progress.seconds), 2),
            tile=self.tile_size,
        )


def _eta(transfer: Transfer, seconds: float) -> float:
    """Seconds left, from the time that a pixel has taken so far."""
    scales, position = transfer.scales, transfer.position
    pixels = [scale.height * scale.width for scale in scales]
    done = sum(
        min(scale.iterations, position.step if index == position.scale else scale.iterations) * pixels[index]
        for index, scale in enumerate(scales)
        if index <= position.scale
    )
    total = sum(scale.iterations * size for scale, size in zip(scales, pixels, strict=True))
    return seconds * (total - done) / max(done, 1)


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
