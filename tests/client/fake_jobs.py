"""The fake daemon's jobs and presets, as its answers have them, and how it paints: it inverts colours."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

PRESETS = {"ink-wash": (40, 60, 90), "night-swirl": (30, 50, 160), "mosaic": (180, 90, 40)}
CONTROLS = {
    "strength": 50, "brush_size": 100, "colour": 0, "detail": 50, "smoothness": 30, "boldness": 50, "less_white": 0,
}  # fmt: skip
OVER = ("done", "cancelled", "failed")
KINDS = {"RGBA8": "u1", "RGBA16": "u2", "RGBAF32": "f4"}


@dataclass
class Job:
    id: str
    body: dict[str, Any]
    width: int
    height: int
    format: str
    pixels: bytes
    iterations: int
    state: str = "queued"
    iteration: int = 0
    finish: bool = False
    revision: int = 0
    resting: bool = False
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def say(self, name: str, data: dict[str, Any]) -> None:
        with self.changed:
            self.events.append((name, data))
            self.changed.notify_all()

    def become(self, state: str) -> None:
        self.state = state
        live = {"resting": self.resting, "revision": self.revision} if self.body.get("live") else {}
        self.say("done" if state in OVER else "state", {"state": state, **live})

    def fail(self, problem: dict[str, Any]) -> None:
        self.state = "failed"
        self.say("error", problem)

    def record(self) -> dict[str, Any]:
        known = ("id", "state", "width", "height", "format", "iteration", "iterations", "revision", "resting")
        return {
            **{name: getattr(self, name) for name in known},
            **{name: {} for name in ("links", "preset_source", "recipe", "versions")},
            "request": {name: self.body[name] for name in ("mask",) if name in self.body},
            **dict.fromkeys(("eta", "started", "finished", "tile", "loss", "error")),
            "client": self.body.get("client", "somebody"),
            "preset": self.body["preset"],
            "on_disconnect": self.body.get("on_disconnect", "continue"),
            "seed": self.body.get("seed", 7),
            "forecast": forecast(),
            "seconds": 1.0,
            "created": 1.0,
            "notes": [],
            "frames": [],
            "live": bool(self.body.get("live")),
        }


def preset(name: str) -> dict[str, Any]:
    return {
        **dict.fromkeys(("author", "licence", "source"), ""),
        "name": name,
        "title": name.replace("-", " ").title(),
        "description": f"Made for tests: {name}.",
        "tags": ["test", name.split("-")[0]],
        "library": "built-in",
        "read_only": True,
        "favourite": name == "mosaic",
        "last_used": None,
        "images": [{"file": "style.jpg", "weight": 1.0}],
        "controls": dict(CONTROLS),
        "method": {"iterations": 40, "seed": 7},
        "thumbnail": f"/v1/presets/{name}/thumbnail",
    }


def forecast() -> dict[str, Any]:
    return {
        "seconds": 42, "bytes": 1.5e9, "disk_bytes": 0, "iterations": 40, "width": 64, "height": 64, "fits": True,
        "full_detail": True, "calibrated": True, "tile": None, "detail": "", "quick": None,
    }  # fmt: skip


def thumbnail(name: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (96, 96), PRESETS.get(name, (90, 90, 90))).save(file, "PNG")
    return file.getvalue()


def inverted(data: bytes, format: str) -> bytes:
    """Colours inverted, alpha and transparent pixels as they are."""
    pixels = np.frombuffer(data, KINDS[format]).reshape(-1, 4).copy()
    most = 1 if format == "RGBAF32" else np.iinfo(pixels.dtype).max
    visible = pixels[:, 3] > 0
    pixels[visible, :3] = most - pixels[visible, :3]
    return pixels.tobytes()


def placed(base: bytes, width: int, part: tuple[int, int, bytes], x: int, y: int) -> bytes:
    """A part laid onto an RGBA8 picture of that width."""
    whole, (part_width, part_height, data) = bytearray(base), part
    for row in range(part_height):
        start, length = 4 * ((y + row) * width + x), 4 * part_width
        whole[start : start + length] = data[row * length : (row + 1) * length]
    return bytes(whole)


def masked(painted: bytes, content: bytes, mask: bytes, format: str) -> bytes:
    weight = np.frombuffer(mask, "u1").reshape(-1, 4)[:, :1] / np.float64(255)
    new, old = (np.frombuffer(data, KINDS[format]).reshape(-1, 4) for data in (painted, content))
    mixed = new * weight + old * (1 - weight)
    return (mixed if format == "RGBAF32" else np.round(mixed)).astype(KINDS[format]).tobytes()
