"""Which sizes are optimised, and for how many iterations: the plan of a job, made without torch.

Sizes are (height, width) in pixels. Coarse-to-fine optimisation follows Gatys 2017, section 6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from .layers import DEEPEST_STRIDE
from .method import Method

COARSEST_SIDE = 128
"""Long side below which a scale loses the subject, where statistics alone are compared."""

COARSEST_MATCHED_SIDE = 56
"""The same for the loss "neighbours": what is matched at so small a size becomes a large form of the style."""

MATCHED_FACTOR = 0.53
"""The size of a scale as a share of the next finer one's, with the loss "neighbours". With a half, the steps that
enlarging leaves between pixels repeat at every scale at the same places, and show as a mesh of 4 px."""

SMALLEST_SIDE = DEEPEST_STRIDE
"""Short side that the network needs: one element of relu5_1."""

SEAMLESS_MULTIPLE = DEEPEST_STRIDE
"""A wrapped canvas must be a whole number of relu5_1's elements, or the pooling grid is broken at its joint."""

LARGE_PIXELS = 1 << 20
"""Above this an iteration takes long, and scales get few of them."""

FEWEST = 3
"""Iterations that a scale beyond LARGE_PIXELS gets at least: Adam's first step alone adds noise."""

FINEST_SHARE = 0.5
"""Share of a job's iterations for the finest scale up to LARGE_PIXELS; the coarser ones share the rest evenly.

A third leaves the shallow layers unfinished (512 px: balance 0.107, with a half 0.088)."""

MATCHED_FINEST_SHARE = 0.25
"""The same for the loss "neighbours": the coarse scales decide what becomes what, and cost little."""

USUAL_SIDE = 512
"""Long side for which a method with the loss "neighbours" names its scales."""

FINEST_RATE = 0.7
"""The learning rate falls from scale to scale, to this share at the finest, which changes the image least.

Falling by 0.7 at every scale leaves the shallow layers unfinished (768 px: balance 0.195, with this 0.118)."""


SEARCH_EVERY = 7
"""Iterations of a scale after which places are matched anew; the picture has then moved on."""


CARRIED_COARSE, CARRIED_FINEST, CARRIED_RATE = 0.4, 0.45, 1.5
"""What a picture that goes on from another has of the usual iterations and learning rate. What is not carried is
painted from the coarsest scale on; what is carried was softened on its way, and is sharpened at the finest."""


@dataclass(frozen=True)
class Scale:
    """One level: its size, its iterations, and the learning rate relative to the method's."""

    height: int
    width: int
    iterations: int
    rate: float


def plan_scales(height: int, width: int, method: Method, limit: int | None = None) -> list[Scale]:
    """The scales of a job, coarse first. `limit` is the job's `size`: the long side of the finest scale.

    A canvas beyond LARGE_PIXELS is painted as a smaller one, and then refined with ever fewer iterations at its own
    size. A method with one scale gets one. With the loss "neighbours" a canvas larger than USUAL_SIDE gets further
    scales, so that it begins as coarse as a smaller one, and a preview looks like the whole.
    """
    finest = fit(height, width, limit, method)
    matched, total = method.loss == "neighbours", method.total_iterations
    factor, coarsest, share = (
        (MATCHED_FACTOR, COARSEST_MATCHED_SIDE, MATCHED_FINEST_SHARE) if matched else (0.5, COARSEST_SIDE, FINEST_SHARE)
    )
    extra, wanted = 0, method.scales
    if method.scales > 1:
        extra = _scales_between(LARGE_PIXELS**0.5, (finest[0] * finest[1]) ** 0.5, factor, total)
        wanted += round(math.log(max(1, max(finest) / USUAL_SIDE), 1 / factor)) - extra if matched else 0
    count = max(1, min(wanted, total - FEWEST * extra))
    while count > 1 and max(finest) * factor ** (count + extra - 1) < coarsest:
        count -= 1
    sizes = [scaled(finest, factor**level, method) for level in reversed(range(count + extra))]
    shares = _iterations(total, count, extra, max(share, 1 / count))
    rates = [FINEST_RATE ** (level / max(1, len(sizes) - 1)) for level in range(len(sizes))]
    return [Scale(h, w, n, rate) for (h, w), n, rate in zip(sizes, shares, rates, strict=True)]


def plan_carried_scales(height: int, width: int, method: Method, limit: int | None = None) -> list[Scale]:
    """The scales of a job that goes on from a picture: those of `plan_scales`, with fewer iterations."""
    *coarser, finest = plan_scales(height, width, method, limit)
    shares = [(scale, CARRIED_COARSE) for scale in coarser] + [(finest, CARRIED_FINEST)]
    return [
        replace(scale, iterations=max(1, round(share * scale.iterations)), rate=CARRIED_RATE * scale.rate)
        for scale, share in shares
    ]


def _scales_between(low: float, high: float, factor: float, total: int) -> int:
    """How often a side `high` must shrink by `factor` to be at most `low`, as far as there are iterations for it."""
    needed = math.ceil(round(math.log(high / low, 1 / factor), 9))
    return max(0, min(needed, total // FEWEST - 1))


def _iterations(total: int, count: int, extra: int, finest: float) -> list[int]:
    """Iterations of each scale, coarse first: up to LARGE_PIXELS the share `finest` for the finest of them, beyond it
    half of an even share, then half of the scale before."""
    few = [max(FEWEST, round(total / (count + 1) / 2**level)) for level in range(1, extra + 1)]
    while sum(few) > total - count:
        few[few.index(max(few))] -= 1
    rest = total - sum(few)
    coarse = rest - max(1, round(rest * finest)) if count > 1 else 0
    even, left = divmod(coarse, max(1, count - 1))
    shares = [max(1, even + (level < left)) for level in range(count - 1)]
    return [*shares, rest - sum(shares), *few]


def fit(height: int, width: int, limit: int | None, method: Method) -> tuple[int, int]:
    """The size with its long side at most `limit` and its short side at least what the network needs."""
    factor = 1.0 if limit is None else min(1.0, limit / max(height, width))
    return scaled((height, width), factor, method)


def scaled(size: tuple[int, int], factor: float, method: Method) -> tuple[int, int]:
    step = SEAMLESS_MULTIPLE if method.seamless else 1
    height, width = (max(SMALLEST_SIDE, round(side * factor / step) * step) for side in size)
    return height, width
