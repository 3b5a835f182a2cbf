"""How far a film is, and how long the rest of it takes."""

import time
from collections import deque
from typing import Any, Deque, Mapping, NamedTuple, Optional

RECENT = 8
"""Frames by whose time the time left is told."""
PROGRESS_EVERY_S = 0.1


class Progress(NamedTuple):
    """`number`: the frame that is next; `done` of `total` frames have their results. `left_s` is of all frames, None
    before one is painted."""

    number: int
    done: int
    total: int
    iteration: int
    iterations: int
    left_s: Optional[float]


class ProgressMeter:
    """Of a film of `total` frames."""

    def __init__(self, total: int) -> None:
        self.done = 0  # frames that have their results
        self._total = total
        self._times: Deque[float] = deque(maxlen=RECENT)
        self._read_at = 0.0

    def painted(self, seconds: float) -> None:
        """A frame took so long. One that is held, or empty, is not painted."""
        self._times.append(seconds)

    def add_result(self) -> None:
        """A frame has its result, painted or not."""
        self.done += 1

    def read(self, number: int, event: Mapping[str, Any]) -> Optional[Progress]:
        """What a `progress` event of frame `number` means for the film. None where that would be more often than
        anybody can read, but never of a frame's last event."""
        now = time.monotonic()
        iteration, iterations = int(event.get("iteration") or 0), int(event.get("iterations") or 0)
        if iteration != iterations and now - self._read_at < PROGRESS_EVERY_S:
            return None
        self._read_at = now
        left = None
        if self._times:
            frames = self._total - self.done - iteration / max(1, iterations)
            left = frames * sum(self._times) / len(self._times)
        return Progress(number, self.done, self._total, iteration, iterations, left)
