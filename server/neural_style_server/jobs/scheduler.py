"""Which job is next, on which worker, and which one has to wait again. Decides only: no threads, no files, no clock.

Users share the workers fairly, and each user's clients share what he has: the user who was served longest ago is next,
with the client that was served longest ago, and its short jobs first. However many jobs a user has queued, the next
place that is free is another's. An idle worker takes any job. A busy one takes a second job of a client that has none
running, unless an idle worker is about to be there. While more clients wait than that, a job that has had its turn is
saved, waits, and goes on later; it does so too for a short job of its own client.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from .table import Client, Job

RUNS_PER_WORKER = 2
TURN_S = 20.0
"""How long a job is painted, at least, before it has to wait; one that takes no longer than this is short."""


class Scheduler:
    """Remembers when each client was last served, and each user, in seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._served: dict[Client, float] = {}
        self._users: dict[str, float] = {}

    def next(
        self, waiting: Sequence[Job], running: Sequence[Job], ready: Sequence[str], idle_soon: bool
    ) -> tuple[Job, str] | None:
        """The next job and its worker, of those that are `ready`. `idle_soon`: another worker is starting."""
        load = Counter(job.worker for job in running)
        served_now = {job.client for job in running}
        others = [job for job in waiting if job.client not in served_now]
        idle = [worker for worker in ready if not load[worker]]
        if idle and waiting:
            return min(others or waiting, key=self._rank), idle[0]
        shared = [worker for worker in ready if load[worker] < RUNS_PER_WORKER]
        if shared and others and not idle_soon:
            return min(others, key=self._rank), min(shared, key=lambda worker: load[worker])
        return None

    def must_wait(
        self, job: Job, waiting: Sequence[Job], running: Sequence[Job], ready: Sequence[str], now: float
    ) -> bool:
        """Whether a running job has had its turn and another is due. One at a time is sent to wait."""
        if job.requested is not None or now - job.since <= TURN_S:
            return False
        if any(other.requested == "yield" for other in running):
            return False
        served_now = {other.client for other in running}
        full = len(running) >= RUNS_PER_WORKER * len(ready)
        crowded = full and any(other.client not in served_now for other in waiting)
        overtaken = not _is_short(job) and any(other.client == job.client and _is_short(other) for other in waiting)
        return crowded or overtaken

    def served(self, client: Client, now: float) -> None:
        self._served[client] = self._users[client.owner] = now

    def keep_only(self, clients: Collection[Client]) -> None:
        """Forget the clients that have no job any more."""
        owners = {client.owner for client in clients}
        self._served = {client: when for client, when in self._served.items() if client in clients}
        self._users = {owner: when for owner, when in self._users.items() if owner in owners}

    def _rank(self, job: Job) -> tuple[float, float, bool, float]:
        user, client = self._users.get(job.owner, 0.0), self._served.get(job.client, 0.0)
        return user, client, not _is_short(job), job.record.created


def _is_short(job: Job) -> bool:
    """Whether what is left of it fits into one turn."""
    record = job.record
    left = record.forecast.seconds if record.eta is None else record.eta
    return left <= TURN_S
