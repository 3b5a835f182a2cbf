"""From a request to a job's folder: every name is looked up, every number checked, before anything is written."""

from __future__ import annotations

import io
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from .. import __version__
from ..engine.forecast import Forecast, forecast
from ..engine.plan import plan_scales
from ..engine.recipe import Controls, Recipe, apply_controls
from ..engine.working_set import free_bytes
from ..errors import ImageError, InvalidRequest, TooLarge
from ..pixels import Picture
from .files import private_folder, write_atomic, write_json
from .images import ImageStore
from .record import Job
from .spec import MOST_PREVIEWS, FrameWish, JobSpec

DISK_RESERVE = 64 << 20
"""Bytes that must stay free on the disk besides what a job needs."""


class Library(Protocol):
    """The part of a preset library that jobs use."""

    def snapshot(self, name: str) -> Any: ...


def resolve_recipe(preset: Any, spec: JobSpec) -> Recipe:
    """The preset's method and controls, each changed by the job's own, as one recipe. Raises RecipeError.

    A picture in `init` is the start image where the job's method does not name another start.
    """
    start = {} if spec.init is None else {"start": "image"}
    method = Recipe.from_mapping({**start, **spec.method}, preset.method)
    controls = Controls.from_mapping(spec.controls, preset.controls)
    recipe = apply_controls(method, controls)
    return recipe if spec.seed is None else replace(recipe, seed=spec.seed)


def predict(spec: JobSpec, recipe: Recipe, width: int, height: int, calibration: Mapping[str, Any] | None) -> Forecast:
    """The forecast of a job on a canvas of this size."""
    scales = plan_scales(height, width, recipe, spec.size)
    regions = max(1, len(spec.regions))
    return forecast(scales, width * height, calibration, free_bytes(), regions=regions)


def prepare(
    spec: JobSpec,
    *,
    library: Library,
    images: ImageStore,
    jobs_folder: Path,
    calibration: Mapping[str, Any] | None,
    versions: Mapping[str, Any],
    make_room: Callable[[int], bool] = lambda needed: True,
) -> Job:
    """A new job with its folder complete. Raises NotFound, RecipeError, ImageError, TooLarge; then nothing is left.

    `make_room` answers whether so many bytes may be written.
    """
    snapshot = library.snapshot(spec.preset)
    recipe = resolve_recipe(snapshot.preset, spec)
    content = images.get(spec.content)
    for identity in spec.image_ids():
        images.get(identity)
    _check_masks(spec, snapshot, library, images)
    if recipe.start == "image" and spec.init is None:
        raise InvalidRequest("The start 'image' needs a picture in `init`.", hint="Upload one and name its id.")
    expected = predict(spec, recipe, content.width, content.height, calibration)
    _check_room(expected, jobs_folder, (_most_frames(spec, expected) + 3) * content.pixels.nbytes, make_room)
    identity = secrets.token_hex(8)
    folder = private_folder(jobs_folder / identity)
    try:
        areas = _areas(spec, snapshot, library, images, folder)
        task = {
            "recipe": recipe.as_dict(),
            "frames": _wish(spec.frames),
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
            request=_request(spec),
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
        selected = mask.grey() > 0
        if not selected.any():
            raise ImageError(f"{name} is empty: nothing is selected.", hint="Select something, or leave it out.")
        if not (selected & visible).any():
            raise ImageError(f"{name} selects only transparent pixels.", hint="Select something that is painted.")
    for index, region in enumerate(spec.regions):
        if region.style_mask is not None:
            mask = images.get(region.style_mask)
            for size in _style_sizes(region.preset, region.style, library, images):
                _check_size(f"regions[{index}].style_mask", mask, size, "its style image")


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


def _most_frames(spec: JobSpec, expected: Forecast) -> int:
    """How many frames there can be on the disk at once."""
    if spec.frames.every is not None:
        return expected.iterations // spec.frames.every
    return len(spec.frames.at) or MOST_PREVIEWS


def _check_room(expected: Forecast, folder: Path, pictures_bytes: int, make_room: Callable[[int], bool]) -> None:
    if not expected.fits:
        raise TooLarge(
            f"The job needs about {expected.bytes / 2**30:.1f} GiB of memory, which is not free.",
            hint="Choose a smaller size, or close other programs.",
            code="does_not_fit",
        )
    needed = pictures_bytes + 40 * expected.width * expected.height
    if not make_room(needed):
        raise TooLarge(
            f"The job can need {needed >> 20} MiB on the disk, more than the daemon may use.",
            hint="Delete old jobs, choose fewer frames, or raise 'disk_limit_bytes' in the settings file.",
            code="disk_limit",
        )
    free = shutil.disk_usage(folder).free
    if free < needed + DISK_RESERVE:
        raise TooLarge(
            f"The job can need {needed >> 20} MiB on the disk, and {free >> 20} MiB are free.",
            hint="Free some space, delete old jobs, or choose fewer frames.",
            code="disk_full",
        )


def _wish(frames: FrameWish) -> dict[str, Any]:
    if frames.every is not None:
        return {"every": frames.every}
    return {"at": list(frames.at)} if frames.at else {"seconds": frames.seconds}


def _request(spec: JobSpec) -> dict[str, Any]:
    """The spec as plain values, for the record."""
    values = vars(spec) | {"frames": _wish(spec.frames), "regions": [vars(region) for region in spec.regions]}
    return {key: dict(value) if isinstance(value, Mapping) else value for key, value in values.items()}
