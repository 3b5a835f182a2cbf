"""How many jobs of a batch are under way at once: as many as there are workers, and one more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

LEAST = 2
"""While one is painted, the next photo is read and sent, and the last result written."""

REFRESH_S = 2.0
"""Workers of a cluster come and go; they are counted anew so often, when a job waits."""


class Places:
    """A context that is entered as soon as a place is free. `workers` counts them; at most `most` places."""

    def __init__(self, workers: Callable[[], int], most: int) -> None:
        self._workers, self._most = workers, most
        self._changed = threading.Condition()
        self._taken, self._count, self._counted = 0, LEAST, float("-inf")

    def __enter__(self) -> None:
        with self._changed:
            while self._taken >= self._allowed():
                self._changed.wait(REFRESH_S)
            self._taken += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._taken -= 1
            self._changed.notify()

    def _allowed(self) -> int:
        if time.monotonic() - self._counted > REFRESH_S:
            self._count = min(self._most, max(LEAST, self._workers() + 1))
            self._counted = time.monotonic()
        return self._count
