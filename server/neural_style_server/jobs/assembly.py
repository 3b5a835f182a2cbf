"""Puts the objects of this package together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .controller import JobController
from .create import JobCreator, Library
from .disk_limit import DiskLimit
from .dispatcher import Dispatcher
from .event_streams import EventStreams
from .forecasting import Forecaster
from .image_store import ImageStore
from .retention import Retention, Ticker
from .scheduler import Scheduler
from .status import JobsStatus
from .store import JobStore
from .table import JobTable
from .workers import WorkerPool


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The settings of the same names."""

    max_images: int = 500
    max_jobs_queued: int = 64
    max_jobs_paused: int = 100
    max_jobs_kept: int = 200
    idle_unload_s: float = 900.0
    result_keep_s: float = 7 * 86400.0
    paused_keep_s: float = 30 * 86400.0
    disk_limit_bytes: int = 10 << 30
    memory_limit_bytes: int | None = None


class Jobs:
    """All that a daemon has to do with jobs, in `home`; to be closed."""

    def __init__(self, home: Path, library: Library, pool: WorkerPool, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        for half in (home / "cache").glob("*.part"):
            half.unlink(missing_ok=True)
        disk = DiskLimit(limits.disk_limit_bytes, [home / name for name in ("images", "jobs", "cache")])
        self.images = ImageStore(home / "images", limits.max_images, disk)
        self.store, self.streams = JobStore(home / "jobs"), EventStreams()
        self.table = JobTable(self.store, self.streams, self.images)
        status = JobsStatus(self.table, self.store, pool)
        forecaster = Forecaster(home / "calibration.json", limits.memory_limit_bytes)
        self.dispatcher = Dispatcher(self.table, self.store, Scheduler(), pool, forecaster.keep)
        self.retention = Retention(
            self.table,
            self.store,
            self.images,
            pool,
            disk,
            max_kept=limits.max_jobs_kept,
            keep_s=limits.result_keep_s,
            paused_keep_s=limits.paused_keep_s,
        )
        self.controller = JobController(
            self.table,
            self.store,
            self.streams,
            self.dispatcher,
            pool,
            JobCreator(library, self.images, self.store, forecaster, disk, status),
            self.retention,
            status,
            max_queued=limits.max_jobs_queued,
            max_paused=limits.max_jobs_paused,
        )
        self._ticker = Ticker(self.retention.tidy, min(60.0, max(1.0, limits.idle_unload_s / 4)))

    def close(self) -> None:
        """End the workers and all threads; what is unfinished is saved and paused."""
        self.controller.close()
        self._ticker.close()
        self.store.close()
