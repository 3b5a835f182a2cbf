"""Weights of pixels, byte by byte."""

from __future__ import annotations

import array
import struct

import pytest

from neural_style_client import masks
from neural_style_client.api import Pixels
from neural_style_client.masks import (
    alpha_of,
    has_paint,
    is_empty,
    largest,
    left_over,
    mask_pixels,
    product,
    scaled,
    weights_of,
)
from neural_style_client.tasks import run_to_end


def test_a_mask_goes_out_as_a_grey_picture() -> None:
    assert mask_pixels(2, 1, bytes([0, 90])).data == bytes([0, 0, 0, 255, 90, 90, 90, 255])


@pytest.mark.parametrize(("format", "size"), [("RGBA8", 1), ("RGBA16", 2), ("RGBAF32", 4)])
def test_paint_is_what_is_not_transparent(format: str, size: int) -> None:
    assert not has_paint(bytes(b"\x40" * 3 * size + bytes(size)), format)
    assert has_paint(bytes(3 * size) + b"\x01" * size, format)


def test_a_layer_marks_where_it_is_opaque_or_else_bright() -> None:
    faint, dark, bright = bytes([255, 0, 0, 10]), bytes([0, 0, 0, 255]), bytes([9, 80, 3, 255])
    assert run_to_end(weights_of([faint + dark])) == bytes([10, 255])
    assert run_to_end(weights_of([dark + bright])) == bytes([0, 80])
    for bands in ([dark, faint, bright], [dark, bright, faint], [faint, dark, bright]):
        assert run_to_end(weights_of(bands)) == bytes(band[3] for band in bands)
    assert run_to_end(weights_of([dark, bright, dark])) == bytes([0, 80, 0])


def test_the_largest_weights_are_found_for_all_pairs_and_across_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    one = bytes(value for value in range(256) for _ in range(256))
    other = bytes(range(256)) * 256
    for piece in (1000, 1 << 18):
        monkeypatch.setattr(masks, "PIECE", piece)
        assert largest([one, other]) == bytes(map(max, one, other))
    assert largest([b"\x07\xff", b"\x09\0", b"\x08\x80"]) == b"\x09\xff"
    assert largest([b""]) == largest([b"", b""]) == b""


def test_a_mask_of_several_pieces_goes_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = mask_pixels(5, 2, bytes(range(10)))
    alpha = alpha_of(whole._replace(data=bytes(range(40))))
    monkeypatch.setattr(masks, "PIECE", 3)
    assert mask_pixels(5, 2, bytes(range(10))) == whole
    assert alpha_of(whole._replace(data=bytes(range(40)))) == alpha == bytes(range(3, 40, 4))


def test_weights_are_scaled_multiplied_and_left_over() -> None:
    weights = bytes([0, 100, 255])
    assert scaled(weights, 50) == bytes([0, 50, 128])
    assert scaled(weights, 100) == weights
    assert product(weights, bytes([255, 128, 255])) == bytes([0, 50, 255])
    assert left_over([weights]) == bytes([255, 155, 0])
    assert left_over([weights, bytes([7, 120, 0]), bytes(3)]) == bytes([248, 135, 0])
    assert is_empty(bytes(3)) and not is_empty(weights)


def test_how_opaque_pixels_are_is_one_byte_in_every_format() -> None:
    floats = array.array("f", [0, 0, 0, 0.5, 0, 0, 0, 1.5, 0, 0, 0, -1]).tobytes()
    assert list(alpha_of(Pixels(3, 1, "RGBAF32", floats))) == [128, 255, 0]
    assert list(alpha_of(Pixels(2, 1, "RGBA8", bytes((1, 2, 3, 4, 5, 6, 7, 8))))) == [4, 8]
    assert list(alpha_of(Pixels(1, 1, "RGBA16", struct.pack("<4H", 1, 2, 3, 0x8001)))) == [128]
