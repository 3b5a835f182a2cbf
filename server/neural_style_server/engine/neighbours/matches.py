"""Which style place each place of a region is drawn to, in a form that holds at every scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .places import StylePlaces
from .prices import Prices


@dataclass(frozen=True, eq=False)
class Matches:
    """coordinates: (3, rows, columns), as in `StylePlaces.coordinates`, of each place of the canvas. prices: for each
    style image (rows, columns), those of its places; image_prices: (K,), those of the images."""

    coordinates: Tensor
    prices: tuple[Tensor, ...]
    image_prices: Tensor

    def at(self, rows: int, columns: int, places: StylePlaces) -> Tensor:
        """The style places (rows, columns) that a canvas of another size begins with: what its coarser places matched,
        continued within each of them."""
        _, coarse_rows, coarse_columns = self.coordinates.shape
        y = (torch.arange(rows, device=self.coordinates.device) + 0.5) * coarse_rows / rows
        x = (torch.arange(columns, device=self.coordinates.device) + 0.5) * coarse_columns / columns
        top, left = y.long().clamp_max(coarse_rows - 1), x.long().clamp_max(coarse_columns - 1)
        found = self.coordinates[:, top][:, :, left].clone()
        found[1] += (y - top - 0.5)[:, None] / coarse_rows
        found[2] += (x - left - 0.5)[None] / coarse_columns
        return places.numbers(found.flatten(1)).view(rows, columns)

    def prices_of(self, places: StylePlaces) -> Prices:
        """For style images of another size."""
        parts = [
            F.interpolate(part[None, None], (layout.rows, layout.columns), mode="nearest").flatten()
            for part, layout in zip(self.prices, places.layouts, strict=True)
        ]
        return Prices(torch.cat(parts), self.image_prices)

    def state(self) -> dict[str, Any]:
        return {"coordinates": self.coordinates, "prices": list(self.prices), "image_prices": self.image_prices}

    @staticmethod
    def from_state(state: dict[str, Any], device: torch.device) -> Matches:
        prices = tuple(part.to(device, copy=True) for part in state["prices"])
        coordinates, image_prices = (state[name].to(device, copy=True) for name in ("coordinates", "image_prices"))
        return Matches(coordinates, prices, image_prices)


def matches(numbers: Tensor, prices: Prices, places: StylePlaces) -> Matches:
    """numbers: (rows, columns) of the canvas."""
    coordinates = places.coordinates(numbers.flatten()).view(3, *numbers.shape)
    counts = [layout.rows * layout.columns for layout in places.layouts]
    parts = zip(torch.split(prices.places, counts), places.layouts, strict=True)
    return Matches(coordinates, tuple(part.view(layout.rows, layout.columns) for part, layout in parts), prices.images)
