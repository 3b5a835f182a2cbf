"""Uploaded pictures, stored once by the hash of their pixels."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import NotFound, TooLarge, TooMany
from ..pixels import Picture
from .files import private_folder, read_picture, write_picture


class ImageStore:
    """`folder` holds ID.raw and ID.json. Limits: number of pictures, bytes of all. Thread-safe."""

    def __init__(self, folder: Path, max_images: int, max_bytes: int) -> None:
        self._folder = private_folder(folder)
        self._max_images, self._max_bytes = max_images, max_bytes
        self._lock = threading.Lock()

    def put(self, picture: Picture) -> dict[str, Any]:
        """-> {id, width, height, format}; the same pixels again are the same id. Raises TooMany, TooLarge."""
        pixels = np.ascontiguousarray(picture.pixels)
        digest = hashlib.sha256(f"{picture.width}x{picture.height}:{picture.format}:".encode())
        digest.update(memoryview(pixels).cast("B"))
        identity = digest.hexdigest()
        with self._lock:
            if not (self._folder / f"{identity}.json").exists():
                self._check_room(pixels.nbytes)
                write_picture(self._folder / identity, picture)
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

    def _check_room(self, size: int) -> None:
        metas = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        if len(metas) >= self._max_images:
            raise TooMany(f"{len(metas)} images are stored already, which is the limit.")
        used = sum(path.stat().st_size for path in self._folder.glob("*.raw"))
        if used + size > self._max_bytes:
            raise TooLarge(
                "The stored images would take more disk space than allowed.",
                hint="Delete old jobs, or raise 'disk_limit_bytes' in the settings file.",
            )

    def _forget(self, identity: str) -> None:
        for suffix in (".json", ".raw"):
            with contextlib.suppress(OSError):
                (self._folder / f"{identity}{suffix}").unlink()
