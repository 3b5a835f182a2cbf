"""One library folder as it is read from disk: its presets, and what is wrong with the others.

A folder may lie on a drive that does not answer, and what is in it was put there by anybody. So no lock is held while
it is read, only regular files are opened, and what a scan has found replaces what the one before has found in one step.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import PresetError
from ..files import open_regular
from .names import PRESET_FILE, THUMBNAIL
from .preset import Preset, parse_preset
from .style_images import image_problem
from .yaml_document import MAX_BYTES

log = logging.getLogger(__name__)
MAX_FILES = 200
Stamp = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class Source:
    """A folder of presets; `name` is for painters: "built-in", "user" or what an added folder was called."""

    name: str
    path: Path
    writable: bool = False


@dataclass(frozen=True)
class Problem:
    """Why a preset, or a whole library where `name` is empty, could not be read."""

    library: str
    name: str
    path: Path
    detail: str


@dataclass(frozen=True)
class Found:
    """What one scan has found, by the presets' names."""

    presets: Mapping[str, Preset] = field(default_factory=dict)
    problems: Mapping[str, Problem] = field(default_factory=dict)
    stamps: Mapping[str, Stamp] = field(default_factory=dict)


class PresetFolder:
    """A preset that breaks is listed in `problems` and stays in `presets` as it last was when it was good.

    Scans may overlap: what counts is found by the one that began last.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found = Found()
        self._lock = threading.Lock()
        self._begun = self._ended = 0

    @property
    def presets(self) -> Mapping[str, Preset]:
        return self.found.presets

    @property
    def problems(self) -> Mapping[str, Problem]:
        return self.found.problems

    def scan(self) -> None:
        """Read what is new or has changed since the last scan."""
        with self._lock:
            self._begun = number = self._begun + 1
        found = self._scanned(self.found)
        with self._lock:
            if number < self._ended:
                return
            self._ended, known, self.found = number, self.found, found
        for name, problem in found.problems.items():
            if known.problems.get(name) != problem:
                log.warning("library %s: %s", self.source.name, problem.detail)

    def _scanned(self, known: Found) -> Found:
        presets: dict[str, Preset] = {}
        problems: dict[str, Problem] = {}
        try:
            stamps = self._current_stamps()
        except OSError as error:
            return Found(problems={"": self._problem("", f"The folder cannot be read: {error.strerror or error}.")})
        for name, stamp in stamps.items():
            if known.stamps.get(name) == stamp:
                preset, problem = known.presets.get(name), known.problems.get(name)
            else:
                preset, problem = self._read(name)
                preset = preset or known.presets.get(name)
            if preset is not None:
                presets[name] = preset
            if problem is not None:
                problems[name] = problem
        return Found(presets, problems, stamps)

    def _current_stamps(self) -> dict[str, Stamp]:
        names = sorted(entry.name for entry in self.source.path.iterdir() if entry.name[0] not in "._")
        return {name: stamp for name in names if (stamp := _stamp(self.source.path / name))}

    def _read(self, name: str) -> tuple[Preset | None, Problem | None]:
        """A preset whose thumbnail cannot be shown is a preset all the same."""
        folder = self.source.path / name
        shown = f"{self.source.path.name}/{name}/{PRESET_FILE}"
        try:
            preset = read_preset(folder, shown)
            thumbnail = image_problem(folder / THUMBNAIL) if os.path.lexists(folder / THUMBNAIL) else None
        except PresetError as error:
            return None, self._problem(name, error.detail)
        except OSError as error:
            return None, self._problem(name, f"{shown} cannot be read: {error.strerror or error}.")
        if thumbnail is None:
            return preset, None
        return preset, self._problem(name, f"{shown}: {thumbnail} The style image is shown instead.")

    def _problem(self, name: str, detail: str) -> Problem:
        return Problem(self.source.name, name, self.source.path / name, detail)


def read_preset(folder: Path, shown: str) -> Preset:
    """The preset in a folder, with its images examined. `shown` is the path that messages name."""
    for path in (folder, folder / PRESET_FILE):
        if path.is_symlink():
            raise PresetError(f"{shown}: '{path.name}' is a link; copy the real one into the library.")
    with open_regular(folder / PRESET_FILE, follow=False) as stream:
        data = stream.read(MAX_BYTES + 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise PresetError(f"{shown} line {line}: the file must be saved as UTF-8 text.") from None
    return parse_preset(text, path=shown, name=folder.name, check_file=lambda file: image_problem(folder / file))


def _stamp(folder: Path) -> Stamp | None:
    """Changes whenever a file in the folder does; None where there is no preset."""
    try:
        files = sorted(itertools.islice(folder.iterdir(), MAX_FILES))
        if not os.path.lexists(folder / PRESET_FILE):
            return None
        stats = [(file.name, file.lstat()) for file in files]
    except OSError:
        return None  # not a folder, or it is being changed; another event follows
    return tuple((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in stats)
