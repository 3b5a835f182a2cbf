"""Ranges of rows or columns that may reach beyond a canvas's ends, where it begins again."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

Range = tuple[int, int]
"""[low, high) of rows or columns; low may be negative and high beyond the length."""


def cut_rows(x: Tensor, rows: Range) -> Tensor:
    """The rows of a map (1, C, H, W); a view where they lie within it."""
    parts = [x[..., there, :] for there, _ in _pieces(rows, x.shape[-2])]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-2)


def cut(x: Tensor, rows: Range, columns: Range) -> Tensor:
    """The same of both."""
    parts = [cut_rows(x, rows)[..., there] for there, _ in _pieces(columns, x.shape[-1])]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)


def add(total: Tensor, part: Tensor, rows: Range, columns: Range | None = None) -> None:
    """Add a part to where it was cut from, in place; what was cut twice is added twice. `columns` None is all."""
    for down, own_down in _pieces(rows, total.shape[-2]):
        for across, own_across in _pieces(columns or (0, total.shape[-1]), total.shape[-1]):
            total[..., down, across] += part[..., own_down, own_across]


def _pieces(wanted: Range, length: int) -> Iterator[tuple[slice, slice]]:
    """Runs without a break: where each lies in the whole, and where in the part."""
    low, high = wanted
    at = low
    while at < high:
        start = at % length
        count = min(length - start, high - at)
        yield slice(start, start + count), slice(at - low, at - low + count)
        at += count
