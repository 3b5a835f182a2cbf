"""Makes the pictures in docs/ and the presets' thumbnails with the running daemon.

    python docs/pictures.py NAME… | all

The daemon paints everything from the project's own sample and style art.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pictures_layer
import pictures_method
import pictures_screens
import pictures_subjects
import pictures_video
import pictures_wrong
from pictures_page import ROOT, Item, art, column, fitted, mask, paint, row, sample, save, upload
from PIL import Image

from neural_style_client import Client, connect
from neural_style_server.presets.contact_sheet import contact_sheet

CONTROLS: Mapping[str, tuple[Any, ...]] = {
    "strength": (15, 50, 90),
    "brush_size": (50, 100, 220),
    "colour": ("style", "mixed", "mine"),
    "detail": (10, 50, 95),
    "smoothness": (0, 30, 100),
    "boldness": (10, 50, 90),
    "less_white": (0, 50, 100),
}


def demo(client: Client) -> None:
    """The content, the style, three frames and the result."""
    content, moments = sample(), [2, 12, 40]
    painted = paint(client, {"content": upload(client, content), "preset": "night-swirl"}, moments)
    labels = [f"iteration {moment}" for moment in moments] + ["result"]
    save(row([("photo", content), ("style", art("night-swirl")), *zip(labels, painted, strict=True)]), "demo.png")


def thumbnails(client: Client) -> None:
    """The sample in each built-in preset, as thumbnails and on one page."""
    identity = upload(client, sample())
    for preset in client.presets():
        if preset["library"] != "built-in":
            continue
        small = paint(client, {"content": identity, "preset": preset["name"]})[-1].convert("RGB")
        small.thumbnail((256, 256), Image.Resampling.LANCZOS)
        small.save(ROOT / "presets" / preset["name"] / "thumbnail.png", optimize=True)
        print(preset["name"], flush=True)
    sheet(client)


def sheet(client: Client) -> None:
    """The thumbnails of all built-in presets on one page."""
    tiles = [
        (preset["title"], Image.open(ROOT / "presets" / preset["name"] / "thumbnail.png"))
        for preset in client.presets()
        if preset["library"] == "built-in"
    ]
    save(contact_sheet(tiles, columns=4, content=sample(), tile=240, content_title="The sample"), "presets.png")


def controls(client: Client) -> None:
    """What each control does, from low to high."""
    identity, rows = upload(client, sample(176)), []
    for name, values in CONTROLS.items():
        spec = {"content": identity, "preset": "watercolour-wash", "method": {"iterations": 48}}
        painted = [(f"{name} {value}", paint(client, {**spec, "controls": {name: value}})[-1]) for value in values]
        rows.append(row(painted, 150))
        print(name, flush=True)
    save(column(rows), "controls.png")


def style_images(client: Client) -> None:
    """Good and bad style images, each above its result."""
    content = sample(208)
    identity, everywhere = upload(client, content), mask(client, np.ones(content.size[::-1]))
    whole = art("impasto-oil", 512)
    swatch = whole.crop((150, 40, 190, 70)).resize((512, 384), Image.Resampling.LANCZOS)
    framed = Image.new("RGB", (whole.width + 360, whole.height + 360), "#f6f4ee")
    framed.paste(whole, (180, 180))
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (384, 512, 3), np.uint8))
    styles = {
        "good: a whole painting": whole,
        "bad: a swatch, blown up": swatch,
        "bad: with wall and frame": framed,
        "bad: noise": noise,
    }
    above: list[Item] = []
    below: list[Item] = []
    for label, style in styles.items():
        regions = [{"mask": everywhere, "style": upload(client, style)}]
        above.append((label, fitted(style, (256, 170))))
        below.append(("", paint(client, {"content": identity, "preset": "impasto-oil", "regions": regions})[-1]))
        print(label, flush=True)
    save(column([row(above, 170), row(below, 170)]), "style-images.png")


MAKERS = {
    "demo": demo,
    "thumbnails": thumbnails,
    "sheet": sheet,
    "controls": controls,
    "style-images": style_images,
    **pictures_layer.MAKERS,
    **pictures_method.MAKERS,
    **pictures_screens.MAKERS,
    **pictures_subjects.MAKERS,
    **pictures_wrong.MAKERS,
    "video": pictures_video.strip,
}


def main() -> None:
    wanted = sys.argv[1:] or ["all"]
    if set(wanted) - {*MAKERS, "all"}:
        raise SystemExit(f"there are: all, {', '.join(MAKERS)}")
    client = connect()
    for name, maker in MAKERS.items():
        if name in wanted or "all" in wanted:
            maker(client)


if __name__ == "__main__":
    main()
