"""`--print 36x24in --dpi 300`: the exact pixels of a print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import InvalidRequest

if TYPE_CHECKING:
    from .pixels import Picture

INCHES = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4}
DEFAULT_DPI = 300
LARGEST = 10**6
"""Pixels of a side; no daemon takes as many."""

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*[x×]\s*(\d+(?:\.\d+)?)\s*(in|cm|mm)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Paper:
    """width, height: of the print in pixels; crop: a photo of another shape loses what is too much, evenly on both
    sides."""

    width: int
    height: int
    dpi: float
    crop: bool = False

    def fit(self, picture: Picture) -> Picture:
        """The picture in exactly these pixels. Raises InvalidRequest where its shape is another and `crop` is not
        set."""
        from .pixels import resampled

        # The part of the picture, in its own pixels, that has the shape of the paper.
        scale = min(picture.width / self.width, picture.height / self.height)
        width, height = self.width * scale, self.height * scale
        if not self.crop and max(picture.width - width, picture.height - height) > 1:
            lost = 100 * (1 - width * height / (picture.width * picture.height))
            raise InvalidRequest(
                f"The photo has {picture.width} × {picture.height} pixels, which is another shape than the print's "
                f"{self.width} × {self.height}.",
                hint=f"With --crop {lost:.1f} % of it are cut off.",
                code="other_shape",
            )
        if (picture.width, picture.height) == (self.width, self.height):
            return picture
        left, top = (picture.width - width) / 2, (picture.height - height) / 2
        return resampled(picture, (self.width, self.height), (left, top, left + width, top + height))


def parse_paper(size: str | None, dpi: float | None, crop: bool) -> Paper | None:
    """What --print, --dpi and --crop say together. Raises InvalidRequest."""
    if size is None:
        if dpi is not None or crop:
            raise InvalidRequest("--dpi and --crop belong to --print.", hint="For example --print 36x24in --dpi 300.")
        return None
    found = _SIZE.fullmatch(size)
    if found is None:
        raise InvalidRequest(f"--print {size!r} is no size.", hint="For example --print 36x24in or --print 90x60cm.")
    dpi, inch = DEFAULT_DPI if dpi is None else dpi, INCHES[found[3].lower()]
    sides = [float(side) * inch * dpi for side in found.group(1, 2)]
    if max(sides) > LARGEST:
        raise InvalidRequest(f"--print {size[:40]} at {dpi:g} dpi is too large.", hint="Give a smaller size.")
    width, height = map(round, sides)
    if min(width, height) < 1:
        raise InvalidRequest(f"--print {size} at {dpi:g} dpi has no pixels.", hint="Give a larger size.")
    return Paper(width, height, dpi, crop)
