"""Where the network runs and in which numbers: detected and measured, never assumed."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import torch

from ..errors import EngineError

PROBE_SIDE = 512
"""Side of the matrix product that decides between float32 and bfloat16 on a CPU; takes 20 ms."""

REPEATS, LONG_S = 4, 0.5
"""Matrix products of which the fastest counts; one that takes longer than LONG_S is not repeated."""

WORTHWHILE = 1.3
"""bfloat16 must be so many times faster to be chosen; where it is emulated it is not."""

AMPERE = (8, 0)
"""Compute capability of the first NVIDIA cards that multiply in bfloat16."""

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class DeviceMissing(EngineError):
    code = "device"
    hint = "Set 'device' to auto or cpu in the settings file, or mend the driver."


@dataclass(frozen=True)
class Place:
    """A device and the network's type on it; `name` is for people."""

    device: torch.device
    dtype: torch.dtype
    name: str


def choose(device: str = "auto", dtype: str = "auto", threads: int = 0) -> Place:
    """What the settings ask for. Raises DeviceMissing rather than fall back to another device."""
    if threads:
        torch.set_num_threads(threads)
    place = find_device(device)
    chosen = _dtype(place) if dtype == "auto" else DTYPES[dtype]
    return Place(place, chosen, _name(place, chosen))


def other_gpus(place: Place) -> list[str]:
    """The machine's other GPUs, where the settings name none in particular."""
    if place.device.type != "cuda" or place.device.index is not None:
        return []
    return [f"cuda:{index}" for index in range(1, torch.cuda.device_count())]


def be_deterministic(wanted: bool) -> None:
    """Same seed, same picture to the bit. On CUDA this forbids kernels that sum in arbitrary order.

    cuDNN always chooses its algorithms by its own rules: trying them takes three to five seconds per size of canvas
    and gains nothing measurable.
    """
    if wanted:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # torch requires it for products on CUDA
    torch.use_deterministic_algorithms(wanted, warn_only=True)
    torch.backends.cudnn.benchmark = False


def matrix_rate(dtype: torch.dtype, side: int = PROBE_SIDE, device: str = "cpu") -> float:
    """Measured FLOP/s of a square matrix product: the peak that iterations are compared with."""
    a = torch.randn(side, side, device=device).to(dtype)
    b = torch.randn(side, side, device=device).to(dtype)
    best = float("inf")
    for _ in range(REPEATS):
        _synchronise(device)
        started = time.perf_counter()
        a @ b
        _synchronise(device)
        best = min(best, time.perf_counter() - started)
        if best > LONG_S:
            break
    return 2 * side**3 / best


def _synchronise(device: str) -> None:
    if device != "cpu":
        getattr(torch, torch.device(device).type).synchronize()


def find_device(wanted: str) -> torch.device:
    """The device of this name, or with "auto" the best there is. Raises DeviceMissing."""
    if wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise DeviceMissing(f"The settings ask for {wanted}, but torch sees no CUDA device.")
    if wanted.startswith("cuda:") and int(wanted[5:]) >= torch.cuda.device_count():
        raise DeviceMissing(f"The settings ask for {wanted}, but there are only {torch.cuda.device_count()}.")
    if wanted == "mps" and not torch.backends.mps.is_available():
        raise DeviceMissing("The settings ask for mps, but torch sees no Apple GPU.")
    return torch.device(wanted)


def _dtype(device: torch.device) -> torch.dtype:
    if device.type == "cuda":
        return torch.bfloat16 if _multiplies_bfloat16(device) else torch.float32
    if device.type == "cpu" and matrix_rate(torch.bfloat16) > WORTHWHILE * matrix_rate(torch.float32):
        return torch.bfloat16
    return torch.float32


def _multiplies_bfloat16(device: torch.device) -> bool:
    """Whether in hardware: for older cards torch reports support that is emulation."""
    if torch.version.hip is not None:
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cuda.get_device_capability(device) >= AMPERE)


def _name(device: torch.device, dtype: torch.dtype) -> str:
    short = str(dtype).removeprefix("torch.")
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} ({short})"
    if device.type == "mps":
        return f"Apple GPU ({short})"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'' if threads == 1 else 's'} ({short})"
