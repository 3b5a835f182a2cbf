"""The part of a style image that a painter draws a rectangle around."""

from __future__ import annotations

from typing import Any

import pytest

from neural_style_client.errors import PainterError
from neural_style_client.style_part import LEAST, WHOLE_STYLE, StylePart, between, job_part, part_from

MIDDLE = StylePart(30, 20, 40, 50)


def test_a_rectangle_is_drawn_from_any_corner_to_the_other() -> None:
    for start, end in (((30, 20), (70, 70)), ((70.2, 69.9), (29.8, 20.3)), ((70, 20), (30, 70))):
        assert between(start, end) == MIDDLE
    assert between((-8, -5), (130, 101)) == WHOLE_STYLE


def test_a_click_gives_the_smallest_part_within_the_image() -> None:
    assert between((50, 50), (50, 50)) == StylePart(50, 50, LEAST, LEAST)
    assert between((99, 100), (100, 100)) == StylePart(100 - LEAST, 100 - LEAST, LEAST, LEAST)


def test_it_is_moved_and_resized_within_the_image() -> None:
    assert MIDDLE.moved(-2, 2) == StylePart(28, 22, 40, 50)
    assert MIDDLE.moved(-99, 99) == StylePart(0, 50, 40, 50)
    assert MIDDLE.grown(2, -2) == StylePart(30, 20, 42, 48)
    assert MIDDLE.grown(99, -99) == StylePart(30, 20, 70, LEAST)
    assert MIDDLE.holds((30, 70)) and not MIDDLE.holds((29, 70))


def test_its_pixels_are_found_at_any_size() -> None:
    assert MIDDLE.box(200, 100) == (60, 20, 80, 50)
    assert WHOLE_STYLE.box(7, 3) == (0, 0, 7, 3)
    assert StylePart(95, 95, LEAST // 2, LEAST // 2).box(3, 3)[2:] == (1, 1)


def test_it_is_told_in_words() -> None:
    assert WHOLE_STYLE.words() == "Whole style image"
    assert MIDDLE.words() == "40 × 50 % of the style image"
    assert MIDDLE.place_words() == "From 30 to 70 % across, from 20 to 70 % down"


NO_PARTS: list[Any] = [
    None, 5, [], [0, 0, 50], [0, 0, 5, 50], [-1, 0, 50, 50], [60, 0, 50, 50], ["a"] * 4, [0, 0, 1e999, 9],
    [0, 0, 9.9, 50], [50.1, 0, 50, 50], [float("nan"), 0, 50, 50], [0, 0, 50, 50, 1],
]  # fmt: skip


@pytest.mark.parametrize("found", NO_PARTS)
def test_what_is_no_part_is_refused(found: Any) -> None:
    with pytest.raises(PainterError, match=r"must be \[left, top, width, height\]"):
        part_from(found)


def test_fractions_of_a_percent_are_kept() -> None:
    part = part_from([12.5, 0.0, 87.5, 33.3])
    assert part == StylePart(12.5, 0, 87.5, 33.3)
    assert job_part(part) == {"left": 0.125, "top": 0, "width": 0.875, "height": pytest.approx(0.333)}
    assert part.box(80, 1000) == (10, 0, 70, 333)
    assert part.words() == "87.5 × 33.3 % of the style image"
    assert part.place_words() == "From 12.5 to 100 % across, from 0 to 33.3 % down"
    assert part_from([1.0, 2.0, 30.0, 40.0]).words() == "30 × 40 % of the style image"


def test_a_job_names_it_in_shares_of_the_image() -> None:
    assert part_from([30, 20, 40, 50]) == MIDDLE
    assert job_part(MIDDLE) == {"left": 0.3, "top": 0.2, "width": 0.4, "height": 0.5}
