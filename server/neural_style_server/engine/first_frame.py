"""The first frame: two bold steps at a side that takes a moment, seen while the real run begins. No torch.

They start at the content, which has no pull there; a third step changes little to the eye.
"""

from __future__ import annotations

from dataclasses import replace

from .method import Method
from .scales import Scale, fit

SIDE = 128
ITERATIONS = 2
RATE = 16.0


def sketch_of(method: Method, height: int, width: int) -> tuple[Method, Scale]:
    """How a canvas of this size is sketched in a method's style, and how large."""
    own = replace(
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
    return own, Scale(*fit(height, width, SIDE, own), ITERATIONS, 1.0)
