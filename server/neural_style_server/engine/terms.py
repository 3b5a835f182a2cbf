"""The terms of the objective: as tensors where they are computed, and as numbers to show."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True)
class Losses:
    """The weighted terms, which add up to `total`; `layers` has the style term of each layer. `temporal` is None for a
    picture that goes on from no other."""

    total: float
    content: float
    style: float
    tv: float
    layers: Mapping[str, float] = field(default_factory=dict)
    temporal: float | None = None

    @property
    def finite(self) -> bool:
        return math.isfinite(self.total)

    def as_dict(self) -> dict[str, float]:
        found = {"total": self.total, "content": self.content, "style": self.style, "tv": self.tv}
        return found if self.temporal is None else {**found, "temporal": self.temporal}


@dataclass(frozen=True)
class Terms:
    """The same terms, () each, which a GPU may still be computing."""

    content: Tensor
    style: Tensor
    tv: Tensor
    layers: Mapping[str, Tensor]
    temporal: Tensor | None = None

    def read(self) -> Losses:
        """Wait for the numbers; on a GPU once for all of them, because each wait takes longer than a small kernel."""
        last = [] if self.temporal is None else [self.temporal]
        found = [self.content, self.style, self.tv, *self.layers.values(), *last]
        if all(each.device.type != "cpu" and each.dtype == found[0].dtype for each in found):
            numbers = torch.stack(found).tolist()
        else:
            numbers = [float(each) for each in found]
        content, style, tv, *layers = numbers[: len(numbers) - len(last)]
        temporal = numbers[-1] if last else None
        total = content + style + tv + (temporal or 0.0)
        return Losses(total, content, style, tv, dict(zip(self.layers, layers, strict=True)), temporal)
