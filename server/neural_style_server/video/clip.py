"""What a clip is, whether it lies in one file or in many: numbered frames, each with its time."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from ..errors import InvalidRequest
from ..pictures.colour_spaces import ColourSpace
from ..pictures.exr import ExrFrame
from ..pictures.hdr import BT2020, DCI_P3, DISPLAY_P3, HLG, PQ
from ..pixels import Array, Picture

IDENTITY, BT709, UNSPECIFIED, BT601 = 0, 1, 2, 5
"""Matrices, as ITU-T H.273 numbers them; the first is that of RGB."""

WIDE, BT2020_MATRICES, BT2020_TRANSFERS = (BT2020, DCI_P3, DISPLAY_P3), (9, 10), (14, 15)

LIMITED, FULL = 1, 2
HD_HEIGHT = 720
"""A picture of this height or more that names no matrix has that of BT.709, a lower one that of BT.601, as players take
it."""

_TIME = re.compile(r"(?:(\d+):)?(?:(\d{1,2}):)?(\d+(?:\.\d+)?)")
_NUMBER = re.compile(r"(\d{1,9})f")


@dataclass(frozen=True)
class Colour:
    """How pixels become light, in the numbers of ITU-T H.273; `range` 1 is limited and 2 full."""

    matrix: int = UNSPECIFIED
    range: int = 0
    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED

    @property
    def is_hdr(self) -> bool:
        return self.transfer in (PQ, HLG)

    @property
    def wide(self) -> int | None:
        """Which primaries are meant, if they are others than screens have by default."""
        if self.primaries in WIDE:
            return self.primaries
        meant = self.is_hdr or (self.primaries == UNSPECIFIED and self.matrix in BT2020_MATRICES)
        return BT2020 if meant else None

    def used_matrix(self, height: int) -> int:
        """The matrix that is meant."""
        if self.matrix not in (IDENTITY, UNSPECIFIED):
            return self.matrix
        return BT709 if height >= HD_HEIGHT else BT601

    @property
    def used_range(self) -> int:
        return FULL if self.range == FULL else LIMITED

    def as_written(self) -> Colour:
        """What the painted clip has: the same, but for HDR and wide colours, which become BT.709, and for the matrix of
        a clip that is stored as RGB: the painted one is not."""
        if self.is_hdr:
            return Colour(BT709, LIMITED, BT709, BT709)
        if self.wide is not None:
            transfer = BT709 if self.transfer in BT2020_TRANSFERS else self.transfer
            return Colour(BT709, self.range, BT709, transfer)
        return replace(self, matrix=UNSPECIFIED) if self.matrix == IDENTITY else self


SDR = Colour(BT709, LIMITED, BT709, BT709)


@dataclass(frozen=True)
class Look:
    """All that a clip's frames have in common. width, height: as they are seen, in pixels. rotation: counterclockwise,
    in degrees, of the pixels in the file when they are shown; 0, 90, 180 or 270. aspect: of a pixel, width by height.
    pixel_format: ffmpeg's name."""

    width: int
    height: int
    time_base: Fraction
    rate: Fraction
    colour: Colour = SDR
    rotation: int = 0
    aspect: Fraction | None = None
    pixel_format: str = "yuv420p"
    alpha: bool = False

    @property
    def turns(self) -> int:
        """Quarter turns, counterclockwise."""
        return self.rotation // 90 % 4

    def upright(self, pixels: Array) -> Array:
        return np.ascontiguousarray(np.rot90(pixels, self.turns))

    def as_in_file(self, pixels: Array) -> Array:
        return np.ascontiguousarray(np.rot90(pixels, -self.turns))

    def resized(self, long_side: int | None) -> Look:
        """Not larger than it is. Even sides: most kinds of video have no others."""
        factor = 1.0 if long_side is None else long_side / max(self.width, self.height)
        if factor >= 1:
            return self
        width, height = (max(2, 2 * round(side * factor / 2)) for side in (self.width, self.height))
        return replace(self, width=width, height=height)


@dataclass(frozen=True)
class ClipFrame:
    """A frame by its number in the clip: from 1 in a video file, in a folder as its pictures are called. `read` gives
    its pixels, upright; it costs time."""

    number: int
    read: Callable[[], Picture]


@dataclass(frozen=True)
class Origin:
    """What a frame's own file says of its pixels that may hold for its result, too: space and frame as in
    `PictureFile`."""

    space: ColourSpace | None = None
    frame: ExrFrame | None = None


class Clip(Protocol):
    """`own_size` is the width and height of its frames before they are scaled to `look`. `numbers` are those that are
    asked for, in order, of `all_numbers`. `format` is that of the first one's pixels. `notes` are sentences for the
    painter; more come while frames are read. `start_seconds` is when the first one is shown by the file's own clock,
    which its sound goes by. `to_the_end`: whether the last one is the file's last."""

    path: Path
    look: Look
    own_size: tuple[int, int]
    format: str
    numbers: list[int]
    all_numbers: Collection[int]
    notes: list[str]
    start_seconds: float
    to_the_end: bool

    def frames(self) -> Iterator[ClipFrame]:
        """Those that can be read, from the first one."""

    def time(self, number: int) -> int:
        """When a frame is shown, in units of `look.time_base`, from the first one of `numbers`."""

    def duration(self, number: int) -> int:
        """How long, in the same units."""

    def name(self, number: int) -> str:
        """What a picture of this frame is called, without an ending."""

    def files(self, number: int) -> list[Path]:
        """The file of its own that a frame lies in; none where all lie in one."""

    def origin(self, number: int) -> Origin | None:
        """Where a frame comes from, if it has a file of its own. Costs time unless the frame was read."""


@dataclass(frozen=True)
class Moment:
    """A place in a clip: so many seconds after its beginning, or a frame by its number."""

    seconds: float | None = None
    frame: int | None = None


def parse_moment(word: str) -> Moment:
    """`12.5`, `1:02`, `1:02:03` or, for the frame, `40f`. Raises InvalidRequest."""
    if found := _NUMBER.fullmatch(word):
        return Moment(frame=int(found[1]))
    found = _TIME.fullmatch(word)
    if found is None:
        raise InvalidRequest(
            f"{word!r} is no time.", hint="Give seconds, minutes and seconds as 1:02.5, or a frame's number as 40f."
        )
    first, second, seconds = found.groups()
    hours, minutes = (first, second) if second is not None else (None, first)
    return Moment(seconds=3600 * int(hours or 0) + 60 * int(minutes or 0) + float(seconds))


@dataclass(frozen=True)
class Span:
    """The part of a clip that is asked for. `end` is not part of it where it is a time, and is where it is a frame."""

    start: Moment | None = None
    end: Moment | None = None

    def numbers(self, shown: Sequence[tuple[int, float]]) -> list[int]:
        """Of `shown`, the numbers of all frames and the seconds when they are shown. Raises InvalidRequest where none
        is asked for."""
        found = [number for number, time in shown if self._has(number, time)]
        if not found:
            raise InvalidRequest(
                f"No frame is between --start and --end: the clip has {len(shown)} frames in {shown[-1][1]:.2f} s.",
                hint="Give times within the clip.",
            )
        return found

    def _has(self, number: int, time: float) -> bool:
        start, end = self.start or Moment(0.0), self.end or Moment()
        tiny = 1e-6  # a time is a sum of fractions
        if start.seconds is not None and time < start.seconds - tiny:
            return False
        if end.seconds is not None and time >= end.seconds - tiny:
            return False
        begun = start.frame is None or number >= start.frame
        return begun and (end.frame is None or number <= end.frame)


WHOLE = Span()
