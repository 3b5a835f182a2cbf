"""L = α·L_content + β·L_style + γ·L_tv and its gradient with respect to the image, tile by tile where asked.

Style terms depend on the image only through sums over positions. So one pass without gradient collects the
sums of all tiles, the loss is differentiated with respect to them, and a second pass carries that derivative
back through each tile; the result is the gradient of the whole (Galerne et al., EGSR 2024, section 4).
With a single tile one pass does both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from .carried import Carried, add_temporal
from .content_term import ContentTerm, content_layers
from .kernels.cuda_graph import RecordedGraph
from .memory import tiles
from .memory.tensor_store import InMemoryStore, TensorStore
from .memory.working_set import STRIP_PIXELS, strips
from .method import Method
from .moments import Moments
from .neighbour_term import NeighbourTerm
from .neighbours.matches import Matches
from .style_term import RegionMoments, RegionTerm, StyleTerm, mean_roughness
from .terms import Losses, Terms
from .tiled_network import TiledNetwork
from .total_variation import smoothing, total_variation_term
from .vgg import Network

HALF_GAIN = 8.0
"""Per pixel, the gain of a float16 gradient: a loss near 1 is multiplied by it on its way back, a larger one by less.

At 512 px gradients are near 1e-8 per number of a feature map, which float16 cannot represent; on smaller canvases they
are larger.
"""


class Objective:
    """The objective of one scale.

    content: (1, 3, H, W), 0–255. visible: (1, 1, H, W) weight of each pixel in the content and tv terms, or None.
    paintable: (1, 1, H, W), 0 where the image must not change, else 1, or None. tile_size: long side of a tile in
    pixels, or None for the whole canvas at once. store: has the image-sized tensors, by default where the network is.
    replicas: the same network on other devices; they share the tiles. matches: what the regions matched before.
    carried: what the image is held to, at the canvas's size, or None.
    """

    def __init__(
        self,
        network: Network,
        method: Method,
        content: Tensor,
        regions: Sequence[RegionTerm],
        *,
        visible: Tensor | None = None,
        paintable: Tensor | None = None,
        tile_size: int | None = None,
        store: TensorStore | None = None,
        replicas: Sequence[Network] = (),
        matches: Sequence[Matches] | None = None,
        carried: Carried | None = None,
    ) -> None:
        self.network, self.method, self._visible, self._paintable = network, method, visible, paintable
        self._store = store or InMemoryStore(network.device)
        self._carried = carried
        self._style = StyleTerm(method, regions)
        matched = method.loss == "neighbours"
        factor = 1.0 if method.loss == "gram" else smoothing(mean_roughness(regions), matched=matched)
        self._tv_weight = method.tv_weight * factor
        layers = set(self._style.layers) | set(content_layers(method)) | set(method.matches)
        height, width = content.shape[-2:]
        self.tiles = tiles.split(height, width, layers, tile_size, wrap=method.seamless) if layers else []
        self._canvas = TiledNetwork((network, *replicas), method, self.tiles, self._store)
        self._content = ContentTerm(self._canvas, content, visible)
        self.neighbours = NeighbourTerm(self._canvas, regions, content, matches, carried.trust if carried else None)
        self._kept = {*self._content.layers, *self.neighbours.layers}
        self._recorder: RecordedGraph[tuple[Terms, Tensor]] | None = None
        if self._can_be_recorded(height * width):
            self._recorder = RecordedGraph()

    def evaluate(self, image: Tensor) -> tuple[Losses, Tensor]:
        """The losses at `image` (1, 3, H, W), 0–255, and the gradient of the total, of the same shape, which the next
        evaluation may overwrite."""
        recorder, work = self._recorder, self._differentiate
        terms, gradient = work(image) if recorder is None else recorder.play(work, image)
        if self._paintable is not None:
            for rows in strips(*gradient.shape[-2:]):
                gradient[..., rows, :] *= self._paintable[..., rows, :]
                self._store.release()
        return terms.read(), gradient

    def _can_be_recorded(self, pixels: int) -> bool:
        """On a GPU if nothing needs the host on the way, as eigenvalues, tiles, and strips of a large canvas do."""
        on_gpu = self.network.device.type == "cuda" and self._store.device.type == "cuda"
        return on_gpu and len(self.tiles) == 1 and pixels <= STRIP_PIXELS and self.method.loss != "wasserstein"

    def _differentiate(self, image: Tensor) -> tuple[Terms, Tensor]:
        """As `evaluate`, without waiting for the terms where the canvas is one tile on a GPU."""
        gradient = self._store.zeros(tuple(image.shape), image.dtype)
        content, style, layers = (self._whole if len(self.tiles) == 1 else self._tiled)(image, gradient)
        tv = total_variation_term(
            image, gradient, self._tv_weight, self._visible, wrap=self.method.seamless, store=self._store
        )
        temporal = None
        if self._carried is not None:
            temporal = add_temporal(image, gradient, self.method.temporal_weight, self._carried, self._store)
        return Terms(content, style, tv, layers, temporal), gradient

    def _whole(self, image: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        leaf = self._canvas.cut(image, 0, self.network).requires_grad_()
        maps, sums = self._statistics(leaf, 0, self.network, self._kept)
        style, layers = self._style.loss(sums, self.network.device)
        content = self._content.loss(maps, 0, self.network.device)
        style = style + self.neighbours.loss(leaf, maps, 0, self.network.device)
        total = style + content
        if total.requires_grad:
            tiles.add(gradient, self._backward(total, leaf), self.tiles[0])
        return content.detach(), style.detach(), layers

    def _tiled(self, image: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        sums = self._collect(image)
        leaves = {key: Moments(*(part.detach().requires_grad_() for part in value)) for key, value in sums.items()}
        style, layers = self._style.loss(leaves, self.network.device)
        if style.requires_grad:
            style.backward()  # type: ignore[no-untyped-call]

        def differentiate(index: int, network: Network) -> tuple[float, float, Tensor | None]:
            leaf = self._canvas.cut(image, index, network).requires_grad_()
            maps, sums = self._statistics(leaf, index, network, self._kept)
            term = self._content.loss(maps, index, network.device)
            near = self.neighbours.loss(leaf, maps, index, network.device)
            total = term + near + _linearised(sums, leaves)
            slope = self._backward(total, leaf) if total.requires_grad else None
            return float(term.detach()), float(near.detach()), slope

        content, neighbours = 0.0, 0.0
        for tile, (term, near, part) in zip(self.tiles, self._canvas.each(differentiate), strict=True):
            content, neighbours = content + term, neighbours + near
            if part is not None:
                tiles.add(gradient, part, tile)
        return torch.tensor(content, dtype=torch.float64), style.detach() + neighbours, layers

    def _backward(self, total: Tensor, leaf: Tensor) -> Tensor:
        """∂total/∂leaf through the network."""
        gain = None
        if self.network.dtype == torch.float16:
            gain = HALF_GAIN * leaf.shape[-2] * leaf.shape[-1] / total.detach().abs().clamp_min(1)
        (total if gain is None else total * gain).backward()  # type: ignore[no-untyped-call]
        assert leaf.grad is not None
        return leaf.grad if gain is None else leaf.grad.div_(gain)

    def _collect(self, image: Tensor) -> RegionMoments:
        """The moments of every region and style layer over the whole canvas, tile by tile, without gradient."""

        @torch.no_grad()
        def statistics(index: int, network: Network) -> RegionMoments:
            return self._statistics(self._canvas.cut(image, index, network), index, network)[1]

        total: RegionMoments = {}
        for found in self._canvas.each(statistics):
            for key, value in found.items():
                part = Moments(*(each.to(self.network.device) for each in value))
                total[key] = total[key] + part if key in total else part
        return total

    def _statistics(
        self, part: Tensor, index: int, network: Network, kept: Iterable[str] = ()
    ) -> tuple[dict[str, Tensor], RegionMoments]:
        """The feature maps of a tile that are `kept`, and the moments over its core."""

        def hook(layer: str, features: Tensor, first: int) -> tuple[Tensor, tuple[Tensor, ...]]:
            features, found = self._style.moments(layer, features, first, self.tiles[index])
            return features, tuple(part for moments in found for part in moments)

        maps, sums = self._canvas.forward(part, index, network, self._style.layers, hook, kept)
        return maps, self._style.by_region(sums)


def _linearised(parts: RegionMoments, leaves: RegionMoments) -> Tensor:
    """Σ ⟨∂L/∂sum, the tile's part of the sum⟩, whose gradient is that of the style term."""
    terms = [
        (leaf.grad.to(value.device) * value).sum()
        for key, part in parts.items()
        for value, leaf in zip(part, leaves[key], strict=True)
        if leaf.grad is not None and value.requires_grad
    ]
    return sum(terms[1:], terms[0]) if terms else torch.zeros(())
