"""What the painted frames of a clip were painted from, so that those whose pictures have changed are painted again.

A line is added to a file for each frame that is sent: its number, and of each file that it is painted from the length,
the time of the last change and a checksum. Where the first two are as they were, no file is read.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ..files import delete, disk_errors

NAME = ".neural-style-video-{}.sources"
_LINE = re.compile(r"(\d+) (\d+:\d+:[0-9a-f]{64}(?: \d+:\d+:[0-9a-f]{64})*)")

Files = Callable[[int], Sequence[Path]]
"""Those that a frame is painted from, by its number; none for the frames of a video file."""


class Sources:
    """Of the frames from `first` on, whose pictures lie in `folder`. Thread-safe."""

    def __init__(self, folder: Path, first: int, files: Files) -> None:
        self.path, self._files = folder / NAME.format(f"{first:06}"), files
        self._known: dict[int, str] = {}
        self._writing = threading.Lock()

    def find(self) -> None:
        """Take what an earlier run has noted."""
        try:
            lines = self.path.read_text("utf-8").splitlines()
        except (OSError, ValueError):
            return
        for line in lines:  # the last one of a frame counts
            if found := _LINE.fullmatch(line):  # and one that was cut off is none
                self._known[int(found[1])] = found[2]

    def note(self, number: int) -> None:
        """A frame is to be painted from what lies there now, before that is read. Raises DiskFull, StorageError."""
        if marks := self._marks(number):
            self._add(number, marks)

    def changed(self, numbers: Iterable[int]) -> list[int]:
        """Which of these painted frames were painted from other pictures. Those of which nothing is known are taken for
        unchanged from now on."""
        return [number for number in numbers if self._has_changed(number)]

    def clear(self) -> None:
        self._known.clear()
        delete(self.path)

    def _has_changed(self, number: int) -> bool:
        files, known = self._files(number), self._known.get(number, "").split()
        if len(known) == len(files) and all(map(_is_at_rest, files, known)):
            return False
        now = self._marks(number)
        if not now:  # told where it is painted from
            return False
        if known and list(map(_sum, now.split())) != list(map(_sum, known)):
            return True
        self._add(number, now)
        return False

    def _marks(self, number: int) -> str:
        """As they are kept; "" where one of the files cannot be read."""
        try:
            return " ".join(map(_mark, self._files(number)))
        except OSError:
            return ""

    def _add(self, number: int, mark: str) -> None:
        with self._writing, disk_errors():
            self._known[number] = mark
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"\n{number} {mark}")


def _stamp(path: Path) -> str:
    stat = path.stat()
    return f"{stat.st_size}:{stat.st_mtime_ns}"


def _mark(path: Path) -> str:
    stamp = _stamp(path)  # before it is read: what changes meanwhile is noticed later
    return f"{stamp}:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def _sum(mark: str) -> str:
    return mark.rpartition(":")[2]


def _is_at_rest(path: Path, mark: str) -> bool:
    try:
        return mark.startswith(_stamp(path) + ":")
    except OSError:
        return False
