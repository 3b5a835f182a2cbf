"""From a request to a job's folder: every name is looked up, every number checked, before anything is written."""

from __future__ import annotations

import io
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .. import __version__
from ..engine.memory.forecast import QUICK_SIDE, Forecast, forecast, is_gpu
from ..engine.memory.host import free_bytes
from ..engine.memory.working_set import (
    CHECKPOINT_BYTES_PER_PIXEL,
    LBFGS_BYTES_PER_PIXEL,
    MemoryProfile,
    profile_for,
    strips,
)
from ..engine.method import Controls, Method, apply_controls
from ..engine.scales import plan_scales
from ..errors import ImageError, InvalidRequest, TooLarge
from ..files import private_folder, write_atomic, write_json
from ..pixels import Picture
from .image_store import ImageStore
from .job import Job
from .spec import JobOptions, JobSpec, most_previews

SMALLER_SIZES = (8192, 6144, 4096, 3072, 2048, 1536, 1024, 768, 512, 384, 256, 128)
"""Sizes that are tried, and told, where a job would not fit."""

DISK_RESERVE = 64 << 20
"""Bytes that must stay free on the disk besides what a job needs."""


class Library(Protocol):
    """The part of a preset library that jobs use."""

    def snapshot(self, name: str) -> Any: ...


def resolve_recipe(preset: Any, spec: JobOptions) -> Method:
    """The preset's method and controls, each changed by the job's own, as one recipe.

    A picture in `init` is the start image where the job's method does not name another start.
    """
    start = {} if spec.init is None else {"start": "image"}
    method: Method = replace(preset.method, **{**start, **spec.method})
    controls: Controls = replace(preset.controls, **spec.controls)
    recipe = apply_controls(method, controls)
    return recipe if spec.seed is None else replace(recipe, seed=spec.seed)


def predict(
    spec: JobOptions,
    recipe: Method,
    width: int,
    height: int,
    calibration: Mapping[str, Any] | None,
    *,
    limit: int | None = None,
    itemsize: int = 4,
    targets_cached: bool = False,
) -> Forecast:
    """The forecast of a job on a canvas of this size, and of its quick alternative.

    `limit` bounds the memory that may be used; where the network is not in the host's memory, the calibration says
    how much the device has. `targets_cached`: the preset has been painted at this size before.
    """
    device_bytes = (calibration or {}).get("device_bytes")
    bounds = [bound for bound in (device_bytes or free_bytes(), limit) if bound is not None]
    free = min(bounds, default=None)
    profile = profile_for(MemoryProfile(itemsize, on_gpu=is_gpu(calibration)), recipe.pooling, limit, free)

    def at(size: int | None) -> Forecast:
        return forecast(
            plan_scales(height, width, recipe, size),
            width * height,
            calibration,
            free,
            regions=max(1, len(spec.regions)),
            style_scale=recipe.style_scale,
            profile=profile,
            targets_cached=targets_cached,
            memory_bytes_per_pixel=LBFGS_BYTES_PER_PIXEL if recipe.optimiser == "lbfgs" else 0,
        )

    found = at(spec.size)
    if not found.fits:
        sizes = [size for size in SMALLER_SIZES if size < max(found.width, found.height) and at(size).fits]
        return replace(found, detail=f"{found.detail} {_would_fit(sizes, width, height)}")
    if max(found.width, found.height) <= QUICK_SIDE:
        return found
    quick = at(QUICK_SIDE)
    told = {"size": QUICK_SIDE, "seconds": round(quick.seconds, 2), "bytes": quick.bytes}
    return replace(found, quick=told)


def _would_fit(sizes: Sequence[int], width: int, height: int) -> str:
    if not sizes:
        return "Not even the smallest size would fit."
    small_width, small_height = (max(1, round(side * sizes[0] / max(width, height))) for side in (width, height))
    return f"A size of {sizes[0]} would fit: painted at {small_width} × {small_height} px and enlarged."


def prepare(
    spec: JobSpec,
    *,
    library: Library,
    images: ImageStore,
    jobs_folder: Path,
    calibration: Mapping[str, Any] | None,
    versions: Mapping[str, Any],
    make_room: Callable[[int], bool] = lambda needed: True,
    **known: Any,
) -> Job:
    """A new job with its folder complete. Raises NotFound, MethodError, ImageError, TooLarge; then nothing is left.

    `make_room` answers whether so many bytes may be written; `known` is what `predict` is told besides.
    """
    snapshot = library.snapshot(spec.preset)
    recipe = resolve_recipe(snapshot.preset, spec)
    content = images.get(spec.content)
    for identity in spec.image_ids():
        images.get(identity)
    _check_masks(spec, snapshot, library, images)
    if recipe.start == "image" and spec.init is None:
        raise InvalidRequest("The start 'image' needs a picture in `init`.", hint="Upload one and name its id.")
    expected = predict(spec, recipe, content.width, content.height, calibration, **known)
    frames = _most_frames(spec, expected, content.pixels.nbytes)
    _check_room(expected, jobs_folder, (frames + 3) * content.pixels.nbytes, make_room)
    identity = secrets.token_hex(8)
    folder = private_folder(jobs_folder / identity)
    try:
        areas = _areas(spec, snapshot, library, images, folder)
        task = {
            "recipe": recipe.as_dict(),
            "frames": spec.frames.as_dict(),
            "content": str(images.path(spec.content)),
            "mask": None if spec.mask is None else str(images.path(spec.mask)),
            "init": None if spec.init is None else str(images.path(spec.init)),
            "size": spec.size,
            "areas": areas,
            "extensions": [],
        }
        write_json(folder / "task.json", task)
        job = Job(
            id=identity,
            folder=folder,
            client=spec.client,
            preset=spec.preset,
            on_disconnect=spec.on_disconnect,
            request=spec.model_dump(mode="json"),
            preset_source=snapshot.record(),
            seed=recipe.seed,
            width=content.width,
            height=content.height,
            format=content.format,
            iterations=expected.iterations,
            forecast=expected.as_dict(),
            recipe=recipe.as_dict(),
            versions={"neural_style": __version__, **versions},
        )
        if not expected.full_detail:
            job.note(f"Painted at {expected.width} × {expected.height} px and enlarged: quick, not in full detail.")
        job.save()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return job


def _areas(spec: JobSpec, snapshot: Any, library: Library, images: ImageStore, folder: Path) -> list[dict[str, Any]]:
    if not spec.regions:
        return [{"mask": None, "styles": _styles(snapshot, folder, 0)}]
    areas = []
    for index, region in enumerate(spec.regions):
        if region.preset is not None:
            styles = _styles(library.snapshot(region.preset), folder, index)
        else:
            assert region.style is not None
            styles = [{"image": str(images.path(region.style)), "weight": 1.0}]
        if region.style_mask is not None:
            for style in styles:
                style["mask"] = str(images.path(region.style_mask))
        areas.append({"mask": str(images.path(region.mask)), "styles": styles})
    return areas


def _styles(snapshot: Any, folder: Path, index: int) -> list[dict[str, Any]]:
    """The preset's style images, copied into the job: the library may change meanwhile."""
    private_folder(folder / "styles")
    styles = []
    for number, image in enumerate(snapshot.images):
        name = f"styles/{index}-{number}{Path(image.file).suffix}"
        write_atomic(folder / name, image.data)
        styles.append({"file": name, "weight": image.weight})
    return styles


def _check_masks(spec: JobSpec, snapshot: Any, library: Library, images: ImageStore) -> None:
    content = images.get(spec.content)
    visible = content.pixels[..., 3] > 0
    if not visible.any():
        raise ImageError("The layer is fully transparent: there is nothing to paint.", hint="Choose another layer.")
    masks = [("mask", spec.mask), *((f"regions[{i}].mask", region.mask) for i, region in enumerate(spec.regions))]
    for name, identity in masks:
        if identity is None:
            continue
        mask = images.get(identity)
        _check_size(name, mask, (content.width, content.height), "the content")
        selected, painted = _selects(mask, visible)
        if not selected:
            raise ImageError(f"{name} is empty: nothing is selected.", hint="Select something, or leave it out.")
        if not painted:
            raise ImageError(f"{name} selects only transparent pixels.", hint="Select something that is painted.")
    for index, region in enumerate(spec.regions):
        if region.style_mask is not None:
            mask = images.get(region.style_mask)
            for size in _style_sizes(region.preset, region.style, library, images):
                _check_size(f"regions[{index}].style_mask", mask, size, "its style image")


def _selects(mask: Picture, visible: NDArray[np.bool_]) -> tuple[bool, bool]:
    """Whether anything is selected, and whether anything that is visible is."""
    selected = painted = False
    for rows in strips(mask.height, mask.width):
        chosen = Picture(mask.pixels[rows], mask.format).grey() > 0
        selected |= bool(chosen.any())
        painted |= bool((chosen & visible[rows]).any())
    return selected, painted


def _check_size(name: str, mask: Picture, size: tuple[int, int], of: str) -> None:
    if (mask.width, mask.height) != size:
        raise ImageError(
            f"{name} is {mask.width} × {mask.height} pixels, {of} {size[0]} × {size[1]}.",
            hint="Send a mask of the same size.",
        )


def _style_sizes(preset: str | None, style: str | None, library: Library, images: ImageStore) -> list[tuple[int, int]]:
    if style is not None:
        picture = images.get(style)
        return [(picture.width, picture.height)]
    sizes = []
    for item in library.snapshot(preset or "").images:
        with Image.open(io.BytesIO(item.data)) as image:
            sizes.append(image.size)
    return sizes


def _most_frames(spec: JobSpec, expected: Forecast, picture_bytes: int) -> int:
    """How many frames there can be on the disk at once."""
    every, at, seconds = spec.frames.every, spec.frames.at, spec.frames.seconds
    chosen = len(at) if every is None else expected.iterations // every
    return chosen + (0 if seconds is None else most_previews(picture_bytes))


def _check_room(expected: Forecast, folder: Path, pictures_bytes: int, make_room: Callable[[int], bool]) -> None:
    if not expected.fits:
        raise TooLarge(
            f"The job needs about {expected.bytes / 2**30:.1f} GiB of memory, which is not free. {expected.detail}",
            hint="Choose a smaller size, or close other programs.",
            code="does_not_fit",
        )
    checkpoint = CHECKPOINT_BYTES_PER_PIXEL * expected.width * expected.height
    needed = pictures_bytes + checkpoint
    if not make_room(needed):
        raise TooLarge(
            f"The job can need {needed >> 20} MiB on the disk, more than the daemon may use.",
            hint="Delete old jobs, choose fewer frames, or raise 'disk_limit_bytes' in the settings file.",
            code="disk_limit",
        )
    free = shutil.disk_usage(folder).free
    needed += checkpoint + expected.disk_bytes  # while it is painted: the next checkpoint, and the scratch files
    if free < needed + DISK_RESERVE:
        raise TooLarge(
            f"The job can need {needed >> 20} MiB on the disk, and {free >> 20} MiB are free.",
            hint="Free some space, delete old jobs, or choose fewer frames or a smaller size.",
            code="disk_full",
        )
