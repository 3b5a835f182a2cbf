"""Numbers as a painter reads them."""

from __future__ import annotations

import pytest

from neural_style_client import wording


@pytest.mark.parametrize(("seconds", "text"), [
    (-4, "1 s"), (0.2, "1 s"), (40, "40 s"), (75, "75 s"), (200, "3 min"), (4800, "80 min"), (9000, "2 h 30 min"),
])  # fmt: skip
def test_durations_are_read_at_a_glance(seconds: float, text: str) -> None:
    assert wording.duration(seconds) == text


def test_sizes_are_said_in_megabytes_and_gigabytes() -> None:
    assert [wording.memory(size) for size in (5e4, 8.7e7, 1.25e9)] == ["1 MB", "87 MB", "1.2 GB"]


def test_a_forecast_says_time_and_memory_and_whether_it_fits() -> None:
    assert wording.forecast({"seconds": 42, "bytes": 1.5e9}) == "About 42 s and 1.5 GB of memory"
    assert wording.forecast({"seconds": 20, "bytes": 3e7}, 3) == "About 60 s and 30 MB of memory"
    text = wording.forecast({"seconds": 42, "bytes": 1.5e9, "calibrated": False})
    assert text == "About 42 s and 1.5 GB of memory, a guess until this computer has been measured"
    text = wording.forecast({"seconds": 42, "bytes": 9e10, "fits": False, "detail": ""})
    assert text.endswith("may not fit into memory. Choose a smaller size.")


def test_progress_says_the_iteration_and_the_time_left() -> None:
    assert wording.progress({"iteration": 50, "iterations": 100, "eta": 75.0}) == "Iteration 50 of 100 · 75 s left"
    assert wording.progress({"iteration": 50, "iterations": 100, "eta": None}) == "Iteration 50 of 100"
