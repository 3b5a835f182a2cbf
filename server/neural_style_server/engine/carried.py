"""A picture that a run goes on from: what a film's other frames have, carried along the motion, or a live job's picture
before a change; and how much each place of it is trusted.

Ruder, Dosovitskiy and Brox 2016, "Artistic Style Transfer for Videos": the start image and the temporal term.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .memory.tensor_store import TensorStore
from .memory.working_set import strips
from .motion import Array, Motion

TINY = 1e-6


@dataclass(frozen=True, eq=False)
class Carried:
    """picture: (1, 3, H, W), 0–255; trust: (1, 1, H, W) in 0–1, where 1 is a place that shall stay as it is. still: (1,
    1, H, W), 1 where nothing around a place has changed, which stays to the bit, or None for nowhere."""

    picture: Tensor
    trust: Tensor
    still: Tensor | None = None

    def over(self, image: Tensor, store: TensorStore) -> Tensor:
        """`image` (1, 3, H, W) with the picture over it where it is trusted, in place."""
        for rows in strips(*image.shape[-2:]):
            part = image[..., rows, :]
            part += self.trust[..., rows, :] * (self.picture[..., rows, :] - part)
            store.release()
        return image


def along(motion: Motion, picture: Tensor) -> Carried:
    """The picture (1, 3, H, W) of another frame, where the motion from that one has brought it."""
    trust, still = (torch.from_numpy(each)[None, None].to(picture) for each in (motion.trust, motion.still))
    return Carried(warp(picture, motion.flow), trust, still)


def warp(picture: Tensor, flow: Array) -> Tensor:
    """The picture (1, C, H, W) as it is at each place's origin, bicubic, within 0–255."""
    height, width = flow.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    grid = np.stack([(2 * (x + flow[..., 0]) + 1) / width - 1, (2 * (y + flow[..., 1]) + 1) / height - 1], -1)
    places = torch.from_numpy(grid)[None].to(picture)
    carried = F.grid_sample(picture, places, mode="bicubic", padding_mode="border", align_corners=False).clamp_(0, 255)
    still = torch.from_numpy(~flow.any(-1))[None, None].to(picture.device)
    return torch.where(still, picture, carried)


def mixed(parts: Sequence[tuple[Carried, float]]) -> Carried:
    """Several pictures of one size, with their weights, as one: Σ w t p / Σ w t, where t is the trust in p, held to as
    firmly as the most trusted of them.

    Σ w t (image − p)² and (Σ w t) (image − mixed)² have the same gradient.
    """
    total = torch.stack([weight * carried.trust for carried, weight in parts]).sum(0)
    weighted = torch.stack([weight * carried.trust * carried.picture for carried, weight in parts]).sum(0)
    trust = torch.stack([carried.trust for carried, _ in parts]).amax(0)
    return Carried(weighted / total.clamp_min(TINY), trust)


@torch.no_grad()
def add_temporal(image: Tensor, gradient: Tensor, weight: float, carried: Carried, store: TensorStore) -> Tensor:
    """`weight` times the mean of trust · ((image − picture) / 255)², (); its gradient is added in place, and the whole
    gradient is 0 where all is still.

    image, gradient: (1, 3, H, W).
    """
    total = torch.zeros((), dtype=torch.float64, device=image.device)
    share = weight / image.numel()
    for rows in strips(*image.shape[-2:]):
        step = (image[..., rows, :] - carried.picture[..., rows, :]) / 255
        pull = step * carried.trust[..., rows, :]
        total += share * (step * pull).sum(dtype=torch.float64)
        gradient[..., rows, :] += pull * (2 * share / 255)
        if carried.still is not None:
            gradient[..., rows, :] *= 1 - carried.still[..., rows, :]
        store.release()
    return total
