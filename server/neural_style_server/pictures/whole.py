"""Whether a picture file holds all of its pixels.

Decoders are made to show what they can: where data are missing, several leave the rest black or grey without a word.
So the data are counted before they are unpacked (PNG, TIFF), or decoded a second time with something else in place of
what may be missing (JPEG). WebP's decoder refuses incomplete data itself.
"""

from __future__ import annotations

import io
import math
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import Image

from ..errors import ImageError

UNPACKED_STEP = 1 << 20
COMPARED_ROWS = 256

PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PNG_PALETTE = 3
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Column, row, and steps of both, of each pass of an interlaced picture (PNG specification, section 8.2)."""

PADDING = bytes.fromhex("a5965a3c69c387d21eb44be178") * 5
"""Stands where a JPEG's data may be missing: nothing like the zeros that a decoder puts there, and without 0xFF, so
that one which needs no more skips it."""

JPEG_END, JPEG_SCAN, JPEG_RESTART_INTERVAL = 0xD9, 0xDA, 0xDD
JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
JPEG_RESTARTS, JPEG_ALONE = range(0xD0, 0xD8), {0x01, *range(0xD0, 0xD9)}
JPEG_ARITHMETIC = 0xC9
"""Frames from here on are coded arithmetically: their data may end early, by the standard."""

ALL_BITS = 16
"""More than a scan of refinement can leave to later ones."""

JPEG_MARKER = re.compile(rb"\xff+[^\x00\xff]")

LARGEST_ODD_TILE = 1 << 22
"""Pixels of a tile that may be much larger than its picture; a decoder takes memory for all of them."""

TIFF_WIDTH, TIFF_HEIGHT, TIFF_SAMPLES, TIFF_PLANES = 256, 257, 277, 284
TIFF_STRIPS, TIFF_STRIP_ROWS, TIFF_STRIP_BYTES = 273, 278, 279
TIFF_TILE_WIDTH, TIFF_TILE_HEIGHT, TIFF_TILES, TIFF_TILE_BYTES = 322, 323, 324, 325


def check_whole(image: Image.Image, data: bytes) -> None:
    """Raises ImageError where `data`, the file that `image` was opened from, cannot hold all pixels. Unpacks none into
    memory."""
    if image.format == "PNG":
        _check_png(data)
    elif image.format == "TIFF":
        check_tiff(image.tag_v2, len(data))  # type: ignore[attr-defined]
    elif image.format == "WEBP" and 8 + int.from_bytes(data[4:8], "little") > len(data):
        raise _damaged("WebP", "it is cut short")


def load_whole(image: Image.Image, data: bytes) -> None:
    """`image.load()`, and all of it. Raises ImageError, and what Pillow raises."""
    check_whole(image, data)
    image.load()
    if image.format in ("JPEG", "MPO"):
        _check_jpeg(image, data)
    elif image.format == "PNG" and image.mode == "P":
        _check_indices(image, data)


def _damaged(kind: str, why: str) -> ImageError:
    return ImageError(f"The {kind} picture is damaged: {why}.")


# PNG


def _check_png(data: bytes) -> None:
    chunks = _png_chunks(data)
    name, header = next(chunks, (b"", b""))
    if name != b"IHDR" or len(header) != 13:
        raise _damaged("PNG", "it does not begin with its header")
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", header)
    if colour not in PNG_CHANNELS or interlace > 1:
        raise _damaged("PNG", "its header has values that do not exist")
    left = _png_bytes(width, height, depth * PNG_CHANNELS[colour], bool(interlace))
    unpacker, has_palette, begun = zlib.decompressobj(), False, False
    for name, body in chunks:
        if name == b"IDAT":
            begun = True
            if colour == PNG_PALETTE and not has_palette:
                raise _damaged("PNG", "its colours are missing")
            left = _unpacked(unpacker, body, left)
        elif begun:
            break
        elif name == b"IHDR" or (name == b"PLTE" and has_palette):
            raise _damaged("PNG", "it has two headers")
        elif name == b"PLTE":
            has_palette = 0 < len(body) <= 768 and len(body) % 3 == 0
    if left or not unpacker.eof:
        raise _damaged("PNG", "some of its pixels are missing")


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview | bytes]]:
    """Names and contents, as far as the file goes; those that a decoder must know are checked by their sums."""
    place, whole = 8, memoryview(data)
    while place + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        body, after = whole[place + 8 : place + 8 + length], place + 8 + length
        if after + 4 > len(data):
            return
        if name[:1].isupper() and zlib.crc32(body, zlib.crc32(name)) != int.from_bytes(data[after : after + 4], "big"):
            raise _damaged("PNG", f"the check sum of its part {name.decode('latin-1')!r} is wrong")
        yield name, body
        place = after + 4


def _png_bytes(width: int, height: int, bits: int, interlaced: bool) -> int:
    """What the rows take unpacked, each with a byte for its filter."""
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    sizes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in passes]
    return sum(rows * (1 + (columns * bits + 7) // 8) for columns, rows in sizes if columns > 0 and rows > 0)


def _unpacked(unpacker: Any, part: memoryview | bytes, left: int) -> int:
    """How many bytes are still to come after this part of the data. Raises ImageError for too many."""
    while True:
        found = len(unpacker.decompress(part, UNPACKED_STEP))
        left, part = left - found, unpacker.unconsumed_tail
        if left < 0:
            raise _damaged("PNG", "it holds more data than pixels")
        if not part and found < UNPACKED_STEP:
            return left


def _check_indices(image: Image.Image, data: bytes) -> None:
    colours = next(len(body) // 3 for name, body in _png_chunks(data) if name == b"PLTE")
    if int(image.getextrema()[1]) >= colours:  # type: ignore[arg-type]
        raise _damaged("PNG", "some of its colours are missing")


# JPEG


def _check_jpeg(image: Image.Image, data: bytes) -> None:
    """A decoder fills up what is missing from a scan. If it does not look at what stands there, nothing was missing."""
    padded = _padded(data)
    if padded is None:
        return
    with Image.open(io.BytesIO(padded), formats=["JPEG"]) as other:
        other.load()
        for top in range(0, image.height, COMPARED_ROWS):
            rows = (0, top, image.width, min(image.height, top + COMPARED_ROWS))
            if image.crop(rows).tobytes() != other.crop(rows).tobytes():
                raise _damaged("JPEG", "some of its pixels are missing")


def _padded(data: bytes) -> bytes | None:
    """The file with PADDING at the end of each run of coded data; None for one that is coded arithmetically.

    Raises ImageError where a scan has too few runs, or a component, or for a progressive picture some of its precision,
    is in no scan.
    """
    place, copied, parts = 2, 0, list[bytes]()
    frame, interval = _Frame(bytes(6)), 0
    while (found := JPEG_MARKER.search(data, place)) and (marker := data[found.end() - 1]) != JPEG_END:
        place = found.end()
        if marker in JPEG_ALONE:
            continue
        length = int.from_bytes(data[place : place + 2], "big")
        body, place = data[place + 2 : place + length], place + max(2, length)
        if marker in JPEG_FRAMES:
            if marker >= JPEG_ARITHMETIC:
                return None
            frame = _Frame(body)
        elif marker == JPEG_RESTART_INTERVAL:
            interval = int.from_bytes(body[:2], "big")
        elif marker == JPEG_SCAN:
            runs = 0
            while (end := JPEG_MARKER.search(data, place)) is not None:
                parts += [data[copied : end.start()], PADDING]
                copied = place = end.start()
                runs += 1
                if data[end.end() - 1] not in JPEG_RESTARTS:
                    break
                place = end.end()
            units = frame.scanned(body)
            if interval and runs < math.ceil(units / interval):
                raise _damaged("JPEG", "some of its pixels are missing")
    if not frame.complete:
        raise _damaged("JPEG", "some of its scans are missing")
    return b"".join([*parts, data[copied:]])


class _Frame:
    """A JPEG's header, and for each coefficient of each component the bits that scans have still to bring."""

    def __init__(self, body: bytes) -> None:
        self._height, self._width, count = struct.unpack_from(">HHB", body, 1)
        parts = [body[place : place + 3] for place in range(6, 6 + 3 * count, 3)]
        self._sampling = {identity: (both >> 4, both & 15) for identity, both, _ in parts}
        self._most = tuple(max((pair[axis] for pair in self._sampling.values()), default=1) for axis in (0, 1))
        self._left = {identity: [ALL_BITS] * 64 for identity in self._sampling}

    @property
    def complete(self) -> bool:
        return not any(any(left) for left in self._left.values())

    def scanned(self, body: bytes) -> int:
        """Take in a scan by its header; answers how many units it is coded in. Raises ImageError where one before it is
        missing."""
        count = body[0]
        components, (first, last, bits) = body[1 : 1 + 2 * count : 2], body[1 + 2 * count : 4 + 2 * count]
        before, after = bits >> 4 or ALL_BITS, bits & 15
        for component in components:
            left = self._left[component]
            if any(left[place] != before for place in range(first, last + 1)):
                raise _damaged("JPEG", "some of its scans are missing")
            left[first : last + 1] = [after] * (last + 1 - first)
        own = self._sampling[components[0]] if count == 1 else (1, 1)  # alone, a component is coded block by block
        sizes = zip((self._width, self._height), own, self._most, strict=True)
        return math.prod(math.ceil(math.ceil(size * part / most) / 8) for size, part, most in sizes)


# TIFF


def check_tiff(tags: Any, size: int) -> None:
    """All strips or tiles must be listed, and lie within the file."""
    width, height = int(tags[TIFF_WIDTH]), int(tags[TIFF_HEIGHT])
    count = int(tags.get(TIFF_SAMPLES, 1)) if tags.get(TIFF_PLANES, 1) == 2 else 1
    if TIFF_TILES in tags:
        if int(tags[TIFF_TILE_WIDTH]) * int(tags[TIFF_TILE_HEIGHT]) > max(4 * width * height, LARGEST_ODD_TILE):
            raise _damaged("TIFF", "its tiles are larger than the picture")
        count *= math.ceil(width / int(tags[TIFF_TILE_WIDTH])) * math.ceil(height / int(tags[TIFF_TILE_HEIGHT]))
        places, lengths = tags[TIFF_TILES], tags.get(TIFF_TILE_BYTES)
    else:
        count *= math.ceil(height / max(1, min(height, int(tags.get(TIFF_STRIP_ROWS, height)))))
        places, lengths = tags[TIFF_STRIPS], tags.get(TIFF_STRIP_BYTES)
    places = places if isinstance(places, tuple) else (places,)
    lengths = (lengths if isinstance(lengths, tuple) else (lengths,)) if lengths is not None else (1,) * len(places)
    if min(len(places), len(lengths)) < count:
        raise _damaged("TIFF", "some of its pixels are missing")
    if any(length < 1 or place + length > size for place, length in zip(places[:count], lengths[:count], strict=True)):
        raise _damaged("TIFF", "some of its pixels lie outside the file")
