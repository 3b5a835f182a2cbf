"""Lines that follow a direction field at an even distance from one another (after Jobard and Lefer 1997)."""

import numpy as np
from PIL import Image, ImageDraw

from strokes import Array, Rng, grid


def lines(
    angle: Array,
    part: Array,
    apart: float,
    longest: float,
    rng: Rng,
    where: Array | None = None,
    wander: float = 0.0,
    share: float = 1.0,
) -> list[Array]:
    """Paths (n, 2), each within one part and where `where` holds. All planes have one value a pixel; `apart` is the
    distance between lines and `longest` their length, in pixels; `share` of the places for lines have one."""
    h, w = angle.shape
    page = Image.new("L", (w, h))
    pen, taken = ImageDraw.Draw(page), page.load()
    dx, dy = np.cos(angle), np.sin(angle)
    step, out = max(1.5, apart / 4), []
    for start in grid(rng, (w, h), apart * 0.7):
        x, y = float(start[0]), float(start[1])
        if (
            not (0 <= x < w and 0 <= y < h)
            or taken[int(x), int(y)]
            or (where is not None and not where[int(y), int(x)])
        ):
            continue
        if rng.random() > share:
            continue
        own, ends = part[int(y), int(x)], []
        for sign in (1.0, -1.0):
            path, px, py = [], x, y
            hx, hy = sign * dx[int(y), int(x)], sign * dy[int(y), int(x)]
            for _ in range(int(longest * rng.uniform(0.35, 0.65) / step)):
                vx, vy = dx[int(py), int(px)], dy[int(py), int(px)]
                if vx * hx + vy * hy < 0:
                    vx, vy = -vx, -vy
                hx, hy = vx + wander * rng.normal(), vy + wander * rng.normal()
                px, py = px + step * hx, py + step * hy
                if not (0 <= px < w and 0 <= py < h) or part[int(py), int(px)] != own or taken[int(px), int(py)]:
                    break
                if where is not None and not where[int(py), int(px)]:
                    break
                path.append((px, py))
            ends.append(path)
        path = [*ends[1][::-1], (x, y), *ends[0]]
        if len(path) > 2:
            pen.line(path, fill=255, width=max(1, round(apart * 1.5)), joint="curve")
            out.append(np.array(path, np.float32))
    return out
