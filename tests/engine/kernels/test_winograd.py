from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from neural_style_server.engine import vgg
from neural_style_server.engine.kernels import winograd
from neural_style_server.engine.vgg import Network

SIDES = st.integers(1, 23)


def layer(inputs: int, outputs: int, height: int, width: int, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """x, weight, bias of a layer such as VGG's: inputs that are not negative, outputs of about their size."""
    generator = torch.Generator().manual_seed(height * 100 + width)
    x = torch.randn(1, inputs, height, width, generator=generator, dtype=dtype).relu()
    weight = torch.randn(outputs, inputs, 3, 3, generator=generator, dtype=dtype) / (9 * inputs) ** 0.5
    bias = torch.randn(outputs, generator=generator, dtype=dtype)
    return x.contiguous(memory_format=torch.channels_last), weight, bias


def direct(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.conv2d(x, weight, bias, padding=1)


def with_gradient(convolve: object, x: Tensor, *rest: Tensor) -> tuple[Tensor, Tensor]:
    leaf = x.detach().requires_grad_()
    out = convolve(leaf, *rest)  # type: ignore[operator]
    pull = torch.linspace(-1, 1, out.numel(), dtype=out.dtype).view(out.shape)
    out.backward(pull)
    assert leaf.grad is not None
    return out.detach(), leaf.grad


@given(SIDES, SIDES, st.sampled_from([1, 15, 1 << 17]))
def test_result_and_gradient_are_those_of_the_direct_sum_for_any_size(height: int, width: int, numbers: int) -> None:
    x, weight, bias = layer(3, 5, height, width, torch.float64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winograd, "STRIP_NUMBERS", numbers)
        out, grad = with_gradient(winograd.convolve, x, winograd.transform(weight), bias)

    expected, expected_grad = with_gradient(direct, x, weight, bias)

    assert torch.allclose(out, expected, rtol=1e-9, atol=1e-12)
    assert torch.allclose(grad, expected_grad, rtol=1e-9, atol=1e-12)


@given(SIDES, SIDES, st.sampled_from([1, 15, 1 << 17]))
def test_what_is_padded_already_gets_no_zeros(height: int, width: int, numbers: int) -> None:
    x, weight, bias = layer(3, 5, height + 2, width + 2, torch.float64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winograd, "STRIP_NUMBERS", numbers)
        transformed = winograd.transform(weight)
        out, grad = with_gradient(lambda leaf: winograd.convolve(leaf, transformed, bias, padded=True), x)

    expected, expected_grad = with_gradient(F.conv2d, x, weight, bias)

    assert torch.allclose(out, expected, rtol=1e-9, atol=1e-12)
    assert torch.allclose(grad, expected_grad, rtol=1e-9, atol=1e-12)


@given(SIDES, SIDES, st.booleans())
def test_without_its_numbers_it_has_the_same_size_and_gradient(height: int, width: int, padded: bool) -> None:
    x, weight, bias = layer(3, 5, height + 2, width + 2, torch.float64)
    transformed = winograd.transform(weight)
    (whole, slope), (empty, same) = (
        with_gradient(lambda leaf, c=computed: winograd.convolve(leaf, transformed, bias, padded=padded, computed=c), x)
        for computed in (True, False)
    )
    assert empty.shape == whole.shape and empty.stride() == whole.stride() and torch.equal(same, slope)


def test_one_block_by_hand() -> None:
    """A kernel that only takes the left neighbour shifts the picture to the right."""
    x = torch.arange(16, dtype=torch.float64).view(1, 1, 4, 4)
    weight = torch.zeros(1, 1, 3, 3, dtype=torch.float64)
    weight[0, 0, 1, 0] = 1

    out = winograd.convolve(x, winograd.transform(weight), torch.tensor([0.5], dtype=torch.float64))

    rows = [[0.5, 0.5 + 4 * r, 1.5 + 4 * r, 2.5 + 4 * r] for r in range(4)]
    assert torch.allclose(out[0, 0], torch.tensor(rows, dtype=torch.float64), atol=1e-12)


def test_float32_stays_within_a_fifty_thousandth_of_the_largest_value() -> None:
    x, weight, bias = layer(256, 128, 37, 45, torch.float32)

    out, grad = with_gradient(winograd.convolve, x, winograd.transform(weight), bias)

    exact, exact_grad = with_gradient(direct, x.double(), weight.double(), bias.double())
    assert float((out - exact).abs().max() / exact.abs().max()) < 2e-5
    assert float((grad - exact_grad).norm() / exact_grad.norm()) < 1e-5


def test_layout_is_channels_last_and_inputs_without_gradient_ask_for_none() -> None:
    x, weight, bias = layer(3, 5, 9, 9, torch.float32)

    out = winograd.convolve(x, winograd.transform(weight), bias)

    assert out.is_contiguous(memory_format=torch.channels_last) and not out.requires_grad


@pytest.mark.parametrize("padding", ["zeros", "replicate", "wrap"])
def test_network_takes_it_where_it_pays_and_agrees_with_itself(
    wide_network: Network, monkeypatch: pytest.MonkeyPatch, padding: str
) -> None:
    image = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1)) * 255
    fast = wide_network.features(image, ["relu3_1"], padding=padding)["relu3_1"]
    monkeypatch.setattr(vgg, "WINOGRAD_PIXELS", 10**9)
    slow = wide_network.features(image, ["relu3_1"], padding=padding)["relu3_1"]

    assert not torch.equal(fast, slow), "both took the same way"
    assert float((fast - slow).abs().max() / slow.abs().max()) < 2e-5


@pytest.mark.parametrize("padding", ["zeros", "wrap"])
def test_the_gradient_through_the_network_is_that_of_the_direct_sums(
    wide_network: Network, monkeypatch: pytest.MonkeyPatch, padding: str
) -> None:
    """Through ReLU in place, hooks and pooling."""

    def gradient() -> Tensor:
        leaf = (torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1)) * 255).requires_grad_()
        maps = wide_network.features(leaf, ["relu1_1", "relu2_1", "relu2_2", "relu3_1"], padding=padding)
        sum(part.square().mean() for part in maps.values()).backward()
        assert leaf.grad is not None
        return leaf.grad

    fast = gradient()
    monkeypatch.setattr(vgg, "WINOGRAD_PIXELS", 10**9)
    slow = gradient()
    assert not torch.equal(fast, slow), "both took the same way"
    assert float((fast - slow).norm() / slow.norm()) < 1e-3


def test_network_in_float64_or_with_few_channels_is_left_alone(tiny_vgg: Network) -> None:
    tiny_vgg.features(torch.rand(1, 3, 64, 64, dtype=torch.float64) * 255, ["relu3_1"])

    assert not tiny_vgg._transformed


@pytest.fixture
def wide_network() -> Network:
    """The first blocks with VGG's own widths and random numbers."""
    generator = torch.Generator().manual_seed(0)
    widths = {"conv1_1": (3, 64), "conv1_2": (64, 64), "conv2_1": (64, 128), "conv2_2": (128, 128)}
    widths["conv3_1"] = (128, 256)
    weights = {
        name: (torch.randn(co, ci, 3, 3, generator=generator) / (9 * ci) ** 0.5, torch.zeros(co))
        for name, (ci, co) in widths.items()
    }
    return Network(weights, (120.0, 110.0, 100.0), "random", "0" * 64)
