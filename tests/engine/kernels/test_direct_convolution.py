"""Convolutions that keep nothing of their input, to the bit what autograd gives."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from neural_style_server.engine.kernels import direct_convolution

SIDES = st.integers(3, 20)


def layer(inputs: int, outputs: int, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(height * 100 + width)
    x = torch.randn(1, inputs, height, width, generator=generator, dtype=torch.float64)
    weight = torch.randn(outputs, inputs, 3, 3, generator=generator, dtype=torch.float64)
    layout = torch.channels_last
    bias = torch.randn(outputs, generator=generator, dtype=torch.float64)
    return x.contiguous(memory_format=layout), weight.contiguous(memory_format=layout), bias


def with_gradient(found: Tensor, leaf: Tensor) -> tuple[Tensor, Tensor]:
    pull = torch.linspace(-1, 1, found.numel(), dtype=found.dtype).view(found.shape)
    (slope,) = torch.autograd.grad(found, leaf, pull.contiguous(memory_format=torch.channels_last))
    return found.detach(), slope


@given(SIDES, SIDES, st.sampled_from([(3, 4), (4, 4)]), st.sampled_from([0, 1]), st.sampled_from([2, 4, 6, 64]))
def test_result_and_gradient_are_autograds_also_in_the_gradients_own_memory(
    height: int, width: int, channels: tuple[int, int], padding: int, rows: int
) -> None:
    x, weight, bias = layer(*channels, height, width)
    x.requires_grad_()
    expected = with_gradient(F.conv2d(x, weight, bias, padding=padding), x)
    for large in (1 << 30, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(direct_convolution, "MAP_BYTES", large)
            patch.setattr(direct_convolution, "rows_at_once", lambda row_bytes: rows)
            found = with_gradient(direct_convolution.convolve(x, weight, bias, padding), x)
        for one, other in zip(found, expected, strict=True):
            assert torch.allclose(one, other, rtol=1e-12, atol=1e-12)


@given(SIDES, SIDES, st.sampled_from([0, 1]))
def test_without_its_numbers_it_has_the_same_size_and_gradient(height: int, width: int, padding: int) -> None:
    x, weight, bias = layer(3, 4, height, width)
    x.requires_grad_()
    whole, slope = with_gradient(direct_convolution.convolve(x, weight, bias, padding), x)
    empty, same = with_gradient(direct_convolution.convolve(x, weight, bias, padding, computed=False), x)
    assert empty.shape == whole.shape and empty.stride() == whole.stride() and torch.equal(same, slope)


def test_nothing_of_the_input_is_kept() -> None:
    x, weight, bias = layer(4, 4, 6, 6)
    found = direct_convolution.convolve(x.requires_grad_(), weight, bias, 1)
    assert found.grad_fn is not None
    assert all(kept is weight for kept in found.grad_fn.saved_tensors)
