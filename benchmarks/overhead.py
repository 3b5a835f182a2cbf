"""What the daemon adds to the engine's own time: the same job, with the same method, through HTTP and without,
alternating. The daemon has a home of its own, is warm before, and is ended after.

python benchmarks/overhead.py --size 256 --iterations 20 --rounds 3
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path

from engine_alone import EngineAlone, warm_daemon
from PIL import Image

from neural_style_client import Client

ROOT = Path(__file__).resolve().parent.parent
PRESET = "stained-glass"


def through_daemon(client: Client, image: Image.Image, iterations: int) -> tuple[str, float, float]:
    """(the job, seconds from submitting to done, median milliseconds of a health check meanwhile)."""
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
    return job["id"], seconds, statistics.median(answers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    image = Image.open(ROOT / "presets" / "_sample.jpg").convert("RGB")
    image.thumbnail((options.size, options.size))
    home = Path(tempfile.mkdtemp(prefix="benchmark-overhead-"))
    try:
        with warm_daemon(home) as client:
            engine, ratios = EngineAlone(home), list[float]()
            print("round  daemon s  engine s  ratio  health ms")
            for number in range(options.rounds):
                job, with_daemon, health = through_daemon(client, image, options.iterations)
                alone = engine.seconds(job)
                ratios.append(with_daemon / alone)
                print(f"{number + 1:5}  {with_daemon:8.2f}  {alone:8.2f}  {ratios[-1]:5.2f}  {health:9.1f}")
            print(f"median ratio {statistics.median(ratios):.3f}")
            engine.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
