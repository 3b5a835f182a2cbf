"""How long the scales of a job take, from a calibration of this machine. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import first_frame
from ..scales import SEARCH_EVERY, Scale
from .working_set import FLOAT32, MemoryProfile, tiled_pixels

DEFAULT_CALIBRATION: Mapping[str, Any] = {"pixels": [4096, 36864], "seconds": [0.06, 0.45]}
"""Two slow cores in float32; used until the machine is measured."""

SUSTAINED = {4: 1.15, 2: 1.0}
"""Time of an iteration within a job, as a multiple of the calibration's fastest, by bytes per number; on a processor.
In float32 it is measured at 256 to 1024 px."""

FORWARD_SHARE = 0.4
"""A forward pass of a style or content image, as a share of an iteration at the same size."""

PLACES_PIXELS = 224 * 224
"""Pixels of a canvas whose iteration takes as long as the components of a style image's places."""

STYLE_SIDE = 2048
"""The longest side that a style image is expected to have: presets have 1024 px, at most doubled."""

RECOMPUTED_SHARE = {4: (0.0, 0.02, 0.13), 2: (0.0, 0.16, 0.32)}
"""Time for recomputing none, one or two blocks, as a share of an iteration, by bytes per number.

In two bytes it is measured with each block's last convolution, which is no longer among it: an upper bound.
"""

AVERAGED_SHARE = {4: (0.0, 0.4, 0.5), 2: (0.0, 0.16, 0.32)}
"""The same where pooling averages."""

SEARCH_SHARE = 0.65
"""Time to match all places once, as a share of an iteration: a forward pass, and the search. At 512 and 1024 px."""

STATISTICS_SHARE = 0.45
"""Time of the pass that collects the statistics of tiles, as a share of an iteration."""

MAPPED_BLOCKS_SHARE = 0.5
"""Time for mapping the blocks of tiles' strips anew under a memory limit, as a share of an iteration."""


@dataclass(frozen=True)
class Load:
    """What an iteration's time depends on besides its scale.

    `styles` is the number of style images whose moments are not cached, `places` of those whose places are to be found,
    which are kept only while they are small; `work` what an iteration costs relative to the calibrated one, and
    `searches` whether places are matched.
    """

    tile: int | None = None
    profile: MemoryProfile = FLOAT32
    regions: int = 1
    styles: int = 1
    places: int = 1
    style_scale: float = 1.0
    work: float = 1.0
    searches: bool = True

    @property
    def sustained(self) -> float:
        return 1.0 if self.profile.on_gpu else SUSTAINED[self.profile.itemsize]


@dataclass(frozen=True)
class ScaleSeconds:
    """Of one scale: before its first iteration, and for each of them."""

    begin: float
    iteration: float


def iteration_seconds(pixels: int, calibration: Mapping[str, Any]) -> float:
    """The straight line through the calibration's two points: a cost per pixel and one per call."""
    (n, m), (s, t) = calibration["pixels"], calibration["seconds"]
    slope = max(t - s, 0.05 * t) / (m - n)
    return float(max(s - slope * n, 0) + slope * pixels)


def first_frame_seconds(load: Load, calibration: Mapping[str, Any]) -> float:
    pixels = first_frame.SIDE * first_frame.SIDE * 3 // 4
    passes = first_frame.ITERATIONS + FORWARD_SHARE * load.styles
    return load.sustained * passes * iteration_seconds(pixels, calibration)


def scale_seconds(scales: Sequence[Scale], load: Load, calibration: Mapping[str, Any]) -> list[ScaleSeconds]:
    return [_seconds_of(scale, load, calibration) for scale in scales]


def style_pixels(scale: Scale, style_scale: float) -> int:
    """Pixels of a square style image at this scale, at most."""
    return round(min(style_scale * max(scale.height, scale.width), STYLE_SIDE) ** 2)


def _seconds_of(scale: Scale, load: Load, calibration: Mapping[str, Any]) -> ScaleSeconds:
    """It begins with forward passes of the content, of each style whose moments are not cached and of each whose places
    are to be found, and a search."""
    pixels, profile = tiled_pixels(scale.height, scale.width, load.tile), load.profile
    tiled = pixels > scale.height * scale.width
    plain = iteration_seconds(pixels, calibration)
    iteration = plain * (1 + 0.1 * (load.regions - 1))
    extra = STATISTICS_SHARE * tiled + MAPPED_BLOCKS_SHARE * (tiled and profile.mapped_blocks)
    recomputing = (AVERAGED_SHARE if profile.averages else RECOMPUTED_SHARE)[profile.itemsize]
    extra += recomputing[profile.recomputed(pixels, tiled)]
    style = iteration_seconds(style_pixels(scale, load.style_scale), calibration)
    begin, each = FORWARD_SHARE * (iteration + load.styles * style), iteration * (1 + extra)
    if load.searches:
        begin += FORWARD_SHARE * (iteration + load.places * style)
        begin += SEARCH_SHARE * plain + load.places * iteration_seconds(PLACES_PIXELS, calibration)
        each += scale.iterations // SEARCH_EVERY / scale.iterations * SEARCH_SHARE * plain
    factor = load.work * load.sustained
    return ScaleSeconds(factor * begin, factor * each)
