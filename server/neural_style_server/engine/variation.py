"""The total variation of a canvas that is too large to differentiate at once: a strip of rows at a time.

The same number and gradient as `losses.total_variation`, written out: d/dx Σ w (xᵢ − xⱼ)² = ±2 w (xᵢ − xⱼ).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from .losses import EPSILON
from .store import Store
from .working_set import strips

Place = tuple[slice, slice, slice, slice]
EVERY = slice(None)


@torch.no_grad()
def add_total_variation(
    image: Tensor, gradient: Tensor, factor: float, weight: Tensor | None, wrap: bool, store: Store
) -> float:
    """Adds `factor` times the gradient to `gradient` in place; answers `factor` times the total variation.

    image, gradient: (1, 3, H, W); weight: (1, 1, H, W) or None; as in `losses.total_variation`.
    """
    total = 0.0
    height, width = image.shape[-2:]
    for axis in (2, 3):
        if image.shape[axis] < 2:
            continue
        pairs = list(_vertical(height, width, wrap) if axis == 2 else _horizontal(height, width, wrap))
        mass = max(sum(_mass(image, weight, *pair) for pair in pairs), EPSILON)
        for first, second in pairs:
            step = (image[second] - image[first]) / 255
            pull = step if weight is None else step * (weight[first] * weight[second])
            total += float((step * pull).sum(dtype=torch.float64)) / mass
            pull = pull * (2 * factor / 255 / mass)
            gradient[second] += pull
            gradient[first] -= pull
            store.release()
    return factor * total


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
    """What the sum of squares is divided by: the number of pairs, or three times their weights."""
    if weight is None:
        return float(image[first].numel())
    return 3 * float((weight[first] * weight[second]).sum(dtype=torch.float64))
