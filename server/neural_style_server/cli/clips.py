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

READ_AT_ONCE = 1 << 20

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


def identity(clip: Path) -> dict[str, str]:
    """What a painting notes of its clip: of a video file a checksum, wherever it lies; of a folder its path, for its
    pictures may change, and are then painted again."""
    if clip.is_dir():
        return {"clip": str(clip.resolve())}
    found = hashlib.sha256()
    with clip.open("rb") as file:
        while block := file.read(READ_AT_ONCE):
            found.update(block)
    return {"content": found.hexdigest()}


def _rate(word: str) -> Fraction:
    try:
        rate = Fraction(word).limit_denominator(100_000)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise InvalidRequest(f"--fps {word!r} is no number of frames per second.", hint="For example --fps 24.")
    return rate
