"""The first frame: two large steps on a small canvas, shown while the real run begins. No torch.

They start at the content, whose content term has no gradient there; a third step changes little that can be seen.
"""

from __future__ import annotations

from dataclasses import replace

from .method import Method
from .scales import Scale, fit

SIDE = 128
"""Long side of its canvas, in pixels."""

ITERATIONS = 2
RATE = 16.0


def method_and_scale(method: Method, height: int, width: int) -> tuple[Method, Scale]:
    """The method and the scale for the first frame of a canvas of this size."""
    quick = replace(
        method,
        iterations=ITERATIONS,
        quality="standard",
        scales=1,
        learning_rate=RATE,
        start="content",
        content_weight=0.0,
        optimiser="adam",
        average=0,
        schedule="cosine",
        seamless=False,
        style_scale=1.0,
    )
    return quick, Scale(*fit(height, width, SIDE, quick), ITERATIONS, 1.0)
