"""How much memory a canvas takes, and the tile that fits into what is free. No torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..layers import DEEPEST_STRIDE, tile_margin
from .allocator import can_map_blocks

MARGIN = tile_margin("relu5_1")
"""Pixels around a tile's core that the deepest layer of presets sees."""

STRIP_PIXELS = 1 << 20
"""Pixels that per-pixel work on an image takes at a time."""

RECOMPUTED_FROM = {4: (448 * 448, 1088 * 1088), 2: (1088 * 1088, 1536 * 1536)}
"""Pixels above which the first block, and the second, are recomputed in the backward pass, by bytes per number.

On a processor in float32 the first costs nothing that can be measured from 512² on, the second an eighth of an
iteration. In tiles both are recomputed. On a GPU neither: the small strips take ten times as long.
"""

AVERAGED_FROM = 1088 * 1088
"""The same at least where pooling averages, so that a block's last convolution is computed again as well: in float32
half an iteration, of which the first block takes nearly all."""

MOST_RECOMPUTED = 2
"""Blocks that can be recomputed; the maps of deeper ones are small."""

BYTES_PER_PIXEL = {4: (715, 610, 460), 2: (420, 290, 290)}
"""Peak of an evaluation on a processor over the idle network, by bytes per number and by blocks recomputed.

Includes the image-sized tensors.
"""

AVERAGED_NUMBERS_PER_PIXEL = (120, 56, 24)
"""Further numbers per pixel that average pooling keeps, by blocks recomputed: relu maps of 64 channels, a quarter of
128, and so on. Calculated, not measured."""

GPU_BYTES_PER_PIXEL = {4: 1930, 2: 1150}
"""Peak of an evaluation on a GPU, where autograd keeps relu maps and pooling indices.

The device's memory in use grows by 1.15 times what tensors take (H100).
"""

GPU_BYTES = 16 << 20
"""What a GPU's libraries need, whatever the canvas."""

ROW_STRIPS_BYTES = 30 << 20
"""What the strips of recomputed blocks need, whatever the canvas."""

FRAGMENT_BYTES_PER_PIXEL = {4: 480, 2: 350}
"""Heap fragments on a processor, by bytes per number: blocks too small to be mapped singly."""

MOST_FRAGMENT_BYTES = 117 << 20
"""The most that heap fragments take."""

MAPPED_FRAGMENT_SHARE = 1 / 3
"""Share of the fragments that remains with `allocator.map_small_blocks`; in tiles none does."""

CANVAS_BYTES_PER_PIXEL = 108
"""Image-sized tensors of a tiled canvas: image, gradient, two moments of Adam, the content, its deep features, and what
it looks for in the style."""

IN_MEMORY_PIXELS = 2048 * 2048
"""A larger canvas has its image-sized tensors in mapped files."""

GPU_HELD_SHARE = 0.25
"""Share of a GPU's free memory that image-sized tensors may take instead of mapped files."""

MAPPED_BYTES_PER_PIXEL = 8
"""Memory that a canvas in mapped files still takes: one channel that is being resized."""

DISK_BYTES_PER_PIXEL = 132
"""Mapped files of a canvas: image-sized tensors, 32 bytes for the content's deep features, 16 for what it looks for in
the style, the delivered picture, and 16 for making the content periodic."""

ENLARGED_BYTES_PER_PIXEL = 40
"""Mapped files of a canvas painted at a smaller size: the content, twice where it is made periodic, and the result."""

CHECKPOINT_BYTES_PER_PIXEL = 48
"""The image, Adam's moments, and the mean of the last iterates."""

LBFGS_HISTORY = 20
"""Pairs of image-sized vectors that L-BFGS remembers."""

LBFGS_BYTES_PER_PIXEL = 12 * (2 * LBFGS_HISTORY + 5)
"""Memory that L-BFGS takes, which is never mapped to files."""

SAFE_SHARE = 0.6
"""Share of the free memory that a job may plan with."""

TILE_STEPS = (1280, 1024, 768, 512, 384)
"""Tile sides in pixels, margins included, largest first. Larger ones save little time and take much memory."""


@dataclass(frozen=True)
class MemoryProfile:
    """What the memory formulas depend on besides the canvas.

    itemsize: bytes per number of the network, 4 or 2. on_gpu: whether the network is on a GPU. mapped_blocks: whether
    small blocks are mapped singly. averages: whether pooling averages. held_pixels: the largest canvas whose
    image-sized tensors are held in memory.
    """

    itemsize: int = 4
    on_gpu: bool = False
    mapped_blocks: bool = False
    averages: bool = False
    held_pixels: int = IN_MEMORY_PIXELS

    def recomputed(self, pixels: int, tiled: bool = False) -> int:
        """How many of the first blocks are recomputed, for a whole canvas of so many pixels or for a tile."""
        if self.on_gpu:
            return 0
        if tiled:
            return MOST_RECOMPUTED
        least = AVERAGED_FROM if self.averages else 0
        return sum(pixels > max(limit, least) for limit in RECOMPUTED_FROM.get(self.itemsize, RECOMPUTED_FROM[4]))


FLOAT32 = MemoryProfile()


def profile_for(profile: MemoryProfile, pooling: str, limit: int | None, free: int | None = None) -> MemoryProfile:
    """The network's profile in a job with this pooling. limit: the memory limit; free: bytes free on the device."""
    held = round((free or 0) * GPU_HELD_SHARE / DISK_BYTES_PER_PIXEL) if profile.on_gpu else 0
    return replace(
        profile,
        mapped_blocks=limit is not None and not profile.on_gpu and can_map_blocks(),
        averages=pooling == "average",
        held_pixels=max(IN_MEMORY_PIXELS, held),
    )


def evaluation_bytes(height: int, width: int, tile: int | None, profile: MemoryProfile = FLOAT32) -> int:
    """Peak bytes over the idle worker for a canvas, painted whole or in tiles of at most `tile` px."""
    canvas = height * width
    pixels = tile_side(height, tile) * tile_side(width, tile)
    tiled = pixels != canvas
    if profile.on_gpu:
        needed = pixels * GPU_BYTES_PER_PIXEL[profile.itemsize] + GPU_BYTES
    else:
        recomputed = profile.recomputed(canvas, tiled=tiled)
        per_pixel = BYTES_PER_PIXEL[profile.itemsize][recomputed]
        if profile.averages:
            per_pixel += AVERAGED_NUMBERS_PER_PIXEL[recomputed] * profile.itemsize
        needed = pixels * per_pixel + ROW_STRIPS_BYTES * (recomputed > 0) + _fragment_bytes(pixels, profile, tiled)
    if canvas > profile.held_pixels:
        return needed + canvas * MAPPED_BYTES_PER_PIXEL
    if profile.on_gpu:
        return needed + canvas * DISK_BYTES_PER_PIXEL  # held on the GPU instead of in files
    return needed + canvas * CANVAS_BYTES_PER_PIXEL if tiled else needed


def _fragment_bytes(pixels: int, profile: MemoryProfile, tiled: bool) -> int:
    fragments = min(pixels * FRAGMENT_BYTES_PER_PIXEL[profile.itemsize], MOST_FRAGMENT_BYTES)
    return round(fragments * (0 if tiled else MAPPED_FRAGMENT_SHARE)) if profile.mapped_blocks else fragments


def places_bytes_per_pixel(itemsize: int) -> int:
    """What is kept of a style image to match places with: 24 numbers of feature maps, and 16 bytes of components."""
    return 24 * itemsize + 16


def scratch_bytes(height: int, width: int, profile: MemoryProfile = FLOAT32) -> int:
    """Disk space that a canvas takes while it is painted."""
    return height * width * DISK_BYTES_PER_PIXEL if height * width > profile.held_pixels else 0


def core_side(tile: int, margin: int = MARGIN) -> int:
    """Pixels of a tile's side without its margins."""
    return max(DEEPEST_STRIDE, (tile - 2 * margin) // DEEPEST_STRIDE * DEEPEST_STRIDE)


def tile_count(length: int, tile: int | None) -> int:
    """How many tiles a side of so many pixels is cut into."""
    return 1 if tile is None or length <= tile else -(-length // core_side(tile))


def tile_side(length: int, tile: int | None) -> int:
    """The longest side of a tile, margins included, where a side of so many pixels is cut into tiles."""
    count = tile_count(length, tile)
    return length if count == 1 else min(length, -(-length // count) + 2 * MARGIN)


def tiled_pixels(height: int, width: int, tile: int | None) -> int:
    """Pixels of all tiles, margins included: what one pass over the canvas computes."""
    rows, columns = tile_count(height, tile) - 1, tile_count(width, tile) - 1
    return (height + 2 * MARGIN * rows) * (width + 2 * MARGIN * columns)


def choose_tile(height: int, width: int, free: int | None, profile: MemoryProfile = FLOAT32) -> int | None:
    """None where the whole canvas fits or nothing is known of free memory, else the largest tile that fits, else the
    smallest there is."""
    if free is None:
        return None
    room, tiles = free * SAFE_SHARE, (None, *TILE_STEPS)
    return next((tile for tile in tiles if evaluation_bytes(height, width, tile, profile) <= room), TILE_STEPS[-1])


def smaller_tile(tile: int | None, height: int, width: int) -> int | None:
    """The next step down after an evaluation ran out of memory, or None where there is none left."""
    current = tile or max(height, width)
    return next((step for step in TILE_STEPS if step < current), None)


def strips(height: int, width: int, at_once: int | None = None) -> Iterator[slice]:
    """Rows of a canvas in strips of about STRIP_PIXELS, or `at_once`, pixels; most canvases are one strip."""
    step = max(1, (STRIP_PIXELS if at_once is None else at_once) // max(1, width))
    for start in range(0, height, step):
        yield slice(start, min(height, start + step))
