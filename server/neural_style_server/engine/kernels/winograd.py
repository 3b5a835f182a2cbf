"""3 × 3 convolutions with a quarter of the multiplications, for the CPU (Lavin and Gray, CVPR 2016, F(4×4, 3×3)).

Each 4 × 4 block of the output comes from a 6 × 6 patch of the input: Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A. For many patches side
by side the products ⊙ become 36 matrix products over the channels, which processors do best. Interpolation points 0,
±1, ±2, ∞; in float32 the result differs from the direct sum by about 5e-6 of its largest value. The gradient is the
transposed algorithm with the same transformed weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

BLOCK = 4
"""Side of an output block."""

PATCH = 6
"""Side of the input patch that a block is computed from."""

STRIP_NUMBERS = 1 << 15
"""Blocks times channels that are worked on at a time: enough for the products' full speed, few enough for the caches.
They take 36 times as many numbers in memory, twice."""

_INPUT = [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
]
_KERNEL = [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
]
_OUTPUT = [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
]


def _both_ways(rows: Sequence[Sequence[float]]) -> Tensor:
    """The transform of rows and columns at once, as one matrix on flattened patches."""
    matrix = torch.tensor(rows, dtype=torch.float64)
    return torch.kron(matrix, matrix).contiguous()


_TO_INPUT, _TO_OUTPUT = _both_ways(_INPUT), _both_ways(_OUTPUT)
"""(36, 36) from a patch of the input, and (16, 36) to a block of the output."""


def transform(weight: Tensor) -> Tensor:
    """G g Gᵀ of a kernel (C_out, C_in, 3, 3), as (36, C_in, C_out): four times its memory."""
    g = torch.tensor(_KERNEL, dtype=weight.dtype)
    spread = torch.einsum("ia,jb,ocab->ijco", g, g, weight)
    return spread.reshape(PATCH * PATCH, weight.shape[1], weight.shape[0]).contiguous()


def convolve(x: Tensor, transformed: Tensor, bias: Tensor, *, padded: bool = False, computed: bool = True) -> Tensor:
    """x ∗ g + bias with zero padding, or of an x that is `padded` by one element already.

    x: (1, C_in, H, W), or padded (1, C_in, H + 2, W + 2), channels-last; transformed: `transform(g)`; returns
    (1, C_out, H, W), channels-last. If not `computed`, the numbers are left out, as in `direct_convolution.convolve`.
    """
    result: Tensor = _Convolve.apply(x, transformed, bias, int(padded), computed)
    return result


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, transformed: Tensor, bias: Tensor, border: int, computed: bool) -> Tensor:
        ctx.save_for_backward(transformed)
        ctx.border = border
        size = (1, len(bias), x.shape[2] - 2 * border, x.shape[3] - 2 * border)
        out = torch.empty(size, dtype=x.dtype, memory_format=torch.channels_last)  # no view: ReLU changes it in place
        if computed:
            _forward(x[0].permute(1, 2, 0), transformed, bias, out[0].permute(1, 2, 0))
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None, None]:
        (transformed,) = ctx.saved_tensors
        found = _backward(grad[0].permute(1, 2, 0), transformed, ctx.border)
        return found.permute(2, 0, 1)[None], None, None, None, None


def _forward(x: Tensor, transformed: Tensor, bias: Tensor, out: Tensor) -> None:
    """From x (H, W, C_in), or x with a border of one element, to out (H, W, C_out)."""
    height, width, _ = out.shape
    channels, missing = x.shape[2], 1 - (x.shape[0] - height) // 2
    down, across = -(-height // BLOCK), -(-width // BLOCK)
    to_input, to_output = _TO_INPUT.to(x), _TO_OUTPUT.to(x)
    for first, count in _strips(down, across, max(transformed.shape[1:])):
        top = first * BLOCK - missing
        rows = x[max(0, top) : top + count * BLOCK + PATCH - BLOCK]
        above, below = max(0, -top), count * BLOCK + PATCH - BLOCK - len(rows) - max(0, -top)
        padded = F.pad(rows, (0, 0, missing, across * BLOCK - width + missing, above, below)).contiguous()
        row, column, _ = padded.stride()
        patches = padded.as_strided(
            (PATCH, PATCH, count, across, channels), (row, column, BLOCK * row, BLOCK * column, 1)
        ).reshape(PATCH * PATCH, -1)
        spread = (to_input @ patches).view(PATCH * PATCH, count * across, channels)
        blocks = to_output @ torch.bmm(spread, transformed).view(PATCH * PATCH, -1)
        strip = blocks.view(BLOCK, BLOCK, count, across, -1).permute(2, 0, 3, 1, 4).flatten(2, 3).flatten(0, 1)
        part = out[first * BLOCK : (first + count) * BLOCK]
        torch.add(strip[: len(part), :width], bias, out=part)


def _backward(grad: Tensor, transformed: Tensor, border: int) -> Tensor:
    """The gradient at x (H, W, C_in), or at x with its border, from that at the output (H, W, C_out)."""
    height, width, outputs = grad.shape
    channels = transformed.shape[1]
    down, across = -(-height // BLOCK), -(-width // BLOCK)
    from_output, from_input = _TO_OUTPUT.T.to(grad).contiguous(), _TO_INPUT.T.to(grad).contiguous()
    transposed = transformed.transpose(1, 2)
    found = grad.new_zeros(height + 2 * border, width + 2 * border, channels)
    for first, count in _strips(down, across, max(transformed.shape[1:])):
        strip = grad[first * BLOCK : (first + count) * BLOCK]
        strip = F.pad(strip, (0, 0, 0, across * BLOCK - width, 0, count * BLOCK - strip.shape[0]))
        blocks = strip.view(count, BLOCK, across, BLOCK, outputs).permute(1, 3, 0, 2, 4).reshape(BLOCK * BLOCK, -1)
        spread = torch.bmm((from_output @ blocks).view(PATCH * PATCH, count * across, outputs), transposed)
        patches = (from_input @ spread.view(PATCH * PATCH, -1)).view(PATCH, PATCH, count, across, channels)
        patches = patches.permute(2, 0, 3, 1, 4)
        # patches overlap by two: what lies beyond a block's four rows and columns goes to its neighbours
        laid = grad.new_zeros(count + 1, BLOCK, across + 1, BLOCK, channels)
        here, below, over = laid[:count], laid[1:], PATCH - BLOCK
        here[:, :, :across] += patches[:, :BLOCK, :, :BLOCK]
        here[:, :, 1:, :over] += patches[:, :BLOCK, :, BLOCK:]
        below[:, :over, :across] += patches[:, BLOCK:, :, :BLOCK]
        below[:, :over, 1:, :over] += patches[:, BLOCK:, :, BLOCK:]
        edge = 1 - border  # of zero padding, which has no gradient
        flat = laid.view((count + 1) * BLOCK, (across + 1) * BLOCK, channels)[:, edge : edge + found.shape[1]]
        top = first * BLOCK - edge
        part = found[max(0, top) : top + len(flat)]
        part += flat[max(0, -top) : max(0, -top) + len(part)]
    return found


def _strips(down: int, across: int, channels: int) -> Iterator[tuple[int, int]]:
    """(first, count) rows of blocks, in strips of similar height."""
    count = max(1, round(down * across * channels / STRIP_NUMBERS))
    edges = [round(down * i / count) for i in range(count + 1)]
    for first, last in pairwise(edges):
        if last > first:
            yield first, last - first
