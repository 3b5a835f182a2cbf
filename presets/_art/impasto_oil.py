"""Impasto oil: a harbour at sunset, laid on thick with a palette knife and hog-bristle brushes.

Broad knife slabs first, then loaded brushes in three sizes along the forms (Hertzmann 1998); warm light
against blue-violet shade. Every stroke piles paint at its sides and at its end, and the relief is lit.
"""

import numpy as np
from PIL import Image

from strokes import (
    Array,
    Brush,
    Canvas,
    Layer,
    Rng,
    bristles,
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
HORIZON = 430.0
SUN = (600.0, 352.0)
SKY = (
    (0, "#fff0a8"),
    (0.10, "#ffd25a"),
    (0.24, "#f9963a"),
    (0.40, "#e8603f"),
    (0.55, "#b8496a"),
    (0.70, "#54407f"),
    (0.86, "#233a6d"),
    (1, "#14495c"),
)
BOATS = (
    (205.0, 618.0, 1.55, "#23304f", "#c8452f", "#fbdc9c"),
    (455.0, 505.0, 0.72, "#3a2b46", "#3f8a86", "#f5d9a0"),
    (742.0, 530.0, 0.9, "#1d2c3a", "#d98a2b", "#ffe6b0"),
)
"""Boats are x and y of the waterline, scale, hull, stripe and sail."""


def _sky(rng: Rng, x: Array, y: Array) -> Array:
    far = np.hypot((x - SUN[0]) / 720, (y - SUN[1]) / 430)
    banks = noise(rng, (H, W), (46, 260), 4)
    sky = gradient(SKY, np.clip(far + 0.07 * banks, 0, 1))
    cloud = smoothstep(0.25, 1.2, noise(rng, (H, W), (70, 330), 4) + 0.5 * np.sin(y / 44 + x / 300))
    under = np.clip(1.15 - far, 0, 1)
    lit = gradient(((0, "#3b3a70"), (0.35, "#7d4a80"), (0.65, "#f07c54"), (1, "#ffdf9a")), under + 0.10 * banks)
    sky = mix(sky, lit, (0.8 * cloud)[..., None])
    disc = np.hypot(x - SUN[0], y - SUN[1])
    return mix(sky, rgb("#fffbe0"), (1 - smoothstep(36, 42, disc))[..., None])


def _sea(rng: Rng, scene: Array, x: Array, y: Array) -> Array:
    depth = np.clip((y - HORIZON) / (H - HORIZON), 0, 1)
    mirror = scene[np.clip(2 * HORIZON - 0.8 * (y - HORIZON) - HORIZON, 0, HORIZON - 6).astype(int), x.astype(int)]
    swell = noise(rng, (H, W), (16, 110), 3) + 0.6 * np.sin((y - HORIZON) ** 1.0 / 8 + x / 90)
    deep = gradient(((0, "#123a5e"), (0.5, "#1f6f7d"), (1, "#6a5a94")), np.clip(0.5 + 0.3 * swell, 0, 1))
    sea = mix(mirror * 0.9, deep, np.clip(0.35 + 0.35 * depth + 0.22 * swell, 0, 1)[..., None])
    width = 34 + 120 * depth
    path = np.exp(-(((x - SUN[0] - 16 * np.sin(y / 23)) / width) ** 2)) * smoothstep(-0.7, 0.6, swell + 0.6 - depth)
    glow = gradient(((0, "#fff3b8"), (0.45, "#ffb648"), (1, "#f0653c")), depth)
    return mix(sea, glow, (0.95 * path)[..., None])


def _hills(rng: Rng, scene: Array, angle: Array, x: Array, y: Array) -> tuple[Array, Array]:
    for base, tall, low, high, k in (
        (HORIZON, 70, "#6a4a86", "#c8627a", 150.0),
        (HORIZON + 2, 36, "#33356b", "#7b4a75", 90.0),
    ):
        ridge = base - tall * (
            0.25
            + 0.75
            * np.clip(0.5 + 0.5 * np.sin(x / k + tall) + 0.12 * np.sin(x / 31), 0, 1)
            * np.clip(np.abs(x - SUN[0]) / 420, 0.12, 1)
        )
        mask = smoothstep(-1.5, 1.5, y - ridge) * (y < HORIZON + 1)
        tint = gradient(((0, low), (1, high)), np.clip(0.5 + 0.4 * noise(rng, (H, W), 40, 3), 0, 1))
        scene = mix(scene, tint, mask[..., None])
        angle = np.where(mask > 0.5, 0.7 * np.sign(np.gradient(ridge, axis=1)) + 0.2, angle)
    return scene, angle


def _town(rng: Rng, scene: Array, angle: Array, detail: Array) -> tuple[Array, Array, Array]:
    """Houses stepping up the right-hand shore, lit from the sun's side, on a stone quay."""
    lights, shades = (
        ("#f2a65a", "#e8785a", "#f5c987", "#d9657a"),
        ("#5a3d74", "#46406f", "#6b3f63", "#3a4a78"),
    )
    roofs = ("#a63f2f", "#7f2f3f", "#c45a35", "#54305a")
    for row, (y0, step) in enumerate(((HORIZON + 8, 58), (HORIZON + 52, 74))):
        for i, left in enumerate(np.arange(800 + 40 * row, W, step)):
            tall = (150 - 60 * row) * rng.uniform(0.65, 1.15) * (0.55 + 0.45 * (left - 760) / 264) + 34
            wide, foot = step * 0.96, y0 + 16 + 26 * row
            lit = polygon(
                (H, W),
                [
                    (left, foot),
                    (left, foot - tall),
                    (left + wide * 0.4, foot - tall),
                    (left + wide * 0.4, foot),
                ],
            )
            dark = polygon(
                (H, W),
                [
                    (left + wide * 0.4, foot),
                    (left + wide * 0.4, foot - tall),
                    (left + wide, foot - tall),
                    (left + wide, foot),
                ],
            )
            roof = polygon(
                (H, W),
                [
                    (left - 5, foot - tall + 3),
                    (left + wide * 0.3, foot - tall - 34),
                    (left + wide + 4, foot - tall + 3),
                ],
            )
            for mask, colour in (
                (lit, lights[(i + row) % 4]),
                (dark, shades[i % 4]),
                (roof, roofs[(i + 2 * row) % 4]),
            ):
                scene = mix(scene, rgb(colour), mask[..., None])
                detail = np.maximum(detail, mask)
                angle = np.where(mask > 0.5, 0.75 if colour in roofs else np.pi / 2, angle)
            for k in range(2):
                wx, wy = left + wide * 0.56, foot - tall + 16 + 34 * k
                pane = polygon((H, W), [(wx, wy), (wx + 11, wy), (wx + 11, wy + 17), (wx, wy + 17)])
                scene = mix(scene, rgb("#ffd873" if (i + k) % 2 else "#1f2147"), pane[..., None])
    quay = polygon((H, W), [(770, HORIZON + 96), (W, HORIZON + 74), (W, HORIZON + 190), (905, HORIZON + 150)])
    scene = mix(
        scene,
        gradient(((0, "#8a5a5f"), (1, "#2b2748")), np.linspace(0, 1, H)[:, None].repeat(W, 1) * 5 - 3.1),
        quay[..., None],
    )
    return scene, np.where(quay > 0.5, 0.25, angle), np.maximum(detail, quay)


def _boats(scene: Array, angle: Array, detail: Array) -> tuple[Array, Array, Array]:
    rows, cols = np.mgrid[0:H, 0:W]
    broken = smoothstep(-0.5, 0.3, np.sin(rows / 6.5 + np.sin(cols / 47)))
    for x, y, k, hull, stripe, sail in BOATS:

        def at(*points: tuple[float, float], x: float = x, y: float = y, k: float = k) -> Array:
            return polygon((H, W), [(x + px * k, y + py * k) for px, py in points])

        parts = (
            (at((-8, -40), (-4, -205), (78, -52)), sail, -1.05),
            (at((-18, -46), (-14, -180), (-74, -44)), rgb("#4b3a78"), 1.2),
            (at((-74, 8), (78, 8), (60, 50), (-50, 58)) * broken, shift(rgb(hull), 0.2, 0.9, 1.1), 0.05),
            (at((-70, 44), (80, 40), (16, 170), (-6, 176)) * broken, shift(rgb(sail), 0.0, 0.9, 0.85), 0.05),
            (at((-100, -38), (112, -50), (82, 6), (-76, 6)), hull, 0.04),
            (at((-92, -26), (102, -36), (97, -24), (-86, -14)), shift(rgb(hull), -0.5, 1.2, 1.9), -0.04),
            (at((-80, 4), (86, 4), (84, 11), (-78, 11)), "#f2b878", 0.0),
            (at((-102, -40), (116, -53), (110, -38), (-98, -27)), stripe, -0.06),
            (at((20, -46), (20, -72), (58, -74), (60, -48)), "#e8cfa0", np.pi / 2),
        )
        for mask, colour, lean in parts:
            scene = mix(scene, rgb(colour) if isinstance(colour, str) else colour, mask[..., None] * 0.96)
            angle = np.where(mask > 0.5, lean, angle)
            detail = np.maximum(detail, mask)
    return scene, angle, detail


def _scene(rng: Rng) -> tuple[Array, Array, Array]:
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    sky = _sky(rng, x, y)
    round_sun = np.arctan2(y - SUN[1] - 60, (x - SUN[0]) * 0.8) + np.pi / 2
    swing = 0.5 * noise(rng, (H, W), 240, 2)
    near = np.exp(-((np.hypot(x - SUN[0], y - SUN[1]) / 260) ** 2))
    angle = np.where(near > 0.22, round_sun, -0.32 + 0.45 * swing + 0.3 * np.sin(x / 150))
    detail = np.exp(-((np.hypot(x - SUN[0], y - SUN[1]) / 60) ** 2))
    scene = np.where((y < HORIZON)[..., None], sky, _sea(rng, sky, x, y))
    angle = np.where(y < HORIZON, angle, 0.12 * np.sin(x / 70 + y / 19))
    scene, angle = _hills(rng, scene, angle, x, y)
    scene, angle, detail = _town(rng, scene, angle, detail)
    scene, angle, detail = _boats(scene, angle, detail)
    return scene.astype(np.float32), angle.astype(np.float32), detail.astype(np.float32)


def _rigging(canvas: Canvas) -> None:
    """Masts, booms and their broken reflections, each in one loaded stroke; then the sun's highlights."""
    rng = canvas.rng
    line = Brush(dry=0.1, thick=1.6, tone=0.2, ragged=0.2, taper=0.6)
    for x, y, k, *_ in BOATS:
        dark, warm = rgb("#1c1430"), rgb("#7a4030")
        for dx, top, foot in ((-10, -222, -30), (62, -120, -44)):
            canvas.stroke(
                np.array([[x + dx * k, y + foot * k], [x + (dx + 4) * k, y + top * k]]),
                9 * k,
                dark,
                warm,
                line,
            )
    fat = Brush(dry=0.15, thick=2.4, tone=0.1, ragged=0.3, taper=0.3, ridge=1.2)
    for _ in range(80):
        run = rng.random() ** 1.3
        x, y = SUN[0] + rng.normal(0, 14 + 60 * run), HORIZON + 8 + run * 380
        size = 16 + 40 * run
        colour = shift(rgb("#fff0b0" if rng.random() < 0.6 else "#ff9a3c"), rng.normal(0, 0.1))
        canvas.stroke(
            np.array([[x - size / 2, y], [x, y + rng.normal(0, 2)], [x + size / 2, y]]),
            6 + 7 * run,
            colour,
            rgb("#ffc04a"),
            fat,
        )
    for dy in (-12, 0, 12):
        canvas.stroke(np.array(SUN) + np.array([(-19.0, dy), (19.0, dy + 3)]), 18, rgb("#fffbe2"), rgb("#fff0b0"), fat)
    for a in np.linspace(0, 2 * np.pi, 15):
        at = np.array(SUN) + 30 * np.array([np.cos(a), np.sin(a)])
        canvas.stroke(
            at + np.array([[-np.sin(a), np.cos(a)]]) * np.array([[-14.0], [14.0]]),
            17,
            rgb("#fffbe2"),
            rgb("#ffe58a"),
            fat,
        )


def draw() -> Image.Image:
    rng = np.random.default_rng(1872)
    scene, angle, detail = _scene(rng)
    canvas = Canvas(W, H, rgb("#6b3a2c"), rng)
    canvas.tile = bristles(rng, 13, 4)
    knife = Brush(dry=0.16, thick=2.2, tone=0.09, ragged=0.12, taper=0.0, ridge=1.5, blend=0.75)
    brush = Brush(dry=0.28, thick=2.0, tone=0.14, ragged=0.35, taper=0.25, ridge=1.0, blend=0.8)
    canvas.layer(shift(scene, 0.1, 1.1, 0.85), angle, Layer(84, 210, 60, knife, hue=0.1, val=0.14, stop=0.4))
    canvas.layer(scene, angle, Layer(48, 130, 50, knife, hue=0.12, val=0.14, stop=0.3))
    bright = shift(scene, 0, 1.1, 1.05)
    canvas.layer(bright, angle, Layer(27, 82, 40, brush, hue=0.15, sat=0.2, val=0.16, stop=0.24))
    canvas.layer(scene, angle, Layer(13, 38, 10, brush, hue=0.1, val=0.14, stop=0.13), 0.9 * detail)
    _rigging(canvas)
    return finish(canvas.lit(0.9, 0.26))
