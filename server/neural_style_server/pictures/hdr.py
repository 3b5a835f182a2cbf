"""HDR pictures and wide colours as ordinary ones: a painting's colours are those of its style image, which are sRGB.

ITU-R BT.2100 has the transfer functions of PQ and HLG, H.273 the primaries. What is brighter than paper white is
compressed by Reinhard's curve with a white point (Reinhard et al. 2002, equation 4).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..pixels import Array
from .colour_spaces import REC_709, Primaries, to_xyz_under

PQ, HLG = 16, 18
"""Transfer functions of HDR, as ITU-T H.273 numbers them."""

BT2020, DCI_P3, DISPLAY_P3 = 9, 11, 12
"""Primaries wider than those of BT.709."""

PAPER_WHITE, BRIGHTEST = 203.0, 1000.0
"""cd/m²; BT.2408 puts white at 203."""

DISPLAY_GAMMA = 2.4
"""By which ordinary screens turn a video's values into light (BT.1886)."""

D65 = REC_709[3]
P3 = (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)
PRIMARIES: dict[int, Primaries] = {
    BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65),
    DCI_P3: (*P3, (0.314, 0.351)),
    DISPLAY_P3: (*P3, D65),
}


def to_sdr(pixels: Array, transfer: int, primaries: int = BT2020) -> Array:
    """(H, W, 3) uint16 of these primaries in the given transfer function -> uint8 of BT.709, sRGB-encoded."""
    light, luminance = _light(transfer)[pixels], _luminance(primaries)
    if transfer != PQ:  # HLG is scene light; a display shows it with a gamma of 1.2
        light = light * (np.maximum(light @ luminance, 1e-6)[..., None] ** 0.2)
        light *= BRIGHTEST / PAPER_WHITE
    brightness = np.maximum(light @ luminance, 1e-6)[..., None]
    white = BRIGHTEST / PAPER_WHITE
    light *= (1 + brightness / white**2) / (1 + brightness)
    linear = np.clip(light @ _to_bt709(primaries).T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return _eight_bits(encoded)


def to_ordinary(pixels: Array, primaries: int) -> Array:
    """(H, W, 3) uint16 of these primaries, no HDR -> uint8 of BT.709's. Greys keep their values."""
    linear = np.clip(_shown()[pixels] @ _to_bt709(primaries).T, 0, 1)
    return _eight_bits(linear ** (1 / DISPLAY_GAMMA))


def _eight_bits(values: Array) -> Array:
    found: Array = np.rint(255 * values).astype(np.uint8)
    return found


@cache
def _to_bt709(primaries: int) -> NDArray[np.float32]:
    matrix = np.linalg.inv(to_xyz_under(D65, REC_709)) @ to_xyz_under(D65, PRIMARIES[primaries])
    return matrix.astype(np.float32)


@cache
def _luminance(primaries: int) -> NDArray[np.float32]:
    return to_xyz_under(D65, PRIMARIES[primaries])[1].astype(np.float32)  # type: ignore[no-any-return]


@cache
def _shown() -> NDArray[np.float32]:
    """The light of every code value."""
    return (np.linspace(0, 1, 65536) ** DISPLAY_GAMMA).astype(np.float32)


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
