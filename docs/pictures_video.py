"""The picture of docs/video.md: a drawn clip of a moving boat, and the same frames painted as a sequence."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pictures_page import ROOT, column, follow, opened, row, save, upload
from PIL import Image

from neural_style_client import Client

sys.path.append(str(ROOT / "benchmarks"))
from boat import frames as boat_frames

SHOWN = ("night-swirl", "gouache")
WIDTH, HEIGHT, FRAMES, STEP = 256, 200, 5, 4
"""Every fourth frame, so that the boat is seen to move."""


def strip(client: Client) -> None:
    """The clip, and under it each style."""
    clip = [Image.fromarray(pixels) for pixels in boat_frames(FRAMES * STEP, WIDTH, HEIGHT)[0][::STEP]]
    rows = [row([(f"frame {number}", image) for number, image in enumerate(clip, 1)], HEIGHT)]
    for preset in SHOWN:
        painted = sequence(client, clip, preset)
        rows.append(row([(preset, image) for image in painted], HEIGHT))
    save(column(rows), "video.jpg")


def sequence(client: Client, clip: Sequence[Image.Image], preset: str) -> list[Image.Image]:
    identity = client.sequences.start({"preset": preset, "client": "docs"})["id"]
    jobs = [client.sequences.add_frame(identity, {"content": upload(client, image)})["id"] for image in clip]
    painted = []
    for job in jobs:
        follow(client, job, ())
        painted.append(opened(client.png(job)))
        print(preset, len(painted), flush=True)
    client.sequences.delete(identity)
    return painted
