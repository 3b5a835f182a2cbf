"""VGG-19 (Simonyan and Zisserman 2014) as a fixed feature extractor for images in RGB, 0–255.

Only the convolutional part, by the layer names of the papers (`relu4_2`). The mean that the weights
were trained with is subtracted here and nowhere else. There is no training code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

import torch
import torch.nn.functional as F
from torch import Tensor

from .kernels import direct_convolution, winograd, wrap
from .kernels.checkpointed_rows import Strip, in_strips
from .kernels.crop import crop
from .kernels.relu import pool, pool_rectifies, rectify
from .layers import CONVOLUTIONS, LAYERS, STRIDE, deepest
from .memory.working_set import MemoryProfile

USUALLY_DEEPEST = "relu5_1"
"""Weights of deeper convolutions are transformed when a preset first asks for them: that is 110 MB."""

Tap = Callable[[str, Tensor, int], tuple[Tensor, tuple[Tensor, ...]]]
"""From a layer's name, rows of its feature map and the number of the first of them: the same rows, to go on with, and
sums over their positions."""

Sums = dict[str, tuple[Tensor, ...]]
"""What a tap found, by layer."""

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

    @property
    def numbers(self) -> MemoryProfile:
        return MemoryProfile(self.dtype.itemsize, self.device.type != "cpu")

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
        for name in CONVOLUTIONS[: LAYERS.index(USUALLY_DEEPEST) + 1]:
            network._transformed_weight(name)
        return network

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
        return self.tapped(image, (), None, layers, pooling=pooling, padding=padding)[0]

    def tapped(
        self,
        image: Tensor,
        layers: Iterable[str],
        tap: Tap | None,
        kept: Iterable[str] = (),
        *,
        pooling: str = "max",
        padding: str = "zeros",
        frugal: bool = False,
    ) -> tuple[dict[str, Tensor], Sums]:
        """As `features` for the layers in `kept`, and of those in `layers` only what `tap` sums up over their maps.

        The first blocks of a large picture, or of any that is to be `frugal`, go in strips of rows, so that their maps
        never exist as a whole; `tap` then sees them a strip at a time. It is called as soon as a map is there: autograd
        goes back in the reverse order, so that its gradients are made when their layer's turn comes, and not all at
        once before the deepest one's.
        """
        walk = _Walk(self, frozenset(layers), tap, frozenset(kept), pooling, padding)
        unknown = walk.wanted - set(LAYERS)
        if unknown:
            raise ValueError(f"VGG-19 has no layer {sorted(unknown)[0]!r}; it has {', '.join(LAYERS)}")
        if not walk.wanted:
            return {}, {}
        last = deepest(walk.wanted)
        if min(image.shape[-2:]) < STRIDE[last]:
            raise ValueError(f"{last} needs at least {STRIDE[last]} pixels in each direction")
        x = (image - self._mean).to(self.dtype).contiguous(memory_format=torch.channels_last)
        recomputed = self.numbers.recomputed(x.shape[-2] * x.shape[-1], tiled=frugal)
        return walk.down(x, LAYERS[: LAYERS.index(last) + 1], recomputed)

    def _convolve(self, x: Tensor, conv: str, padding: str) -> Tensor:
        """One convolution, before its rectifier."""
        weight, bias = self.weights[conv]
        fast = self._transformed_weight(conv) if x.shape[-2] * x.shape[-1] >= WINOGRAD_PIXELS else None
        if padding == "wrap":
            wrapped = wrap.surrounded(x)
            if fast is None:
                return direct_convolution.convolve(wrapped, weight, bias, 0)
            return winograd.convolve(wrapped, fast, bias, surrounded=True)
        if padding == "replicate" and conv == "conv1_1":
            padded = F.pad(x, (1, 1, 1, 1), mode="replicate")  # on CUDA not in the layout that it was given
            return direct_convolution.convolve(padded.contiguous(memory_format=torch.channels_last), weight, bias, 0)
        if fast is not None:
            return winograd.convolve(x, fast, bias)
        return direct_convolution.convolve(x, weight, bias, 1)

    def _transformed_weight(self, conv: str) -> Tensor | None:
        """For Winograd's algorithm where that gains time: in float32 on a CPU. Elsewhere the libraries see to it."""
        weight = self.weights[conv][0]
        if weight.device.type != "cpu" or weight.dtype != torch.float32 or weight.shape[1] < WINOGRAD_CHANNELS:
            return None
        if conv not in self._transformed:
            self._transformed[conv] = winograd.transform(weight)
        return self._transformed[conv]


@dataclass(frozen=True)
class _Walk:
    """One picture's way through the network, and what is taken from it on the way.

    It holds no results: the backward pass holds the walk, and a circle of the two would not be freed with the picture.
    """

    network: Network
    layers: frozenset[str]
    tap: Tap | None
    kept: frozenset[str]
    pooling: str
    padding: str

    @property
    def wanted(self) -> frozenset[str]:
        return self.layers | self.kept

    def down(self, x: Tensor, layers: Sequence[str], recomputed: int) -> tuple[dict[str, Tensor], Sums]:
        """Through all of `layers`, block by block, the first `recomputed` in strips; no pooling after the last."""
        blocks = [tuple(names) for _, names in groupby(layers, lambda layer: STRIDE[layer])]
        maps: dict[str, Tensor] = {}
        sums: Sums = {}
        for number, block in enumerate(blocks, 1):
            pooled = number < len(blocks)
            if number <= recomputed and not self.kept & set(block):
                x = self._in_strips(x, block, pooled, sums)
            else:
                x = self._block(x, block, pooled, sums, maps)
        return maps, sums

    def _in_strips(self, x: Tensor, block: Sequence[str], pooled: bool, sums: Sums) -> Tensor:
        tapped = [layer for layer in block if layer in self.layers]
        sizes: dict[str, int] = {}

        def part(rows: Tensor, strip: Strip) -> tuple[Tensor, ...]:
            found: Sums = {}
            result = self._block(rows, block, pooled, found, {}, strip)
            sizes.update({layer: len(found[layer]) for layer in tapped})
            return result, *(value for layer in tapped for value in found[layer])

        channels = len(self.network.weights[block[0].replace("relu", "conv")][1])
        result, *flat = in_strips(x, part, len(block), channels, wrap=self.padding == "wrap")
        values = iter(flat)
        sums.update({layer: tuple(islice(values, sizes[layer])) for layer in tapped})
        return result

    def _block(
        self,
        x: Tensor,
        block: Sequence[str],
        pooled: bool,
        sums: Sums,
        maps: dict[str, Tensor],
        strip: Strip | None = None,
    ) -> Tensor:
        """One block's convolutions and the pooling after them, without which no rows are answered. Its sums and maps go
        into the dictionaries."""
        own, first = (slice(None), 0) if strip is None else (strip.own, strip.first)
        for layer in block:
            x = self.network._convolve(x, layer.replace("relu", "conv"), self.padding)
            if layer == block[-1] and pooled and layer not in self.wanted and pool_rectifies(x, self.pooling):
                break  # nobody looks at the rectified map
            x = rectify(x, seen=layer in self.wanted)
            if layer in self.kept:
                maps[layer] = x
            if layer in self.layers and self.tap is not None:
                seen = crop(x, own)
                passed, sums[layer] = self.tap(layer, seen, first)
                x = passed if seen is x else x
        return pool(crop(x, own), self.pooling) if pooled else x[..., :0, :]
