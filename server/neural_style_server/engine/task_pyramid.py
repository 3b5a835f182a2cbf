"""The task at every scale: the content, the weights, the style targets and the start image at the scale's size."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor

from .carried import Carried
from .memory.tensor_store import TensorStore, copy
from .method import Method
from .pyramid import next_start, resize
from .scales import Scale, fit, scaled
from .start_image import keep_outside, resized, start_image
from .style_term import RegionTerm
from .targets import TargetCache, mixed
from .task import Region, Style, Task, prepared
from .total_variation import roughness
from .vgg import Network

LARGEST_STYLE_ENLARGEMENT = 2.0
"""A style image is enlarged at most so much; beyond it strokes are blurred."""


@dataclass(frozen=True, eq=False)
class ScaleInputs:
    """What one scale is painted from; `visible` and `paintable` as in `Objective`."""

    content: Tensor
    regions: list[RegionTerm]
    visible: Tensor | None
    paintable: Tensor | None
    carried: Carried | None

    def held(self, start: Tensor, store: TensorStore) -> Tensor:
        """`start` with what is not painted, and what the picture goes on from, over it; a new tensor if something is
        carried."""
        if self.carried is not None:
            start = self.carried.over(copy(store, start), store)
        return keep_outside(start, self.content, self.paintable, store)


class TaskPyramid:
    """`task` with its content as it is painted, and its `at` for each scale. Image-sized tensors are the store's."""

    def __init__(self, network: Network, task: Task, method: Method, store: TensorStore, cache: TargetCache) -> None:
        self._network, self._method, self._store, self._cache = network, method, store, cache
        self.task = prepared(task, method, store)

    def content(self, scale: Scale) -> Tensor:
        size = (scale.height, scale.width)
        return resized(self.task.content, size, 255, self._store, wrap=self._method.seamless)

    def at(self, scale: Scale, tile_size: int | None) -> ScaleInputs:
        """Style targets are computed in tiles of `tile_size`, if they are not cached."""
        alpha, mask = self._weight(self.task.alpha, scale), self._weight(self.task.mask, scale)
        paintable = None if mask is None else (mask > 0).to(mask.dtype)
        regions = [self._region(region, scale, alpha, mask, tile_size) for region in self.task.regions]
        return ScaleInputs(self.content(scale), regions, alpha, paintable, self._carried(scale))

    def first_start(self, content: Tensor) -> Tensor:
        """The image that the first scale starts from, by the method; content: the scale's own."""
        return start_image(self.task, content, self._method, self._store)

    def finer_start(self, content: Tensor, picture: Tensor, coarser: Scale) -> Tensor:
        """The image that a scale starts from after a coarser one, which has painted `picture`."""
        injection, wrap = self._method.detail_injection, self._method.seamless
        return next_start(picture, content, self.content(coarser), injection, wrap=wrap, store=self._store)

    def _carried(self, scale: Scale) -> Carried | None:
        found, size = self.task.carried, (scale.height, scale.width)
        if found is None:
            return None
        picture = resized(found.picture, size, 255, self._store, wrap=self._method.seamless)
        trust = resized(found.trust, size, 1, self._store)
        return Carried(picture, trust, self._weight(self._still(found), scale))

    def _still(self, carried: Carried) -> Tensor | None:
        """Only where the finest scale has the canvas's size: a picture that is resized from frame to frame softens."""
        height, width = self.task.content.shape[-2:]
        return carried.still if fit(height, width, self.task.size, self._method) == (height, width) else None

    def _region(
        self, region: Region, scale: Scale, alpha: Tensor | None, mask: Tensor | None, tile_size: int | None
    ) -> RegionTerm:
        inside = _product(self._weight(region.mask, scale), mask)
        weight = _product(inside, alpha)
        share = 1.0
        if inside is not None and weight is not None:
            share = float(weight.sum() / (inside.numel() if alpha is None else alpha.sum()))
        styles = [self._style(style, scale) for style in region.styles]
        parts, rough, total = [], 0.0, sum(style.weight for style in styles)
        for style in styles:
            targets = self._cache.get(self._network, style.image, self._method, style.mask, tile_size)
            parts.append((style.weight, targets))
            rough += style.weight / total * roughness(style.image, style.mask)
        places = self._cache.places.get(self._network, styles, self._method, tile_size)
        return RegionTerm(weight, mixed(parts), share, rough, places)

    def _style(self, style: Style, scale: Scale) -> Style:
        """The style image and its mask at the size that gives the method's stroke size on this scale."""
        long_side = max(scale.height, scale.width) * self._method.style_scale
        original = (int(style.image.shape[-2]), int(style.image.shape[-1]))
        factor = min(LARGEST_STYLE_ENLARGEMENT, long_side / max(original))
        size = scaled(original, factor, replace(self._method, seamless=False))
        mask = None if style.mask is None else resize(style.mask, size).clamp(0, 1)
        return Style(resize(style.image, size).clamp(0, 255), style.weight, mask)

    def _weight(self, weight: Tensor | None, scale: Scale) -> Tensor | None:
        return None if weight is None else resized(weight, (scale.height, scale.width), 1, self._store)


def _product(first: Tensor | None, second: Tensor | None) -> Tensor | None:
    return second if first is None else first if second is None else first * second
