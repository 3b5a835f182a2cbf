"""A clip with exactly known motion: a boat on a moving sea, under a still sky. Our own drawing.

    python benchmarks/boat.py FOLDER --frames 24 --width 448 --height 352

Every layer is a picture that moves by a known number of pixels a frame, parts of pixels too. So the flow is known, and
where a place was hidden in the frame before.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Array = Any
SEA, BOAT = (-1.5, 0.0), (2.75, 0.5)
"""Pixels a frame, (x, y)."""


@dataclass(frozen=True)
class Layer:
    """picture: RGBA; at: where its upper left corner is in frame 0; velocity: in pixels a frame, both (x, y)."""

    picture: Image.Image
    at: tuple[float, float]
    velocity: tuple[float, float]

    def shown(self, frame: int, size: tuple[int, int]) -> Array:
        """(H, W, 4), 0–255, in this frame."""
        left, top = (at + frame * speed for at, speed in zip(self.at, self.velocity, strict=True))
        moved = self.picture.transform(
            size, Image.Transform.AFFINE, (1, 0, -left, 0, 1, -top), Image.Resampling.BICUBIC
        )
        return np.asarray(moved, "f4")


def layers(width: int, height: int) -> list[Layer]:
    """From the back to the front."""
    rng = np.random.default_rng(7)
    horizon = round(0.42 * height)
    return [
        Layer(_sky(width, height, rng), (0, 0), (0, 0)),
        Layer(_sea(width + 400, height - horizon + 8, rng), (-4, horizon), SEA),
        Layer(_boat(round(0.36 * width)), (0.08 * width, horizon - 0.2 * width), BOAT),
    ]


def frames(count: int, width: int, height: int) -> tuple[list[Array], list[Array], list[Array]]:
    """The frames (H, W, 3) uint8; for each but the first the flow (H, W, 2) back to the one before, in pixels (x, y);
    and where that is reliable (H, W): the same layer is seen in both, away from its edges."""
    parts = layers(width, height)
    shown, owners = [], []
    for number in range(count):
        canvas = np.zeros((height, width, 3), "f4")
        owner = np.zeros((height, width), int)
        for place, layer in enumerate(parts):
            rgba = layer.shown(number, (width, height))
            alpha = rgba[..., 3:] / 255
            canvas = canvas * (1 - alpha) + rgba[..., :3] * alpha
            owner = np.where(alpha[..., 0] > 0.5, place, owner)
        shown.append(np.rint(canvas.clip(0, 255)).astype("u1"))
        owners.append(owner)
    speeds = np.array([layer.velocity for layer in parts], "f4")
    flows = [-speeds[owner] for owner in owners[1:]]
    reliable = [_reliable(now, before, flow) for before, now, flow in zip(owners, owners[1:], flows, strict=False)]
    return shown, flows, reliable


def _reliable(now: Array, before: Array, flow: Array) -> Array:
    height, width = now.shape
    y, x = np.mgrid[0:height, 0:width]
    from_x, from_y = np.rint(x + flow[..., 0]).astype(int), np.rint(y + flow[..., 1]).astype(int)
    inside = (from_x >= 1) & (from_x < width - 1) & (from_y >= 1) & (from_y < height - 1)
    origin = before[from_y.clip(0, height - 1), from_x.clip(0, width - 1)]
    edge = np.zeros_like(inside)
    for axis in (0, 1):
        for step in (-2, -1, 1, 2):
            edge |= np.roll(now, step, axis) != now
            edge |= np.roll(origin, step, axis) != origin
    return inside & (origin == now) & ~edge


def _sky(width: int, height: int, rng: Any) -> Image.Image:
    rows = np.linspace(0, 1, height)[:, None, None]
    sky = (1 - rows) * np.array([70, 120, 190.0]) + rows * np.array([250, 225, 185.0])
    clouds = _noise(width, height, rng, (6, 14, 30))[..., None].clip(0.1, 1) * 150
    return _opaque(np.broadcast_to(sky, (height, width, 3)) + clouds - 20)


def _sea(width: int, height: int, rng: Any) -> Image.Image:
    waves = _noise(width, height, rng, (10, 24, 60), stretch=4)[..., None]
    rows = np.linspace(0, 1, height)[:, None, None]
    sea = (1 - rows) * np.array([60, 130, 150.0]) + rows * np.array([20, 50, 90.0])
    return _opaque(sea + 90 * waves)


def _noise(width: int, height: int, rng: Any, cells: tuple[int, ...], stretch: int = 1) -> Array:
    """(H, W), about −1 to 1, with structures of several sizes."""
    total = np.zeros((height, width))
    for number, cell in enumerate(cells):
        small = rng.standard_normal((cell * stretch, cell)).astype("f4")
        image = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(image) / (2 + number)
    return total


def _opaque(pixels: Array) -> Image.Image:
    return Image.fromarray(np.rint(pixels.clip(0, 255)).astype("u1")).convert("RGBA")


def _boat(side: int) -> Image.Image:
    """A boat with two sails, drawn large and made smaller, so that its edges are soft."""
    large = 4 * side
    image = Image.new("RGBA", (large, large), (90, 50, 30, 0))
    draw = ImageDraw.Draw(image)

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * large, y * large) for x, y in points]

    draw.polygon(at((0.06, 0.7), (0.94, 0.7), (0.8, 0.9), (0.2, 0.9)), (120, 50, 35, 255))
    draw.polygon(at((0.06, 0.7), (0.94, 0.7), (0.92, 0.74), (0.08, 0.74)), (225, 190, 120, 255))
    draw.rectangle(at((0.48, 0.06), (0.505, 0.7)), (60, 40, 25, 255))  # type: ignore[arg-type]
    draw.polygon(at((0.46, 0.1), (0.46, 0.66), (0.12, 0.66)), (245, 235, 215, 255))
    draw.polygon(at((0.53, 0.06), (0.53, 0.66), (0.88, 0.62)), (225, 120, 60, 255))
    for number in range(1, 5):
        y = 0.06 + number * 0.12
        draw.line(at((0.53, y), (0.53 + 0.07 * number, y)), (180, 80, 40, 255), large // 80)
        draw.line(at((0.46 - 0.065 * number, y + 0.04), (0.46, y + 0.04)), (200, 185, 160, 255), large // 90)
    draw.polygon(at((0.505, 0.06), (0.62, 0.09), (0.505, 0.12)), (190, 30, 40, 255))
    return image.filter(ImageFilter.GaussianBlur(2)).resize((side, side), Image.Resampling.LANCZOS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--width", type=int, default=448)
    parser.add_argument("--height", type=int, default=352)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    shown, _, _ = frames(options.frames, options.width, options.height)
    for number, pixels in enumerate(shown, 1):
        Image.fromarray(pixels).save(options.folder / f"boat-{number:04}.png")
    print(f"{len(shown)} frames in {options.folder}")


if __name__ == "__main__":
    main()
