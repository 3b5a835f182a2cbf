"""Where the files that are not Python code lie: presets and the sources of both plug-ins.

A wheel has them in `_data/` inside the package, a checkout beside `server/`.
"""

from __future__ import annotations

from pathlib import Path

from .errors import NotFound

RESOURCES = ("presets", "gimp_plugin", "krita_plugin")
_PACKAGE = Path(__file__).parent


def resource_folder(name: str, package: Path = _PACKAGE) -> Path:
    """The folder `presets`, `gimp_plugin` or `krita_plugin` of this installation."""
    if name not in RESOURCES:
        raise ValueError(f"unknown resource {name!r}; there are {', '.join(RESOURCES)}")
    candidates = (package / "_data" / name, package.parent.parent / name)
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise NotFound(
        f"The folder '{name}' of this installation is missing; it should be at {candidates[0]}.",
        hint="Install neural-style-server again.",
    )
