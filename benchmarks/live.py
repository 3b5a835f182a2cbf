"""A live job over HTTP: how soon a stroke shows, what stays, whether steady changes keep up, what rest costs.

    python benchmarks/live.py                     # 256 px
    python benchmarks/live.py --size 512 --photo picture.jpg --strokes 20

Starts a daemon with a home of its own, with `NEURAL_STYLE_*` settings of the environment. Strokes are discs of colour
in the photo's right half. "first" is the time from the end of the stroke (before its upload) to the first frame with
its revision; "far" is the mean change of the left third, in levels of 255. Reads /proc, so it runs on Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from neural_style_client import Client, Pixels

REPOSITORY = Path(__file__).resolve().parents[1]
PATIENCE_S = 600.0
STEADY_S, STROKE_S, REST_S = 60.0, 0.5, 10.0


@contextmanager
def daemon() -> Iterator[tuple[Client, int]]:
    """A warm one, and its process id."""
    with tempfile.TemporaryDirectory(prefix="live-") as home:
        environment = {**os.environ, "NEURAL_STYLE_HOME": home, "PYTHONPATH": str(REPOSITORY / "server")}
        process = subprocess.Popen([sys.executable, "-m", "neural_style_server", "serve"], env=environment)
        try:
            discovery = Path(home, "daemon.json")
            until(discovery.exists)
            found = json.loads(discovery.read_text())
            client = Client(found["url"], found["token"], timeout_s=60)
            until(lambda: bool(client.health()["warm"]))
            yield client, process.pid
        finally:
            process.terminate()
            process.wait(60)


def until(found: Any) -> None:
    started = time.monotonic()
    while not found():
        if time.monotonic() - started > PATIENCE_S:
            raise TimeoutError
        time.sleep(0.002)


class Live:
    """A live job, its frames as they come (time, number, revision), and the picture that it is painted from."""

    def __init__(self, client: Client, photo: np.ndarray, preset: str) -> None:
        self.client, self.photo, self.frames = client, photo, list[tuple[float, int, int]]()
        self.content = self._upload()
        self.id = client.submit({"content": self.content, "preset": preset, "live": True, "client": "live"})["id"]
        threading.Thread(target=self._follow, daemon=True).start()

    def _upload(self) -> str:
        height, width = self.photo.shape[:2]
        return str(self.client.upload(self.photo.tobytes(), width, height)["id"])

    def _follow(self) -> None:
        for event in self.client.events(self.id):
            if event.name == "frame":
                self.frames.append((time.monotonic(), event.data["number"], event.data["revision"]))

    def stroke(self, down: float, right: float, colour: tuple[int, int, int]) -> int:
        """Paint a disc and send its surroundings; answers the revision."""
        height, width = self.photo.shape[:2]
        radius, y, x = max(4, width // 20), int(down * height), int(right * width)
        rows = slice(max(0, y - radius), min(height, y + radius))
        columns = slice(max(0, x - radius), min(width, x + radius))
        part = self.photo[rows, columns]
        away = np.mgrid[rows, columns]
        part[(away[0] - y) ** 2 + (away[1] - x) ** 2 < radius**2, :3] = colour
        pixels = Pixels(part.shape[1], part.shape[0], "RGBA8", np.ascontiguousarray(part).tobytes())
        self.content = self.client.upload_part(self.content, columns.start, rows.start, pixels)["id"]
        return int(self.client.change(self.id, {"content": self.content})["revision"])

    def shown(self, revision: int) -> float:
        """When the first frame of this revision, or of a later one, came."""
        until(lambda: bool(self.frames) and self.frames[-1][2] >= revision)
        return next(came for came, _, number in self.frames if number >= revision)

    def settle(self) -> float:
        until(lambda: bool(self.client.job(self.id)["resting"]))
        return time.monotonic()

    def picture(self) -> np.ndarray:
        found = self.client.frame(self.id)
        return np.frombuffer(found.data, "u1").reshape(found.height, found.width, 4)[..., :3].astype(float)


def random_stroke(live: Live, generator: np.random.Generator) -> int:
    down, right = generator.uniform(0.1, 0.9), generator.uniform(0.55, 0.9)
    return live.stroke(down, right, tuple(int(part) for part in generator.integers(0, 256, 3)))


def strokes(live: Live, count: int, generator: np.random.Generator) -> Iterator[tuple[str, str]]:
    first, settled, far = [], [], []
    for _ in range(count):
        before, started = live.picture(), time.monotonic()
        revision = random_stroke(live, generator)
        first.append(live.shown(revision) - started)
        settled.append(live.settle() - started)
        far.append(float(np.abs(live.picture() - before)[:, : before.shape[1] // 3].mean()))
    yield "first pixels, s: median (largest)", f"{statistics.median(first):.2f} ({max(first):.2f})"
    yield "settled, s: median (largest)", f"{statistics.median(settled):.1f} ({max(settled):.1f})"
    yield "far from the stroke, of 255: largest", f"{max(far):.3f}"


def steady(live: Live, pid: int, generator: np.random.Generator) -> Iterator[tuple[str, str]]:
    """A stroke every STROKE_S for STEADY_S."""
    before, begun, sent, behind = memory(pid), time.monotonic(), [], []
    while (now := time.monotonic()) - begun < STEADY_S:
        behind.append(len(sent) - sum(revision <= live.frames[-1][2] for revision in sent))
        sent.append(random_stroke(live, generator))
        time.sleep(max(0.0, STROKE_S - (time.monotonic() - now)))
    live.shown(sent[-1])
    numbers = [number for _, number, _ in live.frames]
    yield "steady strokes, behind by: most (mean)", f"{max(behind)} ({statistics.mean(behind):.2f})"
    yield "steady strokes, memory grown by", f"{(memory(pid) - before) / 2**20:.0f} MiB"
    yield "frames shown twice", str(len(numbers) - len(set(numbers)))


def rest(live: Live, pid: int) -> Iterator[tuple[str, str]]:
    live.settle()
    time.sleep(2)
    before = cpu_seconds(pid)
    time.sleep(REST_S)
    yield "at rest, share of a core", f"{(cpu_seconds(pid) - before) / REST_S:.2%}"


def family(pid: int) -> list[int]:
    """The daemon and its workers."""
    children = [int(each) for path in Path(f"/proc/{pid}/task").glob("*/children") for each in path.read_text().split()]
    return [pid, *children]


def memory(pid: int) -> int:
    return sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in family(pid)) * 4096


def cpu_seconds(pid: int) -> float:
    fields = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in family(pid)]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photo", default=REPOSITORY / "presets" / "_sample.jpg")
    parser.add_argument("--preset", default="night-swirl")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--strokes", type=int, default=5)
    options = parser.parse_args()
    with Image.open(options.photo) as image:
        image.thumbnail((options.size, options.size), Image.Resampling.LANCZOS)
        photo = np.array(image.convert("RGBA"))
    generator, table = np.random.default_rng(1), Table("what", f"{photo.shape[1]} x {photo.shape[0]} px")
    with daemon() as (client, pid):
        live = Live(client, photo, options.preset)
        live.settle()
        for rows in (strokes(live, options.strokes, generator), steady(live, pid, generator), rest(live, pid)):
            for row in rows:
                table.add_row(*row)
        client.cancel(live.id)
    Console().print(table)


if __name__ == "__main__":
    main()
