"""Writes, compares and removes the plug-in's files in one profile; install.py decides which of these to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from .. import __version__
from . import kritarc, manifest
from .manifest import Manifest
from .payload import OWNED, Payload
from .profiles import Profile


def write_all(profile: Profile, payload: Payload, before: Manifest | None) -> None:
    """Files and manifest, in an order that leaves a folder of ours even if it is cut off half-way."""
    old_files, old_folders = (before.files, before.folders) if before else ((), ())
    folders = {*old_folders, *_new_folders(profile, payload)}
    owned_folder(profile).mkdir(parents=True, exist_ok=True)
    path = owned_folder(profile) / manifest.NAME
    _write(path, Manifest("", (*old_files, *payload.files), tuple(folders)).as_bytes(), 0o644)
    for name, data in payload.files.items():
        _write(profile.folder / name, data, 0o755 if name in payload.executable else 0o644)
    for name in set(old_files) - payload.files.keys():
        (profile.folder / name).unlink(missing_ok=True)
    _remove_bytecode(owned_folder(profile))
    _write(path, Manifest(__version__, tuple(payload.files), tuple(folders)).as_bytes(), 0o644)


def remove_all(profile: Profile, before: Manifest) -> None:
    """Remove every file and folder that was made for the plug-in, the manifest last."""
    for name in before.files:
        (profile.folder / name).unlink(missing_ok=True)
        _beside(profile.folder / name).unlink(missing_ok=True)
    _remove_bytecode(owned_folder(profile))
    (owned_folder(profile) / manifest.NAME).unlink(missing_ok=True)
    _remove_empty(profile.folder, before.folders)


def _write(path: Path, data: bytes, mode: int | None = None) -> None:
    """Replace a file in one step, so that an editor that starts meanwhile reads the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if mode is not None:
        beside.chmod(mode)
    beside.replace(path)


def _beside(path: Path) -> Path:
    """The name under which a file is written before it replaces the real one."""
    return path.with_name(path.name + ".new")


def _new_folders(profile: Profile, payload: Payload) -> set[str]:
    """The folders that have to be made, which uninstalling removes again."""
    parents = {str(parent) for name in payload.files for parent in PurePosixPath(name).parents}
    return {name for name in parents if not (profile.folder / name).is_dir()}


def _remove_empty(profile_folder: Path, folders: Iterable[str]) -> None:
    for name in sorted(folders, key=lambda one: len(PurePosixPath(one).parts), reverse=True):
        folder = profile_folder / name
        if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
            folder.rmdir()


def _remove_bytecode(owned: Path) -> None:
    """Remove what the editor's Python compiled from our files, which would keep the folder from being empty."""
    for cache in list(owned.rglob("__pycache__")):
        if not cache.is_symlink():
            shutil.rmtree(cache)


def is_current(profile: Profile, payload: Payload, installed: Manifest) -> bool:
    if installed.version != __version__ or set(installed.files) != payload.files.keys():
        return False
    return all(
        _content(profile.folder / name) == data and (name not in payload.executable or _may_run(profile, name))
        for name, data in payload.files.items()
    )


def _may_run(profile: Profile, name: str) -> bool:
    return os.name == "nt" or bool((profile.folder / name).stat().st_mode & 0o100)


def obstacle(profile: Profile, payload: Payload, before: Manifest | None) -> Path | None:
    """A file or folder in the way that is not ours."""
    owned = owned_folder(profile)
    if owned.is_symlink() or (before is None and exists(owned) and not _is_empty(owned)):
        return owned
    ours = set(before.files) if before else set()
    for name, data in payload.files.items():
        path = profile.folder / name
        if name not in ours and exists(path) and _content(path) != data:
            return path
    return None


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _is_empty(path: Path) -> bool:
    """No files, or only what an installation left that was cut off before its first."""
    unfinished = _beside(path / manifest.NAME)
    return path.is_dir() and all(entry == unfinished for entry in path.iterdir())


def owned_folder(profile: Profile) -> Path:
    return profile.folder / OWNED[profile.editor]


def is_enabled(profile: Profile) -> bool:
    return profile.kritarc is None or kritarc.is_enabled(_settings_text(profile.kritarc))


def set_enabled(profile: Profile, enabled: bool) -> None:
    if profile.kritarc is None:
        return
    before = _settings_text(profile.kritarc)
    after = kritarc.enable(before) if enabled else kritarc.disable(before)
    if after == before:
        return
    real = profile.kritarc.resolve()  # a link into somebody's dot-files stays a link
    if not after.strip():
        real.unlink()
        return
    mode = real.stat().st_mode & 0o777 if real.exists() else 0o600
    _write(real, after.encode("utf-8", "surrogateescape"), mode)


def _settings_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""
