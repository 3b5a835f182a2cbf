"""A worker's folders on a node. All workers of a node share what is kept of weights, style targets and calibration;
each has its own pictures and runs, which go with it.

`NEURAL_STYLE_NODE_HOME` says where; else it is a folder of this user's among the temporary files.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil

from ..errors import StorageError
from ..files import delete, disk_errors, private_folder
from .travel import IMAGES, Bytes, Changes

VARIABLE = "NEURAL_STYLE_NODE_HOME"


class NodeFolder:
    """For one worker. home: what is shared; images: its pictures. Raises StorageError."""

    def __init__(self) -> None:
        self.home = _home()
        with disk_errors():
            for old in private_folder(self.home / "workers").iterdir():
                process = old.name.partition("-")[0]
                if process.isascii() and process.isdigit() and not psutil.pid_exists(int(process)):
                    delete(old)
            self._own = private_folder(self.home / "workers" / f"{os.getpid()}-{secrets.token_hex(4)}")
            self.images = private_folder(self._own / IMAGES)
        self._pictures: dict[str, set[str]] = {}
        self._changes: dict[str, Changes] = {}

    def unpack(self, run: str, job: str, names: Sequence[str], blobs: Sequence[Bytes]) -> Path:
        """A run's files; answers the job's folder. Further ones are added. Raises DiskFull, StorageError."""
        folder = self._own / "runs" / run
        with disk_errors():
            private_folder(folder / job / "frames")
            for name, data in zip(names, blobs, strict=True):
                kind, _, rest = name.partition("/")
                path = self.images / rest if kind == IMAGES else folder / name
                if kind == IMAGES:
                    self._pictures.setdefault(run, set()).add(rest)
                if kind != IMAGES or not path.exists():
                    _write(path, data)
        if run not in self._changes:
            self._changes[run] = Changes(folder / job)
        return folder / job

    def changes(self, run: str) -> Changes | None:
        return self._changes.get(run)

    def forget(self, run: str) -> None:
        """The run has ended, and what it has made is on its way."""
        self._changes.pop(run, None)
        delete(self._own / "runs" / run)
        gone = self._pictures.pop(run, set())
        held = Counter(name for names in self._pictures.values() for name in names)
        for name in gone:
            if not held[name]:
                delete(self.images / name)

    def close(self) -> None:
        delete(self._own)


def _write(path: Path, data: Bytes) -> None:
    """Nothing on a node has to outlive a power cut, so nothing is flushed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.part")
    with half.open("wb") as file:
        file.write(np.ascontiguousarray(data).data)
    os.replace(half, path)


def _home() -> Path:
    named = os.environ.get(VARIABLE)
    home = Path(named) if named else Path(tempfile.gettempdir()) / f"neural-style-node-{os.getuid()}"
    with disk_errors():
        private_folder(home)
    if home.is_symlink() or home.stat().st_uid != os.getuid():
        hint = f"Set {VARIABLE} on the node to a folder of its own."
        raise StorageError(f"{home} belongs to another user.", hint=hint)
    return home


def node_file(folder: Path, name: str, data: Bytes) -> Path:
    """A file that all workers of a node share, written once."""
    path = private_folder(folder) / name
    if not path.exists():
        with disk_errors():
            _write(path, data)
    return path
