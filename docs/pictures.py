"""Makes the pictures of the documents, and the presets' thumbnails, with the running program.

    python docs/pictures.py demo | thumbnails | controls | layer | all

Everything is painted by the daemon from the project's own sample and style art.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from neural_style_server.client import Client, connect
from neural_style_server.presets.sheet import contact_sheet

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SAMPLE = ROOT / "presets" / "_sample.jpg"
SIDE = 384
PAGE, INK = "#1e1e1e", "#d8d8d8"
CONTROLS: Mapping[str, tuple[Any, ...]] = {
    "strength": (15, 50, 90),
    "brush_size": (50, 100, 220),
    "colour": ("style", "mixed", "mine"),
    "detail": (10, 50, 95),
    "smoothness": (0, 30, 100),
    "boldness": (10, 50, 90),
    "less_white": (0, 50, 100),
}


def sample(side: int = SIDE) -> Image.Image:
    image = Image.open(SAMPLE).convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def upload(client: Client, image: Image.Image) -> str:
    rgba = image.convert("RGBA")
    return str(client.upload(rgba.tobytes(), rgba.width, rgba.height)["id"])


def paint(client: Client, spec: Mapping[str, Any], frames: list[int] | None = None) -> list[Image.Image]:
    """The chosen frames, and last the result."""
    job = client.submit({"client": "docs", "frames": {"at": frames or [1_000_000]}, **spec})
    kept = []
    for event in client.events(job["id"]):
        if event.name == "frame" and event.data["iteration"] in (frames or []):
            kept.append(opened(client.png(job["id"], event.data["number"])))
        elif event.name == "error":
            raise SystemExit(event.data["detail"])
    result = opened(client.png(job["id"]))
    client.delete_job(job["id"])
    return [*kept, result]


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGBA")


def row(items: list[tuple[str, Image.Image]], height: int = 220) -> Image.Image:
    """Labelled pictures side by side."""
    shown = [
        (label, image.convert("RGB").resize((round(image.width * height / image.height), height)))
        for label, image in items
    ]
    width = sum(image.width + 8 for _, image in shown) + 8
    page = Image.new("RGB", (width, height + 34), PAGE)
    draw, x = ImageDraw.Draw(page), 8
    for label, image in shown:
        page.paste(image, (x, 8))
        draw.text((x, height + 12), label, INK, ImageFont.load_default(15))
        x += image.width + 8
    return page


def column(rows: list[Image.Image]) -> Image.Image:
    page = Image.new("RGB", (max(r.width for r in rows), sum(r.height for r in rows)), PAGE)
    y = 0
    for part in rows:
        page.paste(part, (0, y))
        y += part.height
    return page


def save(image: Image.Image, name: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    image.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(IMAGES / name, optimize=True)
    print(IMAGES / name)


def demo(client: Client) -> None:
    """Content, style, three moments, result."""
    content = sample()
    style = Image.open(ROOT / "presets" / "night-swirl" / "style.jpg")
    moments = [2, 12, 40]
    painted = paint(client, {"content": upload(client, content), "preset": "night-swirl"}, moments)
    labels = [f"iteration {moment}" for moment in moments] + ["result"]
    save(row([("photo", content), ("style", style), *zip(labels, painted, strict=True)]), "demo.png")


def thumbnails(client: Client) -> None:
    """Each built-in preset on the sample, as its thumbnail and on one sheet."""
    content, tiles = sample(), []
    identity = upload(client, content)
    for preset in client.presets():
        if preset["library"] != "built-in":
            continue
        result = paint(client, {"content": identity, "preset": preset["name"]})[-1].convert("RGB")
        small = result.copy()
        small.thumbnail((256, 256), Image.Resampling.LANCZOS)
        small.save(ROOT / "presets" / preset["name"] / "thumbnail.png", optimize=True)
        tiles.append((preset["title"], result))
        print(preset["name"], flush=True)
    save(contact_sheet(tiles, columns=4, content=content, tile=300, content_title="The sample"), "presets.png")


def controls(client: Client) -> None:
    """What each control does, from low to high."""
    identity = upload(client, sample(208))
    rows = []
    for name, values in CONTROLS.items():
        spec = {"content": identity, "preset": "watercolour-wash"}
        painted = [(f"{name} {value}", paint(client, {**spec, "controls": {name: value}})[-1]) for value in values]
        rows.append(row(painted, 190))
        print(name, flush=True)
    save(column(rows), "controls.png")


def layer(client: Client) -> None:
    """What a layer is: alpha, a feathered selection, two regions, a picture that tiles."""
    content = sample(208)
    width, height = content.size
    y, x = np.mgrid[:height, :width]
    disc = np.clip(1.6 - 1.6 * np.hypot((x - width / 2) / (width / 2), (y - height / 2) / (height / 2)), 0, 1)
    left = np.clip((width * 0.55 - x) / (width * 0.1), 0, 1)
    cut = content.convert("RGBA")
    cut.putalpha(
        Image.fromarray((np.hypot((x - width / 2) / width, (y - height / 2) / height) < 0.42).astype(np.uint8) * 255)
    )
    masks = {
        name: upload(client, grey(values)) for name, values in (("disc", disc), ("left", left), ("right", 1 - left))
    }
    plain = upload(client, content)
    regions = [{"mask": masks["left"], "preset": "stained-glass"}, {"mask": masks["right"], "preset": "ink-wash"}]
    specs = {
        "transparent layer": {"content": upload(client, cut), "preset": "impasto-oil"},
        "feathered selection": {"content": plain, "preset": "mosaic", "mask": masks["disc"]},
        "two regions": {"content": plain, "preset": "stained-glass", "regions": regions},
    }
    painted = [(name, on_checks(paint(client, spec)[-1])) for name, spec in specs.items()]
    tile = paint(client, {"content": plain, "preset": "marbling", "method": {"seamless": True}})[-1].convert("RGB")
    twice = Image.new("RGB", (tile.width * 2, tile.height * 2))
    for place in ((0, 0), (tile.width, 0), (0, tile.height), (tile.width, tile.height)):
        twice.paste(tile, place)
    save(row([*painted, ("seamless, four times", twice)], 190), "layer.png")


def grey(values: Any) -> Image.Image:
    return Image.fromarray((values * 255).astype(np.uint8)).convert("RGBA")


def on_checks(image: Image.Image) -> Image.Image:
    """On the grey checks that editors show behind transparency."""
    y, x = np.mgrid[: image.height, : image.width]
    checks = np.where((x // 8 + y // 8) % 2, 150, 105).astype(np.uint8)
    page = Image.fromarray(checks).convert("RGBA")
    page.alpha_composite(image)
    return page.convert("RGB")


MAKERS = {"demo": demo, "thumbnails": thumbnails, "controls": controls, "layer": layer}


def main() -> None:
    wanted = sys.argv[1:] or ["all"]
    client = connect()
    for name, maker in MAKERS.items():
        if name in wanted or "all" in wanted:
            maker(client)


if __name__ == "__main__":
    main()
