"""Colour profiles of three curves and a matrix, or of one curve for grey, by value and in full depth.

Display P3, Adobe RGB and ProPhoto are such profiles. ICC.1:2010 has the layout of a file (clause 7), of curves (10.5,
10.15) and of XYZ values (10.27), and the way from device values to the profile connection space, whose white is D50
(annex F). Beyond 0–1 a curve is continued, and mirrored below 0, as in `colour_spaces`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..pixels import Array

RGB, GREY, XYZ = b"RGB ", b"GRAY", b"XYZ "
MATRIX_TAGS, CURVE_TAGS, GREY_TAG = (b"rXYZ", b"gXYZ", b"bXYZ"), (b"rTRC", b"gTRC", b"bTRC"), b"kTRC"
TABLES = (b"A2B", b"B2A", b"D2B", b"B2D")
"""How the names of tags begin that come before curves and matrix where a profile has them."""

HEADER, ENTRY, MOST_TAGS = 128, 12, 200
PARAMETERS = (1, 3, 4, 5, 7)
"""How many each kind of parametric curve has."""

FLATTEST = 1e-4
"""Of a matrix: its determinant is that of primaries that are colours of their own."""

D50 = np.array([0.9642, 1.0, 0.8249])
"""XYZ of white (ICC.1:2010, 6.3.4.3)."""

LIGHTEST_BLACK = ((50 + 16) / 116) ** 3
"""Luminance of L* = 50; what is lighter is no black."""

PROBE = np.linspace(0.0, 1.0, 257)


class Curve(Protocol):
    """Of one channel."""

    def light(self, values: Array) -> Array:
        """Values of the file, 0–1, as light."""

    def values(self, light: Array) -> Array:
        """And back."""


@dataclass(frozen=True)
class Formula:
    """`(a v + b)^gamma + e` from v = d on, and `c v + f` below."""

    gamma: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 0.0
    f: float = 0.0

    def light(self, values: Array) -> Array:
        size = np.abs(values)
        curved = np.maximum(self.a * size + self.b, 0) ** self.gamma + self.e
        return _mirrored(np.where(size >= self.d, curved, self.c * size + self.f), values)

    def values(self, light: Array) -> Array:
        size = np.abs(light)
        bend = max(self.a * self.d + self.b, 0.0) ** self.gamma + self.e
        curved = (np.maximum(size - self.e, 0) ** (1 / self.gamma) - self.b) / self.a
        straight = (size - self.f) / self.c if self.c else np.zeros_like(size)
        return _mirrored(np.where(size >= bend, curved, straight), light)


@dataclass(frozen=True, eq=False)
class Table:
    """points: light at values that are evenly apart, from 0 to 1."""

    points: NDArray[np.float64]

    def light(self, values: Array) -> Array:
        return _mirrored(_interpolated(np.abs(values), np.linspace(0, 1, len(self.points)), self.points), values)

    def values(self, light: Array) -> Array:
        return _mirrored(_interpolated(np.abs(light), self.points, np.linspace(0, 1, len(self.points))), light)


@dataclass(frozen=True, eq=False)
class MatrixProfile:
    """curves: of red, green and blue; matrix: from their light to XYZ under D50."""

    curves: tuple[Curve, Curve, Curve]
    matrix: NDArray[np.float64]
    is_grey: bool = False

    def to(self, other: MatrixProfile, rgb: Array) -> Array:
        """(H, W, 3) of 0–1 in the colours of another profile, as floats of the same type. What that one cannot hold
        lies outside 0–1."""
        light = np.stack([curve.light(rgb[..., channel]) for channel, curve in enumerate(self.curves)], axis=-1)
        share = (1 - other._black) / (1 - self._black)
        offset = other._back @ D50 * (other._black - self._black * share)
        matrix = share * other._back @ self.matrix
        light = light.astype(rgb.dtype) @ matrix.T.astype(rgb.dtype) + offset.astype(rgb.dtype)
        return np.stack([curve.values(light[..., channel]) for channel, curve in enumerate(other.curves)], axis=-1)

    @cached_property
    def _black(self) -> float:
        """The luminance of black, which becomes the other profile's (ISO 18619, black point compensation)."""
        light = self.matrix @ [float(curve.light(np.zeros(1))[0]) for curve in self.curves]
        return float(np.clip(light[1], 0, LIGHTEST_BLACK))

    @cached_property
    def _back(self) -> Array:
        found: Array = np.linalg.inv(self.matrix)
        return found


@lru_cache(8)
def matrix_profile(data: bytes) -> MatrixProfile | None:
    """None for profiles of tables, and for damaged ones."""
    try:
        return _parsed(data)
    except (struct.error, ValueError, ArithmeticError, LookupError):
        return None


def _parsed(data: bytes) -> MatrixProfile | None:
    space, connection = data[16:20], data[20:24]
    tags = _tags(data)
    if connection != XYZ or any(name.startswith(TABLES) for name in tags):
        return None
    if space == GREY:
        curve = _curve(tags[GREY_TAG])
        return MatrixProfile((curve, curve, curve), np.diag(D50), is_grey=True)
    if space != RGB:
        return None
    red, green, blue = (_curve(tags[name]) for name in CURVE_TAGS)
    matrix = np.stack([_xyz(tags[name]) for name in MATRIX_TAGS], axis=1)
    if abs(np.linalg.det(matrix)) < FLATTEST:
        raise ValueError("its primaries are no three colours")
    return MatrixProfile((red, green, blue), matrix)


def _tags(data: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", data, HEADER)
    if count > MOST_TAGS:
        raise ValueError("it has too many tags")
    found = {}
    for place in range(count):
        name, offset, size = struct.unpack_from(">4sII", data, HEADER + 4 + ENTRY * place)
        found[name] = data[offset : offset + size]
    return found


def _xyz(tag: bytes) -> NDArray[np.float64]:
    if tag[:4] != XYZ:
        raise ValueError("it has no XYZ values")
    return np.array(_fixed(tag, 8, 3))


def _curve(tag: bytes) -> Curve:
    """Raises ValueError for a kind that is not known, and for one that does not rise."""
    kind = tag[:4]
    if kind == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        curve = _counted(tag, count)
    elif kind == b"para":
        (number,) = struct.unpack_from(">H", tag, 8)
        curve = _parametric(number, _fixed(tag, 12, PARAMETERS[number]))
    else:
        raise ValueError(f"a curve of the kind {kind!r} is not known")
    with np.errstate(all="ignore"):
        there = curve.light(PROBE)
        back = curve.values(there)
    rises = bool((np.diff(there) >= 0).all()) and there[-1] > there[0]
    if not (rises and np.isfinite(there).all() and np.isfinite(back).all()):
        raise ValueError("a curve does not rise")
    return curve


def _counted(tag: bytes, count: int) -> Curve:
    """Nothing is light itself, one number a gamma, more are a table."""
    if count == 0:
        return Formula(1.0)
    if count == 1:
        (gamma,) = struct.unpack_from(">H", tag, 12)
        return _parametric(0, (gamma / 256,))
    return Table(np.frombuffer(tag, ">u2", count, 12).astype(np.float64) / 65535)


def _parametric(number: int, given: tuple[float, ...]) -> Formula:
    """Raises ValueError where it cannot be undone."""
    gamma, *rest = given
    if not gamma > 0 or (rest and not rest[0] > 0):
        raise ValueError("a curve cannot be undone")
    if number in (1, 2):
        a, b, *offset = rest
        e = offset[0] if offset else 0.0
        return Formula(gamma, a, b, 0.0, max(0.0, -b / a), e, e)
    return Formula(gamma, *rest)


def _fixed(tag: bytes, offset: int, count: int) -> tuple[float, ...]:
    """Numbers of 15 bits before the point and 16 after it."""
    return tuple(number / 65536 for number in struct.unpack_from(f">{count}i", tag, offset))


def _mirrored(found: Array, given: Array) -> Array:
    return np.where(given < 0, -found, found)


def _interpolated(at: Array, x: Array, y: Array) -> Array:
    """Linear; above the last point as between the last two. Where several x are alike the first counts."""
    rising = np.concatenate([[True], np.diff(x) > 0])
    x, y = x[rising], y[rising]
    above = np.maximum(at - x[-1], 0) * ((y[-1] - y[-2]) / (x[-1] - x[-2]))
    found: Array = np.interp(at, x, y) + above
    return found
