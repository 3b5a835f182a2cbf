"""`--keys FOLDER`: pictures that somebody has painted for some frames, which the others are drawn to."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

from neural_style_client import Pixels
from neural_style_client.drawing import DrawnTo

from ..errors import InvalidRequest, TooLarge
from ..pictures.formats import ENDINGS
from ..pictures.reading import read_picture_file
from ..pixels import Picture
from ..video.clip import Clip, ClipFrame
from ..video.picture_folder import check_sizes, listed_numbers, numbered, unreadable
from .colours import AS_FILES_SAY, Colours


class PaintedKeys:
    """The painted keys of a clip by their frames' numbers; asked for in the order of the frames.

    Raises InvalidRequest for a key that has no frame or another size, naming its file.
    """

    def __init__(self, folder: Path | None, clip: Clip, colours: Colours = AS_FILES_SAY) -> None:
        self._colours, self._clip, self._paths = colours, clip, {} if folder is None else _checked(folder, clip)
        self._contents = clip.frames()
        self._next: tuple[int, Pixels, Pixels] | None = None
        self._reached: ClipFrame | None = None

    def again(self) -> PaintedKeys:
        """The same keys, asked for from the first frame on again."""
        again = copy.copy(self)
        again._contents, again._next, again._reached = self._clip.frames(), None, None
        return again

    @property
    def sums(self) -> dict[int, str]:
        """A checksum of each key's file."""
        return {number: hashlib.sha256(path.read_bytes()).hexdigest() for number, path in self._paths.items()}

    def key(self, number: int) -> Pixels | None:
        path = self._paths.get(number)
        return None if path is None else sendable(self._read(path))

    def drawn_to(self, number: int) -> DrawnTo | None:
        """The first key after a frame, with that one's content."""
        after = min((other for other in self._paths if other > number), default=None)
        if after is None:
            return None
        if self._next is None or self._next[0] != after:
            content = self._content(after)
            if content is None:
                return None
            self._next = after, sendable(self._read(self._paths[after])), sendable(content)
        _, picture, content_pixels = self._next
        return DrawnTo(picture, content_pixels, self._clip.time(after))

    def _content(self, number: int) -> Picture | None:
        """Of a frame that comes after those that were asked for. None where it is damaged, which the clip tells."""
        while self._reached is None or self._reached.number < number:
            self._reached = next(self._contents, None)
            if self._reached is None:
                return None
        return self._reached.read() if self._reached.number == number else None

    def _read(self, path: Path) -> Picture:
        """As a result is read: keys are painted over results."""
        space = self._colours.space_back(ENDINGS[path.suffix.lower()])
        try:
            return read_picture_file(path.read_bytes(), 10**9, space=space).picture
        except (OSError, InvalidRequest, TooLarge) as error:
            raise unreadable(path, error) from None


def changed_spans(before: Mapping[int, str], now: Mapping[int, str], numbers: Collection[int]) -> list[int]:
    """The frames that are drawn to a key that came, went or changed: all between the unchanged keys around it."""
    same = sorted(number for number, mark in before.items() if now.get(number) == mark)
    changed = [number for number in {*before, *now} if before.get(number) != now.get(number)]
    found: set[int] = set()
    for number in changed:
        low = max((key for key in same if key < number), default=min(numbers) - 1)
        high = min((key for key in same if key > number), default=max(numbers) + 1)
        found.update(other for other in numbers if low < other < high)
    return sorted(found)


def sendable(picture: Picture) -> Pixels:
    return Pixels(picture.width, picture.height, picture.format, picture.pixels.tobytes())


def _checked(folder: Path, clip: Clip) -> dict[int, Path]:
    if not folder.is_dir():
        raise InvalidRequest(f"--keys {folder} is no folder.", hint="Put the painted frames into a folder.")
    found = numbered(folder)
    for number, path in found.items():
        if number not in clip.all_numbers:
            detail = f"{path} is a key for frame {number}, which the clip does not have."
            raise InvalidRequest(detail, hint="Call a key by its frame's number, or take it away.")
    check_sizes(found, (clip.look.width, clip.look.height), "the frames")
    wanted = set(clip.numbers)
    if others := [number for number in found if number not in wanted]:
        note = f"The keys of the frames {listed_numbers(others)} are passed over: they are not painted now."
        clip.notes += [] if note in clip.notes else [note]
    return {number: path for number, path in found.items() if number in wanted}
