"""Gouache: a woman in the sun before a harbour town, with fruit and flowers, in flat opaque colour.

Every form is cut into two or three flat tones with clear edges, as an opaque paint that dries at once asks for. The
brush shows in streaks that follow the form, in edges that break where it ran dry, and in a few strokes laid over.
"""

import numpy as np
from PIL import Image

from hatching import lines
from head import bust
from nature import cloud, cypress, flower, glints, ground, leaf, ridge, sky, tree, water
from scene import Scene, shaded
from still_life import bowl, cloth, jug, person
from strokes import SS, Array, Canvas, Rng, bristles, finish, mix, noise, paper, resize, shift, smoothstep
from town import house, sailing_boat, tower

W, H = 1024, 832
SHORE = 430.0


def _scene(rng: Rng) -> Scene:
    s = Scene(W, H, rng)
    sky(s, SHORE, ((0, "#3f8fc4"), (0.35, "#6fb3d2"), (0.7, "#a9d3d6"), (1, "#f3dfbd")))
    for x, y, k in ((150, 110, 1.15), (430, 70, 0.8), (360, 190, 0.6), (900, 90, 0.9)):
        cloud(s, x, y, k)
    ridge(
        s,
        [
            (-20, 330),
            (90, 262),
            (170, 300),
            (260, 232),
            (350, 310),
            (450, 280),
            (560, 340),
            (700, 290),
            (860, 330),
            (1050, 280),
        ],
        440,
        "#7f9cc0",
    )
    ridge(s, [(-20, 380), (120, 350), (240, 384), (380, 352), (560, 396), (760, 350), (1050, 372)], 440, "#6f9a6a", 26)
    fronts = (
        ("#f2d5a0", "#c4553a", "#3f7f86"),
        ("#e98f6a", "#9c4a3a", "#f0e2c0"),
        ("#f6ead2", "#d0704a", "#4f7fb0"),
        ("#d9a0a0", "#b04a3a", "#4f6f5a"),
        ("#f0c05a", "#a8503a", "#8a3f3f"),
    )
    tower(s, 252, 420, 44, 150, "#f0dcb4", "#5f9a8a")
    for i, (x, wide, tall) in enumerate(
        ((8, 66, 74), (84, 54, 98), (146, 70, 66), (304, 62, 88), (374, 74, 64), (456, 56, 96), (520, 64, 70))
    ):
        wall, roof, shutter = fronts[i % 5]
        house(s, x, 432, wide, tall, wall, roof, shutter, gable=i % 2 == 1, side=12)
    for x, k in ((232, 34), (132, 26), (446, 30), (596, 38)):
        tree(s, x, 436, k, "#4f8a4a", lobes=8)
    for x, tall in ((70, 96), (358, 120), (614, 130), (640, 100)):
        cypress(s, x, 436, 20, tall, "#2f5f4a")
    ground(s, [(-10, 428), (300, 432), (680, 426), (680, 446), (300, 450), (-10, 446)], "#d8bf92", "path")
    water(s, [(-10, 444), (400, 448), (1040, 440), (1040, 850), (-10, 850)], 444, "#3a7f96", 0.85)
    glints(s, (0, 460, 620, 680), 60, "#cfe6e0")
    glints(s, (0, 470, 620, 680), 20, "#1f5f86", 0.2)
    sailing_boat(s, 190, 560, 0.95, "#b8402f", "#fbf0d8", "#e8a84a")
    sailing_boat(s, 470, 500, 0.5, "#2f4f7f", "#f7e6d0", "#d86a4a")
    ground(
        s,
        [
            (640, 442),
            (700, 420),
            (860, 392),
            (1050, 380),
            (1050, 850),
            (520, 850),
            (540, 720),
            (500, 640),
            (590, 540),
            (570, 480),
            (640, 442),
        ],
        "#8fae58",
        lean=-0.5,
    )
    for x, foot, k, c in ((960, 470, 74, "#5f9a48"), (700, 430, 40, "#7fae50"), (1010, 560, 60, "#3f7f4f")):
        tree(s, x, foot, k, c)
    person(
        s,
        bust((H * SS, 560 * SS), (262 * SS, 340 * SS), 132 * SS, -0.5, "bun", look=-0.1),
        (474, 0),
        "#e9ad84",
        "#4f2f26",
        "#2f4f78",
    )
    ground(
        s,
        [(380, 720), (470, 690), (600, 730), (720, 790), (1050, 770), (1050, 850), (360, 850), (380, 720)],
        "#5f8a3f",
        lean=-1.2,
    )
    for i in range(40):
        x, y = rng.uniform(400, 1010), rng.uniform(760, 830)
        leaf(s, x, y + 20, rng.uniform(30, 64), -1.5 + rng.normal(0, 0.35), ("#3f7040", "#8fae48", "#5f9a58")[i % 3])
        if i % 3 == 0:
            flower(s, x, y - 10, rng.uniform(9, 15), ("#f6f0e4", "#e2603a", "#f2c84a")[i % 9 // 3], "#7a4a1f", 6)
    cloth(s, [(-10, 720), (160, 700), (400, 712), (470, 752), (440, 850), (-10, 850)], "#eeddb8", "#e2b878", 40, 0.4)
    jug(s, 92, 770, 190, "#e8e2d2")
    for x, y, r, c in (
        (60, 560, 34, "#f2b632"),
        (120, 540, 38, "#f6f0e4"),
        (92, 500, 34, "#e2603a"),
        (150, 580, 30, "#f2b632"),
        (40, 510, 26, "#d86a90"),
    ):
        leaf(s, x, y + 20, 74, 1.1 if x < 90 else 2.0, "#4f8a4a")
        flower(s, x, y, r, c, "#7a4a1f", 9)
    bowl(s, 280, 806, 118, "#3f6f9a", ("#f08a2a", "#f3cf3a", "#d8402f", "#8fb33a"))
    return s


def _tones(s: Scene, streak: Array) -> tuple[Array, Array]:
    """Every form in flat tones: the number of each tone and its colour."""
    steps = 4.0
    level = np.clip(np.round(s.light * steps + 0.15 * streak), 0, steps)
    return s.part * 8 + level.astype(np.int32), shaded(s.colour, level / steps, "#3b3a72", "#fff0c8")


def combed(angle: Array, rng: Rng, reach: int = 22) -> Array:
    """Noise drawn out along the directions (line integral convolution, Cabral and Leedom 1993), deviation 1."""
    h, w = angle.shape
    grain = noise(rng, (h, w), 3.0, 1).ravel()
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    total = grain.reshape(h, w).copy()
    for sign in (-1, 1):
        px, py, hx, hy = x.copy(), y.copy(), sign * np.cos(angle), sign * np.sin(angle)
        for _ in range(reach):
            at = np.clip(py, 0, h - 1).astype(np.int32) * w + np.clip(px, 0, w - 1).astype(np.int32)
            a = angle.ravel()[at]
            vx, vy = np.cos(a), np.sin(a)
            back = np.where(vx * hx + vy * hy < 0, -1, 1)
            hx, hy = vx * back, vy * back
            px += 1.5 * hx
            py += 1.5 * hy
            total += grain[at]
    return (total - total.mean()) / total.std()


def _strokes(
    canvas: Canvas, s: Scene, colour: Array, label: Array, apart: float, longest: float, width: float, cover: float
) -> None:
    """Brush strokes along the forms, each in a tone a little off its own place's and kept within its edges."""
    rng = canvas.rng
    small = (slice(SS // 2, None, SS), slice(SS // 2, None, SS))
    parts, tints = label[small], colour[small]
    flat_label, pixels = label.ravel(), canvas.colour
    for path in lines(s.angle[small], parts, apart, longest, rng, share=cover):
        x, y = path[len(path) // 2].astype(int)
        index, u, v, run = canvas.ribbon(path, width * rng.uniform(0.7, 1.2))
        keep = flat_label[index] == parts[y, x]
        index, u, v, run = index[keep], u[keep], v[keep], run[keep]
        streak = canvas.streak(v, run, width)
        body = smoothstep(0, 0.12, 1 - np.abs(v)) * smoothstep(-0.1, 0.1, 1.05 - 0.75 * u - streak + 0.25)
        tint = shift(tints[y, x], rng.normal(0, 0.06), rng.normal(1.03, 0.09), rng.normal(1.0, 0.055))
        pixels[index] = mix(pixels[index], tint * (1 + 0.06 * (streak - 0.5))[:, None], body[:, None] * 0.9)


def draw() -> Image.Image:
    rng = np.random.default_rng(1951)
    s = _scene(rng)
    half = resize(np.cos(s.angle), (H, W)), resize(np.sin(s.angle), (H, W))
    streak = resize(combed(np.arctan2(half[1], half[0]), rng), s.shape)
    label, colour = _tones(s, streak)
    canvas = Canvas(W, H, None, rng)
    canvas.tile = bristles(rng, 9, 3)
    canvas.image[:] = colour
    _strokes(canvas, s, colour, label, 18, 110, 21, 0.35)
    _strokes(canvas, s, colour, label, 9, 50, 8, 0.12)
    grain = paper(rng, s.shape, 5.0)
    matt = canvas.image * (1 + 0.011 * streak + 0.03 * (grain - 0.5))[..., None]
    return finish(matt)
