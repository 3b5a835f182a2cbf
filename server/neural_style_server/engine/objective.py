"""L = α·L_content + β·L_style + γ·L_tv and its gradient with respect to the image, tile by tile where asked.

Style terms depend on the image only through sums over positions. So one pass without gradient collects the
sums of all tiles, the loss is differentiated with respect to them, and a second pass carries that derivative
back through each tile; the result is the gradient of the whole (Galerne et al., EGSR 2024, section 4).
With a single tile one pass does both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from .kernels.cuda_graph import RecordedGraph
from .layers import STRIDE
from .losses import STYLE_LOSSES, WITH_MEANS, content_energy, content_loss, total_variation
from .memory import tiles
from .memory.tensor_store import InMemoryStore, TensorStore, copy
from .memory.working_set import STRIP_PIXELS
from .method import Method
from .moments import Moments, moments, moments_on_the_way
from .pyramid import pool_weight
from .terms import Losses, Terms
from .total_variation import TYPICAL_ROUGHNESS, add_total_variation, smoothing
from .vgg import Network, Tap

HALF_GAIN = 8.0
"""For each pixel, what a loss near 1 is multiplied by on its way back in float16, a larger one by as much less: at 512
px its gradients are near 1e-8 for each number of a feature map, which is below float16's least, and more where there
are fewer numbers."""

T = TypeVar("T")
Sums = dict[tuple[int, str], Moments]
"""(region, layer) -> moments."""


@dataclass(frozen=True, eq=False)
class RegionTerm:
    """Where a style applies: `weight` (1, 1, H, W) in 0–1 or None for everywhere, the style's targets by layer,
    `share`, the part of the canvas that the region covers, which keeps its pull on each pixel alike, and the style's
    `roughness`."""

    weight: Tensor | None
    targets: Mapping[str, Moments]
    share: float = 1.0
    roughness: float = TYPICAL_ROUGHNESS


class Objective:
    """The objective of one scale.

    content: (1, 3, H, W), 0–255; visible: (1, 1, H, W) weight of each pixel in the content and tv terms, or None;
    tile_size: long side of a tile in pixels, or None for the whole canvas at once. `store` has the image-sized
    tensors, by default where the network is. `replicas` are the same network on other devices: they share the tiles.
    """

    def __init__(
        self,
        network: Network,
        method: Method,
        content: Tensor,
        regions: Sequence[RegionTerm],
        *,
        visible: Tensor | None = None,
        tile_size: int | None = None,
        store: TensorStore | None = None,
        replicas: Sequence[Network] = (),
    ) -> None:
        self.network, self.method, self.regions, self.visible = network, method, regions, visible
        self._store = store or InMemoryStore(network.device)
        self._networks = (network, *replicas)
        self.style_layers = {name: w for name, w in method.style_layers.items() if w > 0 and method.style_weight > 0}
        self.content_layers = {
            name: w for name, w in method.content_layers.items() if w > 0 and method.content_weight > 0
        }
        self._tv_weight = method.tv_weight * (1.0 if method.loss == "gram" else smoothing(_mean_roughness(regions)))
        self.layers = set(self.style_layers) | set(self.content_layers)
        height, width = content.shape[-2:]
        self.tiles = tiles.split(height, width, self.layers, tile_size, wrap=method.seamless) if self.layers else []
        self._masks = self._pool_masks()
        self._content = list(self._each(lambda index, network: self._content_targets(content, index, network)))
        self._scale = self._content_scale()
        self._recorder: RecordedGraph[tuple[Terms, Tensor]] | None = None
        if self._can_be_recorded(height * width):
            self._recorder = RecordedGraph()

    def evaluate(self, image: Tensor) -> tuple[Losses, Tensor]:
        """The losses at `image` (1, 3, H, W), 0–255, and the gradient of the total, of the same shape, which the next
        evaluation may overwrite."""
        recorder, work = self._recorder, self._differentiate
        terms, gradient = work(image) if recorder is None else recorder.play(work, image)
        return terms.read(), gradient

    def _can_be_recorded(self, pixels: int) -> bool:
        """On a GPU, where nothing on the way needs the host: eigenvalues do, and a canvas in tiles or strips."""
        on_gpu = self.network.device.type == "cuda" and self._store.device.type == "cuda"
        return on_gpu and len(self.tiles) == 1 and pixels <= STRIP_PIXELS and self.method.loss != "wasserstein"

    def _differentiate(self, image: Tensor) -> tuple[Terms, Tensor]:
        """As `evaluate`, without waiting for the terms where the canvas is one tile on a GPU."""
        gradient = self._store.zeros(tuple(image.shape), image.dtype)
        content, style, layers = (self._whole if len(self.tiles) == 1 else self._tiled)(image, gradient)
        return Terms(content, style, self._tv(image, gradient), layers), gradient

    def _whole(self, image: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        leaf = self._cut(image, 0, self.network).requires_grad_()
        maps, sums = self._statistics(leaf, self.tiles[0], self.network, self.content_layers)
        style, layers = self._style(sums)
        content = self._content_term(maps, 0, self.network.device)
        total = style + content
        if total.requires_grad:
            tiles.add(gradient, self._pull(total, leaf), self.tiles[0])
        return content.detach(), style.detach(), layers

    def _tiled(self, image: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        sums = self.collect(image)
        leaves = {key: Moments(*(part.detach().requires_grad_() for part in value)) for key, value in sums.items()}
        style, layers = self._style(leaves)
        if style.requires_grad:
            style.backward()  # type: ignore[no-untyped-call]

        def pull(index: int, network: Network) -> tuple[float, Tensor | None]:
            leaf = self._cut(image, index, network).requires_grad_()
            maps, sums = self._statistics(leaf, self.tiles[index], network, self.content_layers)
            term = self._content_term(maps, index, network.device)
            total = term + self._linearised(sums, leaves)
            return float(term.detach()), self._pull(total, leaf) if total.requires_grad else None

        content = 0.0
        for tile, (term, part) in zip(self.tiles, self._each(pull), strict=True):
            content += term
            if part is not None:
                tiles.add(gradient, part, tile)
        return torch.tensor(content, dtype=torch.float64), style.detach(), layers

    def _pull(self, total: Tensor, leaf: Tensor) -> Tensor:
        """∂total/∂leaf, by way of the network."""
        gain = None
        if self.network.dtype == torch.float16:
            gain = HALF_GAIN * leaf.shape[-2] * leaf.shape[-1] / total.detach().abs().clamp_min(1)
        (total if gain is None else total * gain).backward()  # type: ignore[no-untyped-call]
        assert leaf.grad is not None
        return leaf.grad if gain is None else leaf.grad.div_(gain)

    def collect(self, image: Tensor) -> Sums:
        """The moments of every region and style layer over the whole canvas, tile by tile, without gradient."""

        @torch.no_grad()
        def look(index: int, network: Network) -> Sums:
            return self._statistics(self._cut(image, index, network), self.tiles[index], network)[1]

        total: Sums = {}
        for found in self._each(look):
            for key, value in found.items():
                part = Moments(*(each.to(self.network.device) for each in value))
                total[key] = total[key] + part if key in total else part
        return total

    def _each(self, work: Callable[[int, Network], T]) -> Iterator[T]:
        """What `work` makes of each tile, in the tiles' order, which keeps sums the same however many devices share
        them. Each device has one tile at a time."""
        if len(self._networks) == 1:
            for index in range(len(self.tiles)):
                yield work(index, self.network)
                self._store.release()
            return
        with ThreadPoolExecutor(len(self._networks)) as pool:
            for start in range(0, len(self.tiles), len(self._networks)):
                indices = range(start, min(len(self.tiles), start + len(self._networks)))
                yield from list(pool.map(work, indices, self._networks))
                self._store.release()

    def _cut(self, image: Tensor, index: int, network: Network) -> Tensor:
        """A surrounded tile of the canvas, where the network is."""
        return tiles.cut(image, self.tiles[index]).detach().to(network.device)

    def _linearised(self, parts: Sums, leaves: Sums) -> Tensor:
        """Σ ⟨∂L/∂sum, the tile's part of the sum⟩, whose gradient is that of the style term."""
        terms = [
            (leaf.grad.to(value.device) * value).sum()
            for key, part in parts.items()
            for value, leaf in zip(part, leaves[key], strict=True)
            if leaf.grad is not None and value.requires_grad
        ]
        return sum(terms[1:], terms[0]) if terms else torch.zeros(())

    def _statistics(
        self, image: Tensor, tile: tiles.Tile, network: Network, kept: Iterable[str] = ()
    ) -> tuple[dict[str, Tensor], Sums]:
        """The feature maps of a surrounded tile that are `kept`, and the moments of its core."""

        def tap(layer: str, features: Tensor, first: int) -> tuple[Tensor, tuple[Tensor, ...]]:
            features, found = self._moments(layer, features, first, tile)
            return features, tuple(part for sums in found for part in sums)

        maps, flat = self._tapped(image, tile, network, self.style_layers, tap, kept)
        sums = {
            (index, layer): Moments(*parts[3 * index : 3 * index + 3])
            for layer, parts in flat.items()
            for index in range(len(self.regions))
        }
        return maps, sums

    def _tapped(
        self,
        image: Tensor,
        tile: tiles.Tile,
        network: Network,
        layers: Iterable[str],
        tap: Tap | None,
        kept: Iterable[str],
    ) -> tuple[dict[str, Tensor], dict[str, tuple[Tensor, ...]]]:
        padding = self.method.padding
        if self.method.seamless:
            padding = "wrap" if tile.whole else "zeros"
        frugal = not tile.whole  # tiles are there to save memory
        return network.tapped(image, layers, tap, kept, pooling=self.method.pooling, padding=padding, frugal=frugal)

    def _moments(self, layer: str, features: Tensor, first: int, tile: tiles.Tile) -> tuple[Tensor, list[Moments]]:
        """The features to go on with, and the moments of every region, over the rows from `first` on of the layer's map
        that belong to the tile's core."""
        stride, count = STRIDE[layer], features.shape[-2]
        core, found = tile.core(features, stride, first), []
        means = self.method.loss in WITH_MEANS
        if core is features and len(self.regions) == 1 and self.regions[0].weight is None:
            features, only = moments_on_the_way(features, means=means)
            return features, [only]
        for index in range(len(self.regions)):
            mask = self._masks.get((index, stride))
            own = None if mask is None else tile.own(mask, stride, first, count).to(core.device)
            found.append(moments(core, own, means=means))
        return features, found

    def _style(self, sums: Sums) -> tuple[Tensor, dict[str, Tensor]]:
        loss = STYLE_LOSSES[self.method.loss]
        total, layers = torch.zeros((), device=self.network.device), {}
        for layer, weight in self.style_layers.items():
            terms = [
                region.share * loss(sums[index, layer], region.targets[layer])
                for index, region in enumerate(self.regions)
            ]
            term = self.method.style_weight * weight * torch.stack(terms).sum()
            layers[layer] = term.detach()
            total = total + term
        return total, layers

    def _content_term(self, maps: Mapping[str, Tensor], index: int, device: torch.device) -> Tensor:
        tile, terms = self.tiles[index], []
        for layer, weight in self.content_layers.items():
            core = tile.core(maps[layer], STRIDE[layer])
            own = _own(self._masks.get((-1, STRIDE[layer])), tile, STRIDE[layer], core.device)
            target = self._content[index][layer].to(core.device)
            terms.append(weight * self._scale[layer] * content_loss(core, target, own))
        return sum(terms[1:], terms[0]) if terms else torch.zeros((), device=device)

    @torch.no_grad()
    def _content_targets(self, content: Tensor, index: int, network: Network) -> dict[str, Tensor]:
        """The content's feature maps over a tile's core, kept in the network's own type: a file is read faster than
        they are computed again."""
        if not self.content_layers:
            return {}
        tile = self.tiles[index]
        maps, _ = self._tapped(self._cut(content, index, network), tile, network, (), None, self.content_layers)
        return {layer: copy(self._store, tile.core(maps[layer], STRIDE[layer])) for layer in self.content_layers}

    def _content_scale(self) -> dict[str, float]:
        """α for "gram"; for the other losses 2α over the content's own energy: a relative error, as theirs is."""
        scales = {}
        for layer in self.content_layers:
            if self.method.loss == "gram":
                scales[layer] = self.method.content_weight
                continue
            mask = self._masks.get((-1, STRIDE[layer]))
            energy = 0.0
            for part, tile in zip(self._content, self.tiles, strict=True):
                energy += float(content_energy(part[layer], _own(mask, tile, STRIDE[layer], part[layer].device)))
                self._store.release()
            scales[layer] = 2 * self.method.content_weight / energy
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

    def _tv(self, image: Tensor, gradient: Tensor) -> Tensor:
        weight = self._tv_weight
        if weight == 0:
            return torch.zeros((), device=image.device)
        if image.shape[-2] * image.shape[-1] > STRIP_PIXELS:
            found = add_total_variation(image, gradient, weight, self.visible, self.method.seamless, self._store)
            return torch.tensor(found, dtype=torch.float64)
        leaf = image.detach().requires_grad_()
        term = weight * total_variation(leaf, self.visible, wrap=self.method.seamless)
        if term.requires_grad:
            term.backward()  # type: ignore[no-untyped-call]
            assert leaf.grad is not None
            gradient += leaf.grad
        return term.detach()


def _mean_roughness(regions: Sequence[RegionTerm]) -> float:
    """Of all styles, by the parts of the canvas that they cover."""
    covered = sum(region.share for region in regions)
    return sum(region.share * region.roughness for region in regions) / covered if covered > 0 else TYPICAL_ROUGHNESS


def _own(mask: Tensor | None, tile: tiles.Tile, stride: int, device: torch.device) -> Tensor | None:
    return None if mask is None else tile.own(mask, stride).to(device)
