"""A live job inside the worker: it paints until its picture has settled, takes changes on its way, and rests.

A job that rests has no run: its picture waits in its checkpoint, and the next change begins a run that goes on from it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..engine.memory.out_of_memory import raising_out_of_memory
from ..engine.targets import TargetCache
from ..engine.transfer import Transfer
from ..engine.vgg import Network
from ..errors import ImageError
from ..files import disk_errors
from ..jobs.spec import FrameSpec
from ..jobs.task import TaskFile
from .checkpoint import Checkpoints
from .frame_files import FrameFiles
from .live_picture import LivePicture, Plan, inputs_of
from .painting import Painting
from .run import CHECKPOINT_S, RunReport


class LiveRun:
    """As `Run`, and `take_change()` reads the job's task anew. `revision` is that of the task that is painted."""

    def __init__(
        self, identity: str, folder: Path, images: Path, network: Network, cache: TargetCache, **options: Any
    ) -> None:
        self.identity, self._folder, self._images = identity, folder, images
        self._network, self._cache, self._options = network, cache, options
        self.extensions, self.revision = 0, -1
        self.notes: list[str] = []
        self._live = LivePicture()
        self._frames, self._checkpoints = FrameFiles(folder), Checkpoints(folder)
        self._checkpoints.restore(self._take_up, network.device)
        self._transfer: Transfer | None = None
        self._plan: Plan | None = None
        self._last_frame = self._last_checkpoint = time.monotonic()
        self._is_new = False
        self.take_change()

    finished = False
    """It never ends by itself."""

    @property
    def tile_size(self) -> int | None:
        return self._painting.tile_size

    @property
    def rests(self) -> bool:
        """Whether the picture has settled."""
        return self._transfer is None or self._transfer.finished

    def take_change(self) -> None:
        """Go on with the task as it is now, from the picture as it is now."""
        file = TaskFile.read(self._folder)
        if file.revision == self.revision:
            return
        try:
            painting = Painting(
                self.identity, self._folder, self._images, self._network, self._cache, file, **self._options
            )
        except ImageError:
            if TaskFile.read(self._folder).revision == file.revision:
                raise
            return self.take_change()  # its picture went with the change that came meanwhile
        styles = json.dumps([[style.model_dump() for style in region.styles] for region in file.regions])
        method = json.dumps(file.method, sort_keys=True)
        with disk_errors(), raising_out_of_memory():
            inputs = inputs_of(painting.task, styles, method, painting.finest, painting.store)
            plan = self._live.plan(painting.task, painting.method, inputs, painting.store)
            transfer = None
            if plan is not None:
                transfer = painting.transfer(task=plan.task, method=plan.method, scales=plan.scales)
        self._painting, self._plan, self._transfer = painting, plan, transfer
        self._seconds = FrameSpec.model_validate(file.frames).seconds or 0.0
        self.revision, self._is_new = file.revision, True

    def begin(self) -> Iterator[RunReport]:
        """A change that changes nothing to be seen is shown by the picture that is there."""
        if self._transfer is None and self._live.picture is not None:
            yield self._frame(0)

    def advance(self) -> Iterator[RunReport]:
        """One iteration, with its progress, and a frame where one is due: at once for a new change."""
        transfer, plan = self._transfer, self._plan
        if transfer is None or plan is None or transfer.finished:
            return
        progress = self._painting.step(transfer)
        now = time.monotonic()
        yield self._painting.message(progress, transfer)
        shown = progress.scale >= plan.first_shown
        if shown:
            self._live.show(transfer.picture(), plan, self._painting.store)
        if transfer.finished:
            self._live.finish()
        due = transfer.finished or self._is_new or now - self._last_frame >= self._seconds
        if shown and due:
            yield self._frame(progress.iteration)
        if now - self._last_checkpoint > CHECKPOINT_S:
            self.save_checkpoint()

    def finish(self) -> Iterator[RunReport]:
        """The result from the picture as it is now, also as the last frame."""
        while self._live.picture is None:
            yield from self.advance()
        message = self._frame(0 if self._transfer is None else self._transfer.position.iteration)
        self._frames.last_is_result()
        self.save_checkpoint()
        self._checkpoints.forget_former()
        yield message

    def extend(self, extensions: Sequence[int]) -> None:
        """A live job has none."""

    def save_checkpoint(self) -> None:
        """The picture, what it was painted from, and what of it is unfinished. Raises DiskFull, StorageError."""
        self._checkpoints.save({"live": self._live.state(), "frames": self._frames.count})
        self._last_checkpoint = time.monotonic()

    def close(self) -> None:
        """Nothing is open."""

    def keep_last_good(self) -> Iterator[RunReport]:
        """The last finite picture was shown."""
        yield from ()

    def _take_up(self, state: dict[str, Any]) -> None:
        self._live.restore(state["live"])
        self._frames.count = int(state["frames"])

    def _frame(self, iteration: int) -> RunReport:
        assert self._live.picture is not None
        self._is_new, self._last_frame = False, time.monotonic()
        transfer, painting = self._transfer, self._painting
        content = painting.task.content if transfer is None else transfer.content
        iterations = 0 if transfer is None else transfer.iterations
        return self._frames.write(painting, self._live.picture, content, iteration, iterations, revision=self.revision)
