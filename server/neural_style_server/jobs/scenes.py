"""Where a film's next scene begins: at a frame to which no motion leads from the one before.

A worker begins such a frame afresh, as if none were before it. So it has the same bytes without that one, and scenes
can be painted at once.
"""

from __future__ import annotations

import numpy as np

from ..engine.motion import motion_between
from ..pixels import Picture, eight_bits, reduced

SIDE, ALIKE = 32, 8.0
"""Frames that differ by less than this, 0–255, when they are so small are of one scene: their motion need not be found.
Where that is wrong they only wait for each other."""

SEARCHED_PIXELS = 4 << 20
"""While a request waits, scenes are looked for in frames of so many pixels at most: a second or so."""


def begins_scene(before: Picture, now: Picture) -> bool:
    """Of two frames of one size. Raises NeuralStyleError "needs_video" where the extra is not installed."""
    frames = [eight_bits(frame) for frame in (before, now)]
    small = [reduced(frame, SIDE).pixels[..., :3].astype(np.float32) for frame in frames]
    if float(np.abs(small[0] - small[1]).mean()) < ALIKE:
        return False
    return motion_between(*(frame.pixels[..., :3] for frame in frames)).is_cut
