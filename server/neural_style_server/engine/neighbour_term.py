"""β_n · L_neighbours of the objective: each place of the image against the style place that it is most like.

Li and Wand 2016 (CNNMRF), Kolkin et al. 2022 (NNST). Each layer is compared at its own resolution, so that no grid but
the network's shows in the picture; and the mean colour of each place with that of its match.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from .layers import STRIDE
from .memory.tiles import Tile
from .method import Method
from .neighbours import search
from .neighbours.distance import column_distance
from .neighbours.matches import Matches, matches
from .neighbours.places import CELL, TINY, cells
from .neighbours.prices import Prices
from .pyramid import pool_weight
from .style_term import RegionTerm
from .tiled_network import TiledNetwork
from .vgg import Network

OWN_SHARE = 0.35
"""How much less the content counts in what a place looks for that goes on from another picture. Such a place is drawn
to what it has become already: with 0 the picture is less like the style, with 1 less like the content."""


class NeighbourTerm:
    """Σ_r s_r Σ_l w_l · the mean distance of the columns of region r from those of their matches.

    content: (1, 3, H, W), 0–255; `carried`: what the regions matched at a coarser scale, or at this one before. trust:
    (1, 1, H, W) in 0–1, how far each place goes on from another picture, or None.
    """

    def __init__(
        self,
        canvas: TiledNetwork,
        regions: Sequence[RegionTerm],
        content: Tensor,
        carried: Sequence[Matches] | None,
        trust: Tensor | None = None,
    ) -> None:
        self._canvas, self._method = canvas, canvas.method
        self.layers = canvas.method.matches
        self._grid = cells(*content.shape[-2:])
        self._regions = [_Region(region, self.layers) for region in regions if self.layers]
        self._queries = self._content_queries(content) if self.layers else []
        for number, region in enumerate(self._regions):
            if carried is None:
                region.begin(self._queries[number], self._grid, canvas.method)
            else:
                region.carry(carried[number], self._grid)
        self._carried = carried is not None
        self._trust = None if trust is None or not self.layers else pool_weight(trust, CELL)

    @property
    def matches(self) -> list[Matches]:
        """What each region has matched."""
        return [matches(region.numbers, region.prices, region.places) for region in self._regions]

    @torch.no_grad()
    def search(self, image: Tensor, seed: int) -> None:
        """Match anew: what is looked for is a mixture of the content and of the image (1, 3, H, W) so far."""
        if not self.layers:
            return
        biases = [region.prices.bias(region.places) for region in self._regions]
        for index, found in enumerate(self._canvas.each(partial(self._projected, image))):
            tile = self._canvas.tiles[index]
            for number, own in enumerate(found):
                queries = self._mixture(own, self._queries[number], tile)
                self._regions[number].match(queries, tile, biases[number], seed + index, known=self._carried)
        for region in self._regions:
            region.tell_prices(self._method.variety)
        self._carried = True

    def _mixture(self, own: Tensor, content: Tensor, tile: Tile) -> Tensor:
        """What a tile's places look for: own (1, d, rows, columns) mixed with the canvas's content."""
        share: Tensor | float = self._method.search_content
        if self._trust is not None:
            share = share * (1 - OWN_SHARE * tile.core_of_canvas(self._trust, CELL).to(own))
        return share * tile.core_of_canvas(content, CELL).to(own) + (1 - share) * own

    @torch.no_grad()
    def in_matched_colours(self, image: Tensor, amount: float) -> Tensor:
        """The image (1, 3, H, W) with the mean colour of each place moved to that of its match, by `amount` in 0–1."""
        size = (int(image.shape[-2]), int(image.shape[-1]))
        own = F.avg_pool2d(image, CELL)
        moved = image.clone()
        for region in self._regions:
            change = region.colours().to(own) - own
            change = F.interpolate(change, size, mode="bilinear", align_corners=False)
            moved += amount * (change if region.weight is None else change * region.weight)
        return moved.clamp_(0, 255)

    def loss(self, leaf: Tensor, maps: Mapping[str, Tensor], index: int, device: torch.device) -> Tensor:
        """The part () of the term that a tile's core has, from the tile of the image and its feature maps."""
        tile, method = self._canvas.tiles[index], self._method
        terms = []
        for region in self._regions:
            distances = [
                weight * region.distance(layer, tile.core(maps[layer], STRIDE[layer]), tile)
                for layer, weight in self.layers.items()
            ]
            if method.neighbour_colour > 0:
                distances.append(method.neighbour_colour * region.colour_distance(leaf, tile))
            terms.append(method.style_weight * method.neighbour_weight * region.share * torch.stack(distances).sum())
        return torch.stack(terms).sum().to(device) if terms else torch.zeros((), device=device)

    @torch.no_grad()
    def _projected(self, image: Tensor, index: int, network: Network) -> list[Tensor]:
        """The places of a tile's core (1, d, rows, columns) in each region's components."""
        tile = self._canvas.tiles[index]
        part = self._canvas.cut(image, index, network)
        maps, _ = self._canvas.forward(part, index, network, (), None, self.layers)
        grid = cells(*part.shape[-2:])
        return [tile.core(region.places.projection.of(maps, *grid), CELL) for region in self._regions]

    def _content_queries(self, content: Tensor) -> list[Tensor]:
        """The content's places (1, d, rows, columns) around their own mean, for each region.

        Around the style's mean, a photo unlike the style would look for one corner of it.
        """
        queries = []
        for region in self._regions:
            shape = (1, region.places.components, *self._grid)
            queries.append(self._canvas.store.empty(shape, region.places.keys.dtype))
        for index, found in enumerate(self._canvas.each(partial(self._projected, content))):
            for whole, part in zip(queries, found, strict=True):
                self._canvas.tiles[index].core_of_canvas(whole, CELL).copy_(part)
        for query, region in zip(queries, self._regions, strict=True):
            region.centre(query)
        return queries


class _Region:
    """One region's style places, its weights on the canvas, and what each place of the canvas has matched.

    All is compared on the places' device, wherever the canvas or a tile is.
    """

    numbers: Tensor
    """(rows, columns) of style places."""

    prices: Prices
    """Of its style places, which the next search knows."""

    def __init__(self, term: RegionTerm, layers: Iterable[str]) -> None:
        assert term.places is not None
        self.places, self.share, self.weight = term.places, term.share, term.weight
        strides = {CELL, *(STRIDE[layer] for layer in layers)}
        self._weights = {} if term.weight is None else {each: pool_weight(term.weight, each) for each in strides}
        # once: a recorded graph of a GPU cannot ask for a number
        self._masses = {each: max(float(weight.sum()), TINY) for each, weight in self._weights.items()}

    def centre(self, queries: Tensor) -> None:
        """Take the region's mean from queries (1, d, rows, columns), in place."""
        weight = self._weights.get(CELL)
        if weight is None:
            queries -= queries.mean((2, 3), keepdim=True)
        else:
            queries -= (queries * weight).sum((2, 3), keepdim=True) / self._masses[CELL]

    def begin(self, queries: Tensor, grid: tuple[int, int], method: Method) -> None:
        """Before the coarsest scale: any places, and the prices of all."""
        columns, device = queries.flatten(2)[0].t(), self.places.device
        sample = slice(None, None, -(-len(columns) // search.SAMPLED))
        counts = self._counts()
        counts = None if counts is None else counts[sample]
        self.prices = search.balanced(columns[sample].to(device), self.places, method.variety, counts)
        generator = torch.Generator().manual_seed(method.seed)
        self.numbers = torch.randint(self.places.count, grid, generator=generator).to(device)

    def carry(self, known: Matches, grid: tuple[int, int]) -> None:
        self.numbers, self.prices = known.at(*grid, self.places), known.prices_of(self.places)

    def match(self, queries: Tensor, tile: Tile, bias: Tensor, seed: int, *, known: bool) -> None:
        """Find the best places for a tile's queries (1, d, rows, columns). bias: (M,), of the prices; known: whether it
        has matches that help."""
        core = tile.core_of_canvas(self.numbers, CELL)
        grid = (int(core.shape[0]), int(core.shape[1]))
        columns = queries.flatten(2)[0].t()
        if len(columns) * self.places.count <= search.MOST_COMPARISONS:
            found = search.compare_all(columns, self.places, bias)
        else:
            rounds = search.ROUNDS if known else search.FIRST_ROUNDS
            found = search.refine(columns, core.flatten(), grid, self.places, bias, seed, rounds)
        found = search.cohere(columns, found, grid, self.places, bias)
        core.copy_(found.view(core.shape))

    def tell_prices(self, variety: float) -> None:
        """Let the next search know how much each place is used by now."""
        self.prices = self.prices.after(self.numbers.flatten(), self.places, variety, self._counts())

    def _counts(self) -> Tensor | None:
        """How much each place of the canvas counts, (N,), or None for all alike."""
        weight = self._weights.get(CELL)
        return None if weight is None else weight.flatten().to(self.places.device)

    def colours(self) -> Tensor:
        """The mean colours (1, 3, rows, columns) of the matches."""
        return self.places.colours[self.numbers].permute(2, 0, 1)[None]

    def distance(self, layer: str, core: Tensor, tile: Tile) -> Tensor:
        """The part () that a tile's core (1, C, h, w) has of the layer's mean distance."""
        weight, mass = self._weight(STRIDE[layer], tile)
        rows = self._rows(layer, tile, *core.shape[-2:])
        table = self.places.tables[layer]
        columns = core.to(self.places.device).permute(0, 2, 3, 1).flatten(0, 2)
        return column_distance(columns, table, rows, weight) / mass

    def colour_distance(self, part: Tensor, tile: Tile) -> Tensor:
        """The part () that a tile's core has of the mean squared distance of colours, in 0–1. part: (1, 3, h, w), the
        image's, with the tile's margins."""
        weight, mass = self._weight(CELL, tile)
        numbers = tile.core_of_canvas(self.numbers, CELL).flatten()
        own = tile.core(F.avg_pool2d(part, CELL), CELL)[0].flatten(1).t().to(self.places.device)
        squares = ((own - self.places.colours[numbers]) / 255).square().sum(1)
        return (squares if weight is None else squares * weight).sum() / mass

    def _rows(self, layer: str, tile: Tile, height: int, width: int) -> Tensor:
        """The rows (height · width,) of the layer's table that a tile's core is compared with."""
        numbers = tile.core_of_canvas(self.numbers, CELL)
        y, x = (torch.arange(side, device=numbers.device) * STRIDE[layer] for side in (height, width))
        top = torch.div(y, CELL, rounding_mode="floor").clamp_max(numbers.shape[0] - 1)
        left = torch.div(x, CELL, rounding_mode="floor").clamp_max(numbers.shape[1] - 1)
        found, table = numbers[top][:, left], self.places.tables[layer]
        rows = table.first[found]
        if STRIDE[layer] < CELL:
            down, right = (torch.div(each % CELL, STRIDE[layer], rounding_mode="floor") for each in (y, x))
            rows = rows + down[:, None] * table.line[found] + right[None]
        return rows.flatten()

    def _weight(self, stride: int, tile: Tile) -> tuple[Tensor | None, float]:
        """The region's weights (N,) in a tile's core, or None for 1; and their sum over the canvas."""
        if not self._weights:
            rows, columns = self.numbers.shape
            return None, rows * columns * (CELL / stride) ** 2
        weight = tile.core_of_canvas(self._weights[stride], stride).flatten()
        return weight.to(self.places.device), self._masses[stride]
