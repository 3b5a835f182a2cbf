"""The coarse-to-fine pyramid: images and weights at other sizes, and how one scale starts from the last.

Sizes are (height, width) in pixels. Coarse-to-fine optimisation follows Gatys 2017, section 6; the detail that
is added where a finer scale starts is the Laplacian of the content image (Burt and Adelson 1983).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SOLID_ALPHA = 1 / 16
"""From here on the colour of a transparent pixel is taken as its painter's; below, 8 bits have rounded it away."""


def resize(image: Tensor, size: tuple[int, int], *, wrap: bool = False) -> Tensor:
    """Bicubic, anti-aliased where it shrinks. image: (1, C, H, W) -> (1, C, *size); not clamped."""
    if tuple(image.shape[-2:]) == tuple(size):
        return image
    if not wrap:
        return F.interpolate(image, size=size, mode="bicubic", align_corners=False, antialias=True)
    return _resize_wrapped(image, size)


def _resize_wrapped(image: Tensor, size: tuple[int, int]) -> Tensor:
    """As `resize`, with opposite edges joined: one more copy of the picture on each side, cut off again."""
    around = image.repeat(1, 1, 3, 3)
    large = F.interpolate(around, size=(3 * size[0], 3 * size[1]), mode="bicubic", align_corners=False, antialias=True)
    return large[..., size[0] : 2 * size[0], size[1] : 2 * size[1]]


def next_start(result: Tensor, content: Tensor, coarser_content: Tensor, injection: float, *, wrap: bool) -> Tensor:
    """Where the finer scale starts: the enlarged result plus the content's detail that the coarser scale lacked.

    All (1, 3, ·, ·), 0–255. Plain enlargement would lose what conv1 and conv2 measure and cost ten iterations.
    """
    size = (int(content.shape[-2]), int(content.shape[-1]))
    enlarged = resize(result, size, wrap=wrap)
    detail = content - resize(coarser_content, size, wrap=wrap)
    return (enlarged + injection * detail).clamp(0, 255)


def pool_weight(weight: Tensor, stride: int) -> Tensor:
    """A weight map at a layer's resolution: the mean over the pixels that each element stands for.

    weight: (1, 1, H, W) -> (1, 1, H // stride, W // stride). Averaging keeps small regions alive in deep layers.
    """
    return weight if stride == 1 else F.avg_pool2d(weight, stride)


def fill_transparent(image: Tensor, alpha: Tensor) -> Tensor:
    """Replace what lies under transparent pixels by the smooth continuation of the opaque ones (pull–push).

    image: (1, 3, H, W), alpha: (1, 1, H, W) in 0–1. Where alpha is at least SOLID_ALPHA the image is unchanged, so
    that a half-transparent layer keeps its detail; where all is transparent it becomes mid-grey.
    Gortler et al. 1996, "The Lumigraph", section 3.5.
    """
    known = (alpha / SOLID_ALPHA).clamp(0, 1)
    if bool((known >= 1).all()):
        return image
    levels = [(image * known, known)]
    while min(levels[-1][1].shape[-2:]) > 1:
        levels.append(tuple(F.avg_pool2d(part, 2, ceil_mode=True) for part in levels[-1]))  # type: ignore[arg-type]
    colour, weight = levels[-1]
    total = weight.sum()
    average = (
        colour.sum((2, 3), keepdim=True) / total if float(total) > 0 else torch.full_like(colour[..., :1, :1], 127.5)
    )
    filled = average.expand_as(colour)
    for colour, weight in reversed(levels):
        below = F.interpolate(filled, size=colour.shape[-2:], mode="bilinear", align_corners=False)
        filled = colour + below * (1 - weight)
    return filled
