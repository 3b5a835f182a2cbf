"""Marbling (ebru, suminagashi): paint floated on water, pulled by combs, printed once.

The bath is computed as marblers work, with the closed-form moves of mathematical marbling (Lu, Jaffer,
Jin, Zhao and Mao 2012): a drop pushes paint outwards and keeps its area, a tine drags paint along a line
with a pull that falls off with distance, and a stylus swirls it. The moves are undone in reverse at each
pixel to find where its paint was dropped.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from craft import Array, blur, fbm, fbm_at, grid, mix, palette, random_at, rgb, shrink, smoothstep, to_image

WIDTH, HEIGHT, SCALE = 1024, 768, 2
W, H = WIDTH * SCALE, HEIGHT * SCALE
PAINTS = palette("132a4f 8f1d2c e8d8b4 1f6a6c d49a2a 2b1a30 c9552b 6fa3a0 f3ead6 3d5fa0 0e1626 a8456b")


def undo_comb(
    x: Array, y: Array, angle: float, gap: float, pull: float, sharp: float, at: float = 0.0
) -> tuple[Array, Array]:
    """Undo a comb drawn along ``angle`` with tines ``gap`` apart."""
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    across = -s * x + c * y + at
    away = np.abs(across / gap - np.round(across / gap)) * gap
    shift = pull * np.exp(-away / sharp)
    return x - c * shift, y - s * shift


def undo_zigzag(x: Array, y: Array, gap: float, pull: float) -> tuple[Array, Array]:
    """Undo a wavy comb: a smooth periodic displacement (the bouquet and peacock patterns)."""
    return x - pull * np.sin(y / gap * 2 * np.pi), y


def undo_swirl(
    x: Array, y: Array, centre: tuple[float, float], radius: float, turn: float, ring: float = 0.0
) -> tuple[Array, Array]:
    """Undo a circular stroke of a stylus."""
    dx, dy = x - centre[0], y - centre[1]
    r = np.hypot(dx, dy) + 1e-3
    angle = -turn * np.exp(-np.abs(r - ring) / radius)
    c, s = np.cos(angle), np.sin(angle)
    return centre[0] + c * dx - s * dy, centre[1] + s * dx + c * dy


def undo_drop(x: Array, y: Array, centre: tuple[float, float], radius: float) -> tuple[Array, Array, Array]:
    """Undo a drop; also tells which points lie in it."""
    dx, dy = x - centre[0], y - centre[1]
    square = dx * dx + dy * dy
    inside = square < radius * radius
    factor = np.sqrt(np.maximum(1 - radius * radius / np.maximum(square, 1e-3), 0))
    return centre[0] + dx * factor, centre[1] + dy * factor, inside


def stones(x: Array, y: Array, drops: int, seed: int) -> tuple[Array, Array]:
    """Paint index (−1 for the ground) and depth inside the drop, for a bath sprinkled with drops."""
    rng = np.random.default_rng(seed)
    paint = np.full(x.shape, -1, np.int16)
    rim = np.zeros(x.shape, np.float32)
    sizes = np.exp(np.linspace(np.log(190), np.log(24), drops))[::-1] * rng.uniform(0.75, 1.3, drops)
    centres = rng.uniform((-0.25, -0.3), (1.25, 1.3), (drops, 2)) * (W, H)
    colours = rng.choice(12, drops, p=np.array([14, 10, 10, 12, 9, 7, 8, 8, 8, 8, 3, 3]) / 100)
    open_ = np.arange(x.size)
    px, py, flat, edge = x.ravel().copy(), y.ravel().copy(), paint.ravel(), rim.ravel()
    for i in range(drops):  # last drop first
        nx, ny, inside = undo_drop(px, py, centres[i], sizes[i])
        found = open_[inside]
        flat[found] = colours[i]
        edge[found] = np.hypot(px[inside] - centres[i, 0], py[inside] - centres[i, 1]) / sizes[i]
        open_, px, py = open_[~inside], nx[~inside], ny[~inside]
        if not len(open_):
            break
    return paint, rim


def _moves(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """From the sheet back to the sprinkled bath; also how strongly each point was combed."""
    hand = 10 * fbm_at(x / 260, y / 260, 3, 4)
    x, y = x + hand, y + 9 * fbm_at(x / 240 + 50, y / 240, 3, 5)
    swirls = [
        ((0.24, 0.30), 150, 2.6, 60),
        ((0.76, 0.66), 170, -2.9, 70),
        ((0.60, 0.20), 80, -2.2, 30),
        ((0.36, 0.80), 90, 2.2, 40),
        ((0.92, 0.22), 75, 2.0, 30),
        ((0.08, 0.74), 75, -2.0, 30),
    ]
    for (cx, cy), radius, turn, ring in swirls:
        x, y = undo_swirl(x, y, (cx * W, cy * H), radius, turn, ring)
    zone = 0.62 * x + 0.78 * y + 130 * np.sin(x / 330 + y / 500)
    combed = smoothstep(0.40 * W, 0.47 * W, zone) * smoothstep(0.98 * W, 0.92 * W, zone)
    fx, fy = undo_zigzag(x, y, 340, 38)
    fx, fy = undo_comb(fx, fy, np.pi / 2, 88, 150, 21)
    fx, fy = undo_comb(fx, fy, 0.12, 210, 330, 62)
    fx, fy = undo_comb(fx, fy, np.pi + 0.12, 210, 330, 62, 105)
    return mix(x, fx, combed), mix(y, fy, combed), combed


def draw() -> Image.Image:
    """Float, comb and print the sheet, 1024 × 768."""
    x, y = grid(H, W)
    bx, by, combed = _moves(x, y)
    paint, rim = stones(bx, by, 520, 8)
    colour = _pigment(paint, rim, bx, by)
    return shrink(to_image(_sheet(colour, x, y, combed)), WIDTH, HEIGHT)


def _pigment(paint: Array, rim: Array, bx: Array, by: Array) -> Array:
    """Colour of floated paint: pooled at the rim, thin in the middle, with ox-gall speckle."""
    ground = rgb("e9dfc6") * np.ones((*paint.shape, 3), np.float32)
    colour = np.where(paint[..., None] < 0, ground, PAINTS[np.maximum(paint, 0)])
    cloud = fbm_at(bx / 46, by / 46, 4, 6, 0.6)
    pool = 0.26 * smoothstep(0.55, 1.0, rim) - 0.12
    colour = colour * (1 - (pool + 0.10 * cloud)[..., None] * (paint[..., None] >= 0))
    speck = smoothstep(0.52, 0.66, fbm_at(bx / 13, by / 13, 2, 7))
    tint = PAINTS[(np.maximum(paint, 0) + 4) % 12]
    return mix(colour, mix(tint, rgb("f6efdf"), 0.45), speck * 0.5 * (random_at(paint, 4) > 0.45))


def _sheet(colour: Array, x: Array, y: Array, combed: Array) -> Array:
    """Paper fibre, hairline gaps between paints, small bubbles where the paint did not take."""
    rng = np.random.default_rng(2)
    soft = blur(colour, 1.2)
    line = np.abs(colour - blur(colour, 4)).sum(-1)
    fibre = 0.6 * fbm(H, W, 40, 6, rng) + 0.4 * fbm(H, W, 6, 3, rng)
    colour = soft * (1 - 0.10 * smoothstep(0.2, 0.9, line)[..., None]) * (1 + 0.035 * fibre[..., None])
    mottled = fbm(H, W, 300, 3, rng)
    colour = colour * (1 + 0.06 * mottled[..., None])
    pin = smoothstep(1.62, 1.8, fbm(H, W, 10, 2, rng))
    return mix(colour, rgb("efe6d0"), pin * 0.7)
