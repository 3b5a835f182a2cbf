"""Small picture files of every kind that can be uploaded."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import png
from PIL import Image

TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "WEBP": "image/webp", "TIFF": "image/tiff"}


def _smooth(width: int, height: int) -> Image.Image:
    """Such as photos are: with shapes, and noise on them."""
    small = np.random.default_rng(3).integers(0, 255, (7, 9, 3), dtype=np.uint8)
    image = np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    image = image + np.random.default_rng(4).integers(-9, 9, image.shape)
    return Image.fromarray(image.clip(0, 255).astype(np.uint8))


PHOTO = _smooth(67, 45)
CLEAR = PHOTO.copy()
CLEAR.putalpha(PHOTO.convert("L"))
DEEP = np.random.default_rng(5).integers(0, 65535, (20, 30), dtype=np.uint16)


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def made(depth: int, *, interlace: bool = False, **colours: Any) -> bytes:
    """A PNG of a depth or an order of rows that Pillow does not write."""
    channels = (1 if colours.get("greyscale") or "palette" in colours else 3) + bool(colours.get("alpha"))
    peak = len(colours["palette"]) if "palette" in colours else 2**depth
    rows = np.random.default_rng(depth).integers(0, peak, (13, 11 * channels)).tolist()
    file = io.BytesIO()
    png.Writer(11, 13, bitdepth=depth, interlace=interlace, **colours).write(file, rows)
    return file.getvalue()


PALETTE = [(number * 9, 255 - number, 30 + number) for number in range(16)]
FILES: dict[str, tuple[str, bytes]] = {
    **{f"png-{mode}": ("PNG", saved(CLEAR.convert(mode))) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")},
    **{f"png-grey-{depth}": ("PNG", made(depth, greyscale=True)) for depth in (1, 2, 4, 8, 16)},
    **{f"png-rgb-{depth}-woven": ("PNG", made(depth, interlace=True, greyscale=False)) for depth in (8, 16)},
    **{f"png-rgba-{depth}": ("PNG", made(depth, alpha=True, greyscale=False)) for depth in (8, 16)},
    **{f"png-palette-{depth}": ("PNG", made(depth, palette=PALETTE[: 2**depth])) for depth in (1, 2, 4)},
    "jpeg": ("JPEG", saved(PHOTO, "JPEG")),
    "jpeg-444": ("JPEG", saved(PHOTO, "JPEG", quality=95, subsampling=0)),
    "jpeg-grey": ("JPEG", saved(PHOTO.convert("L"), "JPEG")),
    "jpeg-cmyk": ("JPEG", saved(PHOTO.convert("CMYK"), "JPEG")),
    "jpeg-progressive": ("JPEG", saved(PHOTO, "JPEG", progressive=True)),
    "jpeg-restarts": ("JPEG", saved(PHOTO, "JPEG", restart_marker_blocks=2)),
    "jpeg-restarts-progressive": ("JPEG", saved(PHOTO, "JPEG", restart_marker_rows=1, progressive=True)),
    "webp": ("WEBP", saved(PHOTO, "WEBP")),
    "webp-alpha": ("WEBP", saved(CLEAR, "WEBP")),
    "webp-lossless": ("WEBP", saved(CLEAR, "WEBP", lossless=True)),
    "tiff": ("TIFF", saved(PHOTO, "TIFF")),
    "tiff-alpha": ("TIFF", saved(CLEAR, "TIFF")),
    "tiff-deep": ("TIFF", saved(Image.fromarray(DEEP), "TIFF")),
    **{
        f"tiff-{way}": ("TIFF", saved(PHOTO, "TIFF", compression=way))
        for way in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
    },
}


def chunk(name: bytes, body: bytes) -> bytes:
    """One part of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """The parts of a PNG, as far as they go."""
    found, place = [], 8
    while place + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        found.append((name, data[place + 8 : place + 8 + length]))
        place += length + 12
    return found


def joined(parts: list[tuple[bytes, bytes]]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, body) for name, body in parts)
