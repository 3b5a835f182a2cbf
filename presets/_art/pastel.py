"""Pastel: a woman among flowers before a lake at evening, in soft sticks on a toned paper.

The masses are laid in with the stick's side, first in a colour against the final one, then in broken strokes along
the forms; its edge draws the lights and the darks last. Chalk holds on the paper's peaks only, so the tone of the
paper runs through everything; skin and sky are rubbed in places with the finger.
"""

import numpy as np
from PIL import Image

from hatching import lines
from head import bust
from nature import cypress, flower, glints, ground, leaf, ridge, sky, tree, water
from scene import Scene, edges, shaded
from still_life import cloth, jug, person
from strokes import SS, Array, Canvas, Rng, blur, bristles, finish, mix, noise, paper, rgb, shift, smoothstep
from town import house, sailing_boat, tower

W, H = 832, 1024
PAPER = rgb("#7f6658")
SHORE = 470.0


def _scene(rng: Rng) -> Scene:
    s = Scene(W, H, rng)
    sky(s, SHORE, ((0, "#5f7fb8"), (0.4, "#93a8cf"), (0.65, "#e0b8b4"), (0.85, "#f6cf9a"), (1, "#fbe6b4")))
    x, y = s.xy()
    bank = noise(rng, s.shape, (40 * SS, 190 * SS), 4) + 0.5 * np.sin(y / 40 + x / 260)
    s.cover((bank > 0.5) & (y < 380), s.whole, "cloud", "#f2c0a8", np.clip(0.95 - 0.35 * (bank - 0.5), 0, 1), -0.15)
    s.cover((bank > 1.2) & (y < 340), s.whole, "cloud", "#b89ac0", 0.6, -0.2)
    ridge(
        s,
        [(-20, 420), (120, 330), (220, 380), (340, 300), (460, 390), (600, 340), (720, 400), (860, 350)],
        476,
        "#8f93c4",
        40,
    )
    ridge(s, [(-20, 450), (160, 420), (320, 452), (560, 430), (700, 448), (860, 410)], 480, "#6f9a86", 24)
    tower(s, 96, 474, 30, 84, "#f0d8b8", "#7a6a9a")
    for i, (left, wide, tall) in enumerate(((10, 46, 46), (52, 40, 58), (136, 46, 44), (186, 42, 56), (236, 44, 42))):
        house(
            s,
            left,
            478,
            wide,
            tall,
            ("#f2d2b0", "#e8b89a", "#f6e6d0")[i % 3],
            ("#c8603f", "#a8506a")[i % 2],
            "#6f7fa8",
            gable=i % 2 == 0,
            side=8,
        )
    for cx, k in ((126, 17), (228, 20), (284, 24), (6, 24)):
        tree(s, cx, 482, k, "#5f8f5a", lobes=7)
    cypress(s, 304, 484, 20, 90, "#3f6f5f")
    water(s, [(-10, 482), (400, 486), (850, 478), (850, 1030), (-10, 1030)], 482, "#6f8fc0", 0.75)
    glints(s, (0, 500, 420, 760), 60, "#fbe0b0")
    glints(s, (0, 500, 420, 760), 30, "#4f6aa0", 0.3)
    sailing_boat(s, 150, 590, 0.62, "#8f4a5a", "#fbeedc", "#f0b878")
    ground(
        s, [(640, 560), (720, 500), (850, 476), (850, 1030), (560, 1030), (600, 760), (640, 560)], "#8fb05a", lean=-0.6
    )
    tree(s, 770, 560, 84, "#6f9a4a")
    tree(s, 690, 520, 42, "#9ab860")
    person(
        s,
        bust((H * SS, 640 * SS), (300 * SS, 400 * SS), 160 * SS, -0.35, "long", nod=0.06, light=(-0.5, 0.45, 0.8)),
        (176, 0),
        "#f0bc96",
        "#7a3f24",
        "#4f8f8f",
        "#3a5a4a",
    )
    cloth(s, [(-10, 880), (200, 850), (560, 868), (850, 840), (850, 1030), (-10, 1030)], "#f0dcc8", "#c87a8a", 70, 0.3)
    jug(s, 130, 980, 200, "#5f7fb0")
    for i in range(16):
        a = rng.uniform(0, 6.28)
        leaf(
            s,
            120 + 60 * np.cos(a),
            730 + 40 * np.sin(a),
            rng.uniform(50, 90),
            a,
            ("#4f7f4a", "#7fa85a", "#3f6a5a")[i % 3],
        )
    blooms = (
        (60, 700, 44, "#f2a0b0"),
        (150, 650, 52, "#fbf0e4"),
        (220, 720, 44, "#e8604a"),
        (110, 770, 42, "#f6cf5a"),
        (190, 790, 38, "#c89ae0"),
        (40, 780, 34, "#f08a5a"),
        (120, 600, 30, "#e86a8a"),
    )
    for cx, cy, r, c in blooms:
        flower(s, cx, cy, r, c, "#8a4a2a", 9)
    for cx, cy, r, c in (
        (330, 960, 48, "#e8903a"),
        (420, 975, 44, "#c8403a"),
        (385, 925, 40, "#e8c84a"),
        (720, 950, 46, "#9ab84a"),
    ):
        s.disc(cx, cy, r, r * 0.95, "fruit", c)
    return s


def _chalk(
    canvas: Canvas,
    grain: Array,
    s: Scene,
    tint: Array,
    apart: float,
    longest: float,
    width: float,
    press: float,
    share: float = 0.8,
    lean: float = 0.0,
    spread: float = 1.0,
    where: Array | None = None,
) -> None:
    """Strokes of a stick along the forms, each in one colour and within its form."""
    rng = canvas.rng
    small = (slice(SS // 2, None, SS), slice(SS // 2, None, SS))
    parts, colours, owner = s.part[small], blur(tint[small], 2), s.part.ravel()
    tooth, pixels = grain.ravel(), canvas.colour
    for path in lines(s.angle[small] + lean, parts, apart, longest, rng, where, 0.05, share):
        x, y = path[len(path) // 2].astype(int)
        index, u, v, run = canvas.ribbon(path, width * rng.uniform(0.7, 1.25))
        stray = rng.random(index.size) < 0.02
        keep = (owner[index] == parts[y, x]) | stray
        index, u, v, run = index[keep], u[keep], v[keep], run[keep]
        ends = np.minimum(np.minimum(u, 1 - u) * 9, 1) ** 0.5
        body = press * (1 - 0.5 * v**4) * (0.6 + 0.4 * ends) + 0.3 * (canvas.streak(v, run, width) - 0.5)
        hold = smoothstep(0, 0.3, body + tooth[index] - 1)
        chalk = shift(
            colours[y, x], rng.normal(0, 0.09 * spread), rng.normal(1.06, 0.13 * spread), rng.normal(1, 0.07 * spread)
        )
        pixels[index] = mix(pixels[index], chalk, 0.94 * hold[:, None])


def _drawing(canvas: Canvas, grain: Array, s: Scene) -> None:
    """The dark stick finds the contours again, here pressed and there lost."""
    line = blur(edges(s.part), 1.1 * SS)
    press = smoothstep(0.12, 0.3, line) * np.clip(0.62 + 0.35 * s.rough, 0, 1.1)
    calm = s.shows("sky", "cloud", "water", "hill")
    hold = smoothstep(0, 0.35, press * np.where(calm, 0.4, 1.0) + grain - 1)
    canvas.image[:] = mix(canvas.image, rgb("#2f2a3c") * np.ones(3, np.float32), (0.8 * hold)[..., None])


def draw() -> Image.Image:
    rng = np.random.default_rng(1886)
    s = _scene(rng)
    grain = 0.2 + 0.62 * paper(rng, s.shape, 1.9 * SS, fibre=0.25)
    colour = shaded(s.colour, s.light, "#3f3a6f", "#fff0cf")
    canvas = Canvas(W, H, PAPER, rng)
    canvas.tile = bristles(rng, 8, 3)
    smooth = s.shows("sky", "skin", "face", "cloud")
    rubbed = mix(canvas.image, colour, np.where(smooth, 0.5, 0.22)[..., None])
    canvas.image[:] = rubbed * (0.96 + 0.08 * grain[..., None])
    against = shift(colour, 2.4, 0.7, 0.72)
    _chalk(canvas, grain, s, mix(colour, against, 0.35), 20, 150, 28, 0.55, 0.6, 0.6, 1.2)
    _chalk(canvas, grain, s, colour, 13, 140, 17, 0.74)
    _chalk(canvas, grain, s, np.clip(colour * 1.05, 0, 1), 9, 90, 8, 0.86, 0.5, 0.5)
    fine = ~s.shows("sky", "cloud", "hill", "water", "grass", "cloth")[::SS, ::SS]
    _chalk(canvas, grain, s, colour, 5, 50, 5, 0.95, 0.9, 0.0, 0.7, fine)
    skin = s.shows("skin", "face")
    _chalk(canvas, grain, s, colour, 4, 40, 5, 1.02, 1.0, 0.0, 0.5, skin[::SS, ::SS])
    canvas.image[:] = mix(canvas.image, colour, np.where(s.shows("face"), 0.75, np.where(skin, 0.3, 0))[..., None])
    _drawing(canvas, grain, s)
    bright = mix(colour, rgb("#fff6e0") * np.ones(3, np.float32), 0.55)
    _chalk(canvas, grain, s, bright, 12, 60, 6, 1.0, 0.5, 0.2, 0.8, ((s.light > 0.8) & ~skin)[::SS, ::SS])
    dy, dx = np.gradient(grain)
    return finish(canvas.image * (1 + 0.22 * np.clip(0.8 * dx + 0.6 * dy, -0.3, 0.3))[..., None])
