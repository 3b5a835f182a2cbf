"""A network as small as VGG-19's shape allows, in float64, and seeded pictures and weights for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.layers import CONVOLUTIONS
from neural_style_server.engine.vgg import Network

CHANNELS = (3, 4, 4, 5, 5)

PictureOf = Callable[..., Tensor]


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_vgg() -> Network:
    """VGG-19's sixteen convolutions with three to five channels each; seeded random weights, float64."""
    generator = torch.Generator().manual_seed(19)
    weights, inputs = {}, 3
    for name in CONVOLUTIONS:
        outputs = CHANNELS[int(name[4]) - 1]
        scale = (2 / (9 * inputs)) ** 0.5
        weight = torch.randn(outputs, inputs, 3, 3, generator=generator, dtype=torch.float64) * scale
        weights[name] = (weight, torch.rand(outputs, generator=generator, dtype=torch.float64) * 4)
        inputs = outputs
    network = Network(weights, (120.0, 115.0, 100.0), "tiny", "tiny-sha256")
    return network.to("cpu", torch.float64)  # in the layout that every network is used in


@pytest.fixture(scope="session")
def picture_of() -> PictureOf:
    """picture_of(height, width, seed=0) -> (1, 3, height, width), 0–255: coarse noise with fine noise on it."""

    def make(height: int, width: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        coarse = torch.rand(1, 3, 4, 4, generator=generator, dtype=dtype)
        smooth = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bilinear")
        return (smooth * 200 + torch.rand(1, 3, height, width, generator=generator, dtype=dtype) * 55).contiguous()

    return make


@pytest.fixture(scope="session")
def weight_of() -> PictureOf:
    """weight_of(height, width, seed=0) -> (1, 1, height, width): 0 on the left, 1 on the right, random between."""

    def make(height: int, width: int, seed: int = 0) -> Tensor:
        weight = torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        weight[..., : width // 3] = 0
        weight[..., width - width // 3 :] = 1
        return weight

    return make
