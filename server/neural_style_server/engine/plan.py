"""Which sizes are optimised, and for how many iterations: the plan of a job, made without torch.

Sizes are (height, width) in pixels. Coarse-to-fine optimisation follows Gatys 2017, section 6.
"""

from __future__ import annotations

from dataclasses import dataclass

from .recipe import Recipe

COARSEST_SIDE = 128
"""Long side below which a scale loses the subject."""

SMALLEST_SIDE = 16
"""Short side that the network needs: relu5_1 has one element for 16 pixels."""

SEAMLESS_MULTIPLE = 16
"""A wrapped canvas must be a whole number of relu5_1's elements, or its joint would shift the pooling grid."""

COARSE_SHARE = 1.0
"""Iterations of a coarser scale as a share of the next finer one's; more of them give little back."""

FINER_RATE = 0.7
"""A finer scale has less far to go: its learning rate is this share of the last."""


@dataclass(frozen=True)
class Scale:
    """One level: its size, its iterations, and the learning rate relative to the recipe's."""

    height: int
    width: int
    iterations: int
    rate: float


def plan_scales(height: int, width: int, recipe: Recipe, limit: int | None = None) -> list[Scale]:
    """The scales of a job, coarse first. `limit` is the job's `size`: the long side of the finest scale."""
    finest = fit(height, width, limit, recipe)
    count = min(recipe.scales, recipe.total_iterations)
    while count > 1 and max(finest) / 2 ** (count - 1) < COARSEST_SIDE:
        count -= 1
    sizes = [scaled(finest, 0.5**level, recipe) for level in reversed(range(count))]
    weights = [COARSE_SHARE**level for level in reversed(range(count))]
    total = recipe.total_iterations
    shares = [max(1, round(total * weight / sum(weights))) for weight in weights]
    shares[-1] = max(1, total - sum(shares[:-1]))
    rates = [FINER_RATE**level for level in range(count)]
    return [Scale(h, w, n, rate) for (h, w), n, rate in zip(sizes, shares, rates, strict=True)]


def fit(height: int, width: int, limit: int | None, recipe: Recipe) -> tuple[int, int]:
    """The size with its long side at most `limit` and its short side at least what the network needs."""
    factor = 1.0 if limit is None else min(1.0, limit / max(height, width))
    return scaled((height, width), factor, recipe)


def scaled(size: tuple[int, int], factor: float, recipe: Recipe) -> tuple[int, int]:
    step = SEAMLESS_MULTIPLE if recipe.seamless else 1
    height, width = (max(SMALLEST_SIDE, round(side * factor / step) * step) for side in size)
    return height, width
