"""Woodcut: a sun over a rough sea, cut with gouges in one key block and two muted colour blocks.

Every form has a phase (rows of cuts) and a coordinate along the rows; light widens the cuts until they
join, so the marks follow the form and carry the tone, as in relief prints since Bewick. Ink is printed
with the board's grain, starved patches and a slight misregister of the colour blocks on laid paper.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from craft import (
    Array,
    fbm,
    fbm_at,
    gouges,
    grid,
    mix,
    moved,
    noise_at,
    outline,
    polygon_mask,
    rgb,
    shrink,
    smooth_path,
    smoothstep,
    to_image,
)

WIDTH, HEIGHT, SCALE = 1024, 768, 2
W, H = WIDTH * SCALE, HEIGHT * SCALE
SUN = (0.36 * W, 0.36 * H)


class Block:
    """The key block: ``cut`` is 1 where wood is carved away (paper shows) and 0 where it prints."""

    def __init__(self) -> None:
        self.cut = np.zeros((H, W), np.float32)
        self.tint = np.zeros((H, W, 2), np.float32)

    def carve(
        self,
        mask: Array,
        cuts: Array,
        tints: tuple[Array | float, Array | float],
        line: float = 3.0,
        window: tuple[slice, slice] = (slice(None), slice(None)),
    ) -> None:
        """Replace a form: its cuts, its share of the two colour blocks, and a black contour."""
        rows, columns = _bounds(mask, int(line * 4) + 4)
        m = mask[rows, columns]
        area = self.cut[window][rows, columns]
        area += (cuts[rows, columns] - area) * m
        if line:
            area *= 1 - outline(m, line)
        for i, tint in enumerate(tints):
            amount = tint[rows, columns] if isinstance(tint, np.ndarray) else tint
            layer = self.tint[..., i][window][rows, columns]
            layer += (amount - layer) * m


def _bounds(mask: Array, margin: int) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return (
        slice(max(rows[0] - margin, 0), rows[-1] + margin),
        slice(max(columns[0] - margin, 0), columns[-1] + margin),
    )


def _window(cx: float, cy: float, reach: float) -> tuple[slice, slice]:
    """Slices of the square about a point, within the picture."""
    return (
        slice(max(int(cy - reach), 0), max(int(cy + reach), 1)),
        slice(max(int(cx - reach), 0), max(int(cx + reach), 1)),
    )


def _sky(block: Block, x: Array, y: Array) -> None:
    """Rays: rows are angles, doubled with distance so that their spacing stays even."""
    dx, dy = x - SUN[0], y - SUN[1]
    r = np.hypot(dx, dy)
    angle = np.arctan2(dy, dx) + 0.012 * fbm_at(x / 160, y / 160, 3, 3)
    beams = np.cos(angle * 15 + 0.6) * 0.5 + 0.5
    tone = np.clip(1.02 - r / (0.78 * W) + 0.34 * (beams - 0.5) * smoothstep(100, 420, r), 0.03, 1)
    level = np.clip(np.floor(np.log2(np.maximum(r, 60) / 260)), -1, 3)
    count = 112 * 2.0**level
    cuts = gouges(angle / (2 * np.pi) * count + 1000, r, tone, 190, 11)
    ring = gouges(r / 15 + 0.3 * noise_at(angle * 3, r * 0, 4), angle * 300, np.full_like(r, 0.62), 120, 12)
    cuts = mix(cuts, ring, smoothstep(250, 235, r))
    glow = smoothstep(0.75 * W, 0.2 * W, r + 90 * beams)
    golden = glow * smoothstep(-0.05, 0.15, beams - 0.42 * smoothstep(0.1 * W, 0.4 * W, r))
    block.carve(np.ones_like(x), cuts, (golden, 0.0), 0)
    disc = smoothstep(133, 129, r)
    block.carve(disc, np.ones_like(x), (1.0, 0.0), 4)


def _cloud(block: Block, x: Array, y: Array, lobes: list[tuple[float, float, float]], seed: int) -> None:
    """Cumulus of overlapping lobes; cuts run in arcs about each lobe, light on the side of the sun."""
    for i, (cx, cy, radius) in enumerate(sorted(lobes, key=lambda lobe: lobe[1])):
        cx, cy, radius = cx * W, cy * H, radius * W
        window = _window(cx, cy, radius * 1.2)
        px, py = x[window], y[window]
        dx, dy = px - cx, (py - cy) * 1.25
        r = np.hypot(dx, dy)
        wobble = 9 * fbm_at(px / 60, py / 60, 3, seed + i)
        mask = smoothstep(1.5, -1.5, r + wobble - radius) * smoothstep(1.5, -1.5, py - cy - 0.42 * radius + wobble)
        toward = ((SUN[0] - cx) * dx + (SUN[1] - cy) * dy) / np.hypot(SUN[0] - cx, SUN[1] - cy) / radius
        tone = np.clip(0.80 + 0.42 * toward - 0.6 * dy / radius + 0.1 * noise_at(px / 60, py / 60, seed), 0.05, 1)
        low = dy + 1.1 * radius  # arcs about a point above, so that the shaded belly hangs in curves
        cuts = gouges((np.hypot(dx, low) + wobble) / 12.5, np.arctan2(low, dx) * radius, tone, 90, seed + i)
        block.carve(mask, cuts, (0.15, 0.0), 2.5, window)


def _mountain(block: Block, x: Array, y: Array, peaks: list[tuple[float, float]], seed: int, spacing: float) -> None:
    """A range: cuts fall from the crest; flanks turned to the sun are light, the others nearly black."""
    line = smooth_path([(px * W, py * H) for px, py in peaks], 40)
    crest = np.interp(x[0], line[:, 0], line[:, 1]) + 9 * fbm_at(x[0] / 55, x[0] * 0, 4, seed)
    drop = y - crest[None, :]
    ends = (x >= line[0, 0]) & (x <= line[-1, 0])
    mask = smoothstep(-1.5, 1.5, drop) * ends * (y < 0.63 * H)
    fold = fbm_at(x / 170 + drop / 420, drop / 500 + seed, 4, seed + 1)
    slope = np.gradient(crest)[None, :] + 1.5 * np.gradient(fold, axis=1) * 60
    facing = np.where(x > SUN[0], -slope, slope)
    tone = np.clip(0.50 - 0.6 * facing - drop / (0.9 * H) + 0.25 * fold, 0.0, 0.9)
    lean = np.where(slope > 0, 0.55, -0.55)
    phase = (x + lean * drop + 22 * fold) / spacing
    block.carve(mask, gouges(phase, drop, tone, 95, seed + 5), (0.12, 0.55), 3.5)


def _sea(block: Block, x: Array, y: Array) -> None:
    """Rows of water widen towards the viewer; the sun's path breaks them into light."""
    top = 0.585 * H
    depth = np.clip((y - top) / (H - top), 0, 1.2)
    swell = (0.5 + 3 * depth) * 7 * np.sin(x / (60 + 260 * depth) + 4 * noise_at(x / 500, y / 120, 8))
    yy = depth + (swell + 10 * fbm_at(x / 90, y / 30, 3, 9)) / (H - top)
    phase = 54 * np.sqrt(np.clip(yy + 0.015, 0.001, None))
    path = np.exp(-(((x - SUN[0]) / (70 + 420 * depth)) ** 2))
    crest = 0.5 + 0.5 * np.sin(phase * 0.9 + 5 * fbm_at(x / 300, y / 90, 3, 10))
    tone = np.clip(0.2 + 0.75 * path + 0.42 * crest - 0.15 * depth, 0, 1)
    cuts = gouges(phase, x, tone, 150, 20)
    mask = smoothstep(-1.5, 1.5, y - top)
    block.carve(mask, cuts, (0.75 * path, 0.85 * (1 - 0.6 * path)), 0)


def _breaker(block: Block, x: Array, y: Array, spec: tuple[float, float, float, float, int]) -> None:
    """A rolling wave: a body of long cuts up to a lip of foam that drips in claws."""
    cx, base, width, height, seed = spec
    cx, base, width, height = cx * W, base * H, width * W, height * H
    u = (x - cx) / width
    rise = np.exp(-(np.clip(-u, 0, None) ** 2) * 2.2 - np.clip(u, 0, None) ** 2 * 9)
    claws = 12 * np.abs(np.sin(u * 30 + 2 * noise_at(u * 9, u * 0, seed))) * rise
    crest = base - height * rise + claws * 0.5 + 5 * fbm_at(x / 60, y * 0, 3, seed)
    drop = (y - crest) / height
    mask = smoothstep(-1.5, 1.5, y - crest)
    curl = u + 0.35 * drop + 0.25 * drop * drop
    body = gouges(
        curl * width / 22 + 0.5 * noise_at(x / 80, y / 80, seed),
        y - crest,
        np.clip(0.62 - 0.38 * drop + 0.3 * np.sin(curl * 22), 0.04, 0.85),
        150,
        seed + 1,
    )
    foam_line = 0.20 + 0.16 * fbm_at(u * 9, drop * 0, 4, seed + 2) + 0.1 * np.abs(np.sin(u * 30))
    foam = smoothstep(0.03, -0.03, drop - foam_line * rise)
    bubbles = smoothstep(0.05, 0.25, np.abs(fbm_at(x / 26, y / 26, 3, seed + 3)) - 0.12)
    cuts = mix(body, np.maximum(bubbles, 0.0), foam)
    edge = smoothstep(0.07, 0.03, np.abs(drop - foam_line * rise)) * (rise > 0.12)
    cuts *= 1 - edge
    block.carve(mask, cuts, (0.0, (1 - foam) * smoothstep(-0.7, 0.1, np.sin(curl * 22 + 1))), 3.5)
    _spray(block, x, y, cx, base - height, width, seed)


def _spray(block: Block, x: Array, y: Array, cx: float, top: float, width: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(60):
        px, py = cx + rng.normal(0, 0.3) * width, top + rng.normal(-5, 26)
        r = rng.uniform(2, 7)
        rows, columns = slice(int(py - 20), int(py + 20)), slice(max(int(px - 20), 0), int(px + 20))
        drop = np.hypot(x[rows, columns] - px, y[rows, columns] - py)
        if drop.size:
            block.cut[rows, columns] *= smoothstep(r, r + 3, drop)
            block.cut[rows, columns] += smoothstep(r, r - 2, drop)


def _cliff(block: Block, x: Array, y: Array) -> None:
    """The near headland at the right, with strata that follow its edge."""
    edge = smooth_path(
        [
            (0.60, 1.02),
            (0.655, 0.9),
            (0.70, 0.86),
            (0.735, 0.75),
            (0.80, 0.70),
            (0.86, 0.655),
            (0.93, 0.66),
            (1.02, 0.63),
            (1.02, 1.02),
        ],
        14,
    ) * (W, H)
    mask = polygon_mask(H, W, edge)
    warp = fbm_at(x / 210, y / 210, 4, 31, 0.4)
    phase = (0.8 * x + 0.62 * y + 110 * warp) / 25
    light = np.gradient(warp, axis=1) * 22 - np.gradient(warp, axis=0) * 9
    tone = np.clip(0.33 - light + 0.4 * smoothstep(0.86 * W, 0.62 * W, x) - 0.1, 0.0, 0.85)
    cuts = gouges(phase, 0.62 * x - 0.8 * y, tone, 120, 32)
    top = np.interp(x[0], *edge[:-14][np.argsort(edge[:-14, 0])].T)[None, :]
    grass = gouges(
        (x + 0.35 * (y - top) + 14 * noise_at(x / 30, y / 60, 4)) / 10, y - top, np.full_like(x, 0.6), 38, 33
    )
    cuts = mix(cuts, grass, smoothstep(46, 34, y - top + 14 * noise_at(x / 18, y * 0, 5)) * (x > 0.72 * W))
    block.carve(mask, cuts, (0.1, 0.25), 4)


def _pine(block: Block, x: Array, y: Array) -> None:
    """A wind-bent pine: bark cut along the trunk, needles cut in fans from the end of each bough."""
    limbs = [
        ([(0.875, 0.70), (0.868, 0.56), (0.84, 0.44), (0.85, 0.33), (0.80, 0.22)], 30, 10),
        ([(0.845, 0.46), (0.79, 0.415), (0.73, 0.42)], 12, 5),
        ([(0.85, 0.36), (0.90, 0.30), (0.955, 0.29)], 12, 5),
        ([(0.845, 0.31), (0.77, 0.29), (0.70, 0.27)], 10, 4),
        ([(0.86, 0.50), (0.92, 0.45), (0.97, 0.46)], 12, 5),
    ]
    for i, (points, thick, thin) in enumerate(limbs):
        path = smooth_path(points, 16) * (W, H)
        normal = np.gradient(path, axis=0)[:, ::-1] * (1, -1)
        normal /= np.linalg.norm(normal, axis=1)[:, None]
        half = np.linspace(thick, thin, len(path))[:, None]
        mask = polygon_mask(H, W, np.concatenate([path + normal * half, (path - normal * half)[::-1]]))
        window = _window(*path.mean(0), 0.26 * H)
        px, py = x[window], y[window]
        bark = gouges((px + 9 * fbm_at(px / 30, py / 60, 3, 41)) / 11, py, np.full_like(px, 0.46), 55, 42 + i)
        block.carve(mask[window], bark, (0.6, 0.0), 3, window)
    rng = np.random.default_rng(43)
    clumps = [
        (0.80, 0.19, 0.062),
        (0.755, 0.235, 0.045),
        (0.845, 0.215, 0.05),
        (0.695, 0.255, 0.045),
        (0.735, 0.29, 0.04),
        (0.93, 0.265, 0.05),
        (0.97, 0.30, 0.045),
        (0.89, 0.31, 0.04),
        (0.725, 0.40, 0.05),
        (0.775, 0.395, 0.042),
        (0.685, 0.43, 0.035),
        (0.955, 0.44, 0.055),
        (1.0, 0.465, 0.045),
        (0.91, 0.465, 0.035),
    ]
    for i, (cx, cy, radius) in enumerate(clumps):
        cx, cy, radius = cx * W, cy * H, radius * W
        window = _window(cx, cy, radius * 1.6)
        dx, dy = x[window] - cx, (y[window] - cy - 0.25 * radius) * 1.7
        r, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
        ragged = radius * (1 + 0.13 * np.sin(angle * 17 + rng.uniform(0, 6)) + 0.1 * noise_at(angle * 9, angle * 0, i))
        mask = smoothstep(1.5, -1.5, r - ragged)
        tone = np.clip(0.34 - 0.5 * dy / radius - 0.25 * dx / radius, 0.02, 0.75)
        block.carve(mask, gouges(angle * 15, r, tone, 0.42 * radius, 50 + i), (0.0, 0.6), 3, window)


def _ship(block: Block, x: Array, y: Array) -> None:
    cx, cy, s = 0.335 * W, 0.60 * H, 0.05 * W
    parts = [
        ([(-0.9, -0.15), (1.05, -0.25), (0.75, 0.25), (-0.65, 0.25)], 0.12),
        ([(0.05, -2.3), (0.95, -0.45), (0.05, -0.4)], 0.62),
        ([(-0.05, -2.0), (-0.75, -0.4), (-0.05, -0.35)], 0.8),
    ]
    for i, (points, tone) in enumerate(parts):
        mask = polygon_mask(H, W, [(cx + a * s, cy + b * s) for a, b in points])
        cuts = gouges((y + 0.3 * x) / 9, x, np.full_like(x, tone), 70, 70 + i)
        block.carve(mask, cuts, (0.9 if i else 0.0, 0.0), 3)


def _birds(block: Block) -> None:
    rng = np.random.default_rng(5)
    for cx, cy, s in ((0.52, 0.14, 26), (0.57, 0.19, 20), (0.60, 0.12, 17), (0.47, 0.21, 15)):
        cx, cy, tilt = cx * W, cy * H, rng.uniform(-0.2, 0.2)
        wing = [(-2, -0.5), (-1, -0.9), (0, 0), (1, -1), (2, -0.4), (1, -0.62), (0, 0.35), (-1, -0.52)]
        mask = polygon_mask(H, W, [(cx + s * (a + tilt * b), cy + s * (b + tilt * a)) for a, b in wing])
        block.cut *= 1 - mask


def _print(block: Block) -> Array:
    """Three impressions on cream paper: ochre, slate green, black."""
    rng = np.random.default_rng(9)
    fibre = fbm(H, W, 60, 6, rng) * 0.5 + fbm(H, W, 8, 3, rng, stretch=6) * 0.5
    paper = rgb("efe3c8") * (1 + 0.035 * fibre[..., None])
    grain = fbm(H, W, 9, 3, rng, stretch=26) + 0.5 * fbm(H, W, 90, 3, rng, stretch=3)
    salt = fbm(H, W, 5, 2, rng)
    for i, (code, shift) in enumerate((("d08a4a", (5, -4)), ("5f8583", (-4, 3)))):
        amount = moved(block.tint[..., i], *shift)
        cover = smoothstep(0.42, 0.52, amount + 0.05 * grain) * (0.88 + 0.12 * smoothstep(-1.2, 0.2, grain))
        paper = paper * mix(np.ones(3, np.float32), rgb(code) / rgb("efe3c8"), cover * (0.93 + 0.07 * salt))
    solid = 1 - block.cut
    starved = smoothstep(1.15, 1.55, grain + 0.75 * salt)
    ink = np.clip(solid * (1 - 0.75 * starved) + 0.05 * solid * salt, 0, 1)
    black = rgb("1b1815") * (1 + 0.22 * grain[..., None] * 0.5)
    return mix(paper, black, ink)


def draw() -> Image.Image:
    """Print the woodcut, 1024 × 768."""
    x, y = grid(H, W)
    block = Block()
    _sky(block, x, y)
    for seed, lobes in enumerate(
        [
            [(0.08, 0.20, 0.06), (0.14, 0.15, 0.07), (0.21, 0.19, 0.055), (0.03, 0.24, 0.05), (0.26, 0.22, 0.035)],
            [(0.58, 0.36, 0.05), (0.64, 0.32, 0.055), (0.53, 0.385, 0.035), (0.70, 0.37, 0.04)],
            [(0.40, 0.07, 0.04), (0.46, 0.045, 0.05), (0.53, 0.07, 0.035)],
        ]
    ):
        _cloud(block, x, y, lobes, 100 + 20 * seed)
    _mountain(
        block,
        x,
        y,
        [(0.36, 0.60), (0.47, 0.50), (0.53, 0.53), (0.60, 0.43), (0.68, 0.52), (0.8, 0.46), (1.0, 0.55)],
        60,
        19,
    )
    _mountain(block, x, y, [(0.0, 0.37), (0.05, 0.33), (0.10, 0.42), (0.15, 0.47), (0.20, 0.55), (0.27, 0.60)], 80, 21)
    _sea(block, x, y)
    _ship(block, x, y)
    _breaker(block, x, y, (0.62, 0.80, 0.30, 0.085, 210))
    _breaker(block, x, y, (0.22, 0.92, 0.26, 0.2, 230))
    _cliff(block, x, y)
    _breaker(block, x, y, (0.55, 1.06, 0.26, 0.16, 250))
    _pine(block, x, y)
    _birds(block)
    return shrink(to_image(_print(block)), WIDTH, HEIGHT)
