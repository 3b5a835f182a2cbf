"""All libraries of presets as one: built-in, the painter's own, added folders; later ones win on equal names.

Readers get immutable values and never wait for the disk; changes are made under one lock, are whole or not at
all, and are visible at once. With `watch=True`, whatever is saved in a folder appears within a second.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..errors import Conflict, Forbidden, ImageError, NotFound, StorageError
from ..files import remove_folder, write_folder
from ..resources import resource_folder
from . import authoring
from .authoring import NewImage
from .entries import Entry, Snapshot, SnapshotImage
from .favourites import FavouritesFile
from .names import PRESET_FILE, THUMBNAIL, check_name
from .preset import Preset, StyleImage
from .preset_folder import PresetFolder, Problem, Source
from .style_images import check_image, small_png
from .watcher import Watcher

BUILT_IN, USER = "built-in", "user"
THUMBNAIL_SIDE = 256


def standard_sources(home: Path, added: Mapping[str, Path] | None = None) -> list[Source]:
    """The built-in library, the user's own below `home`, and added folders by name, which are read only."""
    sources = [Source(BUILT_IN, resource_folder("presets")), Source(USER, home / "presets", writable=True)]
    return sources + [Source(name, path) for name, path in (added or {}).items()]


@dataclass(frozen=True)
class _State:
    entries: Mapping[str, Entry]
    problems: tuple[Problem, ...]


class Library:
    """Close it, or use it in a `with` statement, where it watches."""

    def __init__(self, folders: Sequence[Source], *, home: Path | None = None, watch: bool = False) -> None:
        self._lock = threading.RLock()
        self._folders = [PresetFolder(source) for source in folders]
        self._favourites = FavouritesFile(home / "library.json" if home else None)
        for source in folders:
            if source.name == USER and source.writable:
                with contextlib.suppress(OSError):
                    source.path.mkdir(parents=True, exist_ok=True)
        self._watcher = Watcher([source.path for source in folders], self.refresh) if watch else None
        if self._watcher:
            self._watcher.start()
        self.refresh()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends watching and joins its threads; may be called twice."""
        watcher, self._watcher = self._watcher, None
        if watcher:
            watcher.close()

    def refresh(self) -> None:
        """Scan the folders now; only what has changed is read."""
        with self._lock:
            entries: dict[str, Entry] = {}
            for folder in self._folders:
                folder.scan()
                source = folder.source
                for name, preset in folder.presets.items():
                    entries[name] = Entry(preset, source.name, not source.writable, source.path / name)
            problems = tuple(it for folder in self._folders for it in folder.problems.values())
            self._state = _State(MappingProxyType(entries), problems)

    # Reading

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the folders now; a preset that broke keeps its last good version."""
        return self._state.problems

    def get(self, name: str) -> Entry:
        """Raises NotFound with the nearest name."""
        state = self._state
        if name in state.entries:
            return self._with_use(state.entries[name])
        for problem in state.problems:
            if name and problem.name == name:
                raise NotFound(f"The preset '{name}' cannot be read: {problem.detail}", hint="Correct it.")
        near = get_close_matches(str(name), state.entries, 1)
        hint = f"Did you mean '{near[0]}'?" if near else "'neural-style presets list' shows all presets."
        raise NotFound(f"There is no preset '{name:.80}'.", hint=hint)

    def list(
        self, search: str | None = None, tags: Iterable[str] = (), *, favourites: bool = False, recent: bool = False
    ) -> Sequence[Entry]:
        """By title. Every word of `search` must occur, in any of the texts; every tag must be there.

        `recent` gives only those that have been used, the latest first.
        """
        words = (search or "").casefold().split()
        wanted = {tag.casefold() for tag in tags}
        entries = [self._with_use(entry) for entry in self._state.entries.values()]
        found = [entry for entry in entries if _matches(entry.preset, words, wanted)]
        found = [entry for entry in found if entry.favourite or not favourites]
        found.sort(key=lambda entry: (entry.preset.title.casefold(), entry.name))
        used = [entry for entry in found if entry.last_used is not None]
        return sorted(used, key=lambda entry: -(entry.last_used or 0)) if recent else found

    def snapshot(self, name: str) -> Snapshot:
        """The preset and the bytes of its images, decoded once to prove that they can be."""
        try:
            return _snapshot(self.get(name))
        except ImageError:
            self.refresh()  # it may just have been changed
            return _snapshot(self.get(name))

    def thumbnail_path(self, name: str) -> Path | None:
        """Its thumbnail.png, if it has one."""
        path = self.get(name).folder / THUMBNAIL
        return path if path.is_file() and not path.is_symlink() else None

    def thumbnail(self, name: str) -> bytes:
        """PNG: its thumbnail.png, or else a small copy of its first style image."""
        path = self.thumbnail_path(name)
        if path:
            return path.read_bytes()
        return small_png(self.snapshot(name).images[0].data, THUMBNAIL_SIDE)

    # Changing

    def create(
        self, name: str, fields: Mapping[str, Any], images: Sequence[NewImage], library: str | None = None
    ) -> Entry:
        """A new preset; `fields` as in preset.yaml; `images` (file name, bytes, weight) are cleaned."""
        return self.install(name, authoring.new_preset(name, fields, images), library)

    def copy(self, name: str, new_name: str, title: str | None = None, library: str | None = None) -> Entry:
        """A copy that may be changed."""
        snapshot, path = self.snapshot(name), self.thumbnail_path(name)
        thumbnail = path.read_bytes() if path else None
        return self.install(new_name, authoring.copied(snapshot, new_name, title, thumbnail), library)

    def install(self, name: str, contents: Mapping[str, bytes], library: str | None = None) -> Entry:
        """Put a preset's checked files into a library, all at once. Conflict where the name is taken."""
        with self._lock:
            self.refresh()
            self._check_free(name)
            write_folder(self._target(library).path / name, contents)
            self.refresh()
            return self.get(name)

    def change(self, name: str, changes: Mapping[str, Any], images: Sequence[NewImage] | None = None) -> Entry:
        """Merge `changes` (null brings a default back); new style images replace the old ones.

        `favourite` may be among the changes and is the only one that a read-only preset takes.
        """
        rest = {key: value for key, value in changes.items() if key != "favourite"}
        with self._lock:
            entry = self.get(name)
            if rest or images:
                authoring.change(replace(entry, folder=self._writable_folder(name)), rest, images)
            if "favourite" in changes:
                self.set_favourite(name, changes["favourite"])
            self.refresh()
            return self.get(name)

    def delete(self, name: str) -> None:
        """Raises Forbidden where it is read-only. A preset of the same name in an earlier library appears again."""
        with self._lock:
            remove_folder(self._writable_folder(name))
            self.refresh()
            if name not in self._state.entries:
                self._favourites.forget(name)

    def set_favourite(self, name: str, favourite: bool) -> None:
        with self._lock:
            self.get(name)
            self._favourites.set_favourite(name, bool(favourite))

    def mark_used(self, name: str) -> None:
        """Note that a job uses it. A failure to save this does not stop the job."""
        with self._lock, contextlib.suppress(StorageError):
            self._favourites.use(name)

    # Inside

    def _with_use(self, entry: Entry) -> Entry:
        use = self._favourites.read()
        return replace(entry, favourite=entry.name in use.favourites, last_used=use.last_used.get(entry.name))

    def _check_free(self, name: str) -> None:
        check_name(name)
        for folder in self._folders:
            if name in folder.presets or name in folder.problems:
                taken = f"There is already a preset '{name}' in the library '{folder.source.name}'."
                raise Conflict(taken, hint="Choose another name.", code="name_taken")

    def _target(self, library: str | None) -> Source:
        writable = [folder.source for folder in self._folders if folder.source.writable]
        for source in writable:
            if source.name == (library or USER):
                return source
        if library is None and writable:
            return writable[0]
        names = ", ".join(source.name for source in writable) or "none"
        raise Forbidden(
            f"Presets cannot be saved in the library '{library or USER}'.",
            hint=f"Libraries that can be written to: {names}.",
        )

    def _writable_folder(self, name: str) -> Path:
        for folder in reversed(self._folders):
            if name in folder.presets or (name and name in folder.problems):
                if folder.source.writable:
                    return folder.source.path / name
                raise Forbidden(
                    f"The preset '{name}' belongs to the library '{folder.source.name}', which is read-only.",
                    hint="Copy it under another name and change the copy.",
                    code="read_only",
                )
        self.get(name)
        raise NotFound(f"There is no preset '{name}'.")


def _matches(preset: Preset, words: Sequence[str], tags: set[str]) -> bool:
    texts = (preset.name, preset.title, preset.description, preset.author, *preset.tags)
    text = "\n".join(texts).casefold()
    return tags <= {tag.casefold() for tag in preset.tags} and all(word in text for word in words)


def _snapshot(entry: Entry) -> Snapshot:
    images = tuple(_snapshot_image(entry, image) for image in entry.preset.images)
    return Snapshot(entry.preset, entry.library, images)


def _snapshot_image(entry: Entry, image: StyleImage) -> SnapshotImage:
    try:
        data = (entry.folder / image.file).read_bytes()
    except OSError:
        where = f"{entry.folder / PRESET_FILE} names '{image.file}'"
        raise ImageError(f"{where}, which cannot be read.", hint="Put the picture back.") from None
    check_image(data, image.file)
    return SnapshotImage(image.file, image.weight, image.region, hashlib.sha256(data).hexdigest(), data)
