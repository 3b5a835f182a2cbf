from __future__ import annotations

import json
from dataclasses import replace

import pytest

from neural_style_server.engine.memory.duration import (
    DEFAULT_CALIBRATION,
    FORWARD_SHARE,
    PLACES_PIXELS,
    SEARCH_SHARE,
    Load,
    iteration_seconds,
    scale_seconds,
)
from neural_style_server.engine.memory.forecast import forecast
from neural_style_server.engine.memory.working_set import MemoryProfile
from neural_style_server.engine.scales import Scale

CALIBRATION = {"pixels": [10_000, 40_000], "seconds": [0.1, 0.4]}


def seconds(side: int = 512, iterations: int = 50, **options: object) -> float:
    return forecast([Scale(side, side, iterations, 1.0)], side * side, CALIBRATION, None, **options).seconds


def test_an_iteration_costs_what_was_measured_at_both_points() -> None:
    assert iteration_seconds(10_000, CALIBRATION) == pytest.approx(0.1)
    assert iteration_seconds(40_000, CALIBRATION) == pytest.approx(0.4)
    assert iteration_seconds(400_000, CALIBRATION) == pytest.approx(4.0)


def test_a_disturbed_calibration_gives_no_negative_cost() -> None:
    odd = {"pixels": [10_000, 40_000], "seconds": [0.5, 0.1]}
    assert 0 < iteration_seconds(1, odd) <= iteration_seconds(1_000_000, odd)


def test_more_pixels_iterations_or_regions_take_longer() -> None:
    assert seconds(256) < seconds(512) < seconds(1024)
    assert seconds(iterations=10) < seconds(iterations=20)
    assert seconds(regions=1) < seconds(regions=3)
    assert seconds(styles=1) < seconds(styles=3)
    assert seconds(targets_cached=True) < seconds()


def test_cached_targets_leave_the_places_of_a_style_to_be_found() -> None:
    """By hand: an iteration takes 1 s, of the canvas and of a style image alike; a job of one has two forward passes of
    the content and two of the style, the search and the components. Cached is one of the style's."""
    calibration = {"pixels": [PLACES_PIXELS // 2, PLACES_PIXELS], "seconds": [0.5, 1.0]}
    side = 224
    whole, cached = (
        scale_seconds(
            [Scale(side, side, 1, 1.0)], Load(profile=MemoryProfile(on_gpu=True), styles=styles), calibration
        )[0]
        for styles in (1, 0)
    )
    assert whole.begin == pytest.approx(4 * FORWARD_SHARE + SEARCH_SHARE + 1)
    assert whole.begin - cached.begin == pytest.approx(FORWARD_SHARE)


def test_jobs_are_within_a_quarter_of_what_they_took() -> None:
    """Seconds of one thread in float32, beside the calibration of the same process: the sample, under a style image of
    its own long side, with the default method's scales."""
    calibration = {"pixels": [4096, 102_400], "seconds": [0.0702, 1.112]}
    for took, sizes in (
        (50.3, [(57, 38, 20), (108, 72, 20), (204, 136, 20), (384, 256, 20)]),
        (37.6, [(61, 40, 2), (114, 76, 2), (216, 144, 2), (407, 271, 1), (768, 512, 2)]),
        (65.4, [(81, 54, 1), (152, 102, 1), (288, 192, 1), (543, 362, 1), (1024, 683, 2)]),
    ):
        scales = [Scale(height, width, iterations, 1.0) for width, height, iterations in sizes]
        found = forecast(scales, sizes[-1][0] * sizes[-1][1], calibration, None)
        assert found.seconds == pytest.approx(took, rel=0.25)


def test_every_style_image_takes_memory_where_places_are_matched() -> None:
    def taken(styles: int, searches: bool) -> int:
        scales = [Scale(512, 512, 10, 1.0)]
        return forecast(scales, 512**2, CALIBRATION, None, styles=styles, searches=searches).bytes

    assert taken(3, searches=True) - taken(2, searches=True) == taken(2, searches=True) - taken(1, searches=True) > 0
    assert taken(3, searches=False) == taken(1, searches=False)


def test_tiles_take_longer_and_less_memory() -> None:
    scales = [Scale(2048, 2048, 10, 1.0)]
    whole = forecast(scales, 2048**2, CALIBRATION, None)
    tiled = forecast(scales, 2048**2, CALIBRATION, 2 * 2**30)
    assert tiled.seconds > whole.seconds and tiled.bytes < whole.bytes and tiled.fits


def test_a_job_that_cannot_fit_says_so() -> None:
    found = forecast([Scale(8192, 8192, 10, 1.0)], 8192**2, CALIBRATION, 2**20)
    assert not found.fits and "memory" in found.detail


def test_without_a_calibration_of_its_own_a_machine_has_a_slow_ones() -> None:
    scales = [Scale(128, 128, 5, 1.0), Scale(256, 200, 7, 0.7)]
    slow = forecast(scales, 51_200, DEFAULT_CALIBRATION, None)
    assert forecast(scales, 51_200, None, None) == replace(slow, calibrated=False)


def test_a_forecast_is_plain_json() -> None:
    shown = forecast([Scale(128, 128, 5, 1.0), Scale(256, 200, 7, 0.7)], 51_200, None, None).as_dict()
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["iterations"], shown["width"], shown["height"]) == (12, 200, 256)


def test_smaller_numbers_take_less_memory() -> None:
    scales = [Scale(2048, 2048, 10, 1.0)]
    sizes = [forecast(scales, 2048**2, CALIBRATION, None, profile=MemoryProfile(itemsize)).bytes for itemsize in (2, 4)]
    assert sizes[0] < 0.7 * sizes[1]


def test_only_scales_that_are_tiled_pay_for_tiles() -> None:
    free = 2 * 2**30
    coarse, fine = [Scale(512, 512, 10, 1.0)], [Scale(2048, 2048, 10, 1.0)]
    both = forecast([*coarse, *fine], 2048**2, CALIBRATION, free)
    apart = [forecast(part, 2048**2, CALIBRATION, free).seconds for part in (coarse, fine)]
    assert both.tile is not None and both.seconds < sum(apart)


def test_a_forecast_for_a_machine_that_was_never_measured_says_so() -> None:
    scales = [Scale(300, 400, 10, 1.0)]
    assert forecast(scales, 300 * 400, CALIBRATION, None).calibrated
    assert not forecast(scales, 300 * 400, None, None).calibrated


def test_a_forecast_says_whether_it_is_full_detail() -> None:
    assert forecast([Scale(600, 800, 10, 1.0)], 600 * 800, CALIBRATION, None).full_detail
    assert not forecast([Scale(300, 400, 10, 1.0)], 600 * 800, CALIBRATION, None).full_detail
