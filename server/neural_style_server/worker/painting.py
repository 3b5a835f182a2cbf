"""A job's transfer with its canvas and memory: set up from `task.json`, stepped, in smaller tiles where memory ends."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..engine.memory.duration import DEFAULT_CALIBRATION, Load, ScaleSeconds, scale_seconds
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
from .pace import Pace, seconds_left, step_seconds

log = logging.getLogger(__name__)


class Painting:
    """What is needed to paint the job in `folder`. `finest`: (height, width) of its last scale. `calibration`: of this
    device, where it is measured."""

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
        calibration: Mapping[str, Any] | None = None,
    ) -> None:
        self.identity, self.network = identity, network
        self.method = Method(**file.method)
        self.canvas = Canvas(folder, images, file)
        height, width = self.canvas.size
        self.finest = fit(height, width, file.size, self.method)
        free = available_bytes(network.device, memory_limit)
        self._profile = numbers = profile_for(network.memory_profile, self.method.pooling, memory_limit, free)
        pixels = max(height * width, self.finest[0] * self.finest[1])
        self.store = store_for(pixels, network.device, folder, numbers)
        self.tile_size = choose_tile(*self.finest, free, numbers)
        self._cache, self._replicas = cache, replicas
        self._calibration, self._pace = calibration or DEFAULT_CALIBRATION, Pace()
        self._computed, self._step = (0, 0), (0.0, 0.0)
        with disk_errors(), raising_out_of_memory():
            self.task = self.canvas.task(self.store, network.device)

    def transfer(self, **options: Any) -> Transfer:
        """The job's run, or with `task`, `method` or `scales` another one on the same canvas."""
        task, method = options.pop("task", self.task), options.pop("method", self.method)
        known = {"tile_size": self.tile_size, "replicas": self._replicas, "cache": self._cache, "store": self.store}
        return Transfer(self.network, task, method, **{**known, **options})

    def step(self, transfer: Transfer) -> EngineProgress:
        """One iteration, taken again with smaller tiles each time that memory runs out."""
        position = transfer.position
        scale, entered, before = position.scale, position.entered, transfer.seconds
        misses = self._misses()
        progress = self._step_in_memory(transfer)
        first = entered + 1 if self._pace.known else min(entered + 1, scale)  # one that goes on begins its scale again
        begun = range(first, position.entered + 1)
        if begun:
            moments, places = self._misses()
            self._computed = moments - misses[0], places - misses[1]
        self._step = transfer.seconds - before, step_seconds(self._costs(transfer), scale, begun)
        self._pace.add(*self._step)
        return progress

    def _step_in_memory(self, transfer: Transfer) -> EngineProgress:
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
        """After a step."""
        left = self._pace.value * seconds_left(transfer.scales, self._costs(transfer), transfer.position)
        took, expected = self._step
        return Progress(
            id=self.identity,
            iteration=progress.iteration,
            iterations=progress.iterations,
            scale=progress.scale,
            width=progress.width,
            height=progress.height,
            loss=Loss(**progress.losses.as_dict()),
            seconds=round(progress.seconds, 3),
            eta=round(left, 2),
            tile=self.tile_size,
            took=took,
            expected=expected,
        )

    def _misses(self) -> tuple[int, int]:
        """Of moments, and of places."""
        return self._cache.misses, self._cache.places.misses

    def _costs(self, transfer: Transfer) -> list[ScaleSeconds]:
        """A style whose targets had to be computed at the latest scale has to be at the next ones."""
        method, (styles, places) = self.method, self._computed
        load = Load(
            tile=self.tile_size,
            profile=self._profile,
            regions=len(self.task.regions),
            styles=styles,
            places=places,
            style_scale=method.style_scale,
            work=method.work,
            searches=bool(method.matches),
        )
        return scale_seconds(transfer.scales, load, self._calibration)
