"""How much memory a canvas takes, and the tile that fits into what is free."""

from __future__ import annotations

from pathlib import Path

BYTES_PER_PIXEL = {4: 1500, 2: 800}
"""Peak of one evaluation over the idle network, by the network's bytes per number; measured at 1024²."""

CANVAS_BYTES_PER_PIXEL = 90
"""Image-sized buffers: the image, its gradient, two moments of Adam, content and its deep features, float32."""

SAFE_SHARE = 0.6
"""Share of the free memory that a job may plan with."""

TILE_STEPS = (2048, 1536, 1024, 768, 512, 384)
"""Tile sides in pixels that are tried, largest first; a margin of 80 px on each side is part of them."""


def free_bytes() -> int | None:
    """Memory that can be had without swapping (Linux), or None where the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None


def evaluation_bytes(height: int, width: int, tile: int | None, itemsize: int = 4) -> int:
    """Peak bytes over the idle worker for a canvas, painted whole or in tiles of at most `tile` px."""
    side = height * width if tile is None else min(height, tile) * min(width, tile)
    return side * BYTES_PER_PIXEL[itemsize] + height * width * CANVAS_BYTES_PER_PIXEL


def choose_tile(height: int, width: int, free: int | None, itemsize: int = 4) -> int | None:
    """None where the whole canvas fits, else the largest tile that does, else the smallest there is."""
    if free is None or evaluation_bytes(height, width, None, itemsize) <= free * SAFE_SHARE:
        return None
    for tile in TILE_STEPS:
        if evaluation_bytes(height, width, tile, itemsize) <= free * SAFE_SHARE:
            return tile
    return TILE_STEPS[-1]


def smaller_tile(tile: int | None, height: int, width: int) -> int | None:
    """The next step down after an evaluation ran out of memory, or None where there is none left."""
    current = tile or max(height, width)
    return next((step for step in TILE_STEPS if step < current), None)
