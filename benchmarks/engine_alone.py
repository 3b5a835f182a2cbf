"""The engine on a job's own file, without daemon, frames and files: what both a job and a batch are compared with."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from neural_style_client import Client, connect
from neural_style_server.engine import device
from neural_style_server.engine.memory.allocator import map_large_blocks
from neural_style_server.engine.targets import TargetCache
from neural_style_server.jobs.task import TaskFile
from neural_style_server.weights import load_network
from neural_style_server.worker.main import NICENESS
from neural_style_server.worker.painting import Painting


@contextmanager
def warm_daemon(home: Path) -> Iterator[Client]:
    """One of its own, warm, which ends with the block."""
    os.environ["NEURAL_STYLE_HOME"] = str(home)
    client = connect()
    try:
        while not client.health()["warm"]:
            time.sleep(0.1)
        yield client
    finally:
        client.shutdown()
        time.sleep(2)


class EngineAlone:
    """Paints in this process as a worker does: with its method, styles, threads, allocator and niceness."""

    def __init__(self, home: Path) -> None:
        map_large_blocks()
        os.nice(NICENESS)
        place = device.choose()
        device.be_deterministic(place.device.type == "cpu")
        self._home = home
        self._network = load_network(None, home / "weights").to(place.device, place.dtype)
        self._folder = Path(tempfile.mkdtemp(prefix="engine-alone-"))
        self._cache = TargetCache(self._folder / "cache", 1 << 30)

    def seconds(self, job: str) -> float:
        """For a job that this home's daemon has painted, from its pictures to the last iteration."""
        folder = self._folder / job
        shutil.copytree(self._home / "jobs" / job, folder, ignore=shutil.ignore_patterns("checkpoint*", "frames"))
        started = time.perf_counter()
        file = TaskFile.read(folder)
        transfer = Painting(job, folder, self._home / "images", self._network, self._cache, file).transfer()
        for _ in transfer:
            pass
        transfer.picture()
        return time.perf_counter() - started

    def close(self) -> None:
        shutil.rmtree(self._folder)
