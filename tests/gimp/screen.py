"""Waiting for what can be seen from outside: GIMP's windows and the daemon's jobs.

The title of GIMP's window says how many layers there are: what a painter sees is what is checked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.gimp.conftest import client_of
from tests.hosts.rig import GimpSession

LIMIT_S = 120


def wait(happened: Callable[[], Any], what: str, limit_s: float = LIMIT_S, pause_s: float = 0.05) -> Any:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        found = happened()
        if found:
            return found
        time.sleep(pause_s)
    raise TimeoutError(f"{what} did not happen within {limit_s} s")


def layers(session: GimpSession) -> int:
    title = session.wait_window("[photo]")  # for a moment, while GIMP changes it, there may be none
    return int(title.split(" layer")[0].rsplit(" ", 1)[1])


def wait_layers(session: GimpSession, count: int) -> None:
    wait(lambda: layers(session) == count, f"{count} layers")


def newest_job(home: Path, known: set[str]) -> Any:
    """An ordinary job that is not known yet; the preview has live ones."""
    jobs = client_of(home).jobs()
    return next((job for job in jobs if job["id"] not in known and not job["live"]), None)


def known_jobs(home: Path) -> set[str]:
    return {job["id"] for job in client_of(home).jobs()}


def state(home: Path, job: Any) -> str:
    return str(client_of(home).job(job["id"])["state"])


def wait_state(home: Path, job: Any, wanted: str, pause_s: float = 0.05) -> None:
    wait(lambda: state(home, job) == wanted, f"{wanted} for the job", pause_s=pause_s)


def plug_in_processes(plug_ins: Path) -> list[int]:
    """The process ids of the plug-in's own runs, for the GIMP that has its plug-ins there."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if str(plug_ins).encode() in command and b"neural-style.py" in command:
            found.append(int(folder.name))
    return found
