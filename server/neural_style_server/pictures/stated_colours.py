"""Colours that a file states without a profile, as a profile: a PNG's gamma and primaries (PNG specification, gAMA and
cHRM), and the mark of Adobe RGB in a camera's JPEG (DCF 2.0).
"""

from __future__ import annotations

import struct

import numpy as np
from PIL import Image
from PIL.ExifTags import IFD

from ..pixels import Array
from .colour_spaces import REC_709, Point, Primaries, decoded, to_xyz_under
from .formats import DAMAGE

SRGB_GAMMA, NEAR = 0.45455, 0.001
"""What a PNG says that is encoded as sRGB, for readers that know no other curve."""

LEAST_GAMMA, LARGEST_GAMMA = 0.05, 20.0
ADOBE_RGB: Primaries = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), REC_709[3])
ADOBE_POWER = 563 / 256
INDEX, ADOBE_MARK = 1, "R03"
"""Of EXIF's interoperability."""

D50: Point = (0.3457, 0.3585)
"""xy of a profile's white."""

WHITE = (0.9642, 1.0, 0.8249)
GREY_MODES = ("1", "L", "LA", "I", "I;16")
CURVE_POINTS = 1024


def stated_profile(image: Image.Image) -> bytes | None:
    """None where the file states nothing, or what cannot be. Nothing is unpacked for it."""
    if image.format == "PNG":
        return _of_png(image)
    if image.format in ("JPEG", "MPO") and image.mode == "RGB" and _is_adobe_rgb(image):
        return made_profile(ADOBE_RGB, ADOBE_POWER)
    return None


def made_profile(primaries: Primaries | None, power: float | None) -> bytes | None:
    """Of three colours, or with None of grey; light is the `power` of a value, or with None as sRGB has it. None for
    primaries that are no colours."""
    curve = _curve(power)
    if primaries is None:
        return _profile(b"GRAY", {b"kTRC": curve})
    try:
        matrix = to_xyz_under(D50, primaries)
        colours = {
            name: _xyz(tuple(column)) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), matrix.T, strict=True)
        }
    except (np.linalg.LinAlgError, ArithmeticError, ValueError, struct.error):
        return None
    return _profile(b"RGB ", {**colours, **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)})


def _of_png(image: Image.Image) -> bytes | None:
    gamma, points = image.info.get("gamma"), image.info.get("chromaticity")
    if "srgb" in image.info or (gamma is None and points is None):
        return None
    if gamma is not None and not LEAST_GAMMA <= gamma <= LARGEST_GAMMA:
        return None
    power = None if gamma is None or abs(gamma - SRGB_GAMMA) < NEAR else 1 / gamma
    if image.mode in GREY_MODES:
        return made_profile(None, power)
    if points is None:
        return made_profile(REC_709, power)
    white, *colours = zip(points[::2], points[1::2], strict=True)
    red, green, blue = colours
    return made_profile((red, green, blue, white), power)


def _is_adobe_rgb(image: Image.Image) -> bool:
    try:
        return bool(image.getexif().get_ifd(IFD.Interop).get(INDEX) == ADOBE_MARK)
    except DAMAGE:
        return False


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A display's, by ICC.1:2001-04."""
    text = b"desc\0\0\0\0" + struct.pack(">I", 7) + b"stated\0" + bytes(79)
    tags = {b"desc": text, b"cprt": b"text\0\0\0\0CC0\0", b"wtpt": _xyz(WHITE), **tags}
    table, body, place = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", place + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(">I4xI4s4s4s12x4s", place + len(body), 0x02400000, b"mntr", space, b"XYZ ", b"acsp")
    return (head + bytes(28) + b"".join(map(_fixed, WHITE))).ljust(128, b"\0") + table + body


def _curve(power: float | None) -> bytes:
    if power is not None:
        return b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(power * 256), 0)
    levels: Array = np.rint(65535 * decoded(np.linspace(0, 1, CURVE_POINTS))).astype(">u2")
    return b"curv\0\0\0\0" + struct.pack(">I", CURVE_POINTS) + levels.tobytes()


def _xyz(colour: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, colour))


def _fixed(value: float) -> bytes:
    """With 16 bits after the point. Raises ValueError and struct.error for what is no such number."""
    return struct.pack(">i", round(float(value) * 65536))
