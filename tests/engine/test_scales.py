from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.engine.method import Method
from neural_style_server.engine.scales import (
    COARSEST_MATCHED_SIDE,
    COARSEST_SIDE,
    FEWEST,
    FINEST_RATE,
    SEAMLESS_MULTIPLE,
    SMALLEST_SIDE,
    USUAL_SIDE,
    fit,
    plan_scales,
    scaled,
)

SIDES = st.integers(1, 9000)


@given(SIDES, SIDES, st.integers(1, 6), st.integers(1, 300), st.none() | st.integers(16, 2000))
def test_a_plan_ends_at_the_wanted_size_with_all_iterations(
    height: int, width: int, scales: int, iterations: int, limit: int | None
) -> None:
    method = Method(scales=scales, iterations=iterations)
    plan = plan_scales(height, width, method, limit)
    assert (plan[-1].height, plan[-1].width) == fit(height, width, limit, method)
    assert sum(scale.iterations for scale in plan) == method.total_iterations
    assert all(scale.iterations >= 1 and scale.rate > 0 for scale in plan)


@pytest.mark.parametrize(("loss", "coarsest"), [("balanced", COARSEST_SIDE), ("neighbours", COARSEST_MATCHED_SIDE)])
@given(height=SIDES, width=SIDES, scales=st.integers(1, 6))
def test_scales_grow_and_never_lose_the_subject(loss: str, coarsest: int, height: int, width: int, scales: int) -> None:
    plan = plan_scales(height, width, Method(loss=loss, scales=scales, iterations=100))
    longest = [max(scale.height, scale.width) for scale in plan]
    assert longest == sorted(longest)
    assert len(plan) <= scales or max(height, width) > USUAL_SIDE
    assert len(plan) == 1 or longest[0] >= coarsest - 1
    assert min(min(scale.height, scale.width) for scale in plan) >= SMALLEST_SIDE


@given(SIDES, SIDES, st.integers(20, 500))
def test_a_limit_bounds_the_long_side_and_keeps_the_shape(height: int, width: int, limit: int) -> None:
    found = fit(height, width, limit, Method())
    assert max(found) <= max(limit, SMALLEST_SIDE)
    if min(found) > SMALLEST_SIDE:
        assert found[0] / found[1] == pytest.approx(height / width, rel=1.2 / min(found))


def test_a_small_picture_is_enlarged_to_what_the_network_needs() -> None:
    assert fit(1, 20_000, None, Method()) == (SMALLEST_SIDE, 20_000)


@given(SIDES, SIDES)
def test_seamless_sizes_are_whole_elements_of_the_deepest_layer(height: int, width: int) -> None:
    for scale in plan_scales(height, width, Method(seamless=True), 700):
        assert scale.height % SEAMLESS_MULTIPLE == 0 and scale.width % SEAMLESS_MULTIPLE == 0


def test_no_limit_means_the_canvass_own_size() -> None:
    assert fit(333, 501, None, Method()) == (333, 501)
    assert scaled((100, 60), 0.5, Method()) == (50, 30)


def iterations_of(side: int, method: Method) -> list[tuple[int, int]]:
    return [(scale.width, scale.iterations) for scale in plan_scales(side, side, method)]


def test_up_to_a_megapixel_scales_are_the_methods_own_and_the_finest_gets_half() -> None:
    assert iterations_of(1024, Method(loss="balanced", scales=3, iterations=44)) == [(256, 11), (512, 11), (1024, 22)]
    four = Method(loss="balanced", iterations=45, scales=4)
    assert iterations_of(1024, four) == [(128, 8), (256, 8), (512, 7), (1024, 22)]
    assert iterations_of(384, Method(loss="balanced", scales=3, iterations=5)) == [(192, 3), (384, 2)]
    assert iterations_of(1000, Method(loss="balanced", iterations=6, scales=1)) == [(1000, 6)]


def test_what_is_matched_gets_the_same_iterations_at_every_scale_and_sizes_that_are_not_halves() -> None:
    assert iterations_of(512, Method()) == [(76, 20), (144, 20), (271, 20), (512, 20)]
    assert iterations_of(1024, Method()) == [(81, 15), (152, 15), (288, 15), (543, 15), (1024, 20)]
    assert iterations_of(128, Method()) == [(68, 40), (128, 40)]
    assert [width for width, _ in iterations_of(3000, Method())] == [66, 125, 237, 447, 843, 1590, 3000]


def test_a_large_canvas_gets_most_iterations_at_small_scales_and_few_at_its_own_size() -> None:
    for side in (2048, 3000, 4096, 8192):
        plan = iterations_of(side, Method(loss="balanced", scales=3))
        small = [count for width, count in plan if width <= 1024]
        large = [count for width, count in plan if width > 1024]
        assert len(small) >= 2 and large == sorted(large, reverse=True)
        assert sum(small) > 2 * sum(large) and min(small) > max(large)
        assert large[-1] >= FEWEST


@given(st.integers(1025, 16000), st.integers(1025, 16000), st.integers(2, 6), st.integers(1, 300))
def test_a_large_canvas_is_never_given_more_or_fewer_iterations_than_asked_for(
    height: int, width: int, scales: int, iterations: int
) -> None:
    plan = plan_scales(height, width, Method(scales=scales, iterations=iterations))
    assert sum(scale.iterations for scale in plan) == iterations
    assert min(scale.iterations for scale in plan) >= 1


def test_one_scale_stays_one_scale_however_large_the_canvas() -> None:
    assert iterations_of(4096, Method(scales=1, iterations=30)) == [(4096, 30)]


@pytest.mark.parametrize("side", [200, 384, 768, 4000])
def test_rates_fall_from_the_whole_to_the_finest_share_however_many_scales(side: int) -> None:
    rates = [scale.rate for scale in plan_scales(side, side, Method())]

    assert rates[0] == 1 and rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(FINEST_RATE if len(rates) > 1 else 1)
