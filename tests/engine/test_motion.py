"""Motion between frames: known shifts, what is covered or uncovered, cuts."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from neural_style_server.engine.carried import along, warp
from neural_style_server.engine.motion import AROUND, motion_between
from neural_style_server.errors import NeuralStyleError

SIDE = 96
INSIDE = (slice(16, -16), slice(16, -16))


def scenery(seed: int, side: int = 2 * SIDE) -> NDArray[Any]:
    """Smooth blobs at several sizes, (side, side, 3)."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[0:side, 0:side]
    picture = np.full((side, side, 3), 127.0)
    for _ in range(60):
        down, right, size = generator.uniform(0, side), generator.uniform(0, side), generator.uniform(3, 14)
        blob = np.exp(-((y - down) ** 2 + (x - right) ** 2) / (2 * size**2))
        picture += blob[..., None] * generator.uniform(-90, 90, 3)
    return np.clip(picture, 0, 255).round().astype("u1")


def view(picture: NDArray[Any], down: int, right: int) -> NDArray[Any]:
    return np.ascontiguousarray(picture[down : down + SIDE, right : right + SIDE])


def tensor(frame: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(frame.astype("f4")).permute(2, 0, 1)[None]


def test_a_pan_is_followed_and_trusted() -> None:
    picture = scenery(1)
    before, now = view(picture, 40, 40), view(picture, 43, 45)
    motion = motion_between(before, now)
    assert np.abs(motion.flow[INSIDE] - (5, 3)).mean() < 0.3
    assert motion.trust[INSIDE].mean() > 0.9 and not motion.is_cut
    carried = along(motion, tensor(before))
    assert carried.picture.shape == (1, 3, SIDE, SIDE) and carried.trust.shape == (1, 1, SIDE, SIDE)
    error = (carried.picture - tensor(now)).abs()[0, :, INSIDE[0], INSIDE[1]]
    assert float(error.mean()) < 1.5


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (7, 90), (90, 3), (12, 12)])
def test_small_and_narrow_frames_have_their_motion_too(shape: tuple[int, int]) -> None:
    picture = scenery(1)
    before, now = (np.ascontiguousarray(picture[: shape[0], left : left + shape[1]]) for left in (0, 1))
    motion = motion_between(before, now)
    assert motion.flow.shape == (*shape, 2) and motion.trust.shape == motion.still.shape == shape
    assert np.isfinite(motion.flow).all()
    still = motion_between(before, before)
    assert still.still.all() and not still.flow.any() and not still.is_cut


def test_what_comes_into_view_is_not_trusted() -> None:
    picture = scenery(1)
    motion = motion_between(view(picture, 40, 40), view(picture, 40, 52))
    assert motion.trust[:, -8:].mean() < 0.1


def test_where_nothing_changes_around_a_place_it_is_still_and_trusted() -> None:
    before = view(scenery(1), 0, 0)
    now = before.copy()
    now[40:50, 0:10] = 255
    motion = motion_between(before, now)
    assert not motion.still[45, : 10 + AROUND].any() and motion.still[:, 10 + AROUND :].all()
    assert (motion.trust[motion.still] == 1).all() and not motion.flow[motion.still].any()
    assert motion_between(before, before).still.all()


def test_what_is_uncovered_is_not_trusted() -> None:
    back, front = view(scenery(1), 0, 0), view(scenery(2), 0, 0)
    before, now = back.copy(), back.copy()
    before[30:60, 20:50], now[30:60, 34:64] = front[:30, :30], front[:30, :30]
    trust = motion_between(before, now).trust
    uncovered, far = trust[34:56, 22:32], trust[70:90, 10:80]
    assert uncovered.mean() < 0.3 and far.mean() > 0.7


def test_a_still_frame_is_carried_to_the_bit() -> None:
    frame = view(scenery(3), 0, 0)
    motion = motion_between(frame, frame)
    picture = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1)) * 255
    carried = along(motion, picture)
    assert torch.equal(carried.picture, picture)
    assert motion.trust[INSIDE].min() > 0.99


def test_a_cut_is_noticed() -> None:
    assert motion_between(view(scenery(1), 0, 0), view(scenery(7), 50, 20)).is_cut


def test_warping_goes_by_pixels_and_stays_within_the_range() -> None:
    picture = tensor(view(scenery(4), 0, 0))
    flow = np.zeros((SIDE, SIDE, 2), "f4")
    flow[..., 0], flow[..., 1] = 2, -3
    moved = warp(picture, flow)
    assert torch.allclose(moved[..., 3:, :-2], picture[..., :-3, 2:], atol=1e-2)
    assert float(moved.min()) >= 0 and float(moved.max()) <= 255


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    frame = view(scenery(1), 0, 0)
    with pytest.raises(NeuralStyleError, match="extra 'video'") as caught:
        motion_between(frame, frame)
    assert caught.value.code == "needs_video" and "pip install" in caught.value.hint
