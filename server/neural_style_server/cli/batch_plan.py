"""Which pictures a batch paints, and where each result goes."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from ..errors import InvalidRequest
from .photos import STANDARD, Source, source

FIELDS = ("stem", "preset")


@dataclass(frozen=True)
class Painting:
    """One photo in one preset."""

    photo: Source
    preset: str
    out: Path

    def __str__(self) -> str:
        return f"{self.photo} in {self.preset}"


def planned(
    words: Sequence[str], presets: Sequence[str], folder: Path, pattern: str, *, recursive: bool
) -> list[Painting]:
    """All paintings, photo by photo. Raises InvalidRequest, also where two would be the same file, or one a photo."""
    ending = _ending(pattern)
    found: dict[Path, Painting] = {}
    photos = list(_photos(words, recursive))
    own = {photo.path.resolve() for photo, _ in photos if photo.path is not None}
    for photo, below in photos:
        for preset in presets:
            out = folder / below / (pattern.format(stem=photo.stem, preset=preset) + ending)
            one = Painting(photo, preset, out)
            if out.resolve() in own:
                detail = f"{one} would replace the photo {out}."
                raise InvalidRequest(detail, hint="Name another folder with -o, or other files with --name.")
            other = found.setdefault(out, one)
            if other is not one and other != one:
                detail = f"{other} and {one} would both be {out}."
                raise InvalidRequest(detail, hint="Tell them apart with --name, or paint them into two folders.")
    return list(found.values())


def _ending(pattern: str) -> str:
    """What the pattern lacks: results are PNG unless it says another kind. Raises InvalidRequest."""
    from ..pictures.formats import ENDINGS

    hint = "For example --name '{stem}-{preset}.jpg'."
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise InvalidRequest(f"--name {pattern!r} cannot be read: {error}.", hint=hint) from None
    for _, name, spec, conversion in parts:
        if name is not None and (name not in FIELDS or spec or conversion):
            raise InvalidRequest(f"--name {pattern!r}: {{{name}}} is neither {{stem}} nor {{preset}}.", hint=hint)
    path = PurePath(pattern)
    if path.is_absolute() or ".." in path.parts or not path.name:
        raise InvalidRequest(f"--name {pattern!r} is no name inside the folder.", hint=hint)
    last, name, *_ = parts[-1]
    return "" if name is None and PurePath("x" + last).suffix.lower() in ENDINGS else ".png"


def _photos(words: Sequence[str], recursive: bool) -> Iterator[tuple[Source, PurePath]]:
    """Each photo, and the folder below the named one that it is in. Results of this program are passed over."""
    for word in words:
        one = source(word)
        if one.path is None:
            raise InvalidRequest("A batch takes files and folders.", hint=f"'stylize {STANDARD}' takes one picture.")
        if not one.path.is_dir():
            yield one, PurePath()
            continue
        photos = list(_inside(one.path, recursive))
        if not photos:
            raise InvalidRequest(f"{word} has no picture in it.", hint="Check the path, or add --recursive.")
        for path in photos:
            yield Source(path), path.parent.relative_to(one.path)


def _inside(folder: Path, recursive: bool) -> Iterator[Path]:
    """Pictures by name, with damaged ones, so that these are told; links to folders are not followed, so that there
    is no circle."""
    from ..pictures.reading import is_damaged_photo, is_photo

    entries = sorted(path for path in folder.iterdir() if path.name[0] != ".")
    yield from (path for path in entries if path.is_file() and (is_photo(path) or is_damaged_photo(path)))
    if recursive:
        for path in entries:
            if path.is_dir() and not path.is_symlink():
                yield from _inside(path, recursive)
