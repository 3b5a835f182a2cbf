"""How much room a painted clip needs on the disk, and whether there is so much."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import NeuralStyleError
from ..video.clip import Clip
from .colours import Colours

PICTURE_BYTES, VIDEO_BYTES = {"RGBA8": 3.0, "RGBA16": 6.0, "RGBAF32": 12.0}, 0.4
"""Of a pixel of a painted picture: what its three colours have unpacked. A pixel of a video seldom has more."""

RESERVE = 64 << 20


def bytes_of_picture(clip: Clip, kind: str, colours: Colours) -> float:
    """Of the file of one painted picture of this kind, at most."""
    stored = clip.format
    if kind == "PNG" and stored == "RGBAF32":
        stored = "RGBA16"
    elif colours.written not in (None, "srgb"):
        stored = "RGBAF32"
    elif kind == "EXR" and stored == "RGBA8":
        stored = "RGBA16"
    return clip.look.width * clip.look.height * PICTURE_BYTES[stored]


def check_room(folder: Path, needed: float) -> None:
    """Raises NeuralStyleError."""
    free = shutil.disk_usage(folder).free
    if free < needed + RESERVE:
        raise NeuralStyleError(
            f"The result needs up to {size_words(needed)} at {folder}, and {size_words(free)} are free.",
            hint="Free some space, paint a part with --start and --end, or a smaller one with --resize.",
            code="disk_full",
        )


def size_words(count: float) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
