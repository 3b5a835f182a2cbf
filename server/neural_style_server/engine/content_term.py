"""α · L_content of the objective: the image's feature maps against those of the content."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from .layers import STRIDE
from .losses import content_energy, content_loss
from .memory.tensor_store import copy
from .method import Method
from .pyramid import pool_weight
from .tiled_network import TiledNetwork
from .vgg import Network


def content_layers(method: Method) -> dict[str, float]:
    """The layers of the content term, with their weights above 0."""
    return {name: w for name, w in method.content_layers.items() if w > 0 and method.content_weight > 0}


class ContentTerm:
    """Σ_l α_l w_l · ½ Σ v (F − P)², with v the weight of each position.

    α_l is α for the loss "gram". For the others it is 2α over the content's own energy Σ v P²: a relative error, as
    theirs is. content: (1, 3, H, W), 0–255; visible: (1, 1, H, W) or None.
    """

    def __init__(self, canvas: TiledNetwork, content: Tensor, visible: Tensor | None) -> None:
        self._canvas = canvas
        self.layers = content_layers(canvas.method)
        strides = {STRIDE[layer] for layer in self.layers}
        self._visible = {} if visible is None else {stride: pool_weight(visible, stride) for stride in strides}
        self._targets = list(canvas.each(lambda index, network: self._targets_of(content, index, network)))
        self._alpha = {layer: self._alpha_of(layer) for layer in self.layers}

    def loss(self, maps: Mapping[str, Tensor], index: int, device: torch.device) -> Tensor:
        """The part () of the term that a tile's core has, from the tile's feature maps."""
        tile, terms = self._canvas.tiles[index], []
        for layer, weight in self.layers.items():
            core = tile.core(maps[layer], STRIDE[layer])
            target = self._targets[index][layer].to(core.device)
            visible = self._visible_in(index, layer, core.device)
            terms.append(weight * self._alpha[layer] * content_loss(core, target, visible))
        return sum(terms[1:], terms[0]) if terms else torch.zeros((), device=device)

    @torch.no_grad()
    def _targets_of(self, content: Tensor, index: int, network: Network) -> dict[str, Tensor]:
        """The content's feature maps over a tile's core, in the network's own type.

        They are kept in the store: a file is read faster than they are computed again.
        """
        if not self.layers:
            return {}
        part, tile = self._canvas.cut(content, index, network), self._canvas.tiles[index]
        maps, _ = self._canvas.forward(part, index, network, (), None, self.layers)
        return {layer: copy(self._canvas.store, tile.core(maps[layer], STRIDE[layer])) for layer in self.layers}

    def _alpha_of(self, layer: str) -> float:
        method = self._canvas.method
        if method.loss == "gram":
            return method.content_weight
        energy = 0.0
        for index, targets in enumerate(self._targets):
            target = targets[layer]
            energy += float(content_energy(target, self._visible_in(index, layer, target.device)))
            self._canvas.store.release()
        return 2 * method.content_weight / energy

    def _visible_in(self, index: int, layer: str, device: torch.device) -> Tensor | None:
        weight = self._visible.get(STRIDE[layer])
        return None if weight is None else self._canvas.tiles[index].core_of_canvas(weight, STRIDE[layer]).to(device)
