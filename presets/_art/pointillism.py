"""Pointillism: a riverside park on a summer afternoon, in dots only.

Nothing is mixed on the palette: every dot is the local colour pushed towards the light (orange, yellow), the
shade (blue, violet) or its own complement, so that the eye mixes them, as the divisionists painted. The dots
come in five sizes, large to small (Haeberli 1990), smaller where there is more to say.
"""

import numpy as np
from PIL import Image

from strokes import (
    Array,
    Canvas,
    Rng,
    blur,
    finish,
    gradient,
    grid,
    look_up,
    mix,
    noise,
    palette,
    polygon,
    rgb,
    shift,
    smoothstep,
)

W, H = 1024, 832
FAR, NEAR = 300.0, 520.0
TREES = (
    (120.0, 640.0, 40.0, 250.0, 235.0),
    (300.0, 560.0, 22.0, 190.0, 130.0),
    (940.0, 700.0, 46.0, 205.0, 250.0),
)
"""The far bank and the near bank's y; trees are x, foot y, trunk width, crown y and crown radius."""

SIZES = ((12.0, 15.0, 1.0), (8.5, 12.5, 1.0), (6.2, 9.8, 1.0), (4.2, 7.0, 0.4), (2.9, 3.7, 0.0))
"""Layers of dots: radius, spacing, and how many of them go where there is no detail."""

PEOPLE = (
    (470.0, 690.0, 1.25, "#b3263a", "#2b2a5e"),
    (560.0, 640.0, 0.9, "#f0a52a", "#5d2a6b"),
    (690.0, 610.0, 0.72, "#e7e0c8", "#243f7a"),
    (735.0, 612.0, 0.70, "#3a7f9a", "#15203f"),
    (255.0, 735.0, 1.35, "#7a3f9a", "#1d1b3d"),
)
"""Standing people: x, foot y, scale, parasol and dress."""


def _disc(x: Array, y: Array, cx: float, cy: float, rx: float, ry: float, rough: Array | float = 0.0) -> Array:
    d = np.hypot((x - cx) / rx, (y - cy) / ry) + rough
    return 1 - smoothstep(0.96, 1.04, d)


def _banks(rng: Rng, x: Array, y: Array) -> Array:
    sky = gradient(((0, "#5f9fd8"), (0.5, "#a9cfe6"), (0.8, "#f4dfb4"), (1, "#fbe9c0")), y / FAR)
    cloud = smoothstep(0.3, 1.4, noise(rng, (H, W), (60, 220), 4))
    scene = mix(sky, rgb("#fff3e2"), (0.9 * cloud)[..., None])
    for base, tall, low, high in ((FAR - 6, 74, "#4a6aa8", "#8fb3b8"), (FAR + 8, 52, "#24577a", "#7aa843")):
        top = base - tall * (0.55 + 0.25 * np.sin(x / 61 + tall) + 0.25 * np.sin(x / 23) + 0.1 * np.sin(x / 9))
        tint = gradient(((0, low), (1, high)), np.clip(0.5 + 0.35 * noise(rng, (H, W), 26, 3) - (y - base) / 160, 0, 1))
        scene = mix(scene, tint, (smoothstep(-2, 2, y - top) * (y < FAR + 14))[..., None])
    for left, wide, tall in ((520, 70, 44), (600, 46, 60), (830, 90, 40)):
        foot = FAR + 8
        for mask, colour in (
            (
                polygon(
                    (H, W),
                    [(left, foot), (left, foot - tall), (left + wide, foot - tall), (left + wide, foot)],
                ),
                "#f6dcae",
            ),
            (
                polygon(
                    (H, W),
                    [
                        (left - 6, foot - tall),
                        (left + wide / 2, foot - tall - 26),
                        (left + wide + 6, foot - tall),
                    ],
                ),
                "#d6583a",
            ),
        ):
            scene = mix(scene, rgb(colour), mask[..., None])
    return scene


def _river(rng: Rng, scene: Array, x: Array, y: Array) -> Array:
    ripple = noise(rng, (H, W), (7, 70), 2)
    row = np.clip(2 * FAR + 14 - y * 1.0 + 5 * ripple, 0, FAR).astype(int)
    mirror = scene[row, np.clip(x + 4 * ripple, 0, W - 1).astype(int)]
    depth = np.clip((y - FAR) / (NEAR - FAR), 0, 1)
    blue = gradient(((0, "#7fb6d6"), (0.5, "#3f86c4"), (1, "#2a5ea8")), np.clip(depth + 0.2 * ripple, 0, 1))
    water = mix(mirror, blue, np.clip(0.3 + 0.45 * depth + 0.15 * ripple, 0, 1)[..., None])
    glint = smoothstep(1.3, 1.9, ripple) * np.exp(-(((x - 620) / 190) ** 2))
    return mix(water, rgb("#fff2c4"), glint[..., None])


def _sails(scene: Array) -> Array:
    for cx, foot, k, colour in (
        (420, 400, 1.0, "#ffffff"),
        (760, 372, 0.72, "#ffe2a8"),
        (640, 342, 0.45, "#fffdf2"),
        (545, 440, 1.2, "#f5c9b0"),
    ):
        hull = [
            (cx - 40 * k, foot),
            (cx + 46 * k, foot),
            (cx + 34 * k, foot + 13 * k),
            (cx - 30 * k, foot + 13 * k),
        ]
        for points, tint in (
            ([(cx, foot - 3), (cx, foot - 118 * k), (cx + 44 * k, foot - 6)], colour),
            ([(cx - 5 * k, foot - 3), (cx - 5 * k, foot - 100 * k), (cx - 34 * k, foot - 5)], "#7d78c0"),
            (hull, "#8a2f3c"),
            (
                [(cx - 6 * k, foot + 16 * k), (cx + 36 * k, foot + 16 * k), (cx + 4 * k, foot + 86 * k)],
                "#e9dcd6",
            ),
        ):
            scene = mix(scene, rgb(tint), (0.95 * polygon((H, W), points))[..., None])
    return scene


def _lawn(rng: Rng, scene: Array, x: Array, y: Array) -> Array:
    edge = NEAR + 34 * np.sin(x / 170 + 2.2) + 8 * np.sin(x / 37) - 0.09 * (x - 512)
    grass = gradient(
        ((0, "#5f9a34"), (0.5, "#a9c23a"), (1, "#e3d850")),
        np.clip(0.5 + 0.25 * noise(rng, (H, W), (40, 150), 3), 0, 1),
    )
    scene = mix(scene, grass, smoothstep(-2, 2, y - edge)[..., None])
    sand = smoothstep(-2, 2, y - edge) * (1 - smoothstep(8, 16, y - edge))
    scene = mix(scene, rgb("#e8c58a"), sand[..., None])
    path = np.abs(x - 640 - 0.9 * (y - 560) - 40 * np.sin(y / 70)) / (14 + 0.24 * np.clip(y - 520, 0, None))
    scene = mix(scene, rgb("#f0cf9f"), ((1 - smoothstep(0.85, 1.1, path)) * (y > edge + 12))[..., None])
    for cx, foot, _, _, r in TREES:
        pool = _disc(x, y, cx + 70, foot + 36, r * 1.25, 62, 0.22 * noise(rng, (H, W), 34, 3))
        scene = mix(
            scene,
            gradient(((0, "#1e3a6e"), (1, "#2f6b4a")), 0.5 + 0.3 * np.sin(x / 11 + y / 7)),
            (0.85 * pool)[..., None],
        )
    return scene


def _trees(rng: Rng, scene: Array, detail: Array, x: Array, y: Array) -> tuple[Array, Array]:
    for cx, foot, wide, crown, r in TREES:
        sway = cx + 12 * np.sin((y - foot) / 90)
        half = wide * (0.42 + 0.5 * smoothstep(foot - 70, foot, y))
        trunk = (1 - smoothstep(0.9, 1.1, np.abs(x - sway) / half)) * (y > crown) * (y < foot)
        bark = gradient(
            ((0, "#e08a4a"), (0.45, "#8a4a5e"), (1, "#241a4a")), np.clip(0.5 + (x - sway) / (2 * half), 0, 1)
        )
        scene = mix(scene, bark, trunk[..., None])
        leaves = noise(rng, (H, W), 58, 4)
        mask = _disc(x, y, cx, crown, r, r * 0.78, 0.20 * leaves)
        light = np.clip(0.5 - (x - cx) * 0.35 / r - (y - crown) * 0.55 / r + 0.24 * noise(rng, (H, W), 44, 3), 0, 1)
        tint = gradient(
            ((0, "#14204f"), (0.3, "#1d5a4c"), (0.55, "#4f9a35"), (0.85, "#b6cc3c"), (1.05, "#ffe766")), light
        )
        scene = mix(scene, tint, mask[..., None])
        detail = np.maximum(detail, np.maximum(trunk, 0.35 * mask))
    return scene, detail


def _people(scene: Array, detail: Array, x: Array, y: Array) -> tuple[Array, Array]:
    for cx, foot, k, parasol, dress in PEOPLE:
        shade = _disc(x, y, cx + 42 * k, foot + 3, 52 * k, 9 * k)
        scene = mix(scene, rgb("#22356e"), (0.9 * shade)[..., None])
        skirt = [(-16, -52), (8, -54), (24, -8), (20, 0), (-20, 0), (-26, -10)]
        parts = (
            (polygon((H, W), [(cx + px * k, foot + py * k) for px, py in skirt]), dress),
            (
                polygon(
                    (H, W),
                    [(cx + px * k, foot + py * k) for px, py in [(-12, -84), (8, -84), (11, -50), (-15, -50)]],
                ),
                shift(rgb(dress), 0.4, 1.1, 1.5),
            ),
            (_disc(x, y, cx - 1 * k, foot - 95 * k, 8 * k, 10 * k), "#f2b184"),
            (
                polygon(
                    (H, W),
                    [(cx + px * k, foot + py * k) for px, py in [(8, -66), (15, -122), (18, -122), (13, -64)]],
                ),
                "#5a2f2a",
            ),
            (_disc(x, y, cx + 12 * k, foot - 112 * k, 40 * k, 24 * k) * (y < foot - 110 * k), parasol),
        )
        for mask, colour in parts:
            scene = mix(scene, rgb(colour) if isinstance(colour, str) else colour, mask[..., None])
            detail = np.maximum(detail, blur(np.asarray(mask, np.float32), 3))
    return scene, detail


def _scene(rng: Rng) -> tuple[Array, Array]:
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    scene = _banks(rng, x, y)
    scene = np.where((y > FAR + 10)[..., None], _river(rng, scene, x, y), scene)
    detail = 0.9 * np.exp(-(((y - FAR + 15) / 60) ** 2))
    scene = _sails(scene)
    detail = np.maximum(detail, 0.9 * np.exp(-(((y - 380) / 70) ** 2)) * np.exp(-(((x - 570) / 210) ** 2)))
    scene = _lawn(rng, scene, x, y)
    scene, detail = _trees(rng, scene, detail, x, y)
    scene, detail = _people(scene, detail, x, y)
    return scene.astype(np.float32), detail.astype(np.float32)


def _divide(rng: Rng, local: Array) -> Array:
    """The pure colours that stand for a local colour: its neighbours, light, shade and complement."""
    n = len(local)
    grey = local @ np.array([0.3, 0.59, 0.11], np.float32)
    warm = palette("#ffb52e", "#ff8a3c", "#fff0a0", "#ffd9b0")[rng.integers(4, size=n)]
    cold = palette("#28409a", "#5a3a9a", "#2f86c9", "#1d5a7a")[rng.integers(4, size=n)]
    out = shift(
        local,
        0.22 * rng.standard_normal(n),
        1.2 + 0.22 * rng.standard_normal(n),
        1 + 0.10 * rng.standard_normal(n),
    )
    kind = rng.random(n)
    light = kind < 0.08 + 0.22 * grey
    dark = kind > 0.96 - 0.24 * (1 - grey)
    out[light] = mix(out[light], warm[light], 0.7)
    out[dark] = mix(out[dark], cold[dark], 0.75)
    other = (kind > 0.46) & (kind < 0.54)
    out[other] = np.clip(shift(local[other], np.pi, 1.5, 1.0) * 0.7 + 0.3 * out[other] + 0.04, 0, 1)
    return np.clip(out, 0, 1)


def draw() -> Image.Image:
    rng = np.random.default_rng(1886)
    scene, detail = _scene(rng)
    canvas = Canvas(W, H, rgb("#efe2c4"), rng)
    for radius, spacing, least in SIZES:
        points = grid(rng, (W, H), spacing)
        points = points[rng.random(len(points)) < np.maximum(look_up(detail, points), least)]
        colours = _divide(rng, look_up(scene, points))
        canvas.dabs(points, radius * rng.uniform(0.75, 1.2, len(points)), colours, thick=1.0)
    return finish(canvas.lit(0.55, 0.08))
