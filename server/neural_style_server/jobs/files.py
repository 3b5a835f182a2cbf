"""Files that are whole or not there: written beside, flushed to the disk, renamed; only the user can read them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..errors import EngineError
from ..pixels import DTYPES, Picture


class DiskFull(EngineError):
    status = 507
    code = "disk_full"
    hint = "Free some space on the disk, or delete old jobs, and try again."


@contextlib.contextmanager
def disk_full_is_told() -> Iterator[None]:
    """The system's error becomes DiskFull: what happens within writes to nothing but the job's own folder."""
    try:
        yield
    except OSError as error:
        raise DiskFull(f"The disk took no more data ({error.strerror or error}).") from None


def private_folder(path: Path) -> Path:
    """The folder, made where it is missing, for the user alone."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write; when all is written it replaces `path` in one step, so that a reader or a power cut sees the
    old content or the new, never half. Raises DiskFull; then nothing is left but the old."""
    name = None
    try:
        with disk_full_is_told():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
            name = None
            _flush_folder(path.parent)
    finally:
        if name is not None:
            with contextlib.suppress(OSError):
                os.unlink(name)


def _flush_folder(folder: Path) -> None:
    """The new name must outlive a power cut too. Windows has no such call, and some file systems refuse it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def write_atomic(path: Path, data: bytes | memoryview) -> None:
    """Replace the content of `path` in one step."""
    with replacing(path) as file:
        file.write(data)


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
