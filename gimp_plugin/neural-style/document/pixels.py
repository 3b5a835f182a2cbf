"""Pixels without GIMP: formats, strips, masks. Slices with strides are Python's only fast tool."""

import array
from operator import mul
from typing import NamedTuple, Sequence

from neural_style_client import Pixels
from neural_style_client.masks import has_paint, mask_pixels, product

GEGL_FORMATS = {"RGBA8": "R'G'B'A u8", "RGBA16": "R'G'B'A u16", "RGBAF32": "R'G'B'A float"}
"""The daemon's formats as GEGL names them; a name without a space means sRGB, whatever the image's profile."""

STRIP_BYTES = 2 << 20
"""Pixels cross in strips of this size: some 10 ms each, so that neither GIMP nor a window stands still."""

_HARD = bytes([0]) + bytes([255]) * 255


class Picture(NamedTuple):
    """A layer's pixels; `selection` is a weight for each pixel, or empty.

    `strips` are joined on the job's thread: for a large layer that takes longer than a window may wait.
    """

    width: int
    height: int
    format: str
    strips: Sequence[bytes]
    selection: bytes = b""
    weight_bytes: int = 1

    @property
    def data(self):
        return b"".join(self.strips)

    def pixels(self):
        return Pixels(self.width, self.height, self.format, self.data)

    def mask(self):
        """The selection as a picture for the daemon, or None."""
        hard = hard_weights(self.selection, self.weight_bytes)
        return mask_pixels(self.width, self.height, hard) if self.selection else None

    def has_paint(self):
        """Whether any pixel is not fully transparent."""
        return any(has_paint(strip, self.format) for strip in self.strips)


def wire_format(precision, plain_srgb):
    """The format in which an image of this precision (its nick, `u8-linear`) crosses without loss.

    Light-linear integers need more bits once they are sRGB-encoded, and so does another profile's gamut.
    """
    depth, _, encoding = precision.partition("-")
    if not plain_srgb or depth not in ("u8", "u16"):
        return "RGBAF32"
    if encoding == "linear":
        return "RGBA16" if depth == "u8" else "RGBAF32"
    return "RGBA8" if depth == "u8" else "RGBA16"


def weight_format(precision):
    """How selections and layer masks are read and written: (GEGL's name, bytes per pixel)."""
    return ("Y u8", 1) if precision.startswith("u8") else ("Y float", 4)


def strips(height, row_bytes):
    """(first row, number of rows) of each strip."""
    rows = max(1, STRIP_BYTES // max(1, row_bytes))
    return [(top, min(rows, height - top)) for top in range(0, height, rows)]


def cut(data, stride, box):
    """A box of `data`. `stride`: bytes of a row; box: (first byte in a row, top, bytes of a row, rows)."""
    left, top, width, height = box
    view = memoryview(data)
    if width == stride:
        return bytes(view[top * stride : (top + height) * stride])
    starts = range(top * stride + left, (top + height) * stride + left, stride)
    return b"".join(view[start : start + width] for start in starts)


def hard_weights(weights, weight_bytes):
    """0 or 255: the layer mask fades already, and twice would make the style too faint at a feathered edge."""
    return bytes(weights if weight_bytes == 1 else map(bool, _floats(weights))).translate(_HARD)


def multiply(one, other, weight_bytes):
    """The product of two sets of weights, for a selection on a layer that has a mask already."""
    if weight_bytes == 1:
        return product(one, other)
    return array.array("f", map(mul, _floats(one), _floats(other))).tobytes()


def _floats(data):
    return memoryview(bytes(data)).cast("f")
