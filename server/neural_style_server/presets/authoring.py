"""Making and changing presets: from fields and pictures to the files of a preset's folder."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import PresetError
from ..files import write_atomic
from .entries import Entry, Snapshot
from .names import PRESET_FILE, THUMBNAIL, check_name, same_spelling
from .preset import LONGEST_TITLE, MOST_IMAGES, from_mapping, to_mapping, to_yaml
from .style_images import clean_image

NewImage = tuple[str, bytes, float]
"""(file name, bytes of a picture file, weight)."""


def new_preset(name: str, fields: Mapping[str, Any], images: Sequence[NewImage]) -> dict[str, bytes]:
    """The files of a new preset. A title is made of the name where there is none."""
    check_name(name)
    contents, listed = _cleaned(images, taken=())
    title = {"title": name.replace("-", " ").capitalize()}
    preset = from_mapping({**title, **fields, "images": listed}, name)
    return {PRESET_FILE: to_yaml(preset).encode(), **contents}


def copied(
    snapshot: Snapshot, name: str, title: str | None, thumbnail: bytes | None, changes: Mapping[str, Any] | None = None
) -> dict[str, bytes]:
    """The files of a copy under another name, with `changes` merged in."""
    named = {"title": title or f"{snapshot.preset.title[: LONGEST_TITLE - 7]} (copy)"}
    preset = from_mapping({**merge(to_mapping(snapshot.preset), changes or {}), **named}, name)
    contents = {image.file: image.data for image in snapshot.images}
    if thumbnail:
        contents[THUMBNAIL] = thumbnail
    return {PRESET_FILE: to_yaml(preset).encode(), **contents}


def change(entry: Entry, changes: Mapping[str, Any], images: Sequence[NewImage] | None) -> None:
    """Write the changed preset, preset.yaml after new pictures, so that readers see the old or the new. A thumbnail of
    the old ones goes with them."""
    here = {path.name for path in entry.folder.iterdir()}
    merged = merge(to_mapping(entry.preset), changes)
    contents: dict[str, bytes] = {}
    if images:
        contents, merged["images"] = _cleaned(images, taken={same_spelling(file) for file in here})
    preset = from_mapping(merged, entry.name)
    for image in preset.images:
        if image.file not in here | contents.keys():
            raise PresetError(f"/images: '{image.file}' is not in the folder of the preset '{entry.name}'.")
    for file, data in contents.items():
        write_atomic(entry.folder / file, data)
    write_atomic(entry.folder / PRESET_FILE, to_yaml(preset).encode())
    stale = {image.file for image in entry.preset.images} - {image.file for image in preset.images}
    stale |= {THUMBNAIL} if contents else set()
    for file in stale:
        with contextlib.suppress(OSError):
            (entry.folder / file).unlink()


def merge(target: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Key by key, within controls and method too; null brings a default back, the rest is replaced whole."""
    merged = dict(target)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif key in ("controls", "method") and isinstance(value, Mapping):
            merged[key] = merge(target.get(key, {}), value)
        else:
            merged[key] = value
    return merged


def _cleaned(images: Sequence[NewImage], taken: Container[str]) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """Clean copies by file name, and how preset.yaml lists them."""
    if not 0 < len(images) <= MOST_IMAGES:
        raise PresetError(f"A preset is made of 1–{MOST_IMAGES} style images, got {len(images)}.")
    contents: dict[str, bytes] = {}
    listed: list[dict[str, Any]] = []
    for file, data, weight in images:
        clean, suffix = clean_image(data, file)
        name = _file_name(file, suffix, taken, contents)
        contents[name] = clean
        listed.append({"file": name, "weight": weight})
    return contents, listed


def _file_name(file: str, suffix: str, taken: Container[str], contents: Container[str]) -> str:
    """The given name in plain letters, with a number where it is taken."""
    stem = re.sub(r"[^a-z0-9]+", "-", Path(file).stem.lower()).strip("-")[:60] or "style"
    names = [f"{stem}{suffix}"] + [f"{stem}-{number}{suffix}" for number in range(2, 2 * MOST_IMAGES + 200)]
    return next(name for name in names if name not in taken and name not in contents and name != THUMBNAIL)
