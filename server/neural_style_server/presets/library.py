"""All libraries of presets as one: built-in, the painter's own, added folders; later ones win on equal names.

Where several people share a daemon each has a library of his own, with the same built-in and added folders beside what
he has made himself.

Readers get immutable values and never wait for the disk; changes are made one at a time, are whole or not at all, and
are visible at once. With `watch=True`, whatever is saved in a folder appears within a second; a folder that does not
answer, as on a network drive that is away, holds up neither the others nor the start.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..errors import ImageError, NotFound, StorageError, TooLarge
from ..files import private_folder, remove_folder, write_folder
from ..resources import resource_folder
from . import authoring
from .authoring import NewImage
from .entries import Entry, Snapshot, SnapshotImage
from .favourites import Favourites, FavouritesFile
from .layered_folders import BUILT_IN, USER, LayeredFolders
from .names import PRESET_FILE, THUMBNAIL
from .preset import Preset, StyleImage
from .preset_folder import PresetFolder, Problem, Source
from .style_images import read_image, small_png

log = logging.getLogger(__name__)
MakeRoom = Callable[[int], bool]
"""Answers whether so many bytes may be written."""

THUMBNAIL_SIDE, STYLE_SIDE = 256, 512

CHANGE_S = 5.0
"""How long a change waits for others to be written."""


def standard_sources(home: Path, added: Mapping[str, Path] | None = None) -> list[Source]:
    """The built-in library, the user's own below `home`, and added folders by name, which are read only."""
    sources = [Source(BUILT_IN, resource_folder("presets")), Source(USER, home / "presets", writable=True)]
    return sources + [Source(name, path) for name, path in (added or {}).items()]


class Library:
    """Close it, or use it in a `with` statement, where it watches."""

    def __init__(
        self,
        folders: Sequence[Source | PresetFolder],
        *,
        home: Path | None = None,
        watch: bool = False,
        make_room: MakeRoom = lambda size: True,
    ) -> None:
        self._changing, self._noting = threading.Lock(), threading.Lock()
        self._folders = LayeredFolders(folders, watch)
        self._favourites = FavouritesFile(home / "library.json" if home else None)
        self._make_room = make_room

    def beside(self, home: Path, make_room: MakeRoom) -> Library:
        """Another user's: with the built-in and the added folders of this one, which watches them, and with his own
        presets below `home`, which take as much of the disk as `make_room` allows."""
        own = Source(USER, private_folder(home) / "presets", writable=True)
        return Library(self._folders.with_own(own), home=home, make_room=make_room)

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends watching and joins its threads; may be called twice."""
        self._folders.close()

    def refresh(self) -> None:
        """Scan the folders now; only what has changed is read."""
        self._folders.scan()

    # Reading

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the folders now; a preset that broke keeps its last good version."""
        return self._folders.state.problems

    def get(self, name: str) -> Entry:
        """Raises NotFound with the nearest name."""
        state = self._folders.state
        if name in state.entries:
            return _with_use(state.entries[name], self._favourites.read())
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
        use = self._favourites.read()
        entries = [_with_use(entry, use) for entry in self._folders.state.entries.values()]
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
            self._folders.named(self.get(name).library).scan()  # it may just have been changed
            return _snapshot(self.get(name))

    def own_thumbnail(self, name: str) -> bytes | None:
        """Its thumbnail.png, if it has one that is a whole PNG picture."""
        try:
            return read_image(self.get(name).folder / THUMBNAIL)
        except (OSError, ImageError, TooLarge):
            return None

    def thumbnail(self, name: str) -> bytes:
        """PNG: its thumbnail.png, or else a small copy of its first style image."""
        return self.own_thumbnail(name) or small_png(self.snapshot(name).images[0].data, THUMBNAIL_SIDE)

    def style_picture(self, name: str) -> bytes:
        """PNG: a small copy of its first style image, whatever its thumbnail shows."""
        return small_png(self.snapshot(name).images[0].data, STYLE_SIDE)

    # Changing

    def create(
        self, name: str, fields: Mapping[str, Any], images: Sequence[NewImage], library: str | None = None
    ) -> Entry:
        """A new preset; `fields` as in preset.yaml; `images` (file name, bytes, weight) are cleaned."""
        return self.install(name, authoring.new_preset(name, fields, images), library)

    def copy(
        self,
        name: str,
        new_name: str,
        title: str | None = None,
        library: str | None = None,
        *,
        changes: Mapping[str, Any] | None = None,
    ) -> Entry:
        """A copy that may be changed, with `changes` as in `change`; those leave the thumbnail behind."""
        thumbnail = None if changes else self.own_thumbnail(name)
        files = authoring.copied(self.snapshot(name), new_name, title, thumbnail, changes)
        return self.install(new_name, files, library)

    def install(self, name: str, contents: Mapping[str, bytes], library: str | None = None) -> Entry:
        """Put a preset's checked files into a library, all at once. Conflict where the name is taken."""
        with _in_turn(self._changing):
            folder = self._folders.target(library)
            folder.scan()
            self._folders.check_free(name)
            if not self._make_room(sum(map(len, contents.values()))):
                raise TooLarge("Your pictures, jobs and presets would take more disk space than each user may.")
            write_folder(folder.source.path / name, contents)
            folder.scan()
            return self.get(name)

    def change(self, name: str, changes: Mapping[str, Any], images: Sequence[NewImage] | None = None) -> Entry:
        """Merge `changes` (null brings a default back); new style images replace the old ones.

        `favourite` may be among the changes and is the only one that a read-only preset takes.
        """
        rest = {key: value for key, value in changes.items() if key != "favourite"}
        with _in_turn(self._changing):
            entry = self.get(name)
            if rest or images:
                folder = self._writable(name)
                authoring.change(replace(entry, folder=folder.source.path / name), rest, images)
                folder.scan()
            if "favourite" in changes:
                self.set_favourite(name, changes["favourite"])
            return self.get(name)

    def delete(self, name: str) -> None:
        """Raises Forbidden where it is read-only. A preset of the same name in an earlier library appears again."""
        with _in_turn(self._changing):
            folder = self._writable(name)
            remove_folder(folder.source.path / name)
            folder.scan()
            if name not in self._folders.state.entries:
                with _in_turn(self._noting):
                    self._favourites.forget(name)

    def _writable(self, name: str) -> PresetFolder:
        """Raises NotFound with the nearest name."""
        try:
            return self._folders.writable(name)
        except NotFound:
            self.get(name)
            raise

    def set_favourite(self, name: str, favourite: bool) -> None:
        self.get(name)
        with _in_turn(self._noting):
            self._favourites.set_favourite(name, bool(favourite))

    def mark_used(self, name: str) -> None:
        """Note that a job uses it. A failure to save this does not stop the job."""
        with contextlib.suppress(StorageError), _in_turn(self._noting):
            self._favourites.use(name)


@contextlib.contextmanager
def _in_turn(lock: threading.Lock) -> Iterator[None]:
    """One change after another. Raises StorageError where those before take too long."""
    if not lock.acquire(timeout=CHANGE_S):
        hint = "The disk is slow; try again in a moment."
        raise StorageError("Another change of the presets is still being written.", hint=hint)
    try:
        yield
    finally:
        lock.release()


def _with_use(entry: Entry, use: Favourites) -> Entry:
    return replace(entry, favourite=entry.name in use.favourites, last_used=use.last_used.get(entry.name))


def _matches(preset: Preset, words: Sequence[str], tags: set[str]) -> bool:
    texts = (preset.name, preset.title, preset.description, preset.author, *preset.tags)
    text = "\n".join(texts).casefold()
    return tags <= {tag.casefold() for tag in preset.tags} and all(word in text for word in words)


def _snapshot(entry: Entry) -> Snapshot:
    images = tuple(_snapshot_image(entry, image) for image in entry.preset.images)
    return Snapshot(entry.preset, entry.library, images)


def _snapshot_image(entry: Entry, image: StyleImage) -> SnapshotImage:
    try:
        data = read_image(entry.folder / image.file)
    except OSError:
        where = f"{entry.folder / PRESET_FILE} names '{image.file}'"
        raise ImageError(f"{where}, which cannot be read.", hint="Put the picture back.") from None
    return SnapshotImage(image.file, image.weight, image.region, hashlib.sha256(data).hexdigest(), data)
