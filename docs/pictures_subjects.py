"""What docs/guide/ shows of portraits, line art, textures, blends and regions, with subjects drawn here.

The face is the sculpture that the presets' own art uses (presets/_art/head.py), shaded like a photo.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from pictures_page import ROOT, Item, mask, paint, row, sample, save, upload
from PIL import Image, ImageFilter

from neural_style_client import Client

HEIGHT, WIDTH = 640, 512
MATERIALS = {1: "#dcaa8c", 2: "#b85f58", 3: "#f2efe8", 4: "#4a6a86", 5: "#4a3226", 6: "#5a3b2a", 7: "#4c6288"}
"""Colours of skin, lips, eyeball, iris, brows, hair and cloth."""
SMALL = 208
"""Long side of what is painted: enough to show what a control does."""


@cache
def sculpture() -> Any:
    sys.path.insert(0, str(ROOT / "presets" / "_art"))
    from head import bust

    return bust((HEIGHT, WIDTH), (245, 300), 200, 0.4, "long", light=(-0.5, 0.45, 0.8), look=-0.1)


def portrait(side: int = SMALL) -> Image.Image:
    """A head and shoulders before a plain wall, in daylight from the left."""
    seen = sculpture()
    wall = np.linspace(0.78, 0.5, seen.light.shape[1])[None, :, None] * np.array([0.93, 0.98, 1.0])
    pixels = np.broadcast_to(wall, (*seen.light.shape, 3)).copy()
    lit = (0.25 + 0.9 * seen.light)[..., None] * np.array([1.04, 1.0, 0.93])
    for code, colour in MATERIALS.items():
        here = seen.material == code
        pixels[here] = (lit * _rgb(colour))[here]
    pixels *= 1 - 0.25 * (seen.creases() * (seen.material == 1))[..., None]
    return _reduced(Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8)), side)


def drawing(side: int = SMALL) -> Image.Image:
    """The same as black lines on a transparent layer."""
    seen = sculpture()
    border = np.zeros(seen.light.shape, bool)
    for axis in (0, 1):
        border |= np.roll(seen.material, 1, axis) != seen.material
    border[0] = border[:, 0] = False
    lines = Image.fromarray(border).convert("L").filter(ImageFilter.MaxFilter(3))
    ink = np.maximum(np.asarray(lines) / 255, 0.8 * seen.creases() * (seen.material == 1))
    pixels = np.zeros((*ink.shape, 4), np.uint8)
    pixels[..., 3] = np.clip(ink, 0, 1) * 255
    return _reduced(Image.fromarray(pixels), side)


def _rgb(code: str) -> Any:
    return np.array([int(code[place : place + 2], 16) for place in (1, 3, 5)]) / 255


def _reduced(image: Image.Image, side: int) -> Image.Image:
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def portraits(client: Client) -> None:
    """A face in a style that has a face, with more and with less detail, and in one that has none."""
    face = portrait()
    identity = upload(client, face)
    items: list[Item] = [("photo", face)]
    for preset, detail in (("pastel", 50), ("pastel", 80), ("linocut-portrait", 65), ("night-swirl", 50)):
        spec = {"content": identity, "preset": preset, "controls": {"detail": detail}}
        items.append((f"{preset}, detail {detail}", paint(client, spec)[-1]))
    save(row(items, SMALL), "portraits.jpg")


def landscapes(client: Client) -> None:
    """The sample with small and large strokes, and with half of its own colours."""
    content = sample(SMALL)
    identity = upload(client, content)
    items: list[Item] = [("photo", content)]
    for label, controls in (
        ("impasto-oil", {}),
        ("brush size 180", {"brush_size": 180}),
        ("colour 50", {"colour": 50}),
    ):
        painted = paint(client, {"content": identity, "preset": "impasto-oil", "controls": controls})[-1]
        items.append((label, painted))
    save(row(items, 180), "landscapes.jpg")


def line_art(client: Client) -> None:
    """Lines on paper, and the same on a transparent layer, which alone is painted."""
    ink = drawing()
    paper = Image.new("RGBA", ink.size, "#f6f2e8")
    paper.alpha_composite(ink)
    items: list[Item] = [("drawing", paper)]
    for preset in ("pen-and-wash", "woodcut"):
        controls = {"smoothness": 50, "detail": 70}
        spec = {"content": upload(client, paper), "preset": preset, "controls": controls}
        items.append((preset, paint(client, spec)[-1]))
    alone = paint(client, {"content": upload(client, ink), "preset": "crayon"})[-1]
    items += [("lines alone", ink), ("crayon", alone)]
    save(row(items, SMALL), "line-art.jpg")


def textures(client: Client) -> None:
    """Noise turned into tiles by little detail: each is laid two by two."""
    cloud = Image.effect_noise((96, 96), 80).resize((128, 128), Image.Resampling.BICUBIC).convert("RGB")
    identity, items = upload(client, cloud), []
    for preset in ("marbling", "mosaic", "embroidery"):
        spec = {"content": identity, "preset": preset, "controls": {"detail": 0}, "method": {"seamless": True}}
        tile = paint(client, spec)[-1].convert("RGB")
        twice = Image.new("RGB", (tile.width * 2, tile.height * 2))
        for place in ((0, 0), (tile.width, 0), (0, tile.height), (tile.width, tile.height)):
            twice.paste(tile, place)
        items.append((f"{preset}, two by two", twice))
    save(row(items, 256), "textures.jpg")


def blends(client: Client) -> None:
    """Two styles, both at once, and the second in the sky only."""
    content = sample(SMALL)
    identity = upload(client, content)
    first, second = "gouache", "mosaic"
    y = np.linspace(0, 1, content.height)[:, None] * np.ones((1, content.width))
    sky = np.clip((0.45 - y) / 0.1 + 0.5, 0, 1)
    specs: dict[str, dict[str, Any]] = {
        first: {},
        f"blend with {second}, 1": {"blend": [{"preset": second, "weight": 1}]},
        f"{second} in the sky": {"regions": [{"mask": mask(client, sky), "preset": second}]},
    }
    specs[f"{second} in the sky"]["regions"].append({"mask": mask(client, 1 - sky), "preset": first})
    items: list[Item] = []
    for label, more in specs.items():
        items.append((label, paint(client, {"content": identity, "preset": first, **more})[-1]))
    items.append((second, paint(client, {"content": identity, "preset": second})[-1]))
    save(row(items, 180), "blends.jpg")


MAKERS: dict[str, Callable[[Client], None]] = {
    "portraits": portraits,
    "landscapes": landscapes,
    "line-art": line_art,
    "textures": textures,
    "blends": blends,
}
