"""The plug-ins as archives: for Krita's *Import Python Plugin from File*, and to be unpacked into GIMP's plug-ins.

    python -m neural_style_server.editors.archives FOLDER

They start the daemon as `neural-style` from the search path; `install-plugins` writes down the exact command instead.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path, PurePosixPath

import neural_style_client as client

from .. import __version__
from .payload import OWNED, make_payload
from .profiles import EDITORS, Editor, Machine, Profile

COMMAND = ["neural-style", "serve", "--idle-exit", "1800"]
NEVER = (1980, 1, 1, 0, 0, 0)
"""The earliest date of a zip: the same files are the same bytes."""


def archive(editor: Editor, source: Path | None = None) -> bytes:
    """A zip with the plug-in's folder at its top. Folders have entries of their own, by which Krita's importer finds a
    plug-in."""
    owned = OWNED[editor]
    payload = make_payload(Profile(editor, Path()), Machine.here(), source)
    config = str(owned / client.CONFIG_NAME)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        names = {path: _name(path, owned.parent) for path in sorted(payload.files)}
        for folder in sorted({f"{parent}/" for name in names.values() for parent in PurePosixPath(name).parents[:-1]}):
            entry = zipfile.ZipInfo(folder, NEVER)
            entry.external_attr = 0o40755 << 16
            file.writestr(entry, b"")
        for path, name in names.items():
            data = payload.files[path]
            entry = zipfile.ZipInfo(name, NEVER)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if path in payload.executable else 0o100644) << 16
            file.writestr(entry, json.dumps({"command": COMMAND}).encode() if path == config else data)
    return out.getvalue()


def _name(path: str, parent: PurePosixPath) -> str:
    """In the archive, where the folder that holds the plug-in is the top."""
    return str(PurePosixPath(path).relative_to(parent)) if path.startswith(f"{parent}/") else path


def main(folder: Path) -> None:
    for editor in EDITORS:
        (folder / f"neural-style-{editor}-{__version__}.zip").write_bytes(archive(editor))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
