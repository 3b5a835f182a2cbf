"""Tiles cover the canvas once, and their features are those of the whole canvas."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from neural_style_server.engine.layers import STRIDE
from neural_style_server.engine.memory.tiles import Tile, add, cut, split
from neural_style_server.engine.vgg import Network

SIZES = st.integers(16, 300)


@given(height=SIZES, width=SIZES, size=st.integers(16, 320), wrap=st.booleans())
def test_cores_cover_the_canvas_exactly_once(height: int, width: int, size: int, wrap: bool) -> None:
    seen = torch.zeros(height, width, dtype=torch.int64)
    for tile in split(height, width, {"relu5_1"}, size, wrap=wrap):
        seen[tile.rows.start : tile.rows.stop, tile.columns.start : tile.columns.stop] += 1
    assert bool((seen == 1).all())


@given(height=SIZES, width=SIZES, size=st.integers(16, 320))
def test_no_core_is_empty_and_inner_borders_keep_the_pooling_grid(height: int, width: int, size: int) -> None:
    for tile in split(height, width, {"relu5_1", "relu1_1"}, size):
        for span, length in ((tile.rows, height), (tile.columns, width)):
            assert 0 <= span.low <= span.start < span.stop <= span.high <= length
            assert span.start % 16 == 0 and span.low % 16 == 0
            assert span.stop == length or span.stop % 16 == 0


def test_a_canvas_that_fits_is_one_whole_tile() -> None:
    assert [tile.whole for tile in split(200, 100, {"relu4_1"}, 200)] == [True]
    assert [tile.whole for tile in split(200, 100, {"relu4_1"}, None)] == [True]


def test_a_tile_with_its_margins_is_about_as_large_as_asked_for() -> None:
    for tile in split(2000, 3000, {"relu5_1"}, 512):
        assert tile.rows.high - tile.rows.low <= 512 + 16
        assert tile.columns.high - tile.columns.low <= 512 + 16


@pytest.mark.parametrize(("wrap", "padding"), [(False, "zeros"), (False, "replicate"), (True, "wrap")])
def test_core_features_are_those_of_the_whole_canvas(
    tiny_vgg: Network, picture_of: Callable[..., Tensor], wrap: bool, padding: str
) -> None:
    height, width = (128, 96) if wrap else (131, 101)
    image, layers = picture_of(height, width), {"relu1_1", "relu3_1", "relu4_2"}
    whole = tiny_vgg.features(image, layers, padding=padding)
    for tile in split(height, width, layers, 16, wrap=wrap):
        parts = tiny_vgg.features(cut(image, tile), layers, padding="zeros" if wrap else padding)
        for layer in layers:
            expected = tile.core_of_canvas(whole[layer], STRIDE[layer])
            assert torch.allclose(tile.core(parts[layer], STRIDE[layer]), expected, rtol=1e-10)


@given(height=SIZES, width=SIZES, wrap=st.booleans())
def test_adding_is_the_transpose_of_cutting(height: int, width: int, wrap: bool) -> None:
    """⟨cut x, y⟩ = ⟨x, add y⟩, which is what makes the gradient that of the whole."""
    tile: Tile = split(height, width, {"relu2_1"}, 48, wrap=wrap)[-1]
    generator = torch.Generator().manual_seed(height * width)
    x = torch.rand(1, 1, height, width, generator=generator, dtype=torch.float64)
    piece = cut(x, tile)
    y = torch.rand(piece.shape, generator=generator, dtype=torch.float64)
    gathered = torch.zeros_like(x)
    add(gathered, y, tile)
    assert float((piece * y).sum()) == pytest.approx(float((x * gathered).sum()), rel=1e-9)
