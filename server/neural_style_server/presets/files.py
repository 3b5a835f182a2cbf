"""Folders of a library on disk: each change is whole or not made at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..errors import Conflict
from ..files import disk_errors, flush_folder, write_atomic


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
    """Gone at once for every reader, then cleared away. Raises StorageError."""
    with disk_errors():
        removed = Path(tempfile.mkdtemp(prefix=".gone-", dir=folder.parent))
        folder.rename(removed / folder.name)
        shutil.rmtree(removed, ignore_errors=True)
