"""Wrap padding: ranges of rows or columns that continue at the opposite edge beyond a canvas's ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Range = tuple[int, int]
"""[low, high) of rows or columns; low may be negative and high beyond the length."""


def cut_rows(x: Tensor, rows: Range) -> Tensor:
    """The rows of a map (1, C, H, W); a view if they lie within it."""
    parts = [x[..., there, :] for there, _ in _pieces(rows, x.shape[-2])]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-2)


def cut(x: Tensor, rows: Range, columns: Range) -> Tensor:
    """The rows and columns of a map (1, C, H, W); a view if they lie within it."""
    parts = [cut_rows(x, rows)[..., there] for there, _ in _pieces(columns, x.shape[-1])]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)


def add(total: Tensor, part: Tensor, rows: Range, columns: Range | None = None) -> None:
    """Add a part to where it was cut from, in place; what was cut twice is added twice. No `columns` means all."""
    for down, part_down in _pieces(rows, total.shape[-2]):
        for across, part_across in _pieces(columns or (0, total.shape[-1]), total.shape[-1]):
            total[..., down, across] += part[..., part_down, part_across]


def pad(x: Tensor) -> Tensor:
    """A map (1, C, H, W) padded by one element from its opposite edges: (1, C, H + 2, W + 2), channels-last."""
    found: Tensor = _Pad.apply(x)
    return found


class _Pad(torch.autograd.Function):
    """`cut` as one step: autograd would make a map of zeros for the gradient of each edge."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.shape = x.shape
        found = cut(x, (-1, x.shape[-2] + 1), (-1, x.shape[-1] + 1))
        return found.contiguous(memory_format=torch.channels_last)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        total = torch.empty(ctx.shape, dtype=grad.dtype, device=grad.device, memory_format=torch.channels_last).zero_()
        add(total, grad, (-1, ctx.shape[-2] + 1), (-1, ctx.shape[-1] + 1))
        return total


def _pieces(wanted: Range, length: int) -> Iterator[tuple[slice, slice]]:
    """The range in contiguous pieces: where each lies in the whole, and where in the part."""
    low, high = wanted
    at = low
    while at < high:
        start = at % length
        count = min(length - start, high - at)
        yield slice(start, start + count), slice(at - low, at - low + count)
        at += count
