"""Changes to a library on disk, each whole or not at all: written beside, flushed, renamed into place."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import Conflict


def write_file(path: Path, data: bytes) -> None:
    """Replace or make one file."""
    with _told(path):
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            _fill(handle, data)
            os.replace(beside, path)
        except BaseException:
            os.unlink(beside)
            raise
        _flush_folder(path.parent)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder with all of its files; Conflict where there is one already."""
    with _told(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
        try:
            for name, data in files.items():
                _fill(os.open(beside / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), data)
            _flush_folder(beside)
            beside.chmod(0o755)
            if folder.exists():
                raise Conflict(f"There is already a folder {folder}.", hint="Choose another name.")
            beside.rename(folder)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        _flush_folder(folder.parent)


def remove_folder(folder: Path) -> None:
    """Gone at once for every reader, then cleared away."""
    with _told(folder):
        grave = Path(tempfile.mkdtemp(prefix=".gone-", dir=folder.parent))
        folder.rename(grave / folder.name)
        shutil.rmtree(grave, ignore_errors=True)


def _fill(handle: int, data: bytes) -> None:
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    """So that the rename survives a power cut; systems that cannot open folders do without."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "Check that the disk has room and that you may write to this folder."
        raise Conflict(f"{path} could not be written: {reason}.", hint=hint) from None
