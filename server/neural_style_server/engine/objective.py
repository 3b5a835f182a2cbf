"""L = α·L_content + β·L_style + γ·L_tv and its gradient with respect to the image, tile by tile where asked.

Style terms depend on the image only through sums over positions. So one pass without gradient collects the
sums of all tiles, the loss is differentiated with respect to them, and a second pass carries that derivative
back through each tile; the result is the gradient of the whole (Galerne et al., EGSR 2024, section 4).
With a single tile one pass does both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from . import tiles
from .layers import STRIDE
from .losses import STYLE_LOSSES, Moments, content_energy, content_loss, moments, total_variation
from .pyramid import pool_weight
from .recipe import Recipe
from .vgg import Network

Sums = dict[tuple[int, str], Moments]
"""(region, layer) -> moments."""


@dataclass(frozen=True)
class Losses:
    """The weighted terms, which add up to `total`; `layers` has the style term of each layer."""

    total: float
    content: float
    style: float
    tv: float
    layers: Mapping[str, float] = field(default_factory=dict)

    @property
    def finite(self) -> bool:
        return math.isfinite(self.total)

    def as_dict(self) -> dict[str, float]:
        return {"total": self.total, "content": self.content, "style": self.style, "tv": self.tv}


@dataclass(frozen=True, eq=False)
class Region:
    """Where a style applies: `weight` (1, 1, H, W) in 0–1 or None for everywhere, the style's targets by layer,
    and `share`, the part of the canvas that the region covers, which keeps its pull on each pixel alike."""

    weight: Tensor | None
    targets: Mapping[str, Moments]
    share: float = 1.0


class Objective:
    """The objective of one scale.

    content: (1, 3, H, W), 0–255; visible: (1, 1, H, W) weight of each pixel in the content and tv terms, or None;
    tile_size: long side of a tile in pixels, or None for the whole canvas at once.
    """

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        content: Tensor,
        regions: Sequence[Region],
        *,
        visible: Tensor | None = None,
        tile_size: int | None = None,
    ) -> None:
        self.network, self.recipe, self.regions, self.visible = network, recipe, regions, visible
        self.style_layers = {name: w for name, w in recipe.style_layers.items() if w > 0 and recipe.style_weight > 0}
        self.content_layers = {
            name: w for name, w in recipe.content_layers.items() if w > 0 and recipe.content_weight > 0
        }
        self.layers = set(self.style_layers) | set(self.content_layers)
        height, width = content.shape[-2:]
        self.tiles = tiles.split(height, width, self.layers, tile_size, wrap=recipe.seamless) if self.layers else []
        self._masks = self._pool_masks()
        self._content = [self._content_targets(content, tile) for tile in self.tiles]
        self._scale = self._content_scale()

    def evaluate(self, image: Tensor) -> tuple[Losses, Tensor]:
        """The losses at `image` (1, 3, H, W), 0–255, and the gradient of the total, of the same shape."""
        gradient = torch.zeros_like(image)
        if len(self.tiles) == 1:
            content, style, layers = self._whole(image, gradient)
        else:
            content, style, layers = self._tiled(image, gradient)
        tv = self._tv(image, gradient)
        return Losses(content + style + tv, content, style, tv, layers), gradient

    def _whole(self, image: Tensor, gradient: Tensor) -> tuple[float, float, dict[str, float]]:
        leaf = image.detach().requires_grad_()
        maps = self._features(leaf, self.tiles[0])
        style, layers = self._style(self._moments(maps, self.tiles[0]))
        content = self._content_term(maps, 0)
        total = style + content
        if total.requires_grad:
            total.backward()  # type: ignore[no-untyped-call]
            assert leaf.grad is not None
            gradient += leaf.grad
        return float(content.detach()), float(style.detach()), layers

    def _tiled(self, image: Tensor, gradient: Tensor) -> tuple[float, float, dict[str, float]]:
        sums = self.collect(image)
        leaves = {key: Moments(*(part.detach().requires_grad_() for part in value)) for key, value in sums.items()}
        style, layers = self._style(leaves)
        if style.requires_grad:
            style.backward()  # type: ignore[no-untyped-call]
        content = 0.0
        for index, tile in enumerate(self.tiles):
            leaf = tiles.cut(image, tile).detach().requires_grad_()
            maps = self._features(leaf, tile)
            term = self._content_term(maps, index)
            content += float(term.detach())
            total = term + self._linearised(self._moments(maps, tile), leaves)
            if total.requires_grad:
                total.backward()  # type: ignore[no-untyped-call]
                assert leaf.grad is not None
                tiles.add(gradient, leaf.grad, tile)
        return content, float(style.detach()), layers

    @torch.no_grad()
    def collect(self, image: Tensor) -> Sums:
        """The moments of every region and style layer over the whole canvas, tile by tile, without gradient."""
        total: Sums = {}
        for tile in self.tiles:
            maps = self._features(tiles.cut(image, tile), tile, set(self.style_layers))
            for key, part in self._moments(maps, tile).items():
                total[key] = total[key] + part if key in total else part
        return total

    def _linearised(self, parts: Sums, leaves: Sums) -> Tensor:
        """Σ ⟨∂L/∂sum, the tile's part of the sum⟩, whose gradient is that of the style term."""
        total = torch.zeros((), device=self.network.device)
        for key, part in parts.items():
            for value, leaf in zip(part, leaves[key], strict=True):
                if leaf.grad is not None and value.requires_grad:
                    total = total + (leaf.grad * value).sum()
        return total

    def _features(self, image: Tensor, tile: tiles.Tile, layers: set[str] | None = None) -> dict[str, Tensor]:
        padding = self.recipe.padding
        if self.recipe.seamless:
            padding = "wrap" if tile.whole else "zeros"
        return self.network.features(image, layers or self.layers, pooling=self.recipe.pooling, padding=padding)

    def _moments(self, maps: Mapping[str, Tensor], tile: tiles.Tile) -> Sums:
        found: Sums = {}
        for layer in self.style_layers:
            core = tile.core(maps[layer], STRIDE[layer])
            for index in range(len(self.regions)):
                mask = self._masks.get((index, STRIDE[layer]))
                found[index, layer] = moments(core, None if mask is None else tile.own(mask, STRIDE[layer]))
        return found

    def _style(self, sums: Sums) -> tuple[Tensor, dict[str, float]]:
        loss = STYLE_LOSSES[self.recipe.loss]
        total, layers = torch.zeros((), device=self.network.device), {}
        for layer, weight in self.style_layers.items():
            terms = [
                region.share * loss(sums[index, layer], region.targets[layer])
                for index, region in enumerate(self.regions)
            ]
            term = self.recipe.style_weight * weight * torch.stack(terms).sum()
            layers[layer] = float(term.detach())
            total = total + term
        return total, layers

    def _content_term(self, maps: Mapping[str, Tensor], index: int) -> Tensor:
        total = torch.zeros((), device=self.network.device)
        for layer, weight in self.content_layers.items():
            core = self.tiles[index].core(maps[layer], STRIDE[layer])
            mask = self._masks.get((-1, STRIDE[layer]))
            own = None if mask is None else self.tiles[index].own(mask, STRIDE[layer])
            total = total + weight * self._scale[layer] * content_loss(core, self._content[index][layer], own)
        return total

    @torch.no_grad()
    def _content_targets(self, content: Tensor, tile: tiles.Tile) -> dict[str, Tensor]:
        """The content's feature maps over a tile's core, kept in the network's own type."""
        if not self.content_layers:
            return {}
        maps = self._features(tiles.cut(content, tile), tile, set(self.content_layers))
        return {layer: tile.core(maps[layer], STRIDE[layer]).clone() for layer in self.content_layers}

    def _content_scale(self) -> dict[str, float]:
        """α for "gram"; for the other losses 2α over the content's own energy: a relative error, as theirs is."""
        scales = {}
        for layer in self.content_layers:
            if self.recipe.loss == "gram":
                scales[layer] = self.recipe.content_weight
                continue
            mask = self._masks.get((-1, STRIDE[layer]))
            energy = sum(
                float(content_energy(part[layer], None if mask is None else tile.own(mask, STRIDE[layer])))
                for part, tile in zip(self._content, self.tiles, strict=True)
            )
            scales[layer] = 2 * self.recipe.content_weight / energy
        return scales

    def _pool_masks(self) -> dict[tuple[int, int], Tensor]:
        """(region, stride) -> weights at that resolution; region −1 is what the content term sees."""
        found = {}
        for stride in {STRIDE[layer] for layer in self.layers}:
            if self.visible is not None:
                found[-1, stride] = pool_weight(self.visible, stride)
            for index, region in enumerate(self.regions):
                if region.weight is not None:
                    found[index, stride] = pool_weight(region.weight, stride)
        return found

    def _tv(self, image: Tensor, gradient: Tensor) -> float:
        weight = self.recipe.tv_weight
        if weight == 0:
            return 0.0
        leaf = image.detach().requires_grad_()
        term = weight * total_variation(leaf, self.visible, wrap=self.recipe.seamless)
        if term.requires_grad:
            term.backward()  # type: ignore[no-untyped-call]
            assert leaf.grad is not None
            gradient += leaf.grad
        return float(term.detach())
