"""A scene is laid down shape over shape, and each place then knows what it shows, its own colour, how much light falls
on it and which way a mark that follows the form would run. The media (gouache, linocut, pen and wash, pastel) differ
in what they make of that.

Coordinates are in pixels of the finished picture; the planes are SS times as large. Light comes from the upper left.
"""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from strokes import SS, Array, Rng, mix, noise, rgb, smoothstep

Points = Sequence[tuple[float, float]] | Array
Plane = float | Array | Callable[[Array, Array], Array]
"""A number, an array as large as the scene, or a function of x and y."""
KINDS = (
    "sky",
    "cloud",
    "hill",
    "wall",
    "roof",
    "pane",
    "leaf",
    "trunk",
    "grass",
    "water",
    "boat",
    "cloth",
    "skin",
    "hair",
    "face",
    "fruit",
    "pot",
    "flower",
    "path",
)


class Scene:
    """The planes: `part` numbers the shapes, `kind` says what they are (an index of KINDS), `colour`, `light` from
    0 to 1 and `angle` in radians."""

    def __init__(self, width: int, height: int, rng: Rng) -> None:
        self.w, self.h, self.rng = width, height, rng
        self.shape = (height * SS, width * SS)
        self.part = np.zeros(self.shape, np.int32)
        self.kind = np.zeros(self.shape, np.uint8)
        self.colour = np.ones((*self.shape, 3), np.float32)
        self.light = np.ones(self.shape, np.float32)
        self.angle = np.zeros(self.shape, np.float32)
        self.rough = noise(rng, self.shape, 26 * SS, 4)
        self.count = 0

    def shows(self, *kinds: str) -> Array:
        """Where the scene shows one of the kinds."""
        return np.isin(self.kind, [KINDS.index(kind) for kind in kinds])

    def xy(self) -> tuple[Array, Array]:
        y, x = np.mgrid[: self.shape[0], : self.shape[1]].astype(np.float32) / SS
        return x, y

    @property
    def whole(self) -> tuple[slice, slice]:
        return slice(0, self.shape[0]), slice(0, self.shape[1])

    def lay(self, points: Points, kind: str, colour: str | Array, light: Plane = 0.6, angle: Plane = 0.0) -> None:
        """A polygon over what is there."""
        p = np.asarray(points, np.float32) * SS
        low = np.clip(np.floor(p.min(0)).astype(int) - 1, 0, None)
        high = np.minimum(np.ceil(p.max(0)).astype(int) + 2, self.shape[::-1])
        if (high <= low).any():
            return
        image = Image.new("1", tuple((high - low).tolist()))
        ImageDraw.Draw(image).polygon([tuple(q) for q in (p - low).tolist()], fill=1)
        self.cover(np.asarray(image), (slice(low[1], high[1]), slice(low[0], high[0])), kind, colour, light, angle)

    def cover(
        self, mask: Array, box: tuple[slice, slice], kind: str, colour: str | Array, light: Plane, angle: Plane
    ) -> None:
        """A mask over what is there, in a box of the planes."""
        self.count += 1
        y, x = np.mgrid[box].astype(np.float32) / SS
        self.part[box][mask] = self.count
        self.kind[box][mask] = KINDS.index(kind)
        for plane, value in ((self.light, light), (self.angle, angle)):
            if callable(value):
                value = value(x, y)
            elif isinstance(value, np.ndarray):
                value = value[box]
            plane[box][mask] = value[mask] if isinstance(value, np.ndarray) else value
        tint = rgb(colour) if isinstance(colour, str) else colour
        self.colour[box][mask] = tint[box][mask] if tint.ndim == 3 else tint

    def disc(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        kind: str,
        colour: str,
        light: Plane | None = None,
        angle: Plane | None = None,
        bumps: int = 0,
        depth: float = 0.0,
    ) -> None:
        """An ellipse, shaded as a ball; `bumps` scallop its outline by `depth`."""
        a = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        r = 1 + depth * np.abs(np.sin(bumps * a / 2 + x)) - depth / 2 if bumps else np.ones_like(a)
        outline = np.stack([x + rx * r * np.cos(a), y + ry * r * np.sin(a)], -1)
        round_it = light if light is not None else ball(x, y, rx, ry)
        way = (
            angle
            if angle is not None
            else (lambda px, py: np.arctan2((px - x) * ry / rx, -(py - y - 1.1 * ry) * rx / ry))
        )
        self.lay(outline, kind, colour, round_it, way)


def ball(x: float, y: float, rx: float, ry: float) -> Callable[[Array, Array], Array]:
    """The light on a ball."""

    def light(px: Array, py: Array) -> Array:
        u, v = (px - x) / rx, (py - y) / ry
        w = np.sqrt(np.clip(1 - u * u - v * v, 0.02, 1))
        return np.clip(0.28 + 0.72 * (-0.55 * u - 0.6 * v + 0.58 * w), 0.04, 1).astype(np.float32)

    return light


def across(x0: float, x1: float, low: float = 0.15, high: float = 1.0) -> Callable[[Array, Array], Array]:
    """The light on an upright cylinder."""

    def light(px: Array, py: Array) -> Array:
        t = np.clip((px - x0) / (x1 - x0), 0, 1)
        return (low + (high - low) * np.clip(np.sin(np.pi * (0.25 + 0.75 * (1 - t))), 0, 1) ** 1.2).astype(np.float32)

    return light


def edges(part: Array) -> Array:
    """1 where a place's part differs from its right or lower neighbour's."""
    edge = np.zeros(part.shape, np.float32)
    edge[:, :-1] += part[:, :-1] != part[:, 1:]
    edge[:-1] += part[:-1] != part[1:]
    return np.minimum(edge, 1)


def shaded(colour: Array, light: Array, shade: str = "#3a3560", warm: str = "#fff2d0", depth: float = 0.62) -> Array:
    """A local colour in its light: towards a cool shade below, towards a warm light above."""
    dark = mix(colour * 0.55, rgb(shade), 0.35)
    low = mix(dark, colour, smoothstep(0.08, depth, light)[..., None])
    return mix(low, mix(colour, rgb(warm), 0.55), smoothstep(0.72, 1.0, light)[..., None])
