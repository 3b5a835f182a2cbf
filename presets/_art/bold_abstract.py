"""Bold abstract: a large gestural canvas in red, yellow, blue, black and white.

Wide housepainter's brushes over blocked-in colour, a squeegee dragged through wet paint so that lower
layers come up in torn bands, sgraffito scratched with the brush's wrong end, then black arcs, rings, drips
and thrown paint.
"""

import numpy as np
from PIL import Image

from strokes import (
    SS,
    Array,
    Brush,
    Canvas,
    Layer,
    Rng,
    blur,
    bristles,
    finish,
    mix,
    noise,
    polygon,
    rgb,
    shift,
    smoothstep,
    spline,
)

W, H = 1024, 1024
RED, ORANGE, YELLOW = rgb("#d3201f"), rgb("#f0701c"), rgb("#f7c61a")
BLUE, SKY, TEAL = rgb("#12379c"), rgb("#3d9ad6"), rgb("#0f7f7a")
BLACK, WHITE, CREAM, PINK = rgb("#0d0c10"), rgb("#f6f2e6"), rgb("#e9dcc0"), rgb("#eb7f8f")

BLOCKS = (
    (((-20, -20), (430, -20), (380, 330), (-20, 390)), SKY),
    (((420, -20), (1044, -20), (1044, 250), (640, 330), (380, 300)), CREAM),
    (((-20, 380), (390, 320), (440, 660), (-20, 720)), YELLOW),
    (((390, 300), (650, 320), (1044, 240), (1044, 610), (700, 700), (430, 660)), RED),
    (((-20, 710), (440, 650), (520, 1044), (-20, 1044)), BLUE),
    (((440, 655), (710, 690), (1044, 600), (1044, 1044), (510, 1044)), WHITE),
    (((780, 640), (1044, 590), (1044, 860), (820, 900)), TEAL),
    (((120, 470), (300, 440), (330, 610), (140, 640)), ORANGE),
    (((640, 40), (800, 20), (830, 170), (660, 200)), PINK),
)


def _blocks(rng: Rng) -> tuple[Array, Array]:
    scene = np.broadcast_to(CREAM, (H, W, 3)).astype(np.float32)
    angle = noise(rng, (H, W), 330, 2) * 0.7
    for i, (points, colour) in enumerate(BLOCKS):
        mask = polygon((H, W), points)
        tone = 1 + 0.16 * noise(rng, (H, W), 130, 3)
        scene = mix(scene, np.clip(colour * tone[..., None], 0, 1), mask[..., None])
        angle = np.where(mask > 0.5, angle * 0.6 + (0.2, 1.3, -0.5, 0.7, -1.1, 0.1, 1.5, 0.9, -0.3)[i], angle)
    return scene, angle.astype(np.float32)


def _squeegee(canvas: Canvas, box: tuple[int, int, int, int], colours: list[Array], pull: float = 0.992) -> None:
    """Drag fresh paint and what lies there across a box (x0, y0, x1, y1), skipping where the blade jumped."""
    rng, (x0, y0, x1, y1) = canvas.rng, (side * SS for side in box)
    rows, cols = y1 - y0, x1 - x0
    image, relief = canvas.image[y0:y1, x0:x1], canvas.relief.reshape(canvas.shape)[y0:y1, x0:x1]
    pick = np.clip((noise(rng, (rows, 8), (90, 8), 4)[:, 0] * 0.5 + 0.5) * len(colours), 0, len(colours) - 1).astype(
        int
    )
    load = np.stack(colours)[pick] * (1 + 0.14 * noise(rng, (rows, 8), (5, 8), 2)[:, :1])
    keep = pull + (1 - pull) * 0.7 * np.tanh(noise(rng, (rows, 8), (14, 8), 3)[:, :1])
    torn = noise(rng, (rows, cols), (60, 300), 5) + 0.7 * noise(rng, (rows, cols), (3, 420), 2)
    fade = np.linspace(-0.9, 0.9, cols)[None]
    side = np.minimum(np.arange(rows), np.arange(rows)[::-1])[:, None] / SS
    start = np.arange(cols)[None] / SS + 9 * noise(rng, (rows, cols), (50, 400), 4)
    held = smoothstep(10, 26, start) * smoothstep(2, 14, side + 4 * torn)
    cover = smoothstep(-0.12, 0.12, 0.25 - fade * 0.55 + 0.8 * torn) * held
    for col in range(cols):
        load = load * keep + image[:, col] * (1 - keep)
        image[:, col] += (load - image[:, col]) * cover[:, col : col + 1]
    lip = np.abs(cover - blur(cover, 4)) * 1.6
    chatter = 0.25 * np.sin(np.arange(cols) / 9 + 3 * noise(rng, (4, cols), (4, 300), 3)[1])[None]
    relief[:] = mix(relief, 0.35 + chatter * cover + 0.3 * torn * cover, cover * 0.9) + lip


def _gestures(canvas: Canvas) -> None:
    wide = Brush(dry=0.62, thick=1.5, tone=0.22, ragged=0.5, taper=0.1, ridge=0.7)
    wet = Brush(dry=0.3, thick=1.9, tone=0.2, ragged=0.35, taper=0.2, ridge=1.0)
    strokes = (
        ([(40, 300), (250, 180), (420, 210), (520, 330)], 120, WHITE, SKY, wide),
        ([(1010, 330), (860, 430), (700, 420), (560, 520)], 150, ORANGE, YELLOW, wide),
        ([(60, 980), (180, 840), (330, 800), (420, 900)], 130, TEAL, SKY, wide),
        ([(560, 980), (700, 860), (900, 960), (1000, 900)], 100, PINK, WHITE, wide),
        ([(560, 60), (620, 180), (760, 240), (960, 120)], 84, YELLOW, ORANGE, wet),
        ([(60, 560), (120, 420), (230, 390), (340, 470)], 66, RED, ORANGE, wet),
        (
            [(190, 60), (150, 330), (330, 560), (620, 600), (800, 430), (760, 220), (590, 160)],
            92,
            BLACK,
            BLUE,
            wide,
        ),
        ([(330, 1010), (420, 780), (600, 700), (860, 760)], 74, BLACK, BLACK, wide),
        ([(820, 560), (930, 470), (1000, 520), (960, 640), (850, 650)], 50, BLUE, SKY, wet),
        ([(470, 420), (560, 380), (690, 400), (770, 330)], 58, WHITE, YELLOW, wet),
        ([(90, 140), (300, 80), (380, 120)], 54, BLUE, BLACK, wet),
        ([(620, 900), (760, 800), (960, 840)], 44, RED, ORANGE, wet),
    )
    for points, width, first, second, brush in strokes:
        path = spline(points, 24)
        profile = 1 + 0.16 * np.sin(np.linspace(0, 5, len(path))) - 0.25 * np.linspace(0, 1, len(path))
        canvas.stroke(path, width, first, second, brush, profile)


def _figures(canvas: Canvas) -> None:
    """Rings, bars, a wedge and wiry lines."""
    wet = Brush(dry=0.22, thick=1.7, tone=0.16, ragged=0.3, taper=0.1, ridge=1.0)
    turn = np.linspace(0.4, 2 * np.pi + 0.9, 60)
    for cx, cy, r, width, first, second in (
        (800, 250, 76, 34, RED, ORANGE),
        (800, 250, 34, 40, YELLOW, WHITE),
        (230, 250, 60, 22, BLACK, BLUE),
        (230, 250, 22, 34, RED, RED),
        (640, 830, 88, 18, BLACK, BLACK),
        (300, 880, 46, 24, YELLOW, WHITE),
        (900, 760, 40, 26, BLACK, BLUE),
    ):
        canvas.stroke(np.stack([cx + r * np.cos(turn), cy + r * 0.94 * np.sin(turn)], -1), width, first, second, wet)
    for k in range(7):
        x, y = 452 + 26 * k, 470 + 9 * k
        canvas.stroke(np.array([(x, y), (x + 26, y + 92 - 5 * k)]), 13, BLACK if k % 2 else WHITE, None, wet)
    for k in range(5):
        canvas.stroke(
            np.array([(880 - 4 * k, 60 + 22 * k), (1000, 40 + 24 * k)]),
            10,
            BLUE if k % 2 else BLACK,
            None,
            wet,
        )
    for k in range(9):
        canvas.stroke(
            np.array([(70 + 10 * k, 900 - 2 * k), (150 + 2 * k, 760 + 10 * k)]),
            12,
            WHITE if k % 2 else YELLOW,
            RED,
            wet,
        )
    for points, width in (
        ([(20, 640), (240, 690), (480, 560), (700, 640), (1010, 540)], 9),
        ([(480, 20), (430, 260), (560, 420), (520, 700), (640, 1000)], 11),
        ([(700, 60), (900, 200), (980, 420)], 7),
        ([(60, 60), (330, 330), (360, 420)], 8),
        ([(80, 1000), (480, 940), (980, 990)], 8),
        ([(560, 760), (740, 700), (960, 720)], 6),
    ):
        path = spline(points, 24)
        canvas.stroke(path, width, BLACK, None, wet, 1 + 0.5 * np.sin(np.linspace(0, 11, len(path))))


def _scratches(canvas: Canvas) -> None:
    """Sgraffito: the handle's end scratched back to the ground, throwing up a lip on either side."""
    rng = canvas.rng
    scratch = Brush(dry=0.45, thick=-0.9, tone=0.25, ragged=0.5, taper=0.3, ridge=-1.5)
    for cx, cy in ((150, 520), (700, 500), (330, 950), (880, 800)):
        for _ in range(11):
            start = np.array([cx, cy]) + rng.normal(0, 36, 2)
            path = spline(
                [
                    start,
                    start + rng.normal((24, -30), 24),
                    start + rng.normal((60, 0), 30),
                    start + rng.normal((90, -20), 34),
                ],
                10,
            )
            canvas.stroke(path, rng.uniform(3, 5), CREAM, None, scratch)


def _drips(canvas: Canvas) -> None:
    rng, wet = canvas.rng, Brush(dry=0.0, thick=1.8, tone=0.06, ragged=0.05, taper=0.0, ridge=0.4)
    for x, y, colour in (
        (300, 560, BLACK),
        (352, 590, BLACK),
        (420, 612, BLACK),
        (560, 620, BLACK),
        (640, 610, BLACK),
        (745, 500, BLACK),
        (800, 330, RED),
        (842, 320, RED),
        (930, 420, ORANGE),
        (640, 520, ORANGE),
        (120, 470, RED),
        (260, 470, RED),
        (90, 330, WHITE),
        (470, 270, WHITE),
        (690, 240, YELLOW),
        (900, 175, YELLOW),
        (880, 660, BLUE),
        (240, 316, BLACK),
        (700, 910, PINK),
        (460, 770, BLACK),
    ):
        for _ in range(2):
            sx, length = x + rng.normal(0, 14), rng.uniform(60, 240)
            path = np.stack([sx + np.cumsum(rng.normal(0, 0.5, 16)), np.linspace(y, y + length, 16)], -1)
            width = rng.uniform(4, 9)
            canvas.stroke(path, width, colour, None, wet, np.concatenate([np.linspace(1.4, 0.7, 13), [0.9, 1.3, 1.1]]))
            canvas.dabs(path[-1:], np.array([width * 0.72]), colour[None], 2.0, 1.0)


def _spatter(canvas: Canvas) -> None:
    """Thrown paint: bursts along a throw, each drop stretched by where it flew."""
    rng = canvas.rng
    for x, y, dx, dy, colour, n in (
        (520, 330, 260, -190, BLACK, 130),
        (200, 690, -120, 200, WHITE, 110),
        (760, 640, 190, 190, BLACK, 120),
        (430, 820, 210, 130, RED, 100),
        (240, 150, 260, -90, YELLOW, 90),
        (860, 330, 120, 250, WHITE, 100),
        (120, 380, -60, -260, RED, 60),
        (620, 760, 250, 60, BLUE, 70),
    ):
        far = rng.random(n)[:, None] ** 0.7
        at = np.array([x, y]) + far * np.array([dx, dy]) + rng.normal(0, 1, (n, 2)) * (18 + 60 * far)
        canvas.dabs(
            at.astype(np.float32),
            np.clip(rng.lognormal(0.7, 0.75, n), 0.8, 17),
            np.broadcast_to(colour, (n, 3)),
            1.4,
            1.0,
        )


def draw() -> Image.Image:
    rng = np.random.default_rng(1912)
    scene, angle = _blocks(rng)
    canvas = Canvas(W, H, rgb("#b59a72"), rng)
    slab = Brush(dry=0.42, thick=1.1, tone=0.2, ragged=0.35, taper=0.05, ridge=0.8)
    canvas.tile = bristles(rng, 16, 4)
    canvas.layer(scene, angle, Layer(74, 210, 50, slab, hue=0.08, val=0.12, stop=0.5))
    _squeegee(canvas, (520, 560, 1010, 790), [WHITE, CREAM, SKY, BLACK, RED])
    _squeegee(canvas, (20, 660, 430, 800), [BLUE, BLACK, WHITE, YELLOW], 0.995)
    canvas.layer(shift(scene, 0, 1.1, 1.06), angle + 0.5, Layer(30, 90, 62, slab, hue=0.16, val=0.2, stop=0.5))
    _gestures(canvas)
    _squeegee(canvas, (330, 30, 720, 170), [CREAM, WHITE, TEAL, YELLOW], 0.99)
    _squeegee(canvas, (610, 420, 1015, 560), [RED, YELLOW, BLACK, WHITE], 0.994)
    canvas.tile = bristles(rng, 8, 2.5)
    _figures(canvas)
    _scratches(canvas)
    _drips(canvas)
    _spatter(canvas)
    return finish(canvas.lit(0.75, 0.16))
