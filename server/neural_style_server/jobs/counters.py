"""What has happened since the daemon began, in numbers that only grow; `/metrics` shows them."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Literal

Name = Literal["stage_seconds", "iterations", "jobs_ended", "job_errors", "uploads", "targets", "problems"]
"""stage_seconds: of jobs, by stage (waiting, preparing, painting, saving). iterations: by device. jobs_ended: by state.
job_errors and problems, of requests: by code. uploads: whether the picture was "new" or "known". targets: of
styles, whether the worker's cache had it ("hit", "miss")."""


class Counters:
    """Thread-safe; holds no other lock while it counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Name, dict[str, float]] = defaultdict(lambda: defaultdict(float))

    def add(self, name: Name, label: str, amount: float = 1.0) -> None:
        with self._lock:
            self._counts[name][label] += amount

    def of(self, name: Name) -> dict[str, float]:
        """By label."""
        with self._lock:
            return dict(self._counts[name])
