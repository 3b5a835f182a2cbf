"""A short measurement of what an iteration costs on this machine, which forecasts rest on."""

from __future__ import annotations

import time
from typing import Any

import torch

from ..kernels.cuda_graph import AS_USUAL
from ..method import Method
from ..objective import Objective, RegionTerm
from ..targets import style_moments
from ..vgg import Network
from .limits import memory_free

VERSION = "2"
"""Of what is measured: an older calibration is taken again."""

SIDES = {"cpu": (64, 320), "cuda": (64, 512)}
"""Of the canvases; a GPU is idle half of the time at 320."""

REPEATS = {"cpu": 2, "cuda": AS_USUAL + 4}
"""On CUDA what is wanted is the time of a recording."""


def measure(network: Network) -> dict[str, Any]:
    """Seconds of one iteration at two sizes, as {"pixels": [n, m], "seconds": [s, t]}; takes two or three
    seconds on two cores.

    "device_bytes" is what a GPU has free for painting, or None where the network is in the host's memory.
    """
    method = Method()
    sides = SIDES.get(network.device.type, SIDES["cpu"])
    seconds = [_iteration_seconds(network, method, side) for side in sides]
    memory = memory_free(network.device) if network.device.type == "cuda" else None
    return {"pixels": [side * side for side in sides], "seconds": seconds, "device_bytes": memory}


def warm(network: Network) -> None:
    """A small iteration or a few, so that what is made at first use is not made in the first job."""
    _iteration_seconds(network, Method(), SIDES["cpu"][0])


def _iteration_seconds(network: Network, method: Method, side: int) -> float:
    generator = torch.Generator().manual_seed(0)
    image = (torch.rand(1, 3, side, side, generator=generator) * 255).to(network.device)
    objective = Objective(network, method, image, [RegionTerm(None, style_moments(network, image, method))])
    best = float("inf")
    for _ in range(REPEATS.get(network.device.type, REPEATS["cpu"])):
        started = time.perf_counter()
        objective.evaluate(image)  # ends with the losses as Python numbers, so the device has finished
        best = min(best, time.perf_counter() - started)
    return best
