"""Embroidery: a blue tit among peonies and daisies, stitched in floss on linen.

Every form has a direction for its thread. Stitches are laid row upon row (satin; long and short where the
form is deep), each a bundle of strands with a dark edge, a lit ridge and a sheen that depends on its
angle to the lamp, as stranded silk has; stems are in stem stitch, hearts and berries in French knots. The
linen's threads pass over and under each other and the stitches cast a shadow on them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    palette,
    rgb,
    shrink,
    smooth_path,
    to_image,
)

WIDTH, HEIGHT, SCALE = 1024, 800, 2
W, H = WIDTH * SCALE, HEIGHT * SCALE
FLOSS = 1.35  # thickness of the thread
LAMP = 0.9  # direction across which the floss shines
Points = Sequence[tuple[float, float]]
Field = Callable[[Array, Array], Array]


class Cloth:
    """Linen with a layer of stitches: colour, cover and height."""

    def __init__(self) -> None:
        self.thread = Image.new("RGB", (W, H))
        self.cover = Image.new("L", (W, H))
        self.height = Image.new("L", (W, H))
        self.pens = [ImageDraw.Draw(image) for image in (self.thread, self.cover, self.height)]
        self.rng = np.random.default_rng(31)

    def stitch(self, a: Array, b: Array, colour: Array, width: float) -> None:
        """One stitch: shadow, strands and ridge."""
        d = b - a
        length = float(np.hypot(*d)) + 1e-3
        n = np.array([-d[1], d[0]]) / length
        sheen = abs(np.sin(np.arctan2(d[1], d[0]) - LAMP)) ** 2
        thread, cover, height = self.pens
        dark = _code(colour * 0.42)
        thread.line([*a, *b], fill=dark, width=int(width + 2))
        cover.line([*a, *b], fill=255, width=int(width + 1))
        height.line([*a, *b], fill=int(self.rng.integers(150, 256)), width=int(width + 1))
        for k, tone in enumerate((0.80, 1.0, 1.12, 0.92)):
            off = n * (k - 1.5) / 4 * width
            jitter = self.rng.normal(0, 0.05)
            thread.line(
                [*(a + off), *(b + off)],
                fill=_code(colour * (tone * (0.80 + 0.26 * sheen) + jitter)),
                width=max(2, int(width / 3.2)),
            )
        if length > 10:
            middle, reach = a + d * self.rng.uniform(0.4, 0.6), 0.30
            glint = mix(colour, np.ones(3), 0.30 + 0.30 * sheen)
            shift = -n * width * 0.16
            thread.line(
                [*(middle - d * reach + shift), *(middle + d * reach + shift)],
                fill=_code(glint * (0.92 + 0.16 * sheen)),
                width=2,
            )

    def knot(self, x: float, y: float, colour: Array, radius: float) -> None:
        """A French knot: a coil seen from above."""
        thread, cover, height = self.pens
        box = (x - radius, y - radius, x + radius, y + radius)
        thread.ellipse(box, fill=_code(colour * 0.45))
        cover.ellipse(box, fill=255)
        height.ellipse(box, fill=250)
        for k, r in enumerate((0.82, 0.55, 0.26)):
            q = radius * r
            thread.ellipse(
                (x - q, y - q, x + q, y + q), fill=_code(colour * (0.95 - 0.15 * (k % 2))), outline=_code(colour * 0.6)
            )
            a = self.rng.uniform(180, 230)
            thread.arc((x - q, y - q, x + q, y + q), a, a + 80, fill=_code(mix(colour, np.ones(3), 0.5)), width=2)

    def fill(
        self,
        outline: Array,
        direction: Field,
        shade: Callable[[Array, Array], Array],
        colours: Array,
        length: float,
        width: float,
    ) -> None:
        """Fill a form with rows of stitches that follow a direction field."""
        length, width = length * FLOSS, width * FLOSS
        low, high = outline.min(0), outline.max(0)
        span = np.maximum(high - low, 2)
        image = Image.new("L", (int(span[0]) + 2, int(span[1]) + 2))
        ImageDraw.Draw(image).polygon([tuple(p - low) for p in outline], fill=255)
        inside = np.asarray(image) > 0
        count = int(inside.sum() / (length * width) * 3.2) + 6
        ys, xs = np.nonzero(inside)
        pick = self.rng.choice(len(xs), count)
        x, y = xs[pick] + low[0], ys[pick] + low[1]
        angle = direction(x, y) + self.rng.normal(0, 0.06, count)
        reach = length * self.rng.uniform(0.65, 1.2, count) / 2
        tone = np.clip(shade(x, y) + self.rng.normal(0, 0.07, count), 0, 0.999) * (len(colours) - 1)
        index = tone.astype(int)
        colour = mix(colours[index], colours[index + 1], (tone - index)[:, None]) * (
            1 + self.rng.normal(0, 0.05, (count, 1))
        )
        for i in range(count):
            step = np.array([np.cos(angle[i]), np.sin(angle[i])])
            a, b = np.array([x[i], y[i]]) - step * reach[i], np.array([x[i], y[i]]) + step * reach[i]
            a, b = (_trim(q, np.array([x[i], y[i]]), inside, low) for q in (a, b))
            self.stitch(a, b, colour[i], width * self.rng.uniform(0.85, 1.15))

    def satin(self, spine: Array, half: Array, colours: Array, width: float, lean: float = 0.5) -> None:
        """Slanting satin stitches across a narrow form, meeting at its middle."""
        width *= FLOSS
        steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(spine, axis=0), axis=1))])
        at = np.arange(0, steps[-1], width * 0.72)
        tangent = np.gradient(spine, axis=0)
        for t in at:
            p = np.array([np.interp(t, steps, spine[:, i]) for i in (0, 1)])
            q = np.array([np.interp(t, steps, tangent[:, i]) for i in (0, 1)])
            q /= np.hypot(*q) + 1e-6
            reach = np.interp(t, steps, half) * self.rng.uniform(0.93, 1.06)
            for side in (-1, 1):
                normal = np.array([-q[1], q[0]]) * side
                tone = np.clip(0.5 + 0.3 * side + 0.2 * np.sin(t / 60) + self.rng.normal(0, 0.1), 0, 0.999) * (
                    len(colours) - 1
                )
                low = int(tone)
                colour = mix(colours[low], colours[low + 1], tone - low)
                self.stitch(p - q * 2, p + normal * reach + q * reach * lean, colour, width)

    def stem(self, line: Array, colours: Array, width: float) -> None:
        """Stem stitch: short slanting stitches that overlap along a line."""
        width *= FLOSS
        steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
        for row in (-0.55, 0.55):
            for t in np.arange(0, steps[-1] - 1, width * 1.5):
                p, q = (
                    np.array([np.interp(min(s, steps[-1]), steps, line[:, i]) for i in (0, 1)])
                    for s in (t, t + width * 3.4)
                )
                n = np.array([-(q - p)[1], (q - p)[0]]) / (np.linalg.norm(q - p) + 1e-6)
                colour = colours[self.rng.integers(len(colours))] * (1 + self.rng.normal(0, 0.06))
                self.stitch(p + n * width * (row - 0.35), q + n * width * (row + 0.35), colour, width)


def _code(colour: Array) -> tuple[int, int, int]:
    r, g, b = np.clip(np.asarray(colour) * 255, 0, 255).astype(int).tolist()
    return r, g, b


def _trim(end: Array, middle: Array, inside: Array, low: Array) -> Array:
    """Draw the end of a stitch back until it lies in the form."""
    for t in (1.0, 0.75, 0.5, 0.25):
        p = middle + (end - middle) * t
        ix, iy = int(p[0] - low[0]), int(p[1] - low[1])
        if 0 <= iy < inside.shape[0] and 0 <= ix < inside.shape[1] and inside[iy, ix]:
            return p
    return middle + (end - middle) * 0.15


def _place(points: Points, cx: float, cy: float, size: float, turn: float) -> Array:
    c, s = np.cos(turn), np.sin(turn)
    return smooth_path(points, 10, True) @ np.array([[c, s], [-s, c]]) * size + (cx, cy)


def _backdrop(cloth: Cloth) -> None:
    """Curling tendrils, and running stitch over the whole ground."""
    greens = palette("3f6a3a 6a8f4a 8fae5f")
    for cx, cy, size, turn, spin in (
        (0.50, 0.10, 70, 0.5, 1),
        (0.93, 0.10, 80, 2.2, -1),
        (0.06, 0.60, 70, 0.2, 1),
        (0.95, 0.56, 66, 2.9, -1),
        (0.56, 0.93, 66, -0.6, 1),
        (0.06, 0.07, 60, 1.0, -1),
        (0.72, 0.62, 56, 1.9, 1),
        (0.33, 0.08, 50, 2.4, 1),
    ):
        t = np.linspace(0, 3.6 * np.pi, 70)
        r = size * 1.6 * np.exp(-t * 0.17)
        line = np.stack([cx * W + r * np.cos(spin * t + turn), cy * H + r * np.sin(spin * t + turn)], 1)
        cloth.stem(line, greens, 5)
    _running(cloth)


def _running(cloth: Cloth) -> None:
    """Rows of running stitch that ripple over the whole ground, as quilted cloths have."""
    tints = palette("7f93a0 93a58f b59a6a b0806f 8f9fb0 c2b083")
    for row in range(-4, 60):
        t = np.arange(-20, W + 20, 31.0) + 15 * (row % 2)
        bend = row * 29 + 95 * fbm_at(t / 520, np.full_like(t, row / 26), 2, 14)
        hue = np.clip(2.5 + 2.6 * fbm_at(t / 420, np.full_like(t, row / 11), 2, 15), 0, 4.99).astype(int)
        for k in range(len(t) - 1):
            a = np.array([t[k], bend[k]]) + cloth.rng.normal(0, 1.2, 2)
            b = a + (np.array([t[k + 1], bend[k + 1]]) - a) * 0.60
            if -10 < a[1] < H + 10:
                cloth.stitch(a, b, tints[hue[k]], 7.5)


def _leaf(
    cloth: Cloth, base: tuple[float, float], tip: tuple[float, float], bend: float, width: float, codes: str
) -> None:
    a, b = np.array(base) * (W, H), np.array(tip) * (W, H)
    n = np.array([-(b - a)[1], (b - a)[0]]) / np.linalg.norm(b - a)
    spine = smooth_path([a, (a + b) / 2 + n * bend, b], 20)
    t = np.linspace(0, 1, len(spine))
    half = width * np.sin(np.pi * np.clip(t * 0.96 + 0.03, 0, 1)) ** 0.8 * (1.15 - 0.4 * t)
    cloth.satin(spine, half, palette(codes), 6.2, 0.75)
    cloth.stem(spine, palette(codes)[:1] * 0.7, 4)


PETAL = [
    (0.10, 0.0),
    (0.42, -0.30),
    (0.82, -0.34),
    (1.02, -0.14),
    (0.96, 0.02),
    (1.03, 0.18),
    (0.80, 0.36),
    (0.42, 0.28),
]


def _peony(cloth: Cloth, cx: float, cy: float, size: float, codes: str, seed: int) -> None:
    """Three whorls of petals in long and short stitch, and a heart of knots."""
    rng = np.random.default_rng(seed)
    cx, cy = cx * W, cy * H
    colours = palette(codes)
    for ring, count in ((1.0, 8), (0.74, 7), (0.5, 6)):
        for k in range(count):
            turn = (k + 0.5 * (ring < 0.9)) / count * 2 * np.pi + rng.normal(0, 0.1)
            outline = _place(PETAL, cx, cy, size * ring * rng.uniform(0.92, 1.06), turn)

            def direction(x: Array, y: Array, turn: float = turn) -> Array:
                around = np.angle(np.exp(1j * (np.arctan2(y - cy, x - cx) - turn)))
                return turn + 0.8 * around

            def shade(x: Array, y: Array, ring: float = ring, turn: float = turn) -> Array:
                r = np.hypot(x - cx, y - cy) / (size * ring)
                edge = np.abs(np.angle(np.exp(1j * (np.arctan2(y - cy, x - cx) - turn))))
                return 0.10 + 0.95 * r - 0.95 * edge + 0.16 * np.cos(turn + 2.2)

            cloth.fill(outline, direction, shade, colours, 46 * size / 200 + 10, 6.5)
    for _ in range(int(40 * (size / 200) ** 2) + 12):
        a, r = rng.uniform(0, 6.28), size * 0.2 * np.sqrt(rng.uniform(0, 1))
        cloth.knot(
            cx + r * np.cos(a),
            cy + r * np.sin(a),
            palette("f2c84a e0a02f f8e08a b8742a")[rng.integers(4)],
            rng.uniform(7, 10),
        )


def _daisy(cloth: Cloth, cx: float, cy: float, size: float, codes: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cx, cy = cx * W, cy * H
    for k in range(13):
        a = k / 13 * 2 * np.pi + rng.normal(0, 0.05)
        step = np.array([np.cos(a), np.sin(a)])
        spine = np.array([cx, cy]) + step * np.linspace(0.22, 1.0, 12)[:, None] * size * rng.uniform(0.9, 1.06)
        half = size * 0.17 * np.sin(np.linspace(0.5, np.pi - 0.25, 12)) ** 0.7
        cloth.satin(spine, half, palette(codes), 5.5, 0.9)
    for r in np.linspace(0.24, 0.02, 4):
        for a in np.arange(0, 6.28, 0.11 / max(r, 0.02)):
            cloth.knot(
                cx + r * size * np.cos(a),
                cy + r * size * np.sin(a),
                palette("e8a82f f2c84a c9802a")[rng.integers(3)],
                6.5,
            )


def _branch(cloth: Cloth) -> None:
    browns = palette("4a2f22 6a4630 8a6242 a9825a")
    for points, thick in (
        ([(-0.02, 0.86), (0.14, 0.76), (0.30, 0.735), (0.47, 0.69), (0.63, 0.69), (0.80, 0.60), (1.02, 0.53)], 19),
        ([(0.30, 0.735), (0.36, 0.60), (0.33, 0.47), (0.36, 0.38)], 9),
        ([(0.66, 0.68), (0.76, 0.76), (0.86, 0.80), (0.90, 0.86)], 9),
        ([(0.14, 0.76), (0.10, 0.62), (0.13, 0.5)], 8),
    ):
        line = smooth_path(points, 24) * (W, H)
        half = np.linspace(thick, thick * 0.6, len(line))
        tangent = np.gradient(line, axis=0)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1) / np.linalg.norm(tangent, axis=1)[:, None]
        outline = np.concatenate([line + normal * half[:, None], (line - normal * half[:, None])[::-1]])

        def along(x: Array, y: Array, line: Array = line, tangent: Array = tangent) -> Array:
            i = np.argmin((line[:, 0] - x[:, None]) ** 2 + (line[:, 1] - y[:, None]) ** 2, axis=1)
            return np.arctan2(tangent[i, 1], tangent[i, 0])

        def side(x: Array, y: Array, line: Array = line, normal: Array = normal, thick: float = thick) -> Array:
            i = np.argmin((line[:, 0] - x[:, None]) ** 2 + (line[:, 1] - y[:, None]) ** 2, axis=1)
            off = (x - line[i, 0]) * normal[i, 0] + (y - line[i, 1]) * normal[i, 1]
            return 0.5 - 0.45 * off / thick

        cloth.fill(outline, along, side, browns, 44, 6)


def _flow(spine: Points) -> Field:
    """Direction of the nearest point of a guide line (feathers lie along it)."""
    line = smooth_path(spine, 16) * (W, H)
    tangent = np.gradient(line, axis=0)

    def direction(x: Array, y: Array) -> Array:
        i = np.argmin((line[:, 0] - x[:, None]) ** 2 + (line[:, 1] - y[:, None]) ** 2, axis=1)
        return np.arctan2(tangent[i, 1], tangent[i, 0])

    return direction


def _bird(cloth: Cloth) -> None:
    """A blue tit on the branch: tail, breast, back, wing in rows, mask, cap, beak, eye, legs."""

    def part(
        points: Points,
        guide: Points,
        codes: str,
        length: float,
        width: float,
        shade: Callable[[Array, Array], Array] | None = None,
    ) -> None:
        outline = smooth_path(points, 12, True) * (W, H)
        cloth.fill(
            outline,
            _flow(guide),
            shade or (lambda x, y: 0.5 + 0.45 * noise_at(x / 40, y / 40, 6)),
            palette(codes),
            length,
            width,
        )

    for dx in (-0.012, 0.018):
        for toe in (-0.018, 0.0, 0.018):
            leg = smooth_path([(0.535 + dx, 0.615), (0.533 + dx, 0.66), (0.533 + dx + toe, 0.69)], 8) * (W, H)
            cloth.stem(leg, palette("3a3f4f 5a6070"), 4.5)
    part(
        [(0.63, 0.53), (0.70, 0.60), (0.775, 0.70), (0.80, 0.755), (0.765, 0.765), (0.70, 0.69), (0.62, 0.60)],
        [(0.60, 0.52), (0.70, 0.63), (0.80, 0.78)],
        "16305f 2a5aa0 4f86c8 a8c8e6",
        70,
        6.5,
    )
    part(
        [
            (0.425, 0.40),
            (0.415, 0.49),
            (0.45, 0.58),
            (0.52, 0.635),
            (0.60, 0.615),
            (0.65, 0.56),
            (0.60, 0.47),
            (0.52, 0.40),
        ],
        [(0.43, 0.37), (0.45, 0.52), (0.55, 0.61), (0.68, 0.62)],
        "b8862a e0b83a f6da5a fff2a0",
        40,
        6,
        lambda x, y: 0.75 - 1.6 * (y / H - 0.52) + 0.2 * noise_at(x / 30, y / 30, 3),
    )
    part(
        [(0.47, 0.37), (0.56, 0.38), (0.64, 0.47), (0.67, 0.57), (0.60, 0.55), (0.52, 0.46)],
        [(0.46, 0.36), (0.58, 0.43), (0.70, 0.60)],
        "2f5a4a 4f8a5f 8ab07a b8cf9a",
        44,
        6,
    )
    for k, codes in enumerate(
        ("5a92c8 8fbce0 d8ecf6", "2a5aa0 4f86c8 8fbce6", "1f3f7f 2f66b0 6fa3d8", "142a5a 24508f 4f80bf")
    ):
        t = 0.022 * k
        part(
            [
                (0.495 + t, 0.43 + t),
                (0.55 + t, 0.425 + t * 1.2),
                (0.62 + t, 0.50 + t),
                (0.685 + t * 0.9, 0.60 + t * 0.6),
                (0.60 + t * 0.5, 0.565 + t * 0.4),
                (0.52 + t, 0.51 + t),
            ],
            [(0.49, 0.42), (0.57, 0.48), (0.70, 0.64)],
            codes,
            58 - 6 * k,
            6.5,
            lambda x, y: 0.5 + 0.5 * np.sin((x * 0.6 - y) / 17),
        )
    part(
        [
            (0.405, 0.30),
            (0.42, 0.255),
            (0.47, 0.235),
            (0.52, 0.26),
            (0.545, 0.325),
            (0.525, 0.385),
            (0.47, 0.415),
            (0.42, 0.39),
            (0.40, 0.345),
        ],
        [(0.39, 0.33), (0.46, 0.30), (0.54, 0.36)],
        "c8d4dc f2f4f0 ffffff",
        30,
        5.5,
    )
    part(
        [(0.415, 0.275), (0.43, 0.235), (0.475, 0.215), (0.52, 0.24), (0.545, 0.29), (0.50, 0.275), (0.45, 0.27)],
        [(0.40, 0.28), (0.47, 0.235), (0.55, 0.29)],
        "1f4a9f 3f7fd0 7fb4ec",
        32,
        5.5,
    )
    part(
        [(0.385, 0.335), (0.44, 0.318), (0.50, 0.325), (0.548, 0.345), (0.545, 0.365), (0.49, 0.347), (0.43, 0.343)],
        [(0.38, 0.335), (0.46, 0.33), (0.55, 0.355)],
        "0f1a33 1f2f55 33477a",
        26,
        5,
    )
    part(
        [(0.415, 0.375), (0.445, 0.385), (0.455, 0.43), (0.435, 0.455), (0.42, 0.42)],
        [(0.42, 0.37), (0.44, 0.45)],
        "0f1a33 1f2f55 33477a",
        24,
        5,
    )
    part(
        [(0.405, 0.318), (0.365, 0.337), (0.372, 0.345), (0.408, 0.347)],
        [(0.41, 0.33), (0.36, 0.34)],
        "22252f 4a4f5f 8a90a0",
        26,
        5,
    )
    cloth.knot(0.437 * W, 0.328 * H, rgb("15161c"), 15)
    cloth.knot(0.4345 * W, 0.3245 * H, rgb("ffffff"), 4)


def _butterfly(cloth: Cloth, cx: float, cy: float, size: float) -> None:
    wings = [
        ([(0, 0), (0.35, -0.75), (0.95, -0.95), (1.05, -0.5), (0.7, -0.08)], "b03a2a e8702f f8b84a ffe6a0"),
        ([(0, 0.05), (0.6, 0.05), (0.85, 0.4), (0.55, 0.8), (0.2, 0.55)], "7a2a5a c84a7a f09ab0"),
    ]
    for side in (-1, 1):
        for points, codes in wings:
            outline = smooth_path([(a * side, b) for a, b in points], 10, True) * size + (cx * W, cy * H)
            cloth.fill(
                outline,
                lambda x, y: np.arctan2(y - cy * H, x - cx * W),
                lambda x, y: 1 - np.hypot(x - cx * W, y - cy * H) / size * 0.85,
                palette(codes),
                34,
                5.5,
            )
    cloth.stem(
        np.array([(cx * W, (cy * H) - size * 0.35), (cx * W, cy * H), (cx * W, cy * H + size * 0.6)]),
        palette("2a1f1a 4a3626"),
        7,
    )
    for side in (-1, 1):
        cloth.stem(
            np.array(
                [
                    (cx * W, cy * H - size * 0.3),
                    (cx * W + side * size * 0.18, cy * H - size * 0.6),
                    (cx * W + side * size * 0.36, cy * H - size * 0.78),
                ]
            ),
            palette("2a1f1a 4a3626"),
            3,
        )


def _compose(cloth: Cloth) -> None:
    _backdrop(cloth)
    _branch(cloth)
    deep, fresh, blue = "2a4a2f 3f6f3f 6a9a4f", "4a7a3a 7fae4a b8cf6a", "2f5a5a 4f8a7f 8fbfa0"
    leaves = [
        ((0.20, 0.75), (0.33, 0.90), -30, 44, deep),
        ((0.40, 0.72), (0.48, 0.88), 30, 42, fresh),
        ((0.36, 0.58), (0.25, 0.55), 26, 36, blue),
        ((0.35, 0.46), (0.27, 0.36), -22, 34, fresh),
        ((0.80, 0.60), (0.72, 0.47), 24, 38, deep),
        ((0.88, 0.57), (0.98, 0.68), 26, 40, fresh),
        ((0.12, 0.66), (0.02, 0.52), 24, 38, deep),
        ((0.80, 0.78), (0.70, 0.90), -26, 40, blue),
        ((0.24, 0.20), (0.37, 0.155), -26, 40, deep),
        ((0.20, 0.32), (0.33, 0.40), 26, 38, blue),
        ((0.05, 0.34), (0.02, 0.46), 16, 30, fresh),
        ((0.78, 0.30), (0.65, 0.34), 26, 40, fresh),
        ((0.90, 0.33), (0.985, 0.44), -24, 40, deep),
        ((0.74, 0.12), (0.64, 0.06), -20, 34, deep),
        ((0.60, 0.83), (0.50, 0.95), 22, 38, deep),
        ((0.10, 0.93), (0.22, 0.985), 22, 36, fresh),
        ((0.95, 0.86), (0.985, 0.72), 20, 34, deep),
        ((0.50, 0.69), (0.40, 0.62), 20, 30, deep),
    ]
    for base, tip, bend, width, codes in leaves:
        _leaf(cloth, base, tip, bend, width, codes)
    for cx, cy, size in ((0.155, 0.215, 265), (0.845, 0.205, 240), (0.885, 0.885, 215), (0.10, 0.885, 205)):
        for k in range(7):
            a = k / 7 * 2 * np.pi + 0.5 + cloth.rng.normal(0, 0.16)
            far = size * cloth.rng.uniform(1.35, 1.65)
            _leaf(
                cloth,
                (cx, cy),
                (cx + far * np.cos(a) / W, cy + far * np.sin(a) / H),
                cloth.rng.normal(0, 34),
                42,
                (deep, fresh, blue)[k % 3],
            )
    _peony(cloth, 0.155, 0.215, 265, "6a1230 a8244f d85a7f f29ab0 fde0e2", 1)
    _peony(cloth, 0.845, 0.205, 240, "7a1f1a b83f2a e87a4a f8b884 fdeccc", 2)
    _peony(cloth, 0.885, 0.885, 215, "4a1f5a 7f3f8f b07ac0 dab4e2 f6e8f6", 3)
    _peony(cloth, 0.10, 0.885, 205, "6a1230 a8244f d85a7f f29ab0 fde0e2", 4)
    for i, (cx, cy, size) in enumerate(
        (
            (0.345, 0.845, 118),
            (0.62, 0.875, 108),
            (0.265, 0.60, 88),
            (0.955, 0.585, 84),
            (0.645, 0.25, 78),
            (0.475, 0.93, 78),
            (0.385, 0.10, 78),
            (0.045, 0.53, 72),
            (0.77, 0.50, 66),
            (0.73, 0.95, 62),
            (0.24, 0.945, 60),
        )
    ):
        _daisy(cloth, cx, cy, size, "b8c4d8 eef0f2 ffffff" if i % 2 == 0 else "5f86c0 9abce6 dcecfa", 50 + i)
    _bird(cloth)
    _butterfly(cloth, 0.575, 0.13, 74)
    rng = cloth.rng
    for cx, cy in (
        (0.735, 0.655),
        (0.755, 0.63),
        (0.72, 0.635),
        (0.055, 0.71),
        (0.075, 0.685),
        (0.04, 0.68),
        (0.50, 0.775),
        (0.52, 0.80),
        (0.495, 0.81),
    ):
        for _ in range(26):
            a, r = rng.uniform(0, 6.28), 17 * np.sqrt(rng.uniform(0, 1))
            cloth.knot(
                cx * W + r * np.cos(a), cy * H + r * np.sin(a), palette("a81f2a d03a3a e8604a")[rng.integers(3)], 7
            )


def linen(x: Array, y: Array) -> Array:
    """Plain weave with uneven threads."""
    rng = np.random.default_rng(3)
    gx, gy = x + 5 * fbm_at(x / 180, y / 180, 3, 71), y + 5 * fbm_at(x / 180 + 50, y / 180, 3, 72)
    pitch = 12.5
    u, v = gx / pitch, gy / pitch
    column, row = np.floor(u), np.floor(v)
    over = (column + row) % 2
    fu, fv = u - column - 0.5, v - row - 0.5
    thick_u = 0.43 + 0.09 * noise_at(column * 0.73, v / 9, 5)
    thick_v = 0.43 + 0.09 * noise_at(row * 0.71, u / 9, 6)
    warp = np.clip(1 - (fu / thick_u) ** 2, 0, 1) * (0.62 + 0.38 * np.cos(np.pi * fv) * (over * 2 - 1))
    weft = np.clip(1 - (fv / thick_v) ** 2, 0, 1) * (0.62 - 0.38 * np.cos(np.pi * fu) * (over * 2 - 1))
    top = np.maximum(warp, weft)
    tint = np.where(warp > weft, 0.06 * noise_at(column * 1.3, v / 30, 7), 0.06 * noise_at(row * 1.3, u / 30, 8))
    fibre = fbm(H, W, 5, 2, rng)
    tone = 0.44 + 0.52 * top + tint + 0.045 * fibre + 0.04 * fbm(H, W, 400, 3, rng)
    return mix(rgb("6f6248"), rgb("eee2c6"), np.clip(tone, 0, 1.1))


def _light(cloth: Cloth, x: Array, y: Array) -> Array:
    """Shadow of the stitches on the linen and relief of one stitch on another."""
    cover = blur(from_image(cloth.cover), 1)
    height = from_image(cloth.height)
    ground = linen(x, y)
    shadow = moved(blur(cover, 7), 8, 9)
    pucker = blur(cover, 26)
    ground = ground * (1 - 0.55 * shadow * (1 - 0.3 * cover))[..., None] * (1 - 0.10 * pucker)[..., None]
    body = blur(height, 4)
    gy, gx = np.gradient(body)
    relief = np.clip(-(gx + gy) * 2.6, -0.35, 0.35)
    twist = fbm(H, W, 4, 2, np.random.default_rng(8))
    thread = from_image(cloth.thread) * (1 + relief * 0.7 + 0.06 * twist)[..., None]
    return mix(ground, thread, cover)


def draw() -> Image.Image:
    """Stitch the picture, 1024 × 800."""
    x, y = grid(H, W)
    cloth = Cloth()
    _compose(cloth)
    return shrink(to_image(_light(cloth, x, y)), WIDTH, HEIGHT)
