"""Files that are whole or not there: written beside, flushed to the disk, renamed; only the user can read them."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import EngineError
from ..pixels import DTYPES, Picture


class DiskFull(EngineError):
    status = 507
    code = "disk_full"
    hint = "Free some space on the disk, or delete old jobs, and try again."


def private_folder(path: Path) -> Path:
    """The folder, made where it is missing, for the user alone."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def write_atomic(path: Path, data: bytes | memoryview) -> None:
    """Replace `path` in one step, so that a reader or a power cut sees the old content or the new, never half."""
    name = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError as error:
        if name is not None:
            with contextlib.suppress(OSError):
                os.unlink(name)
        raise DiskFull(f"The disk took no more data ({error.strerror or error}).") from None


def write_json(path: Path, value: Any) -> None:
    write_atomic(path, json.dumps(value, ensure_ascii=False).encode())


def read_json(path: Path) -> Any:
    """The content, or None where the file is missing or not whole."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def write_picture(path: Path, picture: Picture, **meta: Any) -> None:
    """PATH.raw with the pixels, then PATH.json with size and format: the picture is there once the latter is."""
    write_atomic(path.with_suffix(".raw"), np.ascontiguousarray(picture.pixels).data.cast("B"))
    size = {"width": picture.width, "height": picture.height, "format": picture.format}
    write_json(path.with_suffix(".json"), {**size, **meta})


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
