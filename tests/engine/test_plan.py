from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.engine.plan import (
    COARSEST_SIDE,
    SEAMLESS_MULTIPLE,
    SMALLEST_SIDE,
    fit,
    plan_scales,
    scaled,
)
from neural_style_server.engine.recipe import Recipe

SIDES = st.integers(1, 9000)


@given(SIDES, SIDES, st.integers(1, 6), st.integers(1, 300), st.none() | st.integers(16, 2000))
def test_a_plan_ends_at_the_wanted_size_with_all_iterations(
    height: int, width: int, scales: int, iterations: int, limit: int | None
) -> None:
    recipe = Recipe(scales=scales, iterations=iterations)
    plan = plan_scales(height, width, recipe, limit)
    assert (plan[-1].height, plan[-1].width) == fit(height, width, limit, recipe)
    assert sum(scale.iterations for scale in plan) == recipe.total_iterations
    assert all(scale.iterations >= 1 and scale.rate > 0 for scale in plan)


@given(SIDES, SIDES, st.integers(1, 6))
def test_scales_grow_and_never_lose_the_subject(height: int, width: int, scales: int) -> None:
    plan = plan_scales(height, width, Recipe(scales=scales, iterations=100))
    longest = [max(scale.height, scale.width) for scale in plan]
    assert longest == sorted(longest) and len(plan) <= scales
    assert len(plan) == 1 or longest[0] >= COARSEST_SIDE - 1
    assert min(min(scale.height, scale.width) for scale in plan) >= SMALLEST_SIDE


@given(SIDES, SIDES, st.integers(20, 500))
def test_a_limit_bounds_the_long_side_and_keeps_the_shape(height: int, width: int, limit: int) -> None:
    found = fit(height, width, limit, Recipe())
    assert max(found) <= max(limit, SMALLEST_SIDE)
    if min(found) > SMALLEST_SIDE:
        assert found[0] / found[1] == pytest.approx(height / width, rel=1.2 / min(found))


def test_a_small_picture_is_enlarged_to_what_the_network_needs() -> None:
    assert fit(1, 20_000, None, Recipe()) == (SMALLEST_SIDE, 20_000)


@given(SIDES, SIDES)
def test_seamless_sizes_are_whole_elements_of_the_deepest_layer(height: int, width: int) -> None:
    for scale in plan_scales(height, width, Recipe(seamless=True), 700):
        assert scale.height % SEAMLESS_MULTIPLE == 0 and scale.width % SEAMLESS_MULTIPLE == 0


def test_no_limit_means_the_canvass_own_size() -> None:
    assert fit(333, 501, None, Recipe()) == (333, 501)
    assert scaled((100, 60), 0.5, Recipe()) == (50, 30)
