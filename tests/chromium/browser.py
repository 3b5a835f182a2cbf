"""Where the real Chromium is; the test set-up installs Debian's where it may, as it does with the editors."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile

from tests.hosts.debian import cache, install

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NPM_S = 60
AXE = "axe-core@4.10.2"
"""Pinned: a newer one has other rules. MPL 2.0, used in tests only."""


class BrowserUnavailable(Exception):
    """Says why."""


def find_chromium() -> str | None:
    """NEURAL_STYLE_TEST_CHROMIUM names another one."""
    named = os.environ.get("NEURAL_STYLE_TEST_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure_chromium() -> str:
    """Its path. Raises BrowserUnavailable where it is not there and cannot be installed."""
    if found := find_chromium():
        return found
    why = install("chromium", "fonts-dejavu-core")
    found = find_chromium()
    if found is None:
        raise BrowserUnavailable(why)
    return found


def ensure_axe() -> str:
    """The source of axe-core, fetched once. Raises BrowserUnavailable without npm or its registry."""
    script = cache() / f"{AXE.replace('@', '-')}.min.js"
    if not script.exists():
        if shutil.which("npm") is None:
            raise BrowserUnavailable("axe-core is fetched with npm, which is not installed.")
        words = ["npm", "pack", "--silent", "--pack-destination", str(cache()), AXE]
        done = subprocess.run(words, capture_output=True, text=True, timeout=NPM_S, cwd=cache())
        if done.returncode:
            raise BrowserUnavailable(f"npm could not fetch {AXE}: {done.stderr.strip()[-200:]}")
        packed = cache() / f"{AXE.replace('@', '-')}.tgz"
        with tarfile.open(packed) as archive:
            source = archive.extractfile("package/axe.min.js")
            assert source is not None
            script.write_bytes(source.read())
    return script.read_text("utf-8")
