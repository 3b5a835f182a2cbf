"""What jobs took, as a multiple of what this machine's calibration foretold: later forecasts are corrected by it.

A calibration is a few iterations at one moment, and a machine's speed drifts. Each job teaches one ratio. Those of the
latest jobs are kept in the home folder, for the calibration that they belong to; another one begins anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import math
import statistics
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from .. import __version__
from ..engine.method import LOSSES
from ..errors import StorageError
from ..files import load_json, set_aside, write_json

log = logging.getLogger(__name__)

CORRECTIONS_FILE = "corrections.json"
"""In the home folder, beside the calibration; a worker writes that one, the daemon this one."""

KEPT = 5
"""The latest jobs of a path, of whose ratios the median counts: one that was disturbed changes little."""

CERTAIN = 3
"""With fewer jobs than these, the calibration itself counts as one more, of ratio 1."""

LOWEST, HIGHEST = 0.125, 8.0
"""A ratio beyond these counts as the nearer one."""

Ratio = Annotated[float, Field(ge=LOWEST, le=HIGHEST)]
PathName = Annotated[str, Field(pattern=f"^({'|'.join(LOSSES)}) (whole|tiles)$")]
JobId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Ratios = dict[JobId, Ratio]


class Kept(BaseModel):
    """What the file holds: the mark of a calibration, and by path and job the ratios, the latest job last."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)

    calibration: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    ratios: dict[PathName, Annotated[Ratios, Field(min_length=1, max_length=KEPT)]]


@dataclass
class Lesson:
    """What the iterations of a run took and what they were to take, those left out that another run was beside."""

    calibration: str | None = None
    took: float = 0.0
    expected: float = 0.0
    scale: int = 0
    shared: bool = False

    def add(self, took: float, expected: float) -> None:
        """An iteration. Times that cannot be are none."""
        if is_time(took) and is_time(expected):
            self.took, self.expected = self.took + took, self.expected + expected

    def restart(self) -> None:
        self.took = self.expected = 0.0


class Corrections:
    """In `home`. Any thread may call; only `save` waits for the disk."""

    def __init__(self, home: Path) -> None:
        self._path, self._lock = home / CORRECTIONS_FILE, threading.Lock()
        self._saved = self._kept = _read(self._path)

    def factor(self, calibration: str | None, loss: str, tile: int | None) -> float:
        """What the seconds of the calibration with this mark are to be multiplied by; a path without jobs has what the
        others have."""
        kept = self._kept
        if kept is None or kept.calibration != calibration:
            return 1.0
        known = kept.ratios.get(path_of(loss, tile))
        factors = [_factor(ratios.values()) for ratios in ([known] if known else kept.ratios.values())]
        return _middle(factors) if factors else 1.0

    def learn(self, job: str, loss: str, tile: int | None, lesson: Lesson) -> None:
        """What a job has taught so far, in place of what it had before."""
        known_loss, is_measured = loss in LOSSES, is_time(lesson.took) and is_time(lesson.expected)
        if lesson.calibration is None or not (known_loss and is_measured):
            return
        ratio, path = lesson.took / lesson.expected, path_of(loss, tile)
        with self._lock:
            kept = self._kept
            known = dict(kept.ratios) if kept is not None and kept.calibration == lesson.calibration else {}
            of_path = {**known.pop(path, {})}
            of_path.pop(job, None)
            of_path[job] = min(HIGHEST, max(LOWEST, ratio))
            known[path] = dict(list(of_path.items())[-KEPT:])
            self._kept = Kept.model_construct(calibration=lesson.calibration, ratios=known)
        log.info("job %s took %.2f times what was foretold", job, ratio, extra={"job": job})

    def save(self) -> None:
        """Where there is something new. A full disk only costs what was learned."""
        kept = self._kept
        if kept is None or kept is self._saved:
            return
        with contextlib.suppress(StorageError):
            write_json(self._path, kept.model_dump())
            self._saved = kept


def mark_of(calibration: Mapping[str, Any] | None) -> str | None:
    """What tells this calibration from any other, and from the same one read by another version's formula."""
    if calibration is None:
        return None
    known = json.dumps([__version__, calibration], sort_keys=True)
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def path_of(loss: str, tile: int | None) -> str:
    """Jobs of one path go through the network alike: what they take differs from the forecast by the same factor."""
    return f"{loss} {'whole' if tile is None else 'tiles'}"


def is_time(seconds: float) -> bool:
    return math.isfinite(seconds) and seconds > 0


def _factor(ratios: Iterable[float]) -> float:
    found = list(ratios)
    return _middle(found if len(found) >= CERTAIN else [1.0, *found])


def _middle(ratios: list[float]) -> float:
    """The median; of an even number, the geometric mean of the two in the middle."""
    return math.sqrt(statistics.median_low(ratios) * statistics.median_high(ratios))


def _read(path: Path) -> Kept | None:
    """A file that says anything else is set aside."""
    try:
        return Kept.model_validate(load_json(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        set_aside(path, error)
        return None
