"""How many event streams may be open at once, in all and of each user: each holds a thread of the server's."""

from __future__ import annotations

import threading
from collections import Counter

from ..errors import TooMany
from ..settings import Settings
from ..users import OWNER


class EventPlaces:
    """By max_event_streams, and user_event_streams, which does not bind the daemon's owner."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    def take(self, user: str) -> None:
        """To be given back. Raises TooMany."""
        most, own = self._settings.max_event_streams, self._settings.user_event_streams
        with self._lock:
            if self._taken.total() >= most:
                raise TooMany(f"{most} event streams are open already, which is the limit.")
            if user != OWNER and self._taken[user] >= own:
                raise TooMany(f"{own} event streams of yours are open already, which is the limit for each user.")
            self._taken[user] += 1

    def give_back(self, user: str) -> None:
        with self._lock:
            self._taken[user] -= 1
