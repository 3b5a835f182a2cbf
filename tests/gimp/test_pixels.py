"""Formats, strips and masks, without GIMP."""

from __future__ import annotations

import array

import pytest

from document import pixels
from document.pixels import Picture


@pytest.mark.parametrize(
    ("precision", "plain", "format"),
    [
        ("u8-non-linear", True, "RGBA8"),
        ("u8-perceptual", True, "RGBA8"),
        ("u8-linear", True, "RGBA16"),
        ("u16-non-linear", True, "RGBA16"),
        ("u16-linear", True, "RGBAF32"),
        ("u32-non-linear", True, "RGBAF32"),
        ("half-linear", True, "RGBAF32"),
        ("float-linear", True, "RGBAF32"),
        ("u8-non-linear", False, "RGBAF32"),
    ],
)
def test_no_depth_is_lost_on_the_way(precision: str, plain: bool, format: str) -> None:
    assert pixels.wire_format(precision, plain) == format


@pytest.mark.parametrize("height", [1, 511, 512, 4096])
def test_strips_cover_every_row_once(height: int) -> None:
    rows = [row for top, count in pixels.strips(height, 4 * 4096) for row in range(top, top + count)]
    assert rows == list(range(height))


def test_a_row_longer_than_a_strip_is_a_strip() -> None:
    assert pixels.strips(2, 10 * pixels.STRIP_BYTES) == [(0, 1), (1, 1)]


def test_a_box_is_cut_out() -> None:
    data = bytes(range(24))  # 6 × 4
    assert pixels.cut(data, 6, (2, 1, 3, 2)) == bytes([8, 9, 10, 14, 15, 16])
    assert pixels.cut(data, 6, (0, 1, 6, 2)) == data[6:18]


@pytest.mark.parametrize(("format", "kind"), [("RGBA8", "B"), ("RGBA16", "H"), ("RGBAF32", "f")])
def test_a_picture_without_alpha_is_empty(format: str, kind: str) -> None:
    empty = array.array(kind, [1, 1, 1, 0] * 6)
    assert not pixels.has_paint(empty.tobytes(), format)
    empty[7] = 1
    assert pixels.has_paint(empty.tobytes(), format)


def test_a_mask_is_hard_because_the_layer_mask_fades() -> None:
    assert pixels.hard_weights(bytes([0, 1, 255]), 1) == bytes([0, 255, 255])
    floats = array.array("f", [0.0, 0.001, 1.0]).tobytes()
    assert pixels.hard_weights(floats, 4) == pixels.hard_weights(bytes([0, 1, 255]), 1)


def test_weights_multiply() -> None:
    assert pixels.multiply(bytes([0, 128, 255, 255]), bytes([255, 128, 255, 7]), 1) == bytes([0, 64, 255, 7])
    half = array.array("f", [0.5, 1.0]).tobytes()
    assert array.array("f", pixels.multiply(half, half, 4)).tolist() == [0.25, 1.0]


def test_a_picture_has_a_mask_where_something_is_selected() -> None:
    picture = Picture(2, 1, "RGBA8", [bytes([9, 9, 9, 255]), bytes(4)])
    assert picture.mask() is None and picture.has_paint()
    assert picture.pixels().data == bytes([9, 9, 9, 255, 0, 0, 0, 0])
    mask = picture._replace(selection=bytes([0, 3])).mask()
    assert mask is not None and mask[:4] == (2, 1, "RGBA8", bytes([0, 0, 0, 255, *[255] * 4]))
