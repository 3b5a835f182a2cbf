"""β · L_style of the objective: moments of the image against those of the styles, region by region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .layers import STRIDE
from .losses import STYLE_LOSSES, WITH_MEANS
from .memory.tiles import Tile
from .method import Method
from .moments import Moments, moments, moments_and_features
from .neighbours.places import StylePlaces
from .pyramid import pool_weight
from .total_variation import TYPICAL_ROUGHNESS

RegionMoments = dict[tuple[int, str], Moments]
"""(region, layer) -> moments."""


@dataclass(frozen=True, eq=False)
class RegionTerm:
    """One region of the style term.

    weight: (1, 1, H, W) in 0–1, or None for everywhere. targets: layer -> moments of the style. share: the part of the
    canvas that the region covers; the style term is multiplied by it, so that its pull on each pixel does not depend
    on the region's size. roughness: the style's total variation. places: what the loss "neighbours" matches with.
    """

    weight: Tensor | None
    targets: Mapping[str, Moments]
    share: float = 1.0
    roughness: float = TYPICAL_ROUGHNESS
    places: StylePlaces | None = None


class StyleTerm:
    """β · Σ_l w_l Σ_r s_r E_l, with E_l one of `STYLE_LOSSES` and s_r the share of the canvas that region r covers."""

    def __init__(self, method: Method, regions: Sequence[RegionTerm]) -> None:
        self.layers = {name: w for name, w in method.statistics.items() if w > 0 and method.style_weight > 0}
        self._method, self._regions = method, regions
        self._weights = {
            (index, stride): pool_weight(region.weight, stride)
            for stride in {STRIDE[layer] for layer in self.layers}
            for index, region in enumerate(regions)
            if region.weight is not None
        }

    def moments(self, layer: str, features: Tensor, first: int, tile: Tile) -> tuple[Tensor, list[Moments]]:
        """The features to go on with, and every region's moments over the tile's core.

        features: (1, C, h, w), the rows from `first` on of the tile's feature map.
        """
        stride = STRIDE[layer]
        core = tile.core(features, stride, first)
        means = self._method.loss in WITH_MEANS
        if core is features and len(self._regions) == 1 and self._regions[0].weight is None:
            features, only = moments_and_features(features, means=means)
            return features, [only]
        found = []
        for index in range(len(self._regions)):
            weight = self._weights.get((index, stride))
            if weight is not None:
                weight = tile.core_of_canvas(weight, stride, first, features.shape[-2]).to(core.device)
            found.append(moments(core, weight, means=means))
        return features, found

    def by_region(self, sums: dict[str, tuple[Tensor, ...]]) -> RegionMoments:
        """What a hook returned for each layer, the parts of every region's moments in a row, as moments again."""
        return {
            (index, layer): Moments(*parts[3 * index : 3 * index + 3])
            for layer, parts in sums.items()
            for index in range(len(self._regions))
        }

    def loss(self, sums: RegionMoments, device: torch.device) -> tuple[Tensor, dict[str, Tensor]]:
        """The term (), and each layer's part of it, from the moments over the whole canvas."""
        loss = STYLE_LOSSES[self._method.loss]
        total, layers = torch.zeros((), device=device), {}
        for layer, weight in self.layers.items():
            terms = [
                region.share * loss(sums[index, layer], region.targets[layer])
                for index, region in enumerate(self._regions)
            ]
            term = self._method.style_weight * weight * torch.stack(terms).sum()
            layers[layer] = term.detach()
            total = total + term
        return total, layers


def mean_roughness(regions: Sequence[RegionTerm]) -> float:
    """The mean of the styles' roughness, weighted by the parts of the canvas that they cover."""
    covered = sum(region.share for region in regions)
    return sum(region.share * region.roughness for region in regions) / covered if covered > 0 else TYPICAL_ROUGHNESS
