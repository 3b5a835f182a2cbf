"""What is kept of a sequence, and what the API shows of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from ..users import OWNER
from ..validation import validate
from .group import group_state, seconds_left
from .record import CANCELLED, DONE, FAILED, PAUSED, QUEUED, Closed, Count, Side, Time
from .sequence_spec import SequenceSpec

Record = dict[str, Any]
ENDINGS = (FAILED, CANCELLED, DONE)
"""A sequence is done when each of its frames is."""


class SequenceRecord(Closed):
    """What is kept of a sequence. `request` is what was asked for; `frames` counts those that have come, and the first
    has decided their size."""

    version: int = Field(default=1, ge=1, le=1)
    owner: str = Field(default=OWNER, exclude_if=lambda value: value == OWNER)
    id: str
    request: dict[str, Any]
    frames: Count = 0
    width: Side | None = None
    height: Side | None = None
    created: Time = Field(default_factory=time.time)

    def spec(self) -> SequenceSpec:
        """Raises InvalidRequest where the file was changed by hand."""
        return validate(SequenceSpec, self.request)

    def view(self, jobs: Sequence[Record], may_begin: bool) -> Record:
        """jobs: the views of its frames that are kept, in order; may_begin: whether one of them can be painted now.

        `eta` is in seconds; `detail` says what it waits for.
        """
        states = [job["state"] for job in jobs]
        problem = "" if may_begin else _what_is_waited_for(jobs)
        base = f"/v1/sequences/{self.id}"
        return {
            "id": self.id,
            "state": self._state(states, bool(problem)),
            "detail": problem,
            "preset": self.request["preset"],
            "width": self.width,
            "height": self.height,
            "frames": self.frames,
            "done": self.frames - sum(state != DONE for state in states),
            "eta": round(sum(seconds_left(job) for job in jobs), 1),
            "jobs": [
                {
                    "frame": job["sequence"]["frame"],
                    "job": job["id"],
                    "state": job["state"],
                    "key": job["sequence"]["key"],
                    "error": job["error"],
                }
                for job in jobs
            ],
            "links": {
                "self": base,
                **{name: f"{base}/{name}" for name in ("frames", "cancel", "pause", "resume", "again")},
            },
        }

    def _state(self, states: list[str], is_stuck: bool) -> str:
        if not states:
            return DONE if self.frames else QUEUED
        return PAUSED if is_stuck else group_state(states, ENDINGS)


def _what_is_waited_for(jobs: Sequence[Record]) -> str:
    """A sentence about the frame that keeps others waiting; "" if there is none."""
    kept = {job["id"]: job for job in jobs}
    for job in jobs:
        if job["state"] != QUEUED or job["sequence"]["previous"] is None:
            continue
        before = kept.get(job["sequence"]["previous"])
        number = job["sequence"]["frame"] - 1
        if before is None:
            return f"Frame {number} is no longer there, so frame {number + 1} cannot follow it."
        if before["state"] in (PAUSED, FAILED, CANCELLED):
            how = {PAUSED: "is paused", FAILED: "has failed", CANCELLED: "was cancelled"}[before["state"]]
            why = f" ({before['error']['detail']})" if before["error"] else ""
            return f"Frame {number} {how}{why}; the frames after it wait. Resume the sequence to do it again."
    return ""
