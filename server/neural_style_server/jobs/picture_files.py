"""Pictures on disk: NAME.raw with the pixels and NAME.json with size and format."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ..files import read_json, replacing, write_json
from ..pixels import DTYPES, Picture


def write_picture(path: Path, picture: Picture, **meta: Any) -> None:
    """PATH.raw with the pixels, then PATH.json with size and format: the picture is there once the latter is."""
    write_rows(path, [picture.pixels], picture.width, picture.height, picture.format, **meta)


def write_rows(path: Path, parts: Iterable[Any], width: int, height: int, format: str, **meta: Any) -> None:
    """As `write_picture`, for pixels that come by rows: arrays (h, W, 4), from top to bottom."""
    with replacing(path.with_suffix(".raw")) as file:
        for part in parts:
            file.write(np.ascontiguousarray(part).data.cast("B"))
    write_json(path.with_suffix(".json"), {"width": width, "height": height, "format": format, **meta})


def share_picture(source: Path, path: Path) -> None:
    """The same picture under another name: the same file where the disk can do that, else a copy."""
    for suffix in (".raw", ".json"):
        try:
            half = path.with_name(f".{path.name}{suffix}.part")
            half.unlink(missing_ok=True)
            os.link(source.with_suffix(suffix), half)
            os.replace(half, path.with_suffix(suffix))
            half.unlink(missing_ok=True)  # which it still is where both names were one file before
        except OSError:
            with source.with_suffix(suffix).open("rb") as file, replacing(path.with_suffix(suffix)) as copy:
                shutil.copyfileobj(file, copy)


def read_picture(path: Path) -> tuple[Picture, dict[str, Any]] | None:
    """The picture and its notes, or None where it is not there whole. The pixels are mapped, not read."""
    meta = read_json(path.with_suffix(".json"))
    if not isinstance(meta, dict):
        return None
    try:
        dtype = DTYPES[meta["format"]]
        shape = (int(meta["height"]), int(meta["width"]), 4)
        pixels = np.memmap(path.with_suffix(".raw"), dtype=dtype, mode="r", shape=shape)
    except (OSError, ValueError, KeyError):
        return None
    return Picture(pixels, meta["format"]), meta
