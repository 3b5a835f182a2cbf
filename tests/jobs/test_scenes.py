"""Where a scene begins: exactly where a worker would begin afresh, but for frames that are plainly alike."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.clips import drawn, scene

from neural_style_server.engine.motion import motion_between
from neural_style_server.jobs import scenes
from neural_style_server.jobs.scenes import begins_scene
from neural_style_server.pixels import Picture, converted


def shown(pixels: np.ndarray, format: str = "RGBA8") -> Picture:
    return converted(Picture(np.dstack([pixels, np.full(pixels.shape[:2], 255, "u1")]), "RGBA8"), format)


@pytest.mark.parametrize("format", ["RGBA8", "RGBA16", "RGBAF32"])
def test_a_cut_begins_a_scene_and_motion_does_not(format: str) -> None:
    first, moved, other = (shown(scene(*at), format) for at in ((1, 0), (1, 2), (2, 0)))
    assert [begins_scene(first, moved), begins_scene(moved, other)] == [False, True]


def test_it_is_what_the_worker_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenes, "ALIKE", -1.0)
    frames = [scene(1, 0), scene(1, 1), scene(3, 0), drawn(3), drawn(4), 255 - drawn(4)]
    for before, now in itertools.pairwise(frames):
        assert begins_scene(shown(before), shown(now)) == motion_between(before, now).is_cut


def test_what_is_plainly_alike_costs_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*frames: object) -> None:
        raise AssertionError("the motion was looked for")

    monkeypatch.setattr(scenes, "motion_between", never)
    assert not begins_scene(shown(drawn(3)), shown(drawn(4)))
