"""VGG-19 (Simonyan and Zisserman 2014) as a fixed feature extractor for images in RGB, 0–255.

Only the convolutional part, by the layer names of the papers (`relu4_2`). The mean that the weights
were trained with is subtracted here and nowhere else. There is no training code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice

import torch
import torch.nn.functional as F
from torch import Tensor

from .kernels import direct_convolution, winograd, wrap
from .kernels.checkpointed_rows import Strip, in_strips
from .kernels.crop import crop
from .kernels.relu import can_fuse, pool, relu, relu_max_pool
from .layers import CONVOLUTIONS, LAYERS, STRIDE, deepest
from .memory.working_set import MemoryProfile

USUALLY_DEEPEST = "relu5_1"
"""Weights of deeper convolutions are transformed when a preset first asks for them: they take 110 MB."""

Hook = Callable[[str, Tensor, int], tuple[Tensor, tuple[Tensor, ...]]]
"""Called with a layer's name, rows of its feature map (1, C, h, W) and the number of the first of them; returns the
rows to go on with, and sums over their positions."""

HookSums = dict[str, tuple[Tensor, ...]]
"""What a hook returned, by layer, summed over a map's strips."""

WINOGRAD_CHANNELS = 128
"""Input channels from which Winograd's transforms cost less time than the multiplications they save, on a CPU."""

WINOGRAD_PIXELS = 128
"""A smaller map has too few blocks to be worth reading weights that are four times larger."""


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
    def memory_profile(self) -> MemoryProfile:
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
        return self.forward(image, (), None, layers, pooling=pooling, padding=padding)[0]

    def forward(
        self,
        image: Tensor,
        layers: Iterable[str],
        hook: Hook | None,
        kept: Iterable[str] = (),
        *,
        pooling: str = "max",
        padding: str = "zeros",
        recompute: bool = False,
    ) -> tuple[dict[str, Tensor], HookSums]:
        """As `features` for the layers in `kept`; and what `hook` returns for those in `layers`.

        The first blocks of a large picture, or of any with `recompute`, go in strips of rows and are recomputed in the
        backward pass, so that their maps never exist as a whole; `hook` then gets a strip at a time. It is called as
        soon as a map is there: autograd goes back in reverse order, so that its gradients are made layer by layer and
        not all at once before the deepest one's.
        """
        run = _ForwardPass(self, frozenset(layers), hook, frozenset(kept), pooling, padding)
        unknown = run.wanted - set(LAYERS)
        if unknown:
            raise ValueError(f"VGG-19 has no layer {sorted(unknown)[0]!r}; it has {', '.join(LAYERS)}")
        if not run.wanted:
            return {}, {}
        last = deepest(run.wanted)
        if min(image.shape[-2:]) < STRIDE[last]:
            raise ValueError(f"{last} needs at least {STRIDE[last]} pixels in each direction")
        x = (image - self._mean).to(self.dtype).contiguous(memory_format=torch.channels_last)
        profile = replace(self.memory_profile, averages=pooling == "average")
        recomputed = profile.recomputed(x.shape[-2] * x.shape[-1], tiled=recompute)
        return run.through(x, LAYERS[: LAYERS.index(last) + 1], recomputed)

    def _convolve(self, x: Tensor, conv: str, padding: str, computed: bool = True) -> Tensor:
        """One convolution, before its ReLU; without its numbers if not `computed`."""
        weight, bias = self.weights[conv]
        fast = self._transformed_weight(conv) if x.shape[-2] * x.shape[-1] >= WINOGRAD_PIXELS else None
        if padding == "wrap":
            wrapped = wrap.pad(x)
            if fast is None:
                return direct_convolution.convolve(wrapped, weight, bias, 0, computed=computed)
            return winograd.convolve(wrapped, fast, bias, padded=True, computed=computed)
        if padding == "replicate" and conv == "conv1_1":
            padded = F.pad(x, (1, 1, 1, 1), mode="replicate")  # on CUDA in another layout
            return direct_convolution.convolve(padded.contiguous(memory_format=torch.channels_last), weight, bias, 0)
        if fast is not None:
            return winograd.convolve(x, fast, bias, computed=computed)
        return direct_convolution.convolve(x, weight, bias, 1, computed=computed)

    def _transformed_weight(self, conv: str) -> Tensor | None:
        """For Winograd's algorithm, where it saves time: in float32 on a CPU. Elsewhere the libraries choose."""
        weight = self.weights[conv][0]
        if weight.device.type != "cpu" or weight.dtype != torch.float32 or weight.shape[1] < WINOGRAD_CHANNELS:
            return None
        if conv not in self._transformed:
            self._transformed[conv] = winograd.transform(weight)
        return self._transformed[conv]


@dataclass(frozen=True)
class _ForwardPass:
    """One picture on its way through the network.

    It holds no results: the backward pass refers to it, and a cycle of the two would not be freed with the picture.
    """

    network: Network
    layers: frozenset[str]
    hook: Hook | None
    kept: frozenset[str]
    pooling: str
    padding: str

    @property
    def wanted(self) -> frozenset[str]:
        return self.layers | self.kept

    def through(self, x: Tensor, layers: Sequence[str], recomputed: int) -> tuple[dict[str, Tensor], HookSums]:
        """Through all of `layers`, block by block, the first `recomputed` in strips; no pooling after the last."""
        blocks = [tuple(names) for _, names in groupby(layers, lambda layer: STRIDE[layer])]
        maps: dict[str, Tensor] = {}
        sums: HookSums = {}
        for number, block in enumerate(blocks, 1):
            pooled = number < len(blocks)
            if number <= recomputed and not self.kept & set(block):
                x = self._block_in_strips(x, block, pooled, sums)
            else:
                x = self._block(x, block, pooled, sums, maps)
        return maps, sums

    def _block_in_strips(self, x: Tensor, block: Sequence[str], pooled: bool, sums: HookSums) -> Tensor:
        hooked = [layer for layer in block if layer in self.layers]
        counts: dict[str, int] = {}
        codes: dict[int, Tensor] = {}

        def part(rows: Tensor, strip: Strip) -> tuple[Tensor, ...]:
            found: HookSums = {}
            result = self._block(rows, block, pooled, found, {}, strip, codes)
            counts.update({layer: len(found[layer]) for layer in hooked})
            return result, *(value for layer in hooked for value in found[layer])

        channels = len(self.network.weights[block[0].replace("relu", "conv")][1])
        result, *flat = in_strips(x, part, len(block), channels, wrap=self.padding == "wrap")
        values = iter(flat)
        sums.update({layer: tuple(islice(values, counts[layer])) for layer in hooked})
        return result

    def _block(
        self,
        x: Tensor,
        block: Sequence[str],
        pooled: bool,
        sums: HookSums,
        maps: dict[str, Tensor],
        strip: Strip | None = None,
        codes: dict[int, Tensor] | None = None,
    ) -> Tensor:
        """One block's convolutions, and the pooling after them; if not `pooled`, no rows are returned.

        Its sums and maps go into the dictionaries; of a strip's margins nothing does. codes: what was pooled of each
        strip, by its first row. Where it is known, the strip is only gone through for its gradient, and the block's
        last convolution, most of its work, is not computed again.
        """
        core, first = (slice(None), 0) if strip is None else (strip.core, strip.first)
        fused = pooled and can_fuse(x, self.pooling)
        code = None if codes is None else codes.get(first)
        for layer in block:
            enough = layer == block[-1] and fused and layer not in self.wanted
            x = self.network._convolve(x, layer.replace("relu", "conv"), self.padding, not enough or code is None)
            if enough:
                break  # `relu_max_pool` is enough: nobody needs the map after its ReLU
            x = relu(x, kept=layer in self.wanted)
            if layer in self.kept:
                maps[layer] = x
            if layer in self.layers and self.hook is not None:
                seen = crop(x, core)
                passed, sums[layer] = self.hook(layer, seen, first)
                x = passed if seen is x else x
        if not pooled:
            return x[..., :0, :]
        x = crop(x, core)
        if not fused:
            return pool(x, self.pooling)
        x, found = relu_max_pool(x, code)
        if codes is not None:
            codes[first] = found
        return x
