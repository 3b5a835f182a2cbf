"""The start image of a run's first scale: the content, noise, a mix of both, a style, or the job's own picture."""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import ImageError
from . import colour
from .memory.tensor_store import TensorStore, copy
from .memory.working_set import strips
from .method import Method
from .pyramid import resize
from .task import Task, sample


def resized(image: Tensor, size: tuple[int, int], peak: float, store: TensorStore, *, wrap: bool = False) -> Tensor:
    """The picture or weight at another size, within 0 and its peak; itself where it has that size."""
    if tuple(image.shape[-2:]) == size:
        return image
    out = resize(image, size, wrap=wrap, store=store)
    for rows in strips(*size):
        out[..., rows, :].clamp_(0, peak)
        store.release()
    return out


def start_image(task: Task, content: Tensor, method: Method, store: TensorStore) -> Tensor:
    """(1, 3, h, w), 0–255, of the size of `content`, the task's at the first scale; that very tensor if unchanged.

    Raises ImageError where the picture that the method starts from is missing.
    """
    size = (int(content.shape[-2]), int(content.shape[-1]))
    if method.start in ("image", "style"):
        given = task.init if method.start == "image" else task.regions[0].styles[0].image
        if given is None:
            raise ImageError("The start 'image' needs a picture in `init`.", hint="Upload one and name its id.")
        return copy(store, resized(given.to(content.device), size, 255, store))
    if method.start == "noise":
        return noise_like(content, method.seed, store)
    start = in_style_colours(task, content, method.start_colours, store)
    if method.start == "content":
        return start
    mix = noise_like(content, method.seed, store)
    for rows in strips(*size):
        base = start[..., rows, :]
        mix[..., rows, :] = base + method.start_noise * (mix[..., rows, :] - base)
        store.release()
    return mix


def keep_outside(start: Tensor, content: Tensor, paintable: Tensor | None, store: TensorStore) -> Tensor:
    """`start` with the content where `paintable` (1, 1, h, w) is 0, in place."""
    if paintable is not None:
        for rows in strips(*start.shape[-2:]):
            outside = content[..., rows, :]
            start[..., rows, :] = outside + paintable[..., rows, :] * (start[..., rows, :] - outside)
            store.release()
    return start


def noise_like(image: Tensor, seed: int, store: TensorStore) -> Tensor:
    """The seed's noise, 0–255: the same numbers in strips as at once."""
    generator = torch.Generator().manual_seed(seed)
    noise = store.empty(tuple(image.shape), image.dtype)
    for channel in range(3):
        for rows in strips(*image.shape[-2:]):
            part = noise[0, channel, rows]
            part.copy_(torch.rand(part.shape, generator=generator) * 255)
    return noise


def in_style_colours(task: Task, content: Tensor, amount: float, store: TensorStore) -> Tensor:
    """The content with each region moved towards its styles' colour mean and covariance, by `amount` in 0–1.

    Saves iterations: it is half of what relu1_1 asks for.
    """
    if amount == 0:
        return content
    size = (int(content.shape[-2]), int(content.shape[-1]))
    alpha = None if task.alpha is None else resized(task.alpha, size, 1, store)
    start = copy(store, content)
    for region in task.regions:
        mask = None if region.mask is None else resized(region.mask, size, 1, store)
        styles = [style.to(content.device) for style in region.styles]
        found = [(style.weight, colour.colour_moments(style.image, style.mask)) for style in styles]
        own = colour.colour_moments(sample(content), sample(alpha))
        move = colour.covariance_map(own, colour.mixed_moments(found))
        for rows in strips(*size):
            matched = move(content[..., rows, :], amount).clamp(0, 255)
            part = start[..., rows, :]
            part.copy_(matched if mask is None else part + mask[..., rows, :] * (matched - part))
            store.release()
    return start
