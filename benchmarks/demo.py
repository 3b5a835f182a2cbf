"""The demo: a daemon, a photo, a preset, over HTTP as a plug-in does it; every frame and the result are saved."""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

import neural_style_client as api

TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


def arguments() -> argparse.Namespace:
    """What the Makefile passes on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photo", type=Path, required=True)
    parser.add_argument("--preset", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=384)
    return parser.parse_args()


def small_photo(path: Path, size: int) -> bytes:
    """The photo at the demo's size as PNG: the demo shows the whole way in well under a minute."""
    with Image.open(path) as image:
        image = image.convert("RGB")
        image.thumbnail((size, size), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def wait_until_warm(client: api.Client) -> None:
    """The first job would wait for the network anyway; waiting here keeps the demo's own times honest."""
    started = time.perf_counter()
    while True:
        health = client.health()
        if health["warm"]:
            break
        if health["worker"] == "failed":
            raise api.DaemonGone(health["detail"])
        time.sleep(0.05)
    print(f"warm after {time.perf_counter() - started:.1f} s on {health['device']}: {health['network']}")


def paint(client: api.Client, photo: bytes, preset: str, folder: Path) -> None:
    """Submit, show progress, save frames as they come, save the result and the loss curves."""
    image = client.upload_encoded(photo, "image/png")
    started = time.perf_counter()
    job = client.submit({"content": image["id"], "preset": preset, "client": "demo", "on_disconnect": "cancel"})
    print(f"forecast: {job['forecast']['seconds']:.0f} s, {job['forecast']['bytes'] / 2**20:.0f} MiB")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f} {task.fields[note]}"),
    )
    first = None
    with Progress(*columns, console=Console()) as bar:
        task = bar.add_task(preset, total=job["iterations"], note="")
        for event in client.events(job["id"]):
            if event.name == "frame":
                first = first or time.perf_counter() - started
                save_frame(client, job["id"], event.data, folder)
            elif event.name == "progress":
                note = f"loss {event.data['loss']['total']:.4g}, {event.data['eta']:.0f} s left"
                bar.update(task, completed=event.data["iteration"], total=event.data["iterations"], note=note)
            elif event.name == "error":
                raise api.DaemonError(500, event.data)
    seconds = time.perf_counter() - started
    (folder / "result.png").write_bytes(client.png(job["id"]))
    (folder / "losses.png").write_bytes(client.losses(job["id"], "image/png"))
    print(f"first frame after {first or 0:.2f} s, finished after {seconds:.1f} s")
    print(f"result  {folder / 'result.png'}\nframes  {folder / 'frames'}\nlosses  {folder / 'losses.png'}")


def save_frame(client: api.Client, identity: str, frame: dict[str, int], folder: Path) -> None:
    path = folder / "frames" / f"{frame['number']:04}-iteration-{frame['iteration']:05}.png"
    try:
        path.write_bytes(client.png(identity, frame["number"]))
    except api.DaemonError as error:
        if error.code != "no_frame":
            raise


def main() -> int:
    options = arguments()
    if not options.photo.is_file():
        print(f"There is no picture at {options.photo}. Give one with PHOTO=/path/photo.jpg.", file=sys.stderr)
        return 2
    os.environ.setdefault("NEURAL_STYLE_HOME", str(options.out.resolve() / "home"))
    frames = options.out / "frames"
    frames.mkdir(parents=True, exist_ok=True)
    for old in frames.glob("*.png"):
        old.unlink()
    try:
        running = api.find_daemon()
        client = running or api.start_daemon()
        wait_until_warm(client)
        paint(client, small_photo(options.photo, options.size), options.preset, options.out)
        if running is None:
            client.shutdown()
    except (api.DaemonError, api.DaemonGone) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
