"""Makes docs/images/canvas.png: a 3000 × 2000 picture at 100 %, painted in full detail and quickly.

    python docs/canvas_pictures.py [--preset NAME] [--picture FILE] [--keep FOLDER]

Draws the project's own sample at that size (presets/_art/sample.py), has the daemon paint it both ways, and shows
details of both side by side without resizing them. Prints how long each took. Full detail takes several minutes.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from pictures_page import NEVER, ROOT, Item, column, follow, opened, row, save, upload
from PIL import Image

from neural_style_client import Client, connect

WIDTH, HEIGHT = 3000, 2000
PIECE = 440, 330
PLACES = ((330, 560), (1500, 780), (2150, 1330))
"""Upper left corners of the details."""


def drawn_sample() -> Image.Image:
    """The sample picture, rendered at 3000 × 2000 from the same geometry."""
    sys.path.insert(0, str(ROOT / "presets" / "_art"))
    import sample

    factor = WIDTH / sample.WIDTH / sample.SCALE
    sample.FOCAL, sample.HORIZON = sample.FOCAL * factor, sample.HORIZON * factor
    sample.WIDTH, sample.HEIGHT, sample.SCALE = WIDTH, HEIGHT, 1
    return sample.draw().convert("RGB")


def painted(client: Client, content: str, preset: str, **spec: Any) -> Image.Image:
    """Paint the content and print the job's time, size, tile and forecast."""
    started = time.perf_counter()
    job = client.submit({"content": content, "preset": preset, "frames": NEVER, "client": "docs", "seed": 1, **spec})
    follow(client, job["id"])
    record, told = client.job(job["id"]), job["forecast"]
    print(
        f"{spec or 'full detail'}: {time.perf_counter() - started:.0f} s (forecast {told['seconds']:.0f} s), "
        f"{told['width']} × {told['height']} px, {record['iterations']} iterations, tile {record['tile']}, "
        f"forecast {told['bytes'] / 1e9:.2f} GB",
        flush=True,
    )
    result = opened(client.png(job["id"])).convert("RGB")
    client.delete_job(job["id"])
    return result


def pieces(image: Image.Image) -> list[Image.Image]:
    return [image.crop((x, y, x + PIECE[0], y + PIECE[1])) for x, y in PLACES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="night-swirl")
    parser.add_argument("--picture", type=Path, help="a picture instead of the drawn sample")
    parser.add_argument("--keep", type=Path, help="a folder for the whole pictures")
    options = parser.parse_args()
    content = drawn_sample() if options.picture is None else Image.open(options.picture).convert("RGB")
    client = connect()
    identity = upload(client, content)
    ways = {
        "the picture": content,
        "quick: painted at 1024 px and enlarged": painted(client, identity, options.preset, size=1024),
        "full detail": painted(client, identity, options.preset),
    }
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
        for name, image in zip(("picture", "quick", "full"), ways.values(), strict=True):
            image.save(options.keep / f"{name}.png")
    rows = []
    for name, image in ways.items():
        items: list[Item] = [(name if index == 0 else "", piece) for index, piece in enumerate(pieces(image))]
        rows.append(row(items, PIECE[1]))
    save(column(rows), "canvas.png")


if __name__ == "__main__":
    main()
