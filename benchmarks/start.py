"""How soon the daemon answers after its start, in one checkout or several in turn: medians of the rounds.

    python benchmarks/start.py                              # this checkout
    python benchmarks/start.py . ../neural-style-0.1.0      # and another one
    python benchmarks/start.py . --rounds 9

Each start has a home of its own. Time goes from starting the process to the first answer of `GET /v1/health`; processor
time is the daemon's own, without its worker's, and steadier on a shared machine. Memory is the daemon's once the
worker is warm. Reads /proc, so it runs on Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

PATIENCE_S = 120.0
POLL_S = 0.005
SETTLE_S = 2.0
"""From warm to the look at the memory."""


class Start(NamedTuple):
    seconds: float
    cpu_seconds: float
    megabytes: float


def start(checkout: Path) -> Start:
    """Start a daemon of this checkout, and stop it again when its worker is warm."""
    with tempfile.TemporaryDirectory(prefix="start-") as home:
        environment = {**os.environ, "NEURAL_STYLE_HOME": home, "PYTHONPATH": str(checkout / "server")}
        command = [sys.executable, "-m", "neural_style_server", "serve"]
        started = time.perf_counter()
        daemon = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            health(daemon, Path(home))
            seconds, cpu = time.perf_counter() - started, cpu_seconds(daemon.pid)
            while not health(daemon, Path(home))["warm"]:
                in_time(daemon, started)
                time.sleep(0.1)
            time.sleep(SETTLE_S)
            return Start(seconds, cpu, resident(daemon.pid))
        finally:
            daemon.terminate()
            daemon.wait(30)


def health(daemon: subprocess.Popen[bytes], home: Path) -> dict[str, object]:
    """The first answer."""
    discovery, started = home / "daemon.json", time.perf_counter()
    while not discovery.exists():
        in_time(daemon, started)
        time.sleep(POLL_S)
    with urlopen(json.loads(discovery.read_text())["url"] + "/v1/health", timeout=PATIENCE_S) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def in_time(daemon: subprocess.Popen[bytes], started: float) -> None:
    if daemon.poll() is not None or time.perf_counter() - started > PATIENCE_S:
        raise SystemExit("The daemon did not start.")


def cpu_seconds(pid: int) -> float:
    """Of all its threads, in user and system mode; without children that still run."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """MB of its memory that lie in RAM."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path, nargs="*", default=[Path(__file__).parents[1]])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    starts: dict[Path, list[Start]] = {checkout.resolve(): [] for checkout in options.checkout}
    for checkout in starts:
        start(checkout)  # compiles, and fills the system's file cache
    for _ in range(options.rounds):
        for checkout, found in starts.items():
            found.append(start(checkout))
    print("| checkout | seconds until health | CPU seconds until health | idle daemon, MB |\n|---|---|---|---|")
    for checkout, found in starts.items():
        seconds, cpu, memory = (statistics.median(column) for column in zip(*found, strict=True))
        fastest, slowest = min(s.seconds for s in found), max(s.seconds for s in found)
        print(f"| {checkout.name} | {seconds:.2f} ({fastest:.2f}–{slowest:.2f}) | {cpu:.2f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
