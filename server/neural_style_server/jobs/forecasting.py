"""What a job will take: its method with the preset's and its own values, and a forecast."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..engine.memory.forecast import QUICK_SIDE, Forecast, forecast, is_gpu
from ..engine.memory.host import free_bytes
from ..engine.memory.working_set import LBFGS_BYTES_PER_PIXEL, MemoryProfile, profile_for
from ..engine.method import Controls, Method, apply_controls
from ..engine.scales import plan_carried_scales, plan_scales
from ..files import load_json, set_aside
from .spec import JobOptions

SMALLER_SIZES = (8192, 6144, 4096, 3072, 2048, 1536, 1024, 768, 512, 384, 256, 128)
"""Sizes that are tried where a job does not fit."""

CALIBRATION_FILE = "calibration.json"
"""In the home folder; a worker writes it before it is ready."""


Pixels = Annotated[int, Field(ge=1, le=10**10)]
Seconds = Annotated[float, Field(gt=0, le=10**6)]


class Calibration(BaseModel):
    """What `engine.memory.calibration.measure` has found; `place` names the device and the network."""

    model_config = ConfigDict(allow_inf_nan=False, defer_build=True)

    pixels: Annotated[list[Pixels], Field(min_length=2, max_length=2)]
    seconds: Annotated[list[Seconds], Field(min_length=2, max_length=2)]
    device: str = "cpu"
    device_bytes: Annotated[int, Field(ge=0, le=2**60)] | None = None

    @model_validator(mode="after")
    def _two_sizes(self) -> Calibration:
        if self.pixels[0] >= self.pixels[1]:
            raise ValueError("the second canvas must be larger than the first")
        return self


def read_calibration(home: Path) -> dict[str, Any] | None:
    """What an iteration costs on this machine, as a worker has measured it; None where it has not been measured. A file
    that says anything else is set aside, and the next worker measures again."""
    path = home / CALIBRATION_FILE
    try:
        found = load_json(path)
        Calibration.model_validate(found)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        set_aside(path, error)
        return None
    return dict(found)


def resolve_method(preset: Any, spec: JobOptions) -> Method:
    """The preset's method and controls, each changed by the job's own, as one method.

    A picture in `init` is the start image where the job's method does not name another start.
    """
    start = {} if spec.init is None else {"start": "image"}
    method: Method = replace(preset.method, **{**start, **spec.method})
    controls: Controls = replace(preset.controls, **spec.controls)
    method = apply_controls(method, controls)
    return method if spec.seed is None else replace(method, seed=spec.seed)


def predict(
    spec: JobOptions,
    recipe: Method,
    width: int,
    height: int,
    calibration: Mapping[str, Any] | None,
    *,
    styles: int = 1,
    limit: int | None = None,
    itemsize: int = 4,
    targets_cached: bool = False,
    carried: bool = False,
    correct: Callable[[int | None], float] | None = None,
) -> Forecast:
    """The forecast of a job on a canvas of this size, and of its quick alternative.

    `styles` is the number of style images. `limit` bounds the memory that may be used; where the network is not in the
    host's memory, the calibration says how much the device has. `targets_cached`: the styles have been painted at this
    size before. `carried`: the picture goes on from another, as a frame of a sequence does. `correct`: as in
    `forecast`.
    """
    device_bytes = (calibration or {}).get("device_bytes")
    bounds = [bound for bound in (device_bytes or free_bytes(), limit) if bound is not None]
    free = min(bounds, default=None)
    profile = profile_for(MemoryProfile(itemsize, on_gpu=is_gpu(calibration)), recipe.pooling, limit, free)

    plan = plan_carried_scales if carried else plan_scales

    def at(size: int | None) -> Forecast:
        return forecast(
            plan(height, width, recipe, size),
            width * height,
            calibration,
            free,
            regions=max(1, len(spec.regions)),
            styles=styles,
            style_scale=recipe.style_scale,
            profile=profile,
            targets_cached=targets_cached,
            memory_bytes_per_pixel=LBFGS_BYTES_PER_PIXEL if recipe.optimiser == "lbfgs" else 0,
            work=recipe.work,
            searches=bool(recipe.matches),
            correct=correct,
        )

    found = at(spec.size)
    if not found.fits:
        sizes = [size for size in SMALLER_SIZES if size < max(found.width, found.height) and at(size).fits]
        return replace(found, detail=f"{found.detail} {_would_fit(sizes, width, height)}")
    if max(found.width, found.height) <= QUICK_SIDE:
        return found
    quick = at(QUICK_SIDE)
    return replace(found, quick={"size": QUICK_SIDE, "seconds": round(quick.seconds, 2), "bytes": quick.bytes})


def _would_fit(sizes: Sequence[int], width: int, height: int) -> str:
    if not sizes:
        return "Not even the smallest size would fit."
    small_width, small_height = (max(1, round(side * sizes[0] / max(width, height))) for side in (width, height))
    return f"A size of {sizes[0]} would fit: painted at {small_width} × {small_height} px and enlarged."
