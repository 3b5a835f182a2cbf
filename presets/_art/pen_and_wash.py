"""Pen and wash: a town on a river with a man who looks across it, in ink line over loose watercolour.

The washes do not keep to the lines: they run over here and leave white there, pool at their drying edges and
granulate in the paper's valleys. The pen finds contours with a line that swells, trembles and breaks; shade is
hatched along the forms, crossed where it is deepest; foliage is scribbled.
"""

import numpy as np
from PIL import Image

from hatching import lines
from head import bust
from nature import cloud, cypress, ground, leaf, ridge, sky, tree, water
from scene import KINDS, Scene, edges, shaded
from still_life import person, placed
from strokes import SS, Array, Canvas, Rng, blur, finish, mix, noise, paper, rgb, smoothstep
from town import bridge, house, sailing_boat, tower, walker

W, H = 1024, 832
INK, SHEET = rgb("#22202a"), rgb("#fbf6ea")
SHORE = 520.0


def _scene(rng: Rng) -> tuple[Scene, Array]:
    s = Scene(W, H, rng)
    sky(s, SHORE, ((0, "#6fa8d8"), (0.5, "#a8cde6"), (1, "#f6e6c8")))
    for x, y, k in ((480, 110, 1.1), (790, 80, 0.9), (640, 210, 0.6), (930, 200, 0.7)):
        cloud(s, x, y, k, "#fdfaf2")
    ridge(s, [(300, 400), (430, 330), (520, 370), (640, 300), (760, 372), (900, 320), (1050, 380)], 530, "#9ab0d8", 40)
    ridge(s, [(300, 460), (480, 430), (640, 462), (820, 430), (1050, 450)], 530, "#9ac08a", 26)
    tower(s, 706, 500, 56, 190, "#f2e2c0", "#7fb0a0")
    fronts = (
        ("#f6d8a0", "#d8704a", "#5f8f7a", ""),
        ("#faf2e0", "#b8503a", "#6f8fb8", "#5a3f2a"),
        ("#f0b090", "#c85f3f", "#8a4f4a", ""),
        ("#f8ecc8", "#a8603f", "#4f7f6a", "#5a3f2a"),
    )
    for i, (left, wide, tall) in enumerate(
        ((392, 64, 84), (466, 72, 110), (546, 66, 90), (622, 76, 120), (776, 70, 104), (856, 78, 128), (944, 84, 112))
    ):
        wall, roof, shutter, timber = fronts[i % 4]
        house(
            s,
            left,
            516,
            wide,
            tall,
            wall,
            roof,
            shutter,
            gable=i % 2 == 1,
            rows=3 if tall > 100 else 2,
            side=10,
            timber=timber,
        )
    for x, k in ((456, 30), (612, 34), (770, 28), (938, 36)):
        tree(s, x, 520, k, "#8ab84f", lobes=9)
    cypress(s, 538, 520, 20, 110, "#4f8a6a")
    ground(s, [(300, 512), (600, 518), (1050, 512), (1050, 532), (300, 534)], "#ead8b0", "path")
    for x, k, coat, skirt in (
        (500, 40, "#c8503f", "#3f5f8a"),
        (524, 38, "#4f7f6a", "#8a6a4f"),
        (680, 40, "#5f6fa8", "#c8a05a"),
        (840, 42, "#d8a03f", "#5a4a6a"),
        (905, 40, "#a84f6a", "#4a4a5a"),
    ):
        walker(s, x, 530, k, coat, skirt)
    water(s, [(300, 534), (620, 540), (1050, 530), (1050, 850), (300, 850)], 534, "#8fbcd0", 0.6)
    bridge(s, 300, 560, 545, 610, 3, "#e6d4b0")
    sailing_boat(s, 760, 640, 0.72, "#b84a3a", "#fdf6e6", "#f0c070")
    sailing_boat(s, 930, 600, 0.42, "#3f6f9a", "#fdf6e6", "#e8906a")
    ground(s, [(520, 850), (640, 770), (800, 740), (1050, 690), (1050, 850), (520, 850)], "#a8c060", lean=-1.1)
    for i in range(26):
        leaf(
            s,
            560 + 18 * i,
            836 - 3.6 * i + rng.normal(0, 8),
            rng.uniform(40, 80),
            -1.5 + rng.normal(0, 0.4),
            ("#7fa848", "#5f8f5a", "#b8b04f")[i % 3],
        )
    tree(s, 960, 760, 80, "#7fb04a")
    ground(s, [(-10, 590), (180, 570), (330, 600), (420, 850), (-10, 850), (-10, 590)], "#a8c468")
    tree(s, 44, 650, 150, "#8ab050", lobes=20)
    sculpture = bust(
        (H * SS, 560 * SS), (250 * SS, 400 * SS), 150 * SS, 0.55, "short", look=0.05, light=(-0.5, 0.45, 0.8)
    )
    person(s, sculpture, (0, 0), "#f4c6a2", "#8a5a3a", "#6f8fb8")
    return s, placed(s, sculpture.creases(1.0), (0, 0))


def _moved(a: Array, dx: Array, dy: Array) -> Array:
    """The plane seen through a shaken glass: each place shows another's value."""
    y, x = np.mgrid[0 : a.shape[0], 0 : a.shape[1]]
    return a[np.clip(y + dy, 0, a.shape[0] - 1).astype(int), np.clip(x + dx, 0, a.shape[1] - 1).astype(int)]


def _washes(s: Scene, grain: Array, rng: Rng) -> Array:
    """What the paper reflects after a first light wash and a second one in the shade."""
    flow = noise(rng, s.shape, 120 * SS, 5)
    dx, dy = (3.0 * SS * noise(rng, s.shape, 26 * SS, 4) + 2 * SS for _ in range(2))
    part, light, colour = (_moved(a, dx, dy) for a in (s.part, s.light, s.colour))
    dye = -np.log(np.clip(shaded(colour, np.clip(0.55 + 0.2 * light, 0, 1)), 0.05, 1))
    skin = s.shows("skin", "face")
    open_air = s.shows("sky", "water")
    limit = np.where(open_air, 0.84, np.where(skin, 1.05, 0.93))
    white = light + 0.10 * flow + 0.08 * s.rough > limit
    first = blur(1.0 - white, 1.5)
    border = blur(edges(part) * 1.0, 2 * SS)
    pool = np.clip(blur(border, 1.5 * SS) * 2.4, 0, 0.5)
    amount = first * (0.72 + 0.2 * flow + pool + 0.3 * (0.5 - grain))
    dark = smoothstep(0.50, 0.44, light + 0.05 * flow)
    rim = np.clip(dark - blur(dark, 3 * SS), 0, 1)
    shade = -np.log(rgb("#8a8fb8")) * (dark * (0.75 + 0.15 * flow) + 0.8 * rim + 0.2 * dark * (0.5 - grain))[..., None]
    deep = smoothstep(0.24, 0.18, light + 0.04 * flow)
    total = dye * np.clip(amount, 0, 2)[..., None] + shade + deep[..., None] * 0.5 * dye
    bleed = blur(total, 3 * SS)
    wet = s.shows("sky", "water", "hill", "grass")
    return mix(total, bleed, np.where(wet, 0.75, 0.15)[..., None])


def _contours(s: Scene, rng: Rng) -> Array:
    """The pen's outline: where two things meet, trembling, swelling and breaking off."""
    dx, dy = (0.9 * SS * noise(rng, s.shape, 14 * SS, 3) for _ in range(2))
    part = _moved(s.part, dx, dy)
    press = 0.9 + 0.35 * noise(rng, s.shape, 34 * SS, 3)
    gaps = smoothstep(-1.9, -1.5, noise(rng, s.shape, 24 * SS, 3))
    line = blur(edges(part), 0.62 * SS)
    weight = np.where(s.shows("hill", "cloud", "pane", "wall", "face"), 0.72, 1.0)
    return smoothstep(0.2, 0.34, line * press * weight) * gaps


def _hatching(canvas: Canvas, s: Scene, rng: Rng) -> None:
    """Strokes of the pen along the forms in the shade, crossed in the deepest; loops in the foliage."""
    small = (slice(SS // 2, None, SS), slice(SS // 2, None, SS))
    angle, part, kind, light = s.angle[small], s.part[small], s.kind[small], s.light[small]
    calm = np.isin(kind, [KINDS.index(k) for k in ("sky", "cloud")])
    for lean, below, apart, longest in ((0.0, 0.42, 6.0, 70), (0.7, 0.26, 6.0, 46), (-0.75, 0.14, 5.5, 40)):
        for path in lines(angle + lean, part, apart, longest, rng, (light < below) & ~calm, 0.05, 0.9):
            _ink(canvas, path, rng.uniform(1.3, 2.1))
    leaves = (kind == KINDS.index("leaf")) & (light < 0.62)
    for x, y in np.stack(np.nonzero(leaves)[::-1], -1)[rng.random(leaves.sum()) < 0.006]:
        t, r = np.linspace(0, rng.uniform(4, 9), 16), rng.uniform(2.5, 5)
        loop = np.stack([x + r * np.cos(t) + 1.3 * t, y + r * np.sin(t) * 0.8], -1)
        _ink(canvas, loop, 1.6)


def _ink(canvas: Canvas, path: Array, width: float) -> None:
    n = len(path)
    taper = np.minimum(1, 0.45 + np.minimum(np.arange(n), np.arange(n)[::-1]) / 5)
    index, _, v, _ = canvas.ribbon(path, width * taper)
    canvas.relief[index] = np.maximum(canvas.relief[index], smoothstep(1.0, 0.6, np.abs(v)))


def draw() -> Image.Image:
    rng = np.random.default_rng(1843)
    s, creases = _scene(rng)
    grain = paper(rng, s.shape, 2.6 * SS, fibre=0.15)
    sheet = SHEET * np.exp(-np.clip(_washes(s, grain, rng), 0, 4))
    pen = Canvas(W, H, None, rng)
    _hatching(pen, s, rng)
    ink = np.maximum(0.88 * pen.relief.reshape(s.shape), _contours(s, rng))
    face = s.shows("face") & (s.colour.mean(-1) < 0.4)
    ink = np.maximum(ink, 0.8 * blur(face.astype(np.float32), 1))
    skin = s.shows("skin", "face")
    ink = np.maximum(ink, 0.85 * creases * skin) * (0.9 + 0.1 * grain)
    dy, dx = np.gradient(grain)
    shade = 1 + 0.10 * np.clip(0.8 * dx + 0.6 * dy, -0.35, 0.35)
    return finish(mix(sheet, INK * np.ones(3, np.float32), ink[..., None]) * shade[..., None])
