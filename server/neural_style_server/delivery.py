"""From the painted picture to the delivered one: with the content's depth, alpha, and every pixel outside the mask.

numpy only. What must stay the same to the bit is copied, not calculated.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .pixels import DTYPES, PEAK, Picture


def deliver(painted: NDArray[np.float32], content: Picture, mask: NDArray[np.float32] | None) -> Picture:
    """painted: (H, W, 3), 0–255, of the content's size; mask: (H, W) in 0–1 or None for everywhere.

    Colour blends from the content to the painted picture by the mask. Alpha, everything where the mask is 0 and
    the colours under alpha 0 are the content's own, to the bit. Of RGBAF32 values outside 0–1 the excess is
    added to the painted colour, so that highlights stay above 1 inside the mask too.
    """
    peak, dtype = np.float32(PEAK[content.format]), DTYPES[content.format]
    values = np.clip(painted, 0, 255)
    values *= peak / np.float32(255)
    if mask is not None or content.format == "RGBAF32":
        own = content.pixels[..., :3].astype(np.float32)  # in the format's units: large floats times 255 overflow
        if content.format == "RGBAF32":
            values += own - np.clip(own, 0, 1)
        if mask is not None:
            values = own + mask[..., None] * (values - own)
    if dtype.kind == "u":
        np.rint(values, out=values)
        np.clip(values, 0, peak, out=values)
    out = content.pixels.copy()
    touched = content.pixels[..., 3] > 0
    if mask is not None:
        touched &= mask > 0
    if touched.all():
        out[..., :3] = values  # cast as it is copied
    else:
        np.copyto(out[..., :3], values.astype(dtype), where=touched[..., None])
    return Picture(out, content.format)
