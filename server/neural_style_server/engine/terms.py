"""The terms of the objective: as tensors where they are computed, and as numbers to show."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor


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


@dataclass(frozen=True)
class Terms:
    """The same terms, () each, which a GPU may still be computing."""

    content: Tensor
    style: Tensor
    tv: Tensor
    layers: Mapping[str, Tensor]

    def read(self) -> Losses:
        """Wait for the numbers; on a GPU once for all of them, because each wait takes longer than a small kernel."""
        found = [self.content, self.style, self.tv, *self.layers.values()]
        if all(each.device.type != "cpu" and each.dtype == found[0].dtype for each in found):
            content, style, tv, *layers = torch.stack(found).tolist()
        else:
            content, style, tv, *layers = (float(each) for each in found)
        return Losses(content + style + tv, content, style, tv, dict(zip(self.layers, layers, strict=True)))
