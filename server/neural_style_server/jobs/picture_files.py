"""Pictures on the disk: PATH.raw with the pixels, and PATH.json with their size, format and check sum.

The sum covers size and format too. An uploaded picture is called by it, and where it is another user's than the owner's
the sum covers the name as well: what two users upload is never one file, so that nothing about it tells either of the
other. The other pictures have it in their notes, but for those of version 0.1.0, of which only the length is known.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..files import load_json, open_regular, replacing, share_file, write_json
from ..pixels import DTYPES, LARGEST_SIDE, PIXEL_BYTES, Picture, PixelFormat
from ..users import OWNER

log = logging.getLogger(__name__)

SUM = re.compile("[0-9a-f]{64}")
READ_STEP = 1 << 20
CHECKED = 4096
"""Pictures whose check is remembered until they change."""

Side = Annotated[int, Field(ge=1, le=LARGEST_SIDE)]
Stamp = tuple[int, int, int, int]
"""Changes whenever a file does."""


class PictureNotes(BaseModel):
    """What PATH.json holds. Keys of a newer program are ignored: the sum says whether the pixels are what is meant."""

    model_config = ConfigDict(strict=True, defer_build=True)

    width: Side
    height: Side
    format: PixelFormat
    iteration: int = Field(default=0, ge=0, le=10**12)
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    owner: str = OWNER


def write_picture(path: Path, picture: Picture, **notes: Any) -> None:
    """The picture is there once PATH.json is."""
    write_rows(path, [picture.pixels], picture.width, picture.height, picture.format, **notes)


def write_rows(path: Path, parts: Iterable[Any], width: int, height: int, format: str, **notes: Any) -> None:
    """As `write_picture`, for pixels that come by rows: arrays (h, W, 4), from top to bottom."""
    found = _begin_sum(width, height, format, OWNER)
    with replacing(path.with_suffix(".raw")) as file:
        for part in parts:
            data = np.ascontiguousarray(part).data.cast("B")
            found.update(data)
            file.write(data)
    sizes = {"width": width, "height": height, "format": format}
    write_json(path.with_suffix(".json"), {**sizes, "sha256": found.hexdigest(), **notes})


def picture_sum(picture: Picture, owner: str = OWNER) -> str:
    """SHA-256 of size, format and pixels, and of a user's name: an upload's id."""
    found = _begin_sum(picture.width, picture.height, picture.format, owner)
    found.update(np.ascontiguousarray(picture.pixels).data.cast("B"))
    return str(found.hexdigest())


def share_picture(source: Path, path: Path) -> None:
    """The same picture under another name: the same file where the disk can do that, else a copy."""
    for suffix in (".raw", ".json"):
        share_file(source.with_suffix(suffix), path.with_suffix(suffix))


def read_picture(path: Path) -> tuple[Picture, dict[str, Any]] | None:
    """The picture and its notes, or None where it is not there whole. The pixels are mapped, not read."""
    notes = read_notes(path)
    if notes is None:
        return None
    raw = path.with_suffix(".raw")
    uploaded = SUM.fullmatch(path.name) is not None
    wanted, owner = (path.name, notes.owner) if uploaded else (notes.sha256, OWNER)
    shape = (notes.height, notes.width, 4)
    try:
        with open_regular(raw) as file:
            stat = os.fstat(file.fileno())
            if stat.st_size != notes.width * notes.height * PIXEL_BYTES[notes.format]:
                _tell(str(raw), _stamp(stat), "it has another length than its picture")
                return None
            size = notes.width, notes.height, notes.format
            if wanted and not _has_sum(str(raw), _stamp(stat), *size, owner, wanted):
                return None
            pixels = np.memmap(file, dtype=DTYPES[notes.format], mode="r", shape=shape)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _tell(str(raw), None, str(error))
        return None
    return Picture(pixels, notes.format), notes.model_dump()


def read_notes(path: Path) -> PictureNotes | None:
    """What PATH.json says, or None where it says nothing that can be meant."""
    notes = path.with_suffix(".json")
    try:
        return PictureNotes.model_validate(load_json(notes))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, ValueError) as error:
        _tell(str(notes), None, str(error))
        return None


def _begin_sum(width: int, height: int, format: str, owner: str) -> Any:
    whose = "" if owner == OWNER else f"{owner}:"
    return hashlib.sha256(f"{whose}{width}x{height}:{format}:".encode())


def _stamp(stat: os.stat_result) -> Stamp:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


@lru_cache(CHECKED)
def _has_sum(raw: str, stamp: Stamp, width: int, height: int, format: str, owner: str, wanted: str) -> bool:
    """Whether the pixels are those that were written. Calculated once for each state of the file, and told once."""
    found = _begin_sum(width, height, format, owner)
    with open_regular(Path(raw)) as file:
        while part := file.read(READ_STEP):
            found.update(part)
    if found.hexdigest() != wanted:
        _tell(raw, stamp, "its check sum is wrong")
    return bool(found.hexdigest() == wanted)


@lru_cache(CHECKED)
def _tell(path: str, stamp: Stamp | None, why: str) -> None:
    """Once for each fault: clients may ask for a picture again and again."""
    log.warning("%s is damaged and not used: %s", path, " ".join(why.split())[:300])
