"""Crayon: a bright, naive drawing of a house, a tree, a pond and a kite, in wax crayons on drawing paper.

Every shape is scribbled in back and forth, in one or two colours and directions of its own; the wax rides
on the paper's tooth and leaves its valleys bare, and partly hides what is under it. The drawing goes from
front to back, so that what lies behind is scribbled round what is there; flowers and rays go over it all.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PIL import Image

from strokes import SS, Array, Rng, Sheet, noise, paper, polygon, rgb, shift, spline

W, H = 1024, 832
RED, ORANGE, YELLOW, GREEN, LIME = (
    rgb("#e0322c"),
    rgb("#f5852a"),
    rgb("#fbd12c"),
    rgb("#2f9a45"),
    rgb("#8ccb3f"),
)
BLUE, SKY, TEAL, PURPLE, PINK = rgb("#2456b8"), rgb("#5cb4e8"), rgb("#1fa29a"), rgb("#7a3fa8"), rgb("#f27fae")
BROWN, BLACK, PEACH, GREY = rgb("#7d4a28"), rgb("#26222b"), rgb("#f8c090"), rgb("#8f8f9a")

Points = Sequence[tuple[float, float]]


def _closed(points: Points) -> Array:
    """A smooth closed outline through the points."""
    ring = spline([*points, *points[:3]], 12)
    return ring[12 : 12 * (len(points) + 1) + 1]


def _circle(cx: float, cy: float, rx: float, ry: float | None = None) -> Array:
    a = np.linspace(0, 2 * np.pi, 40)
    return np.stack([cx + rx * np.cos(a), cy + (ry or rx) * np.sin(a)], -1)


class Drawing:
    """A sheet and the ways a hand uses a crayon on it."""

    def __init__(self, rng: Rng) -> None:
        self.rng = rng
        self.sheet = Sheet(W, H, rng, 0.1 + 0.8 * paper(rng, (H * SS, W * SS), 2.1 * SS, fibre=0.15))
        self.shake = noise(rng, (H, W), 60, 3)
        self.taken = np.zeros((H, W), bool)

    def scribble(
        self,
        outline: Array,
        colour: Array,
        angle: float,
        width: float = 10.0,
        gap: float = 1.0,
        pressure: float = 0.62,
    ) -> None:
        """Fill a shape with hatching that turns round at its edge and now and then runs over it."""
        rng, mask = self.rng, (polygon((H, W), outline) > 0.5) & ~self.taken
        if not mask.any():
            return
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        inner = np.asarray(outline)
        reach, depth = inner @ along, inner @ across
        last: Array | None = None
        for d in np.arange(depth.min(), depth.max(), width * gap * 0.82):
            s = np.arange(reach.min() - 3, reach.max() + 3, 3.0)
            bend = 5 * np.sin(s / 90 + d / 40)
            points = s[:, None] * along + (d + bend + rng.normal(0, width * 0.16))[:, None] * across
            ix, iy = points[:, 0].astype(int), points[:, 1].astype(int)
            inside = (ix >= 0) & (iy >= 0) & (ix < W) & (iy < H)
            inside[inside] = mask[iy[inside], ix[inside]]
            for a, b in _runs(inside):
                a, b = max(a - rng.integers(0, 3), 0), min(b + rng.integers(0, 3), len(points) - 1)
                if b - a < 3:
                    continue
                path = points[a : b + 1 : 2] + rng.normal(0, 0.7, 2)
                if last is not None and np.hypot(*(last - path[0])) < width * 2.5:
                    path = np.concatenate([last[None], path])
                tint = shift(colour, rng.normal(0, 0.05), 1.0, 1 + rng.normal(0, 0.05))
                press = (
                    pressure + 0.10 * self.shake[int(np.clip(path[0, 1], 0, H - 1)), int(np.clip(path[0, 0], 0, W - 1))]
                )
                self.sheet.stick(
                    path, width * rng.uniform(0.8, 1.25), tint, press + rng.normal(0, 0.10), 1.0, 0.4, 0.38
                )
                last = path[-1] if rng.random() < 0.5 else None

    def line(self, points: Array, colour: Array, width: float = 7.0, pressure: float = 0.85, times: int = 2) -> None:
        """A heavy line, gone over again by an unsteady hand."""
        for _ in range(times):
            path = np.asarray(points, np.float32)
            free = ~self.taken[np.clip(path[:, 1], 0, H - 1).astype(int), np.clip(path[:, 0], 0, W - 1).astype(int)]
            wobble = np.stack(
                [
                    np.interp(np.arange(len(path)), np.linspace(0, len(path), 8), self.rng.normal(0, 1.5, 8))
                    for _ in range(2)
                ],
                -1,
            )
            for a, b in _runs(free):
                if b - a >= 1:
                    self.sheet.stick((path + wobble)[a : b + 1], width, colour, pressure, 1.0, 0.35)

    def shape(
        self,
        outline: Array,
        colours: Sequence[Array],
        angle: float,
        edge: Array | None = None,
        width: float = 10.0,
    ) -> None:
        """Scribble a shape in one colour over another, each its own way, then draw round it."""
        for i, colour in enumerate(colours):
            self.scribble(outline, colour, angle + 0.8 * i, width * (1 - 0.15 * i), 1.05 + 1.1 * i, 0.88)
        if edge is not None:
            self.line(np.concatenate([outline, outline[:1]]), edge)
        self.take(outline)

    def take(self, outline: Array) -> None:
        """Keep what is drawn later, behind this shape, out of it."""
        self.taken |= polygon((H, W), outline) > 0.5


def _runs(flags: Array) -> list[tuple[int, int]]:
    change = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(change[::2], change[1::2], strict=True)]


def _box(*points: tuple[float, float]) -> Array:
    """A straight-sided outline with enough points on each side to wobble."""
    p = np.array([*points, points[0]], np.float32)
    return np.concatenate([a + (b - a) * np.linspace(0, 1, 8, endpoint=False)[:, None] for a, b in pairwise(p)])


def _lights(d: Drawing) -> None:
    """The sun and the clouds."""
    d.shape(_circle(112, 110, 66), (YELLOW, ORANGE), 0.6, ORANGE)
    for cx, cy, k in ((330, 90, 1.0), (560, 60, 0.8), (890, 120, 1.1)):
        cloud = _closed(
            [
                (cx - 80 * k, cy + 22 * k),
                (cx - 70 * k, cy - 14 * k),
                (cx - 28 * k, cy - 34 * k),
                (cx + 20 * k, cy - 40 * k),
                (cx + 64 * k, cy - 20 * k),
                (cx + 84 * k, cy + 18 * k),
                (cx + 20 * k, cy + 32 * k),
            ]
        )
        d.scribble(cloud, rgb("#f4f1f6"), 0.3, 13, 0.8, 0.95)
        d.line(cloud, BLUE, 6, 0.75)
        d.take(cloud)


def _rainbow(d: Drawing) -> None:
    for i, colour in enumerate((RED, ORANGE, YELLOW, GREEN, BLUE, PURPLE)):
        a = np.linspace(np.pi * 1.02, np.pi * 1.98, 50)
        for k in range(2):
            r = 330 - 21 * i - 9 * k
            d.line(np.stack([650 + r * 1.15 * np.cos(a), 430 + r * np.sin(a)], -1), colour, 13, 0.74, 1)
    a = np.linspace(np.pi, 2 * np.pi, 40)
    outer, inner = (np.stack([650 + r * 1.15 * np.cos(a), 430 + r * np.sin(a)], -1) for r in (338, 207))
    d.take(np.concatenate([outer, inner[::-1]]))


def _sky(d: Drawing) -> None:
    rng = d.rng
    for k in range(15):
        cx, cy = (k % 5) * 230 + rng.normal(30, 30), (k // 5) * 150 + rng.normal(50, 20)
        patch = _closed(
            [
                (cx - 150, cy - 80),
                (cx + 20, cy - 110),
                (cx + 160, cy - 60),
                (cx + 150, cy + 90),
                (cx - 10, cy + 110),
                (cx - 160, cy + 80),
            ]
        )
        d.scribble(
            patch,
            (SKY, SKY, BLUE, TEAL)[rng.integers(4)] if k > 4 else (SKY, BLUE)[k % 2],
            rng.uniform(-0.7, 0.7),
            15,
            1.3,
            0.82,
        )


def _hills(d: Drawing) -> None:
    """The path, the meadow, then the hills behind it."""
    d.shape(
        _closed([(520, 640), (570, 640), (520, 720), (600, 860), (440, 860), (440, 730)]),
        (PEACH, ORANGE),
        0.1,
        BROWN,
        11,
    )
    for points, colours, angle in (
        (
            [(-60, 560), (240, 520), (520, 560), (800, 530), (1080, 560), (1080, 900), (-60, 900)],
            (LIME, GREEN),
            0.25,
        ),
        ([(420, 500), (640, 400), (860, 380), (1064, 440), (1064, 640), (420, 640)], (GREEN, TEAL), -0.6),
        ([(-40, 470), (140, 370), (330, 400), (520, 480), (520, 640), (-40, 640)], (TEAL, LIME), 0.9),
    ):
        d.shape(_closed(points), colours, angle, GREEN, 16)


def _house(d: Drawing) -> None:
    d.line(_circle(554, 596, 4), YELLOW, 6, 1.0)
    d.shape(_box((500, 650), (500, 538), (566, 536), (568, 650)), (BLUE, PURPLE), 1.5, BLACK)
    for x in (426, 592):
        d.line(np.stack([np.full(9, x + 27.0), np.linspace(462, 517, 9)], -1), BLACK, 5)
        d.line(np.stack([np.linspace(x, x + 54, 9), np.full(9, 489.0)], -1), BLACK, 5)
        d.shape(_box((x, 462), (x + 54, 460), (x + 55, 516), (x, 518)), (SKY,), 0.7, BLACK, 8)
    d.shape(_circle(530, 384, 24), (SKY, BLUE), 0.3, BLACK, 8)
    d.shape(_box((400, 430), (664, 424), (668, 650), (404, 654)), (YELLOW, ORANGE), 1.45, BLACK, 12)
    d.shape(_box((372, 436), (528, 300), (700, 430)), (RED, ORANGE), 0.7, BLACK, 13)
    d.shape(_box((604, 372), (602, 290), (640, 290), (642, 400)), (BROWN, RED), 0.1, BLACK)


def _tree(d: Drawing) -> None:
    for x, y in (
        (140, 340),
        (200, 300),
        (262, 330),
        (290, 400),
        (220, 400),
        (150, 420),
        (225, 452),
        (112, 380),
    ):
        d.shape(_circle(x, y, 15), (RED, RED), 0.5, BROWN, 8)
    d.shape(
        _closed([(180, 690), (196, 560), (178, 470), (240, 470), (232, 560), (258, 694)]),
        (BROWN, ORANGE),
        1.5,
        BLACK,
        11,
    )
    crown = _closed(
        [
            (90, 420),
            (70, 340),
            (120, 270),
            (200, 240),
            (290, 270),
            (340, 340),
            (320, 430),
            (250, 490),
            (160, 485),
        ]
    )
    d.shape(crown, (GREEN, LIME), 0.8, TEAL, 13)


def _pond(d: Drawing) -> None:
    d.shape(_closed([(800, 716), (900, 714), (880, 748), (822, 750)]), (RED, BROWN), 0.1, BLACK, 9)
    d.shape(_box((852, 708), (850, 610), (916, 700)), (ORANGE, YELLOW), 1.1, BLACK, 9)
    d.line(np.array([(850, 716), (849, 602)]), BLACK, 7)
    for x, y in ((760, 770), (940, 760), (750, 722)):
        d.shape(
            _closed([(x - 24, y), (x, y - 12), (x + 18, y), (x + 34, y - 12), (x + 34, y + 12), (x, y + 12)]),
            (ORANGE, YELLOW),
            0.4,
            RED,
            7,
        )
    pond = _closed([(700, 700), (800, 660), (940, 664), (1010, 720), (970, 790), (820, 806), (710, 770)])
    d.shape(pond, (BLUE, SKY, TEAL), 0.1, BLUE, 12)


def _fence(d: Drawing) -> None:
    for x in range(0, 400, 44):
        if x > 258 or x < 160:
            d.shape(
                _box((x, 660), (x, 590), (x + 11, 574), (x + 22, 590), (x + 22, 660)),
                (rgb("#f4f1f6"), PEACH),
                1.5,
                BROWN,
                9,
            )
    d.line(np.array([(-10, 622), (160, 620), (380, 624)]), BROWN, 7)


def _over(d: Drawing) -> None:
    """What is drawn over everything else: rays, birds, smoke, the kite's tail, grass and flowers."""
    rng = d.rng
    d.taken[:] = False
    for a in np.arange(0, 6.28, 0.35):
        r = 120 + 22 * np.sin(a * 5)
        d.line(
            np.array([(112 + 82 * np.cos(a), 110 + 82 * np.sin(a)), (112 + r * np.cos(a), 110 + r * np.sin(a))]),
            (YELLOW, ORANGE)[int(a * 10) % 2],
            10,
        )
    for x, y in ((400, 170), (450, 140), (720, 90), (770, 120)):
        d.line(spline([(x - 20, y - 8), (x - 8, y - 12), (x, y), (x + 9, y - 12), (x + 22, y - 6)], 6), BLACK, 6)
    for k in range(5):
        d.line(_circle(628 + 22 * k + 2 * k * k, 268 - 26 * k, 13 + 4 * k, 11 + 3 * k), GREY, 7, 0.8)
    tail = spline([(854, 300), (880, 350), (840, 400), (870, 450), (840, 500), (790, 560)])
    d.line(tail, PURPLE, 5)
    for at in tail[10:70:12]:
        d.line(at + np.array([(-12, -6), (12, 6)]), RED, 9)
    for x, y, colour in (
        (60, 760, RED),
        (120, 720, PINK),
        (150, 790, PURPLE),
        (290, 770, YELLOW),
        (270, 730, RED),
        (396, 790, PINK),
        (36, 660, YELLOW),
        (640, 780, PINK),
        (670, 700, RED),
        (700, 590, PURPLE),
        (700, 620, YELLOW),
        (980, 610, RED),
        (900, 600, PINK),
        (230, 790, ORANGE),
    ):
        d.line(np.array([(x, y), (x + rng.normal(0, 5), y + 30), (x + 2, y + 56)]), GREEN, 7)
        d.line(spline([(x + 2, y + 40), (x + 18, y + 26), (x + 28, y + 22)], 6), GREEN, 8)
        for a in np.arange(0, 6.28, 1.05):
            d.line(_circle(x + 13 * np.cos(a), y + 13 * np.sin(a), 6), colour, 10, 1.0, 1)
        d.line(_circle(x, y, 4), YELLOW if colour is not YELLOW else BROWN, 9, 1.0, 1)
    for _ in range(90):
        x, y = rng.uniform(0, W), rng.uniform(590, 830)
        d.line(
            np.array([(x, y), (x + rng.normal(0, 4), y - rng.uniform(12, 30))]),
            (GREEN, TEAL, BLUE, YELLOW)[rng.integers(4)],
            6,
            0.9,
            1,
        )


def _kite_and_cat(d: Drawing) -> None:
    for points, colour in (
        (((850, 190), (890, 230), (850, 230)), RED),
        (((850, 190), (850, 230), (812, 232)), YELLOW),
        (((850, 230), (890, 230), (854, 300)), BLUE),
        (((850, 230), (854, 300), (812, 232)), PINK),
    ):
        d.shape(_box(*points), (colour,), 0.8, BLACK, 8)
    for x in (324, 348):
        d.line(_circle(x, 614, 3), BLACK, 6, 1.0)
    d.shape(
        _closed([(306, 622), (310, 580), (322, 596), (346, 596), (360, 578), (364, 622), (336, 646)]),
        (ORANGE, YELLOW),
        0.4,
        BLACK,
        9,
    )
    d.shape(_closed([(300, 700), (306, 640), (340, 630), (372, 646), (382, 704)]), (ORANGE, BROWN), 1.2, BLACK, 9)
    d.line(spline([(380, 694), (412, 680), (410, 640), (424, 626)]), ORANGE, 13)


def draw() -> Image.Image:
    d = Drawing(np.random.default_rng(1948))
    for part in (_kite_and_cat, _fence, _pond, _tree, _house, _lights, _hills, _rainbow, _sky, _over):
        part(d)
    return d.sheet.picture(rgb("#fbf6ea"), 0.35)
