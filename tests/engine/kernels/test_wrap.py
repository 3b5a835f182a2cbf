"""What is cut around the ends of a canvas is what an endless repetition of it shows, and goes back to where it was."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.engine.kernels import wrap

LENGTHS, RANGES = st.integers(1, 9), st.tuples(st.integers(-12, 12), st.integers(1, 20))


@given(LENGTHS, LENGTHS, RANGES, RANGES)
def test_cuts_are_those_of_an_endless_repetition_and_add_goes_back(
    height: int, width: int, down: tuple[int, int], across: tuple[int, int]
) -> None:
    rows, columns = ((low, low + count) for low, count in (down, across))
    x = torch.arange(2.0 * height * width).view(1, 2, height, width)
    index = torch.arange(*rows) % height, torch.arange(*columns) % width
    part = wrap.cut(x, rows, columns)
    assert torch.equal(part, x[:, :, index[0]][..., index[1]])
    assert torch.equal(wrap.cut_rows(x, rows), x[:, :, index[0]])

    total, expected = torch.ones_like(x), torch.ones_like(x)
    wrap.add(total, part, rows, columns)
    wide = torch.zeros(1, 2, len(index[0]), width).index_add_(-1, index[1], part)
    assert torch.equal(total, expected.index_add_(-2, index[0], wide))


def test_what_lies_within_is_a_view() -> None:
    x = torch.zeros(1, 1, 4, 4)
    assert wrap.cut(x, (1, 3), (0, 4)).data_ptr() == x[..., 1:, :].data_ptr()


@given(LENGTHS, LENGTHS, st.booleans())
def test_a_map_is_padded_as_circular_padding_does_in_channels_last(height: int, width: int, batched: bool) -> None:
    x = torch.arange(3.0 * height * width).view(height, width, 3)
    x = (x[None].permute(0, 3, 1, 2) if batched else x.permute(2, 0, 1)[None]).requires_grad_()  # strides differ
    found, expected = wrap.pad(x), F.pad(x, (1, 1, 1, 1), mode="circular")
    assert torch.equal(found, expected) and found.is_contiguous(memory_format=torch.channels_last)
    pull = torch.arange(float(found.numel())).view(found.shape)
    assert torch.equal(*(torch.autograd.grad(each, x, pull)[0] for each in (found, expected)))
