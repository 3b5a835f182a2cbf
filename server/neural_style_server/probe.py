"""Tries torch, the device and the weights in a process of its own, and prints what it finds as JSON.

    python -m neural_style_server.probe DEVICE WEIGHTS FOLDER

For `neural-style doctor`, which must not crash or hang where a broken torch does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

GFLOP_PER_ITERATION = 213.0
"""One iteration on a square of 384 pixels, counted: forward through relu5_1 and backward to the picture."""

SHARE_OF_PEAK = 0.85
"""The network's rate as a share of a plain matrix product's, measured on a CPU."""

CPU_SIDE, GPU_SIDE = 1024, 4096
"""Sides of the matrix products."""

TIMEOUT_S = 180.0


def run_probe(device: str, weights: str | Path | None, folder: Path) -> dict[str, Any]:
    """What `main` prints, or {"error": …} if it did not get that far."""
    package_parent = str(Path(__file__).parent.parent)
    paths = [package_parent, *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-m", __name__, device, str(weights or ""), str(folder)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        found = json.loads(done.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2])
        return found if isinstance(found, dict) else {"error": "it printed no result"}
    except subprocess.TimeoutExpired:
        return {"error": f"it did not answer within {TIMEOUT_S:.0f} s"}
    except OSError as error:
        return {"error": str(error)}
    except ValueError:
        last_line = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return {"error": last_line or f"it ended with status {done.returncode}"}


def seconds_per_iteration(gflops: float) -> float:
    """Rough time of one iteration on 384 by 384 pixels, on a device with this rate."""
    return GFLOP_PER_ITERATION / (gflops * SHARE_OF_PEAK)


def main(arguments: list[str]) -> None:
    device, weights, folder = arguments
    found = {"device": _tried(_device, device), "weights": _tried(_weights, weights or None, Path(folder))}
    print(json.dumps(found))


def _tried(part: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    try:
        return part(*arguments)
    except Exception as error:  # whatever torch raises is the finding
        return {"error": str(error), "hint": getattr(error, "hint", "")}


def _device(wanted: str) -> dict[str, Any]:
    import torch

    from .engine.device import find_device

    device = find_device(wanted)
    title = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    side = CPU_SIDE if device.type == "cpu" else GPU_SIDE
    rates = {dtype: _gflops(str(device), dtype, side) for dtype in ("float32", "bfloat16")}
    return {"name": str(device), "title": title, "threads": torch.get_num_threads(), "gflops": rates}


def _gflops(device: str, dtype: str, side: int) -> float:
    """The best of a few timed matrix products, in 10⁹ operations a second; 0 if the device cannot do this."""
    from .engine.device import DTYPES, matrix_rate

    try:
        return matrix_rate(DTYPES[dtype], side, device) / 1e9
    except (RuntimeError, TypeError):
        return 0.0


def _weights(choice: str | None, folder: Path) -> dict[str, Any]:
    from . import weights

    if choice == "torchvision" and not (folder / weights.TORCHVISION_FILE).exists():
        return {"absent": True}
    network = weights.load_network(choice, folder)
    return {"name": network.name, "sha256": network.sha256}


if __name__ == "__main__":
    main(sys.argv[1:])
