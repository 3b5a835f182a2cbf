"""Folders of numbered pictures, one for each frame."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from ..errors import ImageError, InvalidRequest, NeuralStyleError, TooLarge
from ..pictures.colour_spaces import ColourSpace
from ..pictures.formats import is_transparent
from ..pictures.reading import read_picture_file, read_size
from ..pixels import Picture, resampled
from .clip import WHOLE, Clip, ClipFrame, Look, Origin, Span

_NUMBERED = re.compile(r"(.*?)(\d+)(\.\w+)")
MOST_LISTED = 12
AGAIN = "Save it anew, or take it away."
BEYOND_WHITE = (
    "Some values are below 0 or above 1. They are painted as black or white; .exr and .tif keep the excess, all else "
    "cuts it off."
)
SOME_TRANSPARENT = "Some pictures are transparent, but the first is not: a video of them will be opaque."


def numbered(folder: Path) -> dict[int, Path]:
    """The pictures of a folder by the numbers at the ends of their names. Raises InvalidRequest where there are none,
    or two with one number, or two clips."""
    from ..pictures.formats import ENDINGS

    found: dict[int, Path] = {}
    beginnings: set[str] = set()
    for path in sorted(folder.iterdir()):
        name = _NUMBERED.fullmatch(path.name)
        if name is None or path.name.startswith(".") or path.suffix.lower() not in ENDINGS or not path.is_file():
            continue
        beginnings.add(name[1])
        other = found.setdefault(int(name[2]), path)
        if len(beginnings) > 1:
            listed = ", ".join(f"'{beginning}'" for beginning in sorted(beginnings))
            detail = f"{folder} has pictures of several clips: their names begin with {listed}."
            raise InvalidRequest(detail, hint="Put each clip into a folder of its own.")
        if other is not path:
            detail = f"{other} and {path} have the same number."
            raise InvalidRequest(detail, hint="Keep one of them in the folder.")
    if not found:
        detail = f"{folder} has no numbered pictures."
        raise InvalidRequest(detail, hint="Pictures are called like frame-0001.png, frame-0002.png.")
    return dict(sorted(found.items()))


def check_sizes(paths: dict[int, Path], size: tuple[int, int] | None, of: str) -> tuple[int, int]:
    """All have one (width, height), which is answered. Raises InvalidRequest, naming the first that has another."""
    for path in paths.values():
        try:
            own = read_size(path)
        except (OSError, InvalidRequest, TooLarge) as error:
            raise unreadable(path, error) from None
        size = size or own
        if own != size:
            detail = f"{path} is {own[0]} × {own[1]} pixels, {of} {size[0]} × {size[1]}."
            raise ImageError(detail, hint="Scale it to that size.", code="other_size")
    assert size is not None
    return size


def unreadable(path: Path, error: OSError | NeuralStyleError) -> ImageError:
    """A picture that cannot be read, by its name."""
    if not isinstance(error, NeuralStyleError):
        return ImageError(f"{path} cannot be read: {error.strerror or error}", hint=AGAIN)
    hint = AGAIN if error.hint in (ImageError.hint, InvalidRequest.hint) else error.hint
    return ImageError(f"{path} cannot be read: {error.detail}", hint=hint)


class PictureFolder(Clip):
    """`rate` is in frames per second; a gap in the numbers is time in which the picture before stays. Raises
    InvalidRequest for gaps, listing them, unless they are allowed, and for a picture of another size."""

    start_seconds, to_the_end = 0.0, False

    def __init__(
        self,
        path: Path,
        span: Span = WHOLE,
        resize: int | None = None,
        rate: Fraction = Fraction(25),
        gaps: bool = False,
        max_pixels: int = 10**9,
        space: ColourSpace | None = None,
    ) -> None:
        self.path, self.notes, self._max_pixels, self._space = path, list[str](), max_pixels, space
        self._paths, self._origins = numbered(path), dict[int, Origin]()
        begin = next(iter(self._paths))
        self.numbers = span.numbers([(number, float((number - begin) / rate)) for number in self._paths])
        self.all_numbers = self._paths.keys()
        self._next = dict(itertools.pairwise(self.numbers))
        missing = _missing(self.numbers)
        if missing and not gaps:
            raise InvalidRequest(
                f"{path} has gaps in its numbers: {missing} are missing.",
                hint="Add them, or allow gaps with --gaps; the picture before then stays for that time.",
                code="gaps",
            )
        width, height = check_sizes({number: self._paths[number] for number in self.numbers}, None, "the first")
        self.own_size = width, height
        self.look = Look(width, height, 1 / rate, rate).resized(resize)
        self._is_opaque = False
        first = self._read(self.numbers[0])
        self._is_opaque = not is_transparent(first)
        self.format, self.look = first.format, replace(self.look, alpha=not self._is_opaque)

    def frames(self) -> Iterator[ClipFrame]:
        for number in self.numbers:
            yield ClipFrame(number, lambda number=number: self._read(number))  # type: ignore[misc]

    def time(self, number: int) -> int:
        return number - self.numbers[0]

    def duration(self, number: int) -> int:
        return self._next.get(number, number + 1) - number

    def name(self, number: int) -> str:
        return self._paths[number].stem

    def files(self, number: int) -> list[Path]:
        return [self._paths[number]]

    def origin(self, number: int) -> Origin:
        if number not in self._origins:
            self._read(number)
        return self._origins[number]

    def _read(self, number: int) -> Picture:
        path = self._paths[number]
        try:
            file = read_picture_file(path.read_bytes(), self._max_pixels, space=self._space)
        except (OSError, InvalidRequest, TooLarge) as error:
            raise unreadable(path, error) from None
        self._origins[number] = Origin(file.space, file.frame)
        said = [*file.notes]
        said += [BEYOND_WHITE] if file.picture.beyond_white else []
        said += [SOME_TRANSPARENT] if self._is_opaque and is_transparent(file.picture) else []
        self.notes += [note for note in dict.fromkeys(said) if note not in self.notes]
        found, size = file.picture, (self.look.width, self.look.height)
        if (found.width, found.height) == size:
            return found
        return resampled(found, size, (0, 0, found.width, found.height))


def listed_numbers(numbers: list[int]) -> str:
    """Such as "4, 7–9"."""
    runs = [(numbers[0], numbers[0])]
    for number in numbers[1:]:
        begin, end = runs[-1]
        runs[-1:] = [(begin, number)] if number == end + 1 else [(begin, end), (number, number)]
    return _words(runs)


def _missing(numbers: list[int]) -> str:
    """The numbers between, such as "4, 7–9"; "" if there are none."""
    return _words([(before + 1, after - 1) for before, after in itertools.pairwise(numbers) if after > before + 1])


def _words(runs: list[tuple[int, int]]) -> str:
    words = [str(first) if first == last else f"{first}–{last}" for first, last in runs]
    return ", ".join(words[:MOST_LISTED]) + (
        f" and {len(words) - MOST_LISTED} more" if len(words) > MOST_LISTED else ""
    )
