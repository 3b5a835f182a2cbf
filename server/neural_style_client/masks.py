"""Weights of pixels, one byte each, without numpy: slices with strides, tables and `map` are Python's fast tools."""

from operator import mul
from typing import Iterable, List, Sequence

from .api import BYTES_PER_PIXEL, Pixels
from .tasks import Task


def mask_pixels(width: int, height: int, weights: bytes) -> Pixels:
    """A weight from 0 to 255 for each pixel as a grey picture, which is how the daemon takes a mask."""
    picture = bytearray(b"\xff") * (4 * len(weights))
    for channel in range(3):
        picture[channel::4] = weights
    return Pixels(width, height, "RGBA8", bytes(picture))


def alpha_of(pixels: Pixels) -> bytes:
    """How opaque each pixel is, one byte each."""
    size = BYTES_PER_PIXEL[pixels.format]
    if pixels.format != "RGBAF32":
        return bytes(pixels.data[size - 1 :: size])  # of two bytes the upper one
    floats = memoryview(bytes(pixels.data)).cast("f")[3::4]
    return bytes(min(255, max(0, round(255 * one))) for one in floats)


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
        bright.append(bytes(map(max, band[0::4], band[1::4], band[2::4])))
        yield
    return b"".join(bright)


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
