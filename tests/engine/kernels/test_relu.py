"""ReLU and its fusion with pooling: to the bit what torch's own operations give."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.engine.kernels import relu as kernel
from neural_style_server.engine.kernels.relu import can_fuse, pool, relu, relu_max_pool

TYPES = [torch.bfloat16, torch.float32, torch.float64]


def numbers(channels: int, height: int, width: int, dtype: torch.dtype, seed: int = 0, *, few: bool = False):
    """Random numbers, channels last; `few` different ones, so that many are equal."""
    x = torch.randn(1, channels, height, width, generator=torch.Generator().manual_seed(seed))
    x = x.mul(2).round() if few else x
    return x.to(dtype).contiguous(memory_format=torch.channels_last)


def both(function, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The result, and the gradient of a sum with other weights for each number of it."""
    leaf = x.clone(memory_format=torch.preserve_format).requires_grad_()
    found = function(leaf + 0)
    pull = torch.linspace(-1, 1, found.numel(), dtype=torch.float64).to(found.dtype).view(found.shape)
    found.backward(pull.contiguous(memory_format=torch.channels_last))
    assert leaf.grad is not None
    return found.detach(), leaf.grad


def relu_and_pool(x: torch.Tensor, pooling: str) -> torch.Tensor:
    """As the network does."""
    return relu_max_pool(x)[0] if can_fuse(x, pooling) else pool(relu(x), pooling)


def torchs_own(pooling: str):
    pool = F.max_pool2d if pooling == "max" else F.avg_pool2d
    return lambda x: pool(F.relu(x), 2)


@given(
    st.sampled_from(TYPES),
    st.integers(2, 21),
    st.integers(2, 21),
    st.sampled_from([1, 40, 1 << 19]),
    st.booleans(),
    st.sampled_from(["max", "average"]),
)
def test_pooled_it_is_what_torch_gives_to_the_bit(
    dtype: torch.dtype, height: int, width: int, at_once: int, few: bool, pooling: str
) -> None:
    x = numbers(3, height, width, dtype, height * 31 + width, few=few)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "RESULTS_AT_ONCE", at_once)
        found = both(lambda x: relu_and_pool(x, pooling), x)
    for one, other in zip(found, both(torchs_own(pooling), x), strict=True):
        assert torch.equal(one, other)


def test_a_map_after_relu_may_be_pooled_by_the_fused_kernel_too() -> None:
    x = numbers(3, 9, 8, torch.float32, few=True)
    for one, other in zip(both(lambda x: relu_max_pool(relu(x))[0], x), both(torchs_own("max"), x), strict=True):
        assert torch.equal(one, other)


@given(st.sampled_from(TYPES), st.integers(1, 12), st.integers(1, 12), st.booleans())
def test_alone_it_is_what_torch_gives_to_the_bit(dtype: torch.dtype, height: int, width: int, few: bool) -> None:
    x = numbers(3, height, width, dtype, height * 31 + width, few=few)
    for one, other in zip(both(relu, x), both(F.relu, x), strict=True):
        assert torch.equal(one, other)


def test_it_is_done_in_place_in_both_directions() -> None:
    """That is what it is for: no new memory."""
    x = numbers(4, 6, 6, torch.float32)
    leaf = x.clone(memory_format=torch.preserve_format).requires_grad_()
    mapped = leaf + 0
    found = relu(mapped)
    assert found.data_ptr() == mapped.data_ptr()
    pull = torch.ones_like(found)
    (slope,) = torch.autograd.grad(found, mapped, pull)
    assert slope.data_ptr() == pull.data_ptr()


def test_one_number_that_stands_for_a_whole_gradient_is_not_changed() -> None:
    x = numbers(4, 6, 6, torch.float32)
    leaf = x.clone(memory_format=torch.preserve_format).requires_grad_()
    relu(leaf + 0).sum().backward()
    assert leaf.grad is not None
    assert torch.equal(leaf.grad, (x > 0).float())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_seen_and_not_swallowed(value: float) -> None:
    for function in (relu, lambda x: relu_and_pool(x, "max")):
        for sign in (1, -1):
            x = numbers(2, 4, 4, torch.bfloat16)
            x[0, 1, 2, 3] = sign * value
            expected = F.relu(x) if function is relu else F.max_pool2d(F.relu(x), 2)
            torch.testing.assert_close(function(x.clone(memory_format=torch.preserve_format)), expected, equal_nan=True)


@given(st.sampled_from(TYPES), st.integers(2, 21), st.integers(2, 21), st.booleans())
def test_with_the_code_from_before_pooling_reads_no_numbers_and_gives_the_same_gradient(
    dtype: torch.dtype, height: int, width: int, few: bool
) -> None:
    x = numbers(3, height, width, dtype, height * 31 + width, few=few)
    code = relu_max_pool(x)[1]
    _, slope = both(lambda x: relu_max_pool(x)[0], x)
    nothing = torch.full_like(x, float("nan"))
    assert torch.equal(both(lambda x: relu_max_pool(x, code)[0], nothing)[1], slope)
