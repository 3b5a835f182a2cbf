"""What the routes work with; a test passes its own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..jobs.controller import JobController
from ..jobs.counters import Counters
from ..jobs.image_store import ImageStore
from ..jobs.sequences import Sequences
from ..jobs.status import JobsStatus
from ..jobs.workspaces import Workspaces
from ..presets.library import Library
from ..settings import Settings
from ..users import OWNER
from .event_places import EventPlaces
from .security import Keys


@dataclass
class Services:
    """What a request may reach, which is the workspace of its `user`. `stop` ends the daemon after the answer."""

    settings: Settings
    home: Path
    workspaces: Workspaces
    status: JobsStatus
    counters: Counters
    keys: Keys
    stop: Callable[[], None]
    touched: Callable[[], None] = lambda: None
    user: str = OWNER

    def __post_init__(self) -> None:
        self.event_places = EventPlaces(self.settings)

    def seen_by(self, user: str) -> Services:
        """The same for another user."""
        mine = copy.copy(self)
        mine.user = user
        return mine

    @property
    def controller(self) -> JobController:
        return self.workspaces.of(self.user).controller

    @property
    def library(self) -> Library:
        return self.workspaces.of(self.user).library

    @property
    def images(self) -> ImageStore:
        return self.workspaces.of(self.user).images

    @property
    def sequences(self) -> Sequences:
        return self.workspaces.of(self.user).sequences

    @property
    def max_pixels(self) -> int:
        """The largest canvas that the user may send."""
        most = self.settings.max_pixels
        return most if self.user == OWNER else min(most, self.settings.user_max_pixels)
