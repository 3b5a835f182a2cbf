"""The pictures that a command is given: paths, folders of them, and `-` for the standard input."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from neural_style_client import home_folder

from ..errors import ImageError, InvalidRequest, TooLarge

if TYPE_CHECKING:
    from ..pictures.colour_spaces import ColourSpace
    from ..pictures.reading import PictureFile
    from ..settings import Settings

STANDARD = "-"
DAMAGED = "Save the picture anew, or take another one."
"""Instead of what the API advises."""

SPARE_STREAMS = 4
"""Of the daemon's event streams, one of which follows each job, so many are left to others."""

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """Where a picture is; the standard input where `path` is None."""

    path: Path | None

    def __str__(self) -> str:
        return "the standard input" if self.path is None else str(self.path)

    @property
    def stem(self) -> str:
        return "stdin" if self.path is None else self.path.stem

    def read(self) -> bytes:
        """Raises InvalidRequest where it cannot be read, TooLarge for more than a request may have."""
        from ..pictures.formats import allow_pixels

        limit = largest_body()
        allow_pixels(largest_canvas())
        try:
            if self.path is None:
                data = sys.stdin.buffer.read(limit + 1)
            else:
                with self.path.open("rb") as file:
                    data = file.read(limit + 1)
        except OSError as error:
            raise InvalidRequest(f"{self} cannot be read ({error.strerror}).", hint="Check the path.") from None
        if len(data) > limit:
            raise TooLarge(f"{self} has more than {limit >> 20} MiB.")
        return data

    def open(self, space: ColourSpace | None = None) -> PictureFile:
        """Its picture, whose values are in `space` if that is not what the file says. What the painter should know is
        said on stderr. Raises InvalidRequest, naming it."""
        from ..pictures.reading import read_picture_file

        data = self.read()
        with named(self):
            found = read_picture_file(data, largest_canvas(), space=space)
        for note in found.notes:
            click.echo(f"{self}: {note}", err=True)
        return found


class named:
    """Errors within say which picture they are about."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, InvalidRequest | TooLarge):
            hint = DAMAGED if error.hint == ImageError.hint else error.hint
            raise type(error)(f"{self._source}: {error.detail}", hint=hint, code=error.code) from None


def source(word: str) -> Source:
    """Raises InvalidRequest for an address, and for nothing, which is no name of the folder where one is."""
    if not word:
        raise InvalidRequest("A picture's name is empty.", hint="Look whether a variable of the shell has no value.")
    if ADDRESS.match(word):
        raise InvalidRequest(
            f"{word} is an address, and addresses are not fetched.", hint="Download the picture and give its path."
        )
    return Source(None if word == STANDARD else Path(word))


def sources(words: Iterable[str]) -> list[Source]:
    """One for each picture, those of a folder by name; results of this program in a folder are passed over.

    Raises InvalidRequest for an address, and for a folder without pictures.
    """
    found: list[Source] = []
    for word in words:
        one = source(word)
        found += _in_folder(one.path) if one.path is not None and one.path.is_dir() else [one]
    if sum(one.path is None for one in found) > 1:
        raise InvalidRequest("The standard input is one picture.", hint="Give '-' once.")
    return found


def _in_folder(folder: Path) -> list[Source]:
    from ..pictures.reading import is_photo

    paths = sorted(path for path in folder.iterdir() if path.name[0] != "." and path.is_file())
    found = [Source(path) for path in paths if is_photo(path)]
    if not found:
        hint = "Check the path. Raw files of cameras are to be developed first."
        raise InvalidRequest(f"{folder} has no picture in it.", hint=hint)
    return found


def has_piped_input() -> bool:
    """Whether something stands at the standard input: a file or another program, no terminal."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _settings() -> Settings:
    """As the daemon of this home has them."""
    from ..setting_sources import load_settings

    return load_settings(Path(home_folder()))


def largest_canvas() -> int:
    """Most pixels of one picture."""
    return _settings().max_pixels


def event_streams(on: str | None) -> int:
    """Most that a command may have open at once, at a daemon elsewhere as one of its users: some are left to others."""
    settings = _settings()
    found = settings.max_event_streams if on is None else min(settings.max_event_streams, settings.user_event_streams)
    return max(1, found - SPARE_STREAMS)


def largest_body() -> int:
    """Most bytes of one request to the daemon."""
    return _settings().max_body_bytes


def paints_in_cluster() -> bool:
    return _settings().cluster is not None
