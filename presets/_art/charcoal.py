"""Charcoal: a woman beneath a tree above a town on the water, on toothed paper.

A tone is planned for every point; it is rubbed in with the finger, hatched with the stick's side and then its
edge along the forms (the darker, the more strokes and the harder), driven to full black in the accents, and the
lights are lifted out with a kneaded eraser.
"""

import numpy as np
from PIL import Image

from hatching import lines
from head import bust
from nature import cloud, cypress, glints, ground, leaf, ridge, sky, tree, water
from scene import Scene, edges
from still_life import person, placed
from strokes import SS, Array, Rng, Sheet, blur, grid, look_up, noise, paper, rgb, smoothstep, streamlines
from town import bridge, house, sailing_boat, tower, walker

W, H = 832, 1024
COAL = rgb("#15130f")
DARK, HALF, PALE = "#303030", "#909090", "#f4f4f4"
"""Local tones; light and shade come on top."""


def _scene(rng: Rng) -> tuple[Scene, Array]:
    """What is seen, and the folds of the face."""
    s = Scene(W, H, rng)
    sky(s, 560, ((0, "#9a9a9a"), (0.5, "#cccccc"), (1, "#f8f8f8")), 0.4)
    s.light[:] = np.clip(0.8 + 0.13 * noise(rng, s.shape, (80 * SS, 240 * SS), 4), 0.3, 1)
    s.angle[:] = 0.75 + 0.25 * s.rough
    for x, y, k in ((170, 130, 1.2), (430, 70, 0.8), (60, 260, 0.7), (330, 220, 0.6)):
        cloud(s, x, y, k, PALE)
    ridge(s, [(-20, 480), (90, 400), (180, 450), (300, 380), (450, 470), (620, 420), (860, 460)], 600, "#a8a8a8", 40)
    ridge(s, [(-20, 540), (160, 500), (330, 540), (560, 500), (860, 530)], 610, "#888888", 26)
    tower(s, 236, 604, 50, 150, "#d8d8d8", DARK)
    for i, (x, wide, tall) in enumerate(((-10, 74, 100), (72, 70, 74), (146, 74, 112), (300, 66, 80), (372, 60, 100))):
        wall, timber = (PALE, "#c8c8c8")[i % 2], DARK if i == 2 else ""
        house(s, x, 612, wide, tall, wall, DARK, HALF, i % 2 == 0, side=14, timber=timber)
    for x, k in ((66, 28), (224, 24), (364, 30)):
        tree(s, x, 618, k, "#686868", "#404040", 8)
    cypress(s, 130, 616, 22, 120, DARK)
    ground(s, [(-10, 610), (420, 614), (850, 608), (850, 640), (-10, 642)], PALE, "path")
    for x, k in ((30, 44), (190, 46), (212, 44), (330, 46)):
        walker(s, x, 634, k, DARK, HALF, DARK)
    water(s, [(-10, 640), (420, 644), (850, 636), (850, 1030), (-10, 1030)], 640, "#b0b0b0", 0.7)
    bridge(s, -10, 250, 664, 730, 3, "#c8c8c8")
    glints(s, (0, 740, 420, 940), 40, PALE)
    sailing_boat(s, 130, 850, 0.9, DARK, PALE, "#c0c0c0")
    slope = [(380, 700), (560, 640), (850, 600), (850, 1030), (300, 1030), (380, 860), (380, 700)]
    ground(s, slope, "#a0a0a0", lean=-0.9)
    tree(s, 740, 620, 190, "#606060", "#303030", 26)
    for i in range(30):
        x, length, lean = rng.uniform(-10, 330), rng.uniform(60, 150), -1.5 + rng.normal(0, 0.35)
        leaf(s, x, 1030, length, lean, (DARK, HALF, "#b8b8b8")[i % 3])
    sculpture = bust(
        (H * SS, 600 * SS), (270 * SS, 470 * SS), 176 * SS, -0.5, "bun", light=(-0.5, 0.45, 0.8), look=-0.05
    )
    person(s, sculpture, (230, 0), PALE, "#404040", "#747474", DARK, "#808080")
    return s, placed(s, sculpture.creases(), (230, 0))


def _small(a: Array) -> Array:
    """A plane at the finished size."""
    return a[SS // 2 :: SS, SS // 2 :: SS]


def _rub(sheet: Sheet, tone: Array) -> None:
    """Powder rubbed in with the finger: soft, uneven, filling the tooth."""
    smeared = 0.85 * blur(tone, 1.4) + 0.15 * blur(tone, 16)
    big = np.asarray(Image.fromarray(smeared).resize(sheet.shape[::-1], Image.Resampling.BICUBIC))
    h, w = sheet.shape
    cloud = np.clip(1 + 0.20 * sheet.flow[:h, :w] + 0.08 * sheet.wander[:h, :w], 0.3, 2)
    deposit = 1.1 * big**1.7 * cloud * (0.82 + 0.36 * sheet.grain)
    sheet.canvas.image[:] += deposit[..., None] * -np.log(COAL) * 0.62


def _hatch(
    sheet: Sheet,
    tone: Array,
    angle: Array,
    width: float,
    length: float,
    spacing: float,
    pressure: float,
    floor: float,
) -> None:
    rng = sheet.rng
    points = grid(rng, (W, H), spacing)
    dark = look_up(blur(tone, 1 + width * 0.15), points)
    keep = rng.random(len(points)) < np.clip((dark - floor) * 1.7, 0, 1)
    points, dark = points[keep], dark[keep]
    paths = streamlines(angle, points, length * rng.uniform(0.6, 1.4, len(points)))
    same = np.abs(look_up(tone, paths) - dark[:, None]) < 0.3
    for path, fits, d in zip(paths, same, dark, strict=True):
        path = path[fits]
        if len(path) > 2 and np.hypot(*(path[-1] - path[0])) > 4:
            press = pressure + 0.42 * d + rng.normal(0, 0.06)
            sheet.stick(
                path + rng.normal(0, 0.5, path.shape),
                width * rng.uniform(0.7, 1.3),
                COAL,
                press,
                0.22 + 0.5 * d,
                soft=0.9,
            )


def _contours(sheet: Sheet, s: Scene, creases: Array) -> None:
    """The stick's edge finds the outlines, here pressed and there lost, and the folds and eyes of the face."""
    calm = s.shows("sky", "cloud", "water", "hill", "grass")
    line = np.maximum(blur(edges(s.part), 1.1 * SS) * np.where(calm, 1.1, 2.6), 0.8 * creases * s.shows("skin", "face"))
    press = smoothstep(0.14, 0.5, line) * np.clip(0.75 + 0.3 * s.rough, 0.2, 1.1)
    hold = smoothstep(0, 0.45, press + sheet.grain - 0.8)
    eyes = blur((s.shows("face") & (s.colour.mean(-1) < 0.4)).astype(np.float32), SS)
    sheet.canvas.image[:] += (1.5 * hold + 0.35 * eyes)[..., None] * -np.log(COAL)


def _lift(sheet: Sheet, s: Scene) -> None:
    """The kneaded eraser: the lights of the forms, in strokes along them, and the whites of the eyes."""
    rng, clean = sheet.rng, rgb("#ffffff")
    lit = (s.light > 0.8) & (s.colour.mean(-1) > 0.45)
    sheet.canvas.image[s.shows("face") & (s.colour.mean(-1) > 0.8)] *= 0.4
    bright = _small(lit & ~s.shows("sky", "skin", "face", "cloth"))
    for path in lines(_small(s.angle), _small(s.part), 9, 50, rng, bright, 0.05, 0.6):
        sheet.stick(path, rng.uniform(3, 6), clean, rng.uniform(0.8, 1.1), 1.0, 0.2, 0.6)


def draw() -> Image.Image:
    rng = np.random.default_rng(1904)
    sheet = Sheet(W, H, rng, 0.22 + 0.56 * paper(rng, (H * SS, W * SS), 1.7 * SS, fibre=0.2))
    s, creases = _scene(rng)
    seen = s.colour.mean(-1) ** 0.7 * (0.22 + 0.82 * smoothstep(0.05, 0.85, s.light))
    tone = _small(np.clip(1.08 - seen, 0, 1)).astype(np.float32)
    tone = np.where(_small(s.shows("skin", "face")), 0.8 * tone, tone)
    angle = _small(s.angle) + 0.7 * _small(s.shows("cloth"))
    _rub(sheet, tone)
    _hatch(sheet, tone, angle, 24, 120, 30, 0.30, 0.25)
    _hatch(sheet, tone, angle, 4.4, 90, 11, 0.58, 0.2)
    _hatch(sheet, tone, angle - 0.6, 3.8, 50, 12, 0.60, 0.5)
    _hatch(sheet, tone, angle + 0.2, 6, 26, 9, 0.76, 0.8)
    _contours(sheet, s, creases)
    _lift(sheet, s)
    return sheet.picture(rgb("#eee6d6"), 0.3)
