"""Regions: where a style applies on a scale's canvas, and what its statistics are to become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from .moments import Moments
from .total_variation import TYPICAL_ROUGHNESS


@dataclass(frozen=True, eq=False)
class RegionTerm:
    """One region of the style term.

    weight: (1, 1, H, W) in 0–1, or None for everywhere. targets: layer -> moments of the style. share: the part of the
    canvas that the region covers; the style term is multiplied by it, so that its pull on each pixel does not depend
    on the region's size. roughness: the style's total variation.
    """

    weight: Tensor | None
    targets: Mapping[str, Moments]
    share: float = 1.0
    roughness: float = TYPICAL_ROUGHNESS


def mean_roughness(regions: Sequence[RegionTerm]) -> float:
    """The mean of the styles' roughness, weighted by the parts of the canvas that they cover."""
    covered = sum(region.share for region in regions)
    return sum(region.share * region.roughness for region in regions) / covered if covered > 0 else TYPICAL_ROUGHNESS
