"""The total variation of a canvas that is too large to differentiate at once, a strip of rows at a time; and what a
style's own says about how smooth its pictures are to be.

The same number and gradient as `losses.total_variation`, written out: d/dx Σ w (xᵢ − xⱼ)² = ±2 w (xᵢ − xⱼ).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from .losses import EPSILON
from .memory.tensor_store import TensorStore
from .memory.working_set import strips

Place = tuple[slice, slice, slice, slice]
EVERY = slice(None)

TYPICAL_ROUGHNESS = 0.028
"""The total variation of a style image full of separate brush strokes, which `tv_weight` is meant for."""

SMOOTHING_POWER = 1.5
SMOOTHING_RANGE = (0.6, 40.0)
"""How γ follows the style's roughness, found on two paintings that are seven times apart in it: the rough one loses
balance where γ is above 0.6, and with the smooth one balance, content and noise all get better up to 8 and more."""


def smoothing(roughness: float) -> float:
    """What γ is multiplied by for a style of this total variation: specks that vanish among the bristles of one
    picture stand out on the smooth washes of another."""
    low, high = SMOOTHING_RANGE
    wanted: float = (TYPICAL_ROUGHNESS / max(roughness, EPSILON)) ** SMOOTHING_POWER
    return min(high, max(low, wanted))


@torch.no_grad()
def roughness(image: Tensor, weight: Tensor | None = None) -> float:
    """The total variation of a style image (1, 3, H, W), 0–255, to four digits, so that it is the same in whatever
    strips it is summed. weight: (1, 1, H, W) or None."""
    total = 0.0
    for pairs, mass in _directions(image, weight, wrap=False):
        for first, second in pairs:
            step, pull = _difference(image, weight, first, second)
            total += float((step * pull).sum(dtype=torch.float64)) / mass
    return float(f"{total:.4g}")


@torch.no_grad()
def add_total_variation(
    image: Tensor, gradient: Tensor, factor: float, weight: Tensor | None, wrap: bool, store: TensorStore
) -> float:
    """Adds `factor` times the gradient to `gradient` in place; answers `factor` times the total variation.

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
    """For each direction that the image has neighbours in: their places, and what their sum of squares is divided by:
    the number of pairs, or three times their weights."""
    height, width = image.shape[-2:]
    for axis in (2, 3):
        if image.shape[axis] < 2:
            continue
        pairs = list(_vertical(height, width, wrap) if axis == 2 else _horizontal(height, width, wrap))
        yield pairs, max(sum(_mass(image, weight, *pair) for pair in pairs), EPSILON)


def _difference(image: Tensor, weight: Tensor | None, first: Place, second: Place) -> tuple[Tensor, Tensor]:
    """Of neighbours, in units of the full range; and the same times the product of their weights."""
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
