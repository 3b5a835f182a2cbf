"""Flicker: how far each frame is from the one before, carried along the motion. The clip's own, frame by frame with one
seed, and as a sequence; by OpenCV's flow where it is reliable, and for a clip of our own by its true motion.

    python benchmarks/video.py --preset night-swirl --preset mosaic --size 450 --frames 10 [--clip FILE]

Without `--clip` it is the drawn boat (`boat.py`). Warping error: mean absolute difference, 0–255, on reliable places
(Ruder et al. 2016). Nearest, palette and content as in `peers.py`, mean of all frames; seconds are of a frame, without
the first. The daemon that is running paints, or a new one. Painted frames are kept in `--out`.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from boat import frames as boat_frames
from peers import scores
from PIL import Image
from rich.console import Console
from rich.table import Table

from neural_style_client import Client, connect
from neural_style_server.engine.carried import warp
from neural_style_server.engine.motion import motion_between
from neural_style_server.video.video_file import VideoFile

Array = Any
TRUSTED = 0.9
"""From this trust on a place is reliable."""


def clip_frames(path: Path | None, count: int, size: int) -> tuple[list[Array], list[Array] | None, list[Array] | None]:
    """Frames (H, W, 3) uint8, and the true flow and where it is reliable, if that is known."""
    if path is None:
        return boat_frames(count, size, round(size * 0.78))
    clip = VideoFile(path, resize=size)
    found = []
    for frame in clip.frames():
        found.append(np.ascontiguousarray(frame.read().pixels[..., :3]))
        if len(found) == count:
            break
    return found, None, None


def upload(client: Client, pixels: Array) -> str:
    opaque = np.dstack([pixels, np.full(pixels.shape[:2], 255, "u1")])
    return str(client.upload(opaque.tobytes(), pixels.shape[1], pixels.shape[0])["id"])


def finish(client: Client, job: str) -> Array:
    ended = list(client.events(job))[-1]
    if ended.name == "error" or ended.data.get("state") != "done":
        raise SystemExit(f"a frame was not painted: {ended.data}")
    result = client.result(job)
    return np.frombuffer(result.data, "u1").reshape(result.height, result.width, 4)[..., :3]


def alone(client: Client, frames: Sequence[Array], preset: str) -> tuple[list[Array], float]:
    """Each frame by itself, with the preset's seed; seconds of one."""
    painted, seconds = [], []
    for pixels in frames:
        body = {"content": upload(client, pixels), "preset": preset, "frames": {"every": 1_000_000}}
        began = time.perf_counter()
        painted.append(finish(client, client.submit(body)["id"]))
        seconds.append(time.perf_counter() - began)
    return painted, statistics.mean(seconds[1:] or seconds)


def as_sequence(client: Client, frames: Sequence[Array], preset: str) -> tuple[list[Array], float]:
    sequence = client.sequences.start({"preset": preset})["id"]
    painted, seconds = [], []
    for pixels in frames:
        content = upload(client, pixels)
        began = time.perf_counter()
        painted.append(finish(client, client.sequences.add_frame(sequence, {"content": content})["id"]))
        seconds.append(time.perf_counter() - began)
    client.sequences.delete(sequence)
    return painted, statistics.mean(seconds[1:] or seconds)


def warping_error(frames: Sequence[Array], flows: Sequence[Array], reliable: Sequence[Array]) -> float:
    errors = []
    for before, now, flow, places in zip(frames, frames[1:], flows, reliable, strict=False):
        carried = warp(torch.from_numpy(before.astype("f4")).permute(2, 0, 1)[None], flow)[0].permute(1, 2, 0).numpy()
        errors.append(float(np.abs(carried - now)[places].mean()))
    return statistics.mean(errors)


def mean_scores(frames: Sequence[Array], painted: Sequence[Array], style: Path, folder: Path) -> dict[str, float]:
    found = []
    for number, (content, result) in enumerate(zip(frames, painted, strict=True), 1):
        paths = folder / f"{number:04}.png", folder / f"{number:04}-content.png"
        for path, pixels in zip(paths, (result, content), strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
        found.append(scores(*paths, style))
    return {name: statistics.mean(score[name] for score in found) for name in found[0]}


def style_file(client: Client, preset: str) -> Path:
    root = Path(__file__).resolve().parent.parent / "presets"
    return root / preset / str(client.preset(preset)["images"][0]["file"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--preset", action="append", required=True)
    parser.add_argument("--size", type=int, default=450)
    parser.add_argument("--frames", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("out/video"))
    options = parser.parse_args()
    frames, true_flows, true_places = clip_frames(options.clip, options.frames, options.size)
    motions = [motion_between(before, now) for before, now in itertools.pairwise(frames)]
    flows, places = [motion.flow for motion in motions], [motion.trust > TRUSTED for motion in motions]
    client = connect()
    table = Table("preset", "who", "OpenCV's flow", "true flow", "nearest", "palette", "content", "s a frame")

    def row(preset: str, who: str, shown: Sequence[Array], found: dict[str, float], seconds: float) -> None:
        true = "" if true_flows is None else f"{warping_error(shown, true_flows, true_places or []):.2f}"
        score = [f"{found[name]:{form}}" if found else "" for name, form in SHOWN]
        cells = [preset, who, f"{warping_error(shown, flows, places):.2f}", true, *score, f"{seconds:.1f}"]
        table.add_row(*cells)
        print(*cells, flush=True)

    row("", "the clip", frames, {}, 0.0)
    for preset in options.preset:
        style = style_file(client, preset)
        for who, paint in (("frame by frame", alone), ("sequence", as_sequence)):
            painted, seconds = paint(client, frames, preset)
            folder = options.out / f"{preset}-{who.replace(' ', '-')}"
            row(preset, who, painted, mean_scores(frames, painted, style, folder), seconds)
    Console().print(table)


SHOWN = (("nearest", ".3f"), ("palette", ".1f"), ("content", ".0f"))

if __name__ == "__main__":
    main()
