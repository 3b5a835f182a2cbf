"""Uploaded pictures, stored once by the hash of their pixels, and kept as long as a job uses them."""

from __future__ import annotations

import copy
import os
import threading
import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import NotFound, TooLarge, TooMany
from ..files import UNREADABLE, delete, forget_set_aside, own_folder, remove_halves, set_aside
from ..pixels import Picture
from ..users import OWNER
from .counters import Counters
from .disk_limit import DiskLimit
from .picture_files import SUM, picture_sum, read_notes, read_picture, write_picture

FRESH_S = 600.0
"""No picture younger than this is deleted to make room: its job may not be submitted yet."""


class ImageStore:
    """`folder` holds ID.raw and ID.json. Limits: the number of a user's pictures, and `disk` with all else. This is
    what the owner sees of it; `of` answers what a user sees, who neither gets nor pushes out another's. Thread-safe.

    At a limit the oldest pictures are deleted, except fresh ones and those of unfinished jobs. What jobs hold has a
    lock of its own, under which no file is touched: a picture that is being deleted counts as gone.
    """

    def __init__(self, folder: Path, max_images: int, disk: DiskLimit, counters: Counters) -> None:
        self._folder = own_folder(folder)
        self._max_images, self._disk = max_images, disk
        self._counters = counters
        self._owner, self._owners = OWNER, dict[str, str]()
        self._writing, self._holding = threading.Lock(), threading.Lock()
        self._held: dict[str, set[str]] = {}
        self._finished: set[str] = set()
        self._leaving: set[str] = set()
        self._tidy()
        disk.evictors.append(partial(self.evict, None))

    def of(self, user: str, disk: DiskLimit) -> ImageStore:
        """The same pictures as another user sees them, whose uploads also have to fit into `disk`."""
        mine = copy.copy(self)
        mine._owner, mine._disk = user, disk
        return mine

    def put(self, picture: Picture) -> dict[str, Any]:
        """-> {id, width, height, format}; the same pixels again are the same id, and repair what is stored under it.
        Raises TooMany, TooLarge."""
        identity = picture_sum(picture, self._owner)
        known = self._touch(identity)
        self._counters.add("uploads", "known" if known else "new")
        if not known:
            self._make_room(picture.pixels.nbytes)
            with self._writing:
                owner = {} if self._owner == OWNER else {"owner": self._owner}
                write_picture(self._folder / identity, picture, **owner)
                self._owners[identity] = self._owner
        return {"id": identity, "width": picture.width, "height": picture.height, "format": picture.format}

    def get(self, identity: str) -> Picture:
        """Raises NotFound, saying which, also where it is damaged or another user's."""
        there = SUM.fullmatch(identity) and self._owner_of(identity) == self._owner
        found = read_picture(self._folder / identity) if there else None
        if found is None:
            raise _missing(identity)
        return found[0]

    def check_there(self, identities: Iterable[str]) -> None:
        """Raises NotFound as `get` does, but reads no pixels."""
        for identity in identities:
            if self._owner_of(identity) != self._owner or not (self._folder / f"{identity}.raw").is_file():
                raise _missing(identity)

    def sum_of(self, identity: str) -> str:
        """The hash of a picture's pixels alone, which is its id but for a user's name; the id where it is gone."""
        notes = read_notes(self._folder / identity)
        return notes.sha256 if notes is not None and notes.sha256 is not None else identity

    def hold(self, job: str, identities: Sequence[str]) -> None:
        """Keep these pictures until `release`. Raises NotFound where one is being deleted."""
        with self._holding:
            for identity in identities:
                if identity in self._leaving:
                    raise _missing(identity)
            self._held[job] = set(identities)

    def set_finished(self, job: str, finished: bool) -> None:
        """The pictures of a finished job may go to make room."""
        with self._holding:
            (self._finished.add if finished else self._finished.discard)(job)

    def release(self, job: str) -> None:
        with self._holding:
            self._held.pop(job, None)
            self._finished.discard(job)

    def drop(self, identities: Iterable[str], before: float | None = None) -> None:
        """Delete pictures that are no longer needed, unless a job holds them, or they came, perhaps again, after the
        Unix time `before`."""
        for identity in identities:
            self._delete(identity, time.time() + 1 if before is None else before, needed_by_finished=True)

    def sweep(self, older_than_s: float, now: float) -> int:
        """Delete pictures that no job holds and that are older; returns how many. So goes what was set aside."""
        forget_set_aside(self._folder, older_than_s)
        before = now - older_than_s
        old = [path.stem for path in self._folder.glob("*.json") if _came(path) < before]
        return sum(self._delete(identity, before, needed_by_finished=True) for identity in old)

    def _touch(self, identity: str) -> bool:
        """Make a stored picture count as new; answers whether it is there."""
        with self._writing:
            there = read_picture(self._folder / identity) is not None
            if there:
                os.utime(self._folder / f"{identity}.json")
            return there

    def _make_room(self, size: int) -> None:
        paths = self._paths(self._owner)
        count = len(paths)
        for path in paths:
            if count >= self._max_images:
                count -= self._delete(path.stem, time.time() - FRESH_S)
        if count >= self._max_images:
            raise TooMany(f"{count} images are stored already, which is the limit.")
        if not self._disk.make_room(size):
            raise TooLarge(
                "The stored images and jobs would take more disk space than allowed.",
                hint="Delete old jobs, or raise 'disk_limit_bytes' in the settings file.",
            )

    def evict(self, user: str | None, wanted: int) -> int:
        """Delete the oldest pictures of a user, or of all, until so many bytes are free; answers how many are."""
        freed = 0
        for path in self._paths(user):
            size = _picture_bytes(path)
            if freed < wanted and self._delete(path.stem, time.time() - FRESH_S):
                freed += size
        return freed

    def bytes_of(self, user: str) -> int:
        """What a user's pictures take on the disk."""
        return sum(map(_picture_bytes, self._paths(user)))

    def _paths(self, user: str | None) -> list[Path]:
        """The notes of a user's pictures, or of all, the oldest first."""
        paths = [it for it in self._folder.glob("*.json") if user is None or self._owner_of(it.stem) == user]
        return sorted(paths, key=_came)

    def _owner_of(self, identity: str) -> str | None:
        """None where there is no such picture, or none whose notes can be read."""
        if identity not in self._owners:
            notes = read_notes(self._folder / identity)
            if notes is None:
                return None
            self._owners[identity] = notes.owner
        return self._owners[identity]

    def _delete(self, identity: str, before: float, needed_by_finished: bool = False) -> bool:
        """Unless it came after `before`, or an unfinished job, or with `needed_by_finished` any job, holds it."""
        path = self._folder / f"{identity}.json"
        with self._writing:
            if _came(path) >= before:
                return False
            with self._holding:
                jobs = [job for job, held in self._held.items() if identity in held]
                if any(needed_by_finished or job not in self._finished for job in jobs):
                    return False
                self._leaving.add(identity)
            for file in (path, path.with_suffix(".raw")):
                delete(file)
            with self._holding:
                self._leaving.discard(identity)
                self._owners.pop(identity, None)
            return True

    def _tidy(self) -> None:
        """Delete what a process that was killed in the middle of a write has left, and set aside what is no file."""
        remove_halves(self._folder, "*.part")
        for path in sorted(self._folder.iterdir()):
            other = path.with_suffix(".json" if path.suffix == ".raw" else ".raw")
            if path.name != UNREADABLE and not path.is_file():
                set_aside(path, "it is not a regular file")
            elif path.suffix in (".raw", ".json") and not other.is_file():
                delete(path)


def _missing(identity: str) -> NotFound:
    detail = f"There is no image with the id {identity[:80]!r}."
    return NotFound(detail, hint="Upload it with POST /v1/images.")


def _came(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()


def _picture_bytes(notes: Path) -> int:
    return _size(notes) + _size(notes.with_suffix(".raw"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
