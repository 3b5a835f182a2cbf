"""Night swirl: a night sky of turning strokes over a village on a lake, in thick separate oil dashes.

The direction field is the sum of vortices round the moon and the stars and of a wind across the sky; the
strokes run along it in four sizes (Haeberli 1990; Hertzmann 1998), with the dark ground left between them.
"""

import numpy as np
from PIL import Image

from strokes import (
    Array,
    Brush,
    Canvas,
    Layer,
    finish,
    gradient,
    mix,
    noise,
    polygon,
    rgb,
    shift,
    smoothstep,
)

W, H = 1024, 832
HORIZON = 560.0
MOON = (250.0, 190.0, 92.0)
WHIRLS = ((610.0, 265.0, 165.0, 1.0), (395.0, 405.0, 90.0, -1.0), (880.0, 430.0, 85.0, -1.0), (*MOON, 1.0))
STARS = (
    (520.0, 75.0, 34.0),
    (765.0, 95.0, 44.0),
    (930.0, 235.0, 38.0),
    (80.0, 370.0, 30.0),
    (70.0, 60.0, 26.0),
    (455.0, 235.0, 22.0),
    (735.0, 465.0, 24.0),
    (235.0, 450.0, 20.0),
)
"""Vortices are x, y, radius and turning sense; stars are x, y and radius."""


def _sky_direction(x: Array, y: Array) -> Array:
    vx = np.full_like(x, 0.8) + 0.35 * np.sin(y / 95 + x / 260)
    vy = 0.42 * np.sin(x / 135 + 0.8) + 0.25 * np.cos(y / 80)
    turns = [(cx, cy, r, s) for cx, cy, r, s in WHIRLS] + [(cx, cy, r * 1.1, 1.0) for cx, cy, r in STARS]
    for cx, cy, r, sense in turns:
        dx, dy = x - cx, y - cy
        d = np.hypot(dx, dy) + 1e-3
        pull = 6.0 * np.exp(-((d / (1.15 * r)) ** 2)) * sense
        vx = vx + pull * (-dy / d + 0.22 * dx / d)
        vy = vy + pull * (dx / d + 0.22 * dy / d)
    return np.arctan2(vy, vx)


def _sky_colour(rng: np.random.Generator, x: Array, y: Array) -> Array:
    ribbons = noise(rng, (H, W), (70, 260), 3)
    t = np.clip(0.42 + 0.24 * ribbons + 0.25 * (y / HORIZON - 0.5), 0, 1)
    sky = gradient(((0, "#0c1240"), (0.3, "#173a8c"), (0.55, "#2b63b8"), (0.75, "#4f97c4"), (1, "#a9d3c6")), t)
    cx, cy, r, _ = WHIRLS[0]
    d, a = np.hypot(x - cx, y - cy), np.arctan2(y - cy, x - cx)
    arms = 0.5 + 0.5 * np.cos(2 * a - d / 17)
    glow = np.exp(-((d / (1.15 * r)) ** 2))
    sky = mix(
        sky,
        gradient(((0, "#123078"), (0.5, "#5aa6c9"), (0.8, "#cfe3c2"), (1, "#f4efc8")), arms),
        (glow * 0.95)[..., None],
    )
    for cx, cy, r, _ in WHIRLS[1:3]:
        d, a = np.hypot(x - cx, y - cy), np.arctan2(y - cy, x - cx)
        arms = 0.5 + 0.5 * np.cos(a * 1 + d / 11)
        sky = mix(
            sky,
            gradient(((0, "#0e1d5c"), (0.6, "#3f8fbf"), (1, "#bfe0cf")), arms),
            (0.9 * np.exp(-((d / r) ** 2)))[..., None],
        )
    return sky


def _add_lights(scene: Array, x: Array, y: Array) -> Array:
    halo = (
        (0, "#fff6c0"),
        (0.25, "#ffd84a"),
        (0.45, "#f2a02c"),
        (0.62, "#d9d27a"),
        (0.8, "#7fb9b4"),
        (1, "#2b63b8"),
    )
    for cx, cy, r in (*STARS, (MOON[0], MOON[1], MOON[2] * 1.45)):
        d = np.hypot(x - cx, y - cy) / (r * 1.25)
        ring = d + 0.06 * np.sin(d * 22)
        scene = mix(scene, gradient(halo, ring), (1 - smoothstep(0.75, 1.1, d))[..., None])
    return scene


def _hills(rng: np.random.Generator, x: Array, y: Array) -> list[tuple[Array, Array, float]]:
    out = []
    for base, amp, phase, low, high in (
        (505, 34, 0.3, "#1b2d6b", "#4465a8"),
        (545, 20, 2.1, "#12303f", "#3d7a6a"),
    ):
        ridge = base + amp * np.sin(x / 120 + phase) + amp * 0.5 * np.sin(x / 47 + phase * 3)
        mask = smoothstep(-1.5, 1.5, y - ridge)
        shade = np.clip(0.5 + 0.5 * np.sin((y - ridge) / 9 + x / 40) + 0.3 * noise(rng, (H, W), 40, 2), 0, 1)
        slope = np.arctan2(np.gradient(ridge[0]), 1.0)[None].repeat(H, 0)
        out.append((mask, gradient(((0, low), (1, high)), shade), slope))
    return out


def _lake(rng: np.random.Generator, x: Array, y: Array) -> Array:
    depth = np.clip((y - HORIZON) / (H - HORIZON), 0, 1)
    waves = np.sin(np.clip(y - HORIZON, 0, None) ** 0.8 * 0.85 + 1.6 * noise(rng, (H, W), (18, 150), 2))
    t = np.clip(0.45 + 0.27 * waves - 0.15 * depth, 0, 1)
    return gradient(((0, "#070f2b"), (0.35, "#12306b"), (0.7, "#2a6a9c"), (1, "#86c2b8")), t)


def _reflect(scene: Array, x: Array, y: Array, cx: float, top: float, length: float, colour: str) -> Array:
    """A column of broken light on the water below a lamp or the moon."""
    run = np.clip((y - top) / length, 0, 1)
    width = 9 + 30 * run
    centre = cx + 7 * np.sin(y / 9.0)
    light = np.exp(-(((x - centre) / width) ** 2)) * smoothstep(0.0, 0.04, run) * (1 - run)
    broken = smoothstep(-0.2, 0.5, np.sin(y / 5.5 + 0.02 * (x - cx)))
    return mix(scene, rgb(colour), (light * broken)[..., None])


def _village(scene: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Houses and a steeple on the far shore, with lit windows; also the mask of what was built."""
    built = np.zeros((H, W), np.float32)
    walls, roofs = ("#31538a", "#243a70", "#4f6f98", "#6d7f8f"), ("#5b2f38", "#13183c", "#7a4a34", "#2a2350")
    for i, left in enumerate(range(330, 880, 44)):
        wide, tall = 38 + rng.uniform(0, 16), 30 + rng.uniform(0, 20)
        foot = HORIZON + 8
        wall = polygon((H, W), [(left, foot), (left, foot - tall), (left + wide, foot - tall), (left + wide, foot)])
        peak = foot - tall - 18 - rng.uniform(0, 14)
        roof = polygon((H, W), [(left - 5, foot - tall), (left + wide / 2, peak), (left + wide + 5, foot - tall)])
        scene = mix(scene, rgb(walls[i % 4]), wall[..., None])
        scene = mix(scene, rgb(roofs[(i * 3) % 4]), roof[..., None])
        built = np.maximum(built, np.maximum(wall, roof))
        if i % 4 != 2:
            wx = left + wide * 0.35
            pane = polygon((H, W), [(wx, foot - 9), (wx, foot - 24), (wx + 12, foot - 24), (wx + 12, foot - 9)])
            scene = mix(scene, rgb("#ffcf3f"), pane[..., None])
    tower = polygon((H, W), [(588, HORIZON), (588, 478), (603, 408), (618, 478), (618, HORIZON)])
    scene = mix(scene, rgb("#1a2250"), tower[..., None])
    return scene, np.maximum(built, tower)


def _trees(rng: np.random.Generator, scene: Array, angle: Array, x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Two flame-like poplars and a bank, close by on the right and left."""
    total = np.zeros((H, W), np.float32)
    for cx, top, foot, wide in (
        (958.0, 250.0, 840.0, 74.0),
        (888.0, 452.0, 840.0, 46.0),
        (36.0, 470.0, 840.0, 52.0),
    ):
        run = np.clip((y - top) / (foot - top), 0, 1)
        sway = cx + 15 * np.sin(y / 62 + cx) * run
        half = wide * (run**0.62) * (1 - 0.35 * run) * (1 + 0.16 * np.sin(y / 17 + np.sign(x - sway) * 1.4))
        mask = smoothstep(-2, 2, half - np.abs(x - sway)) * (y > top)
        flame = 0.5 + 0.5 * np.sin((x - sway) / 6.5 + 2.2 * np.sin(y / 45) + noise(rng, (H, W), (90, 30), 2))
        tint = gradient(
            ((0, "#050b12"), (0.45, "#0f2a24"), (0.75, "#2d5a35"), (0.93, "#7a7a32"), (1, "#b9963c")), flame
        )
        scene = mix(scene, tint, mask[..., None])
        lean = -np.pi / 2 + 0.55 * np.sin(y / 42 + x / 60) + 0.3 * (x - sway) / wide
        angle = np.where(mask > 0.5, lean, angle)
        total = np.maximum(total, mask)
    return scene, angle, total


def _scene(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    angle = _sky_direction(x, y)
    scene = _add_lights(_sky_colour(rng, x, y), x, y)
    for mask, colour, slope in _hills(rng, x, y):
        scene = mix(scene, colour, mask[..., None])
        angle = np.where(mask > 0.5, slope + 0.35 * np.sin(x / 33 + y / 21), angle)
    water = smoothstep(-1, 1, y - HORIZON)
    scene = mix(scene, _lake(rng, x, y), water[..., None])
    angle = np.where(water > 0.5, 0.16 * np.sin(x / 60 + y / 13), angle)
    scene, built = _village(scene, rng)
    scene = _reflect(scene, x, y, MOON[0], HORIZON + 10, 320, "#ffe9a0")
    scene, angle, trees = _trees(rng, scene, angle, x, y)
    angle = np.where((built > 0.5) & (trees < 0.5), np.pi / 2 * (np.sin(x * 0.3) > -0.3), angle)
    detail = np.maximum(built, np.exp(-(((y - HORIZON + 14) / 40) ** 2)) * 0.8)
    return scene, angle, detail.astype(np.float32)


def _accents(canvas: Canvas) -> None:
    """The crescent, the stars' hearts, lit windows' glints on the water: single fat strokes, wet on wet."""
    rng, fat = canvas.rng, Brush(dry=0.1, thick=1.6, tone=0.14, ragged=0.25, taper=0.7, ridge=1.1)
    blunt = Brush(dry=0.2, thick=1.5, tone=0.14, ragged=0.4, taper=0.2)
    cx, cy, r = MOON
    for spread, width, colour in ((0.62, 34, "#f4a52e"), (0.56, 30, "#ffe27a"), (0.50, 16, "#fff6c8")):
        a = np.linspace(-1.9, 1.9, 30)
        arc = np.stack([cx + r * spread * np.cos(a), cy + r * spread * np.sin(a)], -1)
        canvas.stroke(arc, width, rgb(colour), rgb("#ffd24a"), fat, np.sin(np.linspace(0.25, np.pi - 0.25, 30)))
    for sx, sy, size in STARS:
        for _ in range(4):
            a = rng.uniform(0, np.pi)
            reach = np.array([np.cos(a), np.sin(a)]) * size * 0.3
            at = np.array([sx, sy]) + rng.normal(0, size * 0.06, 2)
            canvas.stroke(np.stack([at - reach, at + reach]), size * 0.32, rgb("#fff9d6"), rgb("#ffe58a"), fat)
    lamps = [(x, 130, "#ffc43a") for x in (352, 398, 486, 530, 618, 664, 752, 796)] + [(MOON[0], 262, "#fff0a8")] * 4
    for x, length, colour in lamps:
        for _ in range(9):
            run = rng.random() ** 1.2
            at = np.array([x + rng.normal(0, 4 + 16 * run), HORIZON + 14 + run * length])
            reach = np.array([7 + 13 * run, rng.normal(0, 1.2)])
            tint = shift(rgb(colour), rng.normal(0, 0.12), 1, 1 - 0.35 * run * rng.random())
            canvas.stroke(np.stack([at - reach, at + reach]), 6 + 4 * run, tint, rgb("#f08a3a"), blunt)


def draw() -> Image.Image:
    rng = np.random.default_rng(1889)
    scene, angle, detail = _scene(rng)
    canvas = Canvas(W, H, rgb("#0a0f2c"), rng)
    thin = Brush(dry=0.5, thick=0.5, tone=0.2)
    fat = Brush(dry=0.22, thick=1.1, tone=0.2, ragged=0.3, taper=0.5, blend=0.75)
    canvas.layer(scene * 0.55, angle, Layer(44, 130, 27, thin, val=0.12))
    canvas.layer(scene, angle, Layer(24, 98, 24, fat, hue=0.12, val=0.14, sat=0.15, stop=0.3))
    bright = shift(scene, 0, 1.05, 1.1)
    canvas.layer(bright, angle, Layer(14.5, 62, 20, fat, hue=0.18, val=0.15, sat=0.2, stop=0.22))
    canvas.layer(bright, angle, Layer(6, 24, 5.5, fat, hue=0.12, val=0.14, stop=0.14), detail)
    _accents(canvas)
    return finish(canvas.lit(1.0, 0.22))
