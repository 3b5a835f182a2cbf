"""The total variation term: in one piece, or a strip of rows at a time for a large canvas; and its weight by the style.

The strips give the same number and gradient as `losses.total_variation`: d/dx Σ w (xᵢ − xⱼ)² = ±2 w (xᵢ − xⱼ).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from .losses import EPSILON, total_variation
from .memory.tensor_store import TensorStore
from .memory.working_set import STRIP_PIXELS, strips

Place = tuple[slice, slice, slice, slice]
EVERY = slice(None)

TYPICAL_ROUGHNESS = 0.028
"""The total variation of a style image full of separate brush strokes; `tv_weight` is meant for such a style."""

SMOOTHING_POWER = 1.5
"""How γ follows the style's roughness, from two paintings that differ in it by a factor of seven."""

SMOOTHING_RANGE = (0.6, 40.0)
"""Limits of the factor. With the rough painting, γ above 0.6 costs balance; with the smooth one balance, content and
noise improve up to 8 and more."""

LEAST_MATCHED_SMOOTHING = 2.2
"""The lower limit for the loss "neighbours". What is matched keeps its strokes, and is noisier than its style without:
with the rough painting noise falls from 11.9 to 11.3 or less, and the distance from the nearest places with it."""


def smoothing(roughness: float, *, matched: bool = False) -> float:
    """What γ is multiplied by for a style of this total variation: specks show on smooth washes, not among bristles."""
    low, high = SMOOTHING_RANGE
    low = LEAST_MATCHED_SMOOTHING if matched else low
    wanted: float = (TYPICAL_ROUGHNESS / max(roughness, EPSILON)) ** SMOOTHING_POWER
    return min(high, max(low, wanted))


@torch.no_grad()
def roughness(image: Tensor, weight: Tensor | None = None) -> float:
    """The total variation of a style image (1, 3, H, W), 0–255; weight: (1, 1, H, W) or None.

    Rounded to four digits, so that it does not depend on the strips in which it is summed.
    """
    total = 0.0
    for pairs, mass in _directions(image, weight, wrap=False):
        for first, second in pairs:
            step, pull = _difference(image, weight, first, second)
            total += float((step * pull).sum(dtype=torch.float64)) / mass
    return float(f"{total:.4g}")


def total_variation_term(
    image: Tensor, gradient: Tensor, factor: float, weight: Tensor | None, *, wrap: bool, store: TensorStore
) -> Tensor:
    """`factor` times the total variation, (); `factor` times its gradient is added to `gradient` in place."""
    if factor == 0:
        return torch.zeros((), device=image.device)
    if image.shape[-2] * image.shape[-1] > STRIP_PIXELS:
        found = add_total_variation(image, gradient, factor, weight, wrap, store)
        return torch.tensor(found, dtype=torch.float64)
    leaf = image.detach().requires_grad_()
    term = factor * total_variation(leaf, weight, wrap=wrap)
    if term.requires_grad:
        term.backward()  # type: ignore[no-untyped-call]
        assert leaf.grad is not None
        gradient += leaf.grad
    return term.detach()


@torch.no_grad()
def add_total_variation(
    image: Tensor, gradient: Tensor, factor: float, weight: Tensor | None, wrap: bool, store: TensorStore
) -> float:
    """Add `factor` times the gradient to `gradient` in place, and return `factor` times the total variation.

    image, gradient: (1, 3, H, W); weight: (1, 1, H, W) or None; as in `losses.total_variation`.
    """
    total = 0.0
    for pairs, mass in _directions(image, weight, wrap):
        for first, second in pairs:
            step, pull = _difference(image, weight, first, second)
            total += float((step * pull).sum(dtype=torch.float64)) / mass
            pull = pull * (2 * factor / 255 / mass)
            gradient[second] += pull
            gradient[first] -= pull
            store.release()
    return factor * total


def _directions(image: Tensor, weight: Tensor | None, wrap: bool) -> Iterator[tuple[list[tuple[Place, Place]], float]]:
    """For each direction in which the image has neighbours: their places, and the number of pairs, or three times the
    sum of their weights, which their squares are divided by."""
    height, width = image.shape[-2:]
    for axis in (2, 3):
        if image.shape[axis] < 2:
            continue
        pairs = list(_vertical(height, width, wrap) if axis == 2 else _horizontal(height, width, wrap))
        yield pairs, max(sum(_mass(image, weight, *pair) for pair in pairs), EPSILON)


def _difference(image: Tensor, weight: Tensor | None, first: Place, second: Place) -> tuple[Tensor, Tensor]:
    """The difference of neighbours in units of the full range; and the same times the product of their weights."""
    step = (image[second] - image[first]) / 255
    return step, step if weight is None else step * (weight[first] * weight[second])


def _vertical(height: int, width: int, wrap: bool) -> Iterator[tuple[Place, Place]]:
    """Places of neighbours one above the other."""
    for rows in strips(height - 1, width):
        yield (EVERY, EVERY, rows, EVERY), (EVERY, EVERY, slice(rows.start + 1, rows.stop + 1), EVERY)
    if wrap:
        yield (EVERY, EVERY, slice(height - 1, height), EVERY), (EVERY, EVERY, slice(0, 1), EVERY)


def _horizontal(height: int, width: int, wrap: bool) -> Iterator[tuple[Place, Place]]:
    """Places of neighbours side by side."""
    for rows in strips(height, width):
        yield (EVERY, EVERY, rows, slice(0, width - 1)), (EVERY, EVERY, rows, slice(1, width))
        if wrap:
            yield (EVERY, EVERY, rows, slice(width - 1, width)), (EVERY, EVERY, rows, slice(0, 1))


def _mass(image: Tensor, weight: Tensor | None, first: Place, second: Place) -> float:
    if weight is None:
        return float(image[first].numel())
    return 3 * float((weight[first] * weight[second]).sum(dtype=torch.float64))
