"""The clip that a command is given: a video file, or a folder of numbered pictures, or a part of either."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InvalidRequest
from .colours import AS_FILES_SAY, Colours
from .photos import largest_canvas

if TYPE_CHECKING:
    from ..video.clip import Clip, Span

LOOKED_AT = 1 << 20
"""Bytes at either end of a file."""

OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--start", metavar="TIME", help="Where to begin: seconds, 1:02.5, or the frame 40f."),
    click.option("--end", metavar="TIME", help="Where to end."),
    click.option("--resize", type=click.IntRange(16), metavar="N", help="Long side of the result, if smaller."),
    click.option("--fps", help="Frames per second of a folder, such as 25 or 24000/1001.  [default: 25]"),
    click.option("--gaps", is_flag=True, help="A folder's numbers may have gaps; a picture stays over them."),
)


def clip_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command gets them as keyword arguments, for `span_of` and `opened`."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def span_of(start: str | None, end: str | None) -> Span:
    """Raises InvalidRequest."""
    from ..video.clip import Span, parse_moment

    return Span(*(None if word is None else parse_moment(word) for word in (start, end)))


def opened(
    clip: Path, span: Span, resize: int | None, fps: str | None, gaps: bool, colours: Colours = AS_FILES_SAY
) -> Clip:
    """Raises InvalidRequest."""
    from ..video.picture_folder import PictureFolder
    from ..video.video_file import VideoFile

    if clip.is_dir():
        return PictureFolder(clip, span, resize, _rate(fps or "25"), gaps, largest_canvas(), colours.space_in)
    if colours.given is not None:
        raise InvalidRequest("--colour-in belongs to folders.", hint="A video file says its own colours.")
    if fps is not None or gaps:
        raise InvalidRequest("--fps and --gaps belong to folders.", hint="A video file has its own times.")
    if not clip.exists():
        raise InvalidRequest(f"{clip} does not exist.", hint="Check the path.")
    return VideoFile(clip, span, resize)


def sum_of_file(clip: Path) -> str | None:
    """A checksum of a video file's length, its beginning and its end, which no other version of it shares; None of a
    folder."""
    if clip.is_dir():
        return None
    size = clip.stat().st_size
    found = hashlib.sha256(str(size).encode())
    with clip.open("rb") as file:
        for place in (0, max(0, size - LOOKED_AT)):
            file.seek(place)
            found.update(file.read(LOOKED_AT))
    return found.hexdigest()


def _rate(word: str) -> Fraction:
    try:
        rate = Fraction(word).limit_denominator(100_000)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise InvalidRequest(f"--fps {word!r} is no number of frames per second.", hint="For example --fps 24.")
    return rate
