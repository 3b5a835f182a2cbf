"""The state of jobs and workers, for health, lists and forecasts. Nothing here waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..setting_sources import lost_settings
from .record import DONE, QUEUED, RUNNING, STATES
from .spec import JobOptions
from .store import JobStore
from .table import JobTable
from .workers import WorkerPool, WorkerStatus

FURTHEST_FIRST = ("ready", "starting", "failed", "stopped")


class JobsStatus:
    """Reads the table and the pool."""

    def __init__(self, home: Path, table: JobTable, store: JobStore, pool: WorkerPool) -> None:
        self._table, self._store, self._pool = table, store, pool
        self._lost_settings = lost_settings(home)

    def counts(self) -> dict[str, int]:
        """How many jobs are queued, and how many running."""
        with self._table.lock:
            return {QUEUED: len(self._table.in_state(QUEUED)), RUNNING: len(self._table.painted())}

    def by_state(self) -> dict[str, float]:
        """How many jobs are in each state, of all users together."""
        with self._table.lock:
            found = Counter[str](job.state for job in self._table.all())
        return {state: found[state] for state in STATES}

    def workers_by_state(self) -> dict[str, float]:
        return dict(Counter(worker.state for worker in self._pool.workers()))

    def worker(self) -> WorkerStatus:
        """All workers as one: the state of the readiest one, and all known devices."""
        workers = self._pool.workers()
        best = min(workers, key=lambda worker: FURTHEST_FIRST.index(worker.state))
        devices = dict.fromkeys(worker.device for worker in workers if worker.device)
        return replace(best, device="; ".join(devices) or None)

    def workers(self, owner: str) -> list[dict[str, Any]]:
        """All workers, each as a `WorkerView`, with the jobs of one user."""
        with self._table.lock:
            painted = [(job.worker, job.id, job.owner) for job in self._table.painted()]
        views = []
        for worker in self._pool.workers():
            here = [(job, whose) for place, job, whose in painted if place == worker.id]
            jobs = [job for job, whose in here if whose == owner]
            state = "busy" if here and worker.state == "ready" else worker.state
            views.append({"id": worker.id, "device": worker.device, "host": worker.host, "state": state, "jobs": jobs})
        return views

    def versions(self) -> dict[str, Any]:
        """The network and dtype of the first worker that has been ready."""
        return dict(next((worker.versions for worker in self._pool.workers() if worker.versions), {}))

    def problems(self) -> str:
        """What the start has set aside that a painter would miss, in sentences; "" if nothing."""
        count = self._store.set_aside
        found = "1 job could not be read and is" if count == 1 else f"{count} jobs could not be read and are"
        jobs = f"{found} kept in jobs/.unreadable; daemon.log says why." if count else ""
        return " ".join(filter(None, (jobs, self._lost_settings)))

    def was_painted(self, spec: JobOptions, width: int, height: int, owner: str) -> bool:
        """Whether a job of this owner with these styles was done on a canvas of this size: its targets are cached."""
        wanted = (width, height, _styles(spec.model_dump(mode="json")))
        with self._table.lock:
            done = [job.record for job in self._table.in_state(DONE) if job.owner == owner]
        return any((job.width, job.height, _styles(job.request)) == wanted for job in done)


def _styles(request: Mapping[str, Any]) -> list[Any]:
    """What the targets of a request depend on; version 0.1.0 knew neither blend nor part."""
    regions = [{"blend": [], "style_part": None, **region} for region in request["regions"]]
    return [request.get("preset"), request.get("blend", []), request.get("size"), regions]
