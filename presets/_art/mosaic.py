"""Byzantine-like mosaic: fish and a dove over gold and sea, in hand-set tesserae.

Tesserae are laid the old way: a row outlines every form (opus vermiculatum), further rows run parallel to
it (andamento), and they are cut to fit. Each form has a distance field; its level lines are the rows, and
stones are set along them from the outline inwards, each refused where it would overlap one already set.
Directional mosaics from level lines go back to Hausner (2001) and Di Blasi and Gallo (2005). Each stone
has its own colour, tilt, chipped corners and glint; gold leaf flashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    palette,
    polygon_mask,
    resize,
    rgb,
    shrink,
    smooth_path,
    smoothstep,
    to_image,
)

WIDTH, HEIGHT, SCALE = 1024, 768, 2
W, H = WIDTH * SCALE, HEIGHT * SCALE


@dataclass
class Form:
    """Part of the cartoon: where it is, its rows (a scalar field), colours and stone size in final pixels."""

    mask: Array
    colours: Array  # palette, dark to light
    tone: Array  # position in the palette per point
    size: float
    gold: float = 0.0
    field: Array | None = None


def distance(mask: Array) -> Array:
    """Approximate distance to the border of a mask, inside it (successive halving of box erosions)."""
    far = 1e4
    d = np.where(mask > 0.5, far, 0).astype(np.float32)
    for _ in range(2):
        d = _sweep(d)
        d = _sweep(d[::-1, ::-1])[::-1, ::-1]
    return d


def _sweep(d: Array) -> Array:
    """Downward chamfer pass; a row's own propagation is a running minimum of d − x."""
    d = d.copy()
    x = np.arange(d.shape[1], dtype=np.float32)
    root = np.float32(np.sqrt(2))
    for i in range(d.shape[0]):
        row = d[i]
        if i:
            above = d[i - 1]
            row = np.minimum(row, above + 1)
            row[1:] = np.minimum(row[1:], above[:-1] + root)
            row[:-1] = np.minimum(row[:-1], above[1:] + root)
        row = np.minimum(row, np.minimum.accumulate(row - x) + x)
        d[i] = np.minimum(row, (np.minimum.accumulate((row + x)[::-1])[::-1]) - x)
    return d


def _curve(points: Sequence[tuple[float, float]], closed: bool = True) -> Array:
    return smooth_path(points, 12, closed) * (WIDTH, HEIGHT)


def _inside(points: Sequence[tuple[float, float]]) -> Array:
    big = polygon_mask(H, W, _curve(points) * SCALE)
    return resize(big, HEIGHT, WIDTH, Image.Resampling.BOX)


def _sea(x: Array, y: Array) -> list[Form]:
    wave = 9 * np.sin(x / 46 + y / 90) + 16 * fbm_at(x / 150, y / 110, 3, 1)
    depth = (y - 330) / (HEIGHT - 330)
    tone = np.clip(0.72 - 0.5 * depth + 0.33 * np.sin((y + wave) / 15), 0, 1)
    blues = palette("0b2347 123b6d 1a5a8c 1f7f9c 3fa6a6 8fd0bd d8efdd")
    surface = 330 + 10 * np.sin(x / 52) + 6 * np.sin(x / 23 + 1)
    mask = (y > surface).astype(np.float32)
    foam = ((y > surface - 4) & (y < surface + 13)).astype(np.float32)
    return [
        Form(mask, blues, tone, 9.5, field=y + wave),
        Form(foam, palette("cfe6e0 ffffff f3ead2"), 0 * x + 0.5, 8.0, field=y - surface),
    ]


def _sky(x: Array, y: Array) -> list[Form]:
    cx, cy = 330, 165
    r = np.hypot(x - cx, y - cy)
    rays = 0.5 + 0.5 * np.cos(np.arctan2(y - cy, x - cx) * 18)
    tone = np.clip(0.85 - r / 900 + 0.2 * fbm_at(x / 90, y / 90, 3, 2), 0, 1)
    gold = palette("6f4210 93601a b98325 d8a838 f0cf6a fbe9a8")
    ray = ((rays > 0.72) & (r > 95) & (r < 330 - 60 * (np.floor(np.arctan2(y - cy, x - cx) * 18 / np.pi) % 2))).astype(
        np.float32
    )
    sun = (r < 92).astype(np.float32)
    core = (r < 64).astype(np.float32)
    return [
        Form(np.ones_like(x), gold, tone, 11.0, 0.75, field=r),
        Form(ray, palette("c2542c e98a3a f6c25a fff0b8"), 1 - r / 340, 8.0, 0.3),
        Form(sun, palette("8f2f1c c2452a e0662f"), 0.4 + 0 * r, 8.0, 0.2, field=r),
        Form(core, palette("e2903a f6c550 ffeaa0 fff8dc"), 1 - r / 70, 8.0, 0.6, field=r),
    ]


def _island(x: Array, y: Array) -> list[Form]:
    hill = _inside([(0.70, 0.45), (0.76, 0.36), (0.83, 0.33), (0.90, 0.27), (0.97, 0.30), (1.03, 0.26), (1.03, 0.46)])
    town = palette("8f3b2a c56a42 e7c79a f4ead2")
    forms = [
        Form(
            hill,
            palette("2d3f2a 4b6a35 7f9a48 b9bf6a e0d9a0"),
            np.clip(0.5 + 0.5 * fbm_at(x / 40, y / 40, 3, 7), 0, 1),
            8.5,
        )
    ]
    for left, top, right, low in ((0.80, 0.30, 0.835, 0.375), (0.85, 0.255, 0.875, 0.36), (0.90, 0.31, 0.945, 0.385)):
        mask = ((x > left * WIDTH) & (x < right * WIDTH) & (y > top * HEIGHT) & (y < low * HEIGHT)).astype(np.float32)
        forms.append(Form(mask, town[1:], 0 * x + 0.75, 7.0))
        roof = _triangle(left - 0.008, top, right + 0.008, top - 0.045)
        forms.append(Form(roof, palette("6a241c a5402c d0683c"), 0.5 + 0 * x, 6.5))
    return forms


def _triangle(left: float, base: float, right: float, top: float) -> Array:
    points = [(left * W, base * H), ((left + right) / 2 * W, top * H), (right * W, base * H)]
    return resize(polygon_mask(H, W, points), HEIGHT, WIDTH, Image.Resampling.BOX)


FISH = [
    (-1.0, 0.02),
    (-0.75, -0.2),
    (-0.35, -0.36),
    (0.1, -0.33),
    (0.5, -0.14),
    (0.66, -0.05),
    (0.66, 0.07),
    (0.5, 0.15),
    (0.1, 0.33),
    (-0.35, 0.34),
    (-0.75, 0.2),
]
TAIL = [(0.6, 0.0), (0.8, -0.2), (1.1, -0.42), (1.02, -0.1), (0.98, 0.05), (1.06, 0.2), (1.12, 0.45), (0.8, 0.2)]
FIN = [(-0.35, -0.32), (-0.15, -0.6), (0.25, -0.58), (0.12, -0.42), (0.35, -0.22), (0.1, -0.28)]
LOW_FIN = [(-0.3, 0.3), (-0.12, 0.56), (0.08, 0.58), (0.02, 0.42), (0.12, 0.3)]


def _fish(x: Array, y: Array, place: tuple[float, float, float, float, float], body: str, fin: str) -> list[Form]:
    """Body with rows along its outline, darker back, scales, gill, eye, fins and tail."""
    cx, cy, size, turn, flip = place
    c, s = np.cos(turn), np.sin(turn)

    def put(points: Sequence[tuple[float, float]]) -> Array:
        return _inside(
            [
                ((cx + size * (flip * a * c - b * s)) / WIDTH, (cy + size * (flip * a * s + b * c)) / HEIGHT)
                for a, b in points
            ]
        )

    u = flip * ((x - cx) * c + (y - cy) * s) / size
    v = (-(x - cx) * s + (y - cy) * c) / size
    scales = np.sin(u * 26 + 2.5 * np.cos(v * 20)) * (u > -0.5)
    tone = np.clip(0.45 + 0.9 * v + 0.22 * scales, 0, 1)
    fins = palette(fin)
    ribs = np.clip(0.5 + 0.5 * np.sin(u * 34 + v * 14), 0, 1)
    gill = (np.abs(np.hypot(u + 0.92, v) - 0.42) < 0.032) & (np.abs(v) < 0.24) & (u > -0.9)
    eye = np.hypot(u + 0.74, v + 0.07)
    forms = [Form(put(TAIL), fins, ribs, 7.5), Form(put(FIN), fins, ribs, 7.0), Form(put(LOW_FIN), fins, ribs, 7.0)]
    forms.append(Form(put(FISH), palette(body), tone, 7.5))
    forms.append(Form(gill.astype(np.float32), palette("1a1412 3a2018"), 0.5 + 0 * x, 6.0))
    forms.append(Form((eye < 0.1).astype(np.float32), palette("f6eed8 fffaf0"), 0.5 + 0 * x, 5.5))
    forms.append(Form((eye < 0.052).astype(np.float32), palette("0c0a0c 14100f"), 0.5 + 0 * x, 6.0))
    return forms


def _bird(x: Array, y: Array) -> list[Form]:
    """A white dove with spread wings above the water."""
    shapes = [
        (
            [
                (0.560, 0.255),
                (0.50, 0.17),
                (0.47, 0.07),
                (0.51, 0.035),
                (0.545, 0.09),
                (0.555, 0.045),
                (0.59, 0.10),
                (0.605, 0.07),
                (0.64, 0.2),
                (0.62, 0.27),
            ],
            "35557f 9ab6cc e8f0f0 ffffff",
            7.5,
        ),
        (
            [(0.70, 0.305), (0.78, 0.345), (0.80, 0.31), (0.765, 0.295), (0.79, 0.265), (0.755, 0.262), (0.70, 0.262)],
            "7f8fa8 b9c8d6 f0f2ee",
            7.5,
        ),
        (
            [
                (0.525, 0.235),
                (0.56, 0.215),
                (0.62, 0.235),
                (0.71, 0.26),
                (0.72, 0.30),
                (0.66, 0.335),
                (0.58, 0.325),
                (0.545, 0.29),
            ],
            "8fa0b2 d5dde0 ffffff fffdf4",
            7.5,
        ),
        (
            [
                (0.60, 0.26),
                (0.635, 0.15),
                (0.70, 0.055),
                (0.735, 0.06),
                (0.72, 0.11),
                (0.765, 0.10),
                (0.735, 0.16),
                (0.765, 0.165),
                (0.70, 0.25),
                (0.65, 0.29),
            ],
            "4f6a8c 9ab3c8 e6eef0 ffffff",
            7.5,
        ),
        ([(0.528, 0.238), (0.497, 0.262), (0.532, 0.268)], "c9702a e89a3a", 6.0),
    ]
    forms = []
    for points, colours, size in shapes:
        feather = np.clip(0.62 + 0.4 * np.sin(x / 9 + y / 6), 0, 1)
        forms.append(Form(_inside(points), palette(colours), feather, size))
    eye = (np.hypot(x - 0.556 * WIDTH, y - 0.248 * HEIGHT) < 5).astype(np.float32)
    return [*forms, Form(eye, palette("120f10 1a1514"), 0 * x, 8.0)]


def _plants(x: Array, y: Array) -> list[Form]:
    """Coral and weed on the sea floor."""
    floor = (y > 705 + 16 * np.sin(x / 70) + 8 * np.sin(x / 31)).astype(np.float32)
    forms = [
        Form(
            floor, palette("6a4a2c a07a48 d2b27c efdcb0"), np.clip(0.5 + 0.4 * fbm_at(x / 60, y / 30, 3, 9), 0, 1), 9.0
        )
    ]
    rng = np.random.default_rng(3)
    for px, height, code in (
        (60, 190, "1d5a3a 3f8f4a 9ac05a"),
        (110, 130, "6a1f2f b5373f ef7a55"),
        (950, 220, "6a1f2f c2403f f08a5a"),
        (905, 130, "1d5a3a 4a9a4f b0c860"),
        (990, 120, "2a5a6a 3fa08f a8dcb0"),
        (520, 95, "6a1f2f c2403f f08a5a"),
        (565, 70, "1d5a3a 4a9a4f b0c860"),
    ):
        for k in range(3):
            sway = rng.uniform(-1, 1) * 26 + (k - 1) * 26
            spine = smooth_path(
                [
                    (px, 735),
                    (px + sway * 0.2, 735 - height * 0.35),
                    (px + sway, 735 - height * (0.7 + 0.15 * k)),
                    (px + sway * 0.7, 735 - height),
                ],
                10,
            )
            half = np.linspace(11, 5, len(spine))[:, None] * (1, 0)
            outline = np.concatenate([spine + half, (spine - half)[::-1]]) * SCALE
            mask = resize(polygon_mask(H, W, outline), HEIGHT, WIDTH, Image.Resampling.BOX)
            forms.append(Form(mask, palette(code), np.clip(0.5 + 0.5 * np.sin(y / 11 + k), 0, 1), 7.0))
    return forms


def _cartoon(x: Array, y: Array) -> list[Form]:
    forms = _sky(x, y) + _island(x, y) + _sea(x, y) + _bird(x, y) + _plants(x, y)
    forms += _fish(
        x, y, (330, 520, 200, -0.12, 1.0), "7a1f1a b53a24 e0662a f39a3c ffd27a fff0c8", "8f2418 d0502a f2a044 ffdf8a"
    )
    forms += _fish(x, y, (735, 455, 145, 0.16, -1.0), "1a3a6a 2a66a0 5fa0c8 b5d8e0 f2f4e6", "b5862a e0b84a f8e08a")
    forms += _fish(x, y, (735, 630, 128, -0.06, 1.0), "1f5a4a 2f8f6a 7fbf6a d0df8a f8f4d0", "7a2a5a b8487f ec8fae")
    forms += _fish(x, y, (175, 672, 84, 0.1, -1.0), "5a2a6a 8f4a9a c88ac0 f2d8e8", "d0842a f2c05a")
    forms += _fish(x, y, (545, 590, 58, 0.25, 1.0), "8f6a1a d0a02f f6d860 fff6c0", "c2542c ee8a4a")
    return forms


class Bed:
    """The bed of mortar: where stones lie already, and the drawing of them."""

    def __init__(self) -> None:
        self.taken = np.zeros((H, W), np.uint8)
        self.stones = Image.new("RGB", (W, H))
        self.tilt = Image.new("RGB", (W, H), (128, 128, 0))
        self.pen, self.slope = ImageDraw.Draw(self.stones), ImageDraw.Draw(self.tilt)


def _points_along(field: Array, size: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Candidate centres on a field's rows (level lines at every ``size``), shuffled within each row."""
    row = np.floor(field / size)
    off = np.abs(field / size - row - 0.5) * size
    ys, xs = np.nonzero(off < 0.75)
    order = np.lexsort((xs + rng.uniform(0, 1, len(xs)), row[ys, xs]))
    return xs[order].astype(np.float32), ys[order].astype(np.float32)


def _set_stones(bed: Bed, form: Form, owner: Array, index: int, rng: np.random.Generator) -> None:
    visible = owner == index
    if not visible.any():
        return
    inner = distance(visible)
    field = inner
    if form.field is not None:  # a row along the outline first, then the form's own rows
        field = np.where(inner < 1.55 * form.size, inner - 62 * form.size, form.field)
    gy, gx = np.gradient(blur(inner if form.field is None else form.field, 2))
    near_edge = smoothstep(form.size * 2, form.size * 1.3, inner)
    if form.field is not None:
        ey, ex = np.gradient(blur(inner, 1.5))
        gx, gy = mix(gx, ex, near_edge), mix(gy, ey, near_edge)
    field = np.where(visible, field, -1e6)
    coarse = 1.55 if form.size > 6.5 else 1.3
    for scale in (coarse, 0.6 * coarse):  # whole stones, then slips that fill what they left
        slip = replace(form, size=form.size * scale)
        xs, ys = _points_along(field, slip.size, rng)
        ix, iy = xs.astype(int), ys.astype(int)
        keep = visible[iy, ix] & (bed.taken[iy * SCALE, ix * SCALE] == 0)
        for x, y in zip(xs[keep], ys[keep], strict=True):
            _try_stone(bed, slip, x, y, float(gx[int(y), int(x)]), float(gy[int(y), int(x)]), rng)


def _try_stone(bed: Bed, form: Form, x: float, y: float, gx: float, gy: float, rng: np.random.Generator) -> None:
    """Set one stone across the gradient unless its middle is taken."""
    norm = np.hypot(gx, gy)
    nx, ny = (gx / norm, gy / norm) if norm > 1e-4 else (0.0, 1.0)
    half = form.size * SCALE * 0.5
    long_ = half * rng.uniform(0.8, 1.25)
    cx, cy = x * SCALE, y * SCALE
    for u in (-0.98, -0.5, 0.0, 0.5, 0.98):
        for v in (-0.55, 0.55):
            px, py = int(cx - ny * u * long_ + nx * v * half), int(cy + nx * u * long_ + ny * v * half)
            if 0 <= px < W and 0 <= py < H and bed.taken[py, px]:
                return
    gap = 1.5
    corners = []
    for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        a = u * (long_ - gap) + rng.normal(0, 1.2)
        b = v * (half - gap) + rng.normal(0, 1.2)
        corners.append((cx - ny * a + nx * b, cy + nx * a + ny * b))
    _draw_stone(bed, form, x, y, corners, rng)


def _draw_stone(bed: Bed, form: Form, x: float, y: float, corners: list, rng: np.random.Generator) -> None:
    at = np.clip(float(form.tone[int(y), int(x)]) + rng.normal(0, 0.12), 0, 0.999) * (len(form.colours) - 1)
    low = int(at)
    colour = mix(form.colours[low], form.colours[low + 1], at - low)
    colour = colour * (1 + rng.normal(0, 0.07)) + rng.normal(0, 0.022, 3)
    flash = 0
    if rng.random() < form.gold:
        colour = colour * rng.choice([0.72, 0.95, 1.12, 1.38], p=[0.2, 0.4, 0.28, 0.12])
        flash = 200
    code = tuple(int(v) for v in np.clip(colour * 255, 0, 255))
    bed.pen.polygon(corners, fill=code)
    tilt = np.clip(128 + rng.normal(0, 40, 2), 0, 255).astype(int)
    bed.slope.polygon(corners, fill=(int(tilt[0]), int(tilt[1]), max(flash, 60)))
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    left, top = max(int(min(xs)), 0), max(int(min(ys)), 0)
    patch = bed.tilt.crop((left, top, int(max(xs)) + 2, int(max(ys)) + 2))
    here = np.asarray(patch)[..., 2] > 0
    area = bed.taken[top : top + here.shape[0], left : left + here.shape[1]]
    area |= here[: area.shape[0], : area.shape[1]].astype(np.uint8)


def _light(bed: Bed) -> Array:
    """Relief light on tilted, slightly domed stones over sandy mortar."""
    rng = np.random.default_rng(8)
    stones, tilt = from_image(bed.stones), from_image(bed.tilt)
    cover = blur((tilt[..., 2] > 0).astype(np.float32), 1)
    x, y = grid(H, W)
    grain = fbm(H, W, 14, 4, rng, 0.7)
    vein = fbm_at(x / 9 + 40 * tilt[..., 0], y / 26 + 40 * tilt[..., 1], 3, 5)
    dome = blur(cover, 5)
    gy, gx = np.gradient(dome)
    relief = np.clip(-(gx * 0.8 + gy) * 2.4, -0.4, 0.42) * cover
    face = (tilt[..., 0] - 0.5) * 0.45 + (tilt[..., 1] - 0.5) * 0.5
    lit = stones * (1 + face + 0.09 * vein + 0.10 * grain)[..., None] + relief[..., None] * (0.35 + 0.5 * stones)
    glint = smoothstep(0.16, 0.3, face) * (tilt[..., 2] > 0.5) * smoothstep(0.0, 0.6, grain + 0.4)
    lit = lit + glint[..., None] * rgb("fff2c0") * 0.38
    mortar = (
        rgb("8d8272")
        * (0.62 + 0.16 * grain + 0.05 * rng.normal(0, 1, (H, W)))[..., None]
        * (1 - 0.35 * dome)[..., None]
    )
    return mix(mortar, lit, cover)


def draw() -> Image.Image:
    """Set the mosaic, 1024 × 768."""
    rng = np.random.default_rng(21)
    x, y = grid(HEIGHT, WIDTH)
    forms = _cartoon(x, y)
    owner = np.zeros((HEIGHT, WIDTH), np.int32)
    for i, form in enumerate(forms):
        owner[form.mask > 0.5] = i
    bed = Bed()
    for i in reversed(range(len(forms))):
        _set_stones(bed, forms[i], owner, i, rng)
    return shrink(to_image(_light(bed)), WIDTH, HEIGHT)
