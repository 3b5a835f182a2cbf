"""A frame of a sequence that shows what the one before shows, as a held drawing does: its result is that one's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..engine.method import Method
from ..engine.scales import plan_carried_scales
from ..files import disk_errors, own_folder
from ..jobs.messages import FrameWritten, Progress
from ..jobs.picture_files import read_notes, share_picture
from ..jobs.task import TaskFile

SAME = ("content", "mask", "init", "size", "method", "regions")
"""What of a task decides how its picture is painted, besides what it goes on from."""


def is_held(folder: Path) -> bool:
    """Whether the job in this folder asks for what its predecessor has asked for. What is drawn to a key draws nearer
    to it."""
    task = TaskFile.find(folder)
    if task is None or task.previous is None or task.drawn_to is not None or task.extensions:
        return False
    before = TaskFile.find(folder.parent / task.previous.job)
    if before is None or read_notes(_result(folder, task)) is None:
        return False
    return all(getattr(task, name) == getattr(before, name) for name in SAME)


class HeldRun:
    """As `Run`, without painting anything."""

    rests = False
    """Only a live job rests."""

    def __init__(self, identity: str, folder: Path) -> None:
        self.identity, self._folder = identity, folder
        self._task = TaskFile.read(folder)
        self.tile_size: int | None = None
        self.notes: list[str] = []
        self.extensions = 0

    def begin(self) -> Iterator[Progress | FrameWritten]:
        yield from ()

    advance = keep_last_good = begin

    @property
    def finished(self) -> bool:
        return True

    def extend(self, extensions: Sequence[int]) -> None:
        """There is nothing to go on from."""

    def save_checkpoint(self) -> None:
        """There is nothing to save."""

    def close(self) -> None:
        """There is nothing to close."""

    def finish(self) -> Iterator[FrameWritten]:
        before = _result(self._folder, self._task)
        with disk_errors():
            for name in (own_folder(self._folder / "frames") / "1", self._folder / "result"):
                share_picture(before, name)
        notes = read_notes(self._folder / "result")
        assert notes is not None
        method = Method(**self._task.method)
        scales = plan_carried_scales(notes.height, notes.width, method, self._task.size)
        iterations = sum(scale.iterations for scale in scales)
        yield FrameWritten(
            id=self.identity,
            number=1,
            iteration=iterations,
            iterations=iterations,
            width=notes.width,
            height=notes.height,
        )


def _result(folder: Path, task: TaskFile) -> Path:
    assert task.previous is not None
    return folder.parent / task.previous.job / "result"
