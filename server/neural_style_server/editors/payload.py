"""What goes into an editor's profile: the plug-in's own files, the client package, and how to start the daemon."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import neural_style_client as client

from ..errors import NotFound
from ..resources import resource_folder
from .profiles import Editor, Machine, Profile

GIMP_NAME = "neural-style"
KRITA_NAME = "neural_style"
OWNED: dict[Editor, PurePosixPath] = {
    "gimp": PurePosixPath("plug-ins", GIMP_NAME),
    "krita": PurePosixPath("pykrita", KRITA_NAME),
}
"""The folder, relative to the profile, that belongs to the plug-in alone."""

_NOT_SHIPPED = ("__pycache__", "tests")


@dataclass(frozen=True)
class Payload:
    """Contents by path relative to the profile; `executable` are those that must be allowed to run."""

    files: dict[str, bytes] = field(default_factory=dict)
    executable: frozenset[str] = frozenset()


def make_payload(profile: Profile, machine: Machine, source: Path | None = None) -> Payload:
    """The files of the plug-in for this profile, from `source` or from this installation."""
    source = source or resource_folder(f"{profile.editor}_plugin")
    files = _gimp_files(source) if profile.editor == "gimp" else _krita_files(source)
    owned = OWNED[profile.editor]
    package = Path(client.__file__).parent
    files.update({str(owned / package.name / name): data for name, data in _tree(package)})
    files[str(owned / client.CONFIG_NAME)] = _config(profile, machine)
    return Payload(files, frozenset({str(owned / f"{GIMP_NAME}.py")} & files.keys()))


def _gimp_files(source: Path) -> dict[str, bytes]:
    files = {str(OWNED["gimp"] / name): data for name, data in _tree(source / GIMP_NAME)}
    if str(OWNED["gimp"] / f"{GIMP_NAME}.py") not in files:
        raise _incomplete(source / GIMP_NAME / f"{GIMP_NAME}.py")
    return files


def _krita_files(source: Path) -> dict[str, bytes]:
    desktop = source / f"{KRITA_NAME}.desktop"
    if not desktop.is_file() or not (source / KRITA_NAME / "__init__.py").is_file():
        raise _incomplete(desktop)
    files = {str(OWNED["krita"] / name): data for name, data in _tree(source / KRITA_NAME)}
    files = {path: data for path, data in files.items() if not path.endswith(".action")}
    files[f"pykrita/{desktop.name}"] = desktop.read_bytes()
    for path, data in _tree(source):
        if path.suffix == ".action":
            files[f"actions/{path.name}"] = data
    return files


def _tree(folder: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Every file that ships, by its path relative to `folder`."""
    for path in sorted(folder.rglob("*")):
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        hidden = any(part.startswith(".") or part in _NOT_SHIPPED for part in relative.parts)
        if path.is_file() and not hidden and path.suffix not in (".pyc", ".orig", ".rej"):
            yield relative, path.read_bytes()


def _config(profile: Profile, machine: Machine) -> bytes:
    """How the plug-in starts the daemon, and the daemon's home folder where the plug-in cannot work it out.

    A sandboxed editor sees another home folder. A Flatpak can start a program outside its sandbox only through
    flatpak-spawn, and only with the user's permission.
    """
    command, home = client.daemon_command(), client.home_folder()
    config: dict[str, object] = {}
    if profile.packaging == "Flatpak" and profile.editor == "krita":
        command = ["flatpak-spawn", "--host", f"--env=NEURAL_STYLE_HOME={home}", *command]
    config["command"] = command
    if machine.environ.get("NEURAL_STYLE_HOME") or profile.sandboxed:
        config["home"] = home
    return (json.dumps(config, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _incomplete(path: Path) -> NotFound:
    detail = f"The plug-in's source is incomplete: {path} is missing."
    return NotFound(detail, hint="Install neural-style-server again.")
