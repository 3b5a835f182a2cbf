"""A job's record: what was asked, where it stands, what happened. Survives the daemon in `job.json`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..files import read_json, write_json
from .spec import FrameSpec

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
DONE, CANCELLED, FAILED = "done", "cancelled", "failed"
STATES = (QUEUED, RUNNING, PAUSED, DONE, CANCELLED, FAILED)
ENDED = (DONE, CANCELLED, FAILED)
YIELD = "yield"
"""The wish that a job makes way for another and goes on later."""

MOST_EVENTS = 5000
"""Events kept for readers that come late; older `progress` events are thinned out first."""

NUMBERS_AFTER_RESTART = 1_000_000
"""Event numbers jump so far when a record is loaded: whoever followed the old daemon gets everything there is."""

UNSAVED = ("folder", "events", "readers", "run", "wish", "saved", "changed", "since")
HIDDEN = (*UNSAVED, "attempts", "told", "extensions")


class JobEvent(NamedTuple):
    """Numbered from 1 within its job."""

    number: int
    name: str
    data: dict[str, Any]


@dataclass
class Job:
    """Guarded by the queue's lock; what leaves the queue is `view()`. Its lists and mappings are replaced, not changed.

    `run` names the worker's present attempt at the job, `wish` what a client ("pause", "finish") or the queue itself
    (YIELD) wants of it. `since` is when it came into its state, by the monotonic clock; `changed` is when the record
    was last saved, also by a former daemon.
    """

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
    extensions: int = 0
    told: int = 0
    events: list[JobEvent] = field(default_factory=list)
    readers: int = 0
    run: str | None = None
    wish: str | None = None
    saved: float = 0.0
    changed: float = field(default_factory=time.time)
    since: float = field(default_factory=time.monotonic)

    def tell(self, name: str, **data: Any) -> None:
        """Add an event for the readers of the job's stream."""
        self.told += 1
        self.events.append(JobEvent(self.told, name, data))
        if len(self.events) > MOST_EVENTS:
            half = MOST_EVENTS // 2
            old = [event for i, event in enumerate(self.events[:half]) if event.name != "progress" or i % 4 == 0]
            self.events[:half] = old

    def note(self, text: str) -> None:
        self.notes = [*self.notes, text]

    def reopen(self) -> None:
        """An ended job goes on: who follows it from the start must not stop at its former end."""
        self.attempts, self.error, self.finished, self.wish = 0, None, None, None
        self.events = [event for event in self.events if event.name not in ("done", "error")]

    def add_frame(self, number: int, meta: Mapping[str, Any]) -> dict[str, Any]:
        """A frame that is painted again, after a checkpoint was taken up, replaces it and those that came after.

        `kept` says whether its iteration was chosen; live frames make room for later ones.
        """
        size = {key: meta[key] for key in ("iteration", "width", "height")}
        kept = FrameSpec.model_validate(self.request["frames"]).keeps(meta["iteration"])
        frame = {"number": number, **size, "kept": kept}
        self.frames = [old for old in self.frames if old["number"] < number] + [frame]
        return frame

    def save(self) -> None:
        write_json(self.folder / "job.json", {k: v for k, v in vars(self).items() if k not in UNSAVED})
        self.saved, self.changed = time.monotonic(), time.time()

    def forget(self) -> None:
        """Take the record away; a folder without one is cleared at the next start."""
        with contextlib.suppress(OSError):
            (self.folder / "job.json").unlink()

    def view(self) -> dict[str, Any]:
        """What `GET /v1/jobs/ID` answers."""
        base = f"/v1/jobs/{self.id}"
        links = {
            "self": base,
            **{name: f"{base}/{name}" for name in ("events", "result", "losses", "cancel")},
        }
        return {**{key: value for key, value in vars(self).items() if key not in HIDDEN}, "links": links}


def load(folder: Path) -> Job | None:
    """The record as it was last saved, or None where it is not there whole. An unfinished job is now paused."""
    saved = read_json(folder / "job.json")
    try:
        job = Job(folder=folder, **saved, changed=(folder / "job.json").stat().st_mtime)
        if job.id != folder.name or job.state not in STATES:
            return None
        _find_later_frames(job)
        job.told += NUMBERS_AFTER_RESTART
        if job.state in (QUEUED, RUNNING):
            job.state, job.eta = PAUSED, None
            job.note("The daemon ended while this job was unfinished; it can be resumed.")
        _tell_again(job)
    except (TypeError, KeyError, AttributeError, ValueError, OSError):
        return None
    return job


def _find_later_frames(job: Job) -> None:
    """Frames that were written after the record was last saved."""
    number = job.frames[-1]["number"] + 1 if job.frames else 1
    while isinstance(meta := read_json(job.folder / "frames" / f"{number}.json"), dict):
        job.add_frame(number, meta)
        number += 1


def _tell_again(job: Job) -> None:
    """The story so far, for readers that come after a restart."""
    for frame in job.frames:
        job.tell("frame", **frame, iterations=job.iterations)
    if job.state in (DONE, CANCELLED):
        job.tell("done", state=job.state)
    elif job.state == FAILED:
        job.tell("error", **(job.error or {}))
    else:
        job.tell("state", state=job.state)
