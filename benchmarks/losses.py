"""Seconds of `standard` with one loss against another's: the same pre-resized inputs, a fresh process each, in turn.

    python benchmarks/losses.py PHOTO STYLE --size 384 512 1024 --rounds 2 [--loss neighbours balanced]

The ratio is the median of the rounds' own ratios, first loss over second, so that a machine's drift hits both.
Pictures are kept in `--out`. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from peers import OURS, resized, timed
from rich.console import Console
from rich.table import Table


def measure(options: argparse.Namespace, size: int, work: Path) -> dict[str, list[float]]:
    """Seconds of each round by loss."""
    photo, style = (resized(path, size, work) for path in (options.photo, options.style))
    seconds: dict[str, list[float]] = {loss: [] for loss in options.loss}
    for number in range(options.rounds):
        for loss in options.loss[:: -1 if number % 2 else 1]:
            out = options.out / f"{options.photo.stem}-{size}-{loss}.png"
            method = json.dumps({"loss": loss, "quality": options.quality})
            seconds[loss].append(timed(OURS, str(photo), str(style), str(out), method))
            print(f"{size} px, {loss}: {seconds[loss][-1]:.1f} s", flush=True)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("style", type=Path)
    parser.add_argument("--size", type=int, nargs="+", default=[384, 512, 1024])
    parser.add_argument("--loss", nargs=2, default=["neighbours", "balanced"])
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("out/losses"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    table = Table("size", *options.loss, "ratio", "ratios", box=None)
    with tempfile.TemporaryDirectory() as folder:
        for size in options.size:
            seconds = measure(options, size, Path(folder))
            ratios = [first / second for first, second in zip(*seconds.values(), strict=True)]
            medians = [f"{statistics.median(each):.1f}" for each in seconds.values()]
            each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
            table.add_row(f"{size} px", *medians, f"{statistics.median(ratios):.2f}", each)
    Console().print(table)


if __name__ == "__main__":
    main()
