"""Motion between two frames of a film, and where it can be trusted. No torch.

Dense inverse search (Kroeger et al. 2016) as OpenCV has it, in the extra `video`. A place is trusted where going back
and forth along the motion ends near its beginning (Sundaram, Brox and Keutzer 2010, as Ruder et al. 2016 use it), where
the motion is smooth, and where what is carried there looks like what is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import NeuralStyleError

Array = NDArray[Any]

CUT_TRUST = 0.25
"""Share of trusted places below which two frames are of different scenes."""

LIKE = 20.0
"""Difference of luma, 0–255, from which on what is carried is not what is there."""

AROUND = 16
"""Pixels around a place within which nothing may have changed for it to stay as it is."""

STILL = 0.25
"""Motion in pixels below which a place stands still: resampling by less would only blur, frame after frame."""


LEAST_SIDE = 16
"""Pixels; of smaller frames OpenCV finds no motion, so that their edges are continued."""


@dataclass(frozen=True, eq=False)
class Motion:
    """flow: (H, W, 2), in pixels, where (x, y) of each place was in the frame before, relative to it. trust: (H, W),
    0–1. still: (H, W), whether both frames are the same around a place."""

    flow: Array
    trust: Array
    still: Array

    @property
    def is_cut(self) -> bool:
        return float(self.trust.mean()) < CUT_TRUST


def motion_between(before: Array, now: Array) -> Motion:
    """The motion from one frame to the next, each (H, W, 3) RGB, 0–255 uint8, of one size.

    Raises NeuralStyleError "needs_video" where the extra is not installed.
    """
    height, width = now.shape[:2]
    missing = [(0, max(0, LEAST_SIDE - side)) for side in (height, width)]
    if any(after for _, after in missing):
        found = motion_between(*(np.pad(frame, (*missing, (0, 0)), "edge") for frame in (before, now)))
        return Motion(*(part[:height, :width] for part in (found.flow, found.trust, found.still)))
    opencv = _opencv()
    first, second = (opencv.cvtColor(np.ascontiguousarray(frame), opencv.COLOR_RGB2GRAY) for frame in (before, now))
    search = opencv.DISOpticalFlow_create(opencv.DISOPTICAL_FLOW_PRESET_MEDIUM)
    back, forth = search.calc(second, first, None), search.calc(first, second, None)
    back[np.square(back).sum(-1) < STILL**2] = 0
    changed = opencv.dilate((before != now).any(-1).astype("u1"), np.ones((2 * AROUND + 1,) * 2, "u1")) > 0
    back[~changed] = 0
    return Motion(back, np.where(changed, _trust(back, forth, first, second), np.float32(1)), ~changed)


def _trust(back: Array, forth: Array, first: Array, second: Array) -> Array:
    """(H, W) in 0–1, with soft edges."""
    opencv = _opencv()
    there = _at(forth, back)
    length = np.square(back).sum(-1) + np.square(there).sum(-1)
    returns = np.square(back + there).sum(-1) <= 0.01 * length + 0.5
    slopes = sum(np.square(np.gradient(back[..., axis])).sum(0) for axis in (0, 1))
    smooth = slopes <= 0.01 * np.square(back).sum(-1) + 0.02
    blurred = [opencv.GaussianBlur(each, (0, 0), 1.5).astype("f4") for each in (_at(first, back), second)]
    alike = np.abs(blurred[0] - blurred[1]) < LIKE
    trusted = (returns & smooth & alike & _inside(back)).astype("f4")
    return opencv.GaussianBlur(opencv.erode(trusted, np.ones((3, 3), "u1")), (0, 0), 1.0)  # type: ignore[no-any-return]


def _at(values: Array, flow: Array) -> Array:
    """Values (H, W) or (H, W, C) at each place's origin, bilinear."""
    opencv = _opencv()
    height, width = flow.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype("f4")
    found: Array = opencv.remap(
        values, x + flow[..., 0], y + flow[..., 1], opencv.INTER_LINEAR, borderMode=opencv.BORDER_REPLICATE
    )
    return found


def _inside(flow: Array) -> Array:
    """Where a place's origin lies within the frame."""
    height, width = flow.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    across, down = x + flow[..., 0], y + flow[..., 1]
    inside: Array = (across >= 0) & (across <= width - 1) & (down >= 0) & (down <= height - 1)
    return inside


def _opencv() -> Any:
    try:
        import cv2
    except ImportError:
        raise NeuralStyleError(
            "Moving pictures need the extra 'video'.",
            hint="Get it with: pip install 'neural-style-server[video]'",
            code="needs_video",
        ) from None
    return cv2
