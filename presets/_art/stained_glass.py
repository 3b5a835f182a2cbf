"""Stained glass: irises before a lake at sunset, in leaded opalescent glass with a jewelled border.

Every form is cut into pieces by its own bands and cross-cuts. Each piece gets one sheet of glass: a
colour with its own jitter, streaks in its own direction, ripples, seeds (bubbles) and painted shading
near the lead. Light comes from behind: the glass glows into the lead cames, which are rounded, with
solder at the joints.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from craft import (
    Array,
    blur,
    borders,
    cells,
    fbm,
    fbm_at,
    grid,
    mix,
    noise_at,
    palette,
    polygon_mask,
    random_at,
    rgb,
    shrink,
    smooth_path,
    smoothstep,
    to_image,
)

WIDTH, HEIGHT, SCALE = 1024, 768, 2
W, H = WIDTH * SCALE, HEIGHT * SCALE
SUN = (0.60 * W, 0.33 * H)


class Window:
    """Region and piece of every pixel, with the colour of its glass."""

    def __init__(self) -> None:
        self.region = np.zeros((H, W), np.int32)
        self.piece = np.zeros((H, W), np.int64)
        self.colour = np.zeros((H, W, 3), np.float32)
        self.count = 0

    def add(self, mask: Array, piece: Array | int, colour: Array) -> None:
        """Lay a form; ``piece`` tells its panes apart."""
        inside = mask > 0.5
        self.count += 1
        self.region[inside] = self.count
        key = np.broadcast_to(np.asarray(piece, np.int64), mask.shape)
        self.piece[inside] = key[inside] * 64 + self.count * 7919
        self.colour[inside] = np.broadcast_to(colour, (H, W, 3))[inside]


def _panes(phase: Array, along: Array, length: float, seed: int) -> Array:
    """Bands cut across at staggered places."""
    row = np.floor(phase).astype(np.int64)
    cut = np.floor(along / (length * (0.75 + 0.5 * random_at(row, seed))) + 9 * random_at(row, seed + 1)).astype(
        np.int64
    )
    return row * 1009 + cut * 13


def _pick(colours: Array, position: Array, key: Array, spread: float, seed: int) -> Array:
    """Colour along a palette by position (0–1), jittered per pane."""
    at = np.clip(position + spread * (random_at(key, seed) - 0.5), 0, 0.999) * (len(colours) - 1)
    low = at.astype(np.int32)
    return mix(colours[low], colours[low + 1], (at - low)[..., None])


def _sky(window: Window, x: Array, y: Array) -> None:
    dx, dy = x - SUN[0], y - SUN[1]
    r = np.hypot(dx, dy) + 26 * fbm_at(x / 240, y / 240, 3, 1)
    angle = np.arctan2(dy, dx)
    ring = np.sqrt(np.maximum(r, 1) / 17)
    key = _panes(ring * 1.45, (angle + np.pi) * 330 * (1 + np.floor(ring * 1.45) // 5), 190, 3)
    sky = palette("fff0b0 ffcf5c ff9d45 f0704f d5556f a04d8c 5f4ea0 3b57b4 2a79c8 2c58a8 1f3a86 182a66")
    position = np.floor(ring * 1.45) / 14
    window.add(np.ones_like(x), key, _pick(sky, position, key, 0.17, 5))
    window.add(r < 118, 0, rgb("fff3c4"))


def _range(
    window: Window, x: Array, y: Array, points: Sequence[tuple[float, float]], colours: str, seed: int, slant: float
) -> None:
    line = smooth_path([(a * W, b * H) for a, b in points], 30)
    crest = np.interp(x[0], line[:, 0], line[:, 1])[None, :] + 5 * noise_at(x / 60, x * 0, seed)
    drop = y - crest
    key = _panes((x + slant * drop + 40 * noise_at(x / 150, y / 150, seed)) / 105, drop, 120, seed)
    shades = palette(colours)
    window.add(drop > 0, key, _pick(shades, drop / (0.25 * H), key, 0.5, seed))


def _lake(window: Window, x: Array, y: Array) -> None:
    top = 0.575 * H
    depth = np.clip((y - top) / (H - top), 0, 1)
    wave = y + (6 + 26 * depth) * np.sin(x / (90 + 160 * depth) + 3 * noise_at(x / 400, y / 200, 6))
    phase = 13 * np.sqrt(np.clip((wave - top) / (H - top) + 0.05, 0, 2))
    key = _panes(phase, x, 260, 12)
    blues = palette("4f8fd0 2f7fc2 1f62a8 1f8f9c 2d6fb0 17457f 123468")
    colour = _pick(blues, depth, key, 0.6, 13)
    path = np.exp(-(((x - SUN[0]) / (90 + 170 * depth)) ** 2)) * (0.55 + 0.6 * random_at(key, 15))
    glow = palette("ffd768 ff9a4c e86f6a c9548a")
    colour = mix(colour, _pick(glow, depth, key, 0.5, 14), smoothstep(0.42, 0.62, path))
    window.add(y > top, key, colour)


def _tree(window: Window, x: Array, y: Array) -> None:
    """Trunk at the left with a canopy of many small leaves of glass."""
    trunk = smooth_path(
        [
            (0.045, 1.0),
            (0.085, 0.72),
            (0.10, 0.5),
            (0.16, 0.27),
            (0.21, 0.12),
            (0.235, 0.13),
            (0.19, 0.3),
            (0.155, 0.5),
            (0.15, 0.72),
            (0.17, 1.0),
        ],
        12,
    ) * (W, H)
    canopy = fbm_at(x / 260, y / 260, 4, 20)
    reach = np.hypot((x - 0.14 * W) / 1.35, y - 0.07 * H) / (0.30 * H) + 0.28 * canopy
    key = cells(x / 62 + 0.2 * canopy, y / 46, 22)
    leaf = palette("0f5a3a 1f7f3f 55a63a a6c63c e2c83e 2a8f66 0d4a4c")
    window.add(
        polygon_mask(H, W, trunk),
        _panes((x + 0.25 * y) / 60, y, 190, 25),
        _pick(
            palette("5a2f22 8a4a2a b06a38 6a3a3a 442438"), 0.5 + 0 * x, _panes((x + 0.25 * y) / 60, y, 190, 25), 1, 26
        ),
    )
    window.add(reach < 1, key, _pick(leaf, reach * 0.5 + 0.2, key, 0.75, 23))
    fruit = (reach < 0.93) & (random_at(key, 28) > 0.9)
    window.add(fruit, key, _pick(palette("e2402f f07a35 c92a4a"), 0 * x + 0.5, key, 1.0, 29))


def _shape(
    window: Window, points: Sequence[tuple[float, float]], place: tuple[float, float, float, float], colour: Array
) -> None:
    """A closed curve placed at (x, y) with a size and a turn."""
    cx, cy, size, turn = place
    p = np.asarray(points, np.float32) * size
    c, s = np.cos(turn), np.sin(turn)
    p = p @ np.array([[c, s], [-s, c]], np.float32) + (cx * W, cy * H)
    window.add(polygon_mask(H, W, smooth_path(p, 12, closed=True)), 0, colour)


def _leaf(
    window: Window,
    base: tuple[float, float],
    tip: tuple[float, float],
    bend: float,
    width: float,
    colours: Array,
    x: Array,
    y: Array,
) -> None:
    b, t = np.array(base) * (W, H), np.array(tip) * (W, H)
    side = np.array([-(t - b)[1], (t - b)[0]])
    side = side / np.linalg.norm(side)
    middle = (b + t) / 2 + side * bend
    spine = smooth_path([b, middle, t], 14)
    half = width * np.sin(np.linspace(0.45, np.pi, len(spine))) ** 0.8
    outline = np.concatenate([spine + side * half[:, None], (spine - side * half[:, None])[::-1]])
    key = np.floor(y / 150 + x / 900).astype(np.int64)
    window.add(
        polygon_mask(H, W, outline), key, _pick(colours, np.full_like(x, 0.5), key + int(base[0] * 1e4), 1.0, 31)
    )


PETALS = [  # outline, palette: three falls and three standards of an iris, back to front
    ([(0, 0.1), (-0.5, -0.25), (-0.72, -0.95), (-0.3, -1.35), (0.05, -0.9)], "7a5fd0 9a86e6"),
    ([(0, 0.1), (0.5, -0.25), (0.75, -0.9), (0.35, -1.38), (-0.02, -0.9)], "6a4cc0 8f7ae0"),
    ([(0, 0.15), (-0.32, -0.3), (-0.26, -0.95), (0.05, -1.22), (0.32, -0.9), (0.3, -0.3)], "9a7fe6 c2aef6"),
    ([(-0.1, 0), (-0.75, -0.2), (-1.4, 0.12), (-1.5, 0.72), (-1.05, 0.95), (-0.6, 0.5)], "4a2f9c 6a3fb4"),
    ([(0.1, 0), (0.75, -0.2), (1.38, 0.1), (1.52, 0.7), (1.05, 0.98), (0.6, 0.5)], "44289a 6238ae"),
    ([(-0.25, 0.05), (-0.55, 0.6), (-0.5, 1.3), (0, 1.65), (0.5, 1.3), (0.55, 0.6), (0.25, 0.05)], "55309f 7f4cc0"),
    ([(-0.12, 0.08), (-0.17, 0.5), (0, 0.85), (0.17, 0.5), (0.12, 0.08)], "ffc83a ffe07a"),
    ([(-0.35, 0.02), (-0.85, 0.12), (-1.1, 0.38), (-0.75, 0.36), (-0.3, 0.2)], "ffb52e ffd867"),
    ([(0.35, 0.02), (0.85, 0.12), (1.1, 0.38), (0.75, 0.36), (0.3, 0.2)], "ffb52e ffd867"),
]


def _iris(window: Window, place: tuple[float, float, float, float], tint: Array, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for points, codes in PETALS:
        pair = palette(codes)
        colour = mix(pair[0], pair[1], rng.uniform(0, 1))
        if points[1][1] < 0.55 and pair[0][2] > 0.5:
            colour = mix(colour, tint, 0.45)
        _shape(window, points, place, np.clip(colour * rng.uniform(0.88, 1.12), 0, 1))


def _border(window: Window, x: Array, y: Array) -> None:
    edge = np.minimum.reduce([x, y, W - 1 - x, H - 1 - y])
    along = np.where(np.minimum(x, W - x) < np.minimum(y, H - y), y, x)
    step = np.floor(along / 96).astype(np.int64)
    key = step * 5 + (x > W / 2) * 7001 + (y > H / 2) * 9001
    jewels = palette("a3162f 1f3fa0 c98a1f 0f6e55 7a1f6a b5371f")
    window.add(edge < 62, key, jewels[(random_at(key, 40) * 5.99).astype(int)])
    window.add((edge < 62) & (edge > 44), step // 3 * 3 + 50000, rgb("f2dfa6"))
    cx = (step + 0.5) * 96
    gem = np.hypot(along - cx, (edge - 22) * 1.0) < 15
    window.add(gem & (step % 2 == 0), key + 3, rgb("ffd258"))


def _compose(x: Array, y: Array) -> Window:
    window = Window()
    _sky(window, x, y)
    _range(
        window,
        x,
        y,
        [(0, 0.43), (0.18, 0.34), (0.3, 0.45), (0.45, 0.5), (0.6, 0.53), (0.74, 0.44), (0.86, 0.31), (1, 0.40)],
        "b58ad0 8a7cc8 6a6fc0 5560a8",
        50,
        0.7,
    )
    _range(
        window,
        x,
        y,
        [(0, 0.53), (0.2, 0.49), (0.36, 0.56), (0.55, 0.585), (0.75, 0.55), (0.9, 0.47), (1, 0.52)],
        "2f8f8a 2a7a6a 3f9a5a 226a60",
        51,
        -0.8,
    )
    _lake(window, x, y)
    _range(
        window,
        x,
        y,
        [(0, 0.72), (0.12, 0.74), (0.22, 0.86), (0.34, 0.93), (0.5, 0.96), (0.66, 0.90), (0.82, 0.85), (1, 0.74)],
        "b4c83c 7fae3a 3f8f3f 1f6a3a 0f4a30",
        52,
        0.4,
    )
    _tree(window, x, y)
    greens = palette("0f5a3c 2f8a3f 7fb83a 1f7058 b8c84a")
    blades = [
        ((0.70, 1.0), (0.60, 0.56), 50, 22),
        ((0.74, 1.0), (0.80, 0.50), -60, 24),
        ((0.78, 1.0), (0.93, 0.62), -70, 22),
        ((0.66, 1.0), (0.50, 0.70), 60, 20),
        ((0.36, 1.0), (0.27, 0.70), 40, 20),
        ((0.41, 1.0), (0.475, 0.68), -50, 20),
        ((0.86, 1.0), (0.965, 0.74), -40, 18),
        ((0.72, 1.0), (0.70, 0.52), 10, 11),
        ((0.82, 1.0), (0.86, 0.70), 10, 10),
        ((0.38, 1.0), (0.375, 0.72), 8, 10),
        ((0.58, 1.0), (0.56, 0.84), 8, 9),
    ]
    for base, tip, bend, width in blades:
        _leaf(window, base, tip, bend, width * 1.25, greens, x, y)
    _iris(window, (0.70, 0.50, 122, 0.08), rgb("b070e0"), 1)
    _iris(window, (0.375, 0.69, 96, -0.12), rgb("5f8cf0"), 2)
    _iris(window, (0.865, 0.70, 88, 0.18), rgb("e06aa8"), 3)
    _iris(window, (0.555, 0.83, 72, -0.1), rgb("7f9cf6"), 4)
    _border(window, x, y)
    return window


def _glass(window: Window, x: Array, y: Array, near: Array) -> Array:
    """Transmitted light of every pane."""
    key = window.piece
    turn = random_at(key, 1) * np.pi
    c, s = np.cos(turn), np.sin(turn)
    u, v = c * x + s * y + 900 * random_at(key, 2), -s * x + c * y + 900 * random_at(key, 3)
    bend = 30 * fbm_at(u / 160, v / 160, 2, 4)
    streak = fbm_at(u / 210, (v + bend) / 26, 5, 5, 0.62)
    wisp = smoothstep(0.25, 1.2, fbm_at(u / 130 + 40, (v + 2 * bend) / 40, 4, 6))
    hammered = fbm_at(x / 15, y / 15, 2, 7) - fbm_at((x - 4) / 15, (y - 4) / 15, 2, 7)
    value = 0.78 + 0.42 * random_at(key, 8) + 0.24 * streak + 0.2 * hammered * (random_at(key, 9) > 0.4)
    hue = (np.stack([random_at(key, 20 + i) for i in range(3)], -1) - 0.5) * 0.16
    colour = np.clip(window.colour + hue * (0.4 + window.colour), 0.01, 1) ** 1.45
    colour = colour * value[..., None] * 1.12
    colour = mix(colour, 0.45 + 0.75 * colour, wisp * 0.55 * (random_at(key, 10) > 0.3))
    light = (
        0.82
        + 0.5 * np.exp(-((x - SUN[0]) ** 2 + (y - SUN[1]) ** 2) / (0.42 * W) ** 2)
        + 0.1 * fbm_at(x / 500, y / 500, 2, 11)
    )
    colour = colour * light[..., None] * (1 - 0.5 * near)[..., None]
    colour = mix(
        colour, np.array([1.5, 1.3, 0.75], np.float32), 0.8 * smoothstep(125, 60, np.hypot(x - SUN[0], y - SUN[1]))
    )
    return _seeds(colour, x, y)


def _seeds(colour: Array, x: Array, y: Array) -> Array:
    """Bubbles in the glass: small drawn-out rings with a bright side."""
    rng = np.random.default_rng(12)
    for _ in range(1700):
        cx, cy, r = rng.uniform(0, W), rng.uniform(0, H), rng.gamma(2.2, 1.5) + 1.4
        rows, columns = (
            slice(max(int(cy - 3 * r), 0), int(cy + 3 * r) + 1),
            slice(max(int(cx - 3 * r), 0), int(cx + 3 * r) + 1),
        )
        dx, dy = x[rows, columns] - cx, (y[rows, columns] - cy) * 0.65
        q = np.hypot(dx, dy) / r
        ring = smoothstep(0.45, 0.1, np.abs(q - 1)) * (0.2 - 0.55 * (dx - dy) / r)
        colour[rows, columns] *= (1 + 0.6 * ring + 0.25 * (q < 0.9))[..., None]
    return colour


def _lead(window: Window) -> tuple[Array, Array, Array]:
    """Cover of the cames, their height (for the light on them) and the dirt beside them."""
    thin, thick = borders(window.piece), borders(window.region)
    a, b = blur(thin, 4.2), blur(thick, 5.6)
    cover = np.maximum(smoothstep(0.042, 0.066, a), smoothstep(0.032, 0.05, b))
    height = np.minimum(a / 0.10, 1.4) + np.minimum(b / 0.075, 1.4)
    joint = smoothstep(0.17, 0.26, blur(thin, 5))
    near = np.clip(blur(thin, 17) / 0.034, 0, 1) ** 1.3
    return cover, blur(height + 0.9 * joint, 1.5), near


def draw() -> Image.Image:
    """Assemble the window, 1024 × 768."""
    x, y = grid(H, W)
    x, y = x + 3 * fbm_at(x / 60, y / 60, 2, 90), y + 3 * fbm_at(x / 60 + 9, y / 60, 2, 91)
    window = _compose(x, y)
    cover, height, near = _lead(window)
    glass = _glass(window, x, y, near)
    gy, gx = np.gradient(height)
    shine = np.clip(-(gx + gy) * 5.5, -0.35, 1)
    rough = fbm(H, W, 12, 3, np.random.default_rng(4))
    lead = rgb("101114") * (1 + 0.4 * rough[..., None]) + np.clip(shine, 0, 1)[..., None] * rgb("8f949c") * 0.36
    lead = lead * (1 + 0.5 * np.clip(shine, -1, 0))[..., None]
    bloom = blur(glass * (1 - cover)[..., None], 13)
    picture = mix(glass, lead + 0.06 * bloom, cover) + 0.09 * bloom
    picture = 1 - np.exp(-2.15 * np.clip(picture, 0, None))
    return shrink(to_image(picture**0.86), WIDTH, HEIGHT)
