"""Uploaded pictures, stored once by the hash of their pixels."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import NotFound, TooLarge, TooMany
from ..files import private_folder
from ..pixels import Picture
from .picture_files import read_picture, write_picture

FRESH_S = 600.0
"""A picture is never forgotten for want of room so soon after it came: its job may not be there yet."""


class ImageStore:
    """`folder` holds ID.raw and ID.json. Limits: number of pictures, bytes of all. Thread-safe.

    Where a limit is reached the pictures that came first go, but for fresh ones and those that `needed` names.
    """

    def __init__(self, folder: Path, max_images: int, max_bytes: int) -> None:
        self._folder = private_folder(folder)
        self._max_images, self._max_bytes = max_images, max_bytes
        self._lock = threading.Lock()
        self.needed: Callable[[], set[str]] = set
        self._remove_halves()

    def put(self, picture: Picture) -> dict[str, Any]:
        """-> {id, width, height, format}; the same pixels again are the same id. Raises TooMany, TooLarge."""
        pixels = np.ascontiguousarray(picture.pixels)
        digest = hashlib.sha256(f"{picture.width}x{picture.height}:{picture.format}:".encode())
        digest.update(pixels.data.cast("B"))
        identity = digest.hexdigest()
        needed = self.needed()
        with self._lock:
            if read_picture(self._folder / identity) is None:
                self._make_room(pixels.nbytes, needed)
                write_picture(self._folder / identity, picture)
            os.utime(self._folder / f"{identity}.json")
        return {"id": identity, "width": picture.width, "height": picture.height, "format": picture.format}

    def get(self, identity: str) -> Picture:
        """Raises NotFound, saying which."""
        found = read_picture(self._folder / identity) if len(identity) == 64 and identity.isalnum() else None
        if found is None:
            raise NotFound(f"There is no image with the id {identity[:80]!r}.", hint="Upload it with POST /v1/images.")
        return found[0]

    def path(self, identity: str) -> Path:
        """Where the picture lies, without suffix."""
        return self._folder / identity

    def sweep(self, keep: set[str], older_than_s: float, now: float) -> int:
        """Forget pictures that no job in `keep` names and that are older; returns how many."""
        removed = 0
        with self._lock:
            for meta in self._folder.glob("*.json"):
                if meta.stem not in keep and now - meta.stat().st_mtime > older_than_s:
                    self._forget(meta.stem)
                    removed += 1
        return removed

    def _make_room(self, size: int, needed: set[str]) -> None:
        metas = sorted((path.stat().st_mtime, path.stem) for path in self._folder.glob("*.json"))
        sizes = {path.stem: path.stat().st_size for path in self._folder.glob("*.raw")}
        used, count = sum(sizes.values()), len(metas)
        for came, identity in metas:
            if count < self._max_images and used + size <= self._max_bytes:
                break
            if identity not in needed and time.time() - came > FRESH_S:
                self._forget(identity)
                used, count = used - sizes.get(identity, 0), count - 1
        if count >= self._max_images:
            raise TooMany(f"{count} images are stored already, which is the limit.")
        if used + size > self._max_bytes:
            raise TooLarge(
                "The stored images would take more disk space than allowed.",
                hint="Delete old jobs, or raise 'disk_limit_bytes' in the settings file.",
            )

    def _remove_halves(self) -> None:
        """What a process that was killed in the middle of a write has left."""
        for path in self._folder.iterdir():
            lonely = path.suffix == ".raw" and not path.with_suffix(".json").exists()
            if lonely or path.suffix == ".part":
                path.unlink(missing_ok=True)

    def _forget(self, identity: str) -> None:
        for suffix in (".json", ".raw"):
            with contextlib.suppress(OSError):
                (self._folder / f"{identity}{suffix}").unlink()
