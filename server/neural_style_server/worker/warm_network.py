"""The network, warm on its device, and what else the runs of a worker share."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..engine import device
from ..engine.memory import calibration, limits
from ..engine.memory.allocator import map_large_blocks
from ..engine.memory.release import release_all
from ..engine.targets import TargetCache
from ..engine.vgg import Network
from ..errors import StorageError
from ..files import write_json
from ..jobs.corrections import mark_of
from ..jobs.forecasting import CALIBRATION_FILE, read_calibration
from ..jobs.messages import Ready, StartRun, WorkerOptions
from ..weights import load_network

if TYPE_CHECKING:
    from .held_run import HeldRun
    from .live_run import LiveRun
    from .run import Run


class WarmNetwork:
    """Reads the weights, and runs the network once, so that the first job finds it warm. Raises NeuralStyleError.

    home: where weights, cached targets and the calibration lie; images: where the pictures of jobs do.
    """

    def __init__(self, home: Path, images: Path, options: WorkerOptions) -> None:
        map_large_blocks()
        place = device.choose(options.device, options.dtype, options.threads)
        device.be_deterministic(
            options.deterministic == "on" or (options.deterministic == "auto" and place.device.type == "cpu")
        )
        network = load_network(options.weights, home / "weights").to(place.device, place.dtype)
        self._network, self._images = network, images
        self._cache = TargetCache(home / "cache", options.cache_limit_bytes)
        self._uses_told = 0, 0
        self._replicas: dict[str, Network] = {}
        calibration.warm_up(network)
        release_all()  # so that a limit counts from what the idle worker holds, as forecasts do
        self._memory_limit = limits.limit_process(options.memory_limit_bytes)
        if options.calibrate:
            calibrate(home, network, [place.name, network.sha256, calibration.VERSION, torch.__version__])
        self._calibration = known = read_calibration(home)
        release_all()  # a quarter of what the idle worker would hold
        self.ready = Ready(
            device=place.name,
            network=network.name,
            network_sha256=network.sha256,
            dtype=str(place.dtype).removeprefix("torch."),
            other_devices=device.other_gpus(place),
            calibration=mark_of(known) if options.calibrate else None,
        )

    def run(self, command: StartRun) -> Run | LiveRun | HeldRun:
        """Raises NeuralStyleError."""
        from .held_run import HeldRun, is_held
        from .live_run import LiveRun
        from .run import Run

        folder = Path(command.folder)
        if is_held(folder):
            return HeldRun(command.id, folder)
        kind = LiveRun if command.live else Run
        return kind(
            command.id,
            folder,
            self._images,
            self._network,
            self._cache,
            replicas=[self._replica(name) for name in command.spare_devices],
            memory_limit=self._memory_limit,
            calibration=self._calibration,
        )

    def cache_uses(self) -> tuple[int, int]:
        """How many style targets were in the cache, and how many were not, since this was asked before."""
        (hits, misses), before = (self._cache.hits, self._cache.misses), self._uses_told
        self._uses_told = hits, misses
        return hits - before[0], misses - before[1]

    def _replica(self, name: str) -> Network:
        """The network on another GPU, where it shares the tiles of large canvases."""
        if name not in self._replicas:
            self._replicas[name] = self._network.to(name, self._network.dtype)
        return self._replicas[name]


def calibrate(home: Path, network: Network, place: list[str]) -> None:
    """Measure what an iteration costs, once for each device and network: before any job, which would wait."""
    known = read_calibration(home)
    if known is None or known.get("place") != place:
        with contextlib.suppress(StorageError):
            write_json(home / CALIBRATION_FILE, {"place": place, **calibration.measure(network)})
