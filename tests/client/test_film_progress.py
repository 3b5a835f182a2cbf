"""What the events of a frame say of the whole film."""

from __future__ import annotations

import pytest

from neural_style_client import film_progress
from neural_style_client.film_progress import RECENT, Progress, ProgressMeter


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(film_progress, "time", clock)
    return clock


def event(iteration: int, iterations: int = 10) -> dict[str, int]:
    return {"iteration": iteration, "iterations": iterations}


def painted(meter: ProgressMeter, *seconds: float) -> ProgressMeter:
    for each in seconds:
        meter.painted(each)
        meter.add_result()
    return meter


def test_before_a_frame_is_painted_nobody_knows_how_long_it_takes() -> None:
    assert ProgressMeter(3).read(5, event(4)) == Progress(5, 0, 3, 4, 10, None)


def test_the_time_left_is_of_all_frames() -> None:
    meter = painted(ProgressMeter(4), 2.0, 4.0)
    assert meter.read(7, event(5)) == Progress(7, 2, 4, 5, 10, 1.5 * 3.0)


def test_a_frame_that_is_not_painted_counts_but_takes_no_time() -> None:
    meter = painted(ProgressMeter(4), 2.0)
    meter.add_result()
    found = meter.read(7, event(5))
    assert found is not None and (found.done, found.left_s) == (2, 1.5 * 2.0)


def test_only_the_latest_frames_tell_the_time() -> None:
    meter = painted(ProgressMeter(100), 1000.0, *[2.0] * RECENT)
    found = meter.read(10, event(10))
    assert found is not None and found.left_s == (100 - RECENT - 1 - 1) * 2.0


def test_it_is_read_no_more_often_than_anybody_can_see(clock: Clock) -> None:
    meter = ProgressMeter(2)
    assert meter.read(1, event(1)) is not None
    clock.now += film_progress.PROGRESS_EVERY_S / 2
    assert meter.read(1, event(2)) is None
    clock.now += film_progress.PROGRESS_EVERY_S
    assert meter.read(1, event(3)) is not None


def test_the_last_of_a_frame_is_always_read(clock: Clock) -> None:
    meter = ProgressMeter(2)
    assert meter.read(1, event(9)) is not None
    assert meter.read(1, event(10)) is not None


def test_an_event_without_numbers_is_a_beginning() -> None:
    assert ProgressMeter(2).read(1, {}) == Progress(1, 0, 2, 0, 0, None)
