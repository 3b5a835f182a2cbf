"""Every preset on several photos, beside the PyPI program `pastiche` with the same style image: pictures to look at.

    python benchmarks/beside.py PHOTO… --size 512 --steps 20 --out out/beside [--only NAME…]

A row for each preset: the style, then this program's result and the peer's on each photo, scored as in `peers.py`.
Both get the same pre-resized inputs, the style at the preset's own size. What lies in `--out` is not painted again.
`--page FILE` puts all rows on one page.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from peers import OURS, PASTICHE, resized, scores, timed
from PIL import Image
from rich.console import Console
from rich.table import Table

from neural_style_server.engine.method import apply_controls
from neural_style_server.presets.preset import Preset, parse_preset

PRESETS = Path(__file__).resolve().parent.parent / "presets"
ROW = 190


def preset_in(folder: Path) -> Preset:
    file = folder / "preset.yaml"
    return parse_preset(file.read_text(), path=str(file), name=folder.name)


def row(folder: Path, photos: list[Path], options: argparse.Namespace, table: Table, work: Path) -> None:
    """Paint one preset, add its scores to the table and save its pictures side by side."""
    name, preset = folder.name, preset_in(folder)
    method = apply_controls(preset.method, preset.controls)
    style = resized(folder / preset.images[0].file, round(options.size * method.style_scale), work)
    programs = {
        "this": (OURS, json.dumps(method.as_dict())),
        f"peer, {options.steps} steps": (PASTICHE, str(options.steps)),
    }
    shown = [Image.open(style).convert("RGB")]
    for photo in photos:
        for who, (code, argument) in programs.items():
            out = options.out / f"{name}-{photo.stem}{'' if code is OURS else '-peer'}.png"
            seconds = "" if out.exists() else f"{timed(code, str(photo), str(style), str(out), argument):.1f}"
            shown.append(Image.open(out))
            score = scores(out, photo, style)
            near = [f"{score['nearest']:.3f}", f"{score['palette']:.1f}", f"{score['balance']:.3f}"]
            numbers = [seconds, *near, f"{score['content']:.0f}", f"{score['noise']:.1f}"]
            table.add_row(name, photo.stem.rsplit("-", 1)[0], who, *numbers)
            print(name, photo.stem, who, *numbers, flush=True)
    side_by_side(shown, options.size).save(options.out / f"{name}.png")


def side_by_side(shown: list[Image.Image], height: int) -> Image.Image:
    shown = [image.resize((round(image.width * height / image.height), height)) for image in shown]
    page = Image.new("RGB", (sum(image.width for image in shown), height))
    left = 0
    for image in shown:
        page.paste(image, (left, 0))
        left += image.width
    return page


def one_page(rows: list[Image.Image]) -> Image.Image:
    """The rows under one another, each ROW pixels high."""
    rows = [image.resize((round(image.width * ROW / image.height), ROW), Image.Resampling.LANCZOS) for image in rows]
    page = Image.new("RGB", (max(image.width for image in rows), ROW * len(rows)), "white")
    for number, image in enumerate(rows):
        page.paste(image, (0, ROW * number))
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--steps", type=int, default=20, help="the peer's steps")
    parser.add_argument("--only", nargs="+", help="only these presets")
    parser.add_argument("--out", type=Path, default=Path("out/beside"))
    parser.add_argument("--page", type=Path, help="a picture with all rows")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    table = Table("preset", "photo", "who", "seconds", "nearest", "palette", "balance", "content", "noise", box=None)
    folders = sorted(path.parent for path in PRESETS.glob("*/preset.yaml"))
    with tempfile.TemporaryDirectory() as work:
        photos = [resized(path, options.size, Path(work)) for path in options.photos]
        chosen = [folder for folder in folders if options.only is None or folder.name in options.only]
        for folder in chosen:
            row(folder, photos, options, table, Path(work))
    if options.page:
        page = one_page([Image.open(options.out / f"{folder.name}.png") for folder in chosen])
        page.save(options.page, optimize=True, quality=88)
    Console().print(table)


if __name__ == "__main__":
    main()
