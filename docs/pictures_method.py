"""The pictures of docs/method/: the paper's own run, what each layer knows, the losses side by side and against
iterations, what statistics add to matches, and what a match is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from pictures_page import Item, art, column, fitted, follow, opened, paint, row, sample, save, upload
from PIL import Image

from neural_style_client import Client
from neural_style_server.engine import device
from neural_style_server.engine.method import Method
from neural_style_server.engine.task import Region, Style, Task
from neural_style_server.engine.transfer import Transfer
from neural_style_server.weights import load_network

MOMENTS = (100, 300, 3300)
"""Iterations of the paper's method that are shown."""

LAYERS = tuple(f"relu{block}_1" for block in range(1, 6))
SHOWN = ("impasto-oil", "ink-wash", "night-swirl", "bold-abstract")


def paper(client: Client) -> None:
    """The method as published: its frames, and the loss of each term and layer."""
    content = sample(144)
    spec = {"content": upload(client, content), "preset": "gatys-classic", "method": {"iterations": MOMENTS[-1]}}
    job = client.submit({"client": "docs", "frames": {"at": [1, *MOMENTS[:-1]]}, **spec})["id"]
    frames = [*follow(client, job, [1, *MOMENTS[:-1]]), opened(client.png(job))]
    items: list[Item] = [("content", content), ("style", fitted(art("gatys-classic"), content.size))]
    items += [(f"iteration {number}", frame) for number, frame in zip((1, *MOMENTS), frames, strict=True)]
    save(row(items, 150), "paper.jpg")
    save(opened(client.losses(job, "image/png")), "paper-losses.png")
    client.delete_job(job)


def layers(client: Client) -> None:
    """From noise, one layer at a time: the content by its features, the style by its Gram matrix."""
    content = sample(160)
    identity = upload(client, content)
    only: dict[str, Any] = {"loss": "gram", "start": "noise", "start_colours": 0, "scales": 1, "tv_weight": 0}
    rows = []
    for label, weights in (("content_layers", (1, 1e-9)), ("style_layers", (0, 1))):
        shares = dict(zip(("content_weight", "style_weight"), weights, strict=True))
        items: list[Item] = []
        for layer in LAYERS:
            method = {**only, **shares, label: {layer: 1}, "iterations": 100}
            spec = {"content": identity, "preset": "night-swirl", "method": method}
            items.append((f"{label.split('_')[0]} of {layer}", paint(client, spec)[-1]))
            print(label, layer, flush=True)
        rows.append(row(items, 130))
    save(column(rows), "layers.jpg")


def curves(client: Client) -> None:
    """The loss of each term and layer through the scales of a run with matches."""
    job = client.submit({"client": "docs", "content": upload(client, sample(192)), "preset": "night-swirl"})["id"]
    follow(client, job)
    save(opened(client.losses(job, "image/png")), "curves.png")
    client.delete_job(job)


def losses(client: Client) -> None:
    """Some presets by statistics alone, and by matches."""
    identity, rows = upload(client, sample()), []
    for name in SHOWN:
        items: list[Item] = [(name, art(name))]
        for loss in ("balanced", "neighbours"):
            method = {"loss": loss, "iterations": Method(loss=loss).iterations}
            items.append((loss, paint(client, {"content": identity, "preset": name, "method": method})[-1]))
        rows.append(row(items, 256))
        print(name, flush=True)
    save(column(rows), "losses.jpg")


def texture(client: Client) -> None:
    """Matches without statistics beside them, as they are by default, and with much of them."""
    identity, items = upload(client, sample()), []
    for label, weight in (("matches alone", 0.0), ("with statistics", 1.25), ("statistics times 8", 10.0)):
        layers = {f"relu{block}_1": weight for block in (1, 2, 3)}
        spec = {"content": identity, "preset": "night-swirl", "method": {"texture_layers": layers}}
        items.append((label, paint(client, spec)[-1]))
    save(row(items, 256), "texture.jpg")


def matches(_: Client) -> None:
    """Each place of the result in the colour of the style place that it matched, for little and for much of the content
    in the search."""
    place = device.choose()
    network = load_network(None, Path()).to(place.device, place.dtype)
    content, style = sample(), art("night-swirl", 480)
    task = Task(_tensor(content), [Region([Style(_tensor(style))])])
    items: list[Item] = [("the style's places", _positions(style.height, style.width))]
    for share in (0.1, 0.4, 0.9):
        run = Transfer(network, task, Method(search_content=share))
        for _ in run:
            pass
        (found,) = run.state()["matches"]
        _, y, x = found["coordinates"].numpy()
        picture = Image.fromarray(_colours(y, x)).resize(content.size, Image.Resampling.NEAREST)
        items.append((f"search_content {share}", picture))
    save(row(items, 200), "matches.png")


def _tensor(image: Image.Image) -> torch.Tensor:
    return torch.from_numpy(np.asarray(image.convert("RGB"), dtype=np.float32)).permute(2, 0, 1)[None]


def _positions(height: int, width: int) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return Image.fromarray(_colours(y / height, x / width))


def _colours(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """A colour for each position, 0–1: its hue turns from left to right, and it darkens from top to bottom."""
    hue, value = (x * 220).astype(np.uint8), (255 - 190 * y).astype(np.uint8)
    hsv = np.stack([hue, np.full_like(hue, 200), value], -1)
    return np.asarray(Image.fromarray(hsv, "HSV").convert("RGB"))


MAKERS = {
    "paper": paper,
    "layers": layers,
    "curves": curves,
    "losses": losses,
    "texture": texture,
    "matches": matches,
}
