"""What a library hands out: immutable values, which stay as they are while the library changes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .preset import Preset, to_mapping


@dataclass(frozen=True)
class Entry:
    """A preset in a library."""

    preset: Preset
    library: str
    read_only: bool
    folder: Path
    favourite: bool = False
    last_used: float | None = None

    @property
    def name(self) -> str:
        return self.preset.name

    def as_dict(self) -> dict[str, Any]:
        """For the API and `presets show --json`, with every control and method key."""
        preset = self.preset
        texts = ("name", "title", "description", "author", "licence", "source")
        return {
            **{key: getattr(preset, key) for key in texts},
            "tags": list(preset.tags),
            "library": self.library,
            "read_only": self.read_only,
            "favourite": self.favourite,
            "last_used": self.last_used,
            "images": to_mapping(preset)["images"],
            "controls": preset.controls.as_dict(),
            "method": preset.method.as_dict(),
        }


@dataclass(frozen=True)
class SnapshotImage:
    """A style image with its bytes, as they were when the snapshot was taken."""

    file: str
    weight: float
    region: str | None
    sha256: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Snapshot:
    """A preset as a job holds it: neither a change nor a deletion in the library can reach it."""

    preset: Preset
    library: str
    images: tuple[SnapshotImage, ...]

    @property
    def sha256(self) -> str:
        """Of everything that has an influence on the picture, which the name and the title have not."""
        images = [(image.sha256, float(image.weight), image.region) for image in self.images]
        parts = [images, self.preset.controls.as_dict(), self.preset.method.as_dict()]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def record(self) -> dict[str, Any]:
        """Which preset this was, for a job's record."""
        images = [{"file": it.file, "weight": it.weight, "sha256": it.sha256} for it in self.images]
        return {"name": self.preset.name, "library": self.library, "sha256": self.sha256, "images": images}
