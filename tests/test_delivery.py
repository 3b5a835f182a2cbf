"""What is promised to the bit: everything outside the mask, alpha, what lies under alpha 0, size and depth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from neural_style_server.delivery import deliver
from neural_style_server.pixels import DTYPES, PEAK, Picture

FORMATS = list(DTYPES)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[NDArray[np.float32], Picture, NDArray[np.float32] | None]:
    """A painted picture, a content of any format with any values, and a mask or none."""
    shape = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    format = draw(st.sampled_from(FORMATS))
    finite = {} if format != "RGBAF32" else {"elements": st.floats(width=32, allow_nan=False, allow_infinity=False)}
    pixels = draw(hnp.arrays(DTYPES[format], (*shape, 4), **finite))
    painted = draw(hnp.arrays(np.float32, (*shape, 3), elements=st.floats(-300, 600, width=32)))
    mask = draw(
        st.none() | hnp.arrays(np.float32, shape, elements=st.just(0.0) | st.just(1.0) | st.floats(0, 1, width=32))
    )
    return painted, Picture(pixels, format), mask


def same_bits(one: NDArray[np.generic], other: NDArray[np.generic]) -> bool:
    return one.dtype == other.dtype and one.tobytes() == other.tobytes()


@given(deliveries())
def test_alpha_size_and_format_come_back_to_the_bit(
    delivery: tuple[NDArray[np.float32], Picture, NDArray[np.float32] | None],
) -> None:
    painted, content, mask = delivery
    result = deliver(painted, content, mask)
    assert result.format == content.format and result.pixels.shape == content.pixels.shape
    assert same_bits(result.pixels[..., 3], content.pixels[..., 3])


@given(deliveries())
def test_pixels_outside_the_mask_and_under_alpha_zero_come_back_to_the_bit(
    delivery: tuple[NDArray[np.float32], Picture, NDArray[np.float32] | None],
) -> None:
    painted, content, mask = delivery
    untouched = content.pixels[..., 3] <= 0
    if mask is not None:
        untouched |= mask == 0
    result = deliver(painted, content, mask)
    assert same_bits(result.pixels[untouched], content.pixels[untouched])


@given(deliveries())
def test_no_number_becomes_infinite_and_the_content_itself_is_not_changed(
    delivery: tuple[NDArray[np.float32], Picture, NDArray[np.float32] | None],
) -> None:
    painted, content, mask = delivery
    before = content.pixels.copy()
    assert np.isfinite(deliver(painted, content, mask).pixels).all()
    assert same_bits(content.pixels, before)


@given(deliveries())
def test_a_full_mask_is_the_same_as_none(
    delivery: tuple[NDArray[np.float32], Picture, NDArray[np.float32] | None],
) -> None:
    painted, content, _ = delivery
    full = deliver(painted, content, np.ones(painted.shape[:2], np.float32))
    if content.format != "RGBAF32":
        assert same_bits(full.pixels, deliver(painted, content, None).pixels)


@pytest.mark.parametrize("format", FORMATS)
def test_inside_the_mask_the_picture_is_the_painted_one(format: str) -> None:
    content = Picture(np.full((4, 4, 4), PEAK[format], DTYPES[format]), format)
    painted = np.random.default_rng(0).uniform(0, 255, (4, 4, 3)).astype(np.float32)
    found = deliver(painted, content, None).pixels[..., :3] / PEAK[format] * 255
    assert np.abs(found - painted).max() <= 0.5001


@pytest.mark.parametrize("format", FORMATS)
def test_a_feathered_edge_blends_by_the_mask(format: str) -> None:
    pixels = np.zeros((1, 5, 4), DTYPES[format])
    pixels[..., 3] = PEAK[format]
    mask = np.array([[0, 0.25, 0.5, 0.75, 1]], np.float32)
    painted = np.full((1, 5, 3), 200, np.float32)
    found = deliver(painted, Picture(pixels, format), mask).pixels[0, :, 0] / PEAK[format] * 255
    assert found == pytest.approx([0, 50, 100, 150, 200], abs=0.51)


def test_painting_beyond_the_range_is_clipped() -> None:
    content = Picture(np.full((1, 2, 4), 255, np.uint8), "RGBA8")
    painted = np.array([[[-40, 300, 255], [0, 1e6, -1e6]]], np.float32)
    assert deliver(painted, content, None).pixels[..., :3].tolist() == [[[0, 255, 255], [0, 255, 0]]]


def test_a_16_bit_gradient_keeps_more_than_256_levels() -> None:
    ramp = np.linspace(0, 65535, 2000).astype("<u2")
    pixels = np.full((1, 2000, 4), 65535, "<u2")
    pixels[0, :, :3] = ramp[:, None]
    content = Picture(pixels, "RGBA16")
    result = deliver(content.rgb(), content, None)
    assert len(np.unique(result.pixels[0, :, 0])) > 1900
    assert np.abs(result.pixels.astype(int) - pixels.astype(int)).max() <= 1


def test_light_above_one_is_added_to_the_painting_again() -> None:
    pixels = np.array([[[3.5, 0.5, -0.25, 1.0]]], np.float32)
    painted = np.full((1, 1, 3), 51.0, np.float32)  # 0.2
    found = deliver(painted, Picture(pixels, "RGBAF32"), None).pixels[0, 0]
    assert found == pytest.approx([0.2 + 2.5, 0.2, 0.2 - 0.25, 1.0])


def test_light_above_one_outside_the_mask_is_not_touched() -> None:
    pixels = np.array([[[3.1, 7e37, -2.0, 0.5]]], np.float32)
    result = deliver(np.zeros((1, 1, 3), np.float32), Picture(pixels, "RGBAF32"), np.zeros((1, 1), np.float32))
    assert same_bits(result.pixels, pixels)
