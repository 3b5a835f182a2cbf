"""VGG-19 (Simonyan and Zisserman 2014) as a fixed feature extractor for images in RGB, 0–255.

Only the convolutional part, by the layer names of the papers (`relu4_2`). The mean that the weights
were trained with is subtracted here and nowhere else. There is no training code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from .layers import CONVOLUTIONS, LAYERS, STRIDE

FRUGAL_PIXELS = 640 * 640
"""Above this the largest feature maps are computed again in the backward pass instead of being kept."""

RECOMPUTED = ("conv1_2", "conv2_2")
"""A tenth more arithmetic for two fifths less memory (Chen et al. 2016, "Training Deep Nets with Sublinear Memory")."""


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
        return Network(moved, self.mean, self.name, self.sha256)

    def features(
        self, image: Tensor, layers: Iterable[str], *, pooling: str = "max", padding: str = "zeros"
    ) -> dict[str, Tensor]:
        """Feature maps of `image`, by layer, computed no deeper than the deepest layer asked for.

        image: (1, 3, H, W), RGB, 0–255. Returns layer -> (1, C, ceil-free H/stride, W/stride), in the
        network's dtype. `padding` is what stands beyond the edge of the canvas: "zeros" as VGG was trained,
        "replicate" repeats the image's edge pixels (Crowson does the same, in the first convolution only),
        "wrap" joins opposite edges in every convolution, for pictures that tile.
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
        frugal = x.requires_grad and x.shape[-2] * x.shape[-1] > FRUGAL_PIXELS
        found: dict[str, Tensor] = {}
        for index, conv in enumerate(CONVOLUTIONS[: last + 1]):
            layer = LAYERS[index]
            ends_block = index < last and CONVOLUTIONS[index + 1].endswith("_1")
            if frugal and ends_block and layer not in wanted and conv in RECOMPUTED:
                x = checkpoint(self._end_of_block, x, conv, pooling, padding, use_reentrant=False)
                continue
            x = F.relu(self._convolve(x, conv, padding), inplace=True)
            if layer in wanted:
                found[layer] = x
            if ends_block:
                x = _pool(x, pooling)
        return found

    def _end_of_block(self, x: Tensor, conv: str, pooling: str, padding: str) -> Tensor:
        return _pool(F.relu(self._convolve(x, conv, padding), inplace=True), pooling)

    def _convolve(self, x: Tensor, conv: str, padding: str) -> Tensor:
        weight, bias = self.weights[conv]
        if padding == "wrap":
            return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), weight, bias)
        if padding == "replicate" and conv == "conv1_1":
            return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), weight, bias)
        return F.conv2d(x, weight, bias, padding=1)


def _pool(x: Tensor, pooling: str) -> Tensor:
    return F.max_pool2d(x, 2) if pooling == "max" else F.avg_pool2d(x, 2)
