"""The coarse-to-fine pyramid: images and weights at other sizes, and how one scale starts from the last.

Sizes are (height, width) in pixels. Coarse-to-fine optimisation follows Gatys 2017, section 6; the detail that
is added where a finer scale starts is the Laplacian of the content image (Burt and Adelson 1983).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from .memory import working_set
from .memory.tensor_store import InMemoryStore, TensorStore
from .memory.working_set import strips

SOLID_ALPHA = 1 / 16
"""Alpha from which on a pixel's colour counts; with less, 8 bits leave nothing of it."""


def resize(image: Tensor, size: tuple[int, int], *, wrap: bool = False, store: TensorStore | None = None) -> Tensor:
    """Bicubic, anti-aliased where it shrinks. image: (1, C, H, W) -> (1, C, *size), of the store's; not clamped.

    A large picture is resized channel by channel, which needs least memory.
    """
    if tuple(image.shape[-2:]) == tuple(size):
        return image
    place = store or InMemoryStore(image.device)
    out = place.empty((*image.shape[:2], *size), image.dtype)
    enlarge = _resize_wrapped if wrap else _resize_plane
    large = max(math.prod(size), image.shape[-2] * image.shape[-1]) > working_set.STRIP_PIXELS
    parts = image.shape[1] if large else 1
    for target, source in zip(out.chunk(parts, 1), image.chunk(parts, 1), strict=True):
        target.copy_(enlarge(source, size))
        place.release()
    return out


def _resize_plane(image: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(image, size=size, mode="bicubic", align_corners=False, antialias=True)


def _resize_wrapped(image: Tensor, size: tuple[int, int]) -> Tensor:
    """As `resize`, with opposite edges joined: the picture is padded from its opposite edges, resized and cropped.

    A small picture is padded by a whole copy of itself, a large one by what the filter sees; either way by so much that
    the padding becomes a whole number of pixels.
    """
    old = int(image.shape[-2]), int(image.shape[-1])
    (top, new_top), (left, new_left) = (_wrap_padding(*sides) for sides in zip(old, size, strict=True))
    if old[0] * old[1] <= working_set.STRIP_PIXELS:
        (top, new_top), (left, new_left) = (old[0], size[0]), (old[1], size[1])
    padded = F.pad(image, (left, left, top, top), mode="circular")
    large = _resize_plane(padded, (size[0] + 2 * new_top, size[1] + 2 * new_left))
    return large[..., new_top : new_top + size[0], new_left : new_left + size[1]]


def _wrap_padding(old: int, new: int) -> tuple[int, int]:
    """Pixels that a bicubic filter sees beyond a side of length `old`, and how many of `new` they become."""
    unit = old // math.gcd(old, new)
    count = math.ceil((2 * max(1, old / new) + 2) / unit)
    return min(old, count * unit), min(old, count * unit) * new // old


def next_start(
    result: Tensor,
    content: Tensor,
    coarser_content: Tensor,
    injection: float,
    *,
    wrap: bool,
    store: TensorStore | None = None,
) -> Tensor:
    """Where the finer scale starts: the enlarged result plus the content's detail that the coarser scale lacked.

    All (1, 3, ·, ·), 0–255. Plain enlargement would lose what conv1 and conv2 measure and cost ten iterations.
    """
    size = (int(content.shape[-2]), int(content.shape[-1]))
    place = store or InMemoryStore(content.device)
    enlarged = resize(result, size, wrap=wrap, store=place)
    blurred = resize(coarser_content, size, wrap=wrap, store=place)
    start = place.empty(tuple(content.shape), content.dtype)
    for rows in strips(*size):
        detail = content[..., rows, :] - blurred[..., rows, :]
        start[..., rows, :] = (enlarged[..., rows, :] + injection * detail).clamp(0, 255)
        place.release()
    return start


def pool_weight(weight: Tensor, stride: int) -> Tensor:
    """A weight map at a layer's resolution: the mean over the pixels that each element stands for.

    weight: (1, 1, H, W) -> (1, 1, H // stride, W // stride). Averaging keeps small regions alive in deep layers.
    """
    return weight if stride == 1 else F.avg_pool2d(weight, stride)


def fill_transparent(image: Tensor, alpha: Tensor, store: TensorStore | None = None) -> Tensor:
    """Replace what lies under transparent pixels by the smooth continuation of the opaque ones (pull–push).

    image: (1, 3, H, W), alpha: (1, 1, H, W) in 0–1. Where alpha is at least SOLID_ALPHA the image is unchanged, so
    that a half-transparent layer keeps its detail; where all is transparent it becomes mid-grey.
    Gortler et al. 1996, "The Lumigraph", section 3.5.
    """
    known = (alpha / SOLID_ALPHA).clamp(0, 1)
    if bool((known >= 1).all()):
        return image
    place = store or InMemoryStore(image.device)
    out = place.empty(tuple(image.shape), image.dtype)
    for channel in range(image.shape[1]):
        out[:, channel : channel + 1] = _filled(image[:, channel : channel + 1], known)
        place.release()
    return out


def _filled(channel: Tensor, known: Tensor) -> Tensor:
    """One channel (1, 1, H, W) with what is not known continued."""
    levels = [(channel * known, known)]
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
