"""Cubist still life: guitar, bottle, glass and fruit, taken apart into overlapping planes.

A plain still life is sketched first. The canvas is then split into facets by recursive straight cuts;
each facet looks at the sketch from its own place (shifted, turned, enlarged), takes its own ochre, grey
or blue, and shades from one dark edge to nothing, so that planes slide over each other (the passage of
analytic cubism). Ruled and curved contours, wood grain and print-like bars are laid on, and everything is
worked over in short parallel touches.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    palette,
    polygon_mask,
    rgb,
    sample,
    shrink,
    smooth_path,
    smoothstep,
    to_image,
)

WIDTH, HEIGHT, SCALE = 800, 1024, 2
W, H = WIDTH * SCALE, HEIGHT * SCALE
TINTS = palette("c79a55 8a6a3c e0c48a 6f6a5c a39a86 4a5a6a 7f93a0 5a4630 d8ccae 34465c b5793a 93a29a")
ANGLES = np.array([0.08, 0.62, 1.05, 1.55, 2.1, 2.55])
Points = Sequence[tuple[float, float]]
BODY = [
    (0.36, 0.50),
    (0.44, 0.47),
    (0.53, 0.475),
    (0.585, 0.53),
    (0.565, 0.60),
    (0.60, 0.655),
    (0.655, 0.73),
    (0.625, 0.83),
    (0.52, 0.875),
    (0.40, 0.87),
    (0.315, 0.81),
    (0.305, 0.72),
    (0.355, 0.655),
    (0.375, 0.60),
    (0.335, 0.555),
]
BOTTLE = [
    (0.70, 0.30),
    (0.705, 0.16),
    (0.70, 0.13),
    (0.77, 0.13),
    (0.765, 0.16),
    (0.77, 0.30),
    (0.83, 0.38),
    (0.835, 0.72),
    (0.64, 0.72),
    (0.645, 0.38),
]
GLASS = [
    (0.13, 0.44),
    (0.27, 0.44),
    (0.255, 0.56),
    (0.215, 0.60),
    (0.213, 0.68),
    (0.265, 0.705),
    (0.13, 0.705),
    (0.19, 0.68),
    (0.187, 0.60),
    (0.145, 0.56),
]


def _put(picture: Array, points: Points, colour: Array, smooth: bool = True) -> None:
    p = (smooth_path(points, 14, True) if smooth else np.asarray(points, np.float32)) * (W, H)
    mask = polygon_mask(H, W, p)[..., None]
    picture += (colour - picture) * mask


def _ramp(x: Array, y: Array, a: tuple[float, float], b: tuple[float, float], codes: str) -> Array:
    """Colours along a line from a to b."""
    colours = palette(codes)
    dx, dy = (b[0] - a[0]) * W, (b[1] - a[1]) * H
    t = np.clip(((x - a[0] * W) * dx + (y - a[1] * H) * dy) / (dx * dx + dy * dy), 0, 0.999) * (len(colours) - 1)
    low = t.astype(int)
    return mix(colours[low], colours[low + 1], (t - low)[..., None])


def sketch(x: Array, y: Array) -> Array:
    """The still life before it is taken apart."""
    picture = _ramp(x, y, (0.1, 0), (0.9, 0.7), "5f6f7c 8f9a98 b5aa8c 6a6456 3f4a58").copy()
    _put(
        picture,
        [(0, 0.60), (1, 0.55), (1, 1), (0, 1)],
        _ramp(x, y, (0.2, 0.6), (0.8, 1), "b58a4a 8a5f30 4f3a26"),
        False,
    )
    _put(
        picture,
        [(0.05, 0.70), (0.62, 0.64), (0.95, 0.93), (0.30, 1.0)],
        _ramp(x, y, (0.2, 0.7), (0.8, 1), "efe6cc d0c4a4 93a0a4"),
        False,
    )
    _put(picture, BOTTLE, _ramp(x, y, (0.63, 0.4), (0.84, 0.4), "1c3028 6f9a7c 2f5544 18261f 3f5f52"))
    _put(
        picture,
        [(0.65, 0.47), (0.83, 0.47), (0.83, 0.60), (0.65, 0.60)],
        _ramp(x, y, (0.65, 0.5), (0.83, 0.5), "e8dcb8 f6eed4 b0a484"),
        False,
    )
    _put(picture, GLASS, _ramp(x, y, (0.13, 0.4), (0.28, 0.4), "dce6e6 8fa6b4 f2f4ee 6f8494"))
    _put(picture, BODY, _ramp(x, y, (0.30, 0.6), (0.66, 0.8), "f0c878 d89a48 b06a2c 6f3f1f"))
    _put(
        picture,
        [(0.435, 0.08), (0.485, 0.08), (0.50, 0.62), (0.43, 0.62)],
        _ramp(x, y, (0.43, 0), (0.5, 0), "6a4426 2a1c14 1a1412"),
        False,
    )
    _put(
        picture,
        [(0.42, 0.02), (0.50, 0.02), (0.49, 0.10), (0.43, 0.10)],
        _ramp(x, y, (0.42, 0), (0.5, 0), "a0703a 4a2f1c"),
        False,
    )
    for cx, cy, rx, ry, codes in (
        (0.465, 0.655, 0.062, 0.05, "0e0c0e 2a201a"),
        (0.20, 0.83, 0.065, 0.05, "e8b04a 9a4f24"),
        (0.29, 0.87, 0.06, 0.047, "8fa05a 3a4a30"),
        (0.80, 0.83, 0.07, 0.052, "d86a3a 6a2a1f"),
    ):
        a = np.linspace(0, 2 * np.pi, 30)
        _put(
            picture,
            [(cx + rx * np.cos(t), cy + ry * np.sin(t)) for t in a],
            _ramp(x, y, (cx - rx, cy - ry), (cx + rx, cy + ry), codes),
            False,
        )
    _put(picture, [(0.40, 0.775), (0.535, 0.765), (0.54, 0.79), (0.405, 0.80)], 0 * picture + rgb("2a1a12"), False)
    return picture


def split(polygon: Array, rng: np.random.Generator, smallest: float, out: list[Array]) -> None:
    """Cut a convex polygon by a straight line near one of the picture's directions, again and again."""
    area = 0.5 * abs(
        np.dot(polygon[:, 0], np.roll(polygon[:, 1], 1)) - np.dot(polygon[:, 1], np.roll(polygon[:, 0], 1))
    )
    centre = polygon.mean(0)
    busy = np.exp(-(((centre[0] / W - 0.5) / 0.33) ** 2 + ((centre[1] / H - 0.55) / 0.36) ** 2))
    if area < smallest * rng.uniform(0.6, 2.6) * (2.8 - 2.3 * busy) or len(polygon) < 3:
        out.append(polygon)
        return
    spread = polygon - centre
    angle = rng.choice(ANGLES) + rng.normal(0, 0.1)
    long_ = np.linalg.svd(spread, full_matrices=False)[2][0]
    if abs(np.cos(angle) * long_[0] + np.sin(angle) * long_[1]) > 0.9:
        angle += np.pi / 2
    normal = np.array([-np.sin(angle), np.cos(angle)])
    side = (polygon - centre - rng.normal(0, 0.14, 2) * np.abs(spread).max(0)) @ normal
    for sign in (1, -1):
        part = _clip(polygon, side * sign)
        if len(part) >= 3:
            split(part, rng, smallest, out)


def _clip(polygon: Array, side: Array) -> Array:
    """The part of a polygon where ``side`` is positive (Sutherland and Hodgman 1974)."""
    points = []
    for i in range(len(polygon)):
        j = (i + 1) % len(polygon)
        if side[i] >= 0:
            points.append(polygon[i])
        if (side[i] >= 0) != (side[j] >= 0):
            points.append(polygon[i] + (polygon[j] - polygon[i]) * side[i] / (side[i] - side[j]))
    return np.array(points)


def _stencil(polygon: Array) -> tuple[tuple[slice, slice], Array, Array, Array] | None:
    low, high = np.floor(polygon.min(0)).astype(int) - 1, np.ceil(polygon.max(0)).astype(int) + 2
    left, top, right, bottom = max(low[0], 0), max(low[1], 0), min(high[0], W), min(high[1], H)
    if right - left < 3 or bottom - top < 3:
        return None
    image = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(image).polygon([(a - left, b - top) for a, b in polygon], fill=255)
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
    return (slice(top, bottom), slice(left, right)), from_image(image), x, y


class Canvas:
    """The painting and, for the brushwork, the direction of the touch at every point."""

    def __init__(self, base: Array) -> None:
        self.paint = base.copy()
        self.touch = np.full((H, W), 0.6, np.float32)

    def facet(self, polygon: Array, source: Array, rng: np.random.Generator) -> None:
        """One plane: its own view of the sketch, tint, and shading away from one of its edges."""
        found = _stencil(polygon)
        if found is None:
            return
        where, mask, x, y = found
        centre = polygon.mean(0)
        turn, zoom = rng.normal(0, 0.10), rng.uniform(0.85, 1.1)
        shift = rng.normal(0, 24, 2)
        c, s = np.cos(turn) * zoom, np.sin(turn) * zoom
        dx, dy = x - centre[0], y - centre[1]
        seen = sample(source, centre[0] + shift[0] + c * dx - s * dy, centre[1] + shift[1] + s * dx + c * dy)
        tint = TINTS[rng.choice(len(TINTS), p=[0.14, 0.07, 0.12, 0.1, 0.12, 0.08, 0.09, 0.06, 0.08, 0.04, 0.06, 0.04])]
        shade, angle = _edge_shade(polygon, x, y, rng)
        light = seen.mean(-1, keepdims=True)
        colour = mix(seen, tint * (0.45 + 0.95 * light), rng.uniform(0.1, 0.62))
        colour = colour * (1.16 - 0.72 * shade)[..., None] + 0.10 * (1 - shade)[..., None] ** 3
        area = self.paint[where]
        area += (colour - area) * mask[..., None]
        self.touch[where] = np.where(mask > 0.5, angle + rng.normal(0, 0.25), self.touch[where])

    def edge(self, polygon: Array, rng: np.random.Generator) -> None:
        """A ruled line along one or two sides, with shade beside it that fades into the plane."""
        found = _stencil(polygon)
        if found is None:
            return
        where, mask, x, y = found
        for i in rng.permutation(len(polygon))[: rng.integers(1, 3)]:
            a, b = polygon[i], polygon[(i + 1) % len(polygon)]
            along = (b - a) / (np.linalg.norm(b - a) + 1e-6)
            off = np.abs((x - a[0]) * along[1] - (y - a[1]) * along[0])
            dark = 0.75 * smoothstep(rng.uniform(2.5, 6), 1, off) + 0.5 * np.exp(-off / rng.uniform(14, 46))
            area = self.paint[where]
            tint = rgb("14161a") if rng.random() < 0.8 else rgb("f6ecd2")
            area += (tint - area) * (np.clip(dark, 0, 1) * mask * rng.uniform(0.35, 0.9))[..., None]

    def veil(self, polygon: Array, rng: np.random.Generator, light: bool) -> None:
        """A large translucent plane, strong along one edge and gone at the other."""
        found = _stencil(polygon)
        if found is None:
            return
        where, mask, x, y = found
        shade, _ = _edge_shade(polygon, x, y, rng)
        tint = rgb("f6ecd2") if light else rgb("1c2028")
        area = self.paint[where]
        area += (tint - area) * (mask * shade**1.6 * (0.42 if light else 0.7))[..., None]


def _edge_shade(polygon: Array, x: Array, y: Array, rng: np.random.Generator) -> tuple[Array, float]:
    """1 at one edge, falling to 0 across the polygon; also that edge's direction."""
    i = rng.integers(len(polygon))
    a, b = polygon[i], polygon[(i + 1) % len(polygon)]
    along = (b - a) / (np.linalg.norm(b - a) + 1e-6)
    normal = np.array([-along[1], along[0]])
    reach = (polygon - a) @ normal
    reach = reach[np.argmax(np.abs(reach))]
    reach = reach if abs(reach) > 1 else 1.0
    t = ((x - a[0]) * normal[0] + (y - a[1]) * normal[1]) / reach
    return np.clip(1 - t * rng.uniform(0.8, 1.6), 0, 1).astype(np.float32), float(np.arctan2(along[1], along[0]))


def _grain_planes(canvas: Canvas, x: Array, y: Array) -> None:
    """Painted wood grain and columns of grey bars, like pasted paper."""
    planes = [
        ([(0.08, 0.12), (0.27, 0.08), (0.30, 0.36), (0.12, 0.40)], "wood", 0.12),
        ([(0.60, 0.74), (0.93, 0.70), (0.97, 0.90), (0.66, 0.96)], "wood", -0.2),
        ([(0.32, 0.56), (0.42, 0.53), (0.44, 0.84), (0.34, 0.82)], "wood", 1.5),
        ([(0.83, 0.22), (0.97, 0.18), (0.98, 0.46), (0.86, 0.50)], "bars", -0.12),
        ([(0.06, 0.74), (0.26, 0.70), (0.30, 0.93), (0.10, 0.97)], "bars", 0.15),
        ([(0.545, 0.30), (0.66, 0.27), (0.67, 0.45), (0.56, 0.47)], "bars", 0.05),
    ]
    for points, kind, turn in planes:
        polygon = np.asarray(points) * (W, H)
        where, mask, px, py = _stencil(polygon)
        u, v = np.cos(turn) * px + np.sin(turn) * py, -np.sin(turn) * px + np.cos(turn) * py
        area = canvas.paint[where]
        if kind == "wood":
            knots = 34 * fbm_at(u / 420, v / 90, 3, 5)
            rings = 0.5 + 0.5 * np.sin((v + knots) / 6.5 + 2 * fbm_at(u / 300, v / 12, 2, 6))
            colour = mix(rgb("8a5226"), rgb("dda960"), rings) * (0.92 + 0.12 * fbm_at(u / 60, v / 3, 2, 7))[..., None]
        else:
            column = (u / 105) % 1
            word = fbm_at(u / 17, np.floor(v / 13) * 7.3, 2, 8)
            ink = ((v / 13) % 1 < 0.52) & (word > -0.35) & (column > 0.08) & (column < 0.93)
            colour = mix(rgb("e6dcc0"), rgb("4f4a44"), 0.72 * blur(ink.astype(np.float32), 1))
        shade, _ = _edge_shade(polygon, px, py, np.random.default_rng(int(polygon[0, 0])))
        area += (colour * (1.08 - 0.5 * shade)[..., None] - area) * (mask * 0.9)[..., None]


def _contours(canvas: Canvas, rng: np.random.Generator) -> None:
    """Broken dark and light lines of the objects, strings, pegs and table, shifted from plane to plane."""
    image, chalk = Image.new("L", (W, H)), Image.new("L", (W, H))
    pen, light = ImageDraw.Draw(image), ImageDraw.Draw(chalk)
    for shape in (BODY, BOTTLE, GLASS):
        whole = smooth_path(shape, 16, True) * (W, H)
        for _ in range(11):
            i, n = rng.integers(len(whole)), rng.integers(18, 62)
            piece = np.take(whole, range(i, i + n), axis=0, mode="wrap") + rng.normal(0, 16, 2)
            pen.line(
                [tuple(p) for p in piece], fill=int(rng.uniform(150, 240)), width=int(rng.integers(3, 9)), joint="curve"
            )
            light.line([(p[0] + 6, p[1] + 5) for p in piece], fill=110, width=3)
    for k in range(6):
        ox = (0.447 + 0.0075 * k) * W
        pen.line([(ox, 0.09 * H), (ox + 8, 0.46 * H)], fill=200, width=3)
        pen.line([(ox + 22, 0.47 * H), (ox + 34, 0.78 * H)], fill=220, width=3)
        light.line([(ox + 5, 0.09 * H), (ox + 13, 0.46 * H)], fill=170, width=2)
    for k in range(9):
        fy = (0.14 + 0.037 * k) * H
        pen.line([(0.43 * W, fy), (0.495 * W, fy)], fill=170, width=4)
    for cx, cy, r in (
        (0.465, 0.655, 0.075),
        (0.50, 0.67, 0.06),
        (0.735, 0.14, 0.04),
        (0.20, 0.45, 0.07),
        (0.20, 0.83, 0.07),
        (0.80, 0.83, 0.075),
    ):
        a = rng.uniform(0, 360)
        box = ((cx - r) * W, cy * H - r * W, (cx + r) * W, cy * H + r * W)
        pen.arc(box, a, a + rng.uniform(150, 300), fill=230, width=7)
        light.arc(box, a + 190, a + 260, fill=200, width=5)
    for _ in range(34):
        centre, a, reach = rng.uniform(0.1, 0.9, 2) * (W, H), rng.choice(ANGLES), rng.uniform(60, 330)
        step = np.array([np.cos(a), np.sin(a)]) * reach
        pen.line(
            [tuple(centre - step), tuple(centre + step)], fill=int(rng.uniform(90, 220)), width=int(rng.integers(2, 7))
        )
    dry = smoothstep(-1.7, -0.3, fbm(H, W, 26, 5, rng, 0.7))
    canvas.paint = mix(canvas.paint, rgb("161315"), blur(from_image(image), 1) * dry * 0.9)
    canvas.paint = mix(canvas.paint, rgb("f4ead0"), blur(from_image(chalk), 1) * dry * 0.75)


def _touches(canvas: Canvas, rng: np.random.Generator) -> None:
    """Short parallel brush touches, large to small, in the direction of each plane."""
    for count, length, width, loose in ((3600, 38, 15, 0.05), (5200, 24, 9, 0.055), (5000, 14, 6, 0.06)):
        image = Image.fromarray((np.clip(canvas.paint, 0, 1) * 255).astype(np.uint8))
        pen = ImageDraw.Draw(image)
        xs, ys = rng.uniform(0, W - 1, count), rng.uniform(0, H - 1, count)
        angle = canvas.touch[ys.astype(int), xs.astype(int)] + rng.normal(0, 0.12, count)
        colour = canvas.paint[ys.astype(int), xs.astype(int)]
        colour = colour * (1 + rng.normal(0, loose * 1.6, (count, 1))) + rng.normal(0, loose * 0.35, (count, 3))
        codes = (np.clip(colour, 0, 1) * 255).astype(int)
        half = rng.uniform(0.6, 1.2, count) * length / 2
        for x, y, a, q, code in zip(xs, ys, angle, half, codes.tolist(), strict=True):
            c, s, w = np.cos(a), np.sin(a), width / 2
            pen.polygon(
                [
                    (x - c * q - s * w, y - s * q + c * w),
                    (x + c * q - s * w * 0.7, y + s * q + c * w * 0.7),
                    (x + c * q * 1.12, y + s * q * 1.12),
                    (x + c * q + s * w, y + s * q - c * w),
                    (x - c * q + s * w, y - s * q - c * w),
                ],
                fill=tuple(code),
            )
        canvas.paint = mix(canvas.paint, from_image(image), 0.5)


def _surface(canvas: Canvas, x: Array, y: Array) -> Array:
    """Bristle furrows along the touches, lit from the upper left, on canvas."""
    c, s = np.cos(canvas.touch), np.sin(canvas.touch)
    u, v = (c * x + s * y), (-s * x + c * y)
    bristle = fbm_at(u / 44, v / 4.2, 3, 9, 0.6)
    lump = fbm_at(x / 24, y / 24, 3, 10)
    weave = np.sin(x * 0.9) * np.sin(y * 0.9)
    relief = 0.7 * bristle + 0.4 * lump + 0.22 * weave
    lit = relief - moved(relief, 2, 2)
    paint = canvas.paint * (1 + 0.075 * bristle + 0.12 * lit)[..., None]
    grey = paint.mean(-1, keepdims=True)
    return np.clip((grey + (paint - grey) * 1.25 - 0.45) * 1.25 + 0.45, 0, 1)


def draw() -> Image.Image:
    """Paint the still life, 800 × 1024."""
    rng = np.random.default_rng(14)
    x, y = grid(H, W)
    source = sketch(x, y)
    canvas = Canvas(source)
    corners = np.array([(-5, -5), (W + 5, -5), (W + 5, H + 5), (-5, H + 5)], np.float64)
    facets: list[Array] = []
    split(corners, rng, 15000, facets)
    for polygon in facets:
        canvas.facet(polygon, source, rng)
    _grain_planes(canvas, x, y)
    _touches(canvas, rng)
    large: list[Array] = []
    split(corners, rng, 60000, large)
    for i in rng.permutation(len(large))[:60]:
        centre = large[i].mean(0)
        canvas.veil(centre + (large[i] - centre) * rng.uniform(0.9, 1.5), rng, rng.random() < 0.5)
    for polygon in facets:
        canvas.edge(polygon, rng)
    _contours(canvas, rng)
    return shrink(to_image(_surface(canvas, x, y)), WIDTH, HEIGHT)
