"""Kinds of picture files: what may be uploaded, what is read, what is written. Names of kinds are Pillow's."""

from __future__ import annotations

import math
import struct
import zlib
from functools import cache
from pathlib import PurePath
from typing import Any

from PIL import Image, PngImagePlugin, features

from ..errors import ImageError, InvalidRequest
from ..pixels import Picture

UPLOADS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/tiff": "TIFF"}
"""Content types of the HTTP API."""

NEVER_READ = {"EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG"}
"""Pillow knows these by name, but runs another program for them, or cannot decode them."""

DAMAGE = (
    OSError, ValueError, SyntaxError, EOFError, LookupError, struct.error, zlib.error, TypeError, ArithmeticError,
    RuntimeError, AttributeError,
)  # fmt: skip
"""What decoders raise for files that are damaged."""

HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

EXR_MAGIC = b"\x76\x2f\x31\x01"

ENDINGS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WEBP",
    ".avif": "AVIF",
    ".exr": "EXR",
}
"""How the name of a written file ends."""

PICTURE_ENDINGS = {"PNG": ".png", "TIFF": ".tif", "EXR": ".exr"}
"""Of the pictures of a painted clip: kinds without loss."""

LONGEST_SIDE = {"WEBP": 16_383, "JPEG": 65_535, "AVIF": 65_535}
WITHOUT_ALPHA = {"JPEG"}
WITH_FLOATS = {"TIFF", "EXR"}
"""Kinds that hold values beyond 0–1, and colours of other spaces than sRGB."""


@cache
def readable() -> tuple[str, ...]:
    """All that are read, those without a signature last."""
    Image.init()
    kinds = [kind for kind in Image.OPEN if kind not in NEVER_READ]
    return tuple(sorted(kinds, key=lambda kind: Image.OPEN[kind][1] is None))


PngImagePlugin.MAX_TEXT_CHUNK = 8 << 20
"""Bytes of a text or a profile, unpacked. A PNG that has more in one piece is refused; scanners' profiles, and what
other programs write of their doings, have more than Pillow's own limit of 1 MiB."""


def allow_pixels(most: int) -> None:
    """Have Pillow, which refuses twice as many pixels as it is told, open pictures of so many. Never fewer than before:
    all threads share it, and each checks the sizes of its own."""
    Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS or 0, math.ceil(most / 2))


def is_heif(data: bytes) -> bool:
    """Whether a file begins as a HEIC picture does (ISO/IEC 23008-12); AVIF, which begins alike, is none."""
    if data[4:8] != b"ftyp":
        return False
    brands = data[8 : min(len(data), int.from_bytes(data[:4], "big"), 256)]
    return data[8:12] in HEIF_BRANDS and b"avif" not in brands


def register_heif() -> None:
    """Let Pillow open HEIC. Raises ImageError where the extra is not installed."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        raise ImageError(
            "It is a HEIC picture, which needs the extra 'heif'.",
            hint="Get it with: pip install 'neural-style-server[heif]'",
            code="needs_heif",
        ) from None
    register_heif_opener()
    readable.cache_clear()


def has_heif() -> bool:
    try:
        register_heif()
    except ImageError:
        return False
    return True


def is_exr(data: bytes) -> bool:
    return data[:4] == EXR_MAGIC


def has_exr() -> bool:
    try:
        exr_library()
    except ImageError:
        return False
    return True


def exr_library() -> Any:
    """OpenEXR. Raises ImageError where the extra is not installed."""
    try:
        import OpenEXR
    except ImportError:
        raise ImageError(
            "OpenEXR pictures need the extra 'exr'.",
            hint="Get it with: pip install 'neural-style-server[exr]'",
            code="needs_exr",
        ) from None
    return OpenEXR


def writable() -> tuple[str, ...]:
    """The endings that a result's name may have on this machine."""
    missing = {"AVIF"} if not features.check("avif") else set()
    missing |= set() if has_exr() else {"EXR"}
    return tuple(ending for ending, kind in ENDINGS.items() if kind not in missing)


def kind_of_name(name: str) -> str:
    """What is written under a name. Raises InvalidRequest, saying what can be written or how to get it."""
    ending = PurePath(name).suffix.lower()
    if ENDINGS.get(ending) == "EXR":
        exr_library()
    if ending not in writable():
        shown = f"A name that ends in {ending!r}" if ending else f"The name {name!r}, without an ending,"
        raise InvalidRequest(
            f"{shown} says no kind of picture that can be written.",
            hint=f"What can be written ends in {', '.join(writable())}.",
            code="unknown_ending",
        )
    return ENDINGS[ending]


def check_writable(kind: str, width: int, height: int, transparent: bool) -> None:
    """Raises InvalidRequest where a picture of this size, or one with transparency, cannot be of that kind."""
    most = LONGEST_SIDE.get(kind, max(width, height))
    if max(width, height) > most:
        raise InvalidRequest(
            f"A {kind} picture has at most {most:,} pixels in a row, and this one {max(width, height):,}.",
            hint="Write a PNG or a TIFF.",
        )
    if transparent and kind in WITHOUT_ALPHA:
        raise InvalidRequest(
            f"A {kind} picture has no transparency, and the photo has some.", hint="Write a PNG, TIFF, WebP or AVIF."
        )


def is_transparent(picture: Picture) -> bool:
    """Whether anything is less than opaque."""
    return bool((picture.pixels[..., 3] < picture.peak).any())
