"""What a style place loses of its likeness, so that the picture takes from many places and each image has its share.

A place that is used often becomes less attractive (after Gu et al. 2018, "Arbitrary Style Transfer with Deep Feature
Reshuffle"), and so does an image that has more than its share: prices as in an auction (Bertsekas 1979), told anew
after each search, at every scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .places import TINY, StylePlaces

CLOSED = -8.0
"""Added to the cosine of a place that may not be found."""

PRICE = 0.1
"""What a place loses of its cosine, with full variety, for each doubling of its use beyond an even share."""

PRICE_RATE = 0.2
"""Share of the use found last in a place's price; the rest is its price before. More sets places free that all then
take, and so on in turns."""

SHARE_STEP, SHARE_STEP_LATER = 0.25, 0.04
"""What an image loses or gains of the cosine for a share that is off by 1: at first, and after each search."""


def no_bias(places: StylePlaces) -> Tensor:
    """(M,): CLOSED where a mask excludes a place, else 0."""
    return places.closed.to(places.keys.dtype) * CLOSED


@dataclass(frozen=True, eq=False)
class Prices:
    """places: (M,), at least 0, what each style place loses of its cosine; images: (K,), what each image's places
    lose, below 0 where they gain."""

    places: Tensor
    images: Tensor

    @staticmethod
    def none(places: StylePlaces) -> Prices:
        return Prices(places.keys.new_zeros(places.count), places.keys.new_zeros(len(places.shares)))

    def bias(self, places: StylePlaces) -> Tensor:
        """(M,), added to the cosine of each style place."""
        return no_bias(places) - self.places - self.images[places.image]

    def after(
        self,
        found: Tensor,
        places: StylePlaces,
        variety: float,
        weight: Tensor | None = None,
        share_step: float = SHARE_STEP_LATER,
    ) -> Prices:
        """The prices once places (N,) were found. variety: 0–1; weight: (N,) of those that looked, or None for all
        alike."""
        counts = torch.ones(len(found), device=found.device) if weight is None else weight
        used = torch.zeros_like(self.places).index_add_(0, found, counts.to(self.places))
        used = used / counts.sum().clamp_min(TINY)
        crowding = torch.log2((used * int((~places.closed).sum())).clamp_min(1))
        got = torch.zeros_like(self.images).index_add_(0, places.image, used)
        off = got - torch.tensor(places.shares).to(got)
        return Prices(
            (1 - PRICE_RATE) * self.places + PRICE_RATE * PRICE * variety * crowding, self.images + share_step * off
        )
