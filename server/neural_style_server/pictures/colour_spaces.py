"""Named colour spaces of compositors, by value: from their floats to sRGB's encoding and back, without clipping.

Beyond 0–1 the curve of sRGB (IEC 61966-2-1) is continued, and mirrored below 0, so that nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRequest
from ..pixels import Array, Picture, converted

Point = tuple[float, float]
Primaries = tuple[Point, Point, Point, Point]
"""CIE xy of red, green, blue and white."""

REC_709: Primaries = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290))
AP1: Primaries = ((0.713, 0.293), (0.165, 0.830), (0.128, 0.044), (0.32168, 0.33767))
"""Of ACEScg (Academy S-2014-004)."""

BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
"""XYZ to the responses by which one white is adapted to another (ICC.1, annex E)."""

ROWS_AT_ONCE = 256
"""Keeps what is calculated in double precision small beside the picture."""

SAME_POINT = 1e-4
"""Files keep chromaticities with few digits."""


@dataclass(frozen=True)
class ColourSpace:
    """linear: values are proportional to light; otherwise they are encoded as sRGB's."""

    name: str
    primaries: Primaries = REC_709
    linear: bool = True

    @property
    def is_srgb(self) -> bool:
        """Whether there is nothing to convert."""
        return not self.linear and self._matrix is None

    @cached_property
    def _matrix(self) -> Array | None:
        """To Rec. 709's primaries; None where these are they."""
        if np.allclose(self.primaries, REC_709, rtol=0, atol=SAME_POINT):
            return None
        found: Array = np.linalg.inv(_to_xyz(REC_709)) @ _adapted(self.primaries[3]) @ _to_xyz(self.primaries)
        return found

    def to_srgb(self, rgb: Array) -> NDArray[np.float32]:
        """rgb: (H, W, 3) in this space."""
        matrix = self._matrix

        def convert(rows: Array) -> Array:
            light = rows if self.linear else decoded(rows)
            return encoded(light if matrix is None else light @ matrix.T)

        return _by_rows(rgb, None if self.is_srgb else convert)

    def from_srgb(self, rgb: Array) -> NDArray[np.float32]:
        """rgb: (H, W, 3), encoded as sRGB."""
        matrix = None if self._matrix is None else np.linalg.inv(self._matrix)

        def convert(rows: Array) -> Array:
            light = decoded(rows) if matrix is None else decoded(rows) @ matrix.T
            return light if self.linear else encoded(light)

        return _by_rows(rgb, None if self.is_srgb else convert)


SRGB = ColourSpace("srgb", linear=False)
LINEAR = ColourSpace("linear")
ACESCG = ColourSpace("acescg", AP1)
SPACES = {space.name: space for space in (SRGB, LINEAR, ACESCG)}


def space_named(name: str) -> ColourSpace:
    """Raises InvalidRequest for a name that is not known."""
    if name not in SPACES:
        raise InvalidRequest(f"The colour space {name!r} is not known.", hint=f"Use one of {', '.join(SPACES)}.")
    return SPACES[name]


def space_of(primaries: Primaries) -> ColourSpace:
    """The linear space with these primaries, by name where it has one. Raises ValueError for impossible ones."""
    for space in (LINEAR, ACESCG):
        if np.allclose(primaries, space.primaries, rtol=0, atol=SAME_POINT):
            return space
    with np.errstate(all="ignore"):
        try:
            matrix = _adapted(primaries[3]) @ _to_xyz(primaries)
            back = np.linalg.inv(matrix)
        except (np.linalg.LinAlgError, ZeroDivisionError):
            matrix = back = np.full((3, 3), np.nan)
    if not (np.isfinite(matrix).all() and np.isfinite(back).all()):
        raise ValueError("its primaries are no colours")
    return ColourSpace("its own primaries", primaries)


def in_srgb(picture: Picture, space: ColourSpace) -> Picture:
    """A picture whose values are in `space` as RGBAF32 in sRGB; the same picture where that is sRGB."""
    return picture if space.is_srgb else _with_colours(picture, space.to_srgb)


def out_of_srgb(picture: Picture, space: ColourSpace) -> Picture:
    """A picture in sRGB as RGBAF32 with values in `space`; the same picture where that is sRGB."""
    return picture if space.is_srgb else _with_colours(picture, space.from_srgb)


def _with_colours(picture: Picture, convert: Callable[[Array], Array]) -> Picture:
    pixels = converted(picture, "RGBAF32").pixels
    return Picture(np.dstack([convert(pixels[..., :3]), pixels[..., 3]]), "RGBAF32")


def encoded(light: Array) -> Array:
    size = np.abs(light)
    return np.copysign(np.where(size <= 0.0031308, 12.92 * size, 1.055 * size ** (1 / 2.4) - 0.055), light)


def decoded(values: Array) -> Array:
    size = np.abs(values)
    return np.copysign(np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4), values)


def _by_rows(rgb: Array, convert: Callable[[Array], Array] | None) -> NDArray[np.float32]:
    if convert is None:
        return rgb.astype(np.float32)
    out = np.empty(rgb.shape, np.float32)
    with np.errstate(over="ignore"):  # what is infinite then is refused by whoever reads it
        for top in range(0, len(rgb), ROWS_AT_ONCE):
            out[top : top + ROWS_AT_ONCE] = convert(rgb[top : top + ROWS_AT_ONCE].astype(np.float64))
    return out


def _xyz(point: Point) -> Array:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _to_xyz(primaries: Primaries) -> Array:
    """The matrix from light of these primaries; their white has Y = 1 (SMPTE RP 177)."""
    columns = np.stack([_xyz(point) for point in primaries[:3]], axis=1)
    found: Array = columns * np.linalg.solve(columns, _xyz(primaries[3]))
    return found


def to_xyz_under(white: Point, primaries: Primaries) -> Array:
    """The matrix from light of these primaries to XYZ under another white. Raises LinAlgError and ZeroDivisionError for
    what are no colours."""
    found: Array = _adapted(primaries[3], white) @ _to_xyz(primaries)
    return found


def _adapted(white: Point, to: Point = REC_709[3]) -> Array:
    """XYZ under a white to XYZ under another, by default that of sRGB."""
    ours, its = BRADFORD @ _xyz(to), BRADFORD @ _xyz(white)
    found: Array = np.linalg.inv(BRADFORD) @ np.diag(ours / its) @ BRADFORD
    return found
