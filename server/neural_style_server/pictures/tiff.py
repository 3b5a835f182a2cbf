"""TIFF with all of its bits: 16-bit and float pictures in RGB, which Pillow reads with 8 bits or not at all.

A picture of RGB values is one of grey values, three times as wide, or, where they are stored apart, three such ones.
So the file is given another directory, which says that, in front of its own data. Pillow unpacks it; the order of bytes
and what TIFF calls the predictor are undone here.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from ..pixels import DTYPES, Array, Picture

KIND, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
STRIPS, ORIENTATION, SAMPLES, STRIP_ROWS, STRIP_BYTES = 273, 274, 277, 278, 279
X_DENSITY, Y_DENSITY, PLANES, DENSITY_UNIT, PREDICTOR = 282, 283, 284, 296, 317
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 322, 323, 324, 325
EXTRA, SAMPLE_FORMAT, XMP, PROFILE, DNG_VERSION = 338, 339, 700, 34675, 50706
REDUCED = 1
"""Of NewSubfileType: a smaller version of another picture in the file."""

LOSSLESS = {1, 5, 8, 32773, 32946, 50000}
"""Compressions of bytes as they are: none, LZW, Deflate (two numbers), PackBits, Zstandard."""

PREDICTED = LOSSLESS - {1, 32773}
"""Compressions that have a predictor; libtiff passes over the tag in others."""

DEFLATE, WHITE_IS_ZERO, GREY, RGB = 8, 0, 1, 2
UNSIGNED, FLOAT = 1, 3
NO_ALPHA, MULTIPLIED, STRAIGHT = 0, 1, 2
"""Of an extra sample: something else, alpha that the colours are multiplied by, as compositors have it, or not."""

KEPT_AS_IT_IS = {WIDTH, HEIGHT, COMPRESSION, STRIP_ROWS, STRIP_BYTES, TILE_WIDTH, TILE_HEIGHT, TILE_BYTES}
LONG = 4
INCH = 2
APART = 2
"""Of PlanarConfiguration: each sample has strips or tiles of its own."""

MODES = {
    (8, UNSIGNED): ("RGBA8", 255),
    (16, UNSIGNED): ("RGBA16", 65535),
    (16, FLOAT): ("RGBAF32", 1.0),
    (32, FLOAT): ("RGBAF32", 1.0),
}
DIFFERENCES, FLOAT_DIFFERENCES = 2, 3
PREDICTORS = {UNSIGNED: {1, DIFFERENCES}, FLOAT: {1, FLOAT_DIFFERENCES}}


def tiff_tags(data: bytes) -> ImageFileDirectory_v2:
    """The directory of the first picture. Raises what Pillow raises for damage."""
    directory = ImageFileDirectory_v2(data[:16] if data[2:3] == b"+" or data[3:4] == b"+" else data[:8])
    file = io.BytesIO(data)
    file.seek(directory.next)
    directory.load(file)
    return directory


def widened(values: Array, tags: Any) -> Array:
    """Grey values as Pillow unpacks them, which leaves those of 12 bits as they are, in 16 bits."""
    return (values << 4) | (values >> 8) if tags.get(BITS) in (12, (12,)) else values


def is_preview(tags: Any, data: bytes) -> bool:
    """Whether the first picture is a small one of a camera's raw file, or is raw itself."""
    return bool(tags.get(KIND, 0) & REDUCED) or DNG_VERSION in tags or data[8:10] == b"CR"


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
    apart = samples > 1 and tags.get(PLANES, 1) == APART
    if form is None or not colours or samples not in (colours, colours + 1) or (bits == 8 and not apart):
        return None
    if tags.get(COMPRESSION, 1) not in LOSSLESS or predictor not in PREDICTORS[kind]:
        return None
    if samples > colours and extra[:1] not in ((NO_ALPHA,), (MULTIPLIED,), (STRAIGHT,), ()):
        return None
    together = 1 if apart else samples
    greys = (_as_grey(tags, data, together, bits, plane) for plane in range(samples // together))
    stored = np.dtype(f"{'>' if tags.prefix == b'MM' else '<'}{'f' if kind == FLOAT else 'u'}{bits // 8}")
    planes = [_unpacked(grey, together, stored, predictor, tags.get(TILE_WIDTH)) for grey in greys]
    values = (np.concatenate(planes, axis=2) if apart else planes[0])[:, : int(tags[WIDTH])]
    if extra[:1] == (NO_ALPHA,):
        values = values[..., :colours]
    found = _rgba(values, colours, form, inverted=photometric == WHITE_IS_ZERO)
    return _divided(found) if extra[:1] == (MULTIPLIED,) and samples > colours else found


def _unpacked(data: bytes, samples: int, dtype: np.dtype[Any], predictor: int, tile: int | None) -> Array:
    """(H, W, samples) of a file as `_as_grey` makes it; dtype: with the order of bytes in the file."""
    with TiffImageFile(io.BytesIO(data)) as grey:
        # Made here, or Pillow takes a picture of three times the pixels for a bomb.
        grey.im = Image.core.new(grey.mode, grey.size)  # type: ignore[attr-defined]
        found = np.array(grey)
    stored = found.astype(found.dtype.newbyteorder("<"), copy=False).view(dtype).reshape(len(found), -1, samples)
    width = int(tile or stored.shape[1])
    if predictor == FLOAT_DIFFERENCES:
        return _undo_float_differences(stored, width)
    values = stored.astype(dtype.newbyteorder("="))
    if predictor == DIFFERENCES:
        _undo_differences(values, width)
    return values


def _all_alike(value: Any) -> Any:
    """What a tag has for each sample, if it is the same for all."""
    values = value if isinstance(value, tuple) else (value,)
    return values[0] if len(set(values)) == 1 else None


def _as_grey(tags: Any, data: bytes, samples: int, bits: int, plane: int) -> bytes:
    """A file of one sample per pixel with the same data, which is moved behind the new directory. `samples` stand
    together; the strips or tiles are those of the plane with this number. It says that its bytes are little-endian,
    whatever they are: Pillow swaps them for some packings and not for others."""
    values: dict[int, tuple[int, ...]] = {
        tag: value if isinstance(value := tags[tag], tuple) else (value,) for tag in KEPT_AS_IT_IS if tag in tags
    }
    if TILE_WIDTH in values:  # whole tiles, or the predictor of floats could not be undone in the last of a row
        values[WIDTH] = (-(-values[WIDTH][0] // values[TILE_WIDTH][0]) * values[TILE_WIDTH][0],)
    for tag in (WIDTH, TILE_WIDTH):
        if tag in values:
            values[tag] = (values[tag][0] * samples,)
    values |= {BITS: (bits,), SAMPLES: (1,), PHOTOMETRIC: (GREY,), SAMPLE_FORMAT: (FLOAT if bits == 32 else UNSIGNED,)}
    places, sizes = (TILES, TILE_BYTES) if TILES in tags else (STRIPS, STRIP_BYTES)
    offsets = tags[places] if isinstance(tags[places], tuple) else (tags[places],)
    if tags.get(PLANES, 1) == APART and samples == 1:
        each = len(offsets) // int(tags.get(SAMPLES, 1))
        offsets = offsets[plane * each : (plane + 1) * each]
        if sizes in values:
            values[sizes] = values[sizes][plane * each : (plane + 1) * each]
    values[places] = offsets
    length = 8 + 2 + 12 * len(values) + 4 + sum(4 * len(it) for it in values.values() if len(it) > 1)
    values[places] = tuple(offset + length for offset in offsets)
    head = b"II" + struct.pack("<HLH", 42, 8, len(values))
    entries, after, free = b"", b"", 8 + 2 + 12 * len(values) + 4
    for tag, numbers in sorted(values.items()):
        packed = struct.pack(f"<{len(numbers)}L", *numbers)
        entries += struct.pack("<HHL", tag, LONG, len(numbers))
        entries += packed if len(numbers) == 1 else struct.pack("<L", free + len(after))
        after += packed if len(numbers) > 1 else b""
    return bytes(head + entries + bytes(4) + after + data)


def _undo_differences(values: Array, width: int) -> None:
    """Horizontal differencing (TIFF 6.0, section 14), which begins anew with each tile."""
    for left in range(0, values.shape[1], width):
        part = values[:, left : left + width]
        np.cumsum(part, axis=1, dtype=values.dtype, out=part)


def _undo_float_differences(stored: Array, width: int) -> Array:
    """Differences of bytes, of which each row of a tile has the most significant ones of all its values first, in files
    of either order (Adobe's TIFF Technical Note 3)."""
    size, samples = stored.dtype.itemsize, stored.shape[2]
    out = np.empty(stored.shape, stored.dtype.newbyteorder("="))
    for left in range(0, stored.shape[1], width):
        part = np.ascontiguousarray(stored[:, left : left + width])
        parts = np.cumsum(part.view(np.uint8).reshape(len(part), -1, samples), axis=1, dtype=np.uint8)
        ordered = np.ascontiguousarray(parts.reshape(len(part), size, -1).transpose(0, 2, 1))
        out[:, left : left + width] = ordered.view(stored.dtype.newbyteorder(">")).reshape(part.shape)
    return out


def _rgba(values: Array, colours: int, form: tuple[str, float], *, inverted: bool) -> Picture:
    format, peak = form
    pixels = np.empty((*values.shape[:2], 4), DTYPES[format])
    shown = values[..., :colours]
    pixels[..., :3] = peak - shown if inverted else shown
    pixels[..., 3] = values[..., colours] if values.shape[2] > colours else peak
    return Picture(pixels, format)


def _divided(picture: Picture) -> Picture:
    """Straight alpha, where the colours are multiplied by it. What is under alpha 0 stays."""
    pixels = picture.pixels
    cover = pixels[..., 3:].astype(np.float64) / picture.peak
    colours = np.divide(pixels[..., :3], cover, out=pixels[..., :3].astype(np.float64), where=cover > 0)
    if pixels.dtype.kind == "u":
        colours = np.rint(np.minimum(colours, picture.peak))
    pixels[..., :3] = colours
    return picture


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
