"""A short measurement of what an iteration costs on this machine; forecasts rest on it."""

from __future__ import annotations

import time
from typing import Any

import torch

from ..kernels.cuda_graph import CALLS_BEFORE_RECORDING
from ..method import Method
from ..objective import Objective
from ..targets import region_term
from ..vgg import Network
from .limits import available_bytes

VERSION = "3"
"""A calibration of another version is taken again."""

SIDES = {"cpu": (64, 320), "cuda": (64, 512), "mps": (64, 512)}
"""Sides of the two square canvases, in pixels; a GPU is idle half of the time at 320."""

REPEATS = {"cpu": 4, "cuda": CALLS_BEFORE_RECORDING + 4, "mps": 4}
"""Iterations per canvas, of which the fastest counts; on CUDA that is one of a recorded graph."""


def measure(network: Network) -> dict[str, Any]:
    """Seconds of one iteration at two sizes, as {"pixels": [n, m], "seconds": [s, t]}; takes a few seconds.

    "device" is the kind of device; "device_bytes" the free memory of its own that it has, or None for the host's.
    """
    method, kind = Method(), network.device.type
    seconds = [_iteration_seconds(network, method, side) for side in SIDES[kind]]
    memory = available_bytes(network.device) if kind == "cuda" else None
    return {
        "pixels": [side * side for side in SIDES[kind]],
        "seconds": seconds,
        "device": kind,
        "device_bytes": memory,
    }


def warm_up(network: Network) -> None:
    """A small iteration, so that what libraries set up at first use does not delay the first job."""
    _iteration_seconds(network, Method(), SIDES[network.device.type][0])


def _iteration_seconds(network: Network, method: Method, side: int) -> float:
    generator = torch.Generator().manual_seed(0)
    image = (torch.rand(1, 3, side, side, generator=generator) * 255).to(network.device)
    objective = Objective(network, method, image, [region_term(network, image, method)])
    best = float("inf")
    for _ in range(REPEATS[network.device.type]):
        started = time.perf_counter()
        objective.evaluate(image)  # returns the losses as Python numbers, so the device has finished
        best = min(best, time.perf_counter() - started)
    return best
