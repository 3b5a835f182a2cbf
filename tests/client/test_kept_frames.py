"""Which frames become layers, from what a painter writes."""

from __future__ import annotations

from typing import Any

import pytest

from neural_style_client import kept_frames
from neural_style_client.errors import PainterError


@pytest.mark.parametrize(("text", "frames"), [
    ("", {}),
    ("none", {}),
    ("every 50", {"every": 50}),
    ("Every:5", {"every": 5}),
    ("300, 100;100", {"at": [100, 300]}),
    ("100; 300,3300", {"at": [100, 300, 3300]}),
])  # fmt: skip
def test_kept_frames_are_read_from_a_painters_words(text: str, frames: dict[str, Any]) -> None:
    assert kept_frames.parse(text) == frames


@pytest.mark.parametrize("text", [
    "0", "every 0", "every", "-5", "1.5", "often", "100, x", "999999999", "20001", ",".join(map(str, range(1, 200))),
])  # fmt: skip
def test_impossible_frames_are_refused(text: str) -> None:
    with pytest.raises(PainterError, match="Write iterations such as"):
        kept_frames.parse(text)


def test_there_is_something_to_look_at_before_the_first_kept_frame() -> None:
    assert kept_frames.job_frames("100", live=True) == {"at": [100], "seconds": 2.0}
    assert kept_frames.job_frames("every 300", live=True) == {"every": 300, "seconds": 2.0}
    assert kept_frames.job_frames("100", live=False) == {"at": [100]}
    assert kept_frames.job_frames("", live=True) == {}


def test_the_last_iteration_is_the_result_and_not_kept_twice() -> None:
    assert kept_frames.kept_iterations({"every": 10}, 30) == [10, 20]
    assert kept_frames.kept_iterations({"at": [5, 30, 40], "seconds": 2.0}, 30) == [5]
    assert kept_frames.kept_iterations({"seconds": 2.0}, 30) == kept_frames.kept_iterations(None, 30) == []


def test_too_many_layers_are_refused() -> None:
    assert len(kept_frames.kept_iterations({"every": 1}, kept_frames.MAX_KEPT + 1)) == kept_frames.MAX_KEPT
    with pytest.raises(PainterError, match="larger step"):
        kept_frames.kept_iterations({"every": 1}, kept_frames.MAX_KEPT + 2)


@pytest.mark.parametrize("text", ["", "every 50", "100, 300"])
def test_the_text_is_shown_and_read_by_a_list_and_a_field(text: str) -> None:
    assert kept_frames.text_of(*kept_frames.kind_and_words(text)) == text


def test_a_field_that_is_empty_or_of_the_other_kind() -> None:
    assert kept_frames.text_of(kept_frames.EVERY, "100, 300") == "every 100"
    for kind in (kept_frames.EVERY, kept_frames.AT):
        with pytest.raises(PainterError, match="not an iteration"):
            kept_frames.parse(kept_frames.text_of(kind, " "))
