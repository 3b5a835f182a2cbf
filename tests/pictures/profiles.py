"""Colour profiles made here: by primaries and gamma, grey ones, and one of four inks (ICC.1:2001-04)."""

from __future__ import annotations

import itertools
import struct

D50 = (0.9642, 1.0, 0.8249)
DISPLAY_P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
ADOBE_RGB = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
PROPHOTO = ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249))
"""Red, green, blue: XYZ under D50."""

Colour = tuple[float, float, float]


def rgb_profile(primaries: tuple[Colour, Colour, Colour], gamma: float) -> bytes:
    tags = {f"{name}XYZ".encode(): _xyz(colour) for name, colour in zip("rgb", primaries, strict=True)}
    return _profile(b"RGB ", {**tags, **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(gamma))})


def grey_profile(gamma: float) -> bytes:
    return _profile(b"GRAY", {b"kTRC": _curve(gamma)})


def cmyk_profile() -> bytes:
    """A printer of four inks that mix as filters do: a table of 8 bits with two steps for each ink (lut8Type)."""
    same = bytes(range(256))
    table = b""
    for corner in itertools.product((0, 1), repeat=4):
        rgb = [(1 - ink) * (1 - 0.9 * corner[3]) for ink in corner[:3]]
        table += bytes(
            (round(255 * sum(rgb) / 3), round(128 + 60 * (rgb[0] - rgb[1])), round(128 + 60 * (rgb[1] - rgb[2])))
        )
    identity = b"".join(_fixed(value) for value in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + 4 * same + table + 3 * same
    return _profile(b"CMYK", {b"A2B0": lut}, b"prtr", b"Lab ")


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
