"""A print's pixels, from its size on paper."""

from __future__ import annotations

import pytest

from neural_style_client import translations
from neural_style_client.errors import PainterError
from neural_style_client.print_size import PrintSize, printed_now


@pytest.mark.parametrize(
    ("print_size", "pixels"),
    [
        (PrintSize(36, "in", 300), (10800, 7200)),
        (PrintSize(90, "cm", 254), (9000, 6000)),
        (PrintSize(150, "mm", 72), (425, 283)),
    ],
)
def test_pixels_of_a_print(print_size: PrintSize, pixels: tuple[int, int]) -> None:
    assert print_size.pixels((1500, 1000), 16384) == pixels


def test_the_height_follows_the_picture() -> None:
    assert PrintSize(30, "cm").height((3000, 2000)) == 20


def test_a_picture_as_it_is_printed_now_keeps_its_pixels() -> None:
    assert printed_now((3000, 2000), 300, "in") == PrintSize(10, "in", 300)
    assert printed_now((3000, 2000), 300, "in").pixels((3000, 2000), 16384) == (3000, 2000)


def test_what_is_painted_is_told() -> None:
    said = "3543 × 2362 pixels; the height on paper is 20.0 cm"
    assert PrintSize(30, "cm").summary((3000, 2000), 16384) == said


def test_it_is_told_with_the_decimal_sign_of_the_language() -> None:
    translations.use("de")
    try:
        assert PrintSize(30, "cm").summary((3000, 2000), 16384).endswith("20,0 cm")
    finally:
        translations.use("en")


@pytest.mark.parametrize("width", [0, 0.001, 100])
def test_a_print_without_pixels_or_with_too_many_is_refused(width: float) -> None:
    with pytest.raises(PainterError):
        PrintSize(width).pixels((1500, 1000), 16384)


@pytest.mark.parametrize(("unit", "resolution"), [("ft", 300), ("in", 0), ("in", 9999), ("in", float("nan"))])
def test_what_no_print_has_is_refused(unit: str, resolution: float) -> None:
    with pytest.raises(PainterError):
        PrintSize(10, unit, resolution)
