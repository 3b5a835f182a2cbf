"""A font with Japanese and Chinese characters for the editors' screens, whose folder of Debian has none."""

from __future__ import annotations

import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from tests.hosts.debian import install

PACKAGE = "fonts-wqy-microhei"
PATTERN = ":lang=ja:lang=zh-cn"


@lru_cache(maxsize=1)
def _found() -> Path | None:
    """The smallest of this machine's; installed where there is none and that is possible."""
    if not _listed():
        install("fontconfig", PACKAGE)
    return min(_listed(), key=lambda path: path.stat().st_size, default=None)


def _listed() -> list[Path]:
    if shutil.which("fc-list") is None:
        return []
    found = subprocess.run(["fc-list", "-f", "%{file}\n", PATTERN], capture_output=True, text=True).stdout
    return [Path(line) for line in found.splitlines() if line]


def place_font(home: Path) -> bool:
    """Put one where programs with this home find it; whether there is one."""
    font = _found()
    if font is not None:
        folder = home / ".local/share/fonts"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(font, folder)
    return font is not None
