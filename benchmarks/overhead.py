"""What the daemon adds to the engine's own time: the same job through HTTP and without, alternating.

python benchmarks/overhead.py --size 256 --iterations 20 --rounds 3
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from neural_style_client import Client, connect
from neural_style_server.engine import device
from neural_style_server.engine.method import Method
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.weights import load_network

ROOT = Path(__file__).resolve().parent.parent
PRESET = "stained-glass"


def through_daemon(client: Client, image: Image.Image, iterations: int) -> tuple[float, float]:
    """(seconds from submitting to done, median milliseconds of a health check meanwhile)."""
    rgba = image.convert("RGBA")
    identity = client.upload(rgba.tobytes(), rgba.width, rgba.height)["id"]
    answers: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.1):
            started = time.perf_counter()
            client.health()
            answers.append(1000 * (time.perf_counter() - started))

    asker = threading.Thread(target=ask)
    asker.start()
    started = time.perf_counter()
    spec = {"content": identity, "preset": PRESET, "method": {"iterations": iterations, "plateau": 0.0}}
    job = client.submit({**spec, "frames": {"every": 10}})
    for _ in client.events(job["id"]):
        pass
    seconds = time.perf_counter() - started
    over.set()
    asker.join()
    client.delete_job(job["id"])
    return seconds, statistics.median(answers)


def engine_alone(image: Image.Image, iterations: int) -> float:
    """Seconds for the same picture without daemon, files or frames."""
    place = device.choose()
    network = load_network(None, Path()).to(place.device, place.dtype)
    style = Image.open(ROOT / "presets" / PRESET / "style.jpg").convert("RGB")
    tensors = [torch.from_numpy(np.asarray(p, dtype=np.float32)).permute(2, 0, 1)[None] for p in (image, style)]
    method = Method(iterations=iterations, style_scale=1.1)
    started = time.perf_counter()
    for _ in Transfer(network, Task(tensors[0], [Region([Style(tensors[1])])]), method):
        pass
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    image = Image.open(ROOT / "presets" / "_sample.jpg").convert("RGB")
    image.thumbnail((options.size, options.size))
    client = connect()
    while not client.health()["warm"]:
        time.sleep(0.1)
    ratios = []
    print("round  daemon s  engine s  ratio  health ms")
    for number in range(options.rounds):
        with_daemon, health = through_daemon(client, image, options.iterations)
        alone = engine_alone(image, options.iterations)
        ratios.append(with_daemon / alone)
        print(f"{number + 1:5}  {with_daemon:8.2f}  {alone:8.2f}  {ratios[-1]:5.2f}  {health:9.1f}")
    print(f"median ratio {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
