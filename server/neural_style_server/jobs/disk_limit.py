"""The limits on disk space: for pictures, jobs and caches together (`disk_limit_bytes`), and for what a user has
(`user_disk_bytes`)."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

MEASURE_S = 30.0
"""How long a measurement of the folders is valid; requests since then are added to it."""

Evict = Callable[[int], int]
"""Deletes at least this many bytes if possible; returns how many."""


class DiskLimit:
    """`measure` answers how many bytes are there. Owners of deletable files add to `evictors`, which are called in
    order. What is written also has to fit into `whole`, of which this is a part. Thread-safe."""

    def __init__(self, limit_bytes: int, measure: Callable[[], int], whole: DiskLimit | None = None) -> None:
        self.limit = limit_bytes
        self.evictors: list[Evict] = []
        self._measure, self._whole = measure, whole
        self._lock = threading.Lock()
        self._used, self._measured = 0, float("-inf")

    def make_room(self, needed: int) -> bool:
        """Whether this many bytes may be written; deletes what it can if needed."""
        with self._lock:
            stale = time.monotonic() - self._measured > MEASURE_S
            if stale or self._used + needed > self.limit:
                self._used, self._measured = self._measure(), time.monotonic()
            gone = 0
            for evict in self.evictors:
                over = self._used - gone + needed - self.limit
                gone += evict(over) if over > 0 else 0
            self._used -= gone
            if gone and self._used + needed > self.limit:  # a file may have been counted beside the one it replaced
                self._used = self._measure()
            fits = self._used + needed <= self.limit
            fits = fits and (self._whole is None or self._whole.make_room(needed))
            self._used += needed if fits else 0
            return fits


def bytes_in(folders: Sequence[Path]) -> int:
    return sum(map(folder_bytes, folders))


def folder_bytes(folder: Path) -> int:
    """What the files below a folder take, but for those that were set aside: folders whose names begin with a dot."""
    total = 0
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            with contextlib.suppress(OSError):
                total += _taken(os.lstat(os.path.join(root, name)))
    return total


def _taken(stat: os.stat_result) -> int:
    """A file with holes, as damage can make of any, is longer than what it takes."""
    blocks: int | None = getattr(stat, "st_blocks", None)  # Windows does not tell
    return stat.st_size if blocks is None else min(stat.st_size, 512 * blocks)
