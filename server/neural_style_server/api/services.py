"""What the routes work with; a test passes its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from ..jobs.controller import JobController
from ..jobs.image_store import ImageStore
from ..jobs.sequences import Sequences
from ..presets.library import Library
from ..settings import Settings
from .security import Keys


@dataclass
class Services:
    """`stop` ends the daemon after the answer."""

    settings: Settings
    home: Path
    controller: JobController
    library: Library
    images: ImageStore
    sequences: Sequences
    keys: Keys
    stop: Callable[[], None]
    touched: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.event_streams = BoundedSemaphore(self.settings.max_event_streams)
