"""What the page is made of, read once: templates, scripts, styles, and the sample picture."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ...errors import NotFound
from ...resources import resource_folder

FOLDER = Path(__file__).parent
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""Content types by the names' endings."""

SAMPLE = "sample.jpg"


@dataclass(frozen=True)
class Asset:
    """`packed` is the data in gzip; `tag` changes with the data."""

    data: bytes
    packed: bytes
    kind: str
    tag: str


@cache
def _assets() -> dict[str, Path]:
    found = {path.name: path for path in sorted((FOLDER / "assets").iterdir()) if path.suffix in KINDS}
    return {**found, SAMPLE: resource_folder("presets") / "_sample.jpg"}


def names() -> list[str]:
    return list(_assets())


@cache
def asset(name: str) -> Asset:
    """Raises NotFound for a name that is not in the folder: no path is made of what was asked for."""
    path = _assets().get(name)
    if path is None:
        raise NotFound(f"The page has no file {name[:80]!r}.", hint="Reload the page.")
    data = path.read_bytes()
    return Asset(data, gzip.compress(data, mtime=0), KINDS[path.suffix], hashlib.sha256(data).hexdigest()[:32])


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def rendered(template: str, **values: Any) -> str:
    return _templates().get_template(template).render(**values)
