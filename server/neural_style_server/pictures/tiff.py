"""TIFF with all of its bits: 16-bit and float pictures in RGB, which Pillow reads with 8 bits or not at all.

A picture of RGB values is one of grey values, three times as wide. So the file is given another directory, which
says that, in front of its own data; Pillow unpacks it, and what TIFF calls the predictor is undone here.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from ..pixels import Array, Picture

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIPS, ORIENTATION, SAMPLES, STRIP_ROWS, STRIP_BYTES = 273, 274, 277, 278, 279
X_DENSITY, Y_DENSITY, PLANES, DENSITY_UNIT, PREDICTOR = 282, 283, 284, 296, 317
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 322, 323, 324, 325
EXTRA, SAMPLE_FORMAT, XMP, PROFILE = 338, 339, 700, 34675

LOSSLESS = {1, 5, 8, 32773, 32946, 50000}
"""Compressions of bytes as they are: none, LZW, Deflate (two numbers), PackBits, Zstandard."""

PREDICTED = LOSSLESS - {1, 32773}
"""Compressions that have a predictor; libtiff passes over the tag in others."""

DEFLATE, WHITE_IS_ZERO, GREY, RGB = 8, 0, 1, 2
UNSIGNED, FLOAT = 1, 3
STRAIGHT = 2
"""Of an extra sample: alpha that the colours are not multiplied by."""

KEPT_AS_IT_IS = {WIDTH, HEIGHT, COMPRESSION, STRIP_ROWS, STRIP_BYTES, TILE_WIDTH, TILE_HEIGHT, TILE_BYTES}
LONG = 4
INCH = 2
MODES = {(16, UNSIGNED): ("RGBA16", 65535), (32, FLOAT): ("RGBAF32", 1.0)}


def tiff_tags(data: bytes) -> ImageFileDirectory_v2:
    """The directory of the first picture. Raises what Pillow raises for damage."""
    directory = ImageFileDirectory_v2(data[:16] if data[2:3] == b"+" or data[3:4] == b"+" else data[:8])
    file = io.BytesIO(data)
    file.seek(directory.next)
    directory.load(file)
    return directory


def tiff_size(tags: Any) -> tuple[int, int]:
    return int(tags[WIDTH]), int(tags[HEIGHT])


def read_deep_tiff(tags: Any, data: bytes) -> Picture | None:
    """The picture that `tags` describe, not turned by its orientation; None where Pillow's own reading has all of it,
    or where it is of a kind that is not known here. Raises what Pillow raises for damage."""
    samples, bits = int(tags.get(SAMPLES, 1)), _all_alike(tags.get(BITS, 1))
    kind, photometric = _all_alike(tags.get(SAMPLE_FORMAT, UNSIGNED)), tags.get(PHOTOMETRIC, GREY)
    form, extra = MODES.get((bits, kind)), tags.get(EXTRA, ())
    colours = {WHITE_IS_ZERO: 1, GREY: 1, RGB: 3}.get(photometric, 0)
    predictor = tags.get(PREDICTOR, 1) if tags.get(COMPRESSION, 1) in PREDICTED else 1
    if form is None or not colours or samples not in (colours, colours + 1):
        return None
    if tags.get(PLANES, 1) != 1 or tags.get(COMPRESSION, 1) not in LOSSLESS:
        return None
    if predictor not in ((1, 2) if bits == 16 else (1,)) or (samples > colours and extra[:1] not in ((STRAIGHT,), ())):
        return None
    with TiffImageFile(io.BytesIO(_as_grey(tags, data, samples, bits))) as grey:
        # Made here, or Pillow takes a picture of three times the pixels for a bomb.
        grey.im = Image.core.new(grey.mode, grey.size)  # type: ignore[attr-defined]
        values = np.array(grey).reshape(grey.height, -1, samples)
    if predictor == 2:
        _undo_differences(values, int(tags.get(TILE_WIDTH, values.shape[1])))
    return _rgba(values, colours, form, inverted=photometric == WHITE_IS_ZERO)


def _all_alike(value: Any) -> Any:
    """What a tag has for each sample, if it is the same for all."""
    values = value if isinstance(value, tuple) else (value,)
    return values[0] if len(set(values)) == 1 else None


def _as_grey(tags: Any, data: bytes, samples: int, bits: int) -> bytes:
    """A file of one sample per pixel with the same data, which is moved behind the new directory."""
    order = ">" if tags.prefix == b"MM" else "<"
    values: dict[int, tuple[int, ...]] = {
        tag: value if isinstance(value := tags[tag], tuple) else (value,) for tag in KEPT_AS_IT_IS if tag in tags
    }
    for tag in (WIDTH, TILE_WIDTH):
        if tag in values:
            values[tag] = (values[tag][0] * samples,)
    values |= {BITS: (bits,), SAMPLES: (1,), PHOTOMETRIC: (GREY,), SAMPLE_FORMAT: (FLOAT if bits == 32 else UNSIGNED,)}
    places = TILES if TILES in tags else STRIPS
    offsets = tags[places] if isinstance(tags[places], tuple) else (tags[places],)
    values[places] = offsets
    length = 8 + 2 + 12 * len(values) + 4 + sum(4 * len(it) for it in values.values() if len(it) > 1)
    values[places] = tuple(offset + length for offset in offsets)
    head = tags.prefix + struct.pack(f"{order}HLH", 42, 8, len(values))
    entries, after, free = b"", b"", 8 + 2 + 12 * len(values) + 4
    for tag, numbers in sorted(values.items()):
        packed = struct.pack(f"{order}{len(numbers)}L", *numbers)
        entries += struct.pack(f"{order}HHL", tag, LONG, len(numbers))
        entries += packed if len(numbers) == 1 else struct.pack(f"{order}L", free + len(after))
        after += packed if len(numbers) > 1 else b""
    return bytes(head + entries + bytes(4) + after + data)


def _undo_differences(values: Array, width: int) -> None:
    """Horizontal differencing (TIFF 6.0, section 14), which begins anew with each tile."""
    for left in range(0, values.shape[1], width):
        part = values[:, left : left + width]
        np.cumsum(part, axis=1, dtype=values.dtype, out=part)


def _rgba(values: Array, colours: int, form: tuple[str, float], *, inverted: bool) -> Picture:
    format, peak = form
    pixels = np.empty((*values.shape[:2], 4), np.uint16 if format == "RGBA16" else np.float32)
    shown = values[..., :colours]
    pixels[..., :3] = peak - shown if inverted else shown
    pixels[..., 3] = values[..., colours] if values.shape[2] > colours else peak
    return Picture(pixels, format)


def encode_tiff(
    picture: Picture, *, alpha: bool, profile: bytes | None, xmp: bytes | None, dpi: float | None, exif: Image.Exif
) -> bytes:
    """With 8, 16 or, for RGBAF32, 32 bits per value, in one strip."""
    pixels = picture.pixels if alpha else picture.pixels[..., :3]
    height, width, samples = pixels.shape
    depth, whole = pixels.dtype.itemsize * 8, pixels.dtype.kind == "u"
    if whole:
        differences = pixels.copy()
        differences[:, 1:] -= pixels[:, :-1]
        pixels = differences
    packed = zlib.compress(np.ascontiguousarray(pixels).data.cast("B"), 6)
    ifd = ImageFileDirectory_v2(prefix=b"II")
    for tag, value in exif.items():
        ifd[tag] = value
    tags: dict[int, Any] = {
        WIDTH: width,
        HEIGHT: height,
        BITS: (depth,) * samples,
        COMPRESSION: DEFLATE,
        PHOTOMETRIC: RGB,
        STRIPS: 0,
        SAMPLES: samples,
        STRIP_ROWS: height,
        STRIP_BYTES: len(packed),
        PLANES: 1,
        PREDICTOR: 2 if whole else 1,
        SAMPLE_FORMAT: (UNSIGNED if whole else FLOAT,) * samples,
    }
    if alpha:
        tags[EXTRA] = (STRAIGHT,)
    if dpi is not None:
        tags |= {X_DENSITY: dpi, Y_DENSITY: dpi, DENSITY_UNIT: INCH}
    for tag, value in ((XMP, xmp), (PROFILE, profile)):
        if value:
            ifd.tagtype[tag] = 1 if tag == XMP else 7
            tags[tag] = value
    for tag, value in tags.items():
        ifd[tag] = value
    file = io.BytesIO()
    ifd.save(file)
    return file.getvalue() + packed
