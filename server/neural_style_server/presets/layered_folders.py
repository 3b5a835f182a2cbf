"""The folders of presets as one: in order, later ones win on equal names. With watching, what is saved appears soon."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ..errors import Conflict, Forbidden, NotFound
from .entries import Entry
from .names import check_name
from .preset_folder import PresetFolder, Problem, Source
from .watcher import Watcher

log = logging.getLogger(__name__)
BUILT_IN, USER = "built-in", "user"

FIRST_SCAN_S = 10.0
"""How long a start waits for the folders; one that answers later appears then."""


@dataclass(frozen=True)
class State:
    entries: Mapping[str, Entry]
    problems: tuple[Problem, ...]


class LayeredFolders:
    """Some may be another library's, too, which watches them."""

    def __init__(self, folders: Sequence[Source | PresetFolder], watch: bool) -> None:
        self._folders = [it if isinstance(it, PresetFolder) else PresetFolder(it) for it in folders]
        for source in [folder.source for folder in self._folders]:
            if source.name == USER and source.writable:
                with contextlib.suppress(OSError):
                    source.path.mkdir(parents=True, exist_ok=True)
        self._watchers = [Watcher([it.source.path], partial(PresetFolder.scan, it)) for it in self._folders if watch]
        if watch:
            self._start_watching()
        else:
            self.scan()

    def with_own(self, own: Source) -> list[Source | PresetFolder]:
        """These, with another user's own presets in place of the ones here."""
        place = next((n for n, folder in enumerate(self._folders) if folder.source.name == USER), len(self._folders))
        return [*self._folders[:place], own, *self._folders[place + 1 :]]

    def scan(self) -> None:
        """Now; only what has changed is read."""
        for folder in self._folders:
            folder.scan()

    def close(self) -> None:
        """Ends watching and joins its threads; may be called twice."""
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            watcher.close()

    @property
    def state(self) -> State:
        """Of what the folders have now."""
        entries: dict[str, Entry] = {}
        problems: list[Problem] = []
        for folder in self._folders:
            source, found = folder.source, folder.found
            problems += found.problems.values()
            for name, preset in found.presets.items():
                entries[name] = Entry(preset, source.name, not source.writable, source.path / name)
        return State(entries, tuple(problems))

    def named(self, library: str) -> PresetFolder:
        return next(folder for folder in reversed(self._folders) if folder.source.name == library)

    def check_free(self, name: str) -> None:
        """Raises Conflict where any has a preset of that name, and PresetError for one that is no name."""
        check_name(name)
        for folder in self._folders:
            if name in folder.presets or name in folder.problems:
                taken = f"There is already a preset '{name}' in the library '{folder.source.name}'."
                raise Conflict(taken, hint="Choose another name.", code="name_taken")

    def target(self, library: str | None) -> PresetFolder:
        """Where a new preset is saved. Raises Forbidden."""
        writable = [folder for folder in self._folders if folder.source.writable]
        for folder in writable:
            if folder.source.name == (library or USER):
                return folder
        if library is None and writable:
            return writable[0]
        names = ", ".join(folder.source.name for folder in writable) or "none"
        raise Forbidden(
            f"Presets cannot be saved in the library '{library or USER}'.",
            hint=f"Libraries that can be written to: {names}.",
        )

    def writable(self, name: str) -> PresetFolder:
        """The folder that holds the preset. Raises Forbidden where it is read-only, and NotFound."""
        for folder in reversed(self._folders):
            if name in folder.presets or (name and name in folder.problems):
                if folder.source.writable:
                    return folder
                raise Forbidden(
                    f"The preset '{name}' belongs to the library '{folder.source.name}', which is read-only.",
                    hint="Copy it under another name and change the copy.",
                    code="read_only",
                )
        raise NotFound(f"There is no preset '{name}'.")

    def _start_watching(self) -> None:
        readers = [threading.Thread(target=it.scan, name="presets", daemon=True) for it in self._folders]
        for watcher in self._watchers:
            watcher.start()
        for reader in readers:
            reader.start()
        deadline = time.monotonic() + FIRST_SCAN_S
        for folder, reader in zip(self._folders, readers, strict=True):
            reader.join(max(0.0, deadline - time.monotonic()))
            if reader.is_alive():
                log.warning("%s does not answer; its presets appear when it does", folder.source.path)
