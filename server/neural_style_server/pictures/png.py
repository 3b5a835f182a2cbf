"""PNG of 8 and 16 bits, and the parts of a PNG that say something about it. pypng reads and writes 16 bits, which
Pillow does for grey alone."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable

import numpy as np
from PIL import Image

from ..errors import ImageError
from ..pixels import Array, Picture

AFTER_HEADER = 33
"""Bytes of the signature and of IHDR."""

Chunk = tuple[bytes, bytes]
"""(name, content) of a part of the file."""


def png_depth(data: bytes) -> int:
    return data[24] if len(data) > 24 else 0


def png_chunk(data: bytes, wanted: bytes) -> bytes | None:
    """The content of the first one of this name before the pixels."""
    place = 8
    while place + 12 <= len(data):
        size, name = struct.unpack_from(">I4s", data, place)
        if name in (wanted, b"IDAT"):
            return data[place + 8 : place + 8 + size] if name == wanted else None
        place += 12 + size
    return None


def png_is_grey(data: bytes) -> bool:
    """With or without alpha."""
    return data[25:26] in (b"\0", b"\4")


def scale_clear_level(image: Image.Image, depth: int) -> None:
    """Pillow widens grey levels of 2 and 4 bits to 8, but not the one of them that is transparent."""
    clear = image.info.get("transparency")
    if image.mode == "L" and depth in (2, 4) and isinstance(clear, int):
        image.info["transparency"] = clear * 255 // (2**depth - 1)


def read_png16(data: bytes) -> Array:
    """(H, W, 4), uint16, not turned by an orientation. Raises ImageError."""
    import png

    try:
        reader = png.Reader(bytes=data)
        reader.preamble()
        reader.sbit = None  # pypng would shift the values, which are of 16 bits however many of these are significant
        width, height, rows, _ = reader.asRGBA()
        return np.vstack([np.asarray(row, dtype=np.uint16) for row in rows]).reshape(height, width, 4)
    except (png.Error, ValueError, EOFError, zlib.error) as error:
        raise ImageError(f"The PNG picture is damaged or cannot be read ({error}).") from None


def encode_png(picture: Picture, *, alpha: bool = True, chunks: Iterable[Chunk] = ()) -> bytes:
    """8-bit PNG for RGBA8, 16-bit for the deeper formats (floats are clipped to 0–1). `chunks` stand after the
    header; without `alpha` all is taken as opaque."""
    file, pixels = io.BytesIO(), picture.pixels if alpha else picture.pixels[..., :3]
    if picture.format == "RGBA8":
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", compress_level=3)
    else:
        import png

        if picture.format == "RGBAF32":
            pixels = np.rint(np.clip(pixels, 0, 1) * 65535).astype(np.uint16)
        writer = png.Writer(picture.width, picture.height, greyscale=False, alpha=alpha, bitdepth=16, compression=3)
        writer.write(file, pixels.reshape(picture.height, -1))
    data = file.getvalue()
    extra = b"".join(_packed(name, body) for name, body in chunks)
    return data[:AFTER_HEADER] + extra + data[AFTER_HEADER:] if extra else data


def profile_chunk(profile: bytes) -> Chunk:
    return b"iCCP", b"ICC profile\0\0" + zlib.compress(profile)


def density_chunk(dpi: float) -> Chunk:
    per_metre = round(dpi / 0.0254)
    return b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)


def text_chunk(keyword: str, text: str) -> Chunk:
    """UTF-8, not compressed."""
    return b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()


def _packed(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))
