"""The list of what was installed, kept inside the plug-in's folder.

It marks the folder as ours, and lists which files of an older version may be removed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

NAME = "neural_style_manifest.json"
_MADE_BY = "neural-style-server"


@dataclass(frozen=True)
class Manifest:
    """`files` and `folders` (those that were made for them) are relative to the editor's profile folder."""

    version: str
    files: tuple[str, ...]
    folders: tuple[str, ...] = ()

    def as_bytes(self) -> bytes:
        lists = {"files": sorted(self.files), "folders": sorted(self.folders)}
        record = {"made_by": _MADE_BY, "version": self.version, **lists}
        return (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in an installed plug-in's folder; None where there is none that can be trusted."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if found["made_by"] != _MADE_BY:
            return None
        return Manifest(str(found["version"]), _inside(found["files"]), _inside(found["folders"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _inside(paths: object) -> tuple[str, ...]:
    """Only paths that stay below the profile: a damaged manifest must not remove anything else."""
    if not isinstance(paths, list):
        raise TypeError
    relative = [path for path in paths if isinstance(path, str) and path]
    good = [path for path in relative if ".." not in PurePosixPath(path).parts and not Path(path).is_absolute()]
    return tuple(path for path in good if "\\" not in path and ":" not in path)
