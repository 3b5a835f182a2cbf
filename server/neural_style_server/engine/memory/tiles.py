"""Tiles of a canvas that together give exactly the gradient of the whole (Galerne et al., EGSR 2024).

A tile owns a core. Around it lies a margin as wide as the receptive field of the deepest layer, so that the feature
maps over the core are those of the whole canvas. Borders between cores lie on multiples of the deepest stride.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor

from ..kernels import wrap
from ..kernels.crop import crop
from ..layers import DEEPEST_STRIDE, deepest, tile_margin
from .working_set import core_side


@dataclass(frozen=True)
class Span:
    """One direction of a tile, in pixels of the canvas: the core [start, stop), with its margins [low, high).

    With wrap padding, low may be negative and high beyond the canvas.
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
        """The core's part of the tile's feature map (1, C, h, w), or of a strip of it that begins with row `first`."""
        rows, columns = _core(self.rows, stride), _core(self.columns, stride)
        rows = _common(rows, first, features.shape[-2])
        return crop(features, slice(rows.start - first, rows.stop - first), columns)

    def core_of_canvas(self, weight: Tensor, stride: int, first: int = 0, count: int | None = None) -> Tensor:
        """The core's part of the canvas's weight at a layer's resolution, or of its rows in a strip of the tile of
        `count` rows from `first` on."""
        rows = _core(self.rows, stride)
        offset = self.rows.start // stride - rows.start
        if count is not None:
            rows = _common(rows, first, count)
        columns = slice(self.columns.start // stride, self.columns.stop // stride)
        return weight[..., rows.start + offset : rows.stop + offset, columns]


def _core(span: Span, stride: int) -> slice:
    """The core's place in the tile, at a layer's resolution."""
    start = (span.start - span.low) // stride
    return slice(start, start + span.stop // stride - span.start // stride)


def _common(rows: slice, first: int, count: int) -> slice:
    """The rows that are also among `count` rows from `first` on; possibly none."""
    start = min(max(rows.start, first), first + count)
    return slice(start, max(start, min(rows.stop, first + count)))


def split(height: int, width: int, layers: set[str], size: int | None, *, wrap: bool = False) -> list[Tile]:
    """Tiles whose sides, margins included, are at most about `size` pixels; one whole tile where that suffices."""
    if size is None or (height <= size and width <= size):
        return [Tile(Span(0, height, 0, height), Span(0, width, 0, width), whole=True)]
    margin = tile_margin(deepest(layers))
    core = core_side(size, margin)
    rows, columns = (_spans(side, side if side <= size else core, margin, wrap) for side in (height, width))
    return [Tile(row, column) for row in rows for column in columns]


def _spans(length: int, core: int, margin: int, wrap: bool) -> list[Span]:
    count = -(-length // core)
    edges = sorted({round(length / count * i / DEEPEST_STRIDE) * DEEPEST_STRIDE for i in range(count)} | {length})
    spans = []
    for start, stop in pairwise(edges):
        low, high = start - margin, stop + margin
        spans.append(Span(start, stop, low, high) if wrap else Span(start, stop, max(0, low), min(length, high)))
    return spans


def cut(image: Tensor, tile: Tile) -> Tensor:
    """The tile with its margins, of an image (1, C, H, W); it continues at the opposite edge beyond the canvas."""
    if tile.whole:
        return image
    return wrap.cut(image, (tile.rows.low, tile.rows.high), (tile.columns.low, tile.columns.high))


def add(gradient: Tensor, part: Tensor, tile: Tile) -> None:
    """Add a tile's gradient, margins included, to the canvas's in place; overlaps sum up by the chain rule."""
    rows, columns = (tile.rows.low, tile.rows.high), (tile.columns.low, tile.columns.high)
    wrap.add(gradient, part.to(gradient.device), rows, columns)
