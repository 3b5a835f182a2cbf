"""What travels between daemon and node: a job's files there, and what the worker has written back.

Names are paths below the run's folder on the node, where the job and its predecessor lie beside each other. A picture
of the image store is called `images/ID.raw`, `images/ID.json`: its content is known by its name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import StorageError
from ..files import delete, disk_errors, own_folder, share_file, write_atomic
from ..jobs.task import CHECKPOINT, FORMER_CHECKPOINT, LOSSES, TaskFile
from ..jobs.task import FILE_NAME as TASK

IMAGES = "images"
RESULT = ("result.raw", "result.json")
BACK = (*RESULT, CHECKPOINT, LOSSES)
"""What comes back besides frames; the former checkpoint is kept by whoever gets a new one."""

READINGS = 5
Bytes = NDArray[np.uint8]


class Item(NamedTuple):
    """A file that a job needs. `key` is the same for the same content, or None."""

    name: str
    path: Path
    key: str | None = None


class Part(NamedTuple):
    """A file that has changed: all of it, its bytes from `offset` on, or the same content as the file `same`."""

    name: str
    data: Bytes | None
    offset: int | None = None
    same: str | None = None


# To the node


def items_of(folder: Path, images: Path) -> list[Item]:
    """All that the job in `folder` needs to be painted or gone on with. Raises EngineError for a damaged task."""
    for _ in range(READINGS):
        task = TaskFile.read(folder)
        needed = sorted(_pictures(task))
        if all((images / f"{identity}.json").exists() for identity in needed):
            break  # else a live job has changed meanwhile, and its former pictures are gone
    found = [Item(f"{folder.name}/{name}", folder / name) for name in (TASK, CHECKPOINT, FORMER_CHECKPOINT, LOSSES)]
    for region in task.regions:
        for style in region.styles:
            if style.file is not None:
                found.append(Item(f"{folder.name}/{style.file}", folder / style.file, style.sha256))
    found += [_last_frame(folder)] if (folder / "frames").is_dir() else []
    if task.previous is not None:
        before = folder.parent / task.previous.job
        found += [Item(f"{before.name}/{name}", before / name) for name in (TASK, *RESULT)]
    for identity in needed:
        for suffix in (".raw", ".json"):
            name = f"{IMAGES}/{identity}{suffix}"
            found.append(Item(name, images / f"{identity}{suffix}", name))
    return [item for item in found if item.path.is_file()]


def _pictures(task: TaskFile) -> set[str]:
    found = {task.content, task.mask, task.init}
    for region in task.regions:
        found |= {region.mask, *(name for style in region.styles for name in (style.image, style.mask))}
    if task.previous is not None:
        found.add(task.previous.content)
    if task.drawn_to is not None:
        found |= {task.drawn_to.image, task.drawn_to.content}
    return {identity for identity in found if identity is not None}


def _last_frame(folder: Path) -> Item:
    """By its notes, from which a worker counts on where there is no checkpoint."""
    names = [path.stem for path in (folder / "frames").glob("*.json")]
    name = f"frames/{max((int(name) for name in names if name.isascii() and name.isdigit()), default=0)}.json"
    return Item(f"{folder.name}/{name}", folder / name)


# From the node


class Changes:
    """What a worker has written into a job's folder since the last look. Frames that were seen are deleted, but for the
    last one: they are the daemon's from then on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, tuple[int, int, int]] = {}
        for name, stat in self._files():
            self._seen[name] = _stamp(stat)

    def parts(self) -> list[Part]:
        """In the order in which they are to be written. Raises StorageError."""
        found, inodes = [], dict[int, str]()
        for name, stat in self._files():
            before, now = self._seen.get(name), _stamp(stat)
            other = inodes.setdefault(stat.st_ino, name)
            if now == before:
                continue
            if other != name:
                found.append(Part(name, None, same=other))
            elif name == LOSSES and before is not None and before[:1] == now[:1] and before[1] < now[1]:
                found.append(Part(name, _read(self._folder / name, before[1]), before[1]))
            else:
                found.append(Part(name, _read(self._folder / name)))
            self._seen[name] = now
        self._forget_frames()
        return found

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        """Notes after their pixels; a picture is there once its notes are."""
        frames = sorted(path for path in (self._folder / "frames").glob("[0-9]*") if path.suffix in (".raw", ".json"))
        names = [f"frames/{path.name}" for path in frames] + list(BACK)
        for name in sorted(names, key=lambda name: (name.endswith(".json"), not name.startswith("frames/"))):
            try:
                yield name, os.stat(self._folder / name)
            except FileNotFoundError:
                continue

    def _forget_frames(self) -> None:
        seen = [name for name in self._seen if name.startswith("frames/") and name.endswith(".json")]
        for name in sorted(seen, key=_number)[:-1]:
            for old in (name, name.removesuffix(".json") + ".raw"):
                delete(self._folder / old)
                self._seen.pop(old, None)


def take(parts: list[Part], folder: Path) -> None:
    """Write what has come into the daemon's folder of the job. Raises DiskFull, StorageError."""
    own_folder(folder / "frames")
    for part in parts:
        path = folder / part.name
        if part.same is not None:
            share_file(folder / part.same, path)
        elif part.offset is not None and part.data is not None:
            _write_from(path, part.offset, part.data)
        else:
            if part.name == CHECKPOINT and path.is_file():
                share_file(path, folder / FORMER_CHECKPOINT)
            write_atomic(path, memoryview(part.data))  # type: ignore[arg-type]


def _write_from(path: Path, offset: int, data: Bytes) -> None:
    with disk_errors(), path.open("r+b") as file:
        file.truncate(offset)
        file.seek(offset)
        file.write(data.data)


def _read(path: Path, offset: int = 0) -> Bytes:
    try:
        return np.fromfile(path, np.uint8, offset=offset)
    except OSError as error:
        raise StorageError(f"What was painted could not be read ({error.strerror}).") from None


def _stamp(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _number(name: str) -> int:
    return int(Path(name).stem)


def total(items: list[Item]) -> int:
    """Bytes."""
    return sum(item.path.stat().st_size for item in items)


def blob(path: Path) -> Any:
    """A file's content, in the form in which an object store keeps it without a copy."""
    return np.fromfile(path, np.uint8)
