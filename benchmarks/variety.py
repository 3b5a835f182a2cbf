"""How often one place of the style image is used, and how large a piece of it is copied whole.

    python benchmarks/variety.py PHOTO STYLE --size 384 --variety 0 0.5 1

Read from the last matches of a run, a place being 4 × 4 px. `used` is the share of the style's places that appear at
all, `most` how often the most used one does, as a multiple of what it were if all were used alike, `tenth` the share of
the picture that the most used tenth of places fills (0.1 if all were used alike), `piece` the largest connected part of
the picture that lies in the style image just as it lies here, as a share of the picture and as the side in px of a
square of that area.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peers import resized
from PIL import Image
from rich.console import Console
from rich.table import Table

from neural_style_server.engine import device
from neural_style_server.engine.method import Method
from neural_style_server.engine.neighbours.places import CELL
from neural_style_server.engine.task import Region, Style, Task
from neural_style_server.engine.transfer import Transfer
from neural_style_server.weights import load_network

Array = Any


def matched(photo: Path, style: Path, method: Method) -> tuple[Array, tuple[int, int]]:
    """The style place (row, column) of each place of the painted picture, (rows, columns, 2), and the style's size in
    places."""
    place = device.choose()
    network = load_network(None, Path()).to(place.device, place.dtype)
    run = Transfer(network, Task(pixels(photo), [Region([Style(pixels(style))])]), method)
    for _ in run:
        pass
    (found,) = run.state()["matches"]
    _, y, x = found["coordinates"].numpy()
    size = tuple(found["prices"][0].shape)
    return np.stack([np.round(y * size[0] - 0.5), np.round(x * size[1] - 0.5)], -1).astype(int), size


def pixels(path: Path) -> torch.Tensor:
    return torch.from_numpy(np.asarray(Image.open(path).convert("RGB"), dtype=np.float32)).permute(2, 0, 1)[None]


def uses(places: Array, size: tuple[int, int]) -> tuple[float, float, float]:
    """used, most and tenth; see the module's docstring."""
    counts = np.sort(np.bincount((places[..., 0] * size[1] + places[..., 1]).ravel(), minlength=size[0] * size[1]))
    tenth = counts[-max(1, len(counts) // 10) :].sum() / counts.sum()
    return float((counts > 0).mean()), float(counts[-1] / counts.mean()), float(tenth)


def largest_piece(places: Array) -> int:
    """Places of the largest connected part (by rows and columns) with one displacement."""
    moved = places - np.stack(np.indices(places.shape[:2]), -1)
    seen = np.zeros(places.shape[:2], bool)
    most = 0
    for start in np.ndindex(seen.shape):
        if seen[start]:
            continue
        seen[start], todo, count = True, [start], 0
        while todo:
            row, column = todo.pop()
            count += 1
            for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                inside = 0 <= near[0] < seen.shape[0] and 0 <= near[1] < seen.shape[1]
                if inside and not seen[near] and (moved[near] == moved[row, column]).all():
                    seen[near] = True
                    todo.append(near)
        most = max(most, count)
    return most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("style", type=Path)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--variety", type=float, nargs="+", default=[0.0, Method().variety, 1.0])
    options = parser.parse_args()
    table = Table("variety", "used", "most", "tenth", "piece", "px", box=None)
    with tempfile.TemporaryDirectory() as folder:
        photo, style = (resized(path, options.size, Path(folder)) for path in (options.photo, options.style))
        for variety in options.variety:
            places, size = matched(photo, style, Method(variety=variety))
            used, most, tenth = uses(places, size)
            piece = largest_piece(places)
            share = f"{piece / (places.shape[0] * places.shape[1]):.4f}"
            table.add_row(str(variety), f"{used:.2f}", f"{most:.0f}", f"{tenth:.2f}", share, f"{piece**0.5 * CELL:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
