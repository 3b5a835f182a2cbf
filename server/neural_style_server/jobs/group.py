"""Jobs that belong together, as one: the state of a sheet or a sequence, and the time that is left of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .record import CANCELLED, DONE, ENDED, FAILED, PAUSED, QUEUED, RUNNING

ENDINGS = (CANCELLED, DONE, FAILED)


def group_state(states: Sequence[str], endings: Sequence[str] = ENDINGS) -> str:
    """The whole's, from its jobs'. Where all have ended it is the first of `endings` that one of them has; a sheet with
    a picture in it is done, though others may have failed."""
    for state, word in ((RUNNING, RUNNING), (QUEUED, RUNNING if len(set(states)) > 1 else QUEUED), (PAUSED, PAUSED)):
        if state in states:
            return word
    return next(state for state in endings if state in states)


def seconds_left(job: Mapping[str, Any]) -> float:
    """Of painting one job, by its view."""
    if job["state"] in ENDED:
        return 0.0
    return float(job["eta"] if job["eta"] is not None and job["iteration"] else job["forecast"]["seconds"])
