"""Where GIMP 3 and Krita 5 keep what belongs to this user, on Linux, macOS and Windows.

All of it follows from `Machine`: the system, the environment and the user's home folder, so that tests on one system
cover all three.

Sources: the folders that docs.krita.org and the GIMP documentation name. Flatpak and Snap GIMP read
`~/.config/GIMP/3.x` when it exists, and users report that the folder under `~/.var/app` does not work, so the plug-in
always goes into the former. A sandboxed Krita reads the folders in its sandbox.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Editor = Literal["gimp", "krita"]
Packaging = Literal["", "Flatpak", "Snap", "Microsoft Store"]
EDITORS: tuple[Editor, ...] = ("gimp", "krita")
TITLES: dict[Editor, str] = {"gimp": "GIMP", "krita": "Krita"}
DEFAULT_GIMP = "3.0"
_GIMP_VERSION = re.compile(r"3\.\d{1,2}")


@dataclass(frozen=True)
class Machine:
    """All that the folders depend on."""

    platform: str
    environ: Mapping[str, str]
    home: Path

    @classmethod
    def here(cls) -> Machine:
        return cls(sys.platform, os.environ, Path.home())

    def folder(self, variable: str, *default: str) -> Path:
        """The folder that an environment variable names, or its default below the user's own."""
        return Path(self.environ.get(variable) or self.home.joinpath(*default))


@dataclass(frozen=True)
class Profile:
    """One place where an editor looks for plug-ins; `kritarc` is where Krita remembers which are enabled."""

    editor: Editor
    folder: Path
    version: str = ""
    packaging: Packaging = ""
    kritarc: Path | None = None

    @property
    def title(self) -> str:
        """As a person would call it: "GIMP 3.0", "Krita (Flatpak)"."""
        name = " ".join(filter(None, (TITLES[self.editor], self.version)))
        return f"{name} ({self.packaging})" if self.packaging else name

    @property
    def sandboxed(self) -> bool:
        """Whether the editor sees another home folder than the daemon does."""
        return bool(self.packaging)


def find_profiles(editors: Iterable[Editor] = EDITORS, machine: Machine | None = None) -> list[Profile]:
    """Every profile of these editors that is there now, in a stable order."""
    machine = machine or Machine.here()
    found: list[Profile] = []
    for editor in editors:
        found.extend(_gimp_profiles(machine) if editor == "gimp" else _krita_profiles(machine))
    return found


def default_profile(editor: Editor, machine: Machine | None = None) -> Profile:
    """Where the editor would look after its first start; used when nothing is there yet."""
    machine = machine or Machine.here()
    if editor == "gimp":
        return Profile("gimp", _gimp_root(machine) / DEFAULT_GIMP, DEFAULT_GIMP)
    folder, kritarc = _krita_folders(machine)
    return Profile("krita", folder, kritarc=kritarc)


def _gimp_root(machine: Machine) -> Path:
    if machine.platform == "win32":
        return machine.folder("APPDATA", "AppData", "Roaming") / "GIMP"
    if machine.platform == "darwin":
        return machine.home / "Library" / "Application Support" / "GIMP"
    return machine.folder("XDG_CONFIG_HOME", ".config") / "GIMP"


def _gimp_profiles(machine: Machine) -> Iterator[Profile]:
    override = machine.environ.get("GIMP3_DIRECTORY")
    if override:  # GIMP then uses this folder and no other; a relative one counts from the user's own
        yield Profile("gimp", machine.home / override)
        return
    root = _gimp_root(machine)
    packaging, elsewhere = _gimp_sandbox(machine)
    for version in sorted(_versions(root) | _versions(elsewhere), key=lambda one: int(one[2:])):
        yield Profile("gimp", root / version, version, packaging)
    if machine.platform == "win32":
        for store in _store_folders(machine, "*GIMP*"):
            for version in sorted(_versions(store / "Roaming" / "GIMP")):
                yield Profile("gimp", store / "Roaming" / "GIMP" / version, version, "Microsoft Store")


def _gimp_sandbox(machine: Machine) -> tuple[Packaging, Path | None]:
    """The sandbox that a Linux GIMP of this user lives in, and the folder that shows its version."""
    if machine.platform in ("win32", "darwin"):
        return "", None
    flatpak = machine.home / ".var" / "app" / "org.gimp.GIMP"
    snap = machine.home / "snap" / "gimp"
    if flatpak.is_dir():
        return "Flatpak", flatpak / "config" / "GIMP"
    if snap.is_dir():
        return "Snap", snap / "current" / ".config" / "GIMP"
    return "", None


def _versions(root: Path | None) -> set[str]:
    if root is None or not root.is_dir():
        return set()
    return {entry.name for entry in root.iterdir() if _GIMP_VERSION.fullmatch(entry.name) and entry.is_dir()}


def _krita_folders(machine: Machine) -> tuple[Path, Path]:
    """Krita's resource folder and its settings file, when it is not sandboxed."""
    if machine.platform == "win32":
        local = machine.folder("LOCALAPPDATA", "AppData", "Local")
        return machine.folder("APPDATA", "AppData", "Roaming") / "krita", local / "kritarc"
    if machine.platform == "darwin":
        support = machine.home / "Library" / "Application Support"
        spelt = [support / name for name in ("Krita", "krita")]  # the same one on most Macs, not on all
        folder = next((one for one in spelt if one.is_dir()), spelt[0])
        return folder, machine.home / "Library" / "Preferences" / "kritarc"
    data = machine.folder("XDG_DATA_HOME", ".local", "share")
    return data / "krita", machine.folder("XDG_CONFIG_HOME", ".config") / "kritarc"


def _krita_profiles(machine: Machine) -> Iterator[Profile]:
    folder, kritarc = _krita_folders(machine)
    if folder.is_dir() or kritarc.is_file():
        yield _krita(folder, kritarc, "", machine)
    if machine.platform == "win32":
        for store in _store_folders(machine, "*Krita_*"):
            if (store / "Roaming" / "krita").is_dir():
                yield _krita(store / "Roaming" / "krita", store / "Local" / "kritarc", "Microsoft Store", machine)
    elif machine.platform != "darwin":
        flatpak = machine.home / ".var" / "app" / "org.kde.krita"
        if flatpak.is_dir():
            yield _krita(flatpak / "data" / "krita", flatpak / "config" / "kritarc", "Flatpak", machine)
        snap = machine.home / "snap" / "krita" / "current"
        if (snap / ".local" / "share" / "krita").is_dir():
            yield _krita(snap / ".local" / "share" / "krita", snap / ".config" / "kritarc", "Snap", machine)


def _krita(folder: Path, kritarc: Path, packaging: Packaging, machine: Machine) -> Profile:
    chosen = _chosen_resource_folder(kritarc, machine)
    return Profile("krita", chosen or folder, packaging=packaging, kritarc=kritarc)


def _chosen_resource_folder(kritarc: Path, machine: Machine) -> Path | None:
    """The resource folder chosen in Krita's own settings (`ResourceDirectory`), if it is there."""
    try:
        text = kritarc.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    before_groups = re.split(r"^\[", text, maxsplit=1, flags=re.MULTILINE)[0]
    match = re.search(r"^ResourceDirectory(\[\$\w+\])?=(.+)$", before_groups, flags=re.MULTILINE)
    if match is None:
        return None
    value = match[2].strip().replace(r"\s", " ").replace("\\\\", "\\").replace("$HOME", str(machine.home))
    return Path(value) if Path(value).is_absolute() and Path(value).is_dir() else None


def _store_folders(machine: Machine, pattern: str) -> list[Path]:
    """Where Windows redirects the files of Microsoft Store programs."""
    packages = machine.folder("LOCALAPPDATA", "AppData", "Local") / "Packages"
    return [folder / "LocalCache" for folder in sorted(packages.glob(pattern))]
