"""What each own kernel of the engine earns: time and peak memory of one evaluation with it and without it.

    python benchmarks/kernels.py [--only KERNEL] [--dtype float32] [--side 384] [--threads 2] [--rounds 3] [--json FILE]

"Without" is plain torch in the kernel's place: F.conv2d, F.relu, F.max_pool2d, slices and autograd. An evaluation is
`Objective.evaluate` of the standard method, followed by what a step does with the heap (malloc_trim).

Times are ratios of turns in one process, without a kernel and with all; medians count. With one thread the time is the
processor's; with more it is the clock's, and a turn that other programs disturbed is repeated. Peaks (Linux) are VmHWM
of fresh processes after two evaluations, less VmRSS of the idle network.
Where the processor cannot multiply bfloat16, such convolutions are computed in float32, strip by strip.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor

from neural_style_server.engine import content_term, losses, moments, style_term, total_variation, vgg
from neural_style_server.engine.kernels import checkpointed_rows, direct_convolution, relu, wrap
from neural_style_server.engine.memory import allocator, release, tiles
from neural_style_server.engine.memory.working_set import MemoryProfile
from neural_style_server.engine.method import Method
from neural_style_server.engine.objective import Objective
from neural_style_server.engine.targets import region_term
from neural_style_server.weights import load_network

STYLE_SIDE = 256
CORES_OF_OTHERS = 0.1
MOST_TRIES = 4
APART, LIBRARY_BYTES = "allocator: map_large_blocks", 32 << 20
"""The GNU C library's own threshold, once blocks of this size have been freed."""


class SecondMoment:
    """Σ w F Fᵀ, left to autograd."""

    @staticmethod
    def apply(x: Tensor, w: Tensor | None) -> Tensor:
        return moments._outer_sum(x if w is None else x * w, x)


class FirstMoment:
    """Σ F, left to autograd."""

    @staticmethod
    def apply(x: Tensor) -> Tensor:
        return moments._sum(x)


def slices(x: Tensor, rows: slice, columns: slice = slice(None)) -> Tensor:
    part = x[..., rows, columns]
    return x if part.shape == x.shape else part


def half_squares(features: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    squares = (features.float() - target.float()).square()
    return 0.5 * (squares if weight is None else squares * weight).sum()


def whole_variation(image: Tensor, gradient: Tensor, factor: float, weight: Any, wrap: bool, store: Any) -> float:
    leaf = image.detach().requires_grad_()
    term = factor * losses.total_variation(leaf, weight, wrap=wrap)
    term.backward()
    gradient += leaf.grad
    return float(term)


def circular(x: Tensor) -> Tensor:
    return F.pad(x, (1, 1, 1, 1), mode="circular").contiguous(memory_format=torch.channels_last)


RELU = (vgg, "relu", lambda x, kept=True: F.relu(x, inplace=True))
POOL = [(vgg, "can_fuse", lambda *_: False)]
IN_PLACE = (direct_convolution, "MAP_BYTES", 1 << 60)
PASSING = (style_term, "moments_and_features", lambda f, means=True: (f, moments.moments(f, means=means)))
SECOND, FIRST = (moments, "SecondMoment", SecondMoment), (moments, "FirstMoment", FirstMoment)

WITHOUT: dict[str, tuple[str, list[tuple[Any, str, Any]]]] = {
    "winograd": ("whole", [(vgg.Network, "_transformed_weight", lambda self, conv: None)]),
    "direct convolution": (
        "whole",
        [(direct_convolution, "convolve", lambda x, w, b, padding: F.conv2d(x, w, b, padding=padding))],
    ),
    "direct convolution: gradient in place": ("whole", [IN_PLACE]),
    "relu": ("whole", [RELU, *POOL]),
    "relu: alone": ("whole", [RELU]),
    "relu: keeping a mask": ("whole", [(relu, "_ReluKeepingMask", relu._Relu)]),
    "relu: fused with pooling": ("whole", POOL),
    "relu alone, and gradient in place": ("whole", [RELU, IN_PLACE]),
    "moments": ("whole", [PASSING, SECOND, FIRST]),
    "moments: gradient in place": ("whole", [PASSING]),
    "losses: HalfSquares": ("whole", [(content_term, "content_loss", half_squares)]),
    APART: ("whole", []),
    "allocator: trim each step": ("whole", []),
    "checkpointed rows": ("tiles", [(MemoryProfile, "recomputed", lambda self, pixels, tiled=False: 0)]),
    "checkpointed rows: trim": ("tiles", [(checkpointed_rows, "trim_heap", lambda: None)]),
    "crop": ("tiles", [(vgg, "crop", slices), (tiles, "crop", slices)]),
    "moments: SecondMoment": ("regions", [SECOND]),
    "moments: FirstMoment": ("wasserstein", [FIRST]),
    "wrap padding": ("seamless", [(wrap, "pad", circular)]),
    "total variation: strips": ("large", [(total_variation, "add_total_variation", whole_variation)]),
}
"""Kernel, or a part of one: the kind of canvas on which it takes part, and what stands in its place."""

METHODS = {"wasserstein": Method(loss="wasserstein"), "seamless": Method(seamless=True)}
LARGE_SIDE, TILE = 1152, 768


class Strips(torch.autograd.Function):
    """F.conv2d of bfloat16, in float32 a strip of rows at a time; keeps its input, as torch's own does."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, padding: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.padding = padding
        return in_float32(x, weight, bias, padding)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        _, weight = ctx.saved_tensors
        return transposed(grad, weight, padding=ctx.padding), None, None, None


def in_float32(x: Tensor, weight: Tensor, bias: Tensor | None, padding: int) -> Tensor:
    height, width = (side + 2 * padding - 2 for side in x.shape[-2:])
    found = torch.empty((1, len(weight), height, width), dtype=x.dtype, memory_format=torch.channels_last)
    wide, own = weight.float(), None if bias is None else bias.float()
    for start in range(0, height, 32):
        stop = min(height, start + 32)
        top, bottom = start - padding, stop - padding + 2
        rows = x[..., max(0, top) : min(x.shape[-2], bottom), :].float()
        rows = F.pad(rows, (padding, padding, max(0, -top), max(0, bottom - x.shape[-2])))
        found[..., start:stop, :] = conv2d(rows.contiguous(memory_format=torch.channels_last), wide, own)
    return found


def transposed(grad: Tensor, weight: Tensor, padding: int = 0) -> Tensor:
    if grad.dtype != torch.bfloat16:
        return conv_transpose2d(grad, weight, padding=padding)
    turned = weight.flip(-1, -2).transpose(0, 1).contiguous(memory_format=torch.channels_last)
    return in_float32(grad, turned, None, 2 - padding)


def convolved(x: Tensor, weight: Tensor, bias: Tensor, padding: int = 0) -> Tensor:
    if x.dtype != torch.bfloat16:
        return conv2d(x, weight, bias, padding=padding)
    return Strips.apply(x, weight, bias, padding)


conv2d, conv_transpose2d = F.conv2d, F.conv_transpose2d


class Bench:
    """One situation in this process: the network, and an objective on a canvas of noise."""

    def __init__(self, dtype: str, threads: int, side: int, kind: str, apart: bool) -> None:
        torch.set_num_threads(threads)
        self.clock = time.process_time if threads == 1 else time.perf_counter
        if dtype == "bfloat16" and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
            F.conv2d, F.conv_transpose2d = convolved, transposed
        self.apart = apart
        if apart:
            allocator.map_large_blocks()
        network = load_network(None, Path()).to("cpu", getattr(torch, dtype))
        method, generator = METHODS.get(kind, Method()), torch.Generator().manual_seed(0)
        self.image = torch.rand(1, 3, side, side, generator=generator) * 255
        term = region_term(network, self.image[..., :STYLE_SIDE, :STYLE_SIDE], method)
        weight = torch.linspace(0, 1, side).expand(1, 1, side, side).contiguous() if kind == "regions" else None
        release.release_all()
        Path("/proc/self/clear_refs").write_text("5")
        self.idle = status("VmRSS")
        tile = TILE if kind == "tiles" else None
        self.objective = Objective(network, method, self.image, [replace(term, weight=weight)], tile_size=tile)

    def step(self, name: str) -> float:
        """Seconds of one evaluation without the kernel of this name; "" is today's engine."""
        with ExitStack() as changes:
            for change in WITHOUT[name][1] if name else ():
                changes.enter_context(patch.object(*change))
            if self.apart:
                largest = LIBRARY_BYTES if name == APART else allocator.MAP_BYTES
                allocator.call("mallopt", allocator.M_MMAP_THRESHOLD, largest)
            for attempt in range(MOST_TRIES):
                others, started = others_seconds(), self.clock()
                self.objective.evaluate(self.image)
                if name != "allocator: trim each step":
                    release.trim_heap()
                seconds = self.clock() - started
                if self.clock is time.process_time or others_seconds() - others < CORES_OF_OTHERS * seconds:
                    break
                print(f"{name or 'today'}: others were busy ({attempt + 1})", file=sys.stderr, flush=True)
        gc.collect()
        return seconds


def status(key: str) -> float:
    """Of this process, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{key}:")).split()[1]) * 1024 / 1e6


def others_seconds() -> float:
    """Processor time of all other programs since the system started."""
    user, nice, system = map(int, Path("/proc/stat").read_text().split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:2])


def child(wanted: dict[str, Any]) -> dict[str, Any]:
    """In a fresh process: the peak of one, or times of all in turn."""
    name = wanted.pop("name", None)
    names, rounds = wanted.pop("names", []), wanted.pop("rounds", 0)
    bench = Bench(**wanted, apart=name != APART)
    if name is not None:
        for _ in range(2):
            bench.step(name)
        return {"peak": status("VmHWM") - bench.idle}
    bench.step("")
    ratios: dict[str, list[float]] = {name: [] for name in names}
    before, today = bench.step(""), []
    for _ in range(rounds):
        for group in (names[at : at + 2] for at in range(0, len(names), 2)):
            taken = {name: bench.step(name) for name in group}
            after = bench.step("")
            today.append(after)
            for name, seconds in taken.items():
                ratios[name].append(seconds / (0.5 * (before + after)))
            before = after
    return {"ratios": ratios, "today": statistics.median(today)}


def fresh(**wanted: Any) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", json.dumps(wanted)]
    found: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return found


def table(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Rows, situation by situation."""
    for kind, side, dtype in product(options.kind, options.side, options.dtype):
        names = [name for name in options.only if WITHOUT[name][0] == kind]
        if not names or (kind in ("tiles", "large") and side < TILE):
            continue
        place = {"kind": kind, "side": LARGE_SIDE if kind == "large" else side, "dtype": dtype}
        peaks = {
            name: statistics.median(fresh(**place, threads=1, name=name)["peak"] for _ in range(options.peaks))
            for name in ("", *names)
        }
        for threads in options.threads:
            times = fresh(**place, threads=threads, names=names, rounds=options.rounds)
            for name in names:
                row = {**place, "threads": threads, "name": name, "today_s": times["today"]}
                yield row | {"ratios": times["ratios"][name], "peak": peaks[""], "peak_without": peaks[name]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = list(dict.fromkeys(kind for kind, _ in WITHOUT.values()))
    parser.add_argument("--only", nargs="+", choices=WITHOUT, default=list(WITHOUT), help="only these kernels")
    parser.add_argument("--kind", nargs="+", choices=kinds, default=kinds, help="only these kinds of canvases")
    parser.add_argument("--dtype", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--side", nargs="+", type=int, default=[384, 1024])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3, help="of the times")
    parser.add_argument("--peaks", type=int, default=3, help="processes for each peak")
    parser.add_argument("--json", type=Path, help="add each row to this file as well, one a line")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(child(json.loads(options.child))))
        return
    print("| kernel | canvas | numbers | threads | s with | time without / with | MB with | MB without | / |")
    print("|---|---|---|---|---|---|---|---|---|")
    for row in table(options):
        ratios, peak, without = row["ratios"], row["peak"], row["peak_without"]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
        place = f"{row['side']}² {row['kind']} | {row['dtype']} | {row['threads']} | {row['today_s']:.2f}"
        print(f"| {row['name']} | {place} | {spread} | {peak:.0f} | {without:.0f} | {without / peak:.2f} |", flush=True)
        if options.json:
            with options.json.open("a") as file:
                file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
