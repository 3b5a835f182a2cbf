"""How far feature columns are from their targets: half by direction, half by length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..moments import NUMBERS_AT_ONCE
from .places import TINY, LayerTable


def column_distance(features: Tensor, table: LayerTable, rows: Tensor, weight: Tensor | None = None) -> Tensor:
    """Σ w (½ (1 − cos(F − μ, T − μ)) + ½ |F − T|² / E), () in float32 at least, with T = table.columns[rows].

    features: (N, C); rows: (N,); weight: (N,) or None. The cosine is what a search goes by; alone it lets contrast run
    away (Kolkin et al. 2022 use it alone, from a start that holds the contrast).
    """
    found: Tensor = _ColumnDistance.apply(features, table, rows, weight)
    return found


class _ColumnDistance(torch.autograd.Function):
    """Targets are read again on the way back: kept, they would take another map's memory."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, table: LayerTable, rows: Tensor, weight: Tensor | None) -> Tensor:
        ctx.save_for_backward(features, rows, weight)
        ctx.table = table
        total = table.mean.new_zeros(())
        for part in _parts(features):
            a, b = _around_mean(features[part], table, rows[part])
            distance = 0.5 * (1 - _cosine(a, b)) + 0.5 * (a - b).square().sum(1) / table.energy
            total += (distance if weight is None else distance * weight[part]).sum()
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        features, rows, weight = ctx.saved_tensors
        table: LayerTable = ctx.table
        slope = torch.empty_like(features)
        for part in _parts(features):
            a, b = _around_mean(features[part], table, rows[part])
            inverse = a.norm(dim=1).clamp_min(TINY).reciprocal()
            pull = 0.5 * inverse / b.norm(dim=1).clamp_min(TINY)
            own = 0.5 * _cosine(a, b) * inverse.square() + 1 / table.energy
            scale = grad if weight is None else grad * weight[part]
            found = a.mul_((own * scale)[:, None])
            slope[part] = found.sub_(b.mul_(((pull + 1 / table.energy) * scale)[:, None]))
        return slope, None, None, None


def _around_mean(features: Tensor, table: LayerTable, rows: Tensor) -> tuple[Tensor, Tensor]:
    return features - table.mean, table.columns[rows] - table.mean


def _cosine(a: Tensor, b: Tensor) -> Tensor:
    cosine: Tensor = (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1)).clamp_min(TINY)
    return cosine


def _parts(features: Tensor) -> Iterator[slice]:
    """Rows that hold NUMBERS_AT_ONCE; on a GPU all of them."""
    count, channels = features.shape
    step = max(1, NUMBERS_AT_ONCE // channels) if features.device.type == "cpu" else count
    for start in range(0, count, step):
        yield slice(start, start + step)
