"""What `neural-style batch` adds to the engine's own time: the same photos by the command and by the engine alone,
alternating. The daemon has a home of its own, is warm before, and is ended after.

python benchmarks/batch.py --photos 40 --size 256 --rounds 1
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine_alone import EngineAlone, warm_daemon
from PIL import Image

from neural_style_client import Client

ROOT = Path(__file__).resolve().parent.parent


def make_photos(folder: Path, count: int, size: int) -> None:
    """Parts of the sample picture, each another one, as JPEG."""
    folder.mkdir()
    with Image.open(ROOT / "presets" / "_sample.jpg") as sample:
        side = min(sample.size) // 2
        for number in range(count):
            left = (sample.width - side) * number // max(1, count - 1)
            top = (sample.height - side) * (number % 3) // 2
            part = sample.convert("RGB").crop((left, top, left + side, top + side)).resize((size, size))
            part.save(folder / f"{number:03}.jpg", quality=95)


def by_batch(folder: Path, words: list[str]) -> float:
    """Seconds of the command, from its start to its end."""
    command = [sys.executable, "-m", "neural_style_server", "batch", "photos", "-o", "painted", "--force", *words]
    started = time.perf_counter()
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if run.returncode:
        raise SystemExit(run.stderr)
    return seconds


def new_jobs(client: Client, known: set[str]) -> list[str]:
    found = [job["id"] for job in client.jobs() if job["id"] not in known]
    known |= set(found)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--preset", default="stained-glass")
    parser.add_argument("--quality", default="standard")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="benchmark-batch-"))
    home = folder / "home"
    words = ["--preset", options.preset, "--quality", options.quality]
    make_photos(folder / "photos", options.photos, options.size)
    try:
        with warm_daemon(home) as client:
            engine, known, ratios = EngineAlone(home), set[str](), list[float]()
            print("load before:", " ".join(f"{value:.2f}" for value in os.getloadavg()))
            print("round  batch s  engine s  ratio")
            for number in range(options.rounds):
                batch = by_batch(folder, words)
                jobs = new_jobs(client, known)
                alone = sum(engine.seconds(job) for job in jobs)
                ratios.append(batch / alone)
                print(f"{number + 1:5}  {batch:7.1f}  {alone:8.1f}  {ratios[-1]:5.3f}", flush=True)
            print(f"median ratio {statistics.median(ratios):.3f} of {options.photos} photos")
            print("load after:", " ".join(f"{value:.2f}" for value in os.getloadavg()))
            engine.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
