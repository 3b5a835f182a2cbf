from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.engine import working_set
from neural_style_server.engine.working_set import TILE_STEPS, choose_tile, evaluation_bytes, free_bytes, smaller_tile

SIDES = st.integers(16, 10_000)
GIB = 2**30


@given(SIDES, SIDES)
def test_a_larger_canvas_or_tile_needs_more(height: int, width: int) -> None:
    assert evaluation_bytes(height, width, None) <= evaluation_bytes(height + 16, width, None)
    needs = [evaluation_bytes(height, width, tile) for tile in (*reversed(TILE_STEPS), None)]
    assert needs == sorted(needs)
    assert evaluation_bytes(height, width, None, 2) < evaluation_bytes(height, width, None, 4)


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


def test_free_memory_is_read_in_bytes_or_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def reads(text: str | None) -> int | None:
        file = tmp_path / "meminfo"
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text)
        monkeypatch.setattr(working_set, "Path", lambda _: file)
        return free_bytes()

    assert reads("MemTotal: 9 kB\nMemAvailable:   2048 kB\n") == 2 * 2**20
    assert reads("MemTotal: 9 kB\n") is None
    assert reads(None) is None
