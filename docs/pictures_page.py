"""What the pictures in docs/ are made of: the sample, jobs of the running daemon, labelled rows and columns."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from neural_style_client import Client

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PAGE, INK = "#1e1e1e", "#d8d8d8"
NEVER = {"at": [1_000_000]}
Item = tuple[str, Image.Image]


def sample(side: int = 384) -> Image.Image:
    image = Image.open(ROOT / "presets" / "_sample.jpg").convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def art(preset: str, side: int = 768) -> Image.Image:
    """The style image of a built-in preset."""
    image = Image.open(ROOT / "presets" / preset / "style.jpg").convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def upload(client: Client, image: Image.Image) -> str:
    rgba = image.convert("RGBA")
    return str(client.upload(rgba.tobytes(), rgba.width, rgba.height)["id"])


def mask(client: Client, values: Any) -> str:
    """Upload a mask of values from 0 to 1, (H, W)."""
    return upload(client, grey(values))


def grey(values: Any) -> Image.Image:
    return Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8))


def follow(client: Client, job: str, wanted: Sequence[int] = ()) -> list[Image.Image]:
    """Wait for the job to succeed; the frames of the wanted iterations."""
    kept = []
    for event in client.events(job):
        if event.name == "frame" and event.data["iteration"] in wanted:
            kept.append(opened(client.png(job, event.data["number"])))
        elif event.name == "error":
            raise SystemExit(event.data["detail"])
    return kept


def paint(client: Client, spec: Mapping[str, Any], frames: Sequence[int] = ()) -> list[Image.Image]:
    """The frames of the wanted iterations, then the result."""
    job = client.submit({"client": "docs", "frames": {"at": list(frames)} if frames else NEVER, **spec})["id"]
    kept = follow(client, job, frames)
    result = opened(client.png(job))
    client.delete_job(job)
    return [*kept, result]


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGBA")


def row(items: Sequence[Item], height: int = 220) -> Image.Image:
    """Labelled pictures side by side."""
    shown = [
        (label, on_checks(image.resize((round(image.width * height / image.height), height)))) for label, image in items
    ]
    width = sum(image.width + 8 for _, image in shown) + 8
    page = Image.new("RGB", (width, height + 34), PAGE)
    draw, x = ImageDraw.Draw(page), 8
    for label, image in shown:
        page.paste(image, (x, 8))
        draw.text((x, height + 12), label, INK, ImageFont.load_default(15))
        x += image.width + 8
    return page


def column(rows: Sequence[Image.Image]) -> Image.Image:
    page = Image.new("RGB", (max(r.width for r in rows), sum(r.height for r in rows)), PAGE)
    y = 0
    for part in rows:
        page.paste(part, (0, y))
        y += part.height
    return page


def fitted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The whole image, centred on a page of that size."""
    page, small = Image.new("RGB", size, "#2b2b2b"), image.copy()
    small.thumbnail(size, Image.Resampling.LANCZOS)
    page.paste(small, ((size[0] - small.width) // 2, (size[1] - small.height) // 2))
    return page


def on_checks(image: Image.Image) -> Image.Image:
    """The image on the grey checkerboard that editors show behind transparency."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    y, x = np.mgrid[: image.height, : image.width]
    checks = np.where((x // 8 + y // 8) % 2, 150, 105).astype(np.uint8)
    page = Image.fromarray(checks).convert("RGBA")
    page.alpha_composite(image)
    return page.convert("RGB")


def save(image: Image.Image, name: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    if name.endswith(".jpg"):
        image.convert("RGB").save(IMAGES / name, quality=88, optimize=True)
    else:
        image.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(IMAGES / name, optimize=True)
    print(IMAGES / name, flush=True)
