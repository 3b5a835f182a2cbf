"""Linocut portrait: a head before a town, a bridge and trees, cut from one block and printed with two tints.

The knife follows the forms: its cuts run round the head, along the hair, over the hills, down the walls, at an even
distance (Jobard and Lefer 1997). Where there is much light they widen until they join; where there is none the block
is left whole. Contours stay black where the form is light and are cut white where dark meets dark.
"""

import numpy as np
from PIL import Image

from hatching import lines
from head import bust
from nature import cloud, cypress, ground, leaf, ridge, sky, tree, water
from scene import KINDS, Scene, edges
from still_life import person, placed
from strokes import SS, Array, Canvas, Rng, blur, finish, mix, noise, rgb, smoothstep
from town import bridge, house, sailing_boat, tower

W, H = 832, 1024
INK, PAPER, RED, BLUE = rgb("#17171a"), rgb("#f1e8d4"), rgb("#c8573a"), rgb("#86aeb0")
SPACING = {"sky": 10.0, "cloud": 8.0, "cloth": 10.0, "hair": 7.0, "skin": 5.6, "water": 9.0, "leaf": 6.5}
"""How far apart the cuts are, in pixels; elsewhere 7.5."""


def _scene(rng: Rng) -> tuple[Scene, Array]:
    s = Scene(W, H, rng)
    sky(s, 560, ((0, "#ffffff"), (1, "#ffffff")), 0.5)
    x, y = s.xy()
    far = np.hypot(x - 640, y - 150)
    s.angle[:] = np.arctan2(y - 150, x - 640)
    s.light[:] = np.clip(0.97 - far / 1500 + 0.13 * np.sin(np.arctan2(y - 150, x - 640) * 18), 0.06, 0.88)
    s.disc(640, 150, 56, 56, "cloud", "#c8573a", 1.0, 0.0)
    for cx, cy, k in ((120, 120, 1.1), (230, 250, 0.6), (745, 260, 0.8)):
        cloud(s, cx, cy, k)
    ridge(
        s,
        [(-20, 470), (80, 380), (150, 430), (240, 360), (420, 470), (600, 410), (700, 350), (780, 420), (860, 380)],
        620,
        "#86aeb0",
        36,
    )
    ridge(s, [(-20, 540), (140, 500), (300, 540), (560, 520), (720, 480), (860, 520)], 640, "#f1e8d4", 24)
    tower(s, 150, 640, 50, 160, "#f1e8d4", "#c8573a")
    for i, (left, wide, tall) in enumerate(
        ((-14, 74, 96), (70, 70, 70), (208, 66, 90), (640, 70, 86), (718, 66, 70), (786, 70, 100))
    ):
        house(
            s,
            left,
            650,
            wide,
            tall,
            "#f1e8d4",
            "#c8573a",
            "#86aeb0",
            gable=i % 2 == 0,
            side=12,
            timber="#17171a" if i % 3 == 0 else "",
        )
    for cx, k in ((60, 26), (204, 24), (712, 26)):
        tree(s, cx, 656, k, "#86aeb0", lobes=8)
    cypress(s, 130, 654, 24, 130, "#86aeb0")
    cypress(s, 626, 654, 26, 150, "#86aeb0")
    ground(s, [(-10, 648), (420, 656), (850, 646), (850, 680), (-10, 680)], "#f1e8d4", "path")
    water(s, [(-10, 672), (850, 668), (850, 1030), (-10, 1030)], 672, "#86aeb0", 0.4)
    bridge(s, 560, 860, 690, 742, 3, "#f1e8d4")
    sailing_boat(s, 105, 800, 0.75, "#c8573a", "#f1e8d4", "#f1e8d4")
    ground(s, [(-10, 880), (120, 850), (300, 900), (840, 840), (840, 1040), (-10, 1040)], "#86aeb0", "grass", -1.1, 0.3)
    tree(s, 770, 870, 74, "#86aeb0")
    for i in range(13):
        leaf(s, 10 + 22 * i, 1020 - 6 * (i % 3), 100 + 34 * (i % 4), -1.2 - 0.25 * np.sin(i * 1.9), "#86aeb0", 0.45)
    sculpture = bust(
        (H * SS, 720 * SS), (356 * SS, 420 * SS), 214 * SS, 0.5, "short", light=(-0.42, 0.42, 0.85), look=0.0
    )
    rim = np.clip(sculpture.normal[..., 0] - 0.45, 0, 1)  # a second light from the right finds the dark cheek
    sculpture.light = np.clip(1.04 * sculpture.light - 0.04 + 0.75 * rim, 0, 1)
    person(s, sculpture, (62, 0), "#f1e8d4", "#17171a", "#86aeb0", "#17171a", "#c8573a")
    return s, placed(s, sculpture.creases(), (62, 0))


def _cuts(s: Scene, rng: Rng) -> Array:
    """1 where the block is cut away."""
    small = (slice(SS // 2, None, SS), slice(SS // 2, None, SS))
    angle, part, kind = s.angle[small], s.part[small], s.kind[small]
    light = s.light[small] * np.where(kind == KINDS.index("hair"), 0.66, 1.0)
    page = Canvas(W, H, np.zeros(3, np.float32), rng)
    cut, owner = page.relief, s.part.ravel()
    for name, code in zip(KINDS, range(len(KINDS)), strict=True):
        here = kind == code
        if not here.any() or name in ("pane", "face"):
            continue
        apart = SPACING.get(name, 7.5)
        for path in lines(angle, part, apart, 150, rng, here & (light > 0.11), 0.04):
            x, y = path.astype(int).T
            tone = np.convolve(np.pad(light[y, x], 2, mode="edge"), np.ones(5) / 5, "valid")
            taper = np.minimum(1, np.minimum(np.arange(len(x)) + 1, np.arange(len(x))[::-1] + 1) / 5)
            width = np.clip((tone - 0.10) * 1.28, 0.1, 1.25) * apart * (0.35 + 0.65 * taper)
            index, _, v, _ = page.ribbon(path, width)
            keep = owner[index] == part[y[len(y) // 2], x[len(x) // 2]]
            cut[index[keep]] = np.maximum(cut[index[keep]], smoothstep(1.05, 0.8, np.abs(v[keep])))
    cut = cut.reshape(s.shape)
    bright = (s.light > np.where(s.shows("skin"), 0.68, 0.93)) & ~s.shows("water", "sky", "hair")
    cut = np.maximum(cut, bright)
    face = s.shows("face")
    bare = (s.colour.mean(-1) > 0.3) & ((s.light > 0.3) | (s.colour.mean(-1) > 0.8))
    return np.where(face, bare, cut).astype(np.float32)


def _contours(s: Scene, cut: Array) -> Array:
    """A dark line round light forms, a light one where two dark ones meet."""
    line = blur(edges(s.part), 1.6 * SS)
    feature = smoothstep(0.02, 0.1, blur(s.shows("face").astype(np.float32), 3 * SS))
    black = mix(smoothstep(0.13, 0.2, line * (1 + 0.25 * s.rough)), blur(edges(s.part), 1) > 0.25, feature)
    shade = blur(s.light, 3 * SS)
    white = smoothstep(0.16, 0.22, line) * smoothstep(0.4, 0.3, shade) * (1 - feature)
    return np.maximum(cut * (1 - black), white)


def _print(s: Scene, cut: Array, rng: Rng) -> Array:
    """Two tints and the key block in black, with the lino's faint mottle and a rim where the ink was squeezed."""
    mottle = noise(rng, s.shape, 40 * SS, 4)
    page = np.broadcast_to(PAPER, (*s.shape, 3))
    for ink, dx, dy in ((BLUE, 5, -3), (RED, -4, 4)):
        wanted = (np.abs(s.colour - ink).sum(-1) < 0.12).astype(np.float32)
        cover = smoothstep(0.4, 0.6, np.roll(blur(wanted, SS), (dy, dx), (0, 1)))
        cover = cover * (0.94 + 0.03 * mottle)
        page = mix(page, ink, np.clip(cover, 0, 1)[..., None])
    block = smoothstep(0.62, 0.38, blur(cut, 1.0 * SS * 0.6))
    rim = block * np.clip(1 - blur(block, 3 * SS), 0, 1)
    ink = block * (0.985 + 0.1 * rim)
    return mix(page, INK, np.clip(ink, 0, 1)[..., None])


def draw() -> Image.Image:
    rng = np.random.default_rng(1919)
    s, creases = _scene(rng)
    cut = _contours(s, _cuts(s, rng)) * (1 - creases * s.shows("skin", "face"))
    return finish(_print(s, cut, rng))
