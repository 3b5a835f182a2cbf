"""Programs that tests need, from Debian: installed once where that is possible."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

APT_S = 600
WAIT = ("-o", "DPkg::Lock::Timeout=300")
"""For the lock of another program that is installing at the moment."""
ONLY_ROOT = "it is not installed, and only root can do that, with apt-get."


def cache() -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "neural-style-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def install(*packages: str) -> str:
    """Why they may be missing still: the log of apt-get, or that it cannot be used here."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return ONLY_ROOT
    log = cache() / f"{packages[0]}.log"
    with (cache() / "apt.lock").open("w") as lock, log.open("wb") as out:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            command = ["apt-get", *WAIT, *words]
            subprocess.run(command, stdout=out, stderr=out, env=environment, timeout=APT_S, check=False)
    return f"apt-get could not install it; {log} says why."
