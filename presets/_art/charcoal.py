"""Charcoal: a wet street at night, a walker under an umbrella, lamps and tall fronts, on toothed paper.

A tone is planned for every point; it is rubbed in with the finger, hatched with the stick's side and then its
edge along the planes (the darker, the more strokes and the harder), driven to full black in the accents, and
the lights are lifted out with a kneaded eraser.
"""

from itertools import pairwise

import numpy as np
from PIL import Image

from strokes import (
    SS,
    Array,
    Rng,
    Sheet,
    blur,
    grid,
    look_up,
    mix,
    noise,
    paper,
    polygon,
    rgb,
    smoothstep,
    spline,
    streamlines,
)

W, H = 832, 1024
EYE = (440.0, 470.0)
COAL = rgb("#15130f")
LAMPS = ((1.02, 230.0), (1.7, 235.0), (2.9, 235.0), (1.35, -250.0), (2.3, -240.0))
"""The vanishing point; lamps are depth and place across the street."""


def _project(x: float, y: float, z: float) -> tuple[float, float]:
    return EYE[0] + x / z, EYE[1] + y / z


def _quad(x: float, low: float, high: float, near: float, far: float) -> Array:
    """A rectangle on a plane that runs away from the eye."""
    return polygon(
        (H, W),
        [_project(x, low, near), _project(x, high, near), _project(x, high, far), _project(x, low, far)],
    )


def _fronts(rng: Rng, tone: Array, angle: Array) -> tuple[Array, Array]:
    """House fronts along both sides, far ones first; the right-hand side catches more light."""
    edges = (6.0, 4.2, 3.0, 2.2, 1.65, 1.22, 0.9, 0.62, 0.4)
    for side, x, dark in ((-1, -440.0, 0.30), (1, 400.0, 0.12)):
        for i, (far, near) in enumerate(pairwise(edges)):
            top = -rng.uniform(520, 900)
            wall = _quad(x, 330, top, near, far)
            shade = 0.42 + dark + 0.16 * ((i + side) % 2) - 0.05 * far + 0.1 * noise(rng, (H, W), 90, 3)
            tone = mix(tone, shade, wall)
            angle = np.where(wall > 0.5, 0.95 if (i % 2) == (side > 0) else np.pi / 2 - 0.25 * side, angle)
            tone = mix(tone, 0.95, _quad(x, top + 26, top - 12, near, far))
            tone = mix(tone, 0.9, _quad(x, 330, top, near, near * 1.025))
            tone = _windows(rng, tone, x, top, near, far)
            tone = _shop(tone, x, near, far) if (i + side) % 3 != 1 else _door(tone, x, near, far)
    return tone, angle


def _windows(rng: Rng, tone: Array, x: float, top: float, near: float, far: float) -> Array:
    """Rows of two windows down to the shop; a few are lit."""
    frame = 0.35 if x < 0 else 0.2
    for level in np.arange(top + 70, 90, 150):
        for k in range(2):
            a = near + (far - near) * (0.14 + 0.44 * k)
            b = a + (far - near) * 0.26
            pane = 0.02 if rng.random() < 0.22 else 0.97
            tone = mix(tone, frame, _quad(x, level + 106, level - 12, a * 0.98, b * 1.02))
            tone = mix(tone, pane, _quad(x, level + 92, level, a, b))
            tone = mix(tone, 0.6, _quad(x, level + 50, level + 42, a, b))
    return tone


def _shop(tone: Array, x: float, near: float, far: float) -> Array:
    wide = far - near
    tone = mix(tone, 0.02, _quad(x, 300, 150, near + wide * 0.15, near + wide * 0.8))
    return mix(tone, 0.96, _quad(x, 160, 118, near + wide * 0.1, near + wide * 0.86))


def _door(tone: Array, x: float, near: float, far: float) -> Array:
    wide = far - near
    return mix(tone, 0.98, _quad(x, 330, 130, near + wide * 0.35, near + wide * 0.65))


def _lamplight(rng: Rng, tone: Array, x: Array, y: Array) -> Array:
    """Every lamp's glow in the wet air and its long broken streak on the road."""
    for z, place in LAMPS:
        cx, cy = _project(place, -150, z)
        kerb = _project(0, 330, z)[1]
        tone = tone * (1 - 0.95 * np.exp(-np.hypot(x - cx, y - cy) / (95 / z)))
        streak = np.exp(-(((x - cx) / (26 / z**0.5)) ** 2)) * smoothstep(kerb, kerb + 20, y)
        ripple = np.clip(0.9 + 0.5 * np.sin(y / 7 + 2 * noise(rng, (H, W), 60, 2)), 0, 1)
        tone = tone * (1 - 0.8 * streak * ripple * np.exp(-(y - 600) / 400))
    return tone


def _plan(rng: Rng) -> tuple[Array, Array]:
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    away = np.hypot((x - EYE[0]) / 420, (y - EYE[1]) / 520)
    tone = np.clip(0.16 + 0.42 * away + 0.13 * noise(rng, (H, W), (120, 300), 4), 0.03, 0.9)
    angle = np.full((H, W), 0.75, np.float32) + 0.25 * noise(rng, (H, W), 260, 2)
    tower = polygon((H, W), [(398, 490), (400, 330), (416, 250), (432, 330), (434, 490)])
    tone = mix(tone, 0.62, tower)
    road = polygon(
        (H, W), [(-600, H), _project(-440, 330, 8), _project(400, 330, 8), (1500, H), (W, H + 9), (0, H + 9)]
    )
    depth = np.clip((y - EYE[1] - 40) / 520, 0, 1)
    wet = (
        0.38
        + 0.34 * depth
        + 0.16 * noise(rng, (H, W), (26, 150), 4)
        + 0.1 * np.sin(x / 21 + 1.5 * noise(rng, (H, W), 150, 2))
    )
    tone = mix(tone, wet, road)
    angle = np.where(road > 0.5, 0.06 + 0.1 * noise(rng, (H, W), 90, 2), angle)
    tone, angle = _fronts(rng, tone, angle)
    tone = _lamplight(rng, tone, x, y)
    for cx, foot, k in ((505.0, 880.0, 1.0), (318.0, 668.0, 0.36), (300.0, 664.0, 0.34)):
        for points, dark in _walker(cx, foot, k):
            tone = mix(tone, dark, blur(polygon((H, W), points), 1))
    return np.clip(tone, 0, 1).astype(np.float32), angle.astype(np.float32)


def _walker(cx: float, foot: float, k: float) -> list[tuple[Array, float]]:
    def at(*points: tuple[float, float]) -> Array:
        return np.array([(cx + x * k, foot + y * k) for x, y in points])

    dome = spline(at((-130, -258), (-100, -312), (-20, -350), (70, -330), (122, -268)), 8)
    hem = spline(
        at((122, -268), (82, -276), (52, -262), (8, -272), (-34, -258), (-82, -268), (-130, -258)), 6
    )
    return [
        (at((-60, 4), (70, 0), (110, 150), (40, 190), (-70, 160)), 0.8),
        (
            spline(
                at(
                    (-36, -230),
                    (30, -232),
                    (52, -170),
                    (62, -60),
                    (48, -52),
                    (-46, -50),
                    (-54, -150),
                    (-36, -230),
                ),
                6,
            ),
            0.97,
        ),
        (at((-30, -60), (-4, -60), (-14, 0), (-40, 2)), 0.98),
        (at((8, -60), (36, -60), (46, -8), (20, -2)), 0.98),
        (spline(at((-20, -232), (-22, -262), (0, -278), (20, -262), (18, -232), (-20, -232)), 6), 0.92),
        (np.concatenate([dome, hem]), 0.99),
        (spline(at((-86, -290), (-30, -328), (20, -334), (-20, -316), (-86, -290)), 6), 0.45),
        (at((26, -220), (50, -180), (46, -80), (38, -90)), 0.5),
    ]


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


def _lines(sheet: Sheet) -> None:
    """Drawing lines: perspective, lamp posts, wires, kerbs and the umbrella's contour."""
    rng = sheet.rng

    def line(points: Array, width: float, pressure: float, strength: float = 1.0) -> None:
        sheet.stick(spline(points, 12) + rng.normal(0, 0.6, 2), width, COAL, pressure, strength, soft=0.5)

    for x, y in (
        (-440, 330),
        (400, 330),
        (-330, 330),
        (300, 330),
        (-440, -560),
        (400, -640),
        (-440, 120),
        (400, 110),
    ):
        for _ in range(2):
            shift = rng.normal(0, 3, 2)
            line(
                np.array([_project(x, y, 0.5) + shift, _project(x, y, 1.2) + shift, _project(x, y, 6)]),
                rng.uniform(2, 5),
                0.8,
            )
    for z, place in LAMPS:
        foot, head = _project(place, 330, z), _project(place, -150, z)
        for _ in range(2):
            line(np.array([foot, ((foot[0] + head[0]) / 2 + 1, (foot[1] + head[1]) / 2), head]), 9 / z, 1.05)
        line(
            np.array(
                [
                    (head[0] - 22 / z, head[1] + 4),
                    (head[0], head[1] - 30 / z),
                    (head[0] + 22 / z, head[1] + 4),
                ]
            ),
            6 / z,
            1.0,
        )
    for sag, a, b in ((60, (-20, 90), (850, 40)), (44, (-20, 180), (850, 210)), (20, (150, 330), (700, 300))):
        line(np.array([a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + sag), b]), 3, 0.85)
    for points, _ in _walker(505, 880, 1.0)[1:6]:
        line(np.concatenate([points, points[:1]])[::3] if len(points) > 12 else points, 5, 1.05)
    line(np.array([(505, 530), (506, 640), (516, 700)]), 5, 1.1)
    for k in range(5):
        line(
            np.array([(505, 532), (505 + (k - 2) * 34, 562 + abs(k - 2) * 4), (505 + (k - 2) * 58, 612)]),
            3,
            0.9,
        )


def _lift(sheet: Sheet) -> None:
    """The kneaded eraser: lamps, glints on the wet road, rain."""
    rng, clean = sheet.rng, rgb("#ffffff")

    def lift(path: Array, width: float, amount: float) -> None:
        sheet.stick(path, width, clean, amount, 1.0, 0.16, 0.6)

    for z, place in LAMPS:
        cx, cy = _project(place, -150, z)
        turn = np.linspace(0, 6.28, 14)
        lift(np.stack([cx + 6 / z * np.cos(turn), cy + 7 / z * np.sin(turn)], -1), 15 / z, 1.3)
        for _ in range(14):
            y = rng.uniform(_project(0, 345, z)[1], H)
            lift(
                np.array(
                    [(cx - rng.uniform(6, 26) / z, y), (cx + rng.uniform(6, 30) / z, y + rng.normal(0, 1.5))]
                ),
                rng.uniform(3, 7),
                0.95,
            )
    for _ in range(120):
        x, y = rng.uniform(0, W), rng.uniform(0, H)
        fall = rng.uniform(24, 64)
        lift(np.array([(x, y), (x - fall * 0.22, y + fall)]), rng.uniform(1.6, 3), rng.uniform(0.55, 0.85))
    for _ in range(36):
        x, y = rng.uniform(150, 720), rng.uniform(690, 1010)
        lift(np.array([(x, y), (x + rng.uniform(14, 60), y + rng.normal(0, 2))]), rng.uniform(3, 6), 0.8)


def draw() -> Image.Image:
    rng = np.random.default_rng(1904)
    sheet = Sheet(W, H, rng, 0.22 + 0.56 * paper(rng, (H * SS, W * SS), 1.7 * SS, fibre=0.2))
    tone, angle = _plan(rng)
    _rub(sheet, tone)
    _hatch(sheet, tone, angle, 26, 130, 30, 0.30, 0.2)
    _hatch(sheet, tone, angle, 4.4, 110, 12, 0.58, 0.12)
    _hatch(sheet, tone, angle - 0.6, 3.8, 60, 13, 0.60, 0.42)
    _hatch(sheet, tone, angle + 0.2, 7, 30, 10, 0.76, 0.8)
    _lines(sheet)
    _lift(sheet)
    return sheet.picture(rgb("#eee6d6"), 0.3)
