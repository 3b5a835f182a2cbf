"""What a job will take, before it starts: seconds and bytes, from a calibration of this machine. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..scales import Scale
from .duration import DEFAULT_CALIBRATION, Load, first_frame_seconds, scale_seconds, style_pixels
from .working_set import (
    ENLARGED_BYTES_PER_PIXEL,
    FLOAT32,
    MAPPED_BYTES_PER_PIXEL,
    MemoryProfile,
    choose_tile,
    evaluation_bytes,
    places_bytes_per_pixel,
    scratch_bytes,
)

DELIVERY_SECONDS_PER_PIXEL = 1.2e-7
"""Time to write a frame."""

FRAME_S = 2.0
"""Seconds between two frames; at most one per iteration."""

START_SECONDS, GPU_START_SECONDS = 0.4, 0.3
"""Before the first iteration. A GPU's first job of a size takes 0.3 to 0.5 s more, the next ones 0.1 s less."""

FIRST_BYTES = 60 << 20
"""What libraries allocate once, in a worker's first job."""

DELIVERED_BYTES = 20 << 20
"""A strip of a picture that is read or written, with its intermediate results."""

QUICK_SIDE = 1024
"""Long side of the quick alternative to a large canvas in full detail."""


@dataclass(frozen=True)
class Forecast:
    """seconds and peak bytes over the idle worker; `disk_bytes` are scratch files, free again when the job is done.

    width and height are what is optimised, `full_detail` whether that is the canvas's own size, and `quick` the
    alternative with a smaller `size`, which is enlarged: {size, seconds, bytes} or None where it would save nothing.
    `calibrated` is False where the seconds are a guess, because this machine has not been measured yet; `correction` is
    what former jobs took, as a multiple of what the calibration foretold.
    """

    seconds: float
    bytes: int
    disk_bytes: int
    iterations: int
    width: int
    height: int
    tile: int | None
    full_detail: bool
    fits: bool
    calibrated: bool
    correction: float = 1.0
    detail: str = ""
    quick: Mapping[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "seconds": round(self.seconds, 2), "correction": round(self.correction, 3)}


def is_gpu(calibration: Mapping[str, Any] | None) -> bool:
    """Whether the calibrated device is a GPU, with memory of its own or, on a Mac, the host's."""
    known = calibration or {}
    return known.get("device_bytes") is not None or known.get("device", "cpu") != "cpu"


def forecast(
    scales: Sequence[Scale],
    canvas_pixels: int,
    calibration: Mapping[str, Any] | None,
    free: int | None,
    *,
    regions: int = 1,
    styles: int = 1,
    style_scale: float = 1.0,
    profile: MemoryProfile = FLOAT32,
    targets_cached: bool = False,
    memory_bytes_per_pixel: int = 0,
    work: float = 1.0,
    searches: bool = True,
    correct: Callable[[int | None], float] | None = None,
) -> Forecast:
    """For a planned job on a canvas of so many pixels. `styles` is the number of style images in all regions; `free`
    the memory that can be had, if known; `memory_bytes_per_pixel` what the optimiser holds besides the image-sized
    tensors of Adam; `work` and `searches` what an iteration costs relative to the calibrated one, and whether places
    are matched; `correct` tells what jobs in such tiles have taken, as a multiple of the calibration's."""
    known = calibration or DEFAULT_CALIBRATION
    finest = scales[-1]
    held = finest.height * finest.width * memory_bytes_per_pixel
    if searches:
        held += round(styles * style_pixels(finest, style_scale) * places_bytes_per_pixel(profile.itemsize))
    tile = choose_tile(finest.height, finest.width, None if free is None else max(0, free - held), profile)
    load = Load(tile, profile, regions, 0 if targets_cached else styles, styles, style_scale, work, searches)
    painting = first_frame_seconds(load, known)
    for scale, cost in zip(scales, scale_seconds(scales, load, known), strict=True):
        painting += cost.begin + scale.iterations * cost.iteration
    correction = 1.0 if correct is None else correct(tile)
    painting *= correction
    iterations = sum(scale.iterations for scale in scales)
    frames = 2 + min(iterations, painting / FRAME_S)
    start = GPU_START_SECONDS if profile.on_gpu else START_SECONDS
    seconds = start + painting + frames * canvas_pixels * DELIVERY_SECONDS_PER_PIXEL
    needed = evaluation_bytes(finest.height, finest.width, tile, profile)
    needed += FIRST_BYTES + DELIVERED_BYTES + held
    disk = scratch_bytes(finest.height, finest.width, profile)
    smaller = finest.height * finest.width < canvas_pixels
    if smaller and profile.on_gpu and canvas_pixels <= profile.held_pixels:
        needed += canvas_pixels * ENLARGED_BYTES_PER_PIXEL
    elif smaller and canvas_pixels > profile.held_pixels:
        needed += canvas_pixels * MAPPED_BYTES_PER_PIXEL
        disk += canvas_pixels * ENLARGED_BYTES_PER_PIXEL
    fits = free is None or needed < free
    return Forecast(
        seconds,
        needed,
        disk,
        iterations,
        finest.width,
        finest.height,
        tile,
        full_detail=not smaller,
        fits=fits,
        calibrated=calibration is not None,
        correction=correction,
        detail="" if fits else "This picture needs more memory than is free now; choose a smaller size.",
    )
