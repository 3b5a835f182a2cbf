"""Ink wash: mountains standing in mist, a leaning pine and a boat, in black ink on warm rice paper.

The five blacks of sumi-e: pale wet gradients that fade into mist for distance, wet axe-cut strokes for rock,
split dry-brush, and full black for the pine and the seal-side rocks near by. Ink bleeds along the fibres.
"""

from itertools import pairwise

import numpy as np
from PIL import Image

from strokes import SS, Array, Rng, Sheet, blur, noise, paper, polygon, rgb, smoothstep, spline

W, H = 832, 1024
INK, PALE, SEAL = rgb("#16171a"), rgb("#4a4e55"), rgb("#b3261e")
PEAKS = (
    (
        380.0,
        0.26,
        (
            (0, 300),
            (90, 210),
            (150, 235),
            (240, 90),
            (300, 140),
            (360, 60),
            (430, 170),
            (520, 250),
            (640, 190),
            (760, 290),
            (832, 270),
        ),
    ),
    (
        520.0,
        0.45,
        (
            (0, 420),
            (60, 400),
            (420, 470),
            (520, 330),
            (580, 210),
            (625, 150),
            (670, 230),
            (720, 250),
            (770, 180),
            (832, 260),
        ),
    ),
    (
        660.0,
        0.75,
        (
            (0, 380),
            (60, 330),
            (110, 360),
            (170, 470),
            (250, 540),
            (330, 620),
            (450, 640),
            (600, 600),
            (720, 540),
            (832, 470),
        ),
    ),
)
"""Ranges of mountains, far to near: the y where each dissolves in mist, its blackness, its outline."""


def _range(sheet: Sheet, rng: Rng, foot: float, black: float, outline: tuple[tuple[float, float], ...]) -> None:
    y = np.mgrid[0:H, 0:W][0].astype(np.float32)
    line = spline(outline)
    ridge = np.interp(np.arange(W), line[:, 0], line[:, 1]) + 3.5 * noise(rng, (8, W), (8, 40), 4)[3]
    depth = (y - ridge) / np.clip(foot - ridge, 30, None)
    body = (depth > 0) * np.clip(1 - depth * 1.05, 0, 1) ** 0.9
    for cut, amount in ((0.15, 0.5), (0.45, 0.5), (0.7, 0.55)):
        sheet.wash(
            body * (body > cut),
            PALE,
            black * amount,
            rough=0.5,
            soft=4 if cut > 0.4 else 20,
            edge=0.35,
            grain=0.5,
            flow=0.9,
        )
    _axe_cuts(sheet, rng, ridge, foot, black)


def _axe_cuts(sheet: Sheet, rng: Rng, ridge: Array, foot: float, black: float) -> None:
    """Texture strokes down the faces of the rock, side-brushed, darker and denser at the crest."""
    slope = np.gradient(blur(ridge[None].repeat(3, 0), 6)[1])
    for _ in range(int(90 + 190 * black)):
        x = rng.uniform(0, W - 1)
        top, tall = ridge[int(x)], max(foot - ridge[int(x)], 40)
        run = rng.random() ** 1.7 * 0.65
        lean = np.sign(slope[int(x)] + rng.normal(0, 0.5)) * rng.uniform(0.1, 0.6)
        length = tall * rng.uniform(0.08, 0.24)
        y = top + 4 + run * tall
        path = spline([(x, y), (x + lean * length * 0.3, y + length * 0.45), (x + lean * length, y + length)], 8)
        strength = black * (1 - run) * rng.uniform(0.4, 1.5)
        sheet.brush(path, rng.uniform(5, 26) * (0.5 + black), INK, strength, rng.uniform(0.25, 0.85), rough=0.8)
    for start in np.arange(0, W, 46):
        xs = np.arange(start, min(start + rng.uniform(30, 90), W - 1), 6.0)
        if len(xs) > 3:
            crest = np.stack([xs, ridge[xs.astype(int)] + rng.normal(0, 1.2, len(xs))], -1)
            sheet.brush(
                crest,
                rng.uniform(4, 10) * (0.5 + black),
                INK,
                black * rng.uniform(0.7, 1.5),
                rng.uniform(0.1, 0.6),
                np.linspace(1, 0.3, len(xs)),
            )


def _far_trees(sheet: Sheet, rng: Rng) -> None:
    line = spline(PEAKS[2][2])
    for _ in range(60):
        x = rng.uniform(20, 300) if rng.random() < 0.6 else rng.uniform(560, 820)
        y = np.interp(x, line[:, 0], line[:, 1]) + rng.uniform(-4, 36)
        tall = rng.uniform(22, 48)
        sheet.brush(np.array([(x, y), (x + rng.normal(0, 2), y - tall)]), 3.2, INK, 0.9, 0.2, np.array([1.2, 0.5]))
        for k in range(7):
            at, reach = y - tall * (0.25 + 0.11 * k), (9 - k) * rng.uniform(0.9, 1.7)
            sheet.brush(
                np.array([(x - reach, at + 3), (x, at), (x + reach, at + 4)]),
                4.5,
                INK,
                rng.uniform(0.4, 1.0),
                0.3,
            )


def _water(sheet: Sheet, rng: Rng) -> None:
    for _ in range(46):
        x, y = rng.uniform(-40, W), 700 + 190 * rng.random() ** 0.8
        length = rng.uniform(60, 240)
        wave = spline(
            [
                (x, y),
                (x + length * 0.33, y + rng.normal(0, 3)),
                (x + length * 0.66, y + rng.normal(0, 3)),
                (x + length, y),
            ],
            8,
        )
        sheet.brush(wave, rng.uniform(3, 12), PALE, rng.uniform(0.25, 0.8), rng.uniform(0.5, 0.95))
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    sheet.wash(np.exp(-(((y - 850) / 60) ** 2)) * (x < 560), PALE, 0.45, soft=34, grain=0.4, flow=1.0)


def _boat(sheet: Sheet) -> None:
    x, y = 420.0, 770.0
    sheet.brush(spline([(x - 62, y - 6), (x - 20, y + 8), (x + 40, y + 7), (x + 84, y - 12)]), 9, INK, 1.6, 0.1)
    sheet.brush(spline([(x - 20, y + 4), (x - 12, y - 24), (x + 14, y - 28), (x + 26, y + 2)]), 5, INK, 1.0, 0.35)
    sheet.brush(np.array([(x + 52, y - 4), (x + 54, y - 28)]), 9, INK, 1.5, 0.1, np.array([1.0, 0.6]))
    sheet.brush(np.array([(x + 44, y - 31), (x + 55, y - 37), (x + 66, y - 30)]), 5, INK, 1.6, 0.1)
    sheet.brush(np.array([(x + 28, y - 62), (x + 78, y + 26)]), 2.2, INK, 1.2, 0.2)
    sheet.wash(
        blur(polygon((H, W), [(x - 50, y + 16), (x + 70, y + 12), (x + 40, y + 30), (x - 30, y + 28)]), 3),
        PALE,
        0.6,
        soft=7,
    )


def _rocks(sheet: Sheet, rng: Rng) -> None:
    """The near bank: wet black masses with dry flying-white edges."""
    for points, black in (
        (
            (
                (500, 1040),
                (520, 930),
                (590, 880),
                (660, 900),
                (700, 830),
                (790, 800),
                (850, 830),
                (850, 1040),
            ),
            0.9,
        ),
        (((-20, 1040), (-20, 930), (60, 900), (130, 940), (220, 960), (280, 1040)), 0.75),
    ):
        mask = polygon((H, W), points)
        top = np.asarray(points[1:-1], np.float32)
        sheet.wash(
            blur(mask, 4),
            PALE,
            black * 0.8,
            rough=1.2,
            soft=4,
            edge=0.8,
            flow=1.2,
            blooms=((700, 940, 60), (90, 985, 40)),
        )
        sheet.wash(blur(mask * np.roll(mask, 40, 0), 14), INK, black * 0.5, soft=18, flow=1.3, grain=0.8)
        for a, b in pairwise(top):
            for _ in range(9):
                start = a + (b - a) * rng.random() + rng.normal(0, 8, 2) + (0, rng.uniform(0, 70))
                path = spline([start, start + rng.normal((10, 30), 16), start + rng.normal((16, 70), 22)], 8)
                sheet.brush(path, rng.uniform(14, 44), INK, rng.uniform(0.5, 1.5), rng.uniform(0.35, 0.85), rough=0.9)
            sheet.brush(
                spline([a, (a + b) / 2 + rng.normal(0, 6, 2), b]),
                rng.uniform(10, 22),
                INK,
                1.7,
                0.4,
                rough=0.8,
            )


def _pine(sheet: Sheet, rng: Rng) -> None:
    """An old pine leaning out over the water: scaly trunk, bent boughs, needle fans."""
    trunk = spline([(762, 880), (740, 780), (772, 680), (730, 570), (640, 500), (600, 420), (530, 380)])
    taper = np.linspace(1, 0.28, len(trunk))
    sheet.brush(trunk, 46, PALE, 1.0, 0.25, taper)
    for side in (-0.36, 0.34):
        edge = trunk + np.stack([side * 46 * taper, 0 * taper], -1) + rng.normal(0, 1.3, trunk.shape)
        sheet.brush(edge, 14, INK, 1.5, 0.45, taper, 0.9)
    for at in trunk[2:-20:3]:
        ring = at + rng.normal(0, 7, 2)
        sheet.brush(spline(ring + np.array([(-9, 0), (0, 7), (9, -1)]), 6), 4, INK, 1.3, 0.4)
    boughs = (
        ((735, 580), (690, 540), (600, 560), (520, 540)),
        ((650, 505), (700, 440), (770, 420), (830, 440)),
        ((602, 420), (540, 450), (470, 430), (410, 450)),
        ((530, 380), (480, 340), (420, 350)),
        ((600, 425), (640, 360), (600, 310)),
        ((770, 690), (810, 640), (850, 650)),
        ((560, 395), (545, 335), (490, 300)),
    )
    for points in boughs:
        bough = spline(points)
        sheet.brush(bough, 15, INK, 1.6, 0.3, np.linspace(1, 0.3, len(bough)), 0.8)
        for at in bough[8::7]:
            _needles(sheet, rng, at)
        _needles(sheet, rng, bough[-1])


def _needles(sheet: Sheet, rng: Rng, at: Array) -> None:
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    pad = np.exp(-(((x - at[0]) / 40) ** 2) - (((y - at[1] + 12) / 18) ** 2))
    sheet.wash(pad, PALE, 0.35, soft=9, rough=0.35, flow=0.8)
    for _ in range(2):
        root = at + rng.normal(0, (15, 5))
        for a in np.linspace(-np.pi * 0.97, -np.pi * 0.03, 15) + rng.normal(0, 0.06, 15):
            tip = root + np.array([np.cos(a), np.sin(a)]) * rng.uniform(20, 38)
            sheet.brush(np.array([root, tip]), 2.6, INK, rng.uniform(0.6, 1.7), 0.15, np.array([1.0, 0.35]))


def _seal_and_birds(sheet: Sheet) -> None:
    stamp = polygon((H, W), [(46, 800), (88, 797), (90, 842), (47, 844)])
    for bar in (
        ((54, 806), (82, 806)),
        ((58, 818), (80, 816)),
        ((54, 830), (84, 830)),
        ((68, 804), (69, 838)),
    ):
        (x0, y0), (x1, y1) = bar
        wide = 2 if x1 - x0 > 4 else 0
        stamp = stamp * (1 - polygon((H, W), [(x0, y0), (x1 + 2, y1), (x1 + 2, y1 + 1 + wide), (x0, y0 + 1 + wide)]))
    sheet.wash(stamp, SEAL, 1.2, soft=1, rough=0.3, edge=0.2)
    for x, y, k in ((120, 130, 1.0), (160, 150, 0.8), (98, 168, 0.7), (196, 128, 0.6)):
        sheet.brush(
            spline(
                [
                    (x - 17 * k, y - 6 * k),
                    (x - 7 * k, y - 8 * k),
                    (x, y),
                    (x + 8 * k, y - 8 * k),
                    (x + 19 * k, y - 3 * k),
                ],
                6,
            ),
            4 * k,
            INK,
            1.3,
            0.15,
        )


def draw() -> Image.Image:
    rng = np.random.default_rng(1495)
    sheet = Sheet(W, H, rng, paper(rng, (H * SS, W * SS), 3.0 * SS, fibre=0.22))
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    sheet.wash(np.exp(-(((y - 40) / 120) ** 2)) * np.ones((1, W)), PALE, 0.3, soft=40, flow=1.0, grain=0.3)
    sun = 1 - smoothstep(44, 48, np.hypot(x - 470, y - 130))
    sheet.wash(
        np.exp(-((np.hypot(x - 470, y - 130) / 110) ** 2)) * (1 - sun),
        PALE,
        0.35,
        soft=3,
        rough=0.35,
        flow=0.8,
    )
    for foot, black, outline in PEAKS:
        _range(sheet, rng, foot, black, outline)
    _far_trees(sheet, rng)
    _water(sheet, rng)
    _boat(sheet)
    _rocks(sheet, rng)
    _pine(sheet, rng)
    _seal_and_birds(sheet)
    sheet.spatter(70, INK, (430, 640, 830, 1010), 2.4, 0.9)
    sheet.spatter(40, PALE, (20, 560, 420, 1000), 2.2, 0.7)
    return sheet.picture(rgb("#efe3c8"), 0.35)
