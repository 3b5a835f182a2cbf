"""VGG-19 (Simonyan and Zisserman 2014) as a fixed feature extractor for images in RGB, 0–255.

Only the convolutional part, by the layer names of the papers (`relu4_2`). The mean that the weights
were trained with is subtracted here and nowhere else. There is no training code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from . import winograd
from .layers import CONVOLUTIONS, LAYERS, STRIDE
from .working_set import FRUGAL_PIXELS

RECOMPUTED = ("conv1_2", "conv2_2")
"""A tenth more arithmetic for half the memory (Chen et al. 2016, "Training Deep Nets with Sublinear Memory")."""

STRIP_ROWS = 64
"""Rows that are computed again at a time; even, because pooling takes two."""

WINOGRAD_CHANNELS = 128
"""Input channels from which Winograd's transforms cost less time than the multiplications they save, on a CPU."""

WINOGRAD_PIXELS = 128
"""A map smaller than this has too few blocks for the products to be worth their four times larger weights."""


@dataclass(frozen=True, eq=False)
class Network:
    """VGG-19's frozen numbers on one device.

    weights: convolution name -> ((C_out, C_in, 3, 3), (C_out,)); conv1_1 takes RGB minus `mean`.
    mean: RGB, 0–255. `name` and `sha256` say where the numbers are from.
    """

    weights: Mapping[str, tuple[Tensor, Tensor]]
    mean: tuple[float, float, float]
    name: str
    sha256: str
    _mean: Tensor = field(init=False, repr=False)
    _transformed: dict[str, Tensor] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        first = self.weights["conv1_1"][0]
        mean = torch.tensor(self.mean, dtype=torch.float32 if first.dtype != torch.float64 else first.dtype)
        object.__setattr__(self, "_mean", mean.to(first.device).view(1, 3, 1, 1))

    @property
    def device(self) -> torch.device:
        return self.weights["conv1_1"][0].device

    @property
    def dtype(self) -> torch.dtype:
        return self.weights["conv1_1"][0].dtype

    def to(self, device: torch.device | str, dtype: torch.dtype) -> Network:
        """The same network elsewhere, in channels-last layout, which is the fastest on CPUs and GPUs alike."""
        moved = {
            name: (
                w.to(device=device, dtype=dtype).contiguous(memory_format=torch.channels_last),
                b.to(device=device, dtype=dtype),
            )
            for name, (w, b) in self.weights.items()
        }
        network = Network(moved, self.mean, self.name, self.sha256)
        for name in moved:
            network._transformed_weight(name)
        return network

    def features(
        self,
        image: Tensor,
        layers: Iterable[str],
        *,
        pooling: str = "max",
        padding: str = "zeros",
        seen: Callable[[str, Tensor], None] | None = None,
    ) -> dict[str, Tensor]:
        """Feature maps of `image`, by layer, computed no deeper than the deepest layer asked for.

        image: (1, 3, H, W), RGB, 0–255. Returns layer -> (1, C, ceil-free H/stride, W/stride), in the
        network's dtype. `padding` is what stands beyond the edge of the canvas: "zeros" as VGG was trained,
        "replicate" repeats the image's edge pixels (Crowson does the same, in the first convolution only),
        "wrap" joins opposite edges in every convolution, for pictures that tile. `seen` is called with each map as
        soon as it is there. Autograd goes back in the reverse order of making: statistics taken in `seen` have
        their gradients made when their layer's turn comes, and not all at once before the deepest one's.
        Raises ValueError for a layer that VGG-19 does not have, or an image smaller than the deepest stride.
        """
        wanted = set(layers)
        unknown = wanted - set(LAYERS)
        if unknown:
            raise ValueError(f"VGG-19 has no layer {sorted(unknown)[0]!r}; it has {', '.join(LAYERS)}")
        if not wanted:
            return {}
        last = max(LAYERS.index(layer) for layer in wanted)
        stride = STRIDE[LAYERS[last]]
        if min(image.shape[-2:]) < stride:
            raise ValueError(f"{LAYERS[last]} needs at least {stride} pixels in each direction")
        x = (image - self._mean).to(self.dtype).contiguous(memory_format=torch.channels_last)
        frugal = x.requires_grad and x.shape[-2] * x.shape[-1] > FRUGAL_PIXELS and padding != "wrap"
        found: dict[str, Tensor] = {}
        for index, conv in enumerate(CONVOLUTIONS[: last + 1]):
            layer = LAYERS[index]
            ends_block = index < last and CONVOLUTIONS[index + 1].endswith("_1")
            if frugal and ends_block and layer not in wanted and conv in RECOMPUTED:
                x = _Recomputed.apply(x, partial(self._end_of_block, conv=conv, pooling=pooling))
                continue
            x = self._convolve(x, conv, padding)
            if layer in wanted:
                found[layer] = x
                if seen is not None:
                    seen(layer, x)
            if ends_block:
                x = _pool(x, pooling)
        return found

    def _end_of_block(self, x: Tensor, rows: slice, *, conv: str, pooling: str) -> Tensor:
        """Convolved, rectified and pooled; of the convolution only `rows`, which know all of their neighbours."""
        return _pool(self._convolve(x, conv, "zeros")[..., rows, :], pooling)

    def _convolve(self, x: Tensor, conv: str, padding: str) -> Tensor:
        """One convolution and its rectifier."""
        weight, bias = self.weights[conv]
        if padding == "wrap":
            found = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), weight, bias)
        elif padding == "replicate" and conv == "conv1_1":
            found = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), weight, bias)
        elif x.shape[-2] * x.shape[-1] >= WINOGRAD_PIXELS and (fast := self._transformed_weight(conv)) is not None:
            return winograd.convolve_relu(x, fast, bias)
        else:
            found = F.conv2d(x, weight, bias, padding=1)
        return F.relu(found, inplace=True)

    def _transformed_weight(self, conv: str) -> Tensor | None:
        """For Winograd's algorithm where that gains time: in float32 on a CPU. Elsewhere the libraries see to it."""
        weight = self.weights[conv][0]
        if weight.device.type != "cpu" or weight.dtype != torch.float32 or weight.shape[1] < WINOGRAD_CHANNELS:
            return None
        if conv not in self._transformed:
            self._transformed[conv] = winograd.transform(weight)
        return self._transformed[conv]


def _pool(x: Tensor, pooling: str) -> Tensor:
    return F.max_pool2d(x, 2) if pooling == "max" else F.avg_pool2d(x, 2)


class _Recomputed(torch.autograd.Function):
    """The end of a block in strips of rows, forward and once more in the backward pass.

    Nothing but the block's input is kept, and no more than a strip of what lies between exists at a time.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, end: Callable[[Tensor, slice], Tensor]) -> Tensor:
        ctx.save_for_backward(x)
        ctx.end = end
        return torch.cat([end(x[..., around, :], rows) for around, rows, _ in _strips(x.shape[-2])], dim=-2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        found = torch.zeros_like(x)
        for around, rows, pooled in _strips(x.shape[-2]):
            with torch.enable_grad():
                leaf = x[..., around, :].detach().requires_grad_()
                out = ctx.end(leaf, rows)
            found[..., around, :] += torch.autograd.grad(out, leaf, grad[..., pooled, :])[0]
        return found, None


def _strips(height: int) -> Iterator[tuple[slice, slice, slice]]:
    """Rows of the input with a neighbour on each side, their own among these, and the pooled rows they give."""
    for start in range(0, height // 2 * 2, STRIP_ROWS):
        stop = min(start + STRIP_ROWS, height // 2 * 2)
        top, bottom = max(start - 1, 0), min(stop + 1, height)
        yield slice(top, bottom), slice(start - top, stop - top), slice(start // 2, stop // 2)
