"""A job's transfer with its canvas and memory: set up from `task.json`, stepped, in smaller tiles where memory ends."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
from ..files import disk_errors
from ..jobs.messages import Progress
from ..jobs.record import Loss
from ..jobs.task import TaskFile
from .canvas import Canvas

log = logging.getLogger(__name__)


class Painting:
    """What is needed to paint the job in `folder`. `finest`: (height, width) of its last scale."""

    def __init__(
        self,
        identity: str,
        folder: Path,
        images: Path,
        network: Network,
        cache: TargetCache,
        file: TaskFile,
        *,
        replicas: Sequence[Network] = (),
        memory_limit: int | None = None,
    ) -> None:
        self.identity, self.network = identity, network
        self.method = Method(**file.method)
        self.canvas = Canvas(folder, images, file)
        height, width = self.canvas.size
        self.finest = fit(height, width, file.size, self.method)
        free = available_bytes(network.device, memory_limit)
        numbers = profile_for(network.memory_profile, self.method.pooling, memory_limit, free)
        pixels = max(height * width, self.finest[0] * self.finest[1])
        self.store = store_for(pixels, network.device, folder, numbers)
        self.tile_size = choose_tile(*self.finest, free, numbers)
        self._cache, self._replicas = cache, replicas
        with disk_errors(), raising_out_of_memory():
            self.task = self.canvas.task(self.store, network.device)

    def transfer(self, **options: Any) -> Transfer:
        """The job's run, or with `task`, `method` or `scales` another one on the same canvas."""
        task, method = options.pop("task", self.task), options.pop("method", self.method)
        known = {"tile_size": self.tile_size, "replicas": self._replicas, "cache": self._cache, "store": self.store}
        return Transfer(self.network, task, method, **{**known, **options})

    def step(self, transfer: Transfer) -> EngineProgress:
        """One iteration, taken again with smaller tiles each time that memory runs out."""
        while True:
            try:
                with disk_errors():
                    return transfer.step()
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
            tile = smaller_tile(self.tile_size, *self.finest)
            if tile is None:
                raise OutOfMemory("There is not enough memory for even the smallest tile of this picture.")
            log.warning("job %s: out of memory; going on in tiles of %d px", self.identity, tile)
            self.tile_size = tile
            transfer.use_tiles(tile)
            release_after_out_of_memory()

    def message(self, progress: EngineProgress, transfer: Transfer) -> Progress:
        return Progress(
            id=self.identity,
            iteration=progress.iteration,
            iterations=progress.iterations,
            scale=progress.scale,
            width=progress.width,
            height=progress.height,
            loss=Loss(**progress.losses.as_dict()),
            seconds=round(progress.seconds, 3),
            eta=round(_eta(transfer, progress.seconds), 2),
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
