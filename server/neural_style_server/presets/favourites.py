"""A painter's favourites and when each preset was last used, kept in NEURAL_STYLE_HOME/library.json."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..files import LARGEST_JSON, private_folder, read_regular, write_json

log = logging.getLogger(__name__)
MAX_USED = 500
LAST = 1e12
"""Seconds; no clock is so far ahead."""


@dataclass(frozen=True)
class Favourites:
    favourites: frozenset[str] = frozenset()
    last_used: Mapping[str, float] = field(default_factory=dict)


class FavouritesFile:
    """The file is read again when another program has changed it; without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._favourites = Favourites()
        self._stamp: tuple[int, int] | None = None

    def read(self) -> Favourites:
        """Empty where the file cannot be read. One that is damaged is set aside, or the next change would lose it."""
        if self.path is None:
            return self._favourites
        try:
            stat = self.path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp != self._stamp:
                self._favourites, self._stamp = _parse(read_regular(self.path, LARGEST_JSON)), stamp
        except FileNotFoundError:
            self._favourites, self._stamp = Favourites(), None
        except (OSError, ValueError, RecursionError) as error:
            self._favourites, self._stamp = Favourites(), None
            self._set_aside(self.path, error)
        return self._favourites

    def _set_aside(self, path: Path, error: Exception) -> None:
        aside = next(
            it for n in itertools.count(1) if not (it := path.with_name(f"{path.name}.unreadable-{n}")).exists()
        )
        with contextlib.suppress(OSError):
            path.rename(aside)
            log.warning("%s cannot be read (%s); it is kept as %s, and favourites are empty", path, error, aside.name)

    def set_favourite(self, name: str, favourite: bool) -> None:
        kept = self.read()
        names = kept.favourites | {name} if favourite else kept.favourites - {name}
        self._write(replace(kept, favourites=frozenset(names)))

    def use(self, name: str, when: float | None = None) -> None:
        kept = self.read()
        used = {**kept.last_used, name: time.time() if when is None else when}
        latest = sorted(used, key=used.__getitem__)[-MAX_USED:]
        self._write(replace(kept, last_used={key: used[key] for key in latest}))

    def forget(self, name: str) -> None:
        kept = self.read()
        if name in kept.favourites or name in kept.last_used:
            used = {key: when for key, when in kept.last_used.items() if key != name}
            self._write(Favourites(kept.favourites - {name}, used))

    def _write(self, favourites: Favourites) -> None:
        """Raises StorageError."""
        self._favourites = favourites
        if self.path is not None:
            private_folder(self.path.parent)
            write_json(self.path, {"favourites": sorted(favourites.favourites), "last_used": favourites.last_used})
            self._stamp = None


def _parse(text: bytes) -> Favourites:
    data: Any = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError("it must hold an object")
    favourites, used = data.get("favourites", []), data.get("last_used", {})
    if not isinstance(favourites, list) or not isinstance(used, dict):
        raise ValueError("'favourites' must be a list and 'last_used' an object")
    times = {name: float(when) for name, when in used.items() if isinstance(when, int | float) and 0 <= when < LAST}
    return Favourites(frozenset(name for name in favourites if isinstance(name, str)), times)
