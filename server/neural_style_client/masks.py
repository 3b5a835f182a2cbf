"""Weights of pixels, one byte each, without numpy: Python's fast tools are slices with strides, tables, long integers.

What takes long goes piece by piece: during one call into C no other thread of Python goes on, and an editor waits.
"""

from functools import reduce
from operator import mul
from typing import Iterable, Iterator, List, Sequence

from .api import BYTES_PER_PIXEL, Pixels
from .tasks import Task

PIECE = 1 << 18


def pieces(length: int) -> Iterator[slice]:
    """Which bytes are looked at in one go."""
    for start in range(0, length, PIECE):
        yield slice(start, min(length, start + PIECE))


def mask_pixels(width: int, height: int, weights: bytes) -> Pixels:
    """A weight from 0 to 255 for each pixel as a grey picture, which is how the daemon takes a mask."""
    picture = bytearray()
    for piece in pieces(len(weights)):
        part = bytearray(b"\xff") * (4 * (piece.stop - piece.start))
        for channel in range(3):
            part[channel::4] = weights[piece]
        picture += part
    return Pixels(width, height, "RGBA8", bytes(picture))


def alpha_of(pixels: Pixels) -> bytes:
    """How opaque each pixel is, one byte each."""
    size = BYTES_PER_PIXEL[pixels.format]
    if pixels.format == "RGBAF32":
        floats = memoryview(bytes(pixels.data)).cast("f")[3::4]
        return bytes(min(255, max(0, round(255 * one))) for one in floats)
    found = bytearray()
    for piece in pieces(pixels.width * pixels.height):  # of two bytes the upper one
        found += pixels.data[size * piece.start + size - 1 : size * piece.stop : size]
    return bytes(found)


def has_paint(data: bytes, format: str) -> bool:
    """Whether any pixel is not fully transparent."""
    size = BYTES_PER_PIXEL[format]
    sample = size // 4
    return any(any(data[at::size]) for at in range(3 * sample, size))


def weights_of(bands: Iterable[bytes]) -> Task:
    """Task for what a layer marks, from its RGBA8 (or BGRA8) pixels, a band at a time: where it is opaque, or, if it is
    so everywhere, bright."""
    alphas: List[bytes] = []
    opaque: List[bytes] = []
    for band in bands:
        alphas.append(band[3::4])
        if len(opaque) == len(alphas) - 1 and alphas[-1].count(255) == len(alphas[-1]):
            opaque.append(band)
        else:
            opaque.clear()
        yield
    if len(opaque) < len(alphas):
        return b"".join(alphas)
    bright = []
    for band in opaque:
        bright.append(largest([band[0::4], band[1::4], band[2::4]]))
        yield
    return b"".join(bright)


def is_empty(weights: bytes) -> bool:
    return weights == bytes(len(weights))


def scaled(weights: bytes, percent: float) -> bytes:
    """All weights times so many percent, 0–100."""
    if percent == 100:
        return weights
    return weights.translate(bytes(round(weight * percent / 100) for weight in range(256)))


def left_over(masks: Sequence[bytes]) -> bytes:
    """What masks of the same size leave of the picture: 255 less the largest of them."""
    return largest(masks).translate(bytes(range(255, -1, -1)))


def largest(masks: Sequence[bytes]) -> bytes:
    """The largest weight of each pixel, of masks of the same size."""
    return reduce(_larger, masks)


def _larger(one: bytes, other: bytes) -> bytes:
    return b"".join(_larger_piece(one[piece], other[piece]) for piece in pieces(len(one)))


def _larger_piece(one: bytes, other: bytes) -> bytes:
    """All at once, as two numbers with a byte for each pixel: many times as fast as pixel by pixel."""
    length = len(one)
    tops = int.from_bytes(b"\x80" * length, "little")
    a, b = int.from_bytes(one, "little"), int.from_bytes(other, "little")
    lower = (a | tops) - (b & ~tops)  # its top bits: where the lower seven bits of a are not below those of b
    not_below = ((a & ~b) | (~(a ^ b) & lower)) & tops
    wanted = (not_below << 1) - (not_below >> 7)  # 255 where a is to be taken
    return (b ^ ((a ^ b) & wanted)).to_bytes(length, "little")


def product(one: bytes, other: bytes) -> bytes:
    """Each weight times its like, 255 being 1."""
    return bytes(map(_PRODUCTS.__getitem__, map(mul, one, other)))


_PRODUCTS = [(number + 127) // 255 for number in range(255 * 255 + 1)]
