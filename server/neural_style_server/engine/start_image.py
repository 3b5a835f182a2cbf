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
    """(1, 3, h, w), 0–255, of the size of `content`, which is the task's at the first scale; at most that very tensor,
    where nothing is changed. Raises ImageError where the picture that is asked for is not there."""
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
        own = start[..., rows, :]
        mix[..., rows, :] = own + method.start_noise * (mix[..., rows, :] - own)
        store.release()
    return mix


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
    """The content with each region in its style's colour statistics: half of relu1_1's way for no iteration."""
    if amount == 0:
        return content
    size = (int(content.shape[-2]), int(content.shape[-1]))
    alpha = None if task.alpha is None else resized(task.alpha, size, 1, store)
    start = copy(store, content)
    for region in task.regions:
        mask = None if region.mask is None else resized(region.mask, size, 1, store)
        style = region.styles[0].to(content.device)
        move = colour.covariance_map(sample(content), style.image, sample(alpha), style.mask)
        for rows in strips(*size):
            matched = move(content[..., rows, :], amount).clamp(0, 255)
            own = start[..., rows, :]
            own.copy_(matched if mask is None else own + mask[..., rows, :] * (matched - own))
            store.release()
    return start
