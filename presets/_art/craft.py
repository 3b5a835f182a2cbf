"""Marks and noise shared by the structured media (woodcut, glass, mosaic, …) and the sample picture.

Everything works on float32 arrays; colours are RGB in 0–1. The noise is lattice value noise summed over
octaves (fractional Brownian motion, as in Perlin 1985 and Musgrave's texturing literature).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

Array = np.ndarray


def rgb(code: str) -> Array:
    """Colour from a hexadecimal code such as ``1f3a5c``."""
    code = code.lstrip("#")
    return np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / 255


def palette(codes: str) -> Array:
    """Several colours from blank-separated hexadecimal codes, as an array (n, 3)."""
    return np.stack([rgb(code) for code in codes.split()])


def mix(a: Array | float, b: Array | float, amount: Array | float) -> Array:
    """Linear blend; a two-dimensional amount is broadcast over colour channels."""
    if (
        isinstance(amount, np.ndarray)
        and amount.ndim == 2
        and amount.shape[1] != 1
        and max(np.ndim(a), np.ndim(b)) in (1, 3)
    ):
        amount = amount[..., None]
    return a + (b - a) * amount


def smoothstep(low: float, high: float, x: Array) -> Array:
    """Smooth ramp from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def grid(height: int, width: int) -> tuple[Array, Array]:
    """Pixel coordinates (x, y) as float32 arrays."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x, y


def resize(field: Array, height: int, width: int, how: int = Image.Resampling.BICUBIC) -> Array:
    """Resize one float channel."""
    return np.asarray(Image.fromarray(field.astype(np.float32), "F").resize((width, height), how))


def fbm(
    height: int,
    width: int,
    scale: float,
    octaves: int,
    rng: np.random.Generator,
    gain: float = 0.5,
    stretch: float = 1.0,
) -> Array:
    """Fractal noise field in about −1…1; ``scale`` is the size in pixels of the largest blobs.

    ``stretch`` above 1 draws the blobs out along x (wood grain, cloth, brushed paint).
    """
    total = np.zeros((height, width), np.float32)
    weight, norm = 1.0, 0.0
    for _ in range(octaves):
        rows = max(2, int(np.ceil(height / scale)) + 2)
        columns = max(2, int(np.ceil(width / (scale * stretch))) + 2)
        seeds = rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
        total += weight * resize(seeds, height, width)
        norm += weight * weight
        weight *= gain
        scale = max(scale / 2, 1.0)
    return total / np.float32(np.sqrt(norm))


def _hash(ix: Array, iy: Array, seed: int) -> Array:
    h = ix.astype(np.uint32) * np.uint32(374761393) + iy.astype(np.uint32) * np.uint32(668265263)
    h += np.uint32((seed * 2246822519) & 0xFFFFFFFF)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(1274126177)
    return ((h ^ (h >> np.uint32(16))) & np.uint32(0xFFFF)).astype(np.float32) / 32767.5 - 1


def noise_at(x: Array, y: Array, seed: int = 0) -> Array:
    """Value noise in −1…1 at any coordinates (lattice cell of size 1)."""
    fx, fy = np.floor(x), np.floor(y)
    ix, iy = fx.astype(np.int64), fy.astype(np.int64)
    tx, ty = (x - fx).astype(np.float32), (y - fy).astype(np.float32)
    tx, ty = tx * tx * (3 - 2 * tx), ty * ty * (3 - 2 * ty)
    top = _hash(ix, iy, seed) * (1 - tx) + _hash(ix + 1, iy, seed) * tx
    bottom = _hash(ix, iy + 1, seed) * (1 - tx) + _hash(ix + 1, iy + 1, seed) * tx
    return top * (1 - ty) + bottom * ty


def fbm_at(x: Array, y: Array, octaves: int, seed: int = 0, gain: float = 0.5) -> Array:
    """Fractal noise at any coordinates, roughly −1…1."""
    total, weight, norm = 0.0, 1.0, 0.0
    for octave in range(octaves):
        total = total + weight * noise_at(x, y, seed + 17 * octave)
        norm += weight * weight
        weight *= gain
        x, y = x * 2.03 + 11.3, y * 2.03 + 5.7
    return total / np.float32(np.sqrt(norm))


def random_at(key: Array, seed: int = 0) -> Array:
    """Reproducible random number in 0…1 for integer keys."""
    key = np.asarray(key)
    return _hash(key, key * 0 + 7, seed) * 0.5 + 0.5


def sample(image: Array, x: Array, y: Array) -> Array:
    """Bilinear look-up with clamped borders."""
    height, width = image.shape[:2]
    x = np.clip(x, 0, width - 1.001)
    y = np.clip(y, 0, height - 1.001)
    ix, iy = x.astype(np.int32), y.astype(np.int32)
    tx, ty = x - ix, y - iy
    if image.ndim == 3:
        tx, ty = tx[..., None], ty[..., None]
    top = image[iy, ix] * (1 - tx) + image[iy, ix + 1] * tx
    bottom = image[iy + 1, ix] * (1 - tx) + image[iy + 1, ix + 1] * tx
    return top * (1 - ty) + bottom * ty


def blur(field: Array, radius: float) -> Array:
    """Gaussian-like blur (three box passes) of an array (h, w) or (h, w, c)."""
    size = max(1, round(radius * 0.98))
    for axis in (0, 1):
        for _ in range(3):
            field = _box(field, size, axis)
    return field


def _box(field: Array, half: int, axis: int) -> Array:
    pad = [(0, 0)] * field.ndim
    pad[axis] = (half + 1, half)
    total = np.cumsum(np.pad(field, pad, mode="edge"), axis=axis, dtype=np.float64)
    n = field.shape[axis]
    span = 2 * half + 1
    upper = np.take(total, range(span, span + n), axis=axis)
    lower = np.take(total, range(n), axis=axis)
    return ((upper - lower) / span).astype(np.float32)


def to_image(colour: Array) -> Image.Image:
    """8-bit picture from colours in 0–1."""
    return Image.fromarray((np.clip(colour, 0, 1) * 255 + 0.5).astype(np.uint8), "RGB")


def from_image(image: Image.Image) -> Array:
    """Colours in 0–1 from a picture (or one channel in 0–1 from a grey one)."""
    return np.asarray(image, np.float32) / 255


def shrink(image: Image.Image, width: int, height: int) -> Image.Image:
    """Anti-aliased reduction."""
    return image.resize((width, height), Image.Resampling.LANCZOS)


def polygon_mask(height: int, width: int, points: Sequence[tuple[float, float]]) -> Array:
    """Filled polygon as 0/1 float mask."""
    image = Image.new("L", (width, height))
    ImageDraw.Draw(image).polygon([tuple(map(float, p)) for p in points], fill=255)
    return from_image(image)


def smooth_path(points: Sequence[tuple[float, float]], steps: int = 12, closed: bool = False) -> Array:
    """Catmull-Rom curve through the points, as an array (n, 2)."""
    p = np.asarray(points, np.float32)
    p = np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([p[:1], p, p[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[:, None]
    pieces = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    if not closed:
        pieces.append(p[-1:])
    return np.concatenate(pieces)


def gouges(phase: Array, along: Array, tone: Array, length: float, seed: int, soft: float = 0.12) -> Array:
    """Carved cuts (1 = cut away): one row per unit of ``phase``, wider where ``tone`` is lighter.

    Each row is broken into cuts of about ``length`` along ``along``; a cut enters fine, swells and
    leaves fine.
    """
    row = np.floor(phase)
    key = row.astype(np.int64)
    step = along / (length * (0.7 + 0.6 * random_at(key, seed))) + random_at(key, seed + 1)
    cut = np.floor(step)
    t = step - cut
    jitter = random_at(key * 977 + cut.astype(np.int64) * 131, seed + 2)
    taper = np.clip(t / 0.22, 0, 1) ** 0.7 * np.clip((1 - t) / 0.45, 0, 1) ** 0.6
    joined = smoothstep(0.62, 0.95, tone)
    width = np.clip(tone + 0.22 * (jitter - 0.5), 0, 1) * mix(taper, 1.0, joined) * 0.56
    width = width - 0.05
    distance = np.abs(phase - row - 0.5)
    return np.where(width > 0.015, smoothstep(soft, -soft, distance - width), 0).astype(np.float32)


def outline(mask: Array, radius: float) -> Array:
    """Band around the border of a mask, about ``radius`` to each side."""
    near = blur(mask, radius)
    return smoothstep(0.06, 0.22, near) * smoothstep(0.94, 0.78, near)


def cells(x: Array, y: Array, seed: int, spread: float = 0.85) -> Array:
    """Integer key of the nearest jittered lattice point (cellular noise, Worley 1996); lattice size 1."""
    ix, iy = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    best = np.full(x.shape, np.inf, np.float32)
    key = np.zeros(x.shape, np.int64)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            jx, jy = ix + dx, iy + dy
            px = jx + 0.5 + 0.5 * spread * _hash(jx, jy, seed)
            py = jy + 0.5 + 0.5 * spread * _hash(jx, jy, seed + 1)
            distance = ((px - x) ** 2 + (py - y) ** 2).astype(np.float32)
            closer = distance < best
            best = np.where(closer, distance, best)
            key = np.where(closer, jx * 4099 + jy * 131071, key)
    return key


def borders(labels: Array) -> Array:
    """1 where a pixel's label differs from its right or lower neighbour."""
    edge = np.zeros(labels.shape, bool)
    edge[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    edge[:-1] |= labels[:-1] != labels[1:]
    return edge.astype(np.float32)


def moved(field: Array, dx: int, dy: int) -> Array:
    """The field moved by whole pixels, its border repeated."""
    rows = np.clip(np.arange(field.shape[0]) - dy, 0, field.shape[0] - 1)
    columns = np.clip(np.arange(field.shape[1]) - dx, 0, field.shape[1] - 1)
    return field[rows[:, None], columns]
