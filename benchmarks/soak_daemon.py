"""A daemon of one's own for the soak: started in a temporary home, measured from /proc, hurt by process id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neural_style_client import Client, DaemonError, DaemonGone

ROOT = Path(__file__).resolve().parent.parent
START_S, WARM_S, END_S = 60.0, 300.0, 60.0


@dataclass
class Report:
    """What a part of the soak found: rows of (what, figure, promise, whether it holds), and each problem in words."""

    name: str
    rows: list[tuple[str, str, str, bool]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def row(self, what: str, figure: object, promise: str = "", holds: bool = True) -> None:
        self.rows.append((what, str(figure), promise, holds))

    @property
    def holds(self) -> bool:
        return not self.problems and all(row[3] for row in self.rows)


class Daemon:
    """`neural-style serve` with `home` of its own; `settings` are given by environment."""

    def __init__(self, home: Path, **settings: object) -> None:
        self.home = home
        home.mkdir(mode=0o700, exist_ok=True)
        given = {f"NEURAL_STYLE_{key.upper()}": str(value) for key, value in settings.items()}
        paths = os.pathsep.join([str(ROOT / "server"), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        self._environment = {**os.environ, "NEURAL_STYLE_HOME": str(home), "PYTHONPATH": paths, **given}
        self.start()

    def start(self) -> float:
        """Seconds until it answers."""
        began = time.monotonic()
        with (self.home / "serve.out").open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "neural_style_server", "serve"], env=self._environment, stdout=out, stderr=out
            )
        wait_until(self._answers, START_S, "the daemon answers")
        return time.monotonic() - began

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError("the daemon ended: " + (self.home / "serve.out").read_text()[-2000:])
        try:
            found = json.loads((self.home / "daemon.json").read_text())
            if found["pid"] != self.process.pid:
                return False
            self.client = Client(found["url"], found["token"], timeout_s=60)
            self.client.health()
        except (OSError, ValueError, TypeError, KeyError, DaemonError, DaemonGone):
            return False
        self.url, self.token = found["url"], found["token"]
        self.port = int(self.url.rpartition(":")[2])
        return True

    def warm(self) -> None:
        wait_until(lambda: self.client.health()["warm"], WARM_S, "the worker is warm")

    def worker(self) -> int | None:
        """The worker's process id."""
        found: list[str] = []
        for path in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            try:
                found += path.read_text().split()
            except OSError:  # a thread that has just ended
                continue
        return int(found[0]) if found else None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(END_S)

    def processes(self) -> list[int]:
        """Every living process that works in this home."""
        mark = f"NEURAL_STYLE_HOME={self.home}\0".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if (
                    mark in path.read_bytes() + b"\0"
                    and b"neural_style_server" in path.with_name("cmdline").read_bytes()
                ):
                    found.append(int(path.parent.name))
            except OSError:
                continue
        return found


def resident_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])


def thread_and_file_counts(pid: int) -> tuple[int, int]:
    return len(list(Path(f"/proc/{pid}/task").iterdir())), len(list(Path(f"/proc/{pid}/fd").iterdir()))


def processor_seconds(pid: int) -> float:
    """Time on a processor of all threads, to the nanosecond."""
    total = 0
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        total += int(path.read_text().split()[0])
    return total / 1e9


def wait_until(look: Callable[[], Any], within_s: float, what: str, pause_s: float = 0.02) -> Any:
    deadline = time.monotonic() + within_s
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s:g} s: {what}")
        time.sleep(pause_s)
    return found


class HealthProbe:
    """Asks for `/v1/health` again and again from a process of its own, so that the clients do not slow it down."""

    def __init__(self, home: Path, pause_s: float = 0.02) -> None:
        command = [sys.executable, str(Path(__file__).with_name("soak_health.py")), str(home), str(pause_s)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def end(self) -> dict[str, float]:
        """{"asked", "p50", "p99", "max"}: how often, and milliseconds."""
        answer, _ = self._process.communicate()
        found: dict[str, float] = json.loads(answer)
        return found

    def report(self, report: Report) -> None:
        found = self.end()
        report.row("health checks meanwhile", f"{found['asked']:.0f}")
        report.row("health p50 / max", f"{found['p50']:.1f} / {found['max']:.0f} ms")
        report.row("health p99", f"{found['p99']:.1f} ms", "< 100 ms", found["p99"] < 100)
