"""The immutable values that a library returns; a later change of the library does not reach them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .preset import Notes, Preset


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
        texts = preset.model_dump(mode="json", include={"name", "title", *Notes.model_fields})
        place = {key: getattr(self, key) for key in ("library", "read_only", "favourite", "last_used")}
        images = [image.model_dump(exclude_none=True) for image in preset.images]
        settings = {"controls": preset.controls.as_dict(), "method": preset.method.as_dict()}
        return {**texts, **place, "images": images, **settings}


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
        """Of everything that influences the picture; the name and the title do not."""
        images = [(image.sha256, float(image.weight), image.region) for image in self.images]
        parts = [images, self.preset.controls.as_dict(), self.preset.method.as_dict()]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def record(self) -> dict[str, Any]:
        """Which preset this was, for a job's record."""
        images = [{"file": it.file, "weight": it.weight, "sha256": it.sha256} for it in self.images]
        return {"name": self.preset.name, "library": self.library, "sha256": self.sha256, "images": images}
