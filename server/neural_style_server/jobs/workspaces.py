"""What each user sees of a daemon: own jobs, sequences, pictures and presets, and nothing of anybody else's.

Whoever asks for something gets it from his workspace. What is in it answers for its user's records alone, by the one
owner that each record has, and speaks of another user's as of what does not exist.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..presets.library import Library
from ..settings import Settings
from ..users import OWNER, user_home
from .controller import JobController
from .create import JobCreator
from .disk_limit import DiskLimit, folder_bytes
from .image_store import ImageStore
from .retention import Retention
from .sequences import Sequences
from .table import JobTable


@dataclass(frozen=True)
class Workspace:
    """One user's."""

    controller: JobController
    sequences: Sequences
    images: ImageStore
    library: Library


class Workspaces:
    """Makes a user's workspace when he first asks for something. Thread-safe: that reads the user's folder, and nobody
    else waits for it."""

    def __init__(
        self,
        home: Path,
        own: Workspace,
        table: JobTable,
        creator: JobCreator,
        retention: Retention,
        disk: DiskLimit,
        settings: Settings,
    ) -> None:
        self._home, self._own, self._table = home, own, table
        self._creator, self._retention, self._disk, self._settings = creator, retention, disk, settings
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._known = {OWNER: own}

    def of(self, user: str) -> Workspace:
        """`user` has been let in, so there are not many."""
        if (known := self._known.get(user)) is not None:
            return known
        with self._lock:
            making = self._making.setdefault(user, threading.Lock())
        with making:
            if user not in self._known:
                self._known[user] = self._make(user)
            return self._known[user]

    def _make(self, user: str) -> Workspace:
        own, home = self._own, user_home(self._home, user)
        disk = DiskLimit(self._settings.user_disk_bytes, self._measure(user, home), self._disk)
        images = own.images.of(user, disk)
        disk.evictors += [partial(images.evict, user), partial(self._retention.evict, user)]
        library = own.library.beside(home, disk.make_room)
        controller = own.controller.of(user, self._creator.of(user, library, images, disk))
        return Workspace(controller, own.sequences.of(user, controller, images), images, library)

    def _measure(self, user: str, home: Path) -> Callable[[], int]:
        def measure() -> int:
            jobs = [job.folder for job in self._table.all() if job.owner == user]
            return self._own.images.bytes_of(user) + sum(map(folder_bytes, [home, *jobs]))

        return measure
