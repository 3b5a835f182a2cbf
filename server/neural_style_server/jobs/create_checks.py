"""What is refused before a job is made: masks that select nothing, pictures of another size, too little room."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..engine.memory.forecast import Forecast
from ..engine.memory.working_set import CHECKPOINT_BYTES_PER_PIXEL, strips
from ..errors import ImageError, TooLarge
from ..pixels import Picture
from .disk_limit import DiskLimit
from .frame_task import check_size
from .spec import JobSpec
from .styles import RegionStyles

DISK_RESERVE = 64 << 20
"""Bytes that stay free on the disk besides what a job needs."""


def check_masks(spec: JobSpec, regions: Sequence[RegionStyles], pictures: Mapping[str, Picture]) -> None:
    content = pictures[spec.content]
    visible = content.pixels[..., 3] > 0
    if not visible.any():
        raise ImageError("The layer is fully transparent: there is nothing to paint.", hint="Choose another layer.")
    masks = [("mask", spec.mask), *((f"regions[{i}].mask", region.mask) for i, region in enumerate(spec.regions))]
    for name, identity in masks:
        if identity is None:
            continue
        mask = pictures[identity]
        check_size(name, mask, (content.width, content.height), "the content")
        selected, painted = _selects(mask, visible)
        if not selected:
            raise ImageError(f"{name} is empty: nothing is selected.", hint="Select something, or leave it out.")
        if not painted:
            raise ImageError(f"{name} selects only transparent pixels.", hint="Select something that is painted.")
    for index, region in enumerate(regions):
        if region.style_mask is not None:
            own = None if region.style is None else pictures[region.style]
            sizes = region.own_sizes() if own is None else [(own.width, own.height)]
            for size in sizes:
                check_size(f"regions[{index}].style_mask", pictures[region.style_mask], size, "its style image")


def _selects(mask: Picture, visible: NDArray[np.bool_]) -> tuple[bool, bool]:
    """Whether anything is selected, and whether anything that is visible is."""
    selected = painted = False
    for rows in strips(mask.height, mask.width):
        chosen = Picture(mask.pixels[rows], mask.format).grey() > 0
        selected |= bool(chosen.any())
        painted |= bool((chosen & visible[rows]).any())
    return selected, painted


def check_room(expected: Forecast, folder: Path, pictures_bytes: int, disk: DiskLimit) -> None:
    if not expected.fits:
        raise TooLarge(
            f"The job needs about {expected.bytes / 2**30:.1f} GiB of memory, which is not free. {expected.detail}",
            hint="Choose a smaller size, or close other programs.",
            code="does_not_fit",
        )
    checkpoints = (
        2 * CHECKPOINT_BYTES_PER_PIXEL * expected.width * expected.height
    )  # the latest, and one before or after
    needed = pictures_bytes + checkpoints
    if not disk.make_room(needed):
        raise TooLarge(
            f"The job can need {needed >> 20} MiB on the disk, more than the daemon may use.",
            hint="Delete old jobs, choose fewer frames, or raise 'disk_limit_bytes' in the settings file.",
            code="disk_limit",
        )
    free = shutil.disk_usage(folder).free
    needed += expected.disk_bytes  # while it is painted: the scratch files
    if free < needed + DISK_RESERVE:
        raise TooLarge(
            f"The job can need {needed >> 20} MiB on the disk, and {free >> 20} MiB are free.",
            hint="Free some space, delete old jobs, or choose fewer frames or a smaller size.",
            code="disk_full",
        )
