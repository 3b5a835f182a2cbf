"""Watercolour wash: a valley with a farm below mountains, on cold-pressed paper.

Transparent glazes multiply over white paper. Each wash has a wandering outline, pigment gathered at its
drying edge, granulation in the paper's valleys, one colour charged into another, and here and there a
backrun; dry-brush and spatter come last. Whites are paper that was left alone.
"""

import numpy as np
from PIL import Image

from strokes import SS, Array, Rng, Sheet, blur, noise, paper, polygon, rgb, smoothstep, spline

W, H = 1024, 832
COBALT, ULTRAMARINE, CERULEAN = rgb("#4f86c6"), rgb("#3b4fa0"), rgb("#6fb2cf")
SIENNA, OCHRE, ROSE, UMBER = rgb("#b5622f"), rgb("#e0b257"), rgb("#d4728a"), rgb("#6b4a3a")
SAP, OLIVE, VIRIDIAN, INDIGO = rgb("#6f9a3c"), rgb("#8a8a35"), rgb("#3f8f7d"), rgb("#2c3a5c")


def _ridge(rng: Rng, base: float, tall: float, cell: float) -> Array:
    """A mountain's outline as y for every x."""
    line = noise(rng, (8, W), (8, cell), 5)[3]
    return base - tall * (0.5 + 0.4 * line)


def _below(ridge: Array, foot: float) -> Array:
    y = np.arange(H, dtype=np.float32)[:, None]
    return ((y > ridge) & (y < foot)).astype(np.float32)


def _sky(sheet: Sheet, rng: Rng) -> None:
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    cloud = noise(rng, (H, W), (110, 260), 4) + 0.9 * np.exp(-(((x - 640) / 230) ** 2) - (((y - 170) / 90) ** 2))
    blue = (cloud < 0.45) & (y < 335 - 30 * np.sin(x / 200))
    sheet.wash(blue * 1.0, CERULEAN, 0.7, COBALT, soft=5, flow=0.7, blooms=((180, 120, 95), (890, 90, 70)))
    sheet.wash(((cloud < 0.05) & (y < 240)) * 1.0, COBALT, 0.45, ULTRAMARINE, rough=0.6, soft=14, edge=0.8)
    sheet.wash(((cloud < -0.35) & (y < 170)) * 1.0, ULTRAMARINE, 0.4, soft=16, rough=0.9)
    under = (cloud > 0.75) & (np.roll(cloud, -46, 0) < 0.75) & (y < 300)
    sheet.wash(under * 1.0, rgb("#8d8aa8"), 0.55, rgb("#d9a58a"), soft=12)
    sheet.wash(((y > 230) & (y < 345)) * np.ones((1, W)), rgb("#f3cfa0"), 0.45, ROSE, soft=26, grain=0.2)


def _mountains(sheet: Sheet, rng: Rng) -> None:
    far = _ridge(rng, 400, 150, 300) - 60 * np.exp(-(((np.arange(W) - 330) / 120) ** 2))
    sheet.wash(_below(far, 432), rgb("#a3b3d6"), 0.8, rgb("#c9a9c4"), rough=0.5, blooms=((520, 380, 60),))
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    faces = smoothstep(0.1, 0.5, noise(rng, (H, W), 70, 4) + 0.8 * np.sin((x + (y - far) * 0.9) / 34))
    sheet.wash(_below(far + 8, 425) * faces, rgb("#8aa4d6"), 0.6, rgb("#b79ac0"), rough=0.8, soft=2)
    middle = _ridge(rng, 462, 150, 420) + 70 * np.exp(-(((np.arange(W) - 420) / 190) ** 2))
    sheet.wash(
        _below(middle, 490),
        rgb("#86a3cc"),
        0.85,
        VIRIDIAN,
        rough=0.6,
        blooms=((150, 440, 55), (870, 430, 70)),
    )
    faces = smoothstep(0.2, 0.6, noise(rng, (H, W), 46, 4) + 0.7 * np.sin((x - (y - middle) * 0.8) / 27))
    sheet.wash(_below(middle + 6, 484) * faces, rgb("#5f79ad"), 0.6, VIRIDIAN, rough=0.8)


def _fields(sheet: Sheet, rng: Rng) -> None:
    bands = (
        (
            [
                (-20, 470),
                (240, 452),
                (520, 474),
                (760, 462),
                (1044, 446),
                (1044, 540),
                (600, 560),
                (-20, 530),
            ],
            SAP,
            OCHRE,
            0.75,
        ),
        ([(-20, 522), (260, 506), (440, 530), (470, 600), (300, 660), (-20, 640)], OCHRE, SAP, 0.8),
        ([(640, 545), (1044, 505), (1044, 640), (800, 650), (660, 610)], OLIVE, OCHRE, 0.8),
        ([(-20, 628), (280, 640), (430, 700), (520, 850), (-20, 850)], SAP, OCHRE, 0.7),
        ([(700, 640), (1044, 620), (1044, 850), (640, 850), (610, 730)], OLIVE, VIRIDIAN, 0.75),
    )
    for i, (points, first, second, strength) in enumerate(bands):
        mask = blur(polygon((H, W), spline(points)), 3)
        blooms = (
            ((150, 590, 70),)
            if i == 1
            else ((860, 730, 95), (700, 800, 40))
            if i == 4
            else ((330, 770, 66),)
            if i == 3
            else ()
        )
        sheet.wash(mask, first, strength, second, rough=0.6, flow=0.6, blooms=blooms)
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    furrow = smoothstep(0.3, 0.8, np.sin((x * 0.35 + (y - 500) * 2.4) / 13 + noise(rng, (H, W), 90, 3)))
    for points, colour in (
        (bands[1][0], SIENNA),
        (bands[2][0], rgb("#5f7a35")),
        (bands[3][0], rgb("#3f6a3a")),
    ):
        sheet.wash(polygon((H, W), points) * furrow, colour, 0.42, rough=0.9, edge=0.6)


def _stream(sheet: Sheet, rng: Rng) -> None:
    """The water is mostly bare paper, with a few reflected blues."""
    banks = spline([(560, 560), (540, 610), (585, 660), (560, 730), (600, 790), (590, 850)])
    for k in range(10):
        run = k / 10
        at = banks[int(run * (len(banks) - 1))]
        mask = np.zeros((H, W), np.float32)
        wide, tall = 22 + 56 * run, 3 + 6 * run
        y, x = np.mgrid[0:H, 0:W].astype(np.float32)
        mask = ((np.hypot((x - at[0] - rng.normal(0, 14)) / wide, (y - at[1]) / tall)) < 1) * 1.0
        sheet.wash(mask, CERULEAN if k % 2 else COBALT, 0.5, COBALT, rough=1.6)
    for side in (-1, 1):
        for k in range(6):
            run = (k + rng.random()) / 6
            at = banks[int(run * (len(banks) - 1))] + np.array([side * (26 + 70 * run), rng.normal(0, 4)])
            mask = polygon((H, W), at + rng.normal(0, 1, (7, 2)) * (5 + 7 * run) * np.array([1.7, 0.7]))
            sheet.wash(mask, rgb("#a08878"), 0.7, rgb("#8d96b8"), rough=0.6)
            sheet.wash(np.roll(mask, 5, 0) * np.roll(mask, -3, 1), UMBER, 0.6, rgb("#5d6688"), rough=0.6)


def _farm(sheet: Sheet) -> None:
    def at(points: list[tuple[float, float]]) -> Array:
        return polygon((H, W), [(x, y) for x, y in points])

    for x, y, k in ((330, 520, 1.25), (432, 512, 0.85), (250, 514, 0.7), (790, 540, 1.0)):

        def put(*points: tuple[float, float], x: float = x, y: float = y, k: float = k) -> Array:
            return at([(x + px * k, y + py * k) for px, py in points])

        sheet.wash(
            put((-40, -38), (-6, -74), (58, -70), (78, -32), (0, -36)),
            SIENNA,
            1.1,
            rgb("#c93f2f"),
            rough=0.25,
        )
        sheet.wash(
            put((2, -34), (74, -31), (72, 2), (2, 4)),
            rgb("#9a93b8"),
            0.8,
            rgb("#d8b08a"),
            rough=0.3,
            edge=1.2,
        )
        sheet.wash(put((-36, -6), (0, -4), (0, 4), (-36, 3)), OCHRE, 0.6, rough=0.4)
        for wx, wy in ((-26, -26), (-14, -26), (20, -24), (46, -23)):
            sheet.wash(put((wx, wy), (wx + 8, wy), (wx + 8, wy + 12), (wx, wy + 12)), INDIGO, 1.2, rough=0.3)
        sheet.wash(put((30, -92), (40, -92), (41, -66), (30, -68)), UMBER, 1.0, rough=0.3)
        sheet.wash(put((-44, 3), (80, 2), (120, 14), (-20, 14)), INDIGO, 0.6, SAP, rough=0.7)


def _trees(sheet: Sheet, rng: Rng) -> None:
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    spots = (
        (130, 462, 52),
        (196, 486, 32),
        (536, 490, 30),
        (586, 478, 40),
        (636, 492, 27),
        (896, 486, 46),
        (960, 490, 56),
        (70, 490, 42),
        (960, 650, 70),
        (50, 670, 60),
    )
    for i, (cx, cy, r) in enumerate(spots):
        leaf = noise(rng, (H, W), r * 0.8, 4)
        d = np.hypot((x - cx) / (0.85 * r), (y - cy) / r)
        crown = ((d + 0.2 * leaf) < 1) * 1.0
        first, second = ((SAP, VIRIDIAN), (OLIVE, SIENNA), (VIRIDIAN, INDIGO))[i % 3]
        sheet.wash(
            crown,
            first,
            0.7,
            second,
            rough=0.6,
            flow=0.7,
            blooms=((cx + r * 0.2, cy - r * 0.2, r * 0.45),) if r > 50 else (),
        )
        shade = ((d + 0.22 * np.roll(leaf, 23, 0) + 0.5 * ((x - cx) * -0.5 - (y - cy)) / r) < 0.62) * crown
        sheet.wash(shade, first, 0.6, rgb("#4f7a6a"), rough=0.7)
        sheet.wash(
            ((d + 0.25 * np.roll(leaf, 61, 1) + 0.9 * ((x - cx) * -0.4 - (y - cy)) / r) < 0.1) * crown,
            rgb("#55608c"),
            0.55,
            rgb("#4a6a3a"),
            rough=0.8,
        )
        trunk = np.array([(cx, cy + r * 1.5), (cx + 3, cy + r * 0.7), (cx - 2, cy)])
        sheet.brush(trunk, r * 0.2, UMBER, 1.3, 0.15, np.array([1.1, 0.8, 0.4]))
        for _ in range(5):
            tip = np.array([cx + rng.normal(0, r * 0.5), cy - rng.uniform(0.1, 0.7) * r])
            sheet.brush(np.array([(cx, cy + r * 0.4), tip]), r * 0.05 + 1.2, UMBER, 1.1, 0.3)


def _foreground(sheet: Sheet, rng: Rng) -> None:
    for _ in range(150):
        x = rng.uniform(0, W)
        if 470 < x < 690:
            continue
        y, tall = rng.uniform(700, 850), rng.uniform(24, 90)
        lean = rng.normal(0.12, 0.3)
        blade = spline([(x, y), (x + tall * lean * 0.4, y - tall * 0.6), (x + tall * lean, y - tall)], 6)
        colour = (SAP, OLIVE, INDIGO, SIENNA, VIRIDIAN)[rng.integers(5)]
        sheet.brush(
            blade,
            rng.uniform(3, 8),
            colour,
            rng.uniform(0.6, 1.3),
            rng.uniform(0.1, 0.5),
            np.linspace(1, 0.2, len(blade)),
        )
    for _ in range(70):
        x, y = rng.uniform(0, W), rng.uniform(545, 830)
        sweep = np.array([(x, y), (x + rng.uniform(50, 150), y + rng.normal(0, 7))])
        if not 430 < x < 680:
            sheet.brush(
                sweep,
                rng.uniform(7, 20),
                (SAP, SIENNA, OLIVE, INDIGO)[rng.integers(4)],
                0.6,
                rng.uniform(0.6, 0.9),
            )
    for colour, n, box in (
        (ROSE, 34, (20, 660, 430, 820)),
        (rgb("#d8402f"), 40, (30, 690, 420, 825)),
        (SIENNA, 60, (600, 560, 1010, 825)),
        (COBALT, 26, (60, 20, 980, 300)),
        (INDIGO, 46, (0, 600, W, 830)),
        (OCHRE, 40, (640, 650, 1010, 825)),
    ):
        sheet.spatter(n, colour, box, 3.4, 1.0)


def draw() -> Image.Image:
    rng = np.random.default_rng(1819)
    sheet = Sheet(W, H, rng, paper(rng, (H * SS, W * SS), 4.0 * SS))
    _sky(sheet, rng)
    _mountains(sheet, rng)
    _fields(sheet, rng)
    _stream(sheet, rng)
    _farm(sheet)
    _trees(sheet, rng)
    _foreground(sheet, rng)
    return sheet.picture(rgb("#fbf7ec"), 0.5)
