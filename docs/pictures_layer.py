"""The pictures of docs/controls.md that show what happens to a layer, one function for each feature."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from pictures_page import NEVER, Item, art, column, follow, grey, mask, opened, paint, row, sample, save, upload
from PIL import Image

from neural_style_client import Client

SIDE = 256
COLOUR_METHODS = ("chroma", "luminance", "match", "histogram")


def quick(client: Client, spec: dict[str, Any], frames: list[int] | None = None) -> list[Image.Image]:
    """Like `paint`, with fewer iterations: enough to show a feature."""
    return paint(client, {**spec, "method": {"iterations": 24, **spec.get("method", {})}}, frames or [])


def places(image: Image.Image) -> tuple[Any, Any]:
    """x and y from −1 to 1."""
    y, x = np.mgrid[-1 : 1 : image.height * 1j, -1 : 1 : image.width * 1j]
    return x, y


def disc(image: Image.Image, radius: float, feather: float) -> Any:
    x, y = places(image)
    return np.clip((radius - np.hypot(x, y)) / feather + 0.5, 0, 1)


def alpha(client: Client) -> None:
    """A cut-out comes back as a cut-out."""
    cut = sample(SIDE).convert("RGBA")
    cut.putalpha(grey(disc(cut, 0.85, 0.3)))
    items: list[Item] = [("layer", cut)]
    for preset in ("impasto-oil", "mosaic"):
        items.append((preset, quick(client, {"content": upload(client, cut), "preset": preset})[-1]))
    save(row(items, 180), "alpha.png")


def selection(client: Client) -> None:
    """A hard and a feathered selection."""
    content = sample(SIDE)
    items: list[Item] = []
    for label, feather in (("hard", 0.01), ("feathered", 0.9)):
        selected = disc(content, 0.6, feather)
        spec = {"content": upload(client, content), "preset": "stained-glass", "mask": mask(client, selected)}
        items += [(f"{label} selection", grey(selected)), ("result", quick(client, spec)[-1])]
    save(row(items, 160), "selection.png")


def regions(client: Client) -> None:
    """Two presets side by side, and a part of a painting as the style of a part of the picture."""
    content = sample(SIDE)
    x, y = places(content)
    identity = upload(client, content)
    left = np.clip(0.5 - x / 0.3, 0, 1)
    shares = {"stained-glass": left, "ink-wash": 1 - left}
    halves = [{"mask": mask(client, share), "preset": preset} for preset, share in shares.items()]
    two = quick(client, {"content": identity, "preset": "stained-glass", "regions": halves})[-1]
    painting = art("night-swirl", 512)
    _, height = places(painting)
    chosen = (height < -0.05).astype(float)
    sky = np.clip(0.5 - (y + 0.25) / 0.2, 0, 1)
    part = {"mask": mask(client, sky), "style": upload(client, painting)}
    only = {**part, "style_mask": mask(client, chosen)}
    shown = painting.convert("RGBA")
    shown.putalpha(grey(0.2 + 0.8 * chosen))
    painted = quick(client, {"content": identity, "preset": "night-swirl", "regions": [only]})[-1]
    first = row([("mask of the left region", grey(left)), ("stained glass, ink wash", two)], 160)
    second = row([("mask of the sky", grey(sky)), ("this part of a painting", shown), ("result", painted)], 160)
    save(column([first, second]), "regions.png")


def colour(client: Client) -> None:
    """Each colour method, at one half and in full."""
    content = sample(SIDE)
    spec = {"content": upload(client, content), "preset": "night-swirl"}
    none = quick(client, spec)[-1]
    rows = []
    for method in COLOUR_METHODS:
        items: list[Item] = [("the style's colours", none)]
        for share in (0.5, 1.0):
            changed = {**spec, "method": {"colour_method": method, "colour": share}}
            items.append((f"{method} {share:.0%}", quick(client, changed)[-1]))
        rows.append(row([*items, ("photo", content)], 120))
    save(column(rows), "colour.png")


def depth(client: Client) -> None:
    """A dark 16-bit gradient, its result brightened, beside the same from 8 bits."""
    y, x = np.mgrid[0:160, 0:240]
    ramp = 0.02 + 0.05 * (x / 239 + 0.3 * np.sin(y / 40))
    deep = np.repeat((np.clip(ramp, 0, 1) * 65535)[..., None], 4, -1).astype("<u2")
    deep[..., 3] = 65535
    shallow = np.rint(deep / 257).astype(np.uint8)
    items: list[Item] = []
    for format_, pixels in (("RGBA16", deep), ("RGBA8", shallow)):
        content = client.upload(pixels.tobytes(), 240, 160, format_)["id"]
        # dark as it is, and without strokes of its own
        method = {"loss": "balanced", "iterations": 24, "start_colours": 0}
        spec = {"content": content, "preset": "watercolour-wash", "controls": {"strength": 4}, "method": method}
        job = client.submit({**spec, "frames": NEVER})
        follow(client, job["id"])
        result = np.frombuffer(client.result(job["id"]).data, pixels.dtype).reshape(160, 240, 4)[..., 1]
        client.delete_job(job["id"])
        levels = len(np.unique(result))
        peak = np.iinfo(pixels.dtype).max
        low, high = np.percentile(result / peak, (1, 99))
        items.append((f"{format_}: {levels} levels of green", grey((result / peak - low) / (high - low))))
    save(row(items, 200), "depth.png")


def seamless(client: Client) -> None:
    """A picture that tiles and one that does not, each repeated two by two."""
    content = upload(client, sample(SIDE))
    items = []
    for label, wraps in (("usual, four times", False), ("seamless, four times", True)):
        tile = quick(client, {"content": content, "preset": "marbling", "method": {"seamless": wraps}})[-1]
        twice = Image.new("RGB", (tile.width * 2, tile.height * 2))
        for place in ((0, 0), (tile.width, 0), (0, tile.height), (tile.width, tile.height)):
            twice.paste(tile.convert("RGB"), place)
        items.append((label, twice))
    save(row(items, 234), "seamless.png")


def start(client: Client) -> None:
    """Each start image: the first iteration and the result."""
    content = sample(SIDE)
    spec = {"content": upload(client, content), "preset": "night-swirl"}
    other = upload(client, sample(SIDE).transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    above, below = [], []
    for kind in ("content", "noise", "mix", "style", "image"):
        more = {"init": other} if kind == "image" else {}
        method = {"start": kind, "scales": 1}
        first, last = quick(client, {**spec, **more, "method": method}, [1])
        above.append((f"{kind}, iteration 1", first))
        below.append(("result", last))
    save(column([row(above, 130), row(below, 130)]), "start.png")


def going_on(client: Client) -> None:
    """A run without a break, then one that is paused, resumed and extended."""
    spec = {"content": upload(client, sample(SIDE)), "preset": "cubist-facets", "client": "docs"}
    whole = paint(client, spec)[-1]
    job = client.submit({**spec, "frames": {"every": 12}})["id"]
    for event in client.events(job):
        if event.name == "frame" and event.data["iteration"] >= 12:
            break
    at = client.pause(job)["iteration"]
    paused = opened(client.png(job, "latest"))
    client.resume(job)
    follow(client, job)
    resumed = opened(client.png(job))
    client.extend(job, 40)
    follow(client, job)
    extended = opened(client.png(job))
    client.delete_job(job)
    different = int((np.asarray(whole) != np.asarray(resumed)).any(-1).sum())
    items = [
        ("without a break", whole),
        (f"paused at {at} (frame 12)", paused),
        (f"resumed: {different} pixels differ", resumed),
        ("extended by 40", extended),
    ]
    save(row(items, 160), "going-on.png")


def frames(client: Client) -> None:
    """Frames at chosen iterations, with their losses."""
    moments = [1, 5, 14, 29]
    spec = {"content": upload(client, sample(SIDE)), "preset": "impasto-oil", "client": "docs"}
    job = client.submit({**spec, "frames": {"at": moments}})
    kept = [*follow(client, job["id"], moments), opened(client.png(job["id"]))]
    losses = {entry["iteration"]: entry["style"] for entry in json.loads(client.losses(job["id"]))["losses"]}
    client.delete_job(job["id"])
    numbers = [*moments, job["iterations"]]
    labels = [f"iteration {number}, style loss {losses[number]:.3f}" for number in numbers]
    save(row(list(zip(labels, kept, strict=True)), 160), "frames.png")


MAKERS: dict[str, Callable[[Client], None]] = {
    "alpha": alpha,
    "selection": selection,
    "regions": regions,
    "colour": colour,
    "depth": depth,
    "seamless": seamless,
    "start": start,
    "going-on": going_on,
    "frames": frames,
}
