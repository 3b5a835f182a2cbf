"""The loss of every term against iterations: as numbers, as CSV and as a plot."""

from __future__ import annotations

import io
import itertools
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from ..files import read_regular, set_aside

TERMS = ("total", "content", "style", "tv")
TEMPORAL = "temporal"
"""The term of pictures that go on from another; other runs have none."""

COLOURS = {"total": "#e8e8e8", "content": "#6fa8dc", "style": "#e69138", "tv": "#93c47d", TEMPORAL: "#76a5af"}
LAYER_COLOURS = ("#c27ba0", "#a64d79", "#8e7cc3", "#674ea7", "#b45f06", "#7f6000")
LARGEST_FILE = 64 << 20
MOST = 1e30
"""No loss and no count is larger, and no number that is larger can be drawn."""

SIZE = 960, 540
MARGIN = 70, 30, 150, 50
BACKGROUND, GRID, INK = "#1e1e1e", "#3a3a3a", "#c8c8c8"

Series = dict[str, list[tuple[int, float]]]
Bounds = tuple[int, float, float]
"""The last iteration, and the least and the largest value."""


def read(path: Path) -> list[dict[str, Any]]:
    """Entries {iteration, scale, total, content, style, tv, layers}; a line that is not whole is left out, and a file
    that cannot be read is set aside."""
    try:
        lines = read_regular(path, LARGEST_FILE).decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        set_aside(path, error)
        return []
    return [entry for line in lines if (entry := _entry(line)) is not None]


def as_line(entry: dict[str, Any]) -> str:
    return json.dumps(entry) + "\n"


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or not isinstance(layers := entry.setdefault("layers", {}), dict):
        return None
    counts, values = (
        (entry.get("iteration"), entry.get("scale")),
        (*(entry.get(term) for term in TERMS), entry.get(TEMPORAL, 0), *layers.values()),
    )
    whole = all(isinstance(count, int) and 0 <= count < MOST for count in counts)
    return entry if whole and all(isinstance(value, int | float) and abs(value) < MOST for value in values) else None


def as_csv(entries: Sequence[dict[str, Any]]) -> str:
    """One line for each iteration, one column for each term and each style layer."""
    terms, layers = _terms(entries), sorted({layer for entry in entries for layer in entry.get("layers", {})})
    lines = [",".join(("iteration", "scale", *terms, *layers))]
    for entry in entries:
        values = [entry["iteration"], entry["scale"], *(entry.get(term, "") for term in terms)]
        values += [entry.get("layers", {}).get(layer, "") for layer in layers]
        lines.append(",".join(str(value) for value in values))
    return "\n".join(lines) + "\n"


def as_png(entries: Sequence[dict[str, Any]]) -> bytes:
    """A plot with a logarithmic axis: the terms bold, the style layers thin, a line where a finer scale begins."""
    image = Image.new("RGB", SIZE, BACKGROUND)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(14)
    series = _series(entries)
    values = [value for points in series.values() for _, value in points]
    if values:
        bounds = (entries[-1]["iteration"], min(values), max(values))
        _draw_axes(draw, font, entries, bounds)
        _draw_series(draw, font, series, bounds)
    else:
        draw.text((SIZE[0] // 2, SIZE[1] // 2), "no iteration yet", fill=INK, font=font, anchor="mm")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _terms(entries: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    return (*TERMS, TEMPORAL) if any(TEMPORAL in entry for entry in entries) else TERMS


def _series(entries: Sequence[dict[str, Any]]) -> Series:
    terms = _terms(entries)
    names = [*terms, *sorted({layer for entry in entries for layer in entry.get("layers", {})})]
    found = {}
    for name in names:
        points = [
            (e["iteration"], e.get(name, 0) if name in terms else e.get("layers", {}).get(name, 0)) for e in entries
        ]
        positive = [(x, float(y)) for x, y in points if y > 0 and math.isfinite(y)]
        if positive:
            found[name] = positive
    return found


def _place(iteration: float, value: float, bounds: Bounds) -> tuple[float, float]:
    (last, low, high), (left, top, right, bottom) = bounds, MARGIN
    span = max(math.log10(high) - math.log10(low), 1e-6)
    x = left + (SIZE[0] - left - right) * (iteration - 1) / max(1, last - 1)
    y = top + (SIZE[1] - top - bottom) * (1 - (math.log10(value) - math.log10(low)) / span)
    return x, y


def _draw_axes(draw: ImageDraw.ImageDraw, font: Any, entries: Sequence[dict[str, Any]], bounds: Bounds) -> None:
    last, low, high = bounds
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        if low <= 10.0**power <= high:
            x, y = _place(1, 10.0**power, bounds)
            draw.line((x, y, SIZE[0] - MARGIN[2], y), fill=GRID)
            draw.text((x - 8, y), f"1e{power}", fill=INK, font=font, anchor="rm")
    for part in range(6):
        iteration = 1 + (last - 1) * part / 5
        x, y = _place(iteration, low, bounds)
        draw.text((x, y + 10), f"{iteration:.0f}", fill=INK, font=font, anchor="mt")
    middle = (MARGIN[0] + SIZE[0] - MARGIN[2]) / 2
    draw.text((middle, SIZE[1] - 8), "iteration", fill=INK, font=font, anchor="mb")
    for before, after in itertools.pairwise(entries):
        if before["scale"] != after["scale"]:
            x, _ = _place(after["iteration"], low, bounds)
            draw.line((x, MARGIN[1], x, SIZE[1] - MARGIN[3]), fill="#606060")


def _draw_series(draw: ImageDraw.ImageDraw, font: Any, series: Series, bounds: Bounds) -> None:
    layer_colours = itertools.cycle(LAYER_COLOURS)
    for row, (name, points) in enumerate(series.items()):
        colour = COLOURS.get(name) or next(layer_colours)
        places = [_place(x, y, bounds) for x, y in points]
        width = 3 if name in COLOURS else 1
        draw.line(places if len(places) > 1 else places * 2, fill=colour, width=width, joint="curve")
        y = MARGIN[1] + 20 * row
        draw.line((SIZE[0] - 138, y + 8, SIZE[0] - 114, y + 8), fill=colour, width=width)
        draw.text((SIZE[0] - 106, y), name, fill=INK, font=font)
