"""Tiles of a canvas that together give exactly the gradient of the whole (Galerne et al., EGSR 2024).

A tile owns a core; around it lies a margin as wide as the receptive field of the deepest layer, so that the
feature maps over the core are those of the whole canvas. All borders inside the canvas lie on multiples of
the deepest stride, which keeps the pooling grids aligned.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor

from ..kernels import wrap
from ..kernels.crop import crop
from ..layers import STRIDE, deepest, receptive_radius

ALIGNMENT = 16


@dataclass(frozen=True)
class Span:
    """One direction of a tile, in pixels of the canvas: the core [start, stop) and what surrounds it [low, high).

    With wrap, low may be negative and high beyond the length.
    """

    start: int
    stop: int
    low: int
    high: int


@dataclass(frozen=True)
class Tile:
    """rows and columns of one tile; `whole` when it is the entire canvas."""

    rows: Span
    columns: Span
    whole: bool = False

    def core(self, features: Tensor, stride: int, first: int = 0) -> Tensor:
        """The part of a feature map of the surrounded tile (1, C, h, w) that belongs to the core. Of the map it may be
        a strip of rows, the first of which has the number `first`."""
        rows, columns = _inside(self.rows, stride), _inside(self.columns, stride)
        rows = _common(rows, first, features.shape[-2])
        return crop(features, slice(rows.start - first, rows.stop - first), columns)

    def own(self, map_: Tensor, stride: int, first: int = 0, count: int | None = None) -> Tensor:
        """The same part of a map of the whole canvas at a layer's resolution; of a strip of `count` rows as in `core`
        only what is common to both."""
        rows = _inside(self.rows, stride)
        moved = self.rows.start // stride - rows.start
        if count is not None:
            rows = _common(rows, first, count)
        columns = slice(self.columns.start // stride, self.columns.stop // stride)
        return map_[..., rows.start + moved : rows.stop + moved, columns]


def _inside(span: Span, stride: int) -> slice:
    """The core among the elements of the surrounded tile, at a layer's resolution."""
    start = (span.start - span.low) // stride
    return slice(start, start + span.stop // stride - span.start // stride)


def _common(rows: slice, first: int, count: int) -> slice:
    """The rows that are among `count` from `first` on; none at all where there are none in common."""
    start = min(max(rows.start, first), first + count)
    return slice(start, max(start, min(rows.stop, first + count)))


def split(height: int, width: int, layers: set[str], size: int | None, *, wrap: bool = False) -> list[Tile]:
    """Tiles whose surrounded side is at most about `size` pixels; one whole tile where that is enough or None."""
    last = deepest(layers)
    step = max(ALIGNMENT, STRIDE[last])
    margin = -(-receptive_radius(last) // step) * step
    if size is None or (height <= size and width <= size):
        full = Tile(Span(0, height, 0, height), Span(0, width, 0, width), whole=True)
        return [full]
    core = max(step, (size - 2 * margin) // step * step)
    rows, columns = (_spans(side, side if side <= size else core, margin, wrap) for side in (height, width))
    return [Tile(row, column) for row in rows for column in columns]


def _spans(length: int, core: int, margin: int, wrap: bool) -> list[Span]:
    count = max(1, -(-length // core))
    edges = sorted({round(length / count * i / ALIGNMENT) * ALIGNMENT for i in range(count)} | {length})
    spans = []
    for start, stop in pairwise(edges):
        low, high = start - margin, stop + margin
        spans.append(Span(start, stop, low, high) if wrap else Span(start, stop, max(0, low), min(length, high)))
    return spans


def cut(image: Tensor, tile: Tile) -> Tensor:
    """The surrounded tile of an image (1, C, H, W), wrapping around where the tile reaches over the edge."""
    if tile.whole:
        return image
    return wrap.cut(image, (tile.rows.low, tile.rows.high), (tile.columns.low, tile.columns.high))


def add(gradient: Tensor, part: Tensor, tile: Tile) -> None:
    """Add a surrounded tile's gradient to that of the canvas, in place; overlaps sum up, as the chain rule wants."""
    rows, columns = (tile.rows.low, tile.rows.high), (tile.columns.low, tile.columns.high)
    wrap.add(gradient, part.to(gradient.device), rows, columns)
