"""What a job will take, before it starts: seconds and bytes, from a calibration of this machine. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import first_frame
from ..scales import SEARCH_EVERY, Scale
from .working_set import (
    ENLARGED_BYTES_PER_PIXEL,
    FLOAT32,
    MAPPED_BYTES_PER_PIXEL,
    MemoryProfile,
    choose_tile,
    evaluation_bytes,
    places_bytes_per_pixel,
    scratch_bytes,
    tiled_pixels,
)

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
    `calibrated` is False where the seconds are a guess, because this machine has not been measured yet.
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
    detail: str = ""
    quick: Mapping[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "seconds": round(self.seconds, 2)}


def is_gpu(calibration: Mapping[str, Any] | None) -> bool:
    """Whether the calibrated device is a GPU, with memory of its own or, on a Mac, the host's."""
    known = calibration or {}
    return known.get("device_bytes") is not None or known.get("device", "cpu") != "cpu"


def iteration_seconds(pixels: int, calibration: Mapping[str, Any]) -> float:
    """The straight line through the calibration's two points: a cost per pixel and one per call."""
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
    styles: int = 1,
    style_scale: float = 1.0,
    profile: MemoryProfile = FLOAT32,
    targets_cached: bool = False,
    memory_bytes_per_pixel: int = 0,
    work: float = 1.0,
    searches: bool = True,
) -> Forecast:
    """For a planned job on a canvas of so many pixels. `styles` is the number of style images in all regions; `free`
    the memory that can be had, if known; `memory_bytes_per_pixel` what the optimiser holds besides the image-sized
    tensors of Adam; `work` and `searches` what an iteration costs relative to the calibrated one, and whether places
    are matched."""
    known = calibration or DEFAULT_CALIBRATION
    finest = scales[-1]
    held = finest.height * finest.width * memory_bytes_per_pixel
    if searches:
        held += round(styles * _style_pixels(finest, style_scale) * places_bytes_per_pixel(profile.itemsize))
    tile = choose_tile(finest.height, finest.width, None if free is None else max(0, free - held), profile)
    targets = 0 if targets_cached else styles
    painting = _first_frame_seconds(known, targets)
    passes = 2 if searches else 1
    for scale in scales:
        seconds = _scale_seconds(scale, tile, known, profile, regions, targets, style_scale, passes)
        if searches:
            pixels = tiled_pixels(scale.height, scale.width, tile)
            seconds += (1 + scale.iterations // SEARCH_EVERY) * SEARCH_SHARE * iteration_seconds(pixels, known)
            seconds += targets * iteration_seconds(PLACES_PIXELS, known)
        painting += work * seconds
    if not profile.on_gpu:
        painting *= SUSTAINED[profile.itemsize]
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
        detail="" if fits else "This picture needs more memory than is free now; choose a smaller size.",
    )


def _first_frame_seconds(calibration: Mapping[str, Any], styles: int) -> float:
    pixels = first_frame.SIDE * first_frame.SIDE * 3 // 4
    return (first_frame.ITERATIONS + FORWARD_SHARE * styles) * iteration_seconds(pixels, calibration)


def _style_pixels(scale: Scale, style_scale: float) -> int:
    """Pixels of a square style image at this scale, at most."""
    return round(min(style_scale * max(scale.height, scale.width), STYLE_SIDE) ** 2)


def _scale_seconds(
    scale: Scale,
    tile: int | None,
    calibration: Mapping[str, Any],
    profile: MemoryProfile,
    regions: int,
    styles: int,
    style_scale: float,
    passes: int,
) -> float:
    """One scale: its iterations, and forward passes of the content and of each style whose targets are not cached."""
    pixels = tiled_pixels(scale.height, scale.width, tile)
    tiled = pixels > scale.height * scale.width
    iteration = iteration_seconds(pixels, calibration) * (1 + 0.1 * (regions - 1))
    extra = STATISTICS_SHARE * tiled + MAPPED_BLOCKS_SHARE * (tiled and profile.mapped_blocks)
    recomputing = (AVERAGED_SHARE if profile.averages else RECOMPUTED_SHARE)[profile.itemsize]
    extra += recomputing[profile.recomputed(pixels, tiled)]
    forward = iteration + styles * iteration_seconds(_style_pixels(scale, style_scale), calibration)
    return scale.iterations * iteration * (1 + extra) + passes * FORWARD_SHARE * forward
