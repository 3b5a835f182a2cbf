"""Puts the objects of this package together."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ..files import own_folder, remove_halves
from ..presets.library import Library
from ..settings import Settings
from .controller import JobController
from .corrections import Corrections
from .counters import Counters
from .create import JobCreator
from .disk_limit import DiskLimit, bytes_in
from .dispatcher import Dispatcher
from .event_streams import EventStreams
from .image_store import ImageStore
from .job_limits import JobLimits
from .repaint import Repaint
from .retention import Retention, Ticker
from .sequence_store import SequenceStore
from .sequences import Sequences
from .status import JobsStatus
from .store import JobStore
from .table import JobTable
from .workers import WorkerPool
from .workspaces import Workspace, Workspaces


class Jobs:
    """All that a daemon has to do with jobs, in `home`; to be closed."""

    def __init__(self, home: Path, library: Library, pool: WorkerPool, settings: Settings) -> None:
        remove_halves(own_folder(home / "cache"), "*.part")
        folders = [home / name for name in ("images", "jobs", "cache")]
        disk = DiskLimit(settings.disk_limit_bytes, partial(bytes_in, folders))
        self.counters, self.corrections = Counters(), Corrections(home)
        self.images = ImageStore(home / "images", settings.max_images, disk, self.counters)
        self.store, self.streams = JobStore(home / "jobs"), EventStreams()
        self.table = JobTable(self.store, self.images, self.counters)
        self.dispatcher = Dispatcher(self.table, self.store, self.streams, pool, self.counters, self.corrections)
        self.retention = Retention(self.table, self.store, self.images, pool, disk, settings)
        self.status = status = JobsStatus(home, self.table, self.store, pool)
        limit = settings.memory_limit_bytes
        creator = JobCreator(home, library, self.images, self.store, disk, status, self.corrections, limit)
        self.controller = JobController(
            self.table,
            self.store,
            self.streams,
            self.dispatcher,
            pool,
            creator,
            self.retention,
            status,
            JobLimits(self.table, settings),
        )
        repaint = Repaint(self.table, self.store, self.streams, self.dispatcher)
        kept = SequenceStore(home / "sequences", self.table, self.images, settings.paused_keep_s)
        self.sequences = Sequences(kept, self.controller, self.table, self.images, repaint)
        own = Workspace(self.controller, self.sequences, self.images, library)
        self.workspaces = Workspaces(home, own, self.table, creator, self.retention, disk, settings)
        self._ticker = Ticker(self._tidy, min(60.0, max(1.0, settings.idle_unload_s / 4)))

    def close(self) -> None:
        """End the workers and all threads; what is unfinished is saved and paused."""
        self.controller.close()
        self._ticker.close()
        self.corrections.save()
        self.store.close()

    def _tidy(self) -> None:
        self.corrections.save()
        self.retention.tidy()
