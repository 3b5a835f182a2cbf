"""`--mask FILE|FOLDER`: where the frames of a clip are painted, by one picture for all or by one for each."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import InvalidRequest, TooLarge
from ..pictures.colour_spaces import SRGB
from ..pictures.reading import read_picture_file
from ..pixels import Picture, resampled
from ..video.clip import Clip, ClipFrame
from ..video.picture_folder import check_sizes, listed_numbers, numbered, unreadable


class FrameMasks:
    """Of a clip's frames, in their size; all of them are painted whole where nothing is `given`. Those of a folder may
    select nothing: such a frame stays as it is.

    Raises InvalidRequest where a frame has none, or one of another size, naming its file.
    """

    def __init__(self, given: Path | None, clip: Clip) -> None:
        self._size = clip.look.width, clip.look.height
        self._still = given is not None and not given.is_dir()
        self._paths = {} if given is None else _checked(given, clip)
        self._last: tuple[Path, Picture] | None = None
        if given is not None and self._still and not self._read(given).grey().any():
            raise InvalidRequest(f"The mask {given} selects nothing.", hint="Paint white what is to be painted.")

    def __bool__(self) -> bool:
        return bool(self._paths)

    def asked(self) -> dict[str, Any]:
        """What is noted beside the pictures: they are painted again where masks of their own have changed."""
        if not self:
            return {}
        path = next(iter(self._paths.values()))
        return {"mask": hashlib.sha256(path.read_bytes()).hexdigest() if self._still else "of each frame"}

    def files(self, number: int) -> list[Path]:
        """The mask of a frame's own."""
        return [self._paths[number]] if self._paths and not self._still else []

    def of(self, number: int) -> Picture | None:
        path = self._paths.get(number)
        return None if path is None else self._read(path)

    def _read(self, path: Path) -> Picture:
        if self._last is None or self._last[0] != path or not self._still:
            try:
                found = read_picture_file(path.read_bytes(), 10**9, space=SRGB).picture  # values are shares
            except (OSError, InvalidRequest, TooLarge) as error:
                raise unreadable(path, error) from None
            whole = (found.width, found.height) == self._size
            self._last = path, found if whole else resampled(found, self._size, (0, 0, found.width, found.height))
        return self._last[1]


class MaskedFrame:
    """A frame with its mask, if there are any; each is read once."""

    def __init__(self, frame: ClipFrame, masks: FrameMasks) -> None:
        self.number, self._frame, self._masks = frame.number, frame, masks

    @cached_property
    def content(self) -> Picture:
        return self._frame.read()

    @cached_property
    def mask(self) -> Picture | None:
        return self._masks.of(self.number)

    @property
    def is_seen(self) -> bool:
        """Whether anything that is seen of it is painted."""
        seen = self.content.pixels[..., 3] > 0
        return bool((seen if self.mask is None else seen & (self.mask.grey() > 0)).any())


def _checked(given: Path, clip: Clip) -> dict[int, Path]:
    if not given.exists():
        raise InvalidRequest(f"--mask {given} does not exist.", hint="Check the path.")
    found = numbered(given) if given.is_dir() else dict.fromkeys(clip.numbers, given)
    lacking = [number for number in clip.numbers if number not in found]
    if lacking:
        raise InvalidRequest(
            f"{given} has no masks for the frames {listed_numbers(lacking)}.",
            hint="Call a mask by its frame's number. A black one leaves its frame as it is.",
        )
    paths = {number: found[number] for number in clip.numbers}
    first = check_sizes({0: next(iter(paths.values()))}, None, "")
    sizes = [(clip.look.width, clip.look.height), clip.own_size]
    check_sizes(paths if given.is_dir() else {0: given}, first if first in sizes else clip.own_size, "the frames")
    return paths
