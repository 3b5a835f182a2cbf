"""Which style images a job paints with, and how much each counts: those of its preset and of the presets blended with
it, or those of each region. Looked up in the library, and copied into the job's folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InvalidRequest
from ..files import own_folder, write_atomic
from ..presets.entries import Snapshot
from ..presets.library import Library
from ..presets.style_images import image_size
from .spec import BlendSpec, JobOptions, StylePart
from .task import TaskRegion, TaskStyle


@dataclass(frozen=True)
class Ingredient:
    """A preset, and its weight among others: its style images share it as their own weights say."""

    preset: Snapshot
    weight: float = 1.0

    def shares(self) -> list[float]:
        """The weight of each style image. They add up to that of the preset."""
        total = sum(image.weight for image in self.preset.images)
        return [self.weight * image.weight / total for image in self.preset.images]


@dataclass(frozen=True)
class RegionStyles:
    """The styles of a region: presets, or an uploaded picture first. `mask` None is everywhere.

    `style_mask` and `style_part` are for the images of what the region names first, not of what is blended with it.
    """

    presets: Sequence[Ingredient]
    style: str | None = None
    mask: str | None = None
    style_mask: str | None = None
    style_part: StylePart | None = None

    @property
    def count(self) -> int:
        """How many style images there are."""
        return (self.style is not None) + sum(share > 0 for item in self.presets for share in item.shares())

    def own_sizes(self) -> list[tuple[int, int]]:
        """(width, height) of the images of the preset that the region names first."""
        return [image_size(item.data, item.file) for item in self.presets[0].preset.images]


def find_styles(spec: JobOptions, preset: Snapshot, library: Library) -> list[RegionStyles]:
    """The styles of each region, or of the whole canvas; `preset` is the job's own.

    Raises NotFound, and InvalidRequest where presets are blended that cannot be.
    """
    if not spec.regions:
        return [RegionStyles(_blended(preset, spec.blend, library, "blend"))]
    if spec.blend:
        detail = "blend cannot stand beside regions, which have styles of their own."
        raise InvalidRequest(detail, hint="Put it into the regions that it is for.")
    found = []
    for index, region in enumerate(spec.regions):
        own = None if region.preset is None else library.snapshot(region.preset)
        presets = _blended(own, region.blend, library, f"regions[{index}].blend")
        found.append(RegionStyles(presets, region.style, region.mask, region.style_mask, region.style_part))
    return found


def _blended(own: Snapshot | None, blend: Sequence[BlendSpec], library: Library, key: str) -> list[Ingredient]:
    found = [] if own is None else [Ingredient(own)]
    for item in blend:
        snapshot = library.snapshot(item.preset)
        if any(snapshot.preset.name == other.preset.preset.name for other in found):
            detail = f"{key}: the preset '{item.preset}' is there twice."
            raise InvalidRequest(detail, hint="Name each preset once; a larger weight gives it more.")
        found.append(Ingredient(snapshot, item.weight))
    return found


def source(own: Snapshot, regions: Sequence[RegionStyles]) -> dict[str, Any]:
    """Which presets these were, for a job's record: its own, and the `others` that it is painted with."""
    used = {item.preset.preset.name: item.preset for region in regions for item in region.presets}
    others = [snapshot.record() for name, snapshot in used.items() if name != own.preset.name]
    return {**own.record(), "others": others}


def write_styles(regions: Sequence[RegionStyles], folder: Path) -> list[TaskRegion]:
    """For the worker, with the presets' images copied into the job: the library may change meanwhile. Files are called
    by their content, so that a live job whose blend changes again and again has each image once."""
    own_folder(folder / "styles")
    return [TaskRegion(mask=region.mask, styles=_written(region, folder)) for region in regions]


def _written(region: RegionStyles, folder: Path) -> list[TaskStyle]:
    own_mask, own_part = region.style_mask, region.style_part
    styles = [] if region.style is None else [TaskStyle(image=region.style, weight=1.0, mask=own_mask, part=own_part)]
    for item in region.presets:
        mask, part = (None, None) if styles else (own_mask, own_part)
        for image, share in zip(item.preset.images, item.shares(), strict=True):
            sha256 = hashlib.sha256(image.data).hexdigest()
            name = f"styles/{sha256[:32]}{Path(image.file).suffix}"
            if not (folder / name).is_file():
                write_atomic(folder / name, image.data)
            styles.append(TaskStyle(file=name, weight=share, sha256=sha256, mask=mask, part=part))
    return styles
