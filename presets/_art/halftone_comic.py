"""Printed comic: a rocket tears away from a crashing planetscape, in ink outlines and Ben-Day dots.

Ink is drawn with brush lines that swell and taper, feathered shadows and speed lines. Colour is printed
as process screens: each of cyan, magenta and yellow is a lattice of dots at its own angle whose radius
follows the tone (Ulichney's clustered-dot screens), on yellowed pulp paper with a little misregister.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from craft import (
    Array,
    blur,
    fbm,
    fbm_at,
    from_image,
    grid,
    mix,
    moved,
    noise_at,
    polygon_mask,
    rgb,
    shrink,
    smooth_path,
    smoothstep,
    to_image,
)

WIDTH, HEIGHT, SCALE = 1024, 768, 2
W, H = WIDTH * SCALE, HEIGHT * SCALE
FOCUS = (0.30 * W, 0.74 * H)
Points = Sequence[tuple[float, float]]
Paint = Callable[[Array, Array], Array]


class Page:
    """Separations: flat paint (three inks 0–1), the screen's coarseness, and the black key."""

    def __init__(self, planes: tuple[Array, Array, Array] | None = None) -> None:
        blank = (np.zeros((H, W, 3), np.float32), np.zeros((H, W), np.float32), np.zeros((H, W), np.float32))
        self.inks, self.coarse, self.key = planes or blank

    def paint(self, mask: Array, colour: Array, coarse: float = 0.0) -> None:
        """Lay colour (given as RGB) over what is below, erasing its ink lines."""
        inks = 1 - colour
        self.inks += (inks - self.inks) * mask[..., None]
        self.coarse += (coarse - self.coarse) * mask
        self.key *= 1 - mask

    def ink(self, cover: Array) -> None:
        np.maximum(self.key, cover, out=self.key)


def path(points: Points, closed: bool = False, steps: int = 14) -> Array:
    return smooth_path(points, steps, closed) * (W, H)


def brush(pen: ImageDraw.ImageDraw, line: Array, thick: float, closed: bool = False) -> None:
    """A brush line that enters fine, swells and leaves fine."""
    t = np.linspace(0, 1, len(line))
    swell = 0.55 + 0.45 * np.sin(t * np.pi * (3 if closed else 1)) ** 2
    taper = np.ones_like(t) if closed else np.clip(np.minimum(t, 1 - t) * 7, 0.12, 1)
    half = thick * swell * taper
    normal = np.gradient(line, axis=0)[:, ::-1] * (1, -1)
    normal /= np.linalg.norm(normal, axis=1)[:, None] + 1e-6
    pen.polygon(
        [tuple(p) for p in np.concatenate([line + normal * half[:, None], (line - normal * half[:, None])[::-1]])],
        fill=255,
    )
    for p, r in zip(line[::2], half[::2], strict=True):
        pen.ellipse((p[0] - r, p[1] - r, p[0] + r, p[1] + r), fill=255)


def form(
    page: Page, points: Points, colour: Array | Paint, line: float = 7, coarse: float = 0.0, sharp: bool = False
) -> Array:
    """A coloured form with its outline."""
    outline = np.asarray([*points, points[0]], np.float32) * (W, H) if sharp else path([*points], True)
    if sharp:
        outline = np.concatenate([np.linspace(a, b, 20, endpoint=False) for a, b in pairwise(outline)])
    rows, columns = window(outline, 4 * line)
    corner = (columns.start, rows.start)
    mask = polygon_mask(rows.stop - rows.start, columns.stop - columns.start, outline - corner)
    part = Page((page.inks[rows, columns], page.coarse[rows, columns], page.key[rows, columns]))
    if callable(colour):
        y, x = np.mgrid[rows, columns].astype(np.float32)
        part.paint(mask, colour(x, y), coarse)
    else:
        part.paint(mask, colour[rows, columns], coarse)
    draw_lines(page, [(np.concatenate([outline, outline[:1]]), line, True)])
    whole = np.zeros((H, W), np.float32)
    whole[rows, columns] = mask
    return whole


def window(points: Array, margin: float) -> tuple[slice, slice]:
    """Rows and columns about some points, within the picture."""
    low, high = points.min(0) - margin, points.max(0) + margin
    rows = slice(int(np.clip(low[1], 0, H - 2)), int(np.clip(high[1], 2, H)))
    return rows, slice(int(np.clip(low[0], 0, W - 2)), int(np.clip(high[0], 2, W)))


def draw_lines(page: Page, items: Sequence[tuple[Array, float, bool]]) -> None:
    """Ink some brush lines, working only where they are."""
    rows, columns = window(np.concatenate([line for line, _, _ in items]), 2 * max(t for _, t, _ in items))
    image = Image.new("L", (columns.stop - columns.start, rows.stop - rows.start))
    pen = ImageDraw.Draw(image)
    for line, thick, closed in items:
        brush(pen, line - (columns.start, rows.start), thick, closed)
    np.maximum(page.key[rows, columns], from_image(image), out=page.key[rows, columns])


def gradient(start: tuple[float, float], end: tuple[float, float], a: str, b: str) -> Paint:
    """Linear gradient between two points, to be evaluated where it is needed."""
    dx, dy = (end[0] - start[0]) * W, (end[1] - start[1]) * H

    def paint(x: Array, y: Array) -> Array:
        t = np.clip(((x - start[0] * W) * dx + (y - start[1] * H) * dy) / (dx * dx + dy * dy), 0, 1)
        return mix(rgb(a), rgb(b), t)

    return paint


def feather(page: Page, mask: Array, shade: Array, x: Array, y: Array, angle: float, gap: float) -> None:
    """Ink feathering: hatch lines that thicken to solid black where ``shade`` grows."""
    rows, columns = window(np.argwhere(mask > 0)[:, ::-1], 2)
    mask, shade, x, y = (a[rows, columns] for a in (mask, shade, x, y))
    across = (-np.sin(angle) * x + np.cos(angle) * y) / gap + 0.3 * noise_at(x / 60, y / 60, 3)
    row = np.floor(across)
    width = np.clip(shade + 0.12 * noise_at(row * 0.7, row * 0, 5), 0, 1.2) * 0.62
    hatch = mask * smoothstep(0.1, -0.1, np.abs(across - row - 0.5) - width) * (width > 0.05)
    np.maximum(page.key[rows, columns], hatch, out=page.key[rows, columns])


def _space(page: Page, x: Array, y: Array) -> None:
    """Night sky with a burst behind the rocket's start: wedges, dots and speed lines."""
    r = np.hypot(x - FOCUS[0], y - FOCUS[1]) / W
    angle = np.arctan2(y - FOCUS[1], x - FOCUS[0])
    wedge = np.sin(angle * 22 + 0.8 * np.sin(angle * 7)) > 0.15
    near = mix(rgb("fff28a"), rgb("ff9a3c"), smoothstep(0.1, 0.33, r))
    colour = mix(near, rgb("e8402f"), smoothstep(0.26, 0.46, r))
    colour = mix(colour, rgb("7a3f9f"), smoothstep(0.40, 0.60, r))
    colour = mix(colour, rgb("1f4fb0"), smoothstep(0.52, 0.78, r))
    pale = mix(rgb("fffbe0"), rgb("ffd23c"), smoothstep(0.05, 0.4, r))
    pale = mix(pale, rgb("f06aa0"), smoothstep(0.34, 0.52, r))
    pale = mix(pale, rgb("6ac0f0"), smoothstep(0.46, 0.72, r))
    page.paint(np.ones_like(x), mix(colour, pale, wedge.astype(np.float32)), 1.0)
    rng = np.random.default_rng(1)
    rays = []
    for _ in range(210):
        a, start = rng.uniform(0, 2 * np.pi), rng.uniform(0.30, 0.62) * W
        end = start + rng.uniform(0.1, 0.5) * W
        tip = np.array([np.cos(a), np.sin(a)])
        rays.append((FOCUS + np.linspace(start, end, 14)[:, None] * tip, rng.uniform(1.5, 8), False))
    draw_lines(page, rays)
    black = smoothstep(0.76, 0.86, r + 0.05 * np.sin(angle * 60) + 0.04 * noise_at(angle * 30, r * 0, 8))
    page.ink(black)
    for _ in range(90):
        px, py, s = rng.uniform(0, W), rng.uniform(0, 0.6 * H), rng.gamma(2, 3) + 3
        if np.hypot(px - FOCUS[0], py - FOCUS[1]) < 0.5 * W:
            continue
        rows, columns = slice(max(int(py - 4 * s), 0), int(py + 4 * s)), slice(max(int(px - 4 * s), 0), int(px + 4 * s))
        dx, dy = np.abs(x[rows, columns] - px), np.abs(y[rows, columns] - py)
        star = smoothstep(1.0, 0.7, np.sqrt(dx / (3 * s)) + np.sqrt(dy / (3 * s)))
        page.key[rows, columns] *= 1 - star
        page.inks[rows, columns] *= (1 - star)[..., None]


def _ball(
    page: Page, x: Array, y: Array, centre: tuple[float, float], radius: float, light: str, dark: str, craters: int
) -> None:
    """A planet with a dot-screened shade, feathered night side and craters."""
    cx, cy, radius = centre[0] * W, centre[1] * H, radius * W
    dx, dy = (x - cx) / radius, (y - cy) / radius
    r = np.hypot(dx, dy)
    mask = smoothstep(1.0, 0.995, r)
    lit = 0.5 + 0.55 * (-0.75 * dx + 0.55 * dy)
    bands = 0.12 * np.sin((dy + 0.35 * dx + 0.05 * fbm_at(dx * 4, dy * 9, 3, 4)) * 22)
    page.paint(mask, mix(rgb(dark), rgb(light), smoothstep(0.25, 0.95, lit + bands)), 0.6)
    feather(page, mask, smoothstep(0.33, -0.05, lit), x, y, 0.6, 15)
    page.ink(smoothstep(0.022, 0.012, np.abs(r - 1)) * 1.0)
    rng = np.random.default_rng(craters)
    for _ in range(craters):
        a, d, s = rng.uniform(0, 6.28), rng.uniform(0, 0.8), rng.uniform(0.05, 0.16)
        ex, ey = (dx - d * np.cos(a)) / s, (dy - d * np.sin(a)) / s
        q = np.hypot(ex, ey * 1.25)
        ring = smoothstep(0.12, 0.05, np.abs(q - 1)) * (ex - ey > -0.5) + smoothstep(
            0.2, 0.05, np.abs(np.hypot(ex - 0.15, ey * 1.25 + 0.1) - 0.8)
        ) * (ex - ey < -0.6)
        page.ink(np.clip(ring, 0, 1) * mask)


def _ground(page: Page, x: Array, y: Array) -> None:
    """Jagged rocks and a domed city in front of the blast."""
    rng = np.random.default_rng(6)
    for base, tall, light, dark, seed in ((0.80, 0.17, "b04fa0", "5a2a8a", 1), (0.90, 0.16, "e0662f", "8f2440", 2)):
        xs = np.linspace(-0.03, 1.03, 22)
        ys = base - tall * np.abs(rng.normal(0.15, 0.55, 22)) * (0.35 + 0.65 * smoothstep(0.1, 0.35, np.abs(xs - 0.30)))
        outline = [(-0.05, 1.05), *zip(xs, ys, strict=True), (1.05, 1.05)]
        colour = gradient((0.3, base - tall), (0.9, 1.0), light, dark)
        mask = form(page, outline, colour, 7, 0.5, sharp=True)
        crest = np.interp(x[0] / W, xs, ys)[None, :] * H
        side = np.interp(x[0] / W, xs[:-1], (np.diff(ys) * np.sign(xs[:-1] - 0.30) < 0).astype(float))[None, :]
        feather(
            page,
            mask,
            0.85 * side * smoothstep(0.24 * H, 0, y - crest) + 0.2 * noise_at(x / 90, y / 90, seed),
            x,
            y,
            1.2,
            13,
        )
    for cx, w, h in (
        (0.60, 0.075, 0.20),
        (0.68, 0.05, 0.29),
        (0.745, 0.06, 0.17),
        (0.53, 0.04, 0.14),
        (0.83, 0.055, 0.25),
    ):
        _tower(page, x, y, cx, w, h)


def _tower(page: Page, x: Array, y: Array, cx: float, w: float, h: float) -> None:
    base, top = 0.93, 0.93 - h
    body = [(cx - w / 2, base), (cx - w * 0.36, top + 0.05), (cx + w * 0.36, top + 0.05), (cx + w / 2, base)]
    mask = form(page, body, gradient((cx - w / 2, 0.8), (cx + w / 2, 0.8), "ffe27a", "2f9fa8"), 6, 0.2, sharp=True)
    feather(page, mask, smoothstep(0.05, 0.5, (x / W - cx) / w), x, y, 0.0, 12)
    dome = [
        (cx - w * 0.42, top + 0.052),
        (cx - w * 0.36, top + 0.012),
        (cx, top - 0.035),
        (cx + w * 0.36, top + 0.012),
        (cx + w * 0.42, top + 0.052),
    ]
    form(page, dome, gradient((cx - w / 2, 0.8), (cx + w / 2, 0.8), "d8f6ff", "2f7fd0"), 6)
    window = np.zeros_like(x)
    for row in np.arange(top + 0.08, base - 0.02, 0.03):
        for k in (-0.2, 0.02, 0.2):
            window += (np.abs(x / W - cx - k * w) < w * 0.06) & (np.abs(y / H - row) < 0.008)
    page.paint(np.clip(window, 0, 1), rgb("fff6b0"))
    draw_lines(
        page,
        [(np.array([(cx * W, (top - 0.03) * H), (cx * W, (top - 0.06) * H), (cx * W, (top - 0.1) * H)]), 4, False)],
    )


def _smoke(page: Page) -> None:
    """Billows along the rocket's trail, each a puff with an inner curl."""
    rng = np.random.default_rng(9)
    start, end = np.array([0.16, 0.96]), np.array([0.485, 0.50])
    puffs = []
    for t in np.linspace(0, 1, 34):
        spread = 0.11 * (1 - t) + 0.018
        puffs.append(
            (
                *(start + (end - start) * t + rng.normal(0, 1, 2) * (spread, spread * 0.8)),
                (0.072 * (1 - t) + 0.022) * rng.uniform(0.7, 1.25),
            )
        )
    for px, py, size in sorted(puffs, key=lambda p: p[1] - 0.4 * p[2]):
        a = np.linspace(0, 2 * np.pi, 36, endpoint=False)
        bump = size * (
            0.9 + 0.2 * np.abs(np.sin(2.5 * a + rng.uniform(0, 6))) + 0.04 * np.sin(a * 2 + rng.uniform(0, 6))
        )
        outline = [(px + b * np.cos(t), py + b * np.sin(t) * W / H) for t, b in zip(a, bump, strict=True)]
        colour = gradient(
            (px + size * 0.4, py - size),
            (px - size * 0.8, py + size),
            "fffdf0",
            "f0a060" if rng.random() < 0.5 else "c88ac0",
        )
        form(page, outline, colour, 6, 0.3)
        curls = []
        for k in range(3):
            t = np.linspace(rng.uniform(0, 2), rng.uniform(2.6, 4.2), 14)
            q = size * (0.35 + 0.18 * k)
            curls.append((np.stack([(px + q * np.cos(t + 1.2)) * W, py * H + q * W * np.sin(t + 1.2)], 1), 4.5, False))
        draw_lines(page, curls)


def _rocket(page: Page, x: Array, y: Array) -> None:
    """A red and white rocket climbing to the upper right, flame behind."""
    centre, turn, size = np.array([0.66 * W, 0.30 * H]), -0.72, 0.23 * W

    def put(points: Points) -> list[tuple[float, float]]:
        c, s = np.cos(turn), np.sin(turn)
        p = np.asarray(points, np.float32) * size
        q = p @ np.array([[c, s], [-s, c]], np.float32) + centre
        return [(a / W, b / H) for a, b in q]

    u = ((x - centre[0]) * np.cos(turn) + (y - centre[1]) * np.sin(turn)) / size
    v = (-(x - centre[0]) * np.sin(turn) + (y - centre[1]) * np.cos(turn)) / size
    flame = [
        (-0.85, -0.14),
        (-1.15, -0.26),
        (-1.35, -0.15),
        (-1.7, -0.2),
        (-1.55, -0.06),
        (-2.05, 0.0),
        (-1.55, 0.07),
        (-1.72, 0.2),
        (-1.35, 0.15),
        (-1.15, 0.26),
        (-0.85, 0.14),
    ]
    form(page, put(flame), mix(rgb("ffe24a"), rgb("f0401f"), smoothstep(-1.0, -1.8, u)), 7)
    inner = [(-0.85, -0.09), (-1.15, -0.13), (-1.5, 0.0), (-1.15, 0.13), (-0.85, 0.09)]
    form(page, put(inner), mix(rgb("fffef0"), rgb("ffd83a"), smoothstep(-0.9, -1.5, u)), 4)
    red = mix(rgb("ff5a4a"), rgb("a01230"), smoothstep(-0.2, 0.45, v))
    for fin in (
        [(-0.35, -0.2), (-0.75, -0.52), (-1.08, -0.58), (-0.98, -0.3), (-0.85, -0.14)],
        [(-0.35, 0.2), (-0.75, 0.52), (-1.08, 0.58), (-0.98, 0.3), (-0.85, 0.14)],
    ):
        mask = form(page, put(fin), red, 8)
        feather(page, mask, smoothstep(0.1, 0.75, v + 0.1), x, y, 0.1, 12)
    body = [
        (-0.9, -0.13),
        (-0.5, -0.23),
        (0.0, -0.27),
        (0.45, -0.22),
        (0.85, -0.1),
        (1.08, 0.0),
        (0.85, 0.1),
        (0.45, 0.22),
        (0.0, 0.27),
        (-0.5, 0.23),
        (-0.9, 0.13),
    ]
    white = mix(rgb("fffdf4"), rgb("5fa8d8"), smoothstep(-0.1, 0.26, v))
    stripe = (u > 0.52) | (np.abs(u + 0.58) < 0.1)
    mask = form(page, put(body), np.where(stripe[..., None], red, white), 9)
    feather(page, mask, smoothstep(0.05, 0.3, v) * 0.95, x, y, turn + 1.57, 14)
    page.ink(
        mask * smoothstep(0.018, 0.010, np.minimum(np.abs(u - 0.52 + 0.25 * v * v), np.abs(np.abs(u + 0.58) - 0.1)))
    )
    for px, r in ((0.22, 0.115), (-0.14, 0.085)):
        q = np.hypot(u - px, v + 0.02) / r
        page.paint(mask * smoothstep(1.02, 0.98, q), mix(rgb("fff3a0"), rgb("e0a02f"), smoothstep(-0.1, 0.1, v)))
        page.paint(
            mask * smoothstep(0.76, 0.72, q),
            mix(rgb("d8f8ff"), rgb("1f6fc0"), smoothstep(-0.08, 0.1, v + 0.4 * (u - px))),
        )
        page.ink(mask * smoothstep(0.12, 0.06, np.minimum(np.abs(q - 1), np.abs(q - 0.74))))
        page.ink(
            mask
            * (q < 0.7)
            * smoothstep(0.06, 0.03, np.abs(np.hypot(u - px - 0.02, v) / r - 0.5))
            * (u - px + v > 0.02)
        )
    central = [(-0.3, 0.02), (-0.8, 0.045), (-1.12, 0.03), (-1.12, -0.03), (-0.8, -0.045), (-0.3, -0.02)]
    form(page, put(central), red, 7)


def screen(tone: Array, x: Array, y: Array, angle: float, pitch: Array | float) -> Array:
    """Clustered dots: the radius of each dot carries the tone under it."""
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    u, v = (c * x + s * y) / pitch, (-s * x + c * y) / pitch
    d = np.hypot(u - np.round(u), v - np.round(v))
    radius = np.sqrt(np.clip(tone, 0, 1)) * 0.60 + np.where(tone > 0.8, (tone - 0.8) * 0.9, 0) - 0.03
    return smoothstep(0.055, -0.055, d - radius)


def _print(page: Page, x: Array, y: Array) -> Array:
    """Yellow, magenta, cyan and black on pulp."""
    rng = np.random.default_rng(12)
    pulp = fbm(H, W, 30, 5, rng, 0.6)
    speck = smoothstep(1.5, 1.9, fbm(H, W, 5, 2, rng))
    paper = rgb("f6ecd2") * (1 + 0.025 * pulp[..., None]) * (1 - 0.18 * speck[..., None])
    coarse = page.coarse > 0.45
    soft = blur(page.inks, 1.5)
    inks = np.clip(1.18 * soft - 0.05, 0, 1)
    tints = np.stack([rgb("1f9fd8"), rgb("e23a78"), rgb("ffd92f")])
    for i, (angle, shift) in enumerate(((0.26, (3, -3)), (1.31, (-3, 2)), (0.0, (0, 0)))):
        tone = moved(inks[..., i], *shift)
        dots = np.where(coarse, screen(tone, x, y, angle, 21.0), screen(tone, x, y, angle, 13.0))
        dots = dots * (0.90 + 0.07 * pulp)
        paper = paper * mix(np.ones(3, np.float32), tints[i], dots)
    rough = blur(page.key, 1.0) + 0.10 * fbm(H, W, 6, 2, rng)
    black = smoothstep(0.42, 0.58, rough) * (0.95 + 0.04 * pulp)
    return mix(paper, rgb("17131a"), np.clip(black, 0, 1))


def draw() -> Image.Image:
    """Print the panel, 1024 × 768."""
    x, y = grid(H, W)
    page = Page()
    _space(page, x, y)
    _ball(page, x, y, (0.93, 0.16), 0.12, "ffe08a", "d0508a", 0)
    _ball(page, x, y, (0.11, 0.19), 0.085, "f6f2da", "7f9fc8", 9)
    _ground(page, x, y)
    _smoke(page)
    _rocket(page, x, y)
    return shrink(to_image(_print(page, x, y)), WIDTH, HEIGHT)
