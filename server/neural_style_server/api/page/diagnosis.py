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

from neural_style_client.translations import N_, Catalogue

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
    "ready": N_("ready"),
    "starting": N_("starting: the network is being loaded"),
    "stopped": N_("resting; the next job starts it again"),
    "failed": N_("failed"),
}


class Finding(NamedTuple):
    name: str
    ok: bool
    detail: str
    next_step: str = ""


def diagnose(services: Services, words: Catalogue) -> dict[str, Any]:
    findings = [finding._asdict() for finding in _findings(services, words)]
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


def _findings(services: Services, words: Catalogue) -> Iterator[Finding]:
    status = services.status
    worker = status.worker()
    tr = words.tr
    yield Finding(tr("Daemon"), True, tr("version {}, Python {}", __version__, sys.version.split()[0]))
    yield _worker(worker, words)
    yield Finding(tr("Device"), True, worker.device or tr("not known until the network has been loaded once"))
    yield Finding(tr("Network"), True, worker.network or tr("not loaded yet"))
    yield _memory(free_bytes(), words)
    yield _disk(services.home, services.settings, words)
    problems = status.problems()
    yield Finding(tr("Jobs"), not problems, problems or _counted(status.counts(), words))
    unreadable = [problem.name for problem in services.library.problems()]
    count = len(services.library.list())
    presets = words.ntr("{} style can be used", "{} styles can be used", count)
    if unreadable:
        presets += "; " + tr("not readable: {}", ", ".join(unreadable))
    step = tr("'neural-style presets list' says why.") if unreadable else ""
    yield Finding(tr("Presets"), not unreadable, presets, step)


def _worker(worker: WorkerStatus, words: Catalogue) -> Finding:
    state = words.tr(WORKER.get(worker.state, worker.state))
    failed = worker.state == "failed"
    step = words.tr("'neural-style doctor' says what to do.") if failed else ""
    return Finding(words.tr("Worker"), not failed, " ".join(filter(None, (state, worker.detail))), step)


def _memory(free: int | None, words: Catalogue) -> Finding:
    name = words.tr("Memory")
    if free is None:
        return Finding(name, True, words.tr("how much is free is not known here"))
    scarce = free < LEAST_MEMORY_BYTES
    step = words.tr("Close other programs, or choose a smaller size.") if scarce else ""
    return Finding(name, not scarce, words.tr("{} GiB free", words.number(free / GIB, 1)), step)


def _disk(home: Path, settings: Settings, words: Catalogue) -> Finding:
    free = shutil.disk_usage(home).free
    scarce = free < LEAST_FREE_BYTES
    sizes = words.number(free / GIB, 1), words.number(settings.disk_limit_bytes / GIB, 0)
    detail = words.tr("{} GiB free; the daemon takes {} GiB at most", *sizes)
    step = words.tr("Free some space, or delete old jobs.") if scarce else ""
    return Finding(words.tr("Disk"), not scarce, detail, step)


def _counted(counts: dict[str, int], words: Catalogue) -> str:
    return words.tr("{} running, {} waiting", counts["running"], counts["queued"])


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
