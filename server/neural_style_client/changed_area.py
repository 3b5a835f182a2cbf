"""Rectangles of pictures: where two differ, which a live job sends and an editor shows anew, and parts cut out."""

from typing import NamedTuple, Optional

from .api import BYTES_PER_PIXEL, Pixels


class Rectangle(NamedTuple):
    """In pixels, from the top left."""

    x: int
    y: int
    width: int
    height: int


def changed_area(before: Pixels, after: Pixels) -> Optional[Rectangle]:
    """The smallest rectangle that holds every pixel that differs, or None where none does.

    All of it where the two are of another size or format.
    """
    if before[:3] != after[:3]:
        return Rectangle(0, 0, after.width, after.height)
    row_bytes = after.width * BYTES_PER_PIXEL[after.format]
    one, other = before.data, after.data
    rows = range(0, len(other), row_bytes)
    starts = [start for start in rows if _row(one, start, row_bytes) != _row(other, start, row_bytes)]
    if not starts:
        return None
    different = 0  # bytes from left to right: its lowest bit is the leftmost pixel's
    for start in starts:
        different |= _number(one, start, row_bytes) ^ _number(other, start, row_bytes)
    pixel_bits = 8 * BYTES_PER_PIXEL[after.format]
    left = ((different & -different).bit_length() - 1) // pixel_bits
    right = (different.bit_length() - 1) // pixel_bits
    top, bottom = starts[0] // row_bytes, starts[-1] // row_bytes
    return Rectangle(left, top, right - left + 1, bottom - top + 1)


def cut(pixels: Pixels, area: Rectangle) -> Pixels:
    """The part of a picture within a rectangle that lies on it."""
    size = BYTES_PER_PIXEL[pixels.format]
    rows = range(area.y, area.y + area.height)
    starts = [(row * pixels.width + area.x) * size for row in rows]
    data = b"".join(_row(pixels.data, start, area.width * size) for start in starts)
    return pixels._replace(width=area.width, height=area.height, data=data)


def cut_small(small: Pixels, width: int, height: int, area: Rectangle) -> Pixels:
    """The part of a small copy of a picture of `width` × `height` that shows a rectangle of that; a pixel at least."""
    across, down = small.width / width, small.height / height
    left, top = int(area.x * across), int(area.y * down)
    columns = max(1, min(small.width - left, round(area.width * across)))
    rows = max(1, min(small.height - top, round(area.height * down)))
    return cut(small, Rectangle(left, top, columns, rows))


def _row(data: bytes, start: int, size: int) -> bytes:
    return data[start : start + size]


def _number(data: bytes, start: int, size: int) -> int:
    return int.from_bytes(_row(data, start, size), "little")
