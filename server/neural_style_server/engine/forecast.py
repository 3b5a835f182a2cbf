"""What a job will take, before it starts: seconds and bytes, from a calibration of this machine. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .plan import Scale
from .working_set import choose_tile, evaluation_bytes

DEFAULT_CALIBRATION: Mapping[str, Any] = {"pixels": [4096, 36864], "seconds": [0.06, 0.45]}
"""Two slow cores in float32; used until the machine's own is there."""

STYLE_SHARE = 0.4
"""A forward pass of a style or content image as a share of an iteration at the same size."""

TILED_FACTOR = 1.9
"""What tiles cost: the pass that collects statistics, and the margins."""

DELIVERY_SECONDS_PER_PIXEL = 1.2e-7
START_SECONDS = 0.4


@dataclass(frozen=True)
class Forecast:
    """seconds and peak bytes over the idle worker; disk bytes of frames, result and checkpoint."""

    seconds: float
    bytes: int
    iterations: int
    width: int
    height: int
    fits: bool
    detail: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "seconds": round(self.seconds, 2)}


def iteration_seconds(pixels: int, calibration: Mapping[str, Any]) -> float:
    """The straight line through the calibration's two points: a cost for each pixel and one for each call."""
    (n, m), (s, t) = calibration["pixels"], calibration["seconds"]
    slope = max(t - s, 0.05 * t) / (m - n)
    return float(max(s - slope * n, 0) + slope * pixels)


def forecast(
    scales: Sequence[Scale],
    canvas_pixels: int,
    calibration: Mapping[str, Any] | None,
    free: int | None,
    *,
    regions: int = 1,
    itemsize: int = 4,
    targets_cached: bool = False,
) -> Forecast:
    """For a planned job on a canvas of so many pixels; `free` is the memory that can be had, if it is known."""
    known = calibration or DEFAULT_CALIBRATION
    finest = scales[-1]
    tile = choose_tile(finest.height, finest.width, free, itemsize)
    seconds = START_SECONDS + canvas_pixels * DELIVERY_SECONDS_PER_PIXEL
    for scale in scales:
        once = iteration_seconds(scale.height * scale.width, known) * (1 + 0.1 * (regions - 1))
        seconds += scale.iterations * once * (1 if tile is None else TILED_FACTOR)
        seconds += once * STYLE_SHARE * (1 if targets_cached else 1 + regions)
    needed = evaluation_bytes(finest.height, finest.width, tile, itemsize) + 30 * canvas_pixels
    fits = free is None or needed < free
    detail = "" if fits else "This picture needs more memory than is free now; choose a smaller size."
    iterations = sum(scale.iterations for scale in scales)
    return Forecast(seconds, needed, iterations, finest.width, finest.height, fits, detail)
