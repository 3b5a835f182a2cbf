"""Skies, hills, trees, fields and water, laid into a scene (`scene.py`)."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from scene import Points, Scene, across, ball
from strokes import SS, gradient, mix, noise, rgb, spline
from town import bar


def sky(s: Scene, horizon: float, stops: Sequence[tuple[float, str]], sweep: float = 0.25) -> None:
    x, y = s.xy()
    colour = gradient(stops, np.clip(y / horizon + 0.02 * s.rough, 0, 1))
    way = sweep * np.sin(x / 190 + y / 90) - 0.12
    everywhere = np.ones(s.shape, bool)
    s.cover(everywhere, s.whole, "sky", colour, np.clip(0.35 + 0.5 * y / horizon, 0, 1), way)


def cloud(s: Scene, x: float, y: float, k: float, colour: str = "#f7f1e6") -> None:
    """A heap of lobes with a flat foot."""
    for dx, dy, r in (
        (-70, 4, 30),
        (66, 8, 28),
        (-34, -14, 42),
        (30, -18, 46),
        (0, -4, 40),
        (-96, 14, 18),
        (98, 16, 18),
    ):
        cx, cy, rx, ry = x + dx * k, y + dy * k, r * k, 0.8 * r * k
        a = np.linspace(0, 2 * np.pi, 60)
        outline = np.stack([cx + rx * np.cos(a), np.minimum(cy + ry * np.sin(a), y + 22 * k)], -1)
        s.lay(
            outline,
            "cloud",
            colour,
            ball(cx, cy - 4 * k, rx * 1.25, ry * 1.5),
            lambda px, py, cx=cx, cy=cy, ry=ry: np.arctan2(px - cx, -(py - cy - 1.2 * ry)),
        )


def ridge(s: Scene, points: Points, foot: float, colour: str, cell: float = 40.0, lean: float = 1.1) -> None:
    """A range of hills; flanks to the left are lit."""
    line = spline(points, 10)
    outline = np.concatenate([line, [(line[-1, 0], foot), (line[0, 0], foot)]])
    fold = noise(s.rng, s.shape, (cell * 2 * SS, cell * SS), 3)
    slope = np.interp(
        np.arange(s.shape[1]) / SS, line[:, 0], np.gradient(line[:, 1]) / np.gradient(line[:, 0]).clip(0.1)
    )
    facing = np.clip(0.55 + 0.55 * (-slope[None] * -0.6) + 0.28 * fold, 0.08, 0.95).astype(np.float32)
    s.lay(outline, "hill", colour, facing, (np.sign(slope)[None] * lean * 0.6 + 0.25 * fold).astype(np.float32))


def tree(s: Scene, x: float, foot: float, k: float, colour: str, trunk: str = "#5b4030", lobes: int = 13) -> None:
    """A round crown heaped of lobes on a forked trunk; k is the crown's radius."""
    rng = s.rng
    middle = foot - 1.75 * k
    for a, b, t in (
        ((0, 0), (0.04, -1.1), 0.2),
        ((0.02, -0.9), (-0.4, -1.6), 0.12),
        ((0.03, -0.95), (0.42, -1.7), 0.11),
    ):
        bar(
            s,
            (x + a[0] * k, foot + a[1] * k),
            (x + b[0] * k, foot + b[1] * k),
            t * k,
            "trunk",
            trunk,
            across(x - 0.1 * k, x + 0.12 * k, 0.1, 0.8),
        )
    places = rng.uniform(-1, 1, (lobes * 3, 2))
    places = places[np.hypot(*places.T) < 0.95][:lobes]
    whole = ball(x, middle, 1.25 * k, 1.15 * k)
    for u, v in places[np.argsort(places[:, 1])[::-1]]:
        cx, cy, r = x + 0.72 * k * u, middle + 0.62 * k * v, k * rng.uniform(0.34, 0.5)
        own = ball(cx, cy, r * 1.1, r)
        s.disc(
            cx,
            cy,
            r,
            0.86 * r,
            "leaf",
            colour,
            lambda px, py, own=own: np.clip(0.5 * own(px, py) + 0.62 * whole(px, py) - 0.1, 0.03, 1),
            bumps=11,
            depth=0.16,
        )


def cypress(s: Scene, x: float, foot: float, wide: float, tall: float, colour: str) -> None:
    t = np.linspace(0, 1, 26)
    half = (
        wide
        / 2
        * np.sin(np.pi * np.clip(0.06 + 0.94 * t, 0, 1)) ** 0.7
        * (1.1 - 0.75 * t)
        * (1 + 0.16 * np.sin(t * 46))
    )
    outline = np.concatenate(
        [np.stack([x - half, foot - tall * t], -1), np.stack([x + half, foot - tall * t], -1)[::-1]]
    )
    s.lay(
        outline,
        "leaf",
        colour,
        lambda px, py: np.clip(0.5 - 0.9 * (px - x) / wide + 0.16 * np.sin(py / 5 + px / 3), 0.03, 1),
        lambda px, py: -np.pi / 2 + 0.9 * (px - x) / wide,
    )


def ground(
    s: Scene, points: Points, colour: str, kind: str = "grass", lean: float = 0.0, contrast: float = 0.22
) -> None:
    """A field; lights and darks lie along it."""
    band = noise(s.rng, s.shape, (12 * SS, 90 * SS), 3)
    s.lay(
        spline(points, 8),
        kind,
        colour,
        np.clip(0.62 + contrast * band, 0.05, 1),
        (lean + 0.12 * s.rough).astype(np.float32),
    )


def leaf(s: Scene, x: float, y: float, length: float, angle: float, colour: str, light: float = 0.5) -> None:
    along, side = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    at = np.array([x, y])
    tip = at + length * along
    for sign, lit in ((-1, light + 0.2), (1, light - 0.2)):
        s.lay(spline([at, at + 0.5 * length * along + sign * 0.24 * length * side, tip], 6), "leaf", colour, lit, angle)


def flower(s: Scene, x: float, y: float, r: float, petal: str, heart: str, petals: int = 7) -> None:
    start = s.rng.uniform(0, 6.28)
    for i in range(petals):
        a = start + 2 * np.pi * i / petals
        cx, cy = x + 0.6 * r * np.cos(a), y + 0.5 * r * np.sin(a)
        side, along = np.array([-np.sin(a), np.cos(a)]), np.array([np.cos(a), np.sin(a)])
        at = np.array([cx, cy])
        outline = spline(
            [
                at - 0.5 * r * along,
                at + 0.28 * r * side,
                at + 0.5 * r * along,
                at - 0.28 * r * side,
                at - 0.5 * r * along,
            ],
            6,
        )
        s.lay(outline, "flower", petal, float(np.clip(0.66 - 0.3 * np.sin(a + 0.8) * -1, 0.2, 1)), float(a))
    s.disc(x, y, 0.26 * r, 0.22 * r, "flower", heart)


def water(s: Scene, points: Points, shore: float, colour: str, clear: float = 0.6) -> None:
    """A water's surface, with what stands above the shore mirrored in it in broken bands."""
    p = spline(points, 8)
    x, y = s.xy()
    depth = np.clip((y - shore) / max(s.h - shore, 1), 0, 1)
    ripple = noise(s.rng, s.shape, (5 * SS, 46 * SS), 3)
    row = np.clip((2 * shore - y) * SS - 4 + 7 * ripple * (0.4 + 2 * depth), 0, s.shape[0] - 1).astype(int)
    column = np.clip(x * SS + 16 * ripple, 0, s.shape[1] - 1).astype(int)
    mirror, bright = s.colour[row, column], s.light[row, column]
    amount = np.clip(clear - 0.3 * depth + 0.22 * ripple, 0, 0.9)
    tint = mix(np.broadcast_to(rgb(colour), mirror.shape), mirror * 0.92, amount[..., None])
    light = np.clip(mix(0.58 + 0.24 * ripple, bright, amount * 0.8), 0.04, 1)
    image = Image.new("1", s.shape[::-1])
    ImageDraw.Draw(image).polygon([tuple(q) for q in (p * SS).tolist()], fill=1)
    s.cover(
        np.asarray(image),
        s.whole,
        "water",
        tint.astype(np.float32),
        light.astype(np.float32),
        (0.05 * np.sin(x / 40 + y / 15)).astype(np.float32),
    )


def glints(s: Scene, region: tuple[float, float, float, float], n: int, colour: str, light: float = 1.0) -> None:
    """Short flat lights on the water, longer towards the viewer; region is x0, y0, x1, y1."""
    rng, (x0, y0, x1, y1) = s.rng, region
    for _ in range(n):
        t = rng.random() ** 0.8
        x, y, a = rng.uniform(x0, x1), y0 + t * (y1 - y0), rng.uniform(8, 22) * (0.5 + 1.6 * t)
        s.lay([(x - a, y), (x, y - 1 - 1.4 * t), (x + a, y), (x, y + 1 + 1.4 * t)], "water", colour, light, 0.0)
