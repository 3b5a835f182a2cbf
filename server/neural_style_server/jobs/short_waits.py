"""A request waits a moment for what it has asked for, and a slow disk or iteration does not hold it up for longer."""

from __future__ import annotations

import threading
import time

from .record import RUNNING
from .store import JobStore
from .table import Job, JobTable

QUICK_S = 1.0
"""How long a request waits for the worker's present iteration and for the disk, before it answers."""

WAITERS = 2
"""So many requests may wait at once; the others are answered at once, with the job as it is. Each has a thread of the
server's, and no program may take them all."""


class ShortWaits:
    """Of all users together."""

    def __init__(self, table: JobTable, store: JobStore) -> None:
        self._table, self._store = table, store
        self._places = threading.BoundedSemaphore(WAITERS)

    def wait(self, job: Job | None = None) -> None:
        """For a running job to change its state, and for the disk; not at all while WAITERS others wait."""
        if not self._places.acquire(blocking=False):
            return
        try:
            deadline = time.monotonic() + QUICK_S
            if job is not None:
                with self._table.lock:
                    self._table.lock.wait_for(lambda: job.state != RUNNING, timeout=QUICK_S)
            self._store.flush(max(0.0, deadline - time.monotonic()))
        finally:
            self._places.release()
