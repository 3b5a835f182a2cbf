"""A part of a feature map, whose gradient stays in channels-last layout.

Autograd's slices give a gradient in the other layout, and adding it to one in channels-last takes four times as long.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def crop(x: Tensor, rows: slice, columns: slice = slice(None)) -> Tensor:
    """x[..., rows, columns] of a map (1, C, H, W); the slices without a step."""
    top, bottom, _ = rows.indices(x.shape[-2])
    left, right, _ = columns.indices(x.shape[-1])
    if (top, bottom, left, right) == (0, x.shape[-2], 0, x.shape[-1]):
        return x
    part: Tensor = _Crop.apply(x, top, bottom, left, right)
    return part


class _Crop(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, top: int, bottom: int, left: int, right: int) -> Tensor:
        ctx.shape, ctx.part = x.shape, (..., slice(top, bottom), slice(left, right))
        return x[ctx.part]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        whole = torch.empty(ctx.shape, dtype=grad.dtype, device=grad.device, memory_format=torch.channels_last).zero_()
        whole[ctx.part] = grad
        return whole, None, None, None, None
