"""A job's record: what was asked, where it stands, what happened. Survives the daemon in `job.json`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from .files import read_json, write_json

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
DONE, CANCELLED, FAILED = "done", "cancelled", "failed"
STATES = (QUEUED, RUNNING, PAUSED, DONE, CANCELLED, FAILED)
ENDED = (DONE, CANCELLED, FAILED)
MOST_EVENTS = 5000
"""Events kept for readers that come late; older `progress` events are thinned out first."""


class JobEvent(NamedTuple):
    """Numbered from 1 within its job."""

    number: int
    name: str
    data: dict[str, Any]


@dataclass
class Job:
    """Guarded by the queue's lock; what leaves the queue is `view()`, a copy."""

    id: str
    folder: Path
    client: str
    preset: str
    on_disconnect: str
    request: dict[str, Any]
    preset_source: dict[str, Any]
    seed: int
    width: int
    height: int
    format: str
    iterations: int
    forecast: dict[str, Any]
    recipe: dict[str, Any]
    versions: dict[str, Any] = field(default_factory=dict)
    state: str = QUEUED
    iteration: int = 0
    seconds: float = 0.0
    eta: float | None = None
    loss: dict[str, float] | None = None
    frames: list[dict[str, Any]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)
    tile: int | None = None
    created: float = field(default_factory=time.time)
    started: float | None = None
    finished: float | None = None
    attempts: int = 0
    events: list[JobEvent] = field(default_factory=list)
    readers: int = 0

    UNSAVED = ("folder", "events", "readers")

    def tell(self, name: str, **data: Any) -> None:
        """Add an event for the readers of the job's stream."""
        number = self.events[-1].number + 1 if self.events else 1
        self.events.append(JobEvent(number, name, data))
        if len(self.events) > MOST_EVENTS:
            half = MOST_EVENTS // 2
            old = [event for i, event in enumerate(self.events[:half]) if event.name != "progress" or i % 4 == 0]
            self.events[:half] = old

    def save(self) -> None:
        write_json(self.folder / "job.json", {k: v for k, v in vars(self).items() if k not in self.UNSAVED})

    def view(self) -> dict[str, Any]:
        """What `GET /v1/jobs/ID` answers."""
        hidden = (*self.UNSAVED, "attempts")
        base = f"/v1/jobs/{self.id}"
        links = {
            "self": base,
            **{name: f"{base}/{name}" for name in ("events", "result", "losses", "cancel")},
        }
        view = {key: value for key, value in vars(self).items() if key not in hidden}
        return {**view, "frames": list(self.frames), "links": links}


def load(folder: Path) -> Job | None:
    """The record as it was last saved, or None where it is not there whole. An unfinished job is now paused."""
    saved = read_json(folder / "job.json")
    if not isinstance(saved, dict):
        return None
    try:
        job = Job(folder=folder, **saved)
    except TypeError:
        return None
    if job.state in (QUEUED, RUNNING):
        job.state, job.eta = PAUSED, None
        job.notes.append("The daemon ended while this job was unfinished; it can be resumed.")
    for frame in job.frames:
        job.tell("frame", **frame)
    if job.state == DONE or job.state == CANCELLED:
        job.tell("done", state=job.state)
    elif job.state == FAILED:
        job.tell("error", **(job.error or {}))
    else:
        job.tell("state", state=job.state)
    return job
