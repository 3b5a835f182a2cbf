"""A head and shoulders to paint from: a sculpture of smoothly joined solids, lit from one side.

The form is a signed distance field (solids and smooth minimum as in Quilez's articles on distance functions),
found by sphere tracing (Hart 1996). What comes back is a picture's worth of planes: which material is seen, how
much light falls on it and which way its surface turns, so that marks can follow the form.

Head units: x to the right, y up, z towards the viewer; from chin to crown is about 2.2.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from strokes import blur, smoothstep

Array = np.ndarray
Field = Callable[[Array], Array]
SKIN, LIPS, WHITE, IRIS, BROW, HAIR, CLOTH = range(1, 8)
"""What a place of the sculpture is made of; 0 is nothing."""
EYE = np.array([0.285, 0.05, 0.585], np.float32)
EYEBALL = 0.155
COARSE = 2
"""The sculpture is traced at this fraction of the picture's size."""


@dataclass
class Bust:
    """What is seen of the sculpture, each an array (height, width): the material, the light from 0 to 1, the way
    round the form as an angle (radians, y down), and the unit normal (…, 3), y up."""

    material: Array
    light: Array
    angle: Array
    normal: Array

    def creases(self, reach: float = 2.0) -> Array:
        """1 where the form folds sharply: lids, nostrils, the side of the nose, between the lips."""
        n = self.normal
        turn = sum(np.abs(np.gradient(blur(n[..., i], reach), axis=axis)) for i in range(3) for axis in (0, 1))
        return smoothstep(0.16, 0.26, turn) * (self.material > 0)


def _ellipsoid(p: Array, at: tuple[float, float, float], radii: tuple[float, float, float]) -> Array:
    q = p - np.array(at, np.float32)
    r = np.array(radii, np.float32)
    far, steep = np.linalg.norm(q / r, axis=-1), np.linalg.norm(q / (r * r), axis=-1)
    return far * (far - 1) / np.maximum(steep, 1e-6)


def _ball(p: Array, at: tuple[float, float, float], r: float) -> Array:
    return np.linalg.norm(p - np.array(at, np.float32), axis=-1) - r


def _limb(
    p: Array, a: tuple[float, float, float], b: tuple[float, float, float], r0: float, r1: float | None = None
) -> Array:
    """A capsule from a to b whose radius runs from r0 to r1."""
    start, way = np.array(a, np.float32), np.array(b, np.float32) - np.array(a, np.float32)
    t = np.clip((p - start) @ way / (way @ way), 0, 1)
    r = r0 + ((r0 if r1 is None else r1) - r0) * t
    return np.linalg.norm(p - start - t[..., None] * way, axis=-1) - r


def _join(a: Array, b: Array, k: float) -> Array:
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return b + (a - b) * h - k * h * (1 - h)


def _carve(a: Array, b: Array, k: float) -> Array:
    return -_join(-a, b, k)


def _mirrored(p: Array) -> Array:
    """Both halves of the head are one: x without its sign."""
    q = p.copy()
    q[..., 0] = np.sqrt(q[..., 0] ** 2 + 1e-6)
    return q


def _skin(p: Array) -> Array:
    q = _mirrored(p)
    d = _ellipsoid(q, (0, 0.36, -0.16), (0.76, 0.80, 0.92))
    d = _join(d, _ellipsoid(q, (0, -0.22, 0.12), (0.575, 0.76, 0.60)), 0.25)
    d = _join(d, _limb(q, (0.36, -0.60, 0.05), (0.06, -0.86, 0.44), 0.16, 0.15), 0.24)  # jaw
    d = _join(d, _ball(q, (0, -0.90, 0.50), 0.15), 0.14)  # chin
    d = _join(d, _ellipsoid(q, (0.37, -0.20, 0.44), (0.20, 0.17, 0.18)), 0.22)  # cheekbone
    d = _join(d, _ellipsoid(q, (0, -0.52, 0.54), (0.27, 0.22, 0.20)), 0.18)  # muzzle
    d = _carve(d, _ellipsoid(q, (0.285, 0.06, 0.84), (0.20, 0.13, 0.20)), 0.16)  # eye socket
    d = _join(d, _limb(q, (0.10, 0.235, 0.73), (0.44, 0.25, 0.56), 0.055, 0.045), 0.12)  # brow
    d = _join(d, _limb(q, (0, 0.20, 0.70), (0, -0.20, 0.95), 0.065, 0.085), 0.10)  # nose
    d = _join(d, _ball(q, (0, -0.235, 0.955), 0.095), 0.06)
    d = _join(d, _ellipsoid(q, (0.105, -0.265, 0.845), (0.070, 0.065, 0.10)), 0.05)
    d = _carve(d, _ellipsoid(q, (0.055, -0.335, 0.90), (0.035, 0.03, 0.05)), 0.03)  # nostril
    d = _carve(d, _limb(q, (0, -0.34, 0.90), (0, -0.43, 0.82), 0.025), 0.05)  # groove of the lip
    d = _join(d, _limb(q, (0.02, -0.455, 0.745), (0.205, -0.487, 0.63), 0.055, 0.02), 0.05)  # upper lip
    d = _join(d, _limb(q, (0, -0.575, 0.735), (0.16, -0.535, 0.655), 0.065, 0.025), 0.05)  # lower lip
    d = _carve(d, _limb(q, (0, -0.512, 0.815), (0.21, -0.494, 0.68), 0.018, 0.012), 0.03)
    d = _carve(d, _ellipsoid(q, (0, -0.70, 0.76), (0.14, 0.045, 0.09)), 0.10)
    lid = np.linalg.norm(q - EYE, axis=-1) - (EYEBALL + 0.022)
    up = q[..., 1] - EYE[1]
    corner = 1.3 * (q[..., 0] - EYE[0]) ** 2  # the lids meet towards the corners
    lid_above = np.maximum(lid, 0.055 - corner - up)
    lid_below = np.maximum(lid, up + 0.062 - corner)
    d = _join(d, lid_above, 0.03)
    d = _join(d, lid_below, 0.03)
    ear = _ellipsoid(q, (0.745, -0.02, -0.12), (0.07, 0.23, 0.14))
    ear = _carve(ear, _ellipsoid(q, (0.83, 0.01, -0.08), (0.05, 0.13, 0.08)), 0.04)
    d = _join(d, ear, 0.06)
    d = _join(d, _limb(q, (0, -0.50, -0.28), (0, -1.50, -0.38), 0.34, 0.40), 0.12)  # neck
    d = _join(d, _limb(q, (0.50, -0.30, -0.20), (0.08, -1.34, 0.0), 0.08, 0.06), 0.16)
    return _join(d, _limb(q, (0.05, -1.52, -0.30), (1.12, -1.74, -0.45), 0.32, 0.32), 0.25)


def _eyes(p: Array) -> Array:
    return np.linalg.norm(_mirrored(p) - EYE, axis=-1) - EYEBALL


def _short_hair(p: Array) -> Array:
    """Combed back from the forehead, a full crown, to the nape."""
    wave = 0.018 * np.sin(p[..., 0] * 21 + 7 * p[..., 2] + 3 * np.sin(p[..., 1] * 5))
    d = _ellipsoid(p, (0, 0.46, -0.24), (0.86, 0.82, 0.98))
    d = _join(d, _ellipsoid(p, (0.22, 0.98, 0.30), (0.50, 0.26, 0.42)), 0.2)
    face = _ellipsoid(p, (0, 0.02, 0.75), (0.61, 0.70, 0.72))
    d = _carve(d, face, 0.10)
    q = _mirrored(p)
    d = _carve(d, _ellipsoid(q, (0.86, -0.14, -0.10), (0.20, 0.30, 0.20)), 0.06)
    return _carve(d, _ellipsoid(p, (0, -0.90, -0.2), (1.2, 0.72, 1.2)), 0.1) + wave


def _long_hair(p: Array) -> Array:
    """Parted in the middle and falling over the shoulders."""
    q = _mirrored(p)
    wave = 0.03 * np.sin(q[..., 0] * 16 + 4 * q[..., 2] + 2.5 * np.sin(p[..., 1] * 3.1))
    d = _ellipsoid(q, (0, 0.44, -0.22), (0.88, 0.80, 1.0))
    d = _join(d, _limb(q, (0.72, 0.25, -0.18), (0.84, -0.75, -0.20), 0.24, 0.27), 0.2)
    d = _join(d, _limb(q, (0.82, -0.75, -0.20), (0.72, -1.62, 0.12), 0.27, 0.20), 0.2)
    d = _join(d, _ellipsoid(q, (0, -0.5, -0.65), (0.80, 1.1, 0.42)), 0.2)
    face = _ellipsoid(q, (0, -0.16, 0.85), (0.57, 0.90, 0.80))
    d = _carve(d, face, 0.08)
    return _carve(d, _limb(q, (0, 1.5, 0.4), (0, 0.9, 0.62), 0.06, 0.05), 0.1) + wave


def _bun(p: Array) -> Array:
    """Combed up into a knot at the back of the head."""
    wave = 0.016 * np.sin(26 * np.arctan2(p[..., 0], p[..., 1] - 0.1) + 4 * p[..., 2])
    d = _ellipsoid(p, (0, 0.45, -0.24), (0.83, 0.78, 0.98))
    d = _join(d, _ellipsoid(p, (0, 1.20, -0.70), (0.38, 0.36, 0.36)), 0.1)
    face = _ellipsoid(p, (0, -0.06, 0.82), (0.60, 0.74, 0.78))
    d = _carve(d, face, 0.10)
    q = _mirrored(p)
    d = _carve(d, _ellipsoid(q, (0.86, -0.16, -0.10), (0.24, 0.28, 0.22)), 0.06)
    return _carve(d, _ellipsoid(p, (0, -0.95, -0.2), (1.2, 0.80, 1.2)), 0.1) + wave


HAIRSTYLES: dict[str, Field] = {"short": _short_hair, "long": _long_hair, "bun": _bun}


def _cloth(p: Array) -> Array:
    q = _mirrored(p)
    fold = 0.03 * np.sin(9 * q[..., 0] + 5 * p[..., 1] + 2 * np.sin(4 * p[..., 0]))
    d = _limb(q, (0.10, -1.78, -0.34), (1.16, -1.86, -0.45), 0.44, 0.38)
    d = _join(d, _ellipsoid(q, (0, -2.8, -0.35), (1.22, 1.35, 0.72)), 0.3)
    d = _join(d, _limb(q, (1.24, -2.0, -0.45), (1.46, -3.5, -0.2), 0.36, 0.34), 0.25)
    return _carve(d, _ellipsoid(q, (0, -1.36, 0.14), (0.40, 0.60, 0.5)), 0.08) + fold


def bust(
    size: tuple[int, int],
    at: tuple[float, float],
    unit: float,
    yaw: float,
    hair: str = "short",
    nod: float = 0.0,
    light: tuple[float, float, float] = (-0.62, 0.52, 0.58),
    look: float = 0.0,
) -> Bust:
    """The sculpture in a picture of a size (height, width): `at` is where the middle of the head stands (x, y),
    `unit` how many pixels a head unit has, `yaw` how far it is turned (radians, positive to the right), `nod` how
    far bent forward, `look` how far the eyes turn besides."""
    height, width = size[0] // COARSE, size[1] // COARSE
    at, unit = (at[0] / COARSE, at[1] / COARSE), unit / COARSE
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    turn = _rotation(yaw, nod)
    start = np.stack([(x - at[0]) / unit, (at[1] - y) / unit, np.full_like(x, 2.6)], -1).reshape(-1, 3) @ turn
    ray = np.array([0, 0, -1], np.float32) @ turn
    sun = np.array(light, np.float32) / np.linalg.norm(light) @ turn
    mane = HAIRSTYLES[hair]
    groups: tuple[Field, ...] = (_skin, _eyes, mane, _cloth)

    def field(p: Array) -> Array:
        return np.minimum.reduce([group(p) for group in groups])

    seen, far = _trace(field, start, ray, np.flatnonzero(_near(field, start.reshape(height, width, 3), ray)), 5.2)
    p = start[seen] + far[:, None] * ray
    normal = _normal(field, p)
    material = np.array([SKIN, WHITE, HAIR, CLOTH])[np.argmin([group(p) for group in groups], axis=0)]
    material = _features(material, p, look)
    shade = np.clip(normal @ sun, 0, 1) * _shadow(field, p + 0.03 * normal, sun)
    sky = 0.5 + 0.5 * normal[:, 1]
    open_air = np.clip(0.35 + 6.5 * np.minimum(field(p + 0.1 * normal), 0.1), 0, 1)
    total = np.clip(0.80 * shade + 0.24 * sky * open_air + 0.04, 0, 1)
    axis = np.where((material == HAIR)[:, None], np.array([1.0, 0.25, 0.2]), np.array([0.12, 1.0, 0.1]))
    around = np.cross(normal, axis.astype(np.float32)) @ turn.T
    planes = np.zeros((height * width, 8), np.float32)
    planes[seen, 0], planes[seen, 1] = material, total
    planes[seen, 2:5], planes[seen, 5:8] = around @ np.diag([1, -1, 0]).astype(np.float32), normal @ turn.T
    return _enlarged(planes.reshape(height, width, 8), size)


def _enlarged(planes: Array, size: tuple[int, int]) -> Bust:
    """The planes as large as the picture; the borders of the materials become smooth curves."""

    def larger(a: Array) -> Array:
        image = Image.fromarray(np.ascontiguousarray(a, np.float32))
        return np.asarray(image.resize(size[::-1], Image.Resampling.BICUBIC))

    material, best = np.zeros(size, np.int64), np.zeros(size, np.float32)
    for code in range(CLOTH + 1):
        share = larger(planes[..., 0] == code)
        material[share > best], best = code, np.maximum(share, best)
    there = planes[..., 0] > 0
    light, ax, ay, nx, ny, nz = (larger(_spread(planes[..., i], there)) for i in (1, 2, 3, 5, 6, 7))
    return Bust(material, np.clip(light, 0, 1), np.arctan2(ay, ax), np.stack([nx, ny, nz], -1))


def _spread(a: Array, there: Array) -> Array:
    """The plane carried a few pixels beyond the sculpture's outline."""
    for _ in range(3):
        near = [np.roll(np.where(there, a, 0), shift, axis) for axis in (0, 1) for shift in (-1, 1)]
        count = sum(np.roll(there, shift, axis).astype(np.float32) for axis in (0, 1) for shift in (-1, 1))
        a = np.where(there, a, sum(near) / np.maximum(count, 1))
        there = there | (count > 0)
    return a


def _rotation(yaw: float, nod: float) -> Array:
    """From the viewer's axes to the head's, for row vectors."""
    c, s, d, e = np.cos(yaw), np.sin(yaw), np.cos(nod), np.sin(nod)
    about_y = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], np.float32)
    about_x = np.array([[1, 0, 0], [0, d, e], [0, -e, d]], np.float32)
    return about_x @ about_y


def _near(field: Field, start: Array, ray: Array, coarse: int = 6) -> Array:
    """Where a ray may hit, from a coarse look, so that the many that pass by are not followed."""
    few = start[::coarse, ::coarse]
    hit = np.zeros(few.shape[0] * few.shape[1], bool)
    hit[_trace(field, few.reshape(-1, 3), ray, np.arange(hit.size), 5.2)[0]] = True
    padded = np.pad(hit.reshape(few.shape[:2]), 1)
    wide = np.logical_or.reduce([np.roll(padded, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)])[1:-1, 1:-1]
    return wide.repeat(coarse, 0).repeat(coarse, 1)[: start.shape[0], : start.shape[1]]


def _trace(field: Field, start: Array, ray: Array, alive: Array, end: float) -> tuple[Array, Array]:
    """Of the rays numbered in `alive` those that hit, and how far each goes."""
    far = np.zeros(len(start), np.float32)
    hits = []
    for _ in range(90):
        d = field(start[alive] + far[alive, None] * ray)
        hits.append(alive[d < 0.002])
        far[alive] += 0.8 * d
        alive = alive[(d >= 0.002) & (far[alive] < end)]
        if not alive.size:
            break
    seen = np.sort(np.concatenate(hits))
    return seen, far[seen]


def _normal(field: Field, p: Array) -> Array:
    step = 0.004
    slope = [field(p + step * e) - field(p - step * e) for e in np.eye(3, dtype=np.float32)]
    n = np.stack(slope, -1)
    return n / np.maximum(np.linalg.norm(n, axis=-1, keepdims=True), 1e-9)


def _shadow(field: Field, p: Array, sun: Array) -> Array:
    """How much of the light reaches each place, with soft edges."""
    open_to, far = np.ones(len(p), np.float32), np.full(len(p), 0.03, np.float32)
    for _ in range(24):
        d = field(p + far[:, None] * sun)
        open_to = np.minimum(open_to, np.clip(9 * d / far, 0, 1))
        far += np.clip(d, 0.03, 0.3)
    return open_to


def _features(material: Array, p: Array, look: float) -> Array:
    """Lips, irises and eyebrows are colour on the form, not form."""
    q = _mirrored(p)
    material = material.copy()
    lips = np.minimum(
        _limb(q, (0.02, -0.466, 0.76), (0.215, -0.492, 0.65), 0.064, 0.026),
        _limb(q, (0, -0.568, 0.75), (0.18, -0.515, 0.66), 0.070, 0.026),
    )
    material[(material == SKIN) & (lips < 0)] = LIPS
    gaze = EYE * np.where(p[:, :1] < 0, np.array([-1, 1, 1]), 1) + EYEBALL * np.array(
        [np.sin(look), -0.03, np.cos(look)]
    )
    material[(material == WHITE) & (np.linalg.norm(p - gaze, axis=-1) < 0.082)] = IRIS
    brow = np.minimum(
        _limb(q, (0.12, 0.285, 0.78), (0.34, 0.345, 0.70), 0.034, 0.030),
        _limb(q, (0.34, 0.345, 0.70), (0.52, 0.27, 0.54), 0.032, 0.010),
    )
    material[(material == SKIN) & (brow < 0.012)] = BROW
    return material
