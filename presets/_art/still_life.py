"""Crockery, fruit, cloth and the person behind them, laid into a scene (`scene.py`)."""

from collections.abc import Sequence

import numpy as np

from head import BROW, CLOTH, HAIR, IRIS, LIPS, SKIN, WHITE, Bust
from scene import Points, Scene, across
from strokes import SS, Array, rgb, spline
from town import bar


def jug(s: Scene, x: float, foot: float, k: float, colour: str) -> None:
    """A belly with a neck and a handle; k is its height."""
    for a, b in (((0.26, -0.85), (0.45, -0.62)), ((0.45, -0.62), (0.3, -0.32))):
        bar(s, (x + a[0] * k, foot + a[1] * k), (x + b[0] * k, foot + b[1] * k), 0.07 * k, "pot", colour, 0.4)
    half = [(0.2, 0), (0.34, -0.18), (0.36, -0.4), (0.22, -0.68), (0.16, -0.8), (0.22, -1.0)]
    right = spline([(x + a * k, foot + b * k) for a, b in half], 8)
    left = spline([(x - a * k, foot + b * k) for a, b in half], 8)[::-1]
    s.lay(
        np.concatenate([right, left]),
        "pot",
        colour,
        across(x - 0.36 * k, x + 0.36 * k),
        lambda px, py: 0.7 * (px - x) / k * np.sign(py - foot + 0.55 * k) * -1,
    )
    s.disc(x, foot - k, 0.22 * k, 0.05 * k, "pot", colour, 0.12, 0.0)


def bowl(s: Scene, x: float, foot: float, k: float, colour: str, fruit: Sequence[str]) -> None:
    """A bowl of fruit; k is half its width."""
    for i, (dx, dy) in enumerate(
        ((-0.55, -0.62), (0.5, -0.64), (0.0, -0.7), (-0.3, -0.98), (0.24, -1.0), (0.72, -0.5))
    ):
        s.disc(x + dx * k, foot + dy * k, 0.3 * k, 0.29 * k, "fruit", fruit[i % len(fruit)])
    a = np.linspace(0, np.pi, 30)
    half = np.stack([x + k * np.cos(a), foot - 0.5 * k + 0.5 * k * np.sin(a) ** 0.8], -1)
    s.lay(half, "pot", colour, across(x - k, x + k), lambda px, py: 0.5 * (x - px) / k)
    s.lay(
        spline(
            [
                (x - k, foot - 0.5 * k),
                (x, foot - 0.42 * k),
                (x + k, foot - 0.5 * k),
                (x, foot - 0.36 * k),
                (x - k, foot - 0.5 * k),
            ],
            10,
        ),
        "pot",
        colour,
        0.97,
        0.0,
    )


def cloth(s: Scene, points: Points, first: str, second: str, stripe: float, lean: float = 0.5) -> None:
    """A striped cloth with folds."""
    x, y = s.xy()
    fold = np.sin(x / 34 + y / 60 + 1.2 * s.rough)
    band = (np.sin((x * np.cos(lean) + y * np.sin(lean)) * 2 * np.pi / stripe + 0.5 * fold) > 0.35)[..., None]
    colour = np.where(band, rgb(second), rgb(first)).astype(np.float32)
    s.lay(
        points,
        "cloth",
        colour,
        np.clip(0.66 + 0.3 * fold, 0.05, 1).astype(np.float32),
        (lean + np.pi / 2 + 0.25 * fold).astype(np.float32),
    )


def placed(s: Scene, plane: Array, origin: tuple[int, int]) -> Array:
    """A bust's plane on the whole page, 0 elsewhere; `origin` as in `person`."""
    page = np.zeros(s.shape, np.float32)
    there = page[origin[1] * SS :, origin[0] * SS :]
    h, w = min(plane.shape[0], there.shape[0]), min(plane.shape[1], there.shape[1])
    there[:h, :w] = plane[:h, :w]
    return page


def person(
    s: Scene,
    at: Bust,
    origin: tuple[int, int],
    skin: str,
    hair: str,
    dress: str,
    iris: str = "#3f6a78",
    lips: str = "#b8463f",
) -> None:
    """A sculpted bust over what is there; `origin` is where its array's corner lies (x, y in finished pixels).
    The bust has SS pixels for each finished one."""
    top, left = origin[1] * SS, origin[0] * SS
    h, w = at.material.shape
    box = (slice(max(top, 0), min(top + h, s.shape[0])), slice(max(left, 0), min(left + w, s.shape[1])))
    cut = (slice(box[0].start - top, box[0].stop - top), slice(box[1].start - left, box[1].stop - left))
    material = at.material[cut]
    for code, kind, colour in (
        (CLOTH, "cloth", dress),
        (SKIN, "skin", skin),
        (HAIR, "hair", hair),
        (LIPS, "face", lips),
        (WHITE, "face", "#f6f0e4"),
        (IRIS, "face", iris),
        (BROW, "face", hair),
    ):
        mask = material == code
        if mask.any():
            s.cover(mask, box, kind, colour, placed(s, at.light, origin), placed(s, at.angle, origin))
