"""Houses, towers, bridges, boats and passers-by, laid into a scene (`scene.py`)."""

import numpy as np

from scene import Plane, Scene, across
from strokes import spline


def bar(
    s: Scene, a: tuple[float, float], b: tuple[float, float], t: float, kind: str, colour: str, light: Plane = 0.5
) -> None:
    """A straight beam, mast or bough of thickness t."""
    way = np.array(b) - np.array(a)
    n = np.array([-way[1], way[0]]) / (np.hypot(*way) + 1e-6) * t / 2
    s.lay(
        [np.array(a) + n, np.array(b) + n, np.array(b) - n, np.array(a) - n],
        kind,
        colour,
        light,
        float(np.arctan2(way[1], way[0])),
    )


def house(
    s: Scene,
    x: float,
    foot: float,
    wide: float,
    tall: float,
    wall: str,
    roof: str,
    shutter: str = "#4f6f5a",
    gable: bool = False,
    rows: int = 2,
    columns: int = 2,
    side: float = 0.0,
    timber: str = "",
) -> None:
    """A front with windows and a door; `side` is the width of its shaded flank to the right."""
    top, peak = foot - tall, foot - tall - 0.62 * wide * (1.0 if gable else 0.72)
    if side:
        s.lay(
            [
                (x + wide, foot),
                (x + wide, top),
                (x + wide + side, top + 0.06 * tall),
                (x + wide + side, foot - 0.04 * tall),
            ],
            "wall",
            wall,
            0.26,
            np.pi / 2,
        )
    s.lay(
        [(x, foot), (x, top), (x + wide, top), (x + wide, foot)],
        "wall",
        wall,
        lambda px, py: np.clip(0.86 - 0.25 * (py - top) / tall, 0, 1),
        0.0,
    )
    if gable:
        s.lay([(x, top + 1), (x + wide / 2, peak), (x + wide, top + 1)], "wall", wall, 0.8, 0.0)
        if side:
            s.lay(
                [
                    (x + wide / 2, peak - 6),
                    (x + wide + 6, top + 5),
                    (x + wide + side + 7, top + 10),
                    (x + wide / 2 + side, peak + 2),
                ],
                "roof",
                roof,
                0.32,
                0.9,
            )
        for a, b, lit in (
            ((x - 7, top + 7), (x + wide / 2, peak - 9), 0.85),
            ((x + wide + 7, top + 7), (x + wide / 2, peak - 9), 0.4),
        ):
            s.lay([a, b, (b[0], b[1] + 11), (a[0], a[1] + 5)], "roof", roof, lit, np.arctan2(b[1] - a[1], b[0] - a[0]))
    else:
        s.lay(
            [
                (x - 8, top + 4),
                (x + 0.12 * wide, peak + 0.25 * wide),
                (x + 0.9 * wide + 0.6 * side, peak + 0.25 * wide),
                (x + wide + side + 6, top + 4),
            ],
            "roof",
            roof,
            lambda px, py: np.clip(0.9 - 0.3 * (px - x) / wide + 0.08 * np.sin(py * 0.9), 0.1, 1),
            0.0,
        )
        cx = x + 0.68 * wide
        s.lay(
            [
                (cx, peak + 0.3 * wide),
                (cx, peak + 0.08 * wide),
                (cx + 0.11 * wide, peak + 0.08 * wide),
                (cx + 0.11 * wide, peak + 0.3 * wide),
            ],
            "wall",
            roof,
            0.5,
            np.pi / 2,
        )
    if timber:
        t = max(2.5, 0.035 * wide)
        beams = [
            ((x, top), (x + wide, top)),
            ((x, top + tall * 0.36), (x + wide, top + tall * 0.36)),
            ((x, foot - tall * 0.3), (x + wide, foot - tall * 0.3)),
        ]
        beams += [((x + u * wide, top), (x + u * wide, foot)) for u in (0.02, 0.5, 0.98)]
        beams += [
            ((x + 0.05 * wide, top + tall * 0.36), (x + 0.3 * wide, top)),
            ((x + 0.95 * wide, top + tall * 0.36), (x + 0.7 * wide, top)),
        ]
        if gable:
            beams += [
                ((x + wide / 2, peak), (x + wide / 2, top)),
                ((x + 0.25 * wide, top), (x + 0.5 * wide, peak + 0.3 * wide)),
                ((x + 0.75 * wide, top), (x + 0.5 * wide, peak + 0.3 * wide)),
            ]
        for a, b in beams:
            bar(s, a, b, t, "trunk", timber, 0.3)
    for i in range(rows):
        for j in range(columns):
            wx, wy = x + wide * (j + 0.5) / columns, top + tall * (0.18 + 0.66 * i / max(rows, 1))
            a, b = 0.17 * wide / columns, 0.13 * tall / max(rows, 1) + 4
            if i == rows - 1 and j == columns // 2 and rows > 1:
                s.lay(
                    [(wx - a * 1.3, foot), (wx - a * 1.3, wy - b), (wx + a * 1.3, wy - b), (wx + a * 1.3, foot)],
                    "pane",
                    shutter,
                    0.35,
                    np.pi / 2,
                )
                continue
            for sign in (-1, 1):
                s.lay(
                    [
                        (wx + sign * a, wy - b),
                        (wx + sign * 1.9 * a, wy - b),
                        (wx + sign * 1.9 * a, wy + b),
                        (wx + sign * a, wy + b),
                    ],
                    "wall",
                    shutter,
                    0.55,
                    0.0,
                )
            s.lay(
                [(wx - a, wy - b), (wx + a, wy - b), (wx + a, wy + b), (wx - a, wy + b)],
                "pane",
                "#26344a",
                0.12,
                np.pi / 2,
            )
            s.lay(
                [(wx - a, wy - 1.2), (wx + a, wy - 1.2), (wx + a, wy + 1.2), (wx - a, wy + 1.2)],
                "wall",
                "#f4ecdc",
                0.9,
                0.0,
            )


def tower(s: Scene, x: float, foot: float, wide: float, tall: float, wall: str, roof: str) -> None:
    """A church tower with a spire and a clock."""
    top = foot - tall
    s.lay([(x, foot), (x, top), (x + 0.6 * wide, top), (x + 0.6 * wide, foot)], "wall", wall, 0.88, 0.0)
    s.lay(
        [(x + 0.6 * wide, foot), (x + 0.6 * wide, top), (x + wide, top), (x + wide, foot)],
        "wall",
        wall,
        0.34,
        np.pi / 2,
    )
    s.lay([(x - 5, top), (x - 5, top - 9), (x + wide + 5, top - 9), (x + wide + 5, top)], "wall", wall, 0.65, 0.0)
    peak = (x + 0.5 * wide, top - 1.7 * wide)
    s.lay([(x - 4, top - 9), peak, (x + 0.58 * wide, top - 9)], "roof", roof, 0.8, 1.2)
    s.lay([(x + 0.58 * wide, top - 9), peak, (x + wide + 4, top - 9)], "roof", roof, 0.25, 1.7)
    bar(s, peak, (peak[0], peak[1] - 0.35 * wide), 3, "trunk", "#5a4a2a")
    s.disc(x + 0.3 * wide, top + 0.3 * wide, 0.19 * wide, 0.19 * wide, "wall", "#f7f0dc", 0.95)
    for dy in (0.75, 1.5):
        for u in (0.2, 0.42):
            cx, cy, r = x + u * wide, top + dy * wide, 0.07 * wide
            s.lay(
                [(cx - r, cy + 0.36 * wide), (cx - r, cy), (cx, cy - r), (cx + r, cy), (cx + r, cy + 0.36 * wide)],
                "pane",
                "#26344a",
                0.1,
                np.pi / 2,
            )


def bridge(s: Scene, x0: float, x1: float, road: float, foot: float, arches: int, colour: str) -> None:
    s.lay([(x0, foot), (x0, road), ((x0 + x1) / 2, road - 8), (x1, road), (x1, foot)], "wall", colour, 0.72, 0.0)
    s.lay(
        [(x0, road), ((x0 + x1) / 2, road - 8), (x1, road), (x1, road - 9), ((x0 + x1) / 2, road - 18), (x0, road - 9)],
        "wall",
        colour,
        0.95,
        0.0,
    )
    step = (x1 - x0) / arches
    for i in range(arches):
        cx, r = x0 + step * (i + 0.5), 0.36 * step
        a = np.linspace(np.pi, 2 * np.pi, 24)
        h = min(foot - road - 10, 1.1 * r)
        arch = np.stack([cx + r * np.cos(a), foot + h * np.sin(a)], -1)
        s.lay(np.concatenate([arch, [(cx + r, foot + 1), (cx - r, foot + 1)]]), "pane", "#39424a", 0.1, 1.2)
        s.lay(
            np.concatenate(
                [
                    np.stack([cx + 0.2 * r + 0.78 * r * np.cos(a), foot + 0.82 * h * np.sin(a)], -1),
                    [(cx + 0.98 * r, foot + 1), (cx - 0.58 * r, foot + 1)],
                ]
            ),
            "water",
            "#8fb0b8",
            0.75,
            0.0,
        )


def sailing_boat(s: Scene, x: float, y: float, k: float, hull: str, sail: str, jib: str) -> None:
    bar(s, (x - 4 * k, y - 30 * k), (x - 4 * k, y - 190 * k), 5 * k, "trunk", "#4a3626")
    s.lay(
        spline(
            [(x + 2 * k, y - 182 * k), (x + 50 * k, y - 110 * k), (x + 84 * k, y - 38 * k), (x + 2 * k, y - 32 * k)], 6
        ),
        "cloth",
        sail,
        lambda px, py: np.clip(0.95 - 0.5 * (px - x) / (84 * k), 0.1, 1),
        1.15,
    )
    s.lay([(x - 10 * k, y - 170 * k), (x - 12 * k, y - 36 * k), (x - 74 * k, y - 34 * k)], "cloth", jib, 0.7, -1.1)
    s.lay(
        [(x - 92 * k, y - 28 * k), (x + 100 * k, y - 30 * k), (x + 74 * k, y + 6 * k), (x - 70 * k, y + 6 * k)],
        "boat",
        hull,
        lambda px, py: np.clip(0.8 - (py - y + 30 * k) / (44 * k), 0.1, 1),
        0.0,
    )
    s.lay(
        [(x - 92 * k, y - 28 * k), (x + 100 * k, y - 30 * k), (x + 96 * k, y - 22 * k), (x - 87 * k, y - 20 * k)],
        "boat",
        "#f3e6cc",
        0.9,
        0.0,
    )


def walker(s: Scene, x: float, foot: float, k: float, coat: str, skirt: str, hat: str = "#3a2f3a") -> None:
    """A small standing figure of height k."""
    for dx in (-0.07, 0.06):
        bar(s, (x + dx * k, foot), (x + dx * k * 0.8, foot - 0.4 * k), 0.09 * k, "cloth", "#2d2a33", 0.25)
    s.lay(
        [
            (x - 0.15 * k, foot - 0.2 * k),
            (x - 0.1 * k, foot - 0.5 * k),
            (x + 0.1 * k, foot - 0.5 * k),
            (x + 0.17 * k, foot - 0.2 * k),
        ],
        "cloth",
        skirt,
        across(x - 0.15 * k, x + 0.17 * k),
        np.pi / 2,
    )
    s.lay(
        spline(
            [
                (x - 0.11 * k, foot - 0.45 * k),
                (x - 0.14 * k, foot - 0.76 * k),
                (x, foot - 0.82 * k),
                (x + 0.14 * k, foot - 0.75 * k),
                (x + 0.12 * k, foot - 0.45 * k),
                (x - 0.11 * k, foot - 0.45 * k),
            ],
            5,
        ),
        "cloth",
        coat,
        across(x - 0.14 * k, x + 0.14 * k),
        np.pi / 2,
    )
    s.disc(x, foot - 0.89 * k, 0.065 * k, 0.085 * k, "skin", "#e2a884")
    s.lay(
        [
            (x - 0.12 * k, foot - 0.93 * k),
            (x - 0.07 * k, foot - 0.95 * k),
            (x - 0.055 * k, foot - 1.02 * k),
            (x + 0.055 * k, foot - 1.02 * k),
            (x + 0.07 * k, foot - 0.95 * k),
            (x + 0.12 * k, foot - 0.93 * k),
        ],
        "cloth",
        hat,
        0.4,
        0.0,
    )
