"""What alpha, a soft mask and regions cost in an iteration, as ratios to a plain one of the same run.

python benchmarks/masks.py --size 384
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import replace
from pathlib import Path

import torch

from neural_style_server.engine import device
from neural_style_server.engine.method import Method
from neural_style_server.engine.objective import Objective
from neural_style_server.engine.targets import region_term
from neural_style_server.weights import load_network

ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=384)
    size = parser.parse_args().size
    place = device.choose()
    network = load_network(None, Path()).to(place.device, place.dtype)
    method = Method()
    generator = torch.Generator().manual_seed(0)
    image = (torch.rand(1, 3, size, size, generator=generator) * 255).to(place.device)
    mask = torch.rand(1, 1, size, size, generator=generator).to(place.device)
    term = region_term(network, image, method)
    cases = {
        "plain": Objective(network, method, image, [term]),
        "alpha": Objective(network, method, image, [replace(term, weight=mask)], visible=mask),
        "two regions": Objective(
            network, method, image, [replace(term, weight=mask, share=0.5), replace(term, weight=1 - mask, share=0.5)]
        ),
    }
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, objective in cases.items():
            started = time.perf_counter()
            objective.evaluate(image)
            seconds[name].append(time.perf_counter() - started)
    plain = statistics.median(seconds["plain"])
    print(f"{place.name}, {size} × {size}")
    for name, values in seconds.items():
        print(f"{name:12} {statistics.median(values):6.2f} s  {statistics.median(values) / plain:5.2f}")


if __name__ == "__main__":
    main()
