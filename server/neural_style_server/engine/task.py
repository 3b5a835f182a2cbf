"""What is painted (`Task`), and how the method's colour settings change its pictures beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import ImageError
from . import colour
from .carried import Carried
from .memory.tensor_store import TensorStore
from .memory.working_set import IN_MEMORY_PIXELS
from .method import Method
from .periodic import periodic
from .pyramid import fill_transparent

T = TypeVar("T", Tensor, "Tensor | None")

SAMPLE_SIDE = 2048
"""Long side at which the colours of a large canvas are measured."""


@dataclass(frozen=True, eq=False)
class Style:
    """A style image (1, 3, H, W), 0–255, its weight among others, and a mask (1, 1, H, W) of the part that counts."""

    image: Tensor
    weight: float = 1.0
    mask: Tensor | None = None

    def to(self, device: torch.device) -> Style:
        return Style(self.image.to(device), self.weight, None if self.mask is None else self.mask.to(device))


@dataclass(frozen=True, eq=False)
class Region:
    """Styles and where on the content they apply: mask (1, 1, H, W) in 0–1, or None for everywhere."""

    styles: Sequence[Style]
    mask: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Task:
    """What is painted.

    content: (1, 3, H, W), 0–255. alpha: (1, 1, H, W) in 0–1, or None. init: a start image (1, 3, h, w), or None.
    mask: (1, 1, H, W) in 0–1, or None; where it is 0 the image stays the content and takes no part in the style.
    size: limit of the long side of what is optimised, in pixels, or None.
    carried: what the picture goes on from, of any size, or None.
    """

    content: Tensor
    regions: Sequence[Region]
    alpha: Tensor | None = None
    init: Tensor | None = None
    mask: Tensor | None = None
    size: int | None = None
    carried: Carried | None = None


def sample(image: T) -> T:
    """A picture or weight for colour statistics, reduced to SAMPLE_SIDE where the canvas is large."""
    if image is None or image.shape[-2] * image.shape[-1] <= IN_MEMORY_PIXELS:
        return image
    factor = SAMPLE_SIDE / max(image.shape[-2:])
    size = max(1, round(image.shape[-2] * factor)), max(1, round(image.shape[-1] * factor))
    return F.interpolate(image, size=size, mode="area")


def small(task: Task, size: tuple[int, int]) -> Task:
    """The task on a smaller canvas of this size (height, width), with the same style images, in memory."""

    def shrunk(image: T, peak: float) -> T:
        if image is None:
            return None
        mode = "area" if image.shape[-2] >= size[0] and image.shape[-1] >= size[1] else "bilinear"
        return F.interpolate(image, size=size, mode=mode).clamp(0, peak)

    return replace(
        task,
        content=shrunk(task.content, 255),
        regions=[Region(region.styles, shrunk(region.mask, 1)) for region in task.regions],
        alpha=shrunk(task.alpha, 1),
        init=shrunk(task.init, 255),
        mask=shrunk(task.mask, 1),
    )


def prepared(task: Task, method: Method, store: TensorStore) -> Task:
    """The task with its content as it is painted, and with the colour settings applied to its style images.

    Raises ImageError for a region whose styles all weigh nothing.
    """
    content = painted_content(task, method, store)
    regions = []
    for region in task.regions:
        styles = [_prepared_style(style, content, task.alpha, method) for style in region.styles if style.weight > 0]
        if not styles:
            raise ImageError("No style image has any weight.", hint="Give at least one a weight above 0.")
        regions.append(Region(styles, region.mask))
    return replace(task, content=content, regions=regions)


def painted_content(task: Task, method: Method, store: TensorStore) -> Tensor:
    """The content with transparent pixels filled in, and made periodic where the picture is to tile.

    A selection is not made periodic: it has to match what surrounds it.
    """
    content = task.content if task.alpha is None else fill_transparent(task.content, task.alpha, store)
    return periodic(content, store, task.alpha) if method.seamless and task.mask is None else content


def _prepared_style(style: Style, content: Tensor, alpha: Tensor | None, method: Method) -> Style:
    image = style.image if style.mask is None else fill_transparent(style.image, style.mask)
    image = colour.less_white(colour.boldness(image, method.boldness), method.less_white)
    if method.colour_method != "chroma" and method.colour > 0:
        reference = sample(content).to(image.device)
        if method.colour_method == "match":
            weight = None if alpha is None else sample(alpha).to(image.device)
            image = colour.match_covariance(image, reference, method.colour, style.mask, weight)
        elif method.colour_method == "histogram":
            image = colour.match_histogram(image, reference, method.colour)
        else:
            image = colour.match_luma(image, reference, method.colour)
    return Style(image.clamp(0, 255), style.weight, style.mask)
