"""Losses as pure functions of sums over positions, which can be collected tile by tile.

Gatys, Ecker, Bethge, "Image Style Transfer Using Convolutional Neural Networks" (CVPR 2016), called Gatys 2016;
guided Gram matrices from Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer" (CVPR 2017).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .memory.working_set import strips
from .moments import NUMBERS_AT_ONCE, Moments

EPSILON = 1e-8
"""Keeps divisions by a target's norm finite where a layer of the target is all zero (flat black pictures)."""

SQRT_EPSILON = 1e-6
"""Share of the largest eigenvalue below which a direction counts as empty in a matrix square root."""


def gram(sums: Moments) -> Tensor:
    """Gram matrix divided by the number of positions (or their weight): (C, C)."""
    return sums.second / sums.mass.clamp_min(EPSILON)


def gram_loss(sums: Moments, target: Moments) -> Tensor:
    """E_l = 1/(4 N² M²) · Σ (G − A)² (Gatys 2016, eq. 4), N channels, M positions.

    Departs from the paper where result and style differ in size: each Gram matrix is divided by its own M.
    """
    channels = sums.second.shape[0]
    loss: Tensor = (gram(sums) - gram(target)).square().sum() / (4 * channels**2)
    return loss


def balanced_loss(sums: Moments, target: Moments) -> Tensor:
    """‖G − A‖² / ‖A‖², Frobenius: the relative error of the Gram matrix, so that every layer counts alike.

    In eq. 4 as written nine tenths of the style term come from relu4_1, and hardly anything from the deepest layer,
    which carries the large strokes.
    """
    goal = gram(target)
    loss: Tensor = (gram(sums) - goal).square().sum() / (goal.square().sum() + EPSILON)
    return loss


def wasserstein_loss(sums: Moments, target: Moments) -> Tensor:
    """Squared 2-Wasserstein distance of Gaussians (Dowson and Landau 1982), relative to the target's energy.

    W² = ‖μ − ν‖² + tr Σ + tr T − 2 tr (T^½ Σ T^½)^½, divided by ‖ν‖² + tr T = tr A.
    Matches means and covariances separately; a Gram matrix mixes the two.
    """
    mean, covariance = mean_and_covariance(sums)
    goal_mean, goal_covariance = mean_and_covariance(target)
    root = matrix_sqrt(goal_covariance)
    cross: Tensor = TraceOfSqrt.apply(root @ covariance @ root)
    distance = (mean - goal_mean).square().sum() + covariance.trace() + goal_covariance.trace() - 2 * cross
    relative: Tensor = distance / (goal_mean.square().sum() + goal_covariance.trace() + EPSILON)
    return relative


def mean_and_covariance(sums: Moments) -> tuple[Tensor, Tensor]:
    """(C,) and (C, C) of the positions that were summed."""
    mean = sums.first / sums.mass.clamp_min(EPSILON)
    return mean, gram(sums) - torch.outer(mean, mean)


def matrix_sqrt(matrix: Tensor) -> Tensor:
    """The symmetric square root of a symmetric positive semi-definite matrix (C, C)."""
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    return root


class TraceOfSqrt(torch.autograd.Function):
    """tr M^½ of a symmetric positive semi-definite M (C, C), with the gradient ½ M^(−½).

    Differentiating through eigenvectors would divide by differences of eigenvalues, which can be zero.
    """

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, matrix: Tensor) -> Tensor:
        values, vectors = torch.linalg.eigh(matrix)
        ctx.save_for_backward(values, vectors)
        trace: Tensor = values.clamp_min(0).sqrt().sum()
        return trace

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        values, vectors = ctx.saved_tensors
        floor = SQRT_EPSILON * values[-1].clamp_min(EPSILON)
        inverse = torch.where(values > floor, values.clamp_min(floor).rsqrt(), torch.zeros_like(values))
        gradient: Tensor = grad * 0.5 * (vectors * inverse) @ vectors.T
        return gradient


WITH_MEANS = frozenset({"wasserstein"})
"""Losses that read the first moments."""

STYLE_LOSSES = {
    "gram": gram_loss,
    "balanced": balanced_loss,
    "wasserstein": wasserstein_loss,
    "neighbours": balanced_loss,
}
"""By the method's `loss`; beside its matches "neighbours" has the statistics of "balanced"."""


def content_loss(features: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """½ Σ w (F − P)² (Gatys 2016, eq. 1). features, target: (1, C, H, W); weight: (1, 1, H, W) or None."""
    loss: Tensor = HalfSquares.apply(features, target, weight)
    return loss


class HalfSquares(torch.autograd.Function):
    """½ Σ w (F − P)², in float32 at least, with the gradient w (F − P) at F.

    With autograd five float32 tensors of the map's size are allocated, at an iteration's peak.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, target: Tensor, weight: Tensor | None) -> Tensor:
        ctx.save_for_backward(features, target, weight)
        total = torch.zeros((), dtype=torch.promote_types(features.dtype, torch.float32), device=features.device)
        for rows in _rows_at_once(features):
            squares = _difference(features[..., rows, :], target[..., rows, :]).square_()
            total += (squares if weight is None else squares.mul_(weight[..., rows, :])).sum()
        return total.mul_(0.5)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        features, target, weight = ctx.saved_tensors
        slope = torch.empty_like(features)
        for rows in _rows_at_once(features):
            part = _difference(features[..., rows, :], target[..., rows, :]).mul_(grad)
            slope[..., rows, :] = part if weight is None else part.mul_(weight[..., rows, :])
        return slope, None, None


def _difference(features: Tensor, target: Tensor) -> Tensor:
    return features.to(torch.promote_types(features.dtype, torch.float32), copy=True).sub_(target)


def _rows_at_once(features: Tensor) -> Iterator[slice]:
    """Rows of a map (1, C, H, W) that hold NUMBERS_AT_ONCE; on a GPU all of them."""
    _, channels, height, width = features.shape
    numbers = NUMBERS_AT_ONCE if features.device.type == "cpu" else features.numel()
    return strips(height, channels * width, numbers)


def content_energy(target: Tensor, weight: Tensor | None = None) -> Tensor:
    """Σ w P², what the content term is relative to for the losses other than "gram"."""
    squares = target.to(torch.promote_types(target.dtype, torch.float32)).square()
    return (squares if weight is None else squares * weight).sum() + EPSILON


def total_variation(image: Tensor, weight: Tensor | None = None, *, wrap: bool = False) -> Tensor:
    """Mean squared difference of neighbouring pixels, in units of the full range (Mahendran and Vedaldi 2015, β = 2).

    image: (1, 3, H, W), 0–255; weight: (1, 1, H, W) or None; `wrap` joins opposite edges. Returns (), ≥ 0.
    A pair of neighbours counts by the product of their weights.
    """
    x = image / 255
    total = x.new_zeros(())
    for axis in (2, 3):
        if x.shape[axis] < 2:
            continue
        if wrap:
            step = x - x.roll(1, axis)
            w = None if weight is None else weight * weight.roll(1, axis)
        else:
            step = x.narrow(axis, 1, x.shape[axis] - 1) - x.narrow(axis, 0, x.shape[axis] - 1)
            w = None if weight is None else _pairs(weight, axis)
        squares = step.square()
        total = total + (squares.mean() if w is None else (squares * w).sum() / (3 * w.sum()).clamp_min(EPSILON))
    return total


def _pairs(weight: Tensor, axis: int) -> Tensor:
    """The product of each two neighbours along an axis."""
    length = weight.shape[axis] - 1
    return weight.narrow(axis, 1, length) * weight.narrow(axis, 0, length)
