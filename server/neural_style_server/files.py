"""Files that time, other programs and power cuts may have changed.

Writing is atomic: files and folders are written beside their final name, flushed and renamed; a new file is readable
by its user alone. Reading never waits and never takes more memory than it is allowed: what is no regular file, or too
large, is refused as a damaged file is. What cannot be used is set aside in the folder UNREADABLE beside it.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import logging
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from .errors import Conflict, DiskFull, StorageError

log = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT)
UNREADABLE = ".unreadable"
"""Folder for what was set aside."""

LARGEST_JSON = 16 << 20
"""Bytes; the largest record that this program writes has some hundred kilobytes."""

LONGEST_REASON = 300
AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Flags to open a file with; without the first, a FIFO is waited for until somebody writes to it."""


class NotRegular(OSError):
    """A folder, FIFO, socket or device where a file should be."""


class TooLong(OSError):
    """A file with more bytes than its kind can have."""


def open_regular(path: Path, *, follow: bool = True) -> BinaryIO:
    """For reading, without waiting. Raises NotRegular, or another OSError; where `follow` is false, for a link too."""
    handle = os.open(path, os.O_RDONLY | AT_ONCE | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NotRegular(errno.EINVAL, "it is not a regular file", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_regular(path: Path, limit: int, *, follow: bool = True) -> bytes:
    """The whole content, at most `limit` bytes. Raises TooLong, and as `open_regular`."""
    with open_regular(path, follow=follow) as file:
        if os.fstat(file.fileno()).st_size <= limit and len(data := file.read(limit + 1)) <= limit:
            return data
    raise TooLong(errno.EFBIG, f"it has more than {limit:,} bytes", str(path))


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


def own_folder(path: Path) -> Path:
    """A private folder that only this program uses. What is there in its place is set aside."""
    if os.path.lexists(path) and not path.is_dir():
        set_aside(path, "it is not a folder")
    return private_folder(path)


def make_way(path: Path) -> None:
    """Set aside what is there in place of a file that is written to by others than `replacing`, as a log is."""
    if os.path.lexists(path) and not path.is_file():
        set_aside(path, "it is not a regular file")


def set_aside(path: Path, why: object) -> bool:
    """Move a file or folder out of the way, to UNREADABLE beside it, and log that in one line; nothing is lost.
    Answers whether it was there and has moved."""
    reason = " ".join(str(why).split())
    reason = reason if len(reason) <= LONGEST_REASON else reason[:LONGEST_REASON] + "…"
    folder = path.parent / UNREADABLE
    if not os.path.lexists(path):
        return False
    try:
        folder.mkdir(exist_ok=True, mode=0o700)
        names = itertools.chain([path.name], (f"{path.name}-{number}" for number in itertools.count(2)))
        place = next(place for name in names if not os.path.lexists(place := folder / name))
        os.rename(path, place)
        with contextlib.suppress(OSError):
            os.utime(place)  # from now on it waits to be deleted
    except FileNotFoundError:  # somebody else was faster
        return False
    except OSError as error:
        log.error("%s cannot be used (%s), and cannot be moved away (%s)", path, reason, error.strerror or error)
        return False
    log.error("%s cannot be used and is moved to %s: %s", path, place.relative_to(path.parent), reason)
    return True


def forget_set_aside(folder: Path, older_than_s: float) -> None:
    """Delete what was set aside in `folder` longer ago than that."""
    with contextlib.suppress(OSError):
        for path in list((folder / UNREADABLE).iterdir()):
            if time.time() - path.lstat().st_mtime > older_than_s:
                log.warning("%s was set aside and is deleted after %.0f days", path, older_than_s / 86400)
                delete(path)


def delete(path: Path) -> None:
    """A file, a link or a folder with all that is in it; no error where that fails."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        path.unlink()


def remove_halves(folder: Path, pattern: str = ".*.part") -> None:
    """Delete what killed writes have left in a folder. A folder of such a name is none of ours and is set aside."""
    for half in list(folder.glob(pattern)):
        if half.is_dir() and not half.is_symlink():
            set_aside(half, "it is a folder with the name of a half-written file")
        else:
            delete(half)


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
            if path.is_dir() and not path.is_symlink():
                set_aside(path, "it is a folder where a file should be")
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


def share_file(source: Path, path: Path) -> None:
    """Give a file another name too, in place of what has it: the same file where the disk can do that, else a copy."""
    try:
        half = path.with_name(f".{path.name}.part")
        delete(half)
        os.link(source, half)
        os.replace(half, path)
        half.unlink(missing_ok=True)  # which it still is where both names were one file before
    except OSError:
        with open_regular(source) as file, replacing(path) as copy:
            shutil.copyfileobj(file, copy)


def write_json(path: Path, value: Any) -> None:
    write_atomic(path, json.dumps(value, ensure_ascii=False).encode())


def read_json(path: Path) -> Any:
    """The content, or None where the file is missing or cannot be read."""
    try:
        return load_json(path)
    except (OSError, ValueError):
        return None


def load_json(path: Path) -> Any:
    """The content. Raises OSError, or ValueError where it is not JSON that a program has written."""
    try:
        return json.loads(read_regular(path, LARGEST_JSON))
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a private folder with all of its files. Raises Conflict where there is one, DiskFull or StorageError."""
    with disk_errors():
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
        try:
            for name, data in files.items():
                write_atomic(beside / name, data)
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
