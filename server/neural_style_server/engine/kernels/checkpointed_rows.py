"""Part of the network in strips of rows, recomputed in the backward pass (gradient checkpointing).

Chen et al. 2016, "Training Deep Nets with Sublinear Memory". Statistics are sums over positions, so that each strip's
part of them is taken while the strip exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..memory.allocator import MAP_BYTES
from ..memory.release import trim_heap
from . import wrap

MOST_ROWS, FEWEST_ROWS = 64, 16
"""Rows of a strip; even, because pooling takes two."""

STRIP_BYTES = MAP_BYTES * 2 // 3
"""A strip's maps stay below what is mapped singly, if FEWEST_ROWS allows: the next strip then reuses their memory."""


@dataclass(frozen=True)
class Strip:
    """Rows [first, stop) of a map, with margins [low, high); with wrap padding these may reach beyond the map."""

    first: int
    stop: int
    low: int
    high: int

    @property
    def core(self) -> slice:
        """The rows [first, stop) among those that `cut` returns."""
        return slice(self.first - self.low, self.stop - self.low)

    def cut(self, x: Tensor) -> Tensor:
        """The strip of x with its margins."""
        return wrap.cut_rows(x, (self.low, self.high)).contiguous(memory_format=torch.channels_last)

    def add(self, total: Tensor, part: Tensor) -> None:
        """Add a part to the rows that `cut` returns, in place."""
        wrap.add(total, part, (self.low, self.high))


Part = Callable[[Tensor, Strip], tuple[Tensor, ...]]
"""From a strip with its margins: its rows of the result, at half the height or none, and its sums."""


def rows_at_once(row_bytes: int) -> int:
    """Rows of a strip of a map with so many bytes per row."""
    return max(FEWEST_ROWS, min(MOST_ROWS, STRIP_BYTES // row_bytes // 2 * 2))


def strips(height: int, rows: int, reach: int, wrap: bool) -> Iterator[Strip]:
    for first in range(0, height // 2 * 2, rows):
        stop = first + rows if first + rows < height // 2 * 2 else height
        low, high = first - reach, stop + reach
        yield Strip(first, stop, low, high) if wrap else Strip(first, stop, max(low, 0), min(high, height))


def in_strips(x: Tensor, part: Part, reach: int, channels: int, *, wrap: bool = False) -> tuple[Tensor, ...]:
    """The results of all strips as one, and the sums over them. x: (1, C, H, W), all that the backward pass keeps.

    reach: rows on each side that a row of the result, or of what is summed, depends on. channels: of the maps inside.
    `part` is kept as well, and must not refer to the results.
    """
    rows = rows_at_once(x.shape[-1] * channels * x.dtype.itemsize)
    found: tuple[Tensor, ...] = _InStrips.apply(x, part, list(strips(x.shape[-2], rows, reach, wrap)))
    return found


class _InStrips(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, part: Part, strips: Sequence[Strip]) -> tuple[Tensor, ...]:
        ctx.save_for_backward(x)
        ctx.set_materialize_grads(False)
        ctx.part, ctx.strips = part, strips
        results: list[Tensor] = []
        total: tuple[Tensor, ...] = ()
        for strip in strips:
            result, *sums = part(strip.cut(x), strip)
            results.append(result)
            total = tuple(a + b for a, b in zip(total, sums, strict=True)) if total else tuple(sums)
        found = torch.cat(results, dim=-2)
        results.clear()
        trim_heap()  # the deep maps are larger than what the strips have freed
        return found, *total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor | None, *slopes: Tensor | None) -> tuple[Tensor, None, None]:
        (x,) = ctx.saved_tensors
        trim_heap()
        found = torch.zeros_like(x)
        for strip in ctx.strips:
            with torch.enable_grad():
                leaf = strip.cut(x).detach().requires_grad_()
                result, *sums = ctx.part(leaf, strip)
            start = strip.first // 2
            rows = None if slope is None else slope[..., start : start + result.shape[-2], :]
            pairs = [pair for pair in zip((result, *sums), (rows, *slopes), strict=True) if pair[1] is not None]
            values, gradients = zip(*(pair for pair in pairs if pair[0].requires_grad), strict=True)
            strip.add(found, torch.autograd.grad(values, leaf, gradients)[0])
        return found, None, None
