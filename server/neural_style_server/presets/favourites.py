"""A painter's favourites and when each preset was last used, kept in NEURAL_STYLE_HOME/library.json."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .files import write_file

log = logging.getLogger(__name__)
MAX_USED = 500


@dataclass(frozen=True)
class Favourites:
    favourites: frozenset[str] = frozenset()
    last_used: Mapping[str, float] = field(default_factory=dict)


class FavouritesFile:
    """The file is read again when another program has changed it; without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._marks = Favourites()
        self._stamp: tuple[int, int] | None = None

    def read(self) -> Favourites:
        if self.path is None:
            return self._marks
        try:
            stat = self.path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp != self._stamp:
                self._marks, self._stamp = _parse(self.path.read_text("utf-8")), stamp
        except FileNotFoundError:
            self._marks, self._stamp = Favourites(), None
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s cannot be read, favourites are empty: %s", self.path, error)
        return self._marks

    def set_favourite(self, name: str, favourite: bool) -> None:
        marks = self.read()
        names = marks.favourites | {name} if favourite else marks.favourites - {name}
        self._write(replace(marks, favourites=frozenset(names)))

    def use(self, name: str, when: float | None = None) -> None:
        marks = self.read()
        used = {**marks.last_used, name: time.time() if when is None else when}
        latest = sorted(used, key=used.__getitem__)[-MAX_USED:]
        self._write(replace(marks, last_used={key: used[key] for key in latest}))

    def forget(self, name: str) -> None:
        marks = self.read()
        if name in marks.favourites or name in marks.last_used:
            used = {key: when for key, when in marks.last_used.items() if key != name}
            self._write(Favourites(marks.favourites - {name}, used))

    def _write(self, marks: Favourites) -> None:
        self._marks = marks
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            data = {"favourites": sorted(marks.favourites), "last_used": marks.last_used}
            write_file(self.path, json.dumps(data, indent=1).encode())
            self._stamp = None


def _parse(text: str) -> Favourites:
    data: Any = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError("it must hold an object")
    favourites, used = data.get("favourites", []), data.get("last_used", {})
    if not isinstance(favourites, list) or not isinstance(used, dict):
        raise ValueError("'favourites' must be a list and 'last_used' an object")
    times = {name: float(when) for name, when in used.items() if isinstance(when, int | float)}
    finite = {name: when for name, when in times.items() if math.isfinite(when)}
    return Favourites(frozenset(name for name in favourites if isinstance(name, str)), finite)
