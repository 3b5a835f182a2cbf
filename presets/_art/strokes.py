"""Mark-making shared by the painterly works: noise, bristle strokes, dabs, washes, grain and relief light.

A work is painted the way stroke-based rendering does it (Haeberli 1990, "Paint by numbers"; Hertzmann 1998,
"Painterly rendering with curved brush strokes of multiple sizes"): a composition gives a colour and a
direction at every point, and layers of strokes from large to small follow the direction and take the
colour. Each stroke lays down colour and thickness; the thickness is lit at the end, as paint is.

Coordinates are in pixels of the finished picture. Everything is worked at SS times that size and reduced
at the end, so that no edge is a staircase.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

SS = 2
Array = np.ndarray
Rng = np.random.Generator


# --- numbers and colours ---------------------------------------------------------------------------------


def smoothstep(low: float, high: float, x: Array) -> Array:
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def mix(a: Array, b: Array, t: Array | float) -> Array:
    return a + (b - a) * t


def rgb(code: str) -> Array:
    """A colour written '#rrggbb' as three floats from 0 to 1."""
    return np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255.0


def palette(*codes: str) -> Array:
    return np.stack([rgb(code) for code in codes])


def shift(colours: Array, hue: Array | float = 0.0, sat: Array | float = 1.0, val: Array | float = 1.0) -> Array:
    """Colours turned about the grey axis by `hue` radians, with saturation and value scaled."""
    c, s = np.cos(hue), np.sin(hue)
    grey = colours @ np.array([0.30, 0.59, 0.11], np.float32)
    r, g, b = (colours[..., i] - grey for i in range(3))
    k = 1.0 / np.sqrt(3.0)
    turned = np.stack([r * c + (b - g) * s * k, g * c + (r - b) * s * k, b * c + (g - r) * s * k], -1)
    return np.clip(((turned * np.asarray(sat)[..., None]) + grey[..., None]) * np.asarray(val)[..., None], 0, 1)


def gradient(stops: Sequence[tuple[float, str]], t: Array) -> Array:
    """Colours along a list of (position, '#rrggbb')."""
    places = [place for place, _ in stops]
    colours = palette(*(code for _, code in stops))
    return np.stack([np.interp(t, places, colours[:, i]) for i in range(3)], -1).astype(np.float32)


# --- fields ----------------------------------------------------------------------------------------------


def resize(a: Array, shape: tuple[int, int]) -> Array:
    image = Image.fromarray(np.ascontiguousarray(a, np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def noise(rng: Rng, shape: tuple[int, int], cell: float | tuple[float, float], octaves: int = 4) -> Array:
    """Fractal value noise about 0 with deviation 1; `cell` is the largest feature's size (or y, x sizes)."""
    cy, cx = cell if isinstance(cell, tuple) else (cell, cell)
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        rows = min(int(shape[0] / cy * 2**octave) + 2, shape[0])
        cols = min(int(shape[1] / cx * 2**octave) + 2, shape[1])
        total += resize(rng.standard_normal((rows, cols)), shape) * 0.5**octave
    return (total - total.mean()) / (total.std() + 1e-6)


def _box(a: Array, r: int) -> Array:
    padded = np.pad(a, ((r + 1, r), (0, 0)), mode="edge").cumsum(0, dtype=np.float64)
    return ((padded[2 * r + 1 :] - padded[: -2 * r - 1]) / (2 * r + 1)).astype(np.float32)


def blur(a: Array, radius: float) -> Array:
    """A near-Gaussian blur (three box passes) of a plane or of each channel."""
    r = round(radius)
    if r < 1:
        return a
    if a.ndim == 3:
        return np.stack([blur(a[..., i], radius) for i in range(a.shape[2])], -1)
    if r >= 8 and min(a.shape) > 64:
        small = (a.shape[0] // (r // 4), a.shape[1] // (r // 4))
        reduced = Image.fromarray(np.ascontiguousarray(a, np.float32)).resize(small[::-1], Image.Resampling.BOX)
        return resize(blur(np.asarray(reduced), radius * small[0] / a.shape[0]), a.shape)
    for _ in range(3):
        a = _box(_box(a, r).T, r).T
    return np.ascontiguousarray(a)


def polygon(shape: tuple[int, int], points: Sequence[tuple[float, float]]) -> Array:
    """The inside of a polygon as a soft-edged mask, drawn at twice the size."""
    image = Image.new("L", (shape[1] * 2, shape[0] * 2))
    ImageDraw.Draw(image).polygon([(x * 2, y * 2) for x, y in points], fill=255)
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BOX), np.float32) / 255.0


def spline(points: Sequence[tuple[float, float]], per_leg: int = 16) -> Array:
    """A smooth path through the points (Catmull-Rom)."""
    p = np.asarray(points, np.float32)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, per_leg, endpoint=False, dtype=np.float32)[:, None]
    legs = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        legs.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate([*legs, p[-2:-1]])


def look_up(a: Array, points: Array) -> Array:
    """Values of a plane (one value a finished pixel) at points (..., 2), clamped at the border."""
    x = np.clip(points[..., 0], 0, a.shape[1] - 1).astype(int)
    y = np.clip(points[..., 1], 0, a.shape[0] - 1).astype(int)
    return a[y, x]


def streamlines(angle: Array, starts: Array, lengths: Array, steps: int = 12) -> Array:
    """Paths (N, steps + 1, 2) along a direction field, centred on the starts."""
    half, out = steps // 2, []
    for sign in (-1.0, 1.0):
        p, path = starts.astype(np.float32).copy(), []
        heading = look_up(angle, p) + (np.pi if sign < 0 else 0.0)
        for _ in range(half):
            a = look_up(angle, p)
            a = np.where(np.cos(a - heading) < 0, a + np.pi, a)
            heading = a
            p = p + (lengths / steps)[:, None] * np.stack([np.cos(a), np.sin(a)], -1)
            path.append(p)
        out.append(path)
    return np.stack([*out[0][::-1], starts, *out[1]], 1)


def grid(rng: Rng, size: tuple[int, int], spacing: float) -> Array:
    """Jittered points covering a width and height (and a little more), in random order."""
    w, h = size
    xs, ys = np.meshgrid(np.arange(-spacing, w + spacing, spacing), np.arange(-spacing, h + spacing, spacing))
    points = np.stack([xs.ravel(), ys.ravel()], -1) + rng.uniform(-0.6, 0.6, (xs.size, 2)) * spacing
    return rng.permutation(points).astype(np.float32)


# --- brushes ---------------------------------------------------------------------------------------------


def bristles(rng: Rng, clump: float = 7.0, hair: float = 2.0) -> Array:
    """A tile of streaks from 0 to 1: rows lie across the brush, columns along the stroke."""
    shape = (512, 2048)
    streak = noise(rng, shape, (clump, 500), 1) + 0.8 * noise(rng, shape, (hair, 240), 1)
    streak += 0.25 * noise(rng, shape, (2, 12), 1)
    return (0.5 + 0.5 * np.tanh(streak * 0.75)).astype(np.float32)


@dataclass
class Brush:
    """How a brush leaves paint. `dry` 0 covers fully, 1 leaves only streaks; `thick` scales the relief;
    `tone` is the light and dark between bristles; `ragged` roughens the sides; `taper` narrows the end."""

    dry: float = 0.25
    thick: float = 1.0
    tone: float = 0.16
    ragged: float = 0.25
    taper: float = 0.35
    opacity: float = 1.0
    ridge: float = 0.8
    blend: float = 0.6


@dataclass
class Layer:
    """One pass of strokes over the picture; the jitters are of hue (radians), saturation and value."""

    width: float
    length: float
    spacing: float
    brush: Brush = field(default_factory=Brush)
    hue: float = 0.12
    sat: float = 0.15
    val: float = 0.12
    stop: float = 0.25
    turn: float = 0.08


class Canvas:
    """Colour and thickness of paint, at SS times the finished size."""

    def __init__(self, width: int, height: int, ground: Array | None = None, rng: Rng | None = None) -> None:
        self.rng = rng or np.random.default_rng(0)
        self.w, self.h = width, height
        self.shape = (height * SS, width * SS)
        base = np.ones(3, np.float32) if ground is None else ground
        self.colour = np.broadcast_to(base, (*self.shape, 3)).astype(np.float32).copy().reshape(-1, 3)
        self.relief = np.zeros(self.shape[0] * self.shape[1], np.float32)
        self.tile = bristles(self.rng)

    @property
    def image(self) -> Array:
        """The colour as rows, columns and channels (a view)."""
        return self.colour.reshape(*self.shape, 3)

    def ribbon(self, path: Array, width: Array | float) -> tuple[Array, Array, Array, Array]:
        """Pixels under a band along a path: index, u along (0 to 1), v across (-1 to 1), pixels along."""
        path = np.asarray(path, np.float32) * SS
        legs = np.hypot(*np.diff(path, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(legs)])
        wide = np.asarray(width, np.float32) * SS / 2
        turns = np.abs(np.diff(np.unwrap(np.arctan2(*np.diff(path, axis=0).T)))).sum()
        n = max(3, int((along[-1] + turns * wide.max()) / 0.75))
        s = np.linspace(0, along[-1], n)
        x, y = np.interp(s, along, path[:, 0]), np.interp(s, along, path[:, 1])
        tangent = np.gradient(path, axis=0)
        tx, ty = np.interp(s, along, tangent[:, 0]), np.interp(s, along, tangent[:, 1])
        size = np.hypot(tx, ty) + 1e-6
        half = np.interp(s, along, wide) if wide.ndim else np.full(n, wide)
        v = np.linspace(-1, 1, max(3, int(2 * half.max() / 0.75)), dtype=np.float32)
        px = (x[:, None] - (ty / size * half)[:, None] * v).astype(np.int32)
        py = (y[:, None] + (tx / size * half)[:, None] * v).astype(np.int32)
        inside = (px >= 0) & (py >= 0) & (px < self.shape[1]) & (py < self.shape[0])
        u = np.broadcast_to((s / along[-1]).astype(np.float32)[:, None], px.shape)
        run = np.broadcast_to(s.astype(np.float32)[:, None], px.shape)
        across = np.broadcast_to(v, px.shape)
        return (py * self.shape[1] + px)[inside], u[inside], across[inside], run[inside]

    def streak(self, v: Array, run: Array, width: float) -> Array:
        """Bristle marks for points of a stroke, from a random place on the tile."""
        rows, cols = self.tile.shape
        row = (v * (width * SS / 2) + self.rng.integers(rows)).astype(np.int32) % rows
        col = (run + self.rng.integers(cols)).astype(np.int32) % cols
        return self.tile[row, col]

    def stroke(
        self,
        path: Array,
        width: float,
        colour: Array,
        second: Array | None = None,
        brush: Brush | None = None,
        profile: Array | None = None,
    ) -> None:
        """One loaded brush stroke; a second colour streaks through the first, as on an unwashed brush."""
        brush = brush or Brush()
        index, u, v, run = self.ribbon(path, width if profile is None else width * profile)
        if not index.size:
            return
        streak = self.streak(v, run, width)
        ends = np.minimum(u * 14, 1.0) ** 0.5 * (1.0 - brush.taper * smoothstep(0.55, 1.0, u))
        side = 1.0 - np.abs(v) / np.clip(ends, 0.05, 1)
        edge = smoothstep(0.0, 0.10 + brush.ragged * 0.25, side + (streak - 0.5) * brush.ragged)
        load = 1.25 - brush.dry * (0.55 + 0.75 * u)
        alpha = (edge * smoothstep(-0.12, 0.12, load - streak) * brush.opacity)[:, None]
        tint = np.broadcast_to(colour, (index.size, 3))
        if second is not None:
            bias = self.rng.uniform(-0.5, 0.5)
            tint = mix(
                tint,
                second,
                (brush.blend * smoothstep(0.35, 0.75, streak * 0.6 + 0.25 + v * bias * 0.5))[:, None],
            )
        tint = tint * (1.0 + brush.tone * 2 * (streak - 0.5) - brush.tone * 0.6 * (v > 0.75))[:, None]
        self.colour[index] = mix(self.colour[index], tint, alpha)
        rim = np.exp(-(((np.abs(v) - 0.82) / 0.14) ** 2)) + 0.8 * np.exp(-(((u - 0.94) / 0.05) ** 2))
        body = (0.55 + 0.9 * (streak - 0.5) + brush.ridge * 0.5 * rim) * brush.thick
        self.relief[index] = mix(self.relief[index], self.relief[index] * 0.45 + body, alpha[:, 0])

    def dabs(self, points: Array, radii: Array, colours: Array, thick: float = 1.0, opacity: float = 0.95) -> None:
        """Touches of the brush's tip: irregular dots, each a small dome of paint."""
        rng = self.rng
        order = np.clip(np.round(radii * SS).astype(int), 1, 60)
        sprites = {r: [_sprite(rng, r) for _ in range(24)] for r in np.unique(order)}
        image, relief = self.image, self.relief.reshape(self.shape)
        picks, shades = rng.integers(24, size=len(points)), 1 + 0.05 * rng.standard_normal(len(points))
        for (x, y), r, colour, pick, shade in zip(points * SS, order, colours, picks, shades, strict=True):
            alpha, dome = sprites[r][pick]
            size = alpha.shape[0]
            x0, y0 = int(x) - size // 2, int(y) - size // 2
            if x0 < 0 or y0 < 0:
                alpha, dome = alpha[max(-y0, 0) :, max(-x0, 0) :], dome[max(-y0, 0) :, max(-x0, 0) :]
            spot = np.s_[max(y0, 0) : max(y0 + size, 0), max(x0, 0) : max(x0 + size, 0)]
            fit = relief[spot].shape
            alpha, dome = alpha[: fit[0], : fit[1]], dome[: fit[0], : fit[1]]
            cover = alpha * opacity
            tint = (colour * shade) * (0.93 + 0.12 * dome)[..., None]
            image[spot] += (tint - image[spot]) * cover[..., None]
            relief[spot] += (relief[spot] * -0.6 + dome * thick) * cover

    def layer(self, scene: Array, angle: Array, layer: Layer, where: Array | None = None) -> None:
        """Cover the picture (or where a chance map says) with strokes that take the scene's colours."""
        rng = self.rng
        points = grid(rng, (self.w, self.h), layer.spacing)
        if where is not None:
            points = points[rng.random(len(points)) < look_up(where, points)]
        if not len(points):
            return
        soft = blur(scene, layer.width * 0.25)
        n = len(points)
        lengths = layer.length * rng.uniform(0.65, 1.35, n)
        paths = streamlines(
            angle + layer.turn * rng.standard_normal(angle.shape).astype(np.float32) * 0.2, points, lengths
        )
        base = look_up(soft, points)
        colours = self.vary(base, layer)
        seconds = self.vary(base, layer)
        different = np.abs(look_up(soft, paths) - base[:, None]).sum(-1) > layer.stop * 3
        widths = layer.width * rng.uniform(0.7, 1.3, n)
        for i in range(n):
            first, last = _span(different[i])
            if last - first >= 2:
                path = paths[i, first : last + 1]
                path = path if rng.random() < 0.6 else path[::-1]
                self.stroke(path, widths[i], colours[i], seconds[i], layer.brush)

    def vary(self, base: Array, layer: Layer) -> Array:
        rng, n = self.rng, len(base)
        return shift(
            base,
            layer.hue * rng.standard_normal(n),
            1 + layer.sat * rng.standard_normal(n),
            1 + layer.val * rng.standard_normal(n),
        )

    def lit(self, strength: float = 1.0, gloss: float = 0.25, ground: Array | None = None) -> Array:
        """The colour with its relief lit from the upper left."""
        relief = self.relief.reshape(self.shape)
        if ground is not None:
            relief = relief + ground
        dy, dx = np.gradient(0.5 * relief + 0.5 * blur(relief, 2) + 1.2 * blur(relief, 7))
        slope = (dx * 0.75 + dy * 0.65) * strength
        shade = np.clip(1.0 + 0.55 * np.tanh(slope * 2.2), 0.3, 1.6)
        shine = gloss * smoothstep(0.18, 0.75, slope)
        return np.clip(self.image * shade[..., None] + shine[..., None], 0, 1)


def _sprite(rng: Rng, r: int) -> tuple[Array, Array]:
    """Cover and thickness of one dot of radius r: a lobed, slightly long blob with a raised rim."""
    half = int(r * 1.45) + 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    turn, stretch = rng.uniform(0, np.pi), rng.uniform(1.0, 1.3)
    u, v = (
        (x * np.cos(turn) + y * np.sin(turn)) / stretch,
        (y * np.cos(turn) - x * np.sin(turn)) * stretch**0.5,
    )
    a = np.arctan2(v, u)
    lobes = 1 + sum(rng.normal(0, 0.16 / k) * np.cos(k * a + rng.uniform(0, 6.28)) for k in (2, 3, 4, 6))
    d = np.hypot(u, v) / (r * lobes)
    alpha = 1 - smoothstep(1 - 1.2 / max(r, 2), 1 + 1.2 / max(r, 2), d)
    dome = np.clip(1 - d * d, 0, 1) ** 0.5 * 0.6 + 0.5 * np.exp(-(((d - 0.8) / 0.18) ** 2)) + 0.15 * u / r
    return alpha.astype(np.float32), dome.astype(np.float32)


def _span(cut: Array) -> tuple[int, int]:
    """The run of False around the middle of a path's cut flags."""
    middle = len(cut) // 2
    before, after = np.flatnonzero(cut[:middle]), np.flatnonzero(cut[middle + 1 :])
    first = int(before[-1]) + 1 if before.size else 0
    last = middle + int(after[0]) if after.size else len(cut) - 1
    return first, last


class Sheet:
    """A sheet of paper that takes thin colour: every wash is a filter over what lies below (subtractive)."""

    def __init__(self, width: int, height: int, rng: Rng, grain: Array) -> None:
        self.w, self.h, self.rng, self.grain = width, height, rng, grain
        self.canvas = Canvas(width, height, np.zeros(3, np.float32), rng)
        self.shape = self.canvas.shape
        spare = (self.shape[0] + 512, self.shape[1] + 512)
        self.wander = noise(rng, spare, 60 * SS, 5) + 0.6 * noise(rng, spare, 9 * SS, 3)
        self.flow = noise(rng, spare, 200 * SS, 5)

    def wash(
        self,
        mask: Array,
        colour: Array,
        strength: float = 1.0,
        second: Array | None = None,
        rough: float = 0.35,
        soft: float = 2.0,
        edge: float = 1.0,
        grain: float = 0.34,
        flow: float = 0.4,
        blooms: Sequence[tuple[float, float, float]] = (),
    ) -> None:
        """Lay a wash where a mask (finished size) says. `soft` is how far it bleeds, in pixels: small leaves
        a hard edge, where the pigment gathers as it dries. `blooms` are backruns: x, y and radius."""
        box = _bounds(mask, int(soft * 3 + 12))
        if box is None:
            return
        big = tuple(slice(side.start * SS, side.stop * SS) for side in box)
        shape = (big[0].stop - big[0].start, big[1].stop - big[1].start)
        dy, dx = self.rng.integers(0, 512, 2)
        wander, run = (a[dy:, dx:][big] for a in (self.wander, self.flow))
        inside = resize(blur(mask[box], soft), shape) + 0.16 * rough * wander
        slack = 0.06 if soft <= 6 else 0.45
        body = smoothstep(0.5 - slack, 0.5 + slack, inside)
        rim = np.clip(body - blur(body, 3.2 * SS), 0, 1) * 1.9 + np.clip(body - blur(body, 12 * SS), 0, 1) * 0.5
        amount = 0.75 + flow * 0.5 * run + edge * rim * (1.0 if soft <= 6 else 0.25)
        amount = amount + grain * (0.55 - self.grain[big]) * (1.2 + 0.3 * run)
        for x, y, r in blooms:
            amount = amount * self._bloom(big, wander, x, y, r)
        density = (np.clip(amount, 0.04, 3) * body * strength)[..., None]
        dye = -np.log(np.clip(colour, 0.02, 1))
        if second is not None:
            blend = smoothstep(-0.6, 0.6, run + 0.4 * wander[::-1])[..., None]
            dye = mix(dye, -np.log(np.clip(second, 0.02, 1)), blend)
        self.canvas.image[big] += density * dye

    def _bloom(self, big: tuple[slice, slice], wander: Array, x: float, y: float, r: float) -> Array:
        """A backrun: water pushed the pigment out of a lobed patch to its rim."""
        ys, xs = np.mgrid[big].astype(np.float32) / SS
        a = np.arctan2(ys - y, xs - x)
        lobes = 0.10 * np.sin(7 * a + r) + 0.07 * np.sin(13 * a + x) + 0.14 * wander
        d = np.hypot(xs - x, (ys - y) * 1.15) / r + lobes
        return 1 - 0.7 * (1 - smoothstep(0.5, 1.0, d)) + 0.9 * np.exp(-(((d - 1) / 0.055) ** 2)) * (d > 0.9)

    def brush(
        self,
        path: Array,
        width: float,
        colour: Array,
        strength: float = 1.0,
        dry: float = 0.3,
        profile: Array | None = None,
        rough: float = 0.3,
    ) -> None:
        """One stroke of a wet brush; a dry one leaves streaks and catches only the paper's peaks."""
        index, u, v, run = self.canvas.ribbon(path, width if profile is None else width * profile)
        if not index.size:
            return
        streak = self.canvas.streak(v, run, width)
        side = 1 - np.abs(v) / np.clip(np.minimum(u * 10, 1) * np.minimum((1 - u) * 8, 1), 0.15, 1)
        cover = smoothstep(0, 0.18 + 0.2 * rough, side + (streak - 0.5) * rough)
        bare = dry * (0.6 + 0.9 * u)
        tooth = self.grain.reshape(-1)[index]
        cover = cover * smoothstep(bare - 0.12, bare + 0.12, 0.62 * streak + 0.5 * tooth)
        pool = 0.8 + 0.35 * np.exp(-(((np.abs(v) - 0.85) / 0.12) ** 2)) + 0.25 * (streak - 0.5) + 0.3 * (0.5 - tooth)
        self.canvas.colour[index] += (cover * pool * strength)[:, None] * -np.log(np.clip(colour, 0.02, 1))

    def stick(
        self,
        path: Array,
        width: float,
        colour: Array,
        pressure: float = 0.6,
        strength: float = 1.0,
        under: float = 1.0,
        soft: float = 0.26,
        profile: Array | None = None,
    ) -> None:
        """One stroke of a dry stick (charcoal, crayon): it leaves itself on the paper's peaks, the deeper
        the harder it is pressed. `under` is how much of what lay below still shows, `soft` how crumbly the
        stick is."""
        index, u, v, run = self.canvas.ribbon(path, width if profile is None else width * profile)
        if not index.size:
            return
        streak = self.canvas.streak(v, run, width)
        ends = np.minimum(np.minimum(u, 1 - u) * 12, 1) ** 0.5
        press = pressure * (1 - 0.55 * v**4) * (0.55 + 0.45 * ends) + 0.30 * (streak - 0.5)
        cover = smoothstep(0.0, soft, press + self.grain.reshape(-1)[index] - 1.0)
        dye = -np.log(np.clip(colour, 0.02, 1)) * (strength * (0.85 + 0.3 * streak))[:, None]
        old = self.canvas.colour[index]
        self.canvas.colour[index] = mix(old, old * under + dye, cover[:, None])

    def spatter(
        self,
        n: int,
        colour: Array,
        region: tuple[float, float, float, float],
        size: float = 3.0,
        strength: float = 0.8,
    ) -> None:
        """Drops flicked off the brush over a region (x0, y0, x1, y1); negative strength lifts colour."""
        rng, x0, x1 = self.rng, region[0], region[2]
        for x, y in zip(rng.uniform(x0, x1, n), rng.uniform(region[1], region[3], n), strict=True):
            r = int(max(1, size * SS * rng.lognormal(-0.5, 0.6)))
            alpha, _ = _sprite(rng, r)
            half = alpha.shape[0] // 2
            cy, cx = int(y * SS), int(x * SS)
            if half < cy < self.shape[0] - half - 1 and half < cx < self.shape[1] - half - 1:
                spot = np.s_[cy - half : cy + half + 1, cx - half : cx + half + 1]
                ring = alpha * (0.6 + 0.6 * (1 - blur(alpha, r * 0.3)))
                self.canvas.image[spot] += (ring * strength)[..., None] * -np.log(np.clip(colour, 0.02, 1))

    def picture(self, tone: Array, bump: float = 0.5) -> Image.Image:
        """What the paper and the washes reflect, with the paper's surface lit from the side."""
        dy, dx = np.gradient(self.grain)
        shade = 1 + bump * np.clip(dx * 0.8 + dy * 0.6, -0.35, 0.35)
        tint = tone * (1 + 0.012 * self.flow[: self.shape[0], : self.shape[1], None])
        return finish(tint * np.exp(-np.clip(self.canvas.image, 0, 5)) * shade[..., None])


def _bounds(mask: Array, margin: int) -> tuple[slice, slice] | None:
    ys, xs = np.flatnonzero(mask.max(1) > 0.02), np.flatnonzero(mask.max(0) > 0.02)
    if not ys.size:
        return None
    return (
        slice(max(int(ys[0]) - margin, 0), min(int(ys[-1]) + margin, mask.shape[0])),
        slice(max(int(xs[0]) - margin, 0), min(int(xs[-1]) + margin, mask.shape[1])),
    )


def finish(colour: Array) -> Image.Image:
    """Floats at SS times the size as a picture at the finished size."""
    h, w = colour.shape[:2]
    image = Image.fromarray((np.clip(colour, 0, 1) * 255 + 0.5).astype(np.uint8))
    return image.resize((w // SS, h // SS), Image.Resampling.LANCZOS)


# --- paper -----------------------------------------------------------------------------------------------


def paper(rng: Rng, shape: tuple[int, int], cell: float = 7.0, fibre: float = 0.0) -> Array:
    """The height of a paper's surface, 0 (valley) to 1 (peak)."""
    rough = noise(rng, shape, cell, 3) + 0.35 * noise(rng, shape, cell * 5, 2)
    if fibre:
        rough += fibre * noise(rng, shape, (3, 60), 2) + fibre * noise(rng, shape, (60, 3), 2)
    return (0.5 + 0.5 * np.tanh(rough * 0.7)).astype(np.float32)
