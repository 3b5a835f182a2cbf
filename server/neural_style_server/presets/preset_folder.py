"""One library folder as it is read from disk: its presets, and what is wrong with the others."""

from __future__ import annotations

import itertools
import logging
from dataclasses import dataclass
from pathlib import Path

from ..errors import PresetError
from .names import PRESET_FILE
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


class PresetFolder:
    """A preset that breaks is listed in `problems` and stays in `presets` as it last was when it was good."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.presets: dict[str, Preset] = {}
        self.problems: dict[str, Problem] = {}
        self._stamps: dict[str, Stamp] = {}

    def scan(self) -> None:
        """Read what is new or has changed since the last scan."""
        try:
            stamps = self._current_stamps()
        except OSError as error:
            stamps = {}
            self._report("", f"The folder cannot be read: {error.strerror or error}.")
        else:
            self.problems.pop("", None)
        for name in self._stamps.keys() - stamps.keys():
            self.presets.pop(name, None)
            self.problems.pop(name, None)
        for name, stamp in stamps.items():
            if self._stamps.get(name) != stamp:
                self._read(name)
        self._stamps = stamps

    def _current_stamps(self) -> dict[str, Stamp]:
        names = sorted(entry.name for entry in self.source.path.iterdir() if entry.name[0] not in "._")
        return {name: stamp for name in names if (stamp := _stamp(self.source.path / name))}

    def _read(self, name: str) -> None:
        folder = self.source.path / name
        shown = f"{self.source.path.name}/{name}/{PRESET_FILE}"
        try:
            self.presets[name] = read_preset(folder, shown)
        except PresetError as error:
            self._report(name, error.detail)
        except OSError as error:
            self._report(name, f"{shown} cannot be read: {error.strerror or error}.")
        else:
            self.problems.pop(name, None)

    def _report(self, name: str, detail: str) -> None:
        problem = Problem(self.source.name, name, self.source.path / name, detail)
        if self.problems.get(name) != problem:
            log.warning("library %s: %s", self.source.name, detail)
        self.problems[name] = problem


def read_preset(folder: Path, shown: str) -> Preset:
    """The preset in a folder, with its images examined. `shown` is the path that messages name."""
    for path in (folder, folder / PRESET_FILE):
        if path.is_symlink():
            raise PresetError(f"{shown}: '{path.name}' is a link; copy the real one into the library.")
    with (folder / PRESET_FILE).open("rb") as stream:
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
        if not (folder / PRESET_FILE).exists():
            return None
        stats = [(file.name, file.lstat()) for file in files]
    except OSError:
        return None  # not a folder, or it is being changed; another event follows
    return tuple((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in stats)
