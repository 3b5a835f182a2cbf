"""Where the real Chromium is; the test set-up installs Debian's where it may, as it does with the editors."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT_S, NPM_S = 600, 60
AXE = "axe-core@4.10.2"
"""Pinned: a newer one has other rules. MPL 2.0, used in tests only."""


class BrowserUnavailable(Exception):
    """Says why."""


def cache() -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "neural-style-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def find_chromium() -> str | None:
    """NEURAL_STYLE_TEST_CHROMIUM names another one."""
    named = os.environ.get("NEURAL_STYLE_TEST_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure_chromium() -> str:
    """Its path. Raises BrowserUnavailable where it is not there and cannot be installed."""
    if found := find_chromium():
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise BrowserUnavailable("it is not installed, and only root can do that, with apt-get.")
    log = cache() / "chromium.log"
    with (cache() / "chromium.lock").open("w") as lock, log.open("wb") as out:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"]):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", *words], stdout=out, stderr=out, env=environment, timeout=APT_S, check=False)
    found = find_chromium()
    if found is None:
        raise BrowserUnavailable(f"apt-get could not install it; {log} says why.")
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
