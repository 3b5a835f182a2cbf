"""Atomic writes: files and folders are written beside their final name, flushed and renamed.

A new file is readable by its user alone.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from .errors import Conflict, DiskFull, StorageError

FULL = (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Turn the system's error into DiskFull where no space is left, else into StorageError."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        if error.errno in FULL:
            raise DiskFull(f"The disk took no more data ({reason}).") from None
        raise StorageError(f"The disk could not be written ({reason}).") from None


def private_folder(path: Path) -> Path:
    """The folder, made where it is missing, for the user alone."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that replaces `path` in one step once it is complete: a reader, or a power cut, sees the old
    content or the new. Raises DiskFull or StorageError; the old file then stays and nothing else is left behind."""
    name = None
    try:
        with disk_errors():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
            name = None
            flush_folder(path.parent)
    finally:
        if name is not None:
            with contextlib.suppress(OSError):
                os.unlink(name)


def flush_folder(folder: Path) -> None:
    """The new name must outlive a power cut too. Windows has no such call, and some file systems refuse it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def write_atomic(path: Path, data: bytes | memoryview) -> None:
    """Replace the content of `path` in one step."""
    with replacing(path) as file:
        file.write(data)


def write_json(path: Path, value: Any) -> None:
    write_atomic(path, json.dumps(value, ensure_ascii=False).encode())


def read_json(path: Path) -> Any:
    """The content, or None where the file is missing or not whole."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder with all of its files. Raises Conflict where there is one already, DiskFull or StorageError."""
    with disk_errors():
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
        try:
            for name, data in files.items():
                write_atomic(beside / name, data)
            beside.chmod(0o755)
            if folder.exists():
                raise Conflict(f"There is already a folder {folder}.", hint="Choose another name.")
            beside.rename(folder)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        flush_folder(folder.parent)


def remove_folder(folder: Path) -> None:
    """Rename it, so that every reader loses it at once, then delete it. Raises StorageError."""
    with disk_errors():
        removed = Path(tempfile.mkdtemp(prefix=".gone-", dir=folder.parent))
        folder.rename(removed / folder.name)
        shutil.rmtree(removed, ignore_errors=True)
