"""The rectifier, alone and with the 2 × 2 pooling after it, on a processor with as little new memory as can be.

New memory has to be cleared by the system, page by page, which took a tenth of an iteration. So the rectifier changes
its gradient in place. With pooling the largest of four numbers, or zero, is one step that keeps a byte for each result,
where autograd keeps the rectified map and an index of eight bytes. The same numbers to the bit, the gradient of equal
numbers included, which goes to the first of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

NUMBERS_AT_ONCE = 1 << 19
"""Results that are computed at a time: more would leave the caches, fewer are all overhead."""

SILENT = 4
"""Added to a code, which is the place of the largest of four numbers by rows, where that is not above zero."""


def rectify(x: Tensor, *, seen: bool = True) -> Tensor:
    """max(0, x), in place. x: (1, C, H, W), channels-last. Nothing else may hold the gradient that comes back, which
    convolutions, statistics and losses make for this map alone.

    `seen`: whether the map is kept anyway, for statistics of it. Else of a number's four bytes one is kept, whether it
    is above zero; of shorter numbers that would gain little.
    """
    if x.device.type != "cpu":
        return F.relu(x, inplace=True)
    found: Tensor = (_Rectify if seen or x.dtype.itemsize <= 2 else _RectifyUnseen).apply(x)
    return found


def pool_rectifies(x: Tensor, pooling: str) -> bool:
    """Whether `pool` does the rectifier's work as well."""
    return pooling == "max" and x.device.type == "cpu"


def pool(x: Tensor, pooling: str) -> Tensor:
    """The largest or the mean of each four, rectified already unless `pool_rectifies`: (1, C, H, W) -> (1, C, H // 2,
    W // 2)."""
    if pool_rectifies(x, pooling):
        found: Tensor = _RectifyAndPool.apply(x)
        return found
    return F.max_pool2d(x, 2) if pooling == "max" else F.avg_pool2d(x, 2)


class _Rectify(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.mark_dirty(x.clamp_min_(0))
        ctx.save_for_backward(x)
        return x

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (found,) = ctx.saved_tensors
        if not grad.is_contiguous(memory_format=torch.channels_last):  # one number that stands for many, for example
            grad = grad.contiguous(memory_format=torch.channels_last)
        slope: Tensor = torch.ops.aten.threshold_backward.grad_input(grad, found, 0, grad_input=grad)
        return slope


class _RectifyUnseen(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.mark_dirty(x.clamp_min_(0))
        ctx.save_for_backward(x > 0)
        return x

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (above,) = ctx.saved_tensors
        grad = grad.contiguous(memory_format=torch.channels_last)
        slope, keep = grad[0].permute(1, 2, 0), above[0].permute(1, 2, 0)
        for part, (own,) in _parts(slope, 1):
            slope[part].mul_(own.copy_(keep[part]))
        return grad


class _RectifyAndPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        rows = x[0].permute(1, 2, 0)
        height, width, channels = rows.shape
        ctx.size = height, width
        found = x.new_empty(height // 2, width // 2, channels)
        code = torch.empty(found.shape, dtype=torch.uint8)
        for part, (up, down, right, other) in _parts(found, 4):
            own = found[part]
            a, b, c, d = _quarters(rows, part)
            # ones and zeros in x's own type: five times as fast as truth values
            torch.gt(b, a, out=right)
            torch.gt(d, c, out=other)
            torch.maximum(a, b, out=up)
            torch.maximum(c, d, out=down)
            torch.maximum(up, down, out=own)
            low = torch.gt(down, up, out=up)
            place = torch.lerp(right, other.add_(2), low, out=right)
            code[part].copy_(place.add_(torch.le(own, 0, out=low), alpha=SILENT))
            own.clamp_min_(0)
        ctx.save_for_backward(code)
        return found.permute(2, 0, 1)[None]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (code,) = ctx.saved_tensors
        slope = grad[0].permute(1, 2, 0)
        height, width = ctx.size
        found = slope.new_empty(height, width, slope.shape[2])
        found[height // 2 * 2 :].zero_()
        found[:, width // 2 * 2 :].zero_()
        for part, (own, here) in _parts(slope, 2):
            own.copy_(code[part])
            for place, quarter in enumerate(_quarters(found, part)):
                torch.mul(slope[part], torch.eq(own, place, out=here), out=quarter)
        return found.permute(2, 0, 1)[None]


def _parts(pooled: Tensor, count: int) -> Iterator[tuple[slice, Tensor]]:
    """Rows of a map (h, w, C), so many at a time, each with `count` tensors of their size to work in."""
    height, width, channels = pooled.shape
    step = max(1, min(height, NUMBERS_AT_ONCE // max(1, width * channels)))
    room = pooled.new_empty(count, step, width, channels)
    for start in range(0, height, step):
        stop = min(height, start + step)
        yield slice(start, stop), room[:, : stop - start]


def _quarters(rows: Tensor, part: slice) -> Iterator[Tensor]:
    """Of a map (H, W, C) what lies upper left, upper right, lower left and lower right of each pooled position."""
    height, width = part.stop - part.start, rows.shape[1] // 2
    own = rows[2 * part.start : 2 * part.start + 2 * height, : 2 * width]
    yield from (own[down::2, across::2] for down in (0, 1) for across in (0, 1))
