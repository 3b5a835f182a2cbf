"""Colour profiles made here: by primaries and curves, grey ones, and some of tables (ICC.1:2001-04, ICC.1:2010)."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence

D50 = (0.9642, 1.0, 0.8249)
DISPLAY_P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
ADOBE_RGB = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
PROPHOTO = ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249))
"""Red, green, blue: XYZ under D50."""

Colour = tuple[float, float, float]


def rgb_profile(primaries: tuple[Colour, Colour, Colour], curve: float | bytes) -> bytes:
    """curve: a gamma, or a tag."""
    tags = {f"{name}XYZ".encode(): _xyz(colour) for name, colour in zip("rgb", primaries, strict=True)}
    tag = curve if isinstance(curve, bytes) else _curve(curve)
    return _profile(b"RGB ", {**tags, **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), tag)})


def parametric_curve(kind: int, *numbers: float) -> bytes:
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + b"".join(map(_fixed, numbers))


def table_curve(points: Sequence[float]) -> bytes:
    """points: light, 0–1. None of them is light itself."""
    levels = [round(65535 * point) for point in points]
    return b"curv\0\0\0\0" + struct.pack(f">I{len(levels)}H", len(levels), *levels)


def grey_profile(gamma: float) -> bytes:
    return _profile(b"GRAY", {b"kTRC": _curve(gamma)})


def cmyk_profile() -> bytes:
    """A printer of four inks that mix as filters do."""
    corners = itertools.product((0, 1), repeat=4)
    mixed = [[(1 - ink) * (1 - 0.9 * inks[3]) for ink in inks[:3]] for inks in corners]
    return _profile(b"CMYK", {b"A2B0": _table(4, mixed)}, b"prtr", b"Lab ")


def scanner_profile() -> bytes:
    """RGB by a table."""
    return _profile(b"RGB ", {b"A2B0": _table(3, list(itertools.product((0, 1), repeat=3)))}, b"scnr", b"Lab ")


def _table(channels: int, rgb: Sequence[Sequence[float]]) -> bytes:
    """To Lab by 8 bits with two steps for each channel (lut8Type)."""
    same = bytes(range(256))
    table = b"".join(
        bytes((round(255 * (r + g + b) / 3), round(128 + 60 * (r - g)), round(128 + 60 * (g - b)))) for r, g, b in rgb
    )
    identity = b"".join(_fixed(value) for value in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    return b"mft1\0\0\0\0" + bytes((channels, 3, 2, 0)) + identity + channels * same + table + 3 * same


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(colour: Colour) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, colour))


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(gamma * 256), 0)


def _profile(space: bytes, tags: dict[bytes, bytes], device: bytes = b"mntr", pcs: bytes = b"XYZ ") -> bytes:
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"made\0" + bytes(79)
    tags = {b"desc": text, b"cprt": b"text\0\0\0\0CC0\0", b"wtpt": _xyz(D50), **tags}
    table, body, place = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", place + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(">I4sI4s4s4s12x4s", place + len(body), b"lcms", 0x02400000, device, space, pcs, b"acsp")
    return (head + bytes(28) + b"".join(map(_fixed, D50))).ljust(128, b"\0") + table + body
