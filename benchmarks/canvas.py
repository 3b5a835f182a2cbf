"""What a canvas of any size costs: memory, tiles, seams, growth of time, and memory that runs out on the way.

    python benchmarks/canvas.py [memory] [tiles] [seam] [growth] [forced] [--largest 8192]

Prints one table. Jobs run in a worker process of their own each, as the daemon starts it, with VGG-19 and a limit of
3 GiB. All but `tiles`, `seam` and `growth` paint with shallow style layers (relu1_1, relu1_2; `forced` with relu3_1)
and no content term, because an iteration with all layers takes minutes on such a canvas and a processor: the first
convolutions are the same.
"""

from __future__ import annotations

import argparse
import math
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from neural_style_server.engine import device
from neural_style_server.engine.memory.tensor_store import InMemoryStore, MappedStore
from neural_style_server.engine.memory.tiles import split
from neural_style_server.engine.memory.working_set import IN_MEMORY_PIXELS, RECOMPUTED_FROM
from neural_style_server.engine.method import Method
from neural_style_server.engine.objective import Objective
from neural_style_server.engine.scales import Scale
from neural_style_server.engine.targets import region_term
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.engine.vgg import Network
from neural_style_server.files import private_folder
from neural_style_server.jobs.messages import Ended, Message, Progress, Ready, Started, StartRun, WorkerOptions
from neural_style_server.jobs.picture_files import write_picture
from neural_style_server.jobs.task import TaskFile, TaskRegion, TaskStyle
from neural_style_server.jobs.worker_process import WorkerLog, WorkerProcess
from neural_style_server.pixels import Picture
from neural_style_server.weights import load_network

SHALLOW: dict[str, Any] = {
    "style_layers": {"relu1_1": 1.0, "relu1_2": 1.0},
    "content_weight": 0.0,
    "scales": 1,
}
DEEPER: dict[str, Any] = {**SHALLOW, "style_layers": {"relu1_1": 1.0, "relu3_1": 1.0}}
"""Deep enough for an iteration's memory to depend on the tile."""

LEFT_BYTES = 250 << 20
"""What the worker may take beyond what it holds between two iterations: enough for some tile, not for the largest."""

ROUNDS = 2
OPTIONS = WorkerOptions(
    device="cpu", dtype="float32", deterministic="on", cache_limit_bytes=1 << 28, memory_limit_bytes=3 << 30
)


def scene(height: int, width: int, seed: int = 0) -> np.ndarray:
    """(H, W, 4): smooth colours with edges and grain, drawn a few rows at a time."""
    generator = np.random.default_rng(seed)
    waves = generator.uniform(0.5, 9, (6, 2)), generator.uniform(0, 6, (6, 1, 1)), generator.uniform(20, 60, (6, 3))
    pixels = np.empty((height, width, 4), "u1")
    x = np.linspace(0, 6, width, dtype=np.float32)[None]
    for row in range(0, height, 256):
        y = np.linspace(0, 6, height, dtype=np.float32)[row : row + 256, None]
        colour = np.full((y.shape[0], width, 3), 127.0, np.float32)
        for (a, b), phase, amount in zip(*waves, strict=True):
            colour += (np.sign(np.sin(a * x + b * y + phase[0])) + np.sin(b * x - a * y))[..., None] * amount / 4
        colour += generator.normal(0, 6, colour.shape).astype(np.float32)
        pixels[row : row + 256, :, :3] = np.clip(colour, 0, 255)
    pixels[..., 3] = 255
    return pixels


class Worker:
    """A fresh worker with one job, watched: seconds, peaks over its idle self in bytes, and what it told."""

    def __init__(self, folder: Path, method: dict[str, Any], height: int, width: int) -> None:
        self.job = private_folder(folder / "job")
        images = private_folder(folder / "images")
        write_picture(images / "content", Picture(scene(height, width), "RGBA8"))
        write_picture(images / "style", Picture(scene(512, 512, 1), "RGBA8"))
        TaskFile(
            method=Method(**method).as_dict(),
            frames={"at": [1000]},
            content="content",
            regions=[TaskRegion(mask=None, styles=[TaskStyle(image="style", weight=1.0)])],
        ).write(self.job)
        self.messages: list[Message] = []
        self.at_message: Callable[[Message], None] = lambda message: None
        self._ready, self._over = threading.Event(), threading.Event()
        self._log = WorkerLog(folder / "worker.log", 1 << 20)
        self._process = WorkerProcess(folder, OPTIONS, self._hear, lambda *_: self._over.set(), self._log.write)
        self.pid = self._process.pid

    def paint(self) -> None:
        assert self._ready.wait(120), "the worker does not start"
        idle = self.status()
        peaks, started = dict(idle), time.perf_counter()
        self._process.send(StartRun(id="job", folder=str(self.job)))
        while not self._over.wait(0.01):
            for key, value in self.status().items():
                peaks[key] = max(peaks[key], value)
        self.seconds = time.perf_counter() - started
        self.idle, self.peaks = idle, peaks
        self._process.stop(60)
        self._log.close()
        last = self.messages[-1]
        assert isinstance(last, Ended) and last.state == "done", last

    def status(self) -> dict[str, int]:
        """Bytes: all that is resident, and what of it is in no file."""
        found = {"VmRSS": 0, "RssAnon": 0, "VmHWM": 0}
        try:
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                key, _, rest = line.partition(":")
                if key in found:
                    found[key] = int(rest.split()[0]) * 1024
        except (OSError, ValueError):
            pass  # it has ended
        return found

    def _hear(self, message: Message) -> None:
        self.messages.append(message)
        self.at_message(message)
        if isinstance(message, Ready):
            self._ready.set()
        if isinstance(message, Ended):
            self._over.set()


def painted(folder: Path, method: dict[str, Any], height: int, width: int) -> Worker:
    folder.mkdir()
    worker = Worker(folder, method, height, width)
    worker.paint()
    return worker


def memory(folder: Path, sides: list[int]) -> None:
    """Peaks of a whole job, upload to result, one iteration."""
    for side in sides:
        worker = painted(folder / f"memory-{side}", {**SHALLOW, "iterations": 1}, side, side)
        hwm, anon = worker.peaks["VmHWM"], worker.peaks["RssAnon"]
        tile = next(message.tile for message in worker.messages if isinstance(message, Started))
        idle = worker.idle["VmRSS"] / 1e9
        row(
            f"worker's peak at {side}²",
            f"{hwm / 1e9:.2f} GB in all, {anon / 1e9:.2f} GB of it in no file",
            f"tile {tile}, {worker.seconds:.0f} s; idle {idle:.2f} GB",
        )


def growth(folder: Path) -> None:
    """The exponent of time against pixels, same iterations, in the numbers that this machine paints in, all layers:
    whole, whole with the same blocks recomputed at every size, and in tiles."""
    place = device.choose()
    network = load_network(None, Path()).to(place.device, place.dtype)
    usual = dict(RECOMPUTED_FROM)
    for name, tile, limits in (
        ("whole", None, usual),
        ("whole, two blocks recomputed at every size", None, dict.fromkeys(usual, (0, 0))),
        ("in tiles of 768", 768, usual),
    ):
        RECOMPUTED_FROM.update(limits)
        seconds: dict[int, float] = {}
        for side, rounds in ((1024, 3), (2048, 2), (4096, 1)):
            evaluate = evaluation(network, Method(), side, tile, folder)
            if not seconds:
                evaluate()  # what is made at first use
            seconds[side] = min(timed(evaluate) for _ in range(rounds))
        exponent = math.log(seconds[4096] / seconds[1024]) / math.log(16)
        shown = ", ".join(f"{side}² {value:.1f} s" for side, value in seconds.items())
        row("time against pixels, 1024² to 4096²", f"exponent {exponent:.3f}", f"{shown}; {name}, {place.name}")


def timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def tiled(folder: Path) -> None:
    """An iteration at 2048² whole and in tiles of 1024, all layers; ROUNDS of them, alternating."""
    network, method = vgg(), Method()
    ways = {tile: evaluation(network, method, 2048, tile, folder) for tile in (None, 1024)}
    seconds: dict[Any, list[float]] = {None: [], 1024: []}
    for _ in range(ROUNDS):
        for tile, evaluate in ways.items():
            seconds[tile].append(timed(evaluate))
    whole, tiled = min(seconds[None]), min(seconds[1024])
    row("tiles of 1024 px against untiled, 2048²", f"{tiled / whole:.2f} times", f"{whole:.1f} s and {tiled:.1f} s")


def seam(folder: Path) -> None:
    """The step across tile borders against that elsewhere, and the same in the untiled picture."""
    network, shown = vgg(), []
    method = Method(iterations=6, start="noise", content_weight=0.01, scales=1)
    side, tile = 640, 384
    borders = sorted({part.rows.start for part in split(side, side, {"relu5_1"}, tile)} - {0})
    steps = {}
    for size in (None, tile):
        task = Task(tensor(scene(side, side)), [Region([Style(tensor(scene(512, 512, 1)))])])
        run = Transfer(network, task, method, tile_size=size, scales=[Scale(side, side, 6, 1.0)])
        for _ in run:
            pass
        picture = run.picture()
        found = [_steps(picture, axis, borders) for axis in (2, 3)]
        steps[size] = [sum(part) / 2 for part in zip(*found, strict=True)]
    for size in (tile, None):
        at, elsewhere = steps[size]
        shown.append(f"{at / elsewhere:.3f}")
    how = f"untiled, at the same places: {shown[1]}; {side}² in tiles of {tile}"
    row("step across tile borders against elsewhere", shown[0], how)


def _steps(picture: torch.Tensor, axis: int, borders: list[int]) -> tuple[float, float]:
    steps = (picture.diff(dim=axis)).abs().mean([d for d in range(4) if d != axis])
    at = torch.tensor([border - 1 for border in borders])
    rest = torch.ones(len(steps), dtype=torch.bool)
    rest[at] = False
    return float(steps[at].mean()), float(steps[rest].mean())


def forced(folder: Path, side: int = 2048) -> None:
    """A limit is set on the worker in the middle of a job."""
    method = {**DEEPER, "iterations": 2}
    calm = painted(folder / "calm", method, side, side)
    (folder / "forced").mkdir()
    worker = Worker(folder / "forced", method, side, side)

    def limit(message: Message) -> None:
        if isinstance(message, Progress) and message.iteration == 1:
            data = Path(f"/proc/{worker.pid}/status").read_text().split("VmData:")[1].split()[0]
            most = int(data) * 1024 + LEFT_BYTES
            resource.prlimit(worker.pid, resource.RLIMIT_DATA, (most, most))

    worker.at_message = limit
    worker.paint()
    told = [message.tile for message in worker.messages if isinstance(message, Progress)]
    assert told[0] != told[-1], "memory did not run out"
    pictures = [np.fromfile(one.job / "result.raw", "u1").astype(np.int16) for one in (calm, worker)]
    difference = np.abs(pictures[0] - pictures[1])
    row(
        f"memory that runs out in a {side}² job",
        f"finished; largest difference {difference.max()} of 255, mean {difference.mean():.5f}",
        f"tiles by iteration: {told}",
    )


def evaluation(network: Network, method: Method, side: int, tile: int | None, folder: Path) -> Callable[[], None]:
    """One iteration's work on a canvas of this side."""
    store = MappedStore(folder) if side * side > IN_MEMORY_PIXELS else InMemoryStore(network.device)
    content = tensor(scene(side, side))
    region = region_term(network, tensor(scene(512, 512, 1)), method)
    objective = Objective(network, method, content, [region], tile_size=tile, store=store)

    def evaluate() -> None:
        objective.evaluate(content)

    return evaluate


def tensor(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels[..., :3].transpose(2, 0, 1).astype(np.float32))[None]


def vgg() -> Network:
    return load_network(None, Path()).to("cpu", torch.float32)


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parts: dict[str, Callable[[Path], None]] = {"tiles": tiled, "seam": seam, "growth": growth, "forced": forced}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=["memory", *parts, []], help="all where none is named")
    parser.add_argument("--largest", type=int, default=8192)
    parser.add_argument("--folder", help="a folder on a real disk for scratch files")
    options = parser.parse_args()
    chosen = options.parts or ["memory", *parts]
    row("what", "found", "how")
    row("---", "---", "---")
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        if "memory" in chosen:
            memory(Path(name), [side for side in (2048, 4096, 8192) if side <= options.largest])
        for part, measure in parts.items():
            if part in chosen:
                measure(Path(name))


if __name__ == "__main__":
    sys.exit(main())
