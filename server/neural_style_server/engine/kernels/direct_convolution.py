"""3 × 3 convolutions with the processor's library, which do not keep their input.

Autograd keeps the input for the gradient of the weights, which are frozen here.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..memory.allocator import MAP_BYTES
from .checkpointed_rows import rows_at_once


def convolve(x: Tensor, weight: Tensor, bias: Tensor, padding: int, *, computed: bool = True) -> Tensor:
    """x ∗ weight + bias with zero padding: (1, C_in, H, W) -> (1, C_out, H − 2 + 2 · padding, W − 2 + 2 · padding).

    If not `computed`, the numbers are left out: nobody reads them, only the gradient goes back.
    """
    if x.device.type != "cpu":
        return F.conv2d(x, weight, bias, padding=padding)
    found: Tensor = _Convolve.apply(x, weight, bias, padding, computed)
    return found


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, padding: int, computed: bool) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.padding = padding
        if computed:
            return F.conv2d(x, weight, bias, padding=padding)
        size = (1, len(bias), *(side - 2 + 2 * padding for side in x.shape[-2:]))
        return torch.empty(size, dtype=x.dtype, memory_format=torch.channels_last)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None, None]:
        (weight,) = ctx.saved_tensors
        large = grad.itemsize > 2 and grad.numel() * grad.itemsize >= MAP_BYTES
        if large and ctx.padding == 1 and weight.shape[0] == weight.shape[1]:
            return _transposed_in_place(grad, weight), None, None, None, None
        return F.conv_transpose2d(grad, weight, padding=ctx.padding), None, None, None, None


def _transposed_in_place(grad: Tensor, weight: Tensor) -> Tensor:
    """The transposed convolution with as many channels as `grad`, strip by strip into the memory of `grad`.

    In float32 it saves a map at the peak of an iteration; in two bytes it would only take time.
    """
    height = grad.shape[-2]
    step = rows_at_once(grad.shape[-1] * grad.shape[1] * grad.itemsize)
    before = grad[..., :0, :]
    for start in range(0, height, step):
        stop = min(height, start + step)
        rows = torch.cat([before, grad[..., start : stop + 1, :]], dim=-2)
        first = before.shape[-2]
        before = grad[..., stop - 1 : stop, :].clone()
        grad[..., start:stop, :] = F.conv_transpose2d(rows, weight, padding=1)[..., first : first + stop - start, :]
    return grad
