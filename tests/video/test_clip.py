"""Times, spans and the looks of clips."""

from __future__ import annotations

from fractions import Fraction

import pytest

from neural_style_server.errors import InvalidRequest
from neural_style_server.video.clip import BT601, BT709, Colour, Look, Moment, Span, parse_moment

SHOWN = [(number, (number - 1) / 10) for number in range(1, 21)]


@pytest.mark.parametrize(
    ("word", "moment"),
    [
        ("3", Moment(3.0)),
        ("1:02.5", Moment(62.5)),
        ("1:02:03", Moment(3723.0)),
        ("90:00", Moment(5400.0)),
        ("40f", Moment(frame=40)),
    ],
)
def test_a_moment_is_a_time_or_a_frame(word: str, moment: Moment) -> None:
    assert parse_moment(word) == moment


@pytest.mark.parametrize("word", ["", "x", "-1", "1:2:3:4", "f", "4.5f", "1e3", "9" * 5000 + "f"])
def test_what_is_no_moment_is_refused(word: str) -> None:
    with pytest.raises(InvalidRequest, match="no time"):
        parse_moment(word)


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [(None, None, 1, 20), ("0.3", None, 4, 20), (None, "0.3", 1, 3), ("4f", "6f", 4, 6), ("0.5", "9f", 6, 9)],
)
def test_a_span_has_its_first_frame_and_ends_before_a_time(
    start: str | None, end: str | None, first: int, last: int
) -> None:
    span = Span(*(word and parse_moment(word) for word in (start, end)))  # type: ignore[arg-type]
    numbers = span.numbers(SHOWN)
    assert (numbers[0], numbers[-1]) == (first, last)


def test_a_span_without_frames_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"20 frames in 1\.90 s"):
        Span(Moment(5.0)).numbers(SHOWN)


def test_a_clip_is_made_smaller_with_even_sides_and_never_larger() -> None:
    look = Look(1281, 721, Fraction(1, 25), Fraction(25))
    assert (look.resized(640).width, look.resized(640).height) == (640, 360)
    assert look.resized(2000) == look.resized(None) == look


def test_a_clip_that_names_no_matrix_has_the_one_that_players_take() -> None:
    assert [Colour().used_matrix(height) for height in (576, 720)] == [BT601, BT709]
    assert Colour(matrix=9).used_matrix(100) == 9
    assert Colour(9, 1, 9, 16).as_written() == Colour(1, 1, 1, 1)
    assert Colour(6, 2, 6, 6).as_written() == Colour(6, 2, 6, 6)


def test_a_folder_s_numbers_may_begin_with_0() -> None:
    shown = [(number, number / 25) for number in range(5)]
    assert Span().numbers(shown) == [0, 1, 2, 3, 4]
    assert Span(Moment(frame=0), Moment(frame=2)).numbers(shown) == [0, 1, 2]
    assert Span(Moment(frame=1)).numbers(shown) == [1, 2, 3, 4]
