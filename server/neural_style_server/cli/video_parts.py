"""The parts of a video that is being painted: files in a folder, each with the list of its frames beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import NeuralStyleError
from ..files import delete, write_json
from ..pixels import Picture, eight_bits
from ..video.clip import Clip
from ..video.encoding import Part, count_frames, encoding, join, writing

Read = Callable[[int], Picture]
"""Gives the picture of a frame by its number."""


class VideoParts:
    """`numbers` are the frames that they have. ending: of the files."""

    def __init__(self, folder: Path, clip: Clip, ending: str) -> None:
        self._folder, self._clip, self._ending = folder, clip, ending
        self._parts: list[Part] = []
        self.numbers = set[int]()

    def find(self) -> list[Path]:
        """Take those that lie there whole. A part counts once the list of its frames does. Answers the damaged ones,
        which are deleted."""
        damaged = []
        for frames in sorted(self._folder.glob("part-*.json")):
            path = frames.with_suffix(self._ending)
            if not path.is_file():
                continue
            part = _part(path, frames)
            if part is not None:
                self._take(part)
                continue
            damaged.append(path)
            for each in (frames, path):
                delete(each)
        return damaged

    def add(self, numbers: Sequence[int], read: Read) -> None:
        """Make the next one, of these frames, in order. Raises NeuralStyleError."""
        path = self._folder / f"part-{numbers[0]:06}{self._ending}"
        self._encode(numbers, read, path)
        write_json(path.with_suffix(".json"), list(numbers))
        self._take(Part(path, numbers))

    def join(self, rest: Sequence[int], read: Read, target: Path, *, sound: bool) -> None:
        """Write the video: all parts, and after them the frames `rest`. Raises NeuralStyleError."""
        last, half = self._folder / f"rest{self._ending}", self._folder / f".part-whole{self._ending}.part"
        parts = [*self._parts, Part(last, rest)] if rest else self._parts
        if not parts:
            raise NeuralStyleError("Nothing was painted.", hint="Check the clip.")
        try:
            if rest:
                self._encode(rest, read, last)
            join(parts, self._clip, half, self._ending, sound=sound)
            os.replace(half, target)
        finally:
            delete(half)
            delete(last)

    def clear(self) -> None:
        """Delete them, and what of one was left half made."""
        for path in [*self._folder.glob("part-*"), *self._folder.glob(".part-*.part")]:
            delete(path)

    def _take(self, part: Part) -> None:
        self._parts.append(part)
        self.numbers.update(part.numbers)

    def _encode(self, numbers: Sequence[int], read: Read, path: Path) -> None:
        half = path.with_name(f".{path.name}.part")
        try:
            with writing(path), encoding(half, self._ending, self._clip.look) as encoder:
                for number in numbers:
                    encoder.add(eight_bits(read(number)), self._clip.time(number), self._clip.duration(number))
            os.replace(half, path)
        finally:
            delete(half)


def _part(path: Path, frames: Path) -> Part | None:
    """None where it has not the frames of its list, as after a power cut."""
    try:
        part = Part(path, json.loads(frames.read_text("utf-8")))
        return part if count_frames(path) == len(part.numbers) else None
    except (OSError, ValueError, TypeError, NeuralStyleError):
        return None
