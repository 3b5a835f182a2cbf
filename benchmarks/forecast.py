"""Forecasts against what jobs then take, on a real daemon of its own: seconds and peak memory.

    python benchmarks/forecast.py [--home FOLDER] [--fast]
    python benchmarks/forecast.py --learn 10 [--skew 1.5]

Each job has a fresh worker, whose peak over its idle self is read from /proc (Linux). The ratio is forecast over
measured: 1.10 is a tenth too much. Sizes vary from 256 to 2048 px, some in tiles because the daemon is told to keep
within a limit of memory, some with regions, colours kept, or a smaller `size`. Run it on a quiet machine.

With `--learn` so many small jobs are painted one after the other, and each one's forecast is told without what the
jobs before it have taught, and with it; and half-way through, the time that is said to be left beside the one that is.
`--skew` makes the machine so many times slower, or faster below 1, than it was calibrated: as if its speed had drifted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from neural_style_client import Client, find_daemon

ROOT = Path(__file__).resolve().parent.parent
Case = tuple[str, int, dict[str, Any]]
JOBS: list[Case] = [
    ("256 px", 256, {"preset": "night-swirl"}),
    ("384 px, gatys-classic", 384, {"preset": "gatys-classic", "method": {"iterations": 20}}),
    ("512 px", 512, {"preset": "stained-glass"}),
    ("640 px, own colours", 640, {"preset": "woodcut", "controls": {"colour": 80}, "method": {"iterations": 12}}),
    ("768 px", 768, {"preset": "impasto-oil", "method": {"iterations": 9}}),
    ("1024 px painted at 512", 1024, {"preset": "ink-wash", "size": 512, "method": {"iterations": 20}}),
    ("1024 px", 1024, {"preset": "mosaic", "method": {"iterations": 6}}),
    ("2048 px", 2048, {"preset": "night-swirl", "method": {"iterations": 9}}),
]
LIMITED: list[Case] = [
    ("768 px in tiles", 768, {"preset": "night-swirl", "method": {"iterations": 9}}),
    ("1400 px in tiles", 1400, {"preset": "stained-glass", "method": {"iterations": 9}}),
    ("2048 px in tiles", 2048, {"preset": "night-swirl", "method": {"iterations": 9}}),
]
LIMIT = "1200 MiB"

SMALL: list[Case] = [
    ("256 px", 256, {"preset": "night-swirl", "method": {"iterations": 40}}),
    ("320 px", 320, {"preset": "stained-glass", "method": {"iterations": 25}}),
    ("384 px", 384, {"preset": "woodcut", "method": {"iterations": 15}}),
]
"""For `--learn`, in turn."""


class Watch:
    """The peak of a process over what it held when the watch began, in bytes."""

    def __init__(self, pid: int) -> None:
        self._pid, self._over = pid, threading.Event()
        self.idle = self.peak = resident(pid)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(0.01):
            self.peak = max(self.peak, resident(self._pid))

    def stop(self) -> int:
        self._over.set()
        self._thread.join()
        return self.peak - self.idle


def resident(pid: int) -> int:
    """Bytes in memory that are in no file."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(found[0].split()[1]) * 1024 if found else 0


def worker_of(daemon: int) -> int:
    children = Path(f"/proc/{daemon}/task/{daemon}/children").read_text().split()
    for thread in Path(f"/proc/{daemon}/task").iterdir():
        children += (thread / "children").read_text().split()
    return int(next(child for child in children if b"worker.main" in Path(f"/proc/{child}/cmdline").read_bytes()))


def fresh(client: Client) -> int:
    """The pid of a worker that has painted nothing yet: the former one's end lets the next job start another, so
    that a job of one iteration on a few pixels comes before the one that is measured."""
    if client.health()["warm"]:
        client.unload()
    identity = client.upload(b"\xff" * (64 * 64 * 4), 64, 64)["id"]
    job = client.submit({"content": identity, "preset": "night-swirl", "size": 16, "method": {"iterations": 1}})
    for _ in client.events(job["id"]):
        pass
    return worker_of(daemon_of(client))


def daemon_of(client: Client) -> int:
    found = json.loads((Path(os.environ["NEURAL_STYLE_HOME"]) / "daemon.json").read_text())
    return int(found["pid"])


def sample(client: Client, side: int) -> str:
    """The id of the sample picture with this long side."""
    image = Image.open(ROOT / "presets" / "_sample.jpg").convert("RGBA")
    size = side, max(1, round(side * image.height / image.width))
    return str(client.upload(image.resize(size, Image.Resampling.LANCZOS).tobytes(), *size)["id"])


def measure(client: Client, name: str, side: int, spec: dict[str, Any]) -> tuple[float, float]:
    identity = sample(client, side)
    watch = Watch(fresh(client))
    started = time.perf_counter()
    job = client.submit({"content": identity, "seed": 1, **spec})
    for _ in client.events(job["id"]):
        pass
    seconds, found = time.perf_counter() - started, watch.stop()
    record, told = client.job(job["id"]), job["forecast"]
    assert record["state"] == "done", record["error"]
    client.delete_job(job["id"])
    ratios = told["seconds"] / seconds, told["bytes"] / found
    print(
        f"| {name} | {told['tile'] or 'whole'} | {told['seconds']:.1f} | {seconds:.1f} | {ratios[0]:.2f} "
        f"| {told['bytes'] / 1e6:.0f} | {found / 1e6:.0f} | {ratios[1]:.2f} |",
        flush=True,
    )
    return ratios


def learn(client: Client, number: int, name: str, side: int, spec: dict[str, Any]) -> tuple[float, float]:
    """The n-th job's forecast without and with what was learned, each over what it took. The job stays, for the daemon
    knows by it that the style is cached."""
    identity, told = sample(client, side), [(0.0, 0.0)]
    started = time.perf_counter()
    job = client.submit({"content": identity, "seed": number, **spec})
    for event in client.events(job["id"]):
        if event.name == "progress":
            told.append((time.perf_counter() - started, float(event.data["eta"])))
    seconds, known = time.perf_counter() - started, job["forecast"]
    assert client.job(job["id"])["state"] == "done"
    at, left = min(told[1:], key=lambda pair: abs(pair[0] - seconds / 2))
    plain = known["seconds"] / known["correction"]
    print(
        f"| {number} | {name} | {seconds:.1f} | {plain:.1f} | {plain / seconds - 1:+.0%} | {known['seconds']:.1f} "
        f"| {known['seconds'] / seconds - 1:+.0%} | {left:.1f}, {seconds - at:.1f} |",
        flush=True,
    )
    return plain / seconds, known["seconds"] / seconds


def skewed(client: Client, factor: float) -> None:
    """Make the calibration that of a machine so many times as fast, and begin a worker with it."""
    path = Path(os.environ["NEURAL_STYLE_HOME"]) / "calibration.json"
    known = json.loads(path.read_text())
    path.write_text(json.dumps({**known, "seconds": [seconds / factor for seconds in known["seconds"]]}))
    client.unload()


def show_learning(home: Path, count: int, skew: float) -> None:
    print("| job | picture | took s | unlearned s | error | learned s | error | left at half: told, true |")
    print("|---|---|---|---|---|---|---|---|")
    with daemon(home, None) as client:
        if skew != 1:
            skewed(client, skew)
        found = [learn(client, number, *SMALL[number % len(SMALL)]) for number in range(1, count + 1)]
    for what, ratios in zip(("without", "with"), zip(*found, strict=True), strict=True):
        later = ratios[min(3, count - 1) :]
        within = sum(0.75 <= ratio <= 1.25 for ratio in later)
        print(f"{what} learning, from the fourth job on: {within} of {len(later)} within 25 %")


def with_daemon(home: Path, jobs: list[Case], limit: str | None) -> list[tuple[float, float]]:
    with daemon(home, limit) as client:
        return [measure(client, *job) for job in jobs]


@contextlib.contextmanager
def daemon(home: Path, limit: str | None) -> Iterator[Client]:
    """One with a home of its own, warm."""
    os.environ["NEURAL_STYLE_HOME"] = str(home)
    environment = dict(os.environ) | ({} if limit is None else {"NEURAL_STYLE_MEMORY_LIMIT_BYTES": limit})
    process = subprocess.Popen([sys.executable, "-m", "neural_style_server", "serve"], env=environment)
    try:
        while (client := find_daemon()) is None:
            time.sleep(0.1)
        while not client.health()["warm"]:
            time.sleep(0.2)
        yield client
    finally:
        process.terminate()
        process.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="a folder for the daemons' homes; a new one by default")
    parser.add_argument("--fast", action="store_true", help="leave out what is larger than 1024 px")
    parser.add_argument("--only", help="only jobs whose name has this in it")
    parser.add_argument("--learn", type=int, metavar="JOBS", help="show what so many jobs teach, instead")
    parser.add_argument("--skew", type=float, default=1.0, help="so many times slower than calibrated")
    options = parser.parse_args()
    if options.learn:
        with tempfile.TemporaryDirectory(dir=options.home) as folder:
            show_learning(Path(folder) / "learn", options.learn, options.skew)
        return
    print("| job | tile | forecast s | took s | ratio | forecast MB | peak MB | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    if options.home:
        options.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.home) as folder:
        ratios = []
        for name, jobs, limit in (("free", JOBS, None), ("limited", LIMITED, LIMIT)):
            chosen = [job for job in jobs if (job[1] <= 1024 or not options.fast) and (options.only or "") in job[0]]
            if not chosen:
                continue
            ratios += with_daemon(Path(folder) / name, chosen, limit)
    for what, found in zip(("seconds", "bytes"), zip(*ratios, strict=True), strict=True):
        print(f"{what}: median ratio {statistics.median(found):.2f}, from {min(found):.2f} to {max(found):.2f}")


if __name__ == "__main__":
    main()
