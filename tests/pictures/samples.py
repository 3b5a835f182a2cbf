"""What picture files are made of in the collection, and the colours that they must show."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms
from tests.picture_files import PHOTO
from tests.pictures.profiles import ADOBE_RGB, DISPLAY_P3, PROPHOTO, rgb_profile

EXACT, LOSSY = 2, 12
"""Of 255. What is packed with loss is compared where it is smooth."""

SMOOTH = PHOTO.resize((5, 4)).resize((64, 48), Image.Resampling.BICUBIC)
RGB = np.asarray(SMOOTH)
GREY = np.asarray(SMOOTH.convert("L"))
COVER = np.linspace(0, 255, 64).round().astype(np.uint8)[None].repeat(48, 0)
RGBA = np.dstack([RGB, COVER])
PROFILES = {
    "display-p3": rgb_profile(DISPLAY_P3, 2.2),
    "adobe-rgb": rgb_profile(ADOBE_RGB, 2.2),
    "prophoto": rgb_profile(PROPHOTO, 1.8),
}


@dataclass(frozen=True, eq=False)
class Sample:
    """shown: (H, W, 3 or 4), 0–255, or None where the file must be refused in a sentence; tolerance: of 255; said: in
    a note, or in the refusal."""

    data: bytes
    shown: np.ndarray | None
    tolerance: int = EXACT
    said: str = ""


def image(values: np.ndarray, mode: str | None = None) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(values), mode)


def by_littlecms(shown: Image.Image, profile: bytes) -> np.ndarray:
    """In sRGB by a transform of its own, with the intent that photos are converted by."""
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    way = ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), shown.mode, "RGB")
    found = ImageCms.applyTransform(shown, way)
    assert found is not None
    return np.asarray(found)


Named = Iterator[tuple[str, Sample]]
