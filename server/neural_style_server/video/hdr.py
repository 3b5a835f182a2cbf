"""HDR pictures as ordinary ones: a painting's colours are those of its style image, which are sRGB.

ITU-R BT.2100 has the transfer functions of PQ and HLG, BT.2087 the way from BT.2020's primaries to BT.709's. What is
brighter than paper white is compressed by Reinhard's curve with a white point (Reinhard et al. 2002, equation 4).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..pixels import Array
from .clip import PQ

PAPER_WHITE, BRIGHTEST = 203.0, 1000.0
"""cd/m²; BT.2408 puts white at 203."""

TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)
LUMINANCE = np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)


def to_sdr(pixels: Array, transfer: int) -> Array:
    """(H, W, 3) uint16 of BT.2020 in the given transfer function -> uint8 of BT.709, sRGB-encoded."""
    light = _light(transfer)[pixels]
    if transfer != PQ:  # HLG is scene light; a display shows it with a gamma of 1.2
        light = light * (np.maximum(light @ LUMINANCE, 1e-6)[..., None] ** 0.2)
        light *= BRIGHTEST / PAPER_WHITE
    brightness = np.maximum(light @ LUMINANCE, 1e-6)[..., None]
    white = BRIGHTEST / PAPER_WHITE
    light *= (1 + brightness / white**2) / (1 + brightness)
    linear = np.clip(light @ TO_BT709.T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    found: Array = np.rint(255 * encoded).astype(np.uint8)
    return found


@cache
def _light(transfer: int) -> NDArray[np.float32]:
    """Of every code value: for PQ in units of paper white, for HLG of the scene, 0–1."""
    code = np.linspace(0, 1, 65536)
    if transfer == PQ:
        power = code ** (1 / 78.84375)
        light = (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
        found: NDArray[np.float32] = (light * 10_000 / PAPER_WHITE).astype(np.float32)
        return found
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12).astype(np.float32)
