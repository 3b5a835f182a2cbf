"""Art-deco poster: a liner's bow between towers and a sunburst, airbrushed and printed by lithography.

Every plane is a clean shape with one gradient, sprayed: the gradient is dithered by grain, so that it
breaks up like ink on a grained stone. The palette is small: midnight blue, petrol, cream, vermilion and
gold, with the gold printed last, in fans, steps and fine lines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from craft import Array, blur, fbm, from_image, grid, mix, rgb, shrink, smooth_path, smoothstep, to_image

WIDTH, HEIGHT, SCALE = 800, 1024, 2
W, H = WIDTH * SCALE, HEIGHT * SCALE
NIGHT, PETROL, TEAL, CREAM, RED, GOLD = "0e1b33", "14495c", "3f8f8f", "f4e7c6", "c8402a", "c9973a"
Points = Sequence[tuple[float, float]]


class Poster:
    """The sheet and the grain of the stone."""

    def __init__(self) -> None:
        rng = np.random.default_rng(5)
        self.sheet = np.zeros((H, W, 3), np.float32)
        self.grain = 0.75 * fbm(H, W, 3.2, 2, rng) + 0.35 * rng.normal(0, 1, (H, W)).astype(np.float32)

    def spray(
        self,
        cover: Array,
        ramp: Array,
        dark: str,
        light: str,
        where: tuple[slice, slice] = (slice(None), slice(None)),
        grain: float = 0.30,
    ) -> None:
        """Blend dark to light along ``ramp`` (0–1), broken up by grain, under a mask."""
        t = np.clip(ramp + grain * self.grain[where] * (0.35 + 1.3 * ramp * (1 - ramp)), 0, 1)
        area = self.sheet[where]
        area += (mix(rgb(dark), rgb(light), t[..., None]) - area) * cover[..., None]

    def plane(
        self,
        points: Points,
        dark: str,
        light: str,
        start: tuple[float, float],
        end: tuple[float, float],
        smooth: bool = False,
        bend: float = 1.0,
    ) -> None:
        """A polygon (or closed curve) sprayed from ``dark`` at start to ``light`` at end."""
        p = (smooth_path(points, 16, True) if smooth else np.asarray(points, np.float32)) * (W, H)
        where, cover, x, y = self.stencil(p)
        dx, dy = (end[0] - start[0]) * W, (end[1] - start[1]) * H
        ramp = np.clip(((x - start[0] * W) * dx + (y - start[1] * H) * dy) / (dx * dx + dy * dy), 0, 1) ** bend
        self.spray(cover, ramp, dark, light, where)

    @staticmethod
    def stencil(p: Array) -> tuple[tuple[slice, slice], Array, Array, Array]:
        low, high = np.floor(p.min(0)).astype(int) - 2, np.ceil(p.max(0)).astype(int) + 3
        left, top, right, bottom = max(low[0], 0), max(low[1], 0), min(high[0], W), min(high[1], H)
        right, bottom = max(right, left + 1), max(bottom, top + 1)
        image = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(image).polygon([(a - left, b - top) for a, b in p], fill=255)
        y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
        return (slice(top, bottom), slice(left, right)), from_image(image), x, y

    def rule(
        self,
        points: Points,
        width: float,
        dark: str = GOLD,
        light: str = "f6dd8f",
        closed: bool = False,
        smooth: bool = False,
    ) -> None:
        """A fine line in gold (or another ink)."""
        p = (smooth_path(points, 16) if smooth else np.asarray(points, np.float32)) * (W, H)
        p = np.concatenate([p, p[:1]]) if closed else p
        low, high = p.min(0) - 2 * width - 2, p.max(0) + 2 * width + 2
        left, top = int(max(low[0], 0)), int(max(low[1], 0))
        right, bottom = int(min(high[0], W)), int(min(high[1], H))
        image = Image.new("L", (max(right - left, 1), max(bottom - top, 1)))
        ImageDraw.Draw(image).line([(a - left, b - top) for a, b in p], fill=255, width=int(width), joint="curve")
        y, x = np.mgrid[top : top + image.height, left : left + image.width].astype(np.float32)
        ramp = 0.5 + 0.5 * np.sin(x / 70 + y / 110)
        self.spray(
            from_image(image), ramp, dark, light, (slice(top, top + image.height), slice(left, left + image.width))
        )


def _burst(poster: Poster, x: Array, y: Array) -> None:
    """Wedges all round, each shaded from one edge to the other and edged with gold, and a sun of rings."""
    cx, cy = 0.5 * W, 0.60 * H
    r, angle = np.hypot(x - cx, y - cy) / H, np.arctan2(y - cy, x - cx)
    turn = (angle / (2 * np.pi) * 44 + 0.5) % 44
    wedge, across = np.floor(turn), turn % 1
    even = (wedge % 2 == 0).astype(np.float32)
    near = smoothstep(1.0, 0.10, r)
    poster.spray(1 - even, np.clip(0.05 + 0.9 * near - 0.30 * across, 0, 1), NIGHT, TEAL)
    poster.spray(even, np.clip(0.25 + near - 0.25 * across, 0, 1), PETROL, CREAM)
    fourth = (wedge % 4 == 0).astype(np.float32)
    poster.spray(fourth * 0.9, np.clip(0.2 + near - 0.5 * across, 0, 1), "b8822d", "f8e3a4")
    edge = smoothstep(0.0035, 0.0018, np.minimum(across, 1 - across) * 2 * np.pi / 44 * r)
    poster.spray(edge * smoothstep(0.2, 0.3, r), 0 * r + 0.7, GOLD, "fbe6a0")
    for radius, dark, light in (
        (0.345, "8f2f24", "e0663a"),
        (0.305, "d08a2f", "f6d27a"),
        (0.262, "b0382a", "ee7f45"),
        (0.215, "e0aa4a", "fff0bf"),
    ):
        cover = smoothstep(radius + 0.0012, radius - 0.0012, r)
        poster.spray(cover, np.clip(0.95 - (r / radius) ** 3 * 0.75 - 0.25 * (x - cx) / W, 0, 1), dark, light)
        poster.spray(smoothstep(0.0022, 0.0012, np.abs(r - radius)), 0 * r + 0.8, GOLD, "fbe6a0")


def _clouds(poster: Poster) -> None:
    """Scalloped banks, each arc shaded from its rim."""
    banks = [(0.02, 0.235, 0.075, 5), (0.76, 0.15, 0.06, 5), (0.66, 0.30, 0.04, 4), (0.12, 0.36, 0.04, 4)]
    for left, base, size, count in banks:
        for layer in (2, 1, 0):
            for k in range(count - layer):
                cx = left + (k + layer * 0.5) * size * 0.95
                cy = base - layer * size * 0.48
                a = np.linspace(np.pi, 2 * np.pi, 24)
                for ring, (dark, light) in enumerate((("2b6f7c", "e9e0c4"), ("14495c", "9fc4b8"), (NIGHT, "4f9a98"))):
                    q = size * (0.72 - 0.2 * ring)
                    arc = [(cx + q * np.cos(t), cy + q * np.sin(t) * W / H) for t in a]
                    poster.plane(arc, dark, light, (cx + q * 0.5, cy), (cx - q * 0.5, cy - q))


def _tower(
    poster: Poster, cx: float, base: float, width: float, height: float, tone: tuple[str, str, str], seed: int
) -> None:
    """A skyscraper with set-backs, a lit and a shaded face, fluting, windows and a gilt spire."""
    rng = np.random.default_rng(seed)
    steps = [(1.0, 0.52), (0.76, 0.74), (0.52, 0.89), (0.30, 1.0)]
    bottom = base
    for wide, rise in steps:
        half, top = width * wide / 2, base - height * rise
        split = cx + half * 0.25
        poster.plane(
            [(cx - half, bottom), (cx - half, top), (split, top), (split, bottom)],
            tone[1],
            tone[2],
            (cx, bottom),
            (cx - half, top),
            bend=1.4,
        )
        poster.plane(
            [(split, bottom), (split, top), (cx + half, top), (cx + half, bottom)],
            NIGHT,
            tone[0],
            (cx, bottom + 0.02),
            (cx + half * 0.4, top),
        )
        count = max(2, int(width * wide * 70))
        for k in range(count):
            fx = cx - half + (k + 0.5) * 2 * half / count
            poster.plane(
                [(fx - 0.0022, bottom), (fx - 0.0022, top + 0.006), (fx + 0.0022, top + 0.006), (fx + 0.0022, bottom)],
                NIGHT,
                tone[0],
                (fx, bottom),
                (fx, top),
            )
            for wy in np.arange(top + 0.014, bottom - 0.008, 0.0125):
                if rng.random() < 0.5:
                    poster.plane(
                        [(fx + 0.0045, wy), (fx + 0.0045, wy + 0.006), (fx + 0.0085, wy + 0.006), (fx + 0.0085, wy)],
                        "d8922f",
                        "fff0b0",
                        (fx, wy + 0.006),
                        (fx, wy),
                    )
        poster.rule([(cx - half, top), (cx + half, top)], 4)
        bottom = top
    for k, q in enumerate((0.026, 0.018, 0.010)):
        a = np.linspace(np.pi, 2 * np.pi, 16)
        poster.plane(
            [(cx + q * width * 6 * np.cos(t), bottom + q * width * 7 * np.sin(t)) for t in a],
            GOLD if k % 2 else "8a5a1f",
            "fbe6a0",
            (cx + q, bottom),
            (cx - q, bottom - q),
        )
    poster.plane(
        [(cx - 0.004, bottom), (cx, bottom - 0.26 * height), (cx + 0.004, bottom)],
        GOLD,
        "fff0b8",
        (cx + 0.004, 0),
        (cx - 0.004, 0),
    )


def _skyline(poster: Poster) -> None:
    far = ("2a5f70", "5a8f93", "b8cdb8")
    near = ("183f57", "2f6f7f", "f0d9a0")
    for i, (cx, w, h) in enumerate(
        (
            (0.05, 0.10, 0.25),
            (0.20, 0.09, 0.31),
            (0.30, 0.07, 0.22),
            (0.70, 0.08, 0.25),
            (0.80, 0.09, 0.34),
            (0.94, 0.10, 0.28),
        )
    ):
        _tower(poster, cx, 0.73, w, h, far, 20 + i)
    for i, (cx, w, h) in enumerate(
        (
            (0.115, 0.13, 0.42),
            (0.005, 0.10, 0.33),
            (0.255, 0.08, 0.20),
            (0.885, 0.135, 0.45),
            (0.745, 0.075, 0.21),
            (1.0, 0.1, 0.30),
        )
    ):
        _tower(poster, cx, 0.745, w, h, near, 40 + i)


def _hull(poster: Poster) -> None:
    """The bow seen from the water, split by the stem into a lit and a shaded side."""
    for side, dark, light in ((-1, "0c1830", "47708a"), (1, "070d1c", "1c3c57")):

        def at(a: float, b: float, s: int = side) -> tuple[float, float]:
            return (0.5 + s * a, b)

        poster.plane(
            [
                at(0, 0.47),
                at(0.10, 0.452),
                at(0.205, 0.452),
                at(0.19, 0.60),
                at(0.135, 0.80),
                at(0.05, 0.865),
                at(0, 0.875),
            ],
            dark,
            light,
            at(0.02, 0.85),
            at(0.21 if side < 0 else 0.0, 0.45),
            bend=1.3,
        )
        poster.plane(
            [at(0, 0.815), at(0.05, 0.808), at(0.132, 0.765), at(0.118, 0.815), at(0.05, 0.865), at(0, 0.875)],
            "6a1a18",
            "e0583a" if side < 0 else "a8332a",
            at(0, 0.87),
            at(0.13, 0.77),
        )
        poster.plane(
            [at(0, 0.462), at(0.10, 0.444), at(0.207, 0.446), at(0.205, 0.463), at(0.10, 0.461), at(0, 0.481)],
            "b8b096" if side > 0 else "e6dcc0",
            "fffaf0",
            at(0, 0.48),
            at(0.2, 0.44),
        )
        poster.rule([at(0.0, 0.812), at(0.05, 0.805), at(0.134, 0.762)], 5)
        for k in range(9):
            for row in range(2):
                cx, cy = 0.035 + k * 0.0175, 0.505 + row * 0.032 - k * 0.0012
                a = np.linspace(0, 2 * np.pi, 14)
                poster.plane(
                    [at(cx + 0.0042 * np.cos(t), cy + 0.0034 * np.sin(t)) for t in a],
                    "d8922f",
                    "fff3bd",
                    at(cx, cy + 0.003),
                    at(cx, cy - 0.003),
                )
        poster.plane(
            [
                at(0.055, 0.59),
                at(0.075, 0.585),
                at(0.075, 0.61),
                at(0.085, 0.618),
                at(0.065, 0.636),
                at(0.045, 0.622),
                at(0.055, 0.612),
            ],
            "05080f",
            "8fa3ad",
            at(0.05, 0.63),
            at(0.09, 0.58),
        )
    poster.rule([(0.5, 0.452), (0.5, 0.872)], 8)


def _decks(poster: Poster) -> None:
    """White superstructure in steps, with window bands, and three raked funnels."""
    for cx, q, top in ((0.5, 0.056, 0.185), (0.40, 0.042, 0.235), (0.60, 0.042, 0.235)):
        poster.plane(
            [(cx - q, 0.40), (cx - q * 0.92, top), (cx, top), (cx, 0.40)],
            "8f241c",
            "f27a4a",
            (cx, 0.4),
            (cx - q * 0.8, top),
        )
        poster.plane(
            [(cx, 0.40), (cx, top), (cx + q * 0.92, top), (cx + q, 0.40)],
            "4f1014",
            "cf4a2f",
            (cx + q, 0.4),
            (cx - q * 0.3, top),
        )
        cap = top + 0.045
        poster.plane(
            [(cx - q * 0.94, cap), (cx - q * 0.92, top), (cx + q * 0.92, top), (cx + q * 0.94, cap)],
            "070a14",
            "56687c",
            (cx + q * 0.6, top),
            (cx - q, top),
        )
        poster.plane(
            [(cx - q * 0.95, cap + 0.012), (cx - q * 0.94, cap), (cx + q * 0.94, cap), (cx + q * 0.95, cap + 0.012)],
            GOLD,
            "fff0b8",
            (cx + q, 0),
            (cx - q, 0),
        )
        a = np.linspace(0, 2 * np.pi, 30)
        poster.plane(
            [(cx + q * 0.92 * np.cos(t), top + 0.010 * np.sin(t)) for t in a],
            "05070d",
            "3a4656",
            (cx, top),
            (cx - q, top - 0.01),
        )
    for half, top, low in ((0.105, 0.355, 0.40), (0.145, 0.385, 0.43), (0.178, 0.415, 0.455)):
        poster.plane(
            [(0.5 - half, low), (0.5 - half * 0.95, top), (0.5, top - 0.004), (0.5, low)],
            "b9b193",
            "fffdf2",
            (0.5, low),
            (0.5 - half, top),
        )
        poster.plane(
            [(0.5, low), (0.5, top - 0.004), (0.5 + half * 0.95, top), (0.5 + half, low)],
            "5f7f8c",
            "d8d2b8",
            (0.5 + half, low),
            (0.5, top),
        )
        count = int(half * 130)
        for k in range(count):
            wx = 0.5 - half * 0.88 + (k + 0.5) * 1.76 * half / count
            poster.plane(
                [
                    (wx - 0.004, top + 0.008),
                    (wx + 0.004, top + 0.008),
                    (wx + 0.004, top + 0.021),
                    (wx - 0.004, top + 0.021),
                ],
                NIGHT,
                "3f7f93",
                (wx, top + 0.02),
                (wx - 0.004, top),
            )
        poster.rule([(0.5 - half, top), (0.5 + half, top)], 3)


def _gulls(poster: Poster) -> None:
    for cx, cy, s in (
        (0.20, 0.165, 0.045),
        (0.30, 0.115, 0.032),
        (0.13, 0.11, 0.026),
        (0.78, 0.40, 0.03),
        (0.24, 0.43, 0.026),
    ):
        wing = [
            (cx - s, cy - s * 0.35),
            (cx - s * 0.4, cy - s * 0.42),
            (cx, cy),
            (cx + s * 0.5, cy - s * 0.5),
            (cx + s, cy - s * 0.25),
            (cx + s * 0.5, cy - s * 0.28),
            (cx, cy + s * 0.22),
            (cx - s * 0.45, cy - s * 0.22),
        ]
        poster.plane(wing, "8fa9a8", "fffdf2", (cx, cy + s * 0.2), (cx - s * 0.3, cy - s * 0.4))


def _frame(poster: Poster) -> None:
    """Stepped gold frame with fans in the corners."""
    for inset, width in ((0.012, 10), (0.026, 4), (0.036, 7)):
        i, j = inset, inset * W / H
        s, t = 0.05, 0.05 * W / H
        corners = [
            (i + s, j),
            (1 - i - s, j),
            (1 - i - s, j + t * 0.5),
            (1 - i - s / 2, j + t * 0.5),
            (1 - i - s / 2, j + t),
            (1 - i, j + t),
            (1 - i, 1 - j - t),
            (1 - i - s / 2, 1 - j - t),
            (1 - i - s / 2, 1 - j - t * 0.5),
            (1 - i - s, 1 - j - t * 0.5),
            (1 - i - s, 1 - j),
            (i + s, 1 - j),
            (i + s, 1 - j - t * 0.5),
            (i + s / 2, 1 - j - t * 0.5),
            (i + s / 2, 1 - j - t),
            (i, 1 - j - t),
            (i, j + t),
            (i + s / 2, j + t),
            (i + s / 2, j + t * 0.5),
            (i + s, j + t * 0.5),
        ]
        poster.rule(corners, width, closed=True)
    for cx, cy, a0 in ((0, 0, 0), (1, 0, 0.5), (1, 1, 1.0), (0, 1, 1.5)):
        for ring, q in enumerate((0.155, 0.115, 0.075, 0.038)):
            for k in range(8):
                a = (a0 + (np.array([k, k + 1]) / 8) * 0.5) * np.pi
                b = np.linspace(a[0], a[1], 6)
                leaf = [(cx, cy), *[(cx + q * np.cos(t), cy + q * np.sin(t) * W / H) for t in b]]
                tone = (NIGHT, GOLD) if (k + ring) % 2 else ("6f4a16", "fbe6a0")
                poster.plane(leaf, *tone, (cx, cy), (cx + q * np.cos(b[3]), cy + q * np.sin(b[3]) * W / H))


def _finish(poster: Poster) -> Array:
    """Ink a little soft at the edges, worn folds, paper tooth."""
    rng = np.random.default_rng(6)
    sheet = mix(poster.sheet, blur(poster.sheet, 1.0), 0.6)
    tooth = fbm(H, W, 7, 3, rng, 0.7)
    age = fbm(H, W, 500, 4, rng)
    sheet = sheet * (1 + 0.035 * tooth + 0.03 * age)[..., None] + 0.014 * tooth[..., None]
    rubbed = smoothstep(1.45, 1.8, tooth + 0.4 * age)
    return mix(sheet, rgb("efe2c4"), 0.35 * rubbed)


def draw() -> Image.Image:
    """Print the poster, 800 × 1024."""
    x, y = grid(H, W)
    poster = Poster()
    _burst(poster, x, y)
    _clouds(poster)
    _skyline(poster)
    _decks(poster)
    _hull(poster)
    _gulls(poster)
    _frame(poster)
    return shrink(to_image(_finish(poster)), WIDTH, HEIGHT)
