"""The sample picture: a small town on a river, rendered from geometry so that it looks like a photograph.

A tiny ray caster: houses, church and bridge are convex solids (ray against half-spaces, as in Kay and
Kajiya 1986), lit by a sun with cast shadows and by the sky; the river mirrors a second rendering from
below the water, displaced by ripples; clouds, mountains and materials are fractal noise; trees and grass
are particles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from craft import (
    Array,
    blur,
    fbm_at,
    from_image,
    mix,
    noise_at,
    random_at,
    rgb,
    sample,
    shrink,
    smoothstep,
    to_image,
)

WIDTH, HEIGHT, SCALE = 1200, 800, 2
FOCAL, HORIZON, EYE = 1080.0 * SCALE, 345.0 * SCALE, 6.5
SUN = np.array([-0.62, 0.62, -0.48], np.float32) / np.float32(np.sqrt(0.62**2 * 2 + 0.48**2))
SUNLIGHT = np.array([2.15, 1.83, 1.42], np.float32)
SKYLIGHT = np.array([0.42, 0.55, 0.78], np.float32)
HAZE = np.array([0.66, 0.74, 0.83], np.float32)
LAND = 1.7


@dataclass
class Solid:
    """A convex solid: points p with normals · p ≤ offsets, in a frame turned about the vertical axis."""

    centre: Array
    turn: float
    normals: Array
    offsets: Array
    box: Array
    material: Callable[[Array, Array, Solid], Array]
    options: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        c, s = np.cos(self.turn), np.sin(self.turn)
        self.frame = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]], np.float32)

    def to_local(self, vectors: Array) -> Array:
        return vectors @ self.frame

    def corners(self) -> Array:
        low, high = self.box
        ends = [(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])]
        return np.array(ends, np.float32) @ self.frame.T + self.centre

    def cast(self, origin: Array, rays: Array) -> tuple[Array, Array]:
        """Distance along each ray (inf for a miss) and index of the face hit; origin (3,) or (n, 3)."""
        start = self.to_local(origin - self.centre)
        heading = self.to_local(rays)
        near = np.full(len(rays), 1e-3, np.float32)
        far = np.full(len(rays), np.inf, np.float32)
        face = np.full(len(rays), -1, np.int8)
        for i, (normal, offset) in enumerate(zip(self.normals, self.offsets, strict=True)):
            speed = heading @ normal
            t = (offset - start @ normal) / np.where(np.abs(speed) < 1e-7, 1e-7, speed)
            enter = (speed < 0) & (t > near)
            near = np.where(enter, t, near)
            face[enter] = i
            far = np.where(speed > 0, np.minimum(far, t), far)
        return np.where((near < far) & (face >= 0), near, np.inf), face


# ---- solids ----------------------------------------------------------------------------------------------

AXES = np.array([[-1, 0, 0], [1, 0, 0], [0, 0, -1], [0, 0, 1], [0, -1, 0], [0, 1, 0]], np.float32)


def block(centre: Array, turn: float, low: tuple, high: tuple, material: Callable, **options: object) -> Solid:
    low, high = np.array(low, np.float32), np.array(high, np.float32)
    offsets = np.array([-low[0], high[0], -low[2], high[2], -low[1], high[1]], np.float32)
    return Solid(centre, turn, AXES, offsets, np.stack([low, high]), material, options)


def house(
    x: float, z: float, turn: float, size: tuple, wall: str, roof: str, seed: int, **style: object
) -> list[Solid]:
    """Body with gables, two roof slabs that overhang, and chimneys; the ridge runs along local x."""
    length, depth, eaves, pitch = size
    centre = np.array([x, LAND - 0.2, z], np.float32)
    half = depth / 2
    steep = np.arctan2(pitch, half)
    slope = np.array([[0, np.cos(steep), -np.sin(steep)], [0, np.cos(steep), np.sin(steep)]], np.float32)
    level = np.float32(np.cos(steep) * (eaves + pitch))
    body = Solid(
        centre,
        turn,
        np.concatenate([AXES[:5], slope]),
        np.array([length / 2, length / 2, half, half, 0, level, level], np.float32),
        np.array([[-length / 2, 0, -half], [length / 2, eaves + pitch, half]], np.float32),
        wall_material,
        {"wall": rgb(wall), "seed": seed, "eaves": eaves, "length": length, "depth": depth, **style},
    )
    parts = [body]
    over, thick = 0.45, 0.28
    for side in (0, 1):
        outward = AXES[3] if side == 0 else AXES[2]
        normals = np.stack([slope[side], -slope[side], AXES[0], AXES[1], outward, AXES[4]])
        offsets = np.array(
            [level + thick, -level, length / 2 + over, length / 2 + over, 0.0, -(eaves - 0.5)], np.float32
        )
        low = [-length / 2 - over, eaves - 0.6, -half - 0.8 if side == 0 else 0]
        high = [length / 2 + over, eaves + pitch + 0.6, 0 if side == 0 else half + 0.8]
        parts.append(
            Solid(
                centre,
                turn,
                normals,
                offsets,
                np.array([low, high], np.float32),
                roof_material,
                {"roof": rgb(roof), "seed": seed + side},
            )
        )
    for i in range(style.get("chimneys", 1)):
        at = (0.28 - 0.55 * i) * length
        top = eaves + pitch + 1.1
        parts.append(block(centre, turn, (at - 0.45, eaves, 0.2), (at + 0.45, top, 1.1), brick_material, seed=seed))
        parts.append(
            block(centre, turn, (at - 0.58, top, 0.07), (at + 0.58, top + 0.22, 1.23), stone_material, seed=seed)
        )
    return parts


def spire(x: float, z: float, turn: float, base: float, radius: float, height: float, colour: str) -> Solid:
    """Eight-sided pyramid."""
    angles = np.arange(8) * np.pi / 4 + np.pi / 8
    rise = radius / height
    normals = np.stack([np.cos(angles), np.full(8, rise), np.sin(angles)], 1)
    normals = np.concatenate([normals, AXES[4:5]]).astype(np.float32)
    norm = np.linalg.norm(normals, axis=1)
    offsets = np.append(np.full(8, radius), 0).astype(np.float32) / norm
    bounds = np.array([[-radius * 1.1, 0, -radius * 1.1], [radius * 1.1, height, radius * 1.1]], np.float32)
    return Solid(
        np.array([x, base, z], np.float32),
        turn,
        (normals / norm[:, None]).astype(np.float32),
        offsets,
        bounds,
        slate_material,
        {"roof": rgb(colour), "seed": 91},
    )


def church() -> list[Solid]:
    x, z, turn = 11.5, 104.0, 0.32
    stone = {"wall": rgb("b9ab90"), "seed": 70}
    parts = house(x + 12, z + 3.5, turn, (20, 11, 11, 8), "b9ab90", "6e4a3c", 71, chimneys=0, church=True)
    at = np.array([x, LAND, z], np.float32)
    parts.append(block(at, turn, (-3.7, 0, -3.7), (3.7, 22, 3.7), tower_material, **stone))
    for level in (8.6, 17.2, 21.6):
        parts.append(block(at, turn, (-4.05, level, -4.05), (4.05, level + 0.6, 4.05), stone_material, **stone))
    parts.append(spire(x, z, turn, LAND + 22.2, 3.9, 11.5, "4f6a66"))
    parts.append(block(at, turn, (-0.09, 33, -0.09), (0.09, 35.8, 0.09), gold_material))
    parts.append(block(at, turn, (-0.7, 34.8, -0.09), (0.7, 35.0, 0.09), gold_material))
    return parts


# ---- materials: local point, face, solid → linear colour --------------------------------------------------


def _courses(u: Array, v: Array, wide: float, high: float, seed: int) -> tuple[Array, Array]:
    """Masonry in running bond: tone of each stone (−1…1) and a joint mask."""
    row = np.floor(v / high)
    shifted = u / wide + 0.5 * (row % 2) + 0.23 * random_at(row, seed)
    column = np.floor(shifted)
    edge = np.minimum.reduce(
        [(shifted - column) * wide, (1 - shifted + column) * wide, v - row * high, (row + 1) * high - v]
    )
    tone = random_at(column * 131 + row * 7919, seed) * 2 - 1
    return tone, smoothstep(0.0, 0.05 * max(high, 0.5), edge)


def _wall_plane(p: Array, face: Array) -> Array:
    return np.where((face == 0) | (face == 1), p[:, 2], p[:, 0])


def stone_material(p: Array, face: Array, solid: Solid) -> Array:
    u = np.where(face >= 4, p[:, 0], _wall_plane(p, face))
    v = np.where(face >= 4, p[:, 2], p[:, 1])
    tone, joint = _courses(u, v, 1.1, 0.5, solid.options.get("seed", 3))
    base = solid.options.get("wall", rgb("a59a86")) ** 2.2
    rough = fbm_at(u * 2.1, v * 2.1, 4, 5)
    shade = (0.85 + 0.13 * tone + 0.2 * rough) * (0.62 + 0.38 * joint)
    damp = smoothstep(1.6, 0.2, p[:, 1] + 0.4 * noise_at(u, v, 8))
    return mix(base * shade[:, None], rgb("39402a") ** 2.2 * 0.8, (0.55 * damp)[:, None])


def brick_material(p: Array, face: Array, solid: Solid) -> Array:
    u = _wall_plane(p, face)
    tone, joint = _courses(u, p[:, 1], 0.3, 0.12, 4)
    colour = mix(rgb("c9b8a4") ** 2.2, rgb("8c4a36") ** 2.2 * (1 + 0.25 * tone[:, None]), joint[:, None])
    return colour * (1 + 0.2 * fbm_at(u * 3, p[:, 1] * 3, 3, 6))[:, None]


def gold_material(p: Array, face: Array, solid: Solid) -> Array:
    return np.tile(np.array([0.8, 0.55, 0.12], np.float32), (len(p), 1))


def roof_material(p: Array, face: Array, solid: Solid) -> Array:
    slope = np.hypot(p[:, 1], p[:, 2])
    tone, joint = _courses(p[:, 0], slope, 0.34, 0.3, solid.options["seed"])
    lip = (slope / 0.3) % 1
    patch = fbm_at(p[:, 0] * 0.5, slope * 0.5, 4, solid.options["seed"])
    base = solid.options["roof"] ** 2.2
    shade = (0.95 + 0.22 * tone + 0.26 * patch) * (0.6 + 0.4 * joint) * (0.72 + 0.38 * lip)
    moss = smoothstep(0.35, 0.9, fbm_at(p[:, 0] * 0.9 + 40, slope * 0.9, 4, 12))
    return mix(base * shade[:, None], rgb("5b5a3c") ** 2.2, (0.5 * moss)[:, None])


def slate_material(p: Array, face: Array, solid: Solid) -> Array:
    angle = np.arctan2(p[:, 2], p[:, 0]) * 4
    tone, joint = _courses(angle, p[:, 1], 0.5, 0.42, 17)
    streak = fbm_at(angle * 2, p[:, 1] * 0.15, 4, 33)
    return solid.options["roof"] ** 2.2 * ((0.95 + 0.2 * tone + 0.25 * streak) * (0.6 + 0.4 * joint))[:, None]


def _paint(colour: Array, mask: Array, paint: Array | str, strength: float = 1.0) -> Array:
    paint = rgb(paint) ** 2.2 if isinstance(paint, str) else paint
    return mix(colour, paint, (mask * strength)[:, None])


def _rect(u: Array, v: Array, left: float, low: float, right: float, high: float, soft: float = 0.035) -> Array:
    """Mask of a rectangle with soft borders."""
    inside = np.minimum.reduce([u - left, right - u, v - low, high - v])
    return smoothstep(-soft, soft, inside)


def _window(colour: Array, u: Array, v: Array, key: Array, shutter: Array) -> Array:
    """One casement centred on u = 0 with the sill at v = 0; u and v in metres."""
    colour = _paint(colour, _rect(u, v, -0.75, -0.55, 0.95, 0.0, 0.25), "2a241e", 0.35)  # shadow under sill
    for side in (-1, 1):
        centre = side * 0.86
        slats = 0.82 + 0.18 * np.sin(v * 42)
        colour = _paint(colour, _rect(u, v, centre - 0.33, 0, centre + 0.33, 1.5), shutter * slats[:, None])
    colour = _paint(colour, _rect(u, v, -0.6, -0.12, 0.6, 1.58), "e6dfd0")
    sky = mix(
        rgb("10161c") ** 2.2,
        rgb("6f8ba3") ** 2.2,
        smoothstep(0.1, 1.6, v + 0.5 * noise_at(u * 2 + key, v * 2, 2))[:, None],
    )
    lit = (random_at(key, 77) > 0.86)[:, None]
    curtain = smoothstep(0.18, 0.4, np.abs(u) + 0.06 * np.sin(v * 9))[:, None] * 0.5
    glass = np.where(lit, rgb("d9a55a") ** 2.2, mix(sky, rgb("b8b3a6") ** 2.2, curtain))
    colour = _paint(colour, _rect(u, v, -0.5, 0.05, 0.5, 1.45), glass)
    colour = _paint(colour, _rect(u, v, -0.5, 1.2, 0.5, 1.45, 0.12), "0c0d0f", 0.6)  # lintel's shadow
    bars = np.maximum(_rect(u, v, -0.045, 0.05, 0.045, 1.45), _rect(u, v, -0.5, 0.88, 0.5, 0.96))
    colour = _paint(colour, bars, "d8d0c0")
    return _paint(colour, _rect(u, v, -0.7, -0.16, 0.7, -0.02), "cfc6b4")


def _timber(colour: Array, u: Array, v: Array, pitch: float, floor: float) -> Array:
    """Half-timbering above the ground floor: posts, rails and braces."""
    cell = u / pitch
    near = np.abs(cell - np.round(cell)) * pitch
    beam = smoothstep(0.16, 0.11, near)
    rail = np.abs((v - floor) / 1.45 - np.round((v - floor) / 1.45)) * 1.45
    beam = np.maximum(beam, smoothstep(0.15, 0.1, rail))
    local = (cell % 1) * pitch
    flip = np.where(np.floor(cell) % 2 == 0, local, pitch - local)
    brace = np.abs(((v - floor) % 2.9) * 0.55 - flip) * 0.85
    beam = np.maximum(beam, smoothstep(0.14, 0.09, brace) * (np.floor(cell) % 3 == 0))
    beam *= v > floor - 0.12
    grain = fbm_at(u * 9, v * 9, 3, 31)
    return _paint(colour, beam, rgb("49301f") ** 2.2 * (1 + 0.35 * grain[:, None]))


def wall_material(p: Array, face: Array, solid: Solid) -> Array:
    o = solid.options
    u, v, seed = _wall_plane(p, face), p[:, 1], o["seed"]
    if o.get("church"):
        return _nave(p, face, solid)
    plaster = fbm_at(u * 0.7 + seed, v * 0.7, 5, seed)
    fine = noise_at(u * 14, v * 14, seed)
    stain = smoothstep(0.0, 1.4, fbm_at(u * 1.6, v * 0.25, 4, seed + 3)) * smoothstep(0.5, 1.0, v / o["eaves"])
    colour = o["wall"] ** 2.2 * (0.95 + 0.1 * plaster + 0.05 * fine - 0.3 * stain)[:, None]
    ground = smoothstep(1.0, 0.5, v + 0.15 * plaster)
    colour = _paint(colour, ground, "8b8172", 0.8)
    pitch = o.get("pitch", 2.6)
    if o.get("timber"):
        colour = _timber(colour, u, v, pitch / 2, 3.1)
    shutter = rgb(o.get("shutter", "4d6b57")) ** 2.2
    column, storey = np.floor(u / pitch), np.floor((v - 0.35) / 2.9)
    margin = np.abs((column + 0.5) * pitch) < np.where(face <= 1, o["depth"], o["length"]) / 2 - 0.9
    here = margin & (v < o["eaves"] + 2.6) & ((v < o["eaves"]) | (face <= 1) & (np.abs(u) < 2.2))
    key = (column * 31 + storey * 101 + face * 57 + seed * 13).astype(np.int64)
    wu, wv = u - (column + 0.5) * pitch, v - 0.35 - storey * 2.9 - 0.95
    is_door = (storey == 0) & (column == o.get("door", 0))
    choose = np.flatnonzero(here & ~is_door & (storey >= 0))
    colour[choose] = _window(colour[choose], wu[choose], wv[choose], key[choose], shutter)
    choose = np.flatnonzero(here & is_door)
    colour[choose] = _door(colour[choose], wu[choose], v[choose], shutter)
    under = smoothstep(o["eaves"] - 1.3, o["eaves"] - 0.1, v) * (face >= 2)
    return colour * (1 - 0.35 * under - 0.35 * smoothstep(0.9, 0.0, v))[:, None]


def _door(colour: Array, u: Array, v: Array, paint: Array) -> Array:
    arch = 2.15 + 0.35 * np.sqrt(np.clip(1 - (u / 0.7) ** 2, 0, 1))
    colour = _paint(colour, smoothstep(0.04, -0.04, np.maximum(np.abs(u) - 0.85, v - arch - 0.2)), "b5aa96")
    planks = 0.75 + 0.25 * smoothstep(0.0, 0.12, np.abs((u / 0.24) % 1 - 0.5))
    return _paint(
        colour, smoothstep(0.03, -0.03, np.maximum(np.abs(u) - 0.62, v - arch)), paint * 0.7 * planks[:, None]
    )


def _nave(p: Array, face: Array, solid: Solid) -> Array:
    colour = stone_material(p, face, solid)
    u, v = _wall_plane(p, face), p[:, 1]
    wu = (u / 3.4) % 1 * 3.4 - 1.7
    top = 7.2 + 1.6 * np.sqrt(np.clip(1 - np.abs(wu) / 0.95, 0, 1))
    inside = np.minimum.reduce([0.85 - np.abs(wu), v - 2.6, top - v])
    colour = _paint(colour, smoothstep(-0.3, -0.2, inside), "cfc3aa")
    glass = rgb("1c2530") ** 2.2 * (1 + 0.8 * random_at(np.floor(wu * 3) + 57 * np.floor(v * 2.5), 3)[:, None])
    colour = _paint(colour, smoothstep(-0.05, 0.05, inside), glass)
    return _paint(colour, smoothstep(0.07, 0.03, np.abs(wu)) * (inside > 0), "b5a98f")


def tower_material(p: Array, face: Array, solid: Solid) -> Array:
    colour = stone_material(p, face, solid)
    u, v = _wall_plane(p, face), p[:, 1]
    corner = smoothstep(2.95, 3.05, np.abs(u))
    colour *= (1 + 0.22 * corner)[:, None]
    for shift in (-1.0, 1.0):  # belfry openings with louvres
        w = u - shift
        top = 16.0 + 0.7 * np.sqrt(np.clip(1 - (w / 0.7) ** 2, 0, 1))
        inside = np.minimum.reduce([0.65 - np.abs(w), v - 13.0, top - v])
        colour = _paint(colour, smoothstep(-0.28, -0.2, inside), "cdbfa3")
        louvre = rgb("2c2620") ** 2.2 * (0.6 + 1.2 * ((v * 2.2) % 1))[:, None]
        colour = _paint(colour, smoothstep(-0.04, 0.04, inside), louvre)
    inside = np.minimum.reduce([0.4 - np.abs(u), v - 5.2, 7.6 - v])
    colour = _paint(colour, smoothstep(-0.04, 0.04, inside), "1a1815")
    return _clock(colour, u, v - 19.55)


def _clock(colour: Array, u: Array, v: Array) -> Array:
    r = np.hypot(u, v)
    colour = _paint(colour, smoothstep(1.75, 1.68, r), "a8802f")
    colour = _paint(colour, smoothstep(1.58, 1.52, r), "efe8d6")
    ticks = np.abs(((np.arctan2(v, u) / (np.pi / 6)) % 1) - 0.5) > 0.38
    colour = _paint(colour, ticks * (r > 1.12) * (r < 1.45) * 1.0, "1d1a17")
    for angle, reach in ((1.1, 1.2), (2.7, 0.85)):
        along, across = u * np.cos(angle) + v * np.sin(angle), u * np.sin(angle) - v * np.cos(angle)
        colour = _paint(colour, smoothstep(0.1, 0.05, np.abs(across)) * (along > -0.2) * (along < reach), "1d1a17")
    return colour


# ---- scene -----------------------------------------------------------------------------------------------


def town() -> list[Solid]:
    rows = [
        # x, z, turn, (length, depth, eaves, pitch), wall, roof, options
        (-13.5, 80, 1.45, (10, 8, 6.2, 4.6), "e3cfa4", "a4553a", {"timber": True, "shutter": "6a3b2c"}),
        (-3.6, 81, 0.12, (9, 8.5, 8.9, 3.8), "d99f7c", "8e4634", {"shutter": "3f5f58", "chimneys": 2}),
        (6.4, 80, 1.42, (10, 8.5, 8.8, 5.0), "ece3cf", "a65c40", {"timber": True, "shutter": "5c6f4a"}),
        (16.4, 81.5, -0.06, (10.5, 9, 6.1, 4.3), "c9b37e", "95503b", {"shutter": "7b3f35", "chimneys": 2}),
        (27.6, 80, 1.5, (10, 8, 9.0, 4.8), "dcc2b0", "7f4636", {"shutter": "44556f"}),
        (38.0, 83, 0.1, (12, 9, 6.0, 4.6), "e8d9b0", "a2573c", {"timber": True, "shutter": "55704f"}),
        (-7.5, 97, 0.3, (12, 9, 8.8, 5.0), "cfc1a6", "93503d", {"shutter": "4d5c6b"}),
        (28, 100, 1.2, (12, 9, 9.5, 5.2), "e2d0ab", "8a4838", {"shutter": "6b4c3b", "chimneys": 2}),
        (44, 102, 0.3, (13, 9, 9.0, 5.0), "d7b795", "9a5440", {"shutter": "4d6b57"}),
        (-53, 90, 0.5, (11, 8, 5.8, 4.6), "e7dabd", "9c5038", {"timber": True, "shutter": "5d3d33"}),
        (-66, 99, -0.2, (12, 9, 6.0, 4.8), "d3b58c", "8c4a38", {"shutter": "465f6a"}),
    ]
    solids = church()
    for i, (x, z, turn, size, wall, roof, style) in enumerate(rows):
        solids += house(x, z, turn, size, wall, roof, 100 + i * 10, **style)
    return solids + bridge()


def bridge() -> list[Solid]:
    at = np.array([0.0, 0.0, 84.0], np.float32)
    look = {"wall": rgb("a8997f"), "seed": 40}
    deck = block(at, 0.0, (-47, 0, 0), (-18, 6.0, 6), stone_material, arches=True, **look)
    parapet = block(at, 0.0, (-48, 6.0, -0.25), (-18, 6.35, 6.2), stone_material, **look)
    rail = block(at, 0.0, (-48, 6.35, 0), (-18, 7.2, 0.5), stone_material, **look)
    piers = [block(at, 0.0, (x - 1.0, 0, -1.3), (x + 1.0, 2.6, 7.3), stone_material, **look) for x in (-37.2, -27.8)]
    return [deck, parapet, rail, *piers]


ARCHES = ((-41.9, 3.9), (-32.5, 3.9), (-23.1, 3.9))


def cast_arches(solid: Solid, origin: Array, rays: Array) -> tuple[Array, Array]:
    """The bridge with its three barrel vaults cut out; face 6 is the inside of a vault."""
    t, face = solid.cast(origin, rays)
    rise = 4.9
    start = origin - solid.centre
    point = start + np.where(np.isfinite(t), t, 0)[:, None] * rays
    for x0, half in ARCHES:
        open_ = ((point[:, 0] - x0) / half) ** 2 + (np.clip(point[:, 1], 0, None) / rise) ** 2 < 1
        through = np.flatnonzero(open_ & (face == 2))
        if not len(through):
            continue
        d = rays[through]
        s = np.broadcast_to(start, rays.shape)[through]
        a = (d[:, 0] / half) ** 2 + (d[:, 1] / rise) ** 2
        b = (s[:, 0] - x0) * d[:, 0] / half**2 + s[:, 1] * d[:, 1] / rise**2
        c = ((s[:, 0] - x0) / half) ** 2 + (s[:, 1] / rise) ** 2 - 1
        leave = (-b + np.sqrt(np.maximum(b * b - a * c, 0))) / np.maximum(a, 1e-9)
        at = s + leave[:, None] * d
        hit = (at[:, 2] < 6) & (at[:, 1] > 0)
        t[through] = np.where(hit, leave, np.inf)
        face[through] = 6
    return t, face


def bank_edge(x: Array) -> Array:
    """Distance at which the far bank begins; the river leaves the picture between x = −46 and −18."""
    wobble = 1.2 * noise_at(x * 0.11, x * 0, 4) + 0.5 * noise_at(x * 0.6, x * 0, 5)
    gap = smoothstep(-19, -17, x) + smoothstep(-57, -61, x)
    return 71 + wobble + (1 - gap) * 150


@dataclass
class View:
    """Camera above the water, or its mirror image below."""

    mirrored: bool

    def __post_init__(self) -> None:
        self.sign = -1.0 if self.mirrored else 1.0
        self.origin = np.array([0, EYE * self.sign, 0], np.float32)
        self.first = int(HORIZON) if self.mirrored else 0
        self.shape = (HEIGHT * SCALE - self.first, WIDTH * SCALE)
        y, x = np.mgrid[0 : self.shape[0], 0 : self.shape[1]].astype(np.float32)
        x = (x + 0.5 - WIDTH * SCALE / 2) / FOCAL
        y = (HORIZON - y - self.first - 0.5) / FOCAL * self.sign
        self.rays = np.stack([x, y, np.ones_like(x)], -1).reshape(-1, 3)

    def project(self, points: Array) -> tuple[Array, Array]:
        depth = np.maximum(points[:, 2], 1)
        x = WIDTH * SCALE / 2 + FOCAL * points[:, 0] / depth
        y = HORIZON - FOCAL * (points[:, 1] - self.origin[1]) / depth * self.sign - self.first
        return x, y

    def window(self, solid: Solid) -> Array:
        """Indices of the pixels that the solid can cover."""
        x, y = self.project(solid.corners())
        rows = np.arange(max(int(y.min()) - 2, 0), min(int(y.max()) + 3, self.shape[0]))
        columns = np.arange(max(int(x.min()) - 2, 0), min(int(x.max()) + 3, self.shape[1]))
        return (rows[:, None] * self.shape[1] + columns).ravel()


def shadow(points: Array, solids: list[Solid], crowns: Array) -> Array:
    """Sunlight that arrives, 0–1: rays to the sun, culled in the plane across the sun's direction."""
    right = np.array([SUN[2], 0, -SUN[0]], np.float32) / np.hypot(SUN[0], SUN[2])
    up = np.cross(SUN, right)
    u, v, w = points @ right, points @ up, points @ SUN
    light = np.ones(len(points), np.float32)
    for solid in solids:
        c = solid.corners()
        cu, cv, cw = c @ right, c @ up, c @ SUN
        at = np.flatnonzero(
            (u > cu.min()) & (u < cu.max()) & (v > cv.min()) & (v < cv.max()) & (w < cw.max()) & (light > 0)
        )
        if len(at):
            t, _ = solid.cast(points[at] + 0.04 * SUN, np.broadcast_to(SUN, (len(at), 3)))
            light[at[np.isfinite(t)]] = 0
    for x, y, z, r in crowns:
        c = np.array([x, y, z], np.float32)
        near = np.hypot(u - c @ right, v - c @ up)
        at = np.flatnonzero((near < r * 1.3) & (w < c @ SUN))
        ragged = near[at] / r + 0.3 * fbm_at(u[at] * 1.5, v[at] * 1.5, 3, 9)
        light[at] *= smoothstep(0.7, 1.05, ragged)
    return light


def shade(colour: Array, normal: Array, light: Array) -> Array:
    direct = np.clip(normal @ SUN, 0, None) * light
    ambient = 0.55 + 0.35 * normal[:, 1] - 0.12 * normal[:, 0]
    bounce = np.clip(-normal[:, 1], 0, 1) * 0.25 + 0.08
    return colour * (direct[:, None] * SUNLIGHT + ambient[:, None] * SKYLIGHT + bounce[:, None] * rgb("b0a080"))


def sky(rays: Array) -> Array:
    """Blue gradient with cumulus: density thresholds fractal noise, lit by its difference towards the sun."""
    x = rays[:, 0]
    e = np.clip(rays[:, 1], 0.0, None)
    base = mix(
        np.array([0.62, 0.75, 0.88], np.float32),
        np.array([0.10, 0.25, 0.56], np.float32),
        (np.clip(e / 0.42, 0, 1) ** 0.75)[:, None],
    )
    warm = np.exp(-((x + 0.6) ** 2 + (e - 0.1) ** 2) * 5)
    base = base + warm[:, None] * np.array([0.18, 0.12, 0.04], np.float32)
    far = 1 / (e + 0.32)
    cx, cy = x * far * 2.9 + 3.1, far * 2.5

    def density(px: Array, py: Array) -> Array:
        warp = fbm_at(px * 1.1, py * 1.1, 3, 51)
        billow = 1 - np.abs(fbm_at(px * 2.2 + warp * 0.5, py * 2.6, 5, 61, 0.55)) * 1.4
        return 0.75 * fbm_at(px * 0.8 + 0.3 * warp, py * 0.9, 4, 71, 0.5) + 0.42 * billow

    thick = density(cx, cy)
    toward = density(cx - 0.16, cy - 0.22)
    cover = smoothstep(0.18, 0.62, thick)
    lit = np.clip(0.62 + 0.75 * (thick - toward) - 0.22 * np.clip(thick - 0.5, 0, 1), 0, 1.2)
    cloud = mix(np.array([0.40, 0.47, 0.58], np.float32), np.array([1.22, 1.13, 1.0], np.float32), lit[:, None])
    cloud = mix(cloud, HAZE * 1.1, (np.exp(-e * 14) * 0.7)[:, None])
    wisp = smoothstep(0.1, 1.3, fbm_at(x * far * 1.0 + 9, far * 5 + x, 5, 81, 0.6)) * 0.35
    base = mix(base, np.array([0.9, 0.93, 0.97], np.float32), wisp[:, None])
    return mix(base, cloud, (cover * 0.96)[:, None])


def mountains(colour: Array, rays: Array) -> Array:
    """Ridges from far to near, each with relief shading, woods or snow, and less haze."""
    layers = [
        # height, roughness, base, haze, seed, colour, snow, wavelength
        (0.135, 0.085, 0.075, 0.42, 5, "5f6f86", True, 3.2),
        (0.085, 0.05, 0.035, 0.38, 15, "4f6570", False, 4.0),
        (0.058, 0.03, 0.012, 0.26, 28, "44593f", False, 5.5),
        (0.03, 0.016, 0.0, 0.14, 35, "3f5230", False, 8.0),
    ]
    x, y = rays[:, 0], rays[:, 1]
    for height, rough, _, haze, seed, tint, snow, wave in layers:
        profile = fbm_at(x * wave + seed, x * 0 + seed, 6, seed, 0.48)
        sharp = height + rough * (profile if not snow else 0.9 - 1.7 * np.abs(profile) + 0.35 * x)
        at = np.flatnonzero((y < sharp + 0.002) & (y > -0.03))
        px, py, top = x[at], y[at], sharp[at]
        s = 60.0 if not snow else 26.0
        wx = px + 0.25 * (top - py)
        relief = fbm_at(wx * s, py * s * 1.1, 5, seed + 2, 0.55) - fbm_at(
            (wx - 0.006) * s, (py + 0.006) * s * 1.1, 5, seed + 2, 0.55
        )
        tree = noise_at(px * 900, py * 1300, seed) * (0 if snow else 0.28)
        base = rgb(tint) ** 2.2 * 1.5
        if snow:
            line = smoothstep(0.0, 0.03, py - 0.12 + 0.03 * fbm_at(px * 40, py * 60, 4, 3))
            base = mix(base, np.array([0.85, 0.88, 0.93], np.float32), (line * 0.9)[:, None])
        else:
            meadow = smoothstep(0.25, 0.6, fbm_at(px * 14, py * 40, 3, seed + 8)) * (1 if haze < 0.5 else 0.4)
            base = mix(base, rgb("8b9a52") ** 2.2 * 1.3, meadow[:, None])
            tree = tree * (1 - 0.8 * meadow)
        lit = base * np.clip(0.85 + 1.5 * relief + tree, 0.15, 2.2)[:, None]
        mist = haze + 0.25 * smoothstep(0.03, 0.0, py)
        lit = mix(lit, HAZE, np.clip(mist, 0, 1)[:, None])
        cover = smoothstep(-0.0006, 0.0006, top - py)
        colour[at] = mix(colour[at], lit, cover[:, None])
    return colour


def ground(colour: Array, depth: Array, view: View, solids: list[Solid], crowns: Array) -> Array:
    """Far bank: meadow and lane on top, stone embankment below; returns the water mask."""
    rays = view.rays
    down = rays[:, 1] * view.sign < -1e-4
    at = np.flatnonzero(down)
    slope = rays[at, 1]
    top = (LAND - view.origin[1]) / slope
    sea = (0 - view.origin[1]) / slope
    on_top = top > bank_edge(top * rays[at, 0])
    in_bank = sea > bank_edge(sea * rays[at, 0])
    water = np.zeros(len(rays), bool)
    if view.mirrored:
        wall = on_top & ~in_bank
    else:
        wall = in_bank & ~on_top
        water[at[~in_bank & ~on_top]] = True
        _lay(colour, depth, at[on_top], top[on_top], view, meadow, AXES[5], solids, crowns)
    x = sea[wall] * rays[at[wall], 0]
    _lay(
        colour, depth, at[wall], np.clip(bank_edge(x), top[wall], sea[wall]), view, embankment, AXES[2], solids, crowns
    )
    return water


def _lay(
    colour: Array,
    depth: Array,
    at: Array,
    t: Array,
    view: View,
    paint: Callable,
    normal: Array,
    solids: list[Solid],
    crowns: Array,
) -> None:
    point = view.origin + t[:, None] * view.rays[at]
    light = shadow(point, solids, crowns)
    lit = shade(paint(point), np.broadcast_to(normal, point.shape), light)
    colour[at] = haze(lit, t)
    depth[at] = t


def haze(colour: Array, distance: Array) -> Array:
    return mix(colour, HAZE, (0.5 * (1 - np.exp(-np.clip(distance - 30, 0, None) / 330)))[:, None])


def meadow(p: Array) -> Array:
    x, z = p[:, 0], p[:, 2]
    tone = fbm_at(x * 0.3, z * 0.3, 6, 20, 0.6)
    grass = mix(rgb("5d7a34") ** 2.2, rgb("93994f") ** 2.2, np.clip(0.5 + 0.5 * tone, 0, 1)[:, None])
    lane = smoothstep(74.9, 75.4, z + 0.3 * tone) * smoothstep(78.5, 77.7, z + 0.3 * tone) * (x > -20)
    grass = mix(grass, rgb("b7a68a") ** 2.2 * (1 + 0.2 * tone[:, None]), lane[:, None])
    return grass * (0.9 + 0.3 * noise_at(x * 4, z * 2, 3))[:, None]


def embankment(p: Array) -> Array:
    x, y = p[:, 0], p[:, 1]
    tone, joint = _courses(x, y, 0.9, 0.42, 60)
    rough = fbm_at(x * 2, y * 2, 4, 30)
    stone = rgb("8f8570") ** 2.2 * ((0.85 + 0.2 * tone + 0.25 * rough) * (0.5 + 0.5 * joint))[:, None]
    weed = smoothstep(0.75, 0.25, y + 0.2 * rough)
    ivy = smoothstep(0.1, 0.7, fbm_at(x * 0.35, y * 0.9, 4, 90) + 0.4 * (y - 0.9))
    stone = mix(stone, rgb("4a6030") ** 2.2 * (1 + 0.5 * rough[:, None]), (ivy * 0.9)[:, None])
    return mix(stone, rgb("2c3020") ** 2.2, (0.75 * weed)[:, None])


def render(view: View, solids: list[Solid], crowns: Array) -> tuple[Array, Array, Array]:
    """Linear colour, distance and water mask."""
    n = len(view.rays)
    colour = sky(view.rays)
    colour = mountains(colour, view.rays)
    depth = np.full(n, 1e6, np.float32)
    water = ground(colour, depth, view, solids, crowns)
    nearest = depth.copy()
    owner = np.full(n, -1, np.int16)
    faces = np.full(n, -1, np.int8)
    for i, solid in enumerate(solids):
        at = view.window(solid)
        if not len(at):
            continue
        cast = cast_arches if solid.options.get("arches") else Solid.cast
        t, face = cast(solid, view.origin, view.rays[at])
        y = view.origin[1] + t * view.rays[at, 1]
        closer = (t < nearest[at]) & (y > -0.01)
        hit = at[closer]
        nearest[hit], owner[hit], faces[hit] = t[closer], i, face[closer]
    for i, solid in enumerate(solids):
        at = np.flatnonzero(owner == i)
        if len(at):
            colour[at] = _surface(solid, view, at, nearest[at], faces[at], solids, crowns)
            water[at] = False
    return colour, nearest, water


def _surface(solid: Solid, view: View, at: Array, t: Array, face: Array, solids: list[Solid], crowns: Array) -> Array:
    point = view.origin + t[:, None] * view.rays[at]
    local = solid.to_local(point - solid.centre)
    inside = face == 6 if solid.options.get("arches") else np.zeros(len(face), bool)
    normal = solid.normals[np.where(inside, 4, face)] @ solid.frame.T
    paint = solid.material(local, np.where(inside, 2, face), solid)
    light = shadow(point + 0.02 * normal, solids, crowns)
    light[inside] = 0
    lit = shade(paint, normal, light)
    lit[inside] *= 0.7
    return haze(lit, t)


# ---- particles: trees, boats, grass ------------------------------------------------------------------------


def tone_map(colour: Array) -> Array:
    """Exposure, soft shoulder and display gamma."""
    x = np.clip(colour * 0.92, 0, None)
    x = x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)
    return np.clip(x, 0, 1) ** (1 / 2.2)


def tree_list() -> list[tuple[float, float, float, float, str, int]]:
    """x, z, height, crown width, kind, seed."""
    rows = [
        (-18.5, 75, 9, 6.5, "5f7d33", 1),
        (1.5, 75.2, 5.2, 4.0, "7d8a38", 2),
        (11.6, 75, 8.2, 5.8, "4c6c30", 3),
        (22.0, 74.6, 6.2, 4.8, "b08a34", 4),
        (33, 74, 9.5, 7.5, "56762f", 5),
        (42, 76, 8, 6, "6c8236", 6),
        (-9, 90, 13, 9, "4d6b2f", 7),
        (2.2, 93, 13, 9, "3f5f2e", 8),
        (19, 92, 15, 10, "547330", 9),
        (36, 92, 15, 10, "41602d", 10),
        (-47.5, 78, 9, 7, "6b8034", 11),
        (-56, 76, 8, 7.5, "54722f", 12),
        (-43.5, 96, 13, 9, "46662d", 13),
        (-21, 100, 14, 10, "4a682e", 14),
        (-32, 190, 16, 22, "4f6b3a", 15),
        (-55, 185, 18, 26, "496538", 16),
        (-75, 180, 20, 26, "4f6b3a", 17),
        (-15, 180, 18, 24, "4f6b3a", 18),
    ]
    return rows


def crowns_of(trees: list) -> Array:
    return np.array([(x, LAND + h * 0.6, z, w * 0.5) for x, z, h, w, _, _ in trees], np.float32)


def leaves(tree: tuple, count: int) -> tuple[Array, Array, Array]:
    """World positions, colours and radii of a tree's leaf clumps, back to front."""
    x, z, height, width, tint, seed = tree
    rng = np.random.default_rng(500 + seed)
    clumps = 16
    centre = rng.normal(0, 1, (clumps, 3))
    centre *= (rng.uniform(0.3, 1, clumps) ** 0.5 / np.linalg.norm(centre, axis=1))[:, None]
    which = rng.integers(0, clumps, count)
    outward = rng.normal(0, 1, (count, 3))
    outward /= np.linalg.norm(outward, axis=1)[:, None]
    half = np.array([width / 2, height * 0.38, width / 2])
    place = centre[which] * half * 0.72 + outward * (width * 0.2) * rng.uniform(0.6, 1.05, (count, 1))
    normal = 0.75 * outward + 0.45 * place / half
    light = np.clip(normal @ SUN * 0.8 + 0.1, 0.0, 1.1)
    light *= 0.75 + 0.45 * np.clip(place[:, 1] / half[1], -1, 1)
    base = rgb(tint) ** 2.2
    jitter = rng.normal(0, 0.22, (count, 1)) + rng.normal(0, 0.05, (count, 3))
    colour = base * (1 + jitter) * (light[:, None] * SUNLIGHT * 1.05 + 0.42 * SKYLIGHT)
    world = place + np.array([x, LAND + height * 0.6, z])
    order = np.argsort(-world[:, 2] - 0.6 * (normal @ SUN))
    radius = rng.uniform(0.07, 0.2, count) * (width / 7) ** 0.6
    return world[order], np.clip(colour[order], 0.004, None), radius[order]


def draw_tree(picture: Array, depth: Array, view: View, tree: tuple) -> None:
    x, z, height, _, _, seed = tree
    layer = Image.new("RGBA", (view.shape[1], view.shape[0]))
    pen = ImageDraw.Draw(layer)
    trunk = np.array(
        [
            [x - 0.28, LAND, z],
            [x + 0.28, LAND, z],
            [x + 0.14, LAND + height * 0.6, z],
            [x - 0.14, LAND + height * 0.6, z],
        ]
    )
    tx, ty = view.project(trunk)
    if tx.max() < -300 or tx.min() > view.shape[1] + 300:
        return
    pen.polygon(list(zip(tx, ty, strict=True)), fill=(74, 60, 46, 255))
    world, colour, radius = leaves(tree, 5200 if z < 150 else 1800)
    px, py = view.project(world)
    size = radius * FOCAL / world[:, 2]
    tint = (tone_map(haze(colour, world[:, 2] * (1 if z < 150 else 1.8))) * 255).astype(int)
    rng = np.random.default_rng(seed)
    for cx, cy, r, c, squash in zip(px, py, size, tint, rng.uniform(0.6, 1.3, len(px)), strict=True):
        pen.ellipse(
            (cx - r * squash, cy - r / squash * 0.8, cx + r * squash, cy + r / squash * 0.8), fill=(*c.tolist(), 255)
        )
    box = layer.getbbox()
    if not box:
        return
    part = from_image(layer.crop(box))
    rows, columns = slice(box[1], box[3]), slice(box[0], box[2])
    show = part[..., 3:] * (depth[rows, columns] > z)[..., None]
    picture[rows, columns] += (part[..., :3] - picture[rows, columns]) * show
    depth[rows, columns] = np.where(show[..., 0] > 0.5, z, depth[rows, columns])


def boat_shapes() -> list[tuple[str, list[tuple[float, float]]]]:
    """A small sailing boat side on, in metres: colour and outline, back to front."""
    return [
        ("6a4a2e", [(-0.06, 0.8), (0.06, 0.8), (0.04, 9.0), (-0.04, 9.0)]),
        ("f1e9d8", [(0.15, 1.6), (3.6, 1.7), (2.2, 4.4), (0.15, 8.7)]),
        ("d9cdb6", [(1.9, 1.66), (3.6, 1.7), (2.2, 4.4), (0.9, 7.0)]),
        ("fbf3e4", [(-0.15, 1.5), (-2.9, 1.2), (-0.12, 7.6)]),
        ("5b2a22", [(-3.3, 0.95), (3.9, 0.85), (3.5, 0.0), (-2.5, 0.0)]),
        ("843c2e", [(-3.3, 0.95), (3.9, 0.85), (3.75, 0.5), (-2.95, 0.5)]),
        ("e9dcc2", [(-3.35, 1.06), (3.95, 0.96), (3.9, 0.82), (-3.25, 0.9)]),
        ("3c3b45", [(1.35, 1.0), (1.95, 1.0), (1.85, 1.75), (1.45, 1.75)]),
        ("c89b78", [(1.5, 1.75), (1.8, 1.75), (1.8, 2.08), (1.5, 2.08)]),
    ]


def row_boat_shapes() -> list[tuple[str, list[tuple[float, float]]]]:
    """A moored rowing boat seen slightly from above."""
    return [
        ("3a2618", [(-1.9, 0.62), (-1.2, 0.86), (1.0, 0.86), (1.75, 0.6), (1.1, 0.42), (-1.2, 0.42)]),
        ("6f4c2d", [(-0.75, 0.82), (-0.35, 0.84), (-0.35, 0.46), (-0.75, 0.44)]),
        ("6f4c2d", [(0.45, 0.84), (0.85, 0.83), (0.85, 0.46), (0.45, 0.46)]),
        ("27506b", [(-2.0, 0.66), (-1.25, 0.42), (1.15, 0.42), (1.85, 0.66), (1.35, 0.02), (-1.35, 0.02)]),
        (
            "d8cbb0",
            [
                (-2.03, 0.70),
                (-1.25, 0.48),
                (1.15, 0.48),
                (1.88, 0.70),
                (1.86, 0.60),
                (1.15, 0.37),
                (-1.25, 0.37),
                (-2.0, 0.60),
            ],
        ),
    ]


def draw_shapes(picture: Array, view: View, shapes: list, x: float, z: float, size: float) -> None:
    for tint, outline in shapes:
        points = np.array([(x + a * size, b * size, z) for a, b in outline], np.float32)
        px, py = view.project(points)
        left, right = int(px.min()) - 2, int(px.max()) + 3
        top, bottom = max(int(py.min()) - 2, 0), min(int(py.max()) + 3, view.shape[0])
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(a - left, b - top) for a, b in zip(px, py, strict=True)], fill=255)
        cover = from_image(mask)[..., None]
        yy, xx = np.mgrid[top:bottom, left:right].astype(np.float32)
        shading = 1.06 - 0.28 * (xx - left) / (right - left) + 0.05 * fbm_at(xx * 0.02, yy * 0.15, 3, 44)
        area = picture[top:bottom, left:right]
        area += (rgb(tint) * shading[..., None] - area) * cover


def draw_grass(picture: Array) -> None:
    """Near bank in the lower right corner: blades, reeds and flowers, far to near."""
    rng = np.random.default_rng(77)
    height, width = picture.shape[:2]
    layer = Image.new("RGBA", (width, height))
    pen = ImageDraw.Draw(layer)

    def ground_line(x: float) -> float:
        return height * (1.02 - 0.34 * float(np.clip((x / width - 0.38) / 0.62, 0, 1)) ** 1.25)

    xs = np.linspace(0.38, 1, 60) * width
    pen.polygon(
        [(0.38 * width, height), *[(x, ground_line(x) + 14) for x in xs], (width, height)], fill=(52, 62, 28, 255)
    )
    for depth in np.linspace(0, 1, 26):
        for _ in range(330):
            x = rng.uniform(0.36, 1.02) * width
            y = ground_line(x) + depth * (height - ground_line(x)) * 1.15 + rng.normal(0, 6) + 8
            tall = rng.uniform(26, 62) * (0.55 + 0.9 * depth)
            lean = rng.normal(6, 16) * (0.5 + depth)
            sunny = 0.5 + 0.5 * noise_at(np.array([x / 170.0]), np.array([y / 90.0]), 5)[0] + rng.normal(0, 0.2)
            c = mix(rgb("2b3a17"), rgb("a3ac55"), float(np.clip(sunny, 0, 1)))
            path = [(x, y), (x + lean * 0.35, y - tall * 0.55), (x + lean, y - tall)]
            pen.line(path, fill=(*(c * 255).astype(int).tolist(), 255), width=int(rng.integers(2, 5)))
        for _ in range(6):
            x = rng.uniform(0.45, 1) * width
            y = ground_line(x) + depth * (height - ground_line(x)) - 30
            r = rng.uniform(1.8, 3.8) * (0.6 + depth)
            c = [(214, 64, 44), (236, 226, 200), (226, 180, 60), (146, 110, 180)][rng.integers(0, 4)]
            for k in range(5):
                a = k * 1.257 + rng.uniform(0, 1)
                pen.ellipse(
                    (
                        x + r * np.cos(a) - r,
                        y + 0.7 * r * np.sin(a) - r * 0.8,
                        x + r * np.cos(a) + r,
                        y + 0.7 * r * np.sin(a) + r * 0.8,
                    ),
                    fill=(*c, 255),
                )
            pen.ellipse((x - r * 0.5, y - r * 0.5, x + r * 0.5, y + r * 0.5), fill=(90, 60, 24, 255))
    part = from_image(layer)
    picture += (part[..., :3] - picture) * part[..., 3:]


# ---- water and finish --------------------------------------------------------------------------------------


def draw_water(picture: Array, mirror: Array, view: View, water: Array) -> None:
    """Mirror image displaced by ripples, over the water's own colour by Fresnel's law (Schlick 1994)."""
    at = np.flatnonzero(water)
    rays = view.rays[at]
    t = -view.origin[1] / rays[:, 1]
    x, z = rays[:, 0] * t, t
    gust = smoothstep(-0.5, 0.9, fbm_at(x * 0.045, z * 0.03, 3, 140))
    along = fbm_at(x * 0.55, z * 1.5, 4, 120, 0.6) + 0.7 * fbm_at(x * 1.9 + z * 0.4, z * 4.1, 3, 130)
    across = fbm_at(x * 1.1 + 60, z * 1.1, 4, 150, 0.6)
    calm = np.clip(20 / z, 0.25, 1)
    lift = along * (0.006 + 0.020 * gust) * (0.5 + 0.5 * calm)
    row, column = at // view.shape[1], at % view.shape[1]
    first = int(HORIZON)
    source = mirror.reshape(view.shape[0] - first, view.shape[1], 3)
    seen = sample(source, column + across * 14 * calm * SCALE / 2 * (0.4 + gust), row - first + lift * FOCAL * 0.9)
    cosine = np.clip(-rays[:, 1] / np.linalg.norm(rays, axis=1) + 0.9 * lift, 0.02, 1)
    fresnel = 0.04 + 0.96 * (1 - cosine) ** 4.2
    body = (
        mix(rgb("1f3b3a") ** 1.0, rgb("41614e"), np.clip(0.5 + 0.4 * fbm_at(x * 0.05, z * 0.05, 3, 160), 0, 1)[:, None])
        * 0.75
    )
    out = mix(body, seen * 0.97, np.clip(fresnel * 1.05, 0, 0.96)[:, None])
    spark = smoothstep(1.1, 1.7, along + 0.4 * across) * gust * 0.16
    picture.reshape(-1, 3)[at] = out + spark[:, None] * np.array([1, 0.97, 0.9], np.float32)


def finish(picture: Array) -> Array:
    """Bloom, vignette and film grain."""
    height, width = picture.shape[:2]
    rng = np.random.default_rng(3)
    bloom = blur(np.clip(picture - 0.75, 0, 1), 12)
    picture = picture + 0.5 * bloom
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    edge = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 0.42
    grain = rng.normal(0, 0.008, (height, width, 1)).astype(np.float32)
    picture = picture * (1.03 - edge[..., None]) + grain
    return picture + 0.06 * (picture - 0.5)


def draw() -> Image.Image:
    """Render the sample picture, 1200 × 800."""
    trees = tree_list()
    crowns = crowns_of(trees)
    solids = town()
    ordered = sorted(trees, key=lambda tree: -tree[1])
    below = View(True)
    colour, depth, _ = render(below, solids, crowns)
    mirror = tone_map(colour).reshape(*below.shape, 3)
    depth = depth.reshape(below.shape)
    for tree in ordered:
        draw_tree(mirror, depth, below, tree)
    draw_shapes(mirror, below, boat_shapes(), -9.0, 46.0, 1.0)
    draw_shapes(mirror, below, row_boat_shapes(), 3.4, 27.0, 1.0)
    above = View(False)
    colour, depth, water = render(above, solids, crowns)
    picture = tone_map(colour).reshape(*above.shape, 3)
    depth = depth.reshape(above.shape)
    draw_water(picture, mirror, above, water)
    for tree in ordered:
        draw_tree(picture, depth, above, tree)
    draw_shapes(picture, above, boat_shapes(), -9.0, 46.0, 1.0)
    draw_shapes(picture, above, row_boat_shapes(), 3.4, 27.0, 1.0)
    draw_grass(picture)
    small = shrink(to_image(picture), WIDTH, HEIGHT)
    return to_image(finish(from_image(small)))
