"""What the page shows of the machine: device, network, memory, disk, and the last lines of the log.

`neural-style doctor` checks an installation from outside; this is what the running daemon knows without a wait.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import __version__
from ...engine.memory.host import free_bytes
from ...files import open_regular
from ...jobs.workers import WorkerStatus
from ...settings import Settings

if TYPE_CHECKING:
    from ..services import Services

GIB = 2**30
LEAST_FREE_BYTES = 2 * GIB
LEAST_MEMORY_BYTES = GIB // 2
LOG_LINES, LOG_TAIL_BYTES = 40, 64 << 10
WORKER = {
    "ready": "ready",
    "starting": "starting: the network is being loaded",
    "stopped": "resting; the next job starts it again",
    "failed": "failed",
}


class Finding(NamedTuple):
    name: str
    ok: bool
    detail: str
    next_step: str = ""


def diagnose(services: Services) -> dict[str, Any]:
    findings = [finding._asdict() for finding in _findings(services)]
    secrets = {services.keys.token: "(token)", str(services.home): "(home)", str(Path.home()): "~"}
    return {
        "findings": findings,
        "settings": json.loads(_without(secrets, json.dumps(_changed(services.settings)))),
        "log": last_lines(services.home / "daemon.log", secrets),
    }


def _changed(settings: Settings) -> dict[str, Any]:
    """Those that are not the defaults."""
    usual = Settings().model_dump(mode="json")
    return {key: value for key, value in settings.model_dump(mode="json").items() if value != usual[key]}


def _findings(services: Services) -> Iterator[Finding]:
    status = services.status
    worker = status.worker()
    yield Finding("Daemon", True, f"version {__version__}, Python {sys.version.split()[0]}")
    yield _worker(worker)
    yield Finding("Device", True, worker.device or "not known until the network has been loaded once")
    yield Finding("Network", True, worker.network or "not loaded yet")
    yield _memory(free_bytes())
    yield _disk(services.home, services.settings)
    problems = status.problems()
    yield Finding("Jobs", not problems, problems or _counted(status.counts()))
    unreadable = [problem.name for problem in services.library.problems()]
    presets = f"{len(services.library.list())} can be used"
    if unreadable:
        presets += f"; not readable: {', '.join(unreadable)}"
    yield Finding("Presets", not unreadable, presets, "'neural-style presets list' says why." if unreadable else "")


def _worker(worker: WorkerStatus) -> Finding:
    detail = " ".join(filter(None, (WORKER.get(worker.state, worker.state), worker.detail)))
    failed = worker.state == "failed"
    return Finding("Worker", not failed, detail, "'neural-style doctor' says what to do." if failed else "")


def _memory(free: int | None) -> Finding:
    if free is None:
        return Finding("Memory", True, "how much is free is not known here")
    scarce = free < LEAST_MEMORY_BYTES
    step = "Close other programs, or choose a smaller size." if scarce else ""
    return Finding("Memory", not scarce, f"{free / GIB:.1f} GiB free", step)


def _disk(home: Path, settings: Settings) -> Finding:
    free = shutil.disk_usage(home).free
    scarce = free < LEAST_FREE_BYTES
    detail = f"{free / GIB:.1f} GiB free; the daemon takes {settings.disk_limit_bytes / GIB:.0f} GiB at most"
    return Finding("Disk", not scarce, detail, "Free some space, or delete old jobs." if scarce else "")


def _counted(counts: dict[str, int]) -> str:
    return f"{counts['running']} running, {counts['queued']} waiting"


def last_lines(path: Path, secrets: dict[str, str]) -> list[str]:
    """Of a log, the newest last, with every secret replaced; none where there is no log."""
    try:
        with open_regular(path) as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - LOG_TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return _without(secrets, text).splitlines()[-LOG_LINES:]


def _without(secrets: dict[str, str], text: str) -> str:
    for secret, word in secrets.items():
        text = text.replace(secret, word) if len(secret) > 1 else text
    return text
