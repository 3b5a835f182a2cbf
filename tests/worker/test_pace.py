"""The time that is left, by what a run has measured so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.engine.memory.duration import Load, ScaleSeconds, scale_seconds
from neural_style_server.engine.progress import Position
from neural_style_server.engine.scales import Scale
from neural_style_server.worker.pace import MOST, RECENT, Pace, seconds_left, step_seconds

SCALES = [Scale(64, 64, 10, 1.0), Scale(128, 128, 10, 1.0), Scale(256, 256, 20, 1.0)]
COSTS = [ScaleSeconds(0.5, 0.1), ScaleSeconds(1.0, 0.3), ScaleSeconds(2.0, 1.0)]
TOTAL = 0.5 + 1 + 1 + 3 + 2 + 20


def steps() -> Iterator[tuple[float, Position]]:
    """What each iteration was to take, and where the run stands after it, as `Transfer` does: the next scale is begun
    at the end of the former."""
    position = Position()
    for index, scale in enumerate(SCALES):
        for _ in range(scale.iterations):
            entered, position.entered = position.entered, max(position.entered, index)
            position.advance(1.0)
            if position.step == scale.iterations:
                position.next_scale(scale.iterations)
                position.entered = min(position.scale, len(SCALES) - 1)
            yield step_seconds(COSTS, index, range(entered + 1, position.entered + 1)), replace(position)


def test_what_is_foretold_is_told_whole_and_to_its_end() -> None:
    assert seconds_left(SCALES, COSTS, Position()) == pytest.approx(TOTAL)
    done = 0.0
    for expected, position in steps():
        done += expected
        assert done + seconds_left(SCALES, COSTS, position) == pytest.approx(TOTAL)
    assert done == pytest.approx(TOTAL)


def test_a_plateau_leaves_out_the_rest_of_its_scale() -> None:
    position = Position(step=4, iteration=4, entered=0)
    position.next_scale(10)
    position.entered = 1
    assert seconds_left(SCALES, COSTS, position) == pytest.approx(3 + 2 + 20)


def told(speed_at: dict[int, float]) -> Iterator[tuple[int, float, float]]:
    """Of each iteration the seconds that are said to be left, and those that are, of a machine whose iterations take
    `speed_at` times what was foretold from that iteration on."""
    pace, speed, done = Pace(), 1.0, []
    for number, (expected, position) in enumerate(steps(), 1):
        speed = speed_at.get(number, speed)
        pace.add(speed * expected, expected)
        done.append((number, speed * expected, pace.value * seconds_left(SCALES, COSTS, position)))
    for index, (number, _, left) in enumerate(done):
        yield number, left, sum(took for _, took, _ in done[index + 1 :])


@pytest.mark.parametrize("speed", [0.3, 1.0, 1.5, 7.0])
def test_a_machine_that_is_faster_or_slower_is_known_from_the_first_iteration_on(speed: float) -> None:
    for _, left, true in told({1: speed}):
        assert left == pytest.approx(true, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("factor", [0.5, 1.5, 3.0])
@pytest.mark.parametrize("at", [4, 11, 21])
def test_a_change_of_speed_is_followed_within_a_scale_and_into_the_next(at: int, factor: float) -> None:
    """Ten iterations later the time left is right to a quarter."""
    for number, left, true in told({1: 1.0, at: factor}):
        if number >= at + 10 and true:
            assert left == pytest.approx(true, rel=0.25)


def test_a_computer_that_slept_was_not_slow() -> None:
    pace = Pace()
    for _ in range(RECENT):
        pace.add(1.0, 1.0)
    pace.add(8 * 3600, 1.0)
    assert pace.value < 1.5
    for _ in range(RECENT):
        pace.add(1.0, 1.0)
    assert pace.value < 1.2


def test_a_machine_that_stays_slow_is_believed() -> None:
    pace = Pace()
    pace.add(1.0, 1.0)
    for _ in range(30):
        pace.add(40.0, 1.0)
    assert pace.value == pytest.approx(40.0, rel=0.25)


def test_nothing_measured_is_as_foretold() -> None:
    assert Pace().value == 1.0 and not Pace().known


TIMES = st.floats(1e-6, 1e6)


@given(st.lists(st.tuples(TIMES, TIMES), min_size=1, max_size=60))
def test_the_pace_is_among_those_that_were_measured(taken: list[tuple[float, float]]) -> None:
    pace = Pace()
    for took, expected in taken:
        before = pace.value if pace.known else None
        pace.add(took, expected)
        if before is not None:
            assert pace.value <= MOST * before * (1 + 1e-9)
    ratios = [took / expected for took, expected in taken]
    assert min(ratios) * (1 - 1e-9) <= pace.value <= max(ratios) * (1 + 1e-9)


def test_the_seconds_of_scales_are_the_forecasts() -> None:
    """A finer scale's iteration does not take as much longer as it has more pixels: each has a part of its own."""
    calibration = {"pixels": [4096, 102_400], "seconds": [0.1, 1.0]}
    coarse, fine = scale_seconds([Scale(64, 64, 6, 1.0), Scale(128, 128, 6, 1.0)], Load(styles=0), calibration)
    assert 1 < fine.iteration / coarse.iteration < 4 and coarse.begin > 0
    loads = [Load(styles=styles, places=places) for styles, places in ((0, 0), (0, 2), (2, 2))]
    found = [scale_seconds([Scale(64, 64, 6, 1.0)], load, calibration)[0] for load in loads]
    assert found[0].begin < found[1].begin < found[2].begin
    assert {cost.iteration for cost in found} == {coarse.iteration}
