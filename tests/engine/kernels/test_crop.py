"""A crop is the slice that it is called, and its gradient is laid out as feature maps are."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from neural_style_server.engine.kernels.crop import crop


def map_of(height: int, width: int) -> Tensor:
    numbers = torch.arange(5.0 * height * width).view(1, 5, height, width)
    return numbers.contiguous(memory_format=torch.channels_last)


@given(st.data(), st.integers(1, 9), st.integers(1, 9))
def test_a_crop_and_its_gradient_are_those_of_a_slice(data: st.DataObject, height: int, width: int) -> None:
    rows, columns = (slice(*sorted(data.draw(st.tuples(*[st.integers(0, side)] * 2)))) for side in (height, width))
    one, other = (map_of(height, width).requires_grad_() for _ in range(2))
    found, expected = crop(one, rows, columns), other[..., rows, columns]
    assert torch.equal(found, expected)
    for part in (found, expected):
        (part.square().sum()).backward()
    assert torch.equal(one.grad, other.grad)


def test_a_crop_of_everything_is_the_map_itself() -> None:
    x = map_of(4, 6)
    assert crop(x, slice(None)) is x and crop(x, slice(0, 4), slice(0, 9)) is x


def test_the_gradient_of_a_crop_is_channels_last() -> None:
    x = map_of(6, 4).requires_grad_()
    seen: list[Tensor] = []
    x.register_hook(seen.append)
    crop(x, slice(1, 3)).sum().backward()
    assert seen[0].is_contiguous(memory_format=torch.channels_last)
