"""The names and shapes of VGG-19's convolutional layers (Simonyan and Zisserman 2014). No torch."""

from __future__ import annotations

from collections.abc import Iterable

BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))
"""(channels, convolutions) of the five blocks; a 2×2 pooling stands between two blocks."""

CONVOLUTIONS = tuple(
    f"conv{block}_{index}" for block, (_, count) in enumerate(BLOCKS, 1) for index in range(1, count + 1)
)
LAYERS = tuple(name.replace("conv", "relu") for name in CONVOLUTIONS)
"""Every layer that a preset may name, from the shallowest to the deepest."""

CHANNELS = {layer: BLOCKS[int(layer[4]) - 1][0] for layer in LAYERS}
STRIDE: dict[str, int] = {layer: 2 ** (int(layer[4]) - 1) for layer in LAYERS}
"""Pixels of the image per element of a layer's feature map, in one direction."""

DEEPEST_STRIDE = STRIDE[LAYERS[-1]]
"""Multiples of it lie on the pooling grids of all layers."""

PADDINGS = ("zeros", "replicate")
POOLINGS = ("max", "average")


def deepest(layers: Iterable[str]) -> str:
    """The deepest of some layer names."""
    return max(layers, key=LAYERS.index)


def multiplications(layers: Iterable[str]) -> float:
    """Multiplications per pixel of the image on the way to the deepest of some layers."""
    total, inputs = 0.0, 3
    for layer in LAYERS[: LAYERS.index(deepest(layers)) + 1]:
        total += 9 * inputs * CHANNELS[layer] / STRIDE[layer] ** 2
        inputs = CHANNELS[layer]
    return total


def receptive_radius(layer: str) -> int:
    """Pixels in each direction that one element of `layer` can see, counted from its own block of pixels.

    Each 3×3 convolution adds one element of its own stride; a 2×2 pooling adds none beyond the block.
    """
    last = LAYERS.index(layer)
    return sum(STRIDE[name] for name in LAYERS[: last + 1])


def tile_margin(layer: str) -> int:
    """`receptive_radius` as a multiple of DEEPEST_STRIDE: what a tile needs around its core."""
    return -(-receptive_radius(layer) // DEEPEST_STRIDE) * DEEPEST_STRIDE
