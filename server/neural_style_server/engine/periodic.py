"""The periodic component of a picture, whose opposite edges match: the content of a seamless job.

Moisan 2011, "Periodic plus smooth image decomposition": the jumps between opposite edges are the source of a smooth
picture, which is subtracted. It is largest along the edges and fades inwards; a picture without jumps stays unchanged.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .memory.tensor_store import TensorStore
from .memory.working_set import STRIP_PIXELS, strips


@torch.no_grad()
def periodic(image: Tensor, store: TensorStore, alpha: Tensor | None = None) -> Tensor:
    """The periodic component of a picture (1, 3, H, W), 0–255, clamped to that range, in the store.

    A jump is weighted by the smaller alpha (1, 1, H, W) in 0–1 of its two sides.
    """
    height, width = image.shape[-2:]
    out = store.empty(tuple(image.shape), image.dtype)
    for channel in range(image.shape[1]):
        plane, found = image[0, channel], out[0, channel]
        spectrum = _smooth_columns(plane, None if alpha is None else alpha[0, 0], store)
        for rows in strips(height, width):
            smooth = torch.fft.irfft(torch.view_as_complex(spectrum[rows]), n=width, dim=1)
            found[rows] = (plane[rows] - smooth.to(plane.device)).clamp(0, 255)
            store.release()
    return out


def _smooth_columns(channel: Tensor, alpha: Tensor | None, store: TensorStore) -> Tensor:
    """The smooth component, (H, W // 2 + 1, 2): transformed along rows only, real and imaginary parts.

    The source is the jumps from the last row and column to the first, added at one edge and subtracted at the other, so
    that its transform follows from theirs (equation 11). On the processor: not all devices have the transform.
    """
    height, width = channel.shape
    vertical, horizontal = channel[-1] - channel[0], channel[:, -1] - channel[:, 0]
    if alpha is not None:
        vertical = vertical * alpha[-1].minimum(alpha[0])
        horizontal = horizontal * alpha[:, -1].minimum(alpha[:, 0])
    down, across = torch.fft.rfft(vertical.cpu()), torch.fft.fft(horizontal.cpu())
    out = torch.view_as_complex(_on_cpu(store, (height, width // 2 + 1, 2)))
    turn = _angles(height)[:, None]
    step = max(1, STRIP_PIXELS // height)
    for start in range(0, width // 2 + 1, step):
        columns = slice(start, min(start + step, width // 2 + 1))
        other = _angles(width)[columns][None]
        source = down[columns][None] * _edge_pair(turn) + across[:, None] * _edge_pair(other)
        laplacian = -4 * ((turn / 2).sin().square() + (other / 2).sin().square()).float()
        if start == 0:
            laplacian[0, 0] = 1
            source[0, 0] = 0  # the picture keeps its mean
        out[:, columns] = torch.fft.ifft(source / laplacian, dim=0)
        store.release()
    return torch.view_as_real(out)


def _on_cpu(store: TensorStore, shape: tuple[int, ...]) -> Tensor:
    return store.empty(shape, torch.float32) if store.device.type == "cpu" else torch.empty(shape)


def _angles(length: int) -> Tensor:
    return torch.arange(length, dtype=torch.float64) * (2 * math.pi / length)


def _edge_pair(angle: Tensor) -> Tensor:
    """The transform of 1 at the first place and −1 at the last: 1 − exp(iω)."""
    return (1 - torch.polar(torch.ones_like(angle), angle)).to(torch.complex64)
