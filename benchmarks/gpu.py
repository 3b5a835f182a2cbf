"""What a CUDA device does: seconds of a job, what recording its kernels gains, memory against the forecast's.

    python benchmarks/gpu.py [--content PICTURE --style PICTURE] [--iterations 500] [--side 512] [--profile FILE]

Without pictures it paints the presets' sample photo in the style of `impasto-oil`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.table import Table

from neural_style_server.engine import device
from neural_style_server.engine.kernels import cuda_graph
from neural_style_server.engine.memory.working_set import evaluation_bytes
from neural_style_server.engine.method import Method
from neural_style_server.engine.objective import Objective
from neural_style_server.engine.targets import region_term
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.engine.vgg import Network
from neural_style_server.errors import EngineError
from neural_style_server.weights import load_network

PRESETS = Path(__file__).parent.parent / "presets"
NEVER = 1 << 30


def tensor_of(path: Path, side: int) -> torch.Tensor:
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    picture = picture.resize((side, side), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(picture, dtype=np.float32)).permute(2, 0, 1)[None].to("cuda")


def seconds_of(work: Callable[[], Any]) -> float:
    torch.cuda.synchronize()
    started = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - started


def objective_of(
    network: Network, side: int, method: Method, tile: int | None = None
) -> tuple[Objective, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    image = (torch.rand(1, 3, side, side, generator=generator) * 255).to("cuda")
    style = region_term(network, image[..., : min(side, 1024), : min(side, 1024)], method)
    return Objective(network, method, image, [style], tile_size=tile), image


def paint(network: Network, task: Task, method: Method, losses: list[float]) -> None:
    losses.extend(progress.losses.total for progress in Transfer(network, task, method))


def jobs(networks: dict[str, Network], task: Task, iterations: int) -> Table:
    """Seconds of whole jobs, the second of two runs: a daemon has what is made at first use behind it."""
    table = Table("numbers", "scales", "launched", "deterministic", "first", "seconds", "total loss", box=None)
    rows = [("bfloat16", 1, True, False), ("bfloat16", 3, True, False), ("bfloat16", 1, True, True)]
    rows += [("bfloat16", 1, False, False), ("float16", 1, True, False), ("float32", 1, True, False)]
    for name, scales, recorded, deterministic in rows:
        device.be_deterministic(deterministic)
        cuda_graph.CALLS_BEFORE_RECORDING = 2 if recorded else NEVER
        method = Method(iterations=iterations, scales=scales)
        losses: list[float] = []
        try:
            first, again = (seconds_of(partial(paint, networks[name], task, method, losses)) for _ in range(2))
        except EngineError as error:
            table.add_row(name, str(scales), "", "", str(error))
            continue
        table.add_row(
            name, str(scales), "recorded" if recorded else "one by one", "yes" if deterministic else "no",
            f"{first:.2f} s", f"{again:.2f} s", f"{losses[-1]:.4f}",
        )  # fmt: skip
    device.be_deterministic(False)
    cuda_graph.CALLS_BEFORE_RECORDING = 2
    return table


def sizes(networks: dict[str, Network]) -> Table:
    """One evaluation, and its peak of memory over what is there before it."""
    table = Table("numbers", "canvas", "tiles", "ms", "peak MB", "reserved MB", "forecast MB", "ratio", box=None)
    for name in ("bfloat16", "float32"):
        for side, tile in ((256, None), (512, None), (1024, None), (1024, 768), (2048, None), (2048, 1280)):
            objective = image = None
            torch.cuda.empty_cache()
            before = torch.cuda.memory_allocated()
            objective, image = objective_of(networks[name], side, Method(), tile)
            torch.cuda.reset_peak_memory_stats()
            for _ in range(4):
                objective.evaluate(image)
            best = min(seconds_of(partial(objective.evaluate, image)) for _ in range(5))
            peak = torch.cuda.max_memory_allocated() - before
            wanted = evaluation_bytes(side, side, tile, networks[name].memory_profile)
            table.add_row(
                name, f"{side}²", str(tile or "–"), f"{1e3 * best:.2f}", f"{peak / 1e6:.0f}",
                f"{torch.cuda.max_memory_reserved() / 1e6:.0f}", f"{wanted / 1e6:.0f}",
                f"{wanted / peak:.2f}",
            )  # fmt: skip
    return table


def profile(network: Network, side: int, path: Path) -> None:
    objective, image = objective_of(network, side, Method())
    cuda_graph.CALLS_BEFORE_RECORDING = NEVER
    for _ in range(5):
        objective.evaluate(image)
    with torch.profiler.profile() as found:
        for _ in range(5):
            objective.evaluate(image)
        torch.cuda.synchronize()
    cuda_graph.CALLS_BEFORE_RECORDING = 2
    text = found.key_averages().table(sort_by="self_cuda_time_total", row_limit=60, max_name_column_width=110)
    path.write_text(text)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--content", type=Path, default=PRESETS / "_sample.jpg")
    arguments.add_argument("--style", type=Path, default=PRESETS / "impasto-oil" / "style.jpg")
    arguments.add_argument("--iterations", type=int, default=500)
    arguments.add_argument("--side", type=int, default=512)
    arguments.add_argument("--profile", type=Path)
    given = arguments.parse_args()
    if not torch.cuda.is_available():
        raise SystemExit("torch sees no CUDA device.")
    own = load_network(None, Path())
    kinds = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}
    networks = {name: own.to("cuda", kind) for name, kind in kinds.items()}
    device.be_deterministic(False)
    console = Console(width=120)
    console.print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    if given.profile:
        profile(networks["bfloat16"], given.side, given.profile)
    task = Task(tensor_of(given.content, given.side), [Region([Style(tensor_of(given.style, given.side))])])
    task = replace(task, size=given.side)
    console.print(sizes(networks))
    console.print(jobs(networks, task, given.iterations))


if __name__ == "__main__":
    main()
