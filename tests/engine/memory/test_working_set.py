from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.engine.layers import DEEPEST_STRIDE
from neural_style_server.engine.memory.allocator import can_map_blocks
from neural_style_server.engine.memory.tiles import split
from neural_style_server.engine.memory.working_set import (
    CANVAS_BYTES_PER_PIXEL,
    DISK_BYTES_PER_PIXEL,
    IN_MEMORY_PIXELS,
    MAPPED_BYTES_PER_PIXEL,
    MOST_FRAGMENT_BYTES,
    ROW_STRIPS_BYTES,
    TILE_STEPS,
    MemoryProfile,
    choose_tile,
    evaluation_bytes,
    profile_for,
    scratch_bytes,
    smaller_tile,
    tile_side,
    tiled_pixels,
)

SIDES = st.integers(16, 10_000)
GIB = 2**30


@given(SIDES, SIDES)
def test_smaller_tiles_and_smaller_numbers_need_less(height: int, width: int) -> None:
    whole, *tiles = (evaluation_bytes(height, width, tile) for tile in (None, *TILE_STEPS))
    assert tiles[-1] <= min(tiles) + ROW_STRIPS_BYTES  # what strips take, even of a canvas that is narrower than one
    assert tiles[-1] <= 1.2 * whole + height * width * CANVAS_BYTES_PER_PIXEL + ROW_STRIPS_BYTES
    short, long = MemoryProfile(2), MemoryProfile(4)
    if short.recomputed(height * width) == long.recomputed(height * width):
        assert evaluation_bytes(height, width, None, short) < evaluation_bytes(height, width, None, long)


def test_strips_are_for_large_canvases_on_processors() -> None:
    assert [MemoryProfile(4).recomputed(side**2) for side in (448, 512, 1088, 1089)] == [0, 1, 1, 2]
    assert [MemoryProfile(4, averages=True).recomputed(side**2) for side in (512, 1088, 1089)] == [0, 0, 2]
    assert [MemoryProfile(2).recomputed(side**2) for side in (1024, 1200, 2048)] == [0, 1, 2]
    assert MemoryProfile(2, on_gpu=True).recomputed(4096**2) == 0
    on_gpu, on_cpu = (evaluation_bytes(2048, 2048, None, MemoryProfile(2, gpu)) for gpu in (True, False))
    assert on_gpu > 2 * on_cpu


def test_a_limit_maps_memory_apart_which_leaves_fewer_pieces() -> None:
    for side, tile in ((512, None), (2048, None), (2048, 768)):
        mapped, heap = (
            evaluation_bytes(side, side, tile, MemoryProfile(2, mapped_blocks=each)) for each in (True, False)
        )
        assert 0 < heap - mapped <= MOST_FRAGMENT_BYTES
    assert can_map_blocks() == profile_for(MemoryProfile(2), "max", GIB).mapped_blocks
    assert not profile_for(MemoryProfile(2, on_gpu=True), "max", GIB).mapped_blocks
    assert not profile_for(MemoryProfile(2), "max", None).mapped_blocks


def test_a_gpu_holds_a_large_canvas_where_it_has_the_memory() -> None:
    """Not in files of the host's, and counts it; a processor never does."""
    side = 4096
    roomy, narrow = (profile_for(MemoryProfile(2, on_gpu=True), "max", None, free) for free in (80 * GIB, 2 * GIB))
    host = profile_for(MemoryProfile(2), "max", None, 80 * GIB)
    assert [scratch_bytes(side, side, each) > 0 for each in (roomy, narrow, host)] == [False, True, True]
    one, other = (evaluation_bytes(side, side, 1280, each) for each in (roomy, narrow))
    assert one - other == side**2 * (DISK_BYTES_PER_PIXEL - MAPPED_BYTES_PER_PIXEL)
    assert profile_for(MemoryProfile(2, on_gpu=True), "max", None, None).held_pixels == IN_MEMORY_PIXELS


def test_average_pooling_keeps_more_of_what_is_computed_at_a_time_and_no_more() -> None:
    """Maps of a tile, not of the canvas."""
    for side, tile in ((512, None), (1024, None), (8192, 1280)):
        most, mean = (evaluation_bytes(side, side, tile, MemoryProfile(2, averages=each)) for each in (False, True))
        assert most < mean < 1.5 * most  # of each pixel half as much again, and nothing of what comes besides
    assert (
        profile_for(MemoryProfile(2), "average", None).averages
        and not profile_for(MemoryProfile(2), "max", None).averages
    )


@pytest.mark.parametrize("numbers", [MemoryProfile(4), MemoryProfile(2)])
def test_a_megapixel_takes_less_than_a_gigabyte(numbers: MemoryProfile) -> None:
    assert evaluation_bytes(1024, 1024, None, numbers) < 0.95e9


def test_beyond_what_stays_in_memory_a_canvas_adds_little() -> None:
    """What one tile takes, and a few bytes for each pixel more."""
    one, other = (evaluation_bytes(side, side, 1024) for side in (4096, 8192))
    assert other - one < 16 * (8192**2 - 4096**2)
    assert scratch_bytes(2048, 2048) == 0 < scratch_bytes(8192, 8192)


@given(SIDES, SIDES, st.sampled_from(TILE_STEPS))
def test_tiles_are_counted_as_they_are_cut(height: int, width: int, tile: int) -> None:
    cut = split(height, width, {"relu5_1"}, tile)
    area = sum((t.rows.high - t.rows.low) * (t.columns.high - t.columns.low) for t in cut)
    assert area == tiled_pixels(height, width, tile)
    side = max(t.rows.high - t.rows.low for t in cut)
    assert side <= tile_side(height, tile) + DEEPEST_STRIDE


@given(SIDES, SIDES)
def test_less_memory_never_means_a_larger_tile(height: int, width: int) -> None:
    tiles = [choose_tile(height, width, free) or 10**6 for free in (GIB // 4, GIB, 4 * GIB, 64 * GIB)]
    assert tiles == sorted(tiles)


def test_a_canvas_that_fits_is_painted_whole_also_where_nobody_knows_what_is_free() -> None:
    assert choose_tile(512, 512, 16 * GIB) is None
    assert choose_tile(8192, 8192, None) is None
    assert choose_tile(8192, 8192, 0) == TILE_STEPS[-1]


def test_tiles_step_down_to_the_smallest_and_then_there_is_none() -> None:
    steps, tile = [], smaller_tile(None, 4096, 4096)
    while tile is not None:
        steps.append(tile)
        tile = smaller_tile(tile, 4096, 4096)
    assert tuple(steps) == TILE_STEPS
    assert all(one > other for one, other in pairwise(steps))


def test_the_first_step_down_is_smaller_than_the_canvas() -> None:
    assert smaller_tile(None, 700, 300) == max(step for step in TILE_STEPS if step < 700)
    assert smaller_tile(None, 100, 100) is None
