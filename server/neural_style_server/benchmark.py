"""Measures the engine on this machine for `neural-style bench`; never part of a test.

The share of the peak is an iteration's rate of arithmetic over that of a matrix product of the same type, measured just
before and after it: the ratio holds where a machine's absolute times drift.
"""

from __future__ import annotations

import contextlib
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from .engine import device, first_frame
from .engine.kernels.cuda_graph import CALLS_BEFORE_RECORDING
from .engine.layers import CONVOLUTIONS, LAYERS, STRIDE, deepest
from .engine.memory.allocator import map_large_blocks
from .engine.memory.release import release_all
from .engine.method import Method
from .engine.objective import Objective
from .engine.targets import region_term
from .engine.transfer import Region, Style, Task, Transfer
from .engine.vgg import Network
from .settings import Settings
from .weights import load_network

PEAK_SIDE, GPU_PEAK_SIDE = 2048, 8192
"""Of the matrix product: large enough to fill the device."""

REPEATS, REPEAT_S = 3 + CALLS_BEFORE_RECORDING, 3.0
"""An iteration is measured at least so often and for so many seconds; the fastest counts."""


def measure(settings: Settings, home: Path, sizes: Sequence[int]) -> dict[str, Any]:
    """{"device", "network", "peak_gflops", "rows": [...], "first_frame_s"} for square canvases of these sides."""
    place = device.choose(settings.device, settings.dtype, settings.threads)
    choice = None if settings.weights is None else str(settings.weights)
    network = load_network(choice, home / "weights").to(place.device, place.dtype)
    map_large_blocks()  # as the worker does
    rows = [_row(network, size) for size in sizes]
    return {
        "device": place.name,
        "network": network.name,
        "peak_gflops": max(row["peak_gflops"] for row in rows),
        "rows": rows,
        "first_frame_s": _first_frame(network),
    }


def iteration_flop(network: Network, method: Method, height: int, width: int) -> float:
    """Multiplications and additions of one iteration: forward, backward to the image, and the Gram matrices."""
    layers = {*method.statistics, *method.matches, *method.content_layers}
    last = LAYERS.index(deepest(layers))
    total = 0.0
    for conv, layer in zip(CONVOLUTIONS[: last + 1], LAYERS, strict=False):
        outputs, inputs = network.weights[conv][0].shape[:2]
        positions = (height // STRIDE[layer]) * (width // STRIDE[layer])
        total += 2 * 2.0 * outputs * inputs * 9 * positions
        if layer in method.statistics:
            total += 2 * 2.0 * outputs * outputs * positions
    return total


def _row(network: Network, size: int) -> dict[str, Any]:
    method = Method()
    peak = _matrix_rate(network)
    release_all()
    before = _peak_memory(network, anew=True)
    image = (torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0)) * 255).to(network.device)
    objective = Objective(network, method, image, [region_term(network, image, method)])
    objective.evaluate(image)
    taken: list[float] = []
    while len(taken) < REPEATS or sum(taken) < REPEAT_S:
        started = time.perf_counter()
        objective.evaluate(image)
        taken.append(time.perf_counter() - started)
    best = min(taken)
    memory = _peak_memory(network) - before
    rate = iteration_flop(network, method, size, size) / best
    peak = max(peak, _matrix_rate(network))
    return {
        "size": size,
        "seconds": best,
        "iterations_per_s": 1 / best,
        "gflops": rate / 1e9,
        "peak_gflops": peak / 1e9,
        "share": rate / peak,
        "memory_mb": memory / 2**20,
    }


def _first_frame(network: Network) -> float:
    """Seconds to a first picture, style targets included: what a painter waits after the button."""
    image = (torch.rand(1, 3, first_frame.SIDE * 3 // 4, first_frame.SIDE) * 255).to(network.device)
    task = Task(image, [Region([Style(image)])])
    method, scale = first_frame.method_and_scale(Method(), *image.shape[-2:])
    seconds = 0.0
    for _ in range(2):  # the first run sets up what a warm worker has set up
        started = time.perf_counter()
        for _ in Transfer(network, task, method, scales=[scale]):
            pass
        seconds = time.perf_counter() - started
    return seconds


def _matrix_rate(network: Network) -> float:
    side = GPU_PEAK_SIDE if network.device.type == "cuda" else PEAK_SIDE
    return device.matrix_rate(network.dtype, side, str(network.device))


def _peak_memory(network: Network, *, anew: bool = False) -> int:
    """Peak bytes since the last call with `anew`: of the process on a CPU, of the device on CUDA.

    Only Linux can reset a process's peak; elsewhere sizes must be measured in rising order.
    """
    if network.device.type == "cuda":
        if anew:
            torch.cuda.reset_peak_memory_stats(network.device)
        return int(torch.cuda.max_memory_allocated(network.device))
    if anew:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
