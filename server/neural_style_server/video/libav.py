"""PyAV, which comes with the extra `video`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import NeuralStyleError


class NeedsVideo(NeuralStyleError):
    """The extra is not installed."""

    code = "needs_video"
    hint = "Install it with: pip install 'neural-style-server[video]'."


def libav() -> ModuleType:
    """The module `av`. Raises NeedsVideo where it is not installed."""
    try:
        import av
    except ImportError:
        raise NeedsVideo("Video files need the extra 'video', which is not installed.") from None
    av.logging.set_level(None)  # what ffmpeg prints is no sentence; failures are raised
    return av


def open_file(path: Path, mode: str = "r", **options: Any) -> Any:
    """`av.open` of a file. By its whole path, or ffmpeg takes what stands before a colon in its name for a protocol.
    What it says of itself may be in any encoding. Raises NeedsVideo, and what `av.open` raises."""
    return libav().open(str(path.absolute()), mode, metadata_errors="replace", **options)
