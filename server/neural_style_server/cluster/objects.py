"""What was put into the cluster's object store, by its content: each once, and from there once to a node."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .travel import Item, blob

INLINE = 64 << 10
"""Bytes that travel with a call rather than by the store."""


class Objects:
    """Keeps references to the latest content, up to `limit` bytes; the store frees what is no longer referred to.
    `put` puts an array into the store. Thread-safe."""

    def __init__(self, put: Callable[[Any], Any], limit: Callable[[], int]) -> None:
        self._put, self._limit = put, limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self.hits = self.misses = 0

    def argument(self, item: Item) -> Any:
        """An item's content as the argument of a call. Raises OSError."""
        size = item.path.stat().st_size
        if size <= INLINE:
            return blob(item.path)
        if item.key is None:
            return self._put(blob(item.path))
        with self._lock:
            found = self._kept.get(item.key)
            if found is not None:
                self._kept.move_to_end(item.key)
                self.hits += 1
                return found[0]
            self.misses += 1
            reference = self._put(blob(item.path))
            self._kept[item.key] = reference, size
            self._bytes += size
            limit = self._limit()
            while self._bytes > limit and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1][1]
            return reference

    def file(self, path: Path) -> Any:
        """As `argument`, for a file that is known by its path and its time."""
        stat = path.stat()
        return self.argument(Item(path.name, path, f"{path}:{stat.st_mtime_ns}:{stat.st_size}"))
