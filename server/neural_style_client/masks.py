"""Weights of pixels, one byte each, without numpy: slices with strides, tables and `map` are Python's fast tools."""

from operator import mul
from typing import Sequence

from .api import BYTES_PER_PIXEL, Pixels


def mask_pixels(width: int, height: int, weights: bytes) -> Pixels:
    """A weight from 0 to 255 for each pixel as a grey picture, which is how the daemon takes a mask."""
    picture = bytearray(b"\xff") * (4 * len(weights))
    for channel in range(3):
        picture[channel::4] = weights
    return Pixels(width, height, "RGBA8", bytes(picture))


def has_paint(data: bytes, format: str) -> bool:
    """Whether any pixel is not fully transparent."""
    size = BYTES_PER_PIXEL[format]
    sample = size // 4
    return any(any(data[at::size]) for at in range(3 * sample, size))


def weights_of(data: bytes) -> bytes:
    """What a layer marks, from its RGBA8 (or BGRA8) pixels: where it is opaque, or, if it is so everywhere, bright."""
    alpha = data[3::4]
    if alpha.count(255) < len(alpha):
        return alpha
    return bytes(map(max, data[0::4], data[1::4], data[2::4]))


def is_empty(weights: bytes) -> bool:
    return weights.count(0) == len(weights)


def scaled(weights: bytes, percent: float) -> bytes:
    """All weights times so many percent, 0–100."""
    return weights.translate(bytes(round(weight * percent / 100) for weight in range(256)))


def left_over(masks: Sequence[bytes]) -> bytes:
    """What masks of the same size leave of the picture: 255 less the largest of them."""
    largest: bytes = masks[0] if len(masks) == 1 else bytes(map(max, *masks))
    return largest.translate(bytes(range(255, -1, -1)))


def product(one: bytes, other: bytes) -> bytes:
    """Each weight times its like, 255 being 1."""
    return bytes(map(_PRODUCTS.__getitem__, map(mul, one, other)))


_PRODUCTS = [(number + 127) // 255 for number in range(255 * 255 + 1)]
