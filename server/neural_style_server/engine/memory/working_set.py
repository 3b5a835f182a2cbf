"""How much memory a canvas takes, and the tile that fits into what is free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .allocator import can_keep_apart

STRIP_PIXELS = 1 << 20
"""Pixels of an image that are worked on at once where all that is done is done to each pixel by itself."""

RECOMPUTED_FROM = {4: (1088 * 1088, 1088 * 1088), 2: (1088 * 1088, 1536 * 1536)}
"""Beyond so many pixels a network on a processor computes the feature maps of its first block, and of its second, twice
instead of keeping them, by its bytes per number; in tiles always both. A sixth and a third more time in bfloat16, in
float32 one costs nearly what both do, half as much again. The peak at 1024² stays below 1.0 GB without. On a GPU never:
so many small pieces of work took ten times as long as the tile."""

MOST_RECOMPUTED = 2
"""Blocks; the maps of deeper ones are small."""

BYTES_PER_PIXEL = {4: (715, 460, 420), 2: (420, 280, 270)}
"""Peak of one evaluation over the idle network, for each pixel of a canvas with none, one and two blocks recomputed;
with its image-sized tensors."""

AVERAGED_NUMBERS_PER_PIXEL = (120, 56, 24)
"""And of the rectified maps that average pooling keeps, as `BYTES_PER_PIXEL` by blocks: 64 channels, a quarter of 128
and so on. By argument, not by measurement."""

GPU_BYTES_PER_PIXEL = {4: 1930, 2: 1150}
GPU_BYTES = 16 << 20
"""The same on a GPU, where autograd keeps rectified maps, and the indices of pooling; and what its libraries work in.
Tensors take 1000 in two bytes and 1680 in four, the device's memory in use grows by 1.15 times as much (H100)."""

STRIPS_BYTES = 30 << 20
"""Besides that, for the strips that are computed at a time, where there are any."""

PIECES_BYTES_PER_PIXEL = {4: 480, 2: 350}
MOST_PIECES_BYTES = 117 << 20
"""And what lies about in the heap on a processor, as blocks that are too small to be mapped apart."""

PIECES_APART_SHARE = 1 / 3
"""What is left of that where every block is mapped apart (`allocator.keep_apart`); in tiles hardly any."""

CANVAS_BYTES_PER_PIXEL = 92
"""Image-sized tensors of a canvas in tiles: the image, its gradient, two moments of Adam, the content and its deep
features."""

IN_MEMORY_PIXELS = 2048 * 2048
"""A larger canvas has these in files that are mapped a piece at a time."""

GPU_HELD_SHARE = 0.25
"""Of a GPU's free memory, what these may take there instead: files are the host's, which then has to do what is done to
each pixel."""

MAPPED_BYTES_PER_PIXEL = 8
"""What remains of it in memory: one channel that is resized at a time."""

DISK_BYTES_PER_PIXEL = 116
"""Its files: the image-sized tensors, 32 for the content's deep features, what is delivered, and 16 where the content
is made to meet itself."""

ENLARGED_BYTES_PER_PIXEL = 40
"""The files of a large canvas that is painted at a smaller size: the content, twice where it is made to meet itself,
and the result enlarged."""

CHECKPOINT_BYTES_PER_PIXEL = 48
"""The image, Adam's moments, the mean of the last iterates."""

LBFGS_BYTES_PER_PIXEL = 12 * (2 * 20 + 5)
"""Pairs of image-sized vectors that L-BFGS remembers (`optimise.LBFGS_HISTORY`), which stay in memory."""

MARGIN = 80
"""Pixels that relu5_1 sees around a tile."""

SAFE_SHARE = 0.6
"""Share of the free memory that a job may plan with."""

TILE_STEPS = (1280, 1024, 768, 512, 384)
"""Tile sides in pixels that are tried, largest first; a margin of 80 px on each side is part of them. Larger ones
would save little time and take much memory."""


@dataclass(frozen=True)
class MemoryProfile:
    """The network's numbers: bytes of each, 4 or 2, whether they lie in a GPU's own memory, whether each block of
    memory is mapped apart, and whether pooling averages them; and the largest canvas, in pixels, whose image-sized
    tensors are held in memory."""

    itemsize: int = 4
    on_gpu: bool = False
    apart: bool = False
    averages: bool = False
    held_pixels: int = IN_MEMORY_PIXELS

    def recomputed(self, pixels: int, tiled: bool = False) -> int:
        """How many of the first blocks go in strips: of a canvas of so many pixels that is painted whole, or `tiled`,
        which is there to save memory."""
        if self.on_gpu:
            return 0
        if tiled:
            return MOST_RECOMPUTED
        return sum(pixels > limit for limit in RECOMPUTED_FROM.get(self.itemsize, RECOMPUTED_FROM[4]))


FLOAT32 = MemoryProfile()


def profile_for(numbers: MemoryProfile, pooling: str, limit: int | None, free: int | None = None) -> MemoryProfile:
    """The network's numbers in a job with this pooling, where there may be a limit of memory, with which the allocator
    keeps blocks apart if it can; `free` bytes where the network is."""
    apart = limit is not None and not numbers.on_gpu and can_keep_apart()
    held = round((free or 0) * GPU_HELD_SHARE / DISK_BYTES_PER_PIXEL) if numbers.on_gpu else 0
    averages = pooling == "average"
    return replace(numbers, apart=apart, averages=averages, held_pixels=max(IN_MEMORY_PIXELS, held))


def free_bytes() -> int | None:
    """Memory that can be had without swapping (Linux), or None where the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None


def evaluation_bytes(height: int, width: int, tile: int | None, numbers: MemoryProfile = FLOAT32) -> int:
    """Peak bytes over the idle worker for a canvas, painted whole or in tiles of at most `tile` px."""
    canvas = height * width
    pixels = surrounded_side(height, tile) * surrounded_side(width, tile)
    tiled = pixels != canvas
    if numbers.on_gpu:
        needed = pixels * GPU_BYTES_PER_PIXEL[numbers.itemsize] + GPU_BYTES
    else:
        recomputed = numbers.recomputed(canvas, tiled=tiled)
        each = BYTES_PER_PIXEL[numbers.itemsize][recomputed]
        if numbers.averages:
            each += AVERAGED_NUMBERS_PER_PIXEL[recomputed] * numbers.itemsize
        needed = pixels * each + STRIPS_BYTES * (recomputed > 0) + _pieces_bytes(pixels, numbers, tiled=tiled)
    if canvas > numbers.held_pixels:
        return needed + canvas * MAPPED_BYTES_PER_PIXEL
    if numbers.on_gpu:
        return needed + canvas * DISK_BYTES_PER_PIXEL  # what would be in files
    return needed + canvas * CANVAS_BYTES_PER_PIXEL if tiled else needed


def _pieces_bytes(pixels: int, numbers: MemoryProfile, *, tiled: bool) -> int:
    pieces = min(pixels * PIECES_BYTES_PER_PIXEL[numbers.itemsize], MOST_PIECES_BYTES)
    return round(pieces * (0 if tiled else PIECES_APART_SHARE)) if numbers.apart else pieces


def scratch_bytes(height: int, width: int, numbers: MemoryProfile = FLOAT32) -> int:
    """Bytes on the disk while a canvas is painted, which are free again afterwards."""
    return height * width * DISK_BYTES_PER_PIXEL if height * width > numbers.held_pixels else 0


def surrounded_side(length: int, tile: int | None) -> int:
    """The longest side of a tile with what surrounds it, where a side of so many pixels is cut into tiles."""
    if tile is None or length <= tile:
        return length
    count = tile_count(length, tile)
    return min(length, -(-length // count) + 2 * MARGIN)


def tile_count(length: int, tile: int | None) -> int:
    """How many tiles there are along a side."""
    return 1 if tile is None or length <= tile else -(-length // max(16, (tile - 2 * MARGIN) // 16 * 16))


def tiled_pixels(height: int, width: int, tile: int | None) -> int:
    """Pixels of all tiles with what surrounds them: what one pass over the canvas has to compute."""
    rows, columns = tile_count(height, tile) - 1, tile_count(width, tile) - 1
    return (height + 2 * MARGIN * rows) * (width + 2 * MARGIN * columns)


def choose_tile(height: int, width: int, free: int | None, numbers: MemoryProfile = FLOAT32) -> int | None:
    """None where the whole canvas fits, else the largest tile that does, else the smallest there is."""
    if free is None or evaluation_bytes(height, width, None, numbers) <= free * SAFE_SHARE:
        return None
    for tile in TILE_STEPS:
        if evaluation_bytes(height, width, tile, numbers) <= free * SAFE_SHARE:
            return tile
    return TILE_STEPS[-1]


def smaller_tile(tile: int | None, height: int, width: int) -> int | None:
    """The next step down after an evaluation ran out of memory, or None where there is none left."""
    current = tile or max(height, width)
    return next((step for step in TILE_STEPS if step < current), None)


def strips(height: int, width: int, at_once: int | None = None) -> Iterator[slice]:
    """Rows of a canvas, so many at a time that they have about STRIP_PIXELS, or `at_once`; all for most canvases."""
    step = max(1, (STRIP_PIXELS if at_once is None else at_once) // max(1, width))
    for start in range(0, height, step):
        yield slice(start, min(height, start + step))
