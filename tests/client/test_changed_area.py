"""The rectangle in which two pictures differ."""

from __future__ import annotations

import random

import pytest

from neural_style_client import Pixels
from neural_style_client.changed_area import Rectangle, changed_area, cut, cut_small


def picture(width: int, height: int, format: str = "RGBA8") -> Pixels:
    size = {"RGBA8": 4, "RGBA16": 8, "RGBAF32": 16}[format]
    return Pixels(width, height, format, random.Random(1).randbytes(width * height * size))


def with_pixel(pixels: Pixels, x: int, y: int) -> Pixels:
    size = len(pixels.data) // (pixels.width * pixels.height)
    data = bytearray(pixels.data)
    data[(y * pixels.width + x) * size + size - 1] ^= 1
    return pixels._replace(data=bytes(data))


@pytest.mark.parametrize("format", ["RGBA8", "RGBA16", "RGBAF32"])
def test_it_holds_every_changed_pixel_and_no_more(format: str) -> None:
    before = picture(9, 7, format)
    one = with_pixel(before, 2, 5)
    assert changed_area(before, one) == Rectangle(2, 5, 1, 1)
    assert changed_area(before, with_pixel(one, 8, 1)) == Rectangle(2, 1, 7, 5)
    assert changed_area(before, with_pixel(before, 0, 0)) == Rectangle(0, 0, 1, 1)


def test_equal_pictures_differ_nowhere() -> None:
    assert changed_area(picture(5, 5), picture(5, 5)) is None


def test_pictures_of_two_sizes_differ_everywhere() -> None:
    assert changed_area(picture(4, 6), picture(6, 4)) == Rectangle(0, 0, 6, 4)


def test_a_part_is_cut_row_by_row() -> None:
    pixels = Pixels(3, 2, "RGBA8", bytes(range(24)))
    assert cut(pixels, Rectangle(1, 0, 2, 2)) == Pixels(2, 2, "RGBA8", bytes([*range(4, 12), *range(16, 24)]))


@pytest.mark.parametrize(("area", "part"), [
    (Rectangle(0, 0, 80, 60), Rectangle(0, 0, 8, 6)),
    (Rectangle(20, 10, 40, 30), Rectangle(2, 1, 4, 3)),
    (Rectangle(25, 19, 10, 10), Rectangle(2, 1, 1, 1)),
    (Rectangle(79, 59, 1, 1), Rectangle(7, 5, 1, 1)),
    (Rectangle(68, 48, 12, 12), Rectangle(6, 4, 1, 1)),
    (Rectangle(15, 0, 65, 60), Rectangle(1, 0, 6, 6)),
])  # fmt: skip
def test_the_part_of_a_small_copy_shows_the_same(area: Rectangle, part: Rectangle) -> None:
    small = picture(8, 6)
    assert cut_small(small, 80, 60, area) == cut(small, part)
