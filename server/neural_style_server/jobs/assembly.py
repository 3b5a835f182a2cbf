"""Puts the objects of this package together."""

from __future__ import annotations

from pathlib import Path

from ..files import own_folder, remove_halves
from ..presets.library import Library
from ..settings import Settings
from .controller import JobController
from .create import JobCreator
from .disk_limit import DiskLimit
from .dispatcher import Dispatcher
from .event_streams import EventStreams
from .image_store import ImageStore
from .retention import Retention, Ticker
from .sequences import Sequences
from .status import JobsStatus
from .store import JobStore
from .table import JobTable
from .workers import WorkerPool


class Jobs:
    """All that a daemon has to do with jobs, in `home`; to be closed."""

    def __init__(self, home: Path, library: Library, pool: WorkerPool, settings: Settings) -> None:
        remove_halves(own_folder(home / "cache"), "*.part")
        disk = DiskLimit(settings.disk_limit_bytes, [home / name for name in ("images", "jobs", "cache")])
        self.images = ImageStore(home / "images", settings.max_images, disk)
        self.store, self.streams = JobStore(home / "jobs"), EventStreams()
        self.table = JobTable(self.store, self.images)
        self.dispatcher = Dispatcher(self.table, self.store, self.streams, pool)
        self.retention = Retention(self.table, self.store, self.images, pool, disk, settings)
        status = JobsStatus(home, self.table, self.store, pool)
        creator = JobCreator(home, library, self.images, self.store, disk, status, settings.memory_limit_bytes)
        self.controller = JobController(
            self.table, self.store, self.streams, self.dispatcher, pool, creator, self.retention, status, settings
        )
        self.sequences = Sequences(home / "sequences", self.controller, self.table, self.images, settings.paused_keep_s)
        self._ticker = Ticker(self.retention.tidy, min(60.0, max(1.0, settings.idle_unload_s / 4)))

    def close(self) -> None:
        """End the workers and all threads; what is unfinished is saved and paused."""
        self.controller.close()
        self._ticker.close()
        self.store.close()
