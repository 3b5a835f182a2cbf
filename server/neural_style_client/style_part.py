"""A part of a style image that a region is painted with: a rectangle, in percent of the image's width and height."""

from typing import Any, Dict, NamedTuple, Tuple

from .errors import PainterError
from .translations import number, tr

SIDE = 100
LEAST = 10
"""In less of a style image than that there is nothing to be found."""
_NEARLY = 1e-6
"""Sums of fractions are not exact."""


class StylePart(NamedTuple):
    """Drawn in whole percent; a script may name fractions."""

    left: float = 0
    top: float = 0
    width: float = SIDE
    height: float = SIDE

    @property
    def is_whole(self) -> bool:
        return self == WHOLE_STYLE

    def moved(self, across: int, down: int) -> "StylePart":
        """By so much, as far as the image's edges allow."""
        left = min(SIDE - self.width, max(0, self.left + across))
        return self._replace(left=left, top=min(SIDE - self.height, max(0, self.top + down)))

    def grown(self, across: int, down: int) -> "StylePart":
        """Its right and its lower edge by so much."""
        width = min(SIDE - self.left, max(LEAST, self.width + across))
        return self._replace(width=width, height=min(SIDE - self.top, max(LEAST, self.height + down)))

    def holds(self, place: Tuple[float, float]) -> bool:
        """Whether a place, in percent from the left and from the top, lies within."""
        across, down = place[0] - self.left, place[1] - self.top
        return 0 <= across <= self.width and 0 <= down <= self.height

    def box(self, width: int, height: int) -> Tuple[int, int, int, int]:
        """(left, top, width, height) in pixels of a picture of that size."""
        left, top = int(self.left * width / SIDE), int(self.top * height / SIDE)
        right, bottom = int((self.left + self.width) * width / SIDE), int((self.top + self.height) * height / SIDE)
        return left, top, max(1, right - left), max(1, bottom - top)

    def words(self) -> str:
        """What a painter is told of it."""
        if self.is_whole:
            return tr("Whole style image")
        return tr("{} × {} % of the style image", _said(self.width), _said(self.height))

    def place_words(self) -> str:
        """Where it lies, also for those who do not see it."""
        across, down = (self.left, self.left + self.width), (self.top, self.top + self.height)
        return tr("From {} to {} % across, from {} to {} % down", *map(_said, (*across, *down)))


WHOLE_STYLE = StylePart()


def between(start: Tuple[float, float], end: Tuple[float, float]) -> StylePart:
    """Drawn from one corner to the other; no smaller than it may be."""
    left, width = _side(start[0], end[0])
    top, height = _side(start[1], end[1])
    return StylePart(left, top, width, height)


def _side(start: float, end: float) -> Tuple[int, int]:
    low, high = (min(SIDE, max(0, round(one))) for one in sorted((start, end)))
    length = max(LEAST, high - low)
    return min(low, SIDE - length), length


def part_from(found: Any) -> StylePart:
    """From JSON, or as it is. Raises PainterError."""
    if isinstance(found, StylePart):
        return found
    try:
        left, top, width, height = map(_percent, found)
        part = StylePart(left, top, width, height)
    except (TypeError, ValueError, OverflowError):
        part = StylePart(0, 0, 0, 0)
    edges = part.left + part.width, part.top + part.height
    if min(part[:2]) < 0 or min(part[2:]) < LEAST or max(edges) > SIDE + _NEARLY:
        raise PainterError(
            tr("A part of a style image must be [left, top, width, height] in percent of it, not {!r}.", found)
        )
    return part


def _percent(found: float) -> float:
    """A whole number where it is one. Raises TypeError, ValueError or OverflowError."""
    return round(found) if found == round(found) else found


def _said(percent: float) -> str:
    return number(percent, 0 if percent == round(percent) else 1)


def job_part(part: StylePart) -> Dict[str, float]:
    """As a job's region names it."""
    return {name: value / SIDE for name, value in part._asdict().items()}
