"""ReLU, alone and fused with 2 × 2 max pooling, with little new memory on a processor.

The system clears new memory page by page, which takes a tenth of an iteration. So ReLU changes its gradient in place;
and ReLU with max pooling is one step that keeps a byte per result, where autograd keeps the map after ReLU and an index
of eight bytes. The same numbers as torch's to the bit; of equal numbers the first gets the gradient.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

RESULTS_AT_ONCE = 1 << 19
"""Results that are computed at a time: more would leave the caches, fewer would be all overhead."""

SILENT = 4
"""Added to a code, the place by rows of the largest of four numbers, if that number is not above zero."""


def relu(x: Tensor, *, kept: bool = True) -> Tensor:
    """max(0, x), in place. x: (1, C, H, W), channels-last. Changes the gradient that comes back in place as well.

    `kept`: whether the result stays in memory anyway. Else of float32 only one byte per number stays, for the gradient;
    of shorter numbers that would save little.
    """
    if x.device.type != "cpu":
        return F.relu(x, inplace=True)
    found: Tensor = (_Relu if kept or x.dtype.itemsize <= 2 else _ReluKeepingMask).apply(x)
    return found


def can_fuse(x: Tensor, pooling: str) -> bool:
    """Whether `relu_max_pool` serves for this pooling on x's device."""
    return pooling == "max" and x.device.type == "cpu"


def relu_max_pool(x: Tensor, code: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The largest of each four numbers and 0: (1, C, H, W) -> (1, C, H // 2, W // 2); and which one it was, as a byte
    each (H // 2, W // 2, C). x may be after ReLU already.

    With the `code` of the same x from before, no numbers are read nor computed: only the gradient goes back.
    """
    found: tuple[Tensor, Tensor] = _ReluMaxPool.apply(x, code)
    return found


def pool(x: Tensor, pooling: str) -> Tensor:
    """The largest ("max") or the mean ("average") of each four: (1, C, H, W) -> (1, C, H // 2, W // 2)."""
    return F.max_pool2d(x, 2) if pooling == "max" else F.avg_pool2d(x, 2)


class _Relu(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.mark_dirty(x.clamp_min_(0))
        ctx.save_for_backward(x)
        return x

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (found,) = ctx.saved_tensors
        if not grad.is_contiguous(memory_format=torch.channels_last):  # an expanded scalar, for example
            grad = grad.contiguous(memory_format=torch.channels_last)
        slope: Tensor = torch.ops.aten.threshold_backward.grad_input(grad, found, 0, grad_input=grad)
        return slope


class _ReluKeepingMask(torch.autograd.Function):
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
        for part, (factor,) in _parts(slope, 1):
            slope[part].mul_(factor.copy_(keep[part]))
        return grad


class _ReluMaxPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, known: Tensor | None) -> tuple[Tensor, Tensor]:
        rows = x[0].permute(1, 2, 0)
        height, width, channels = rows.shape
        ctx.size = height, width
        ctx.set_materialize_grads(False)
        found = x.new_empty(height // 2, width // 2, channels)
        code = torch.empty(found.shape, dtype=torch.uint8) if known is None else known
        ctx.mark_non_differentiable(code)
        ctx.save_for_backward(code)
        if known is None:
            _ReluMaxPool._compute(rows, found, code)
        return found.permute(2, 0, 1)[None], code

    @staticmethod
    def _compute(rows: Tensor, found: Tensor, code: Tensor) -> None:
        for part, (up, down, right, lower_right) in _parts(found, 4):
            result = found[part]
            a, b, c, d = _quarters(rows, part)
            # comparisons give ones and zeros in x's type: five times as fast as booleans
            torch.gt(b, a, out=right)
            torch.gt(d, c, out=lower_right)
            torch.maximum(a, b, out=up)
            torch.maximum(c, d, out=down)
            torch.maximum(up, down, out=result)
            low = torch.gt(down, up, out=up)
            place = torch.lerp(right, lower_right.add_(2), low, out=right)
            code[part].copy_(place.add_(torch.le(result, 0, out=low), alpha=SILENT))
            result.clamp_min_(0)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, _: None) -> tuple[Tensor, None]:
        (code,) = ctx.saved_tensors
        slope = grad[0].permute(1, 2, 0)
        height, width = ctx.size
        found = slope.new_empty(height, width, slope.shape[2])
        found[height // 2 * 2 :].zero_()
        found[:, width // 2 * 2 :].zero_()
        for part, (place, here) in _parts(slope, 2):
            place.copy_(code[part])
            for number, quarter in enumerate(_quarters(found, part)):
                torch.mul(slope[part], torch.eq(place, number, out=here), out=quarter)
        return found.permute(2, 0, 1)[None], None


def _parts(pooled: Tensor, count: int) -> Iterator[tuple[slice, Tensor]]:
    """Rows of a map (h, w, C) in parts, each with `count` tensors of their size to work in."""
    height, width, channels = pooled.shape
    step = max(1, min(height, RESULTS_AT_ONCE // max(1, width * channels)))
    room = pooled.new_empty(count, step, width, channels)
    for start in range(0, height, step):
        stop = min(height, start + step)
        yield slice(start, stop), room[:, : stop - start]


def _quarters(rows: Tensor, part: slice) -> Iterator[Tensor]:
    """The upper left, upper right, lower left and lower right numbers of each pooled position of a map (H, W, C)."""
    height, width = part.stop - part.start, rows.shape[1] // 2
    pairs = rows[2 * part.start : 2 * part.start + 2 * height, : 2 * width]
    yield from (pairs[down::2, across::2] for down in (0, 1) for across in (0, 1))
