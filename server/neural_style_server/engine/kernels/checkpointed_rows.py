"""Part of the network in strips of rows, computed once more in the backward pass instead of being kept.

A few per cent more arithmetic for half the memory (Chen et al. 2016, "Training Deep Nets with Sublinear Memory").
Statistics are sums over positions, so that a strip's part of them can be taken while the strip is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..memory.allocator import MAP_BYTES, trim
from . import wrap

MOST_ROWS, FEWEST_ROWS = 64, 16
"""Rows that are computed at a time; even, because pooling takes two."""

STRIP_BYTES = MAP_BYTES * 2 // 3
"""A strip's maps stay below what is mapped apart, as far as FEWEST_ROWS lets them: their memory then serves the next
strip, which has the same sizes."""


@dataclass(frozen=True)
class Strip:
    """Rows [first, stop) of a map, with `reach` more on each side where there are any; `wrap` joins top and bottom."""

    first: int
    stop: int
    low: int
    high: int

    @property
    def own(self) -> slice:
        """The strip's own rows among those that `of` gives."""
        return slice(self.first - self.low, self.stop - self.low)

    def of(self, x: Tensor) -> Tensor:
        return wrap.cut_rows(x, (self.low, self.high)).contiguous(memory_format=torch.channels_last)

    def add(self, total: Tensor, part: Tensor) -> None:
        """Add what belongs to the rows of `of`, in place."""
        wrap.add(total, part, (self.low, self.high))


Part = Callable[[Tensor, Strip], tuple[Tensor, ...]]
"""From a strip's rows with their neighbours: its own rows of the result, at half the height or none at all, and its
sums."""


def rows_at_once(row_bytes: int) -> int:
    """Of a map with so many bytes in each row."""
    return max(FEWEST_ROWS, min(MOST_ROWS, STRIP_BYTES // row_bytes // 2 * 2))


def strips(height: int, rows: int, reach: int, wrap: bool) -> Iterator[Strip]:
    for first in range(0, height // 2 * 2, rows):
        stop = first + rows if first + rows < height // 2 * 2 else height
        low, high = first - reach, stop + reach
        yield Strip(first, stop, low, high) if wrap else Strip(first, stop, max(low, 0), min(high, height))


def in_strips(x: Tensor, part: Part, reach: int, channels: int, *, wrap: bool = False) -> tuple[Tensor, ...]:
    """The result of all strips and the sums over them. x: (1, C, H, W), which is all that the backward pass keeps.

    `channels` of the maps on the way; `reach`: rows on each side that a row of the result, or of what is summed,
    depends on. `part` is kept as well, and must not lead back to what is answered here.
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
            result, *sums = part(strip.of(x), strip)
            results.append(result)
            total = tuple(a + b for a, b in zip(total, sums, strict=True)) if total else tuple(sums)
        found = torch.cat(results, dim=-2)
        results.clear()
        trim()  # what the strips needed is no use to the deep maps, which are larger
        return found, *total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor | None, *slopes: Tensor | None) -> tuple[Tensor, None, None]:
        (x,) = ctx.saved_tensors
        trim()
        found = torch.zeros_like(x)
        for strip in ctx.strips:
            with torch.enable_grad():
                leaf = strip.of(x).detach().requires_grad_()
                result, *sums = ctx.part(leaf, strip)
            start = strip.first // 2
            own = None if slope is None else slope[..., start : start + result.shape[-2], :]
            pairs = [pair for pair in zip((result, *sums), (own, *slopes), strict=True) if pair[1] is not None]
            values, gradients = zip(*(pair for pair in pairs if pair[0].requires_grad), strict=True)
            strip.add(found, torch.autograd.grad(values, leaf, gradients)[0])
        return found, None, None
