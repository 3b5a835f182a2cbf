"""Sums over the positions of a feature map, which all statistics of style are made of.

They add up over tiles and strips. Their gradients are written out: autograd would allocate two or three more maps.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

POSITIONS_AT_ONCE = 512
"""Positions that one bfloat16 product sums over. It adds in float32 and rounds at its end: a Gram matrix of ten
thousand positions then differs from the float32 one by 5e-4, less than by rounding the features."""

NUMBERS_AT_ONCE = 1 << 20
"""Numbers of float32 that a processor works on at a time. Their memory is reused; that of a whole map would be new, and
the system would have to clear it."""


class Moments(NamedTuple):
    """Weighted sums over positions k: second Σ w F Fᵀ (C, C); first Σ w F (C,), or (0,) if not wanted; mass Σ w ()."""

    second: Tensor
    first: Tensor
    mass: Tensor

    def __add__(self, other: object) -> Moments:
        assert isinstance(other, Moments)
        return Moments(self.second + other.second, self.first + other.first, self.mass + other.mass)


def moments(features: Tensor, weight: Tensor | None = None, *, means: bool = True) -> Moments:
    """Sums over the positions of a feature map, in float32 at least; the first moment only where `means` are wanted.

    features: (1, C, H, W); weight: (1, 1, H, W) ≥ 0, or None for 1 everywhere. A position of weight 0 takes no
    part, one of weight ½ counts half (Gatys 2017, eq. 5, with the guidance channel squared being `weight`).
    """
    x = _positions(features)
    x = x.float() if x.dtype == torch.float16 else x  # sums would exceed its range
    if weight is None:
        return _of_all(SecondMoment.apply(x, None), x, means)
    wide = torch.promote_types(x.dtype, torch.float32)
    w = weight.to(x.dtype).flatten()[:, None]  # (N, 1)
    first = FirstMoment.apply(x * w) if means else x.new_empty(0, dtype=wide)
    return Moments(SecondMoment.apply(x, w), first, w.sum(dtype=wide))


def moments_and_features(features: Tensor, *, means: bool = True) -> tuple[Tensor, Moments]:
    """The features to go on with, and `moments` without weights.

    The gradient of the second moment is added in place to the one that comes back to the features; autograd would
    allocate a map for it and another for the sum. On processors only, where new memory takes time.
    """
    if features.device.type != "cpu" or features.dtype == torch.float16:
        return features, moments(features, means=means)
    features, second = _SecondMomentInPlace.apply(features)
    return features, _of_all(second, _positions(features), means)


def _of_all(second: Tensor, x: Tensor, means: bool) -> Moments:
    """The moments of positions x (N, C) of weight 1."""
    mass = torch.full((), float(x.shape[0]), dtype=second.dtype, device=second.device)
    return Moments(second, FirstMoment.apply(x) if means else mass.new_empty(0), mass)


def _positions(features: Tensor) -> Tensor:
    """(1, C, H, W) -> (N, C); a view if the map is channels-last, and so is its gradient."""
    return features.permute(0, 2, 3, 1).flatten(0, 2)


class _SecondMomentInPlace(torch.autograd.Function):
    """From a map (1, C, H, W): the same map, and Σ F Fᵀ."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(features)
        ctx.set_materialize_grads(False)
        x = _positions(features)
        return features.view_as(features), _outer_sum(x, x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, back: Tensor | None, grad: Tensor | None) -> Tensor | None:
        (features,) = ctx.saved_tensors
        if grad is None:
            return back
        pull = (grad + grad.T).to(features.dtype)
        if back is None:
            batch, channels, height, width = features.shape
            return (_positions(features) @ pull).view(batch, height, width, channels).permute(0, 3, 1, 2)
        back = back.contiguous(memory_format=torch.channels_last)
        _positions(back).addmm_(_positions(features), pull)
        return back


class SecondMoment(torch.autograd.Function):
    """Σ w F Fᵀ of x (N, C) and w (N, 1) or None, with the gradient w x (G + Gᵀ) in one product of x's own type.

    With autograd the gradient takes two products and two more tensors of the map's size, at relu1_1, where an
    iteration's memory peaks. The weights get no gradient: they are masks.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, w)
        return _outer_sum(x if w is None else x * w, x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        x, w = ctx.saved_tensors
        gradient = x @ (grad + grad.T).to(x.dtype)
        return (gradient if w is None else gradient.mul_(w)), None


class FirstMoment(torch.autograd.Function):
    """Σ F of x (N, C), in float32 at least."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.like = x.dtype, x.shape
        return _sum(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        dtype, shape = ctx.like
        return grad.to(dtype).expand(shape)


def _sum(x: Tensor) -> Tensor:
    """Σ x over positions; of bfloat16 POSITIONS_AT_ONCE at a time, without a float32 copy of the whole map."""
    if x.dtype != torch.bfloat16:
        return x.sum(0, dtype=torch.promote_types(x.dtype, torch.float32))
    whole = x.shape[0] - x.shape[0] % POSITIONS_AT_ONCE
    parts = x[:whole].view(-1, POSITIONS_AT_ONCE, x.shape[1]).sum(1).sum(0, dtype=torch.float32)
    return parts + x[whole:].sum(0, dtype=torch.float32)


def _outer_sum(a: Tensor, b: Tensor) -> Tensor:
    """aᵀ b, in float32 at least; of bfloat16 POSITIONS_AT_ONCE at a time."""
    if a.dtype != torch.bfloat16:
        return a.T @ b
    whole = a.shape[0] - a.shape[0] % POSITIONS_AT_ONCE
    parts, others = (each[:whole].view(-1, POSITIONS_AT_ONCE, each.shape[1]) for each in (a, b))
    total = (a[whole:].T @ b[whole:]).float()
    step = max(1, NUMBERS_AT_ONCE // total.numel()) if a.device.type == "cpu" else max(1, len(parts))
    for part, other in zip(torch.split(parts, step), torch.split(others, step), strict=True):
        total += torch.bmm(part.transpose(1, 2), other).sum(0, dtype=torch.float32)
    return total
