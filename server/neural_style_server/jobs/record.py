"""What is kept of a job: `JobRecord` in `job.json`, and `JobView`, the part of it that the API answers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

RECORD_VERSION = 1
"""Raised when a record can no longer be read by older programs; those set it aside."""

QUEUED: Final = "queued"
RUNNING: Final = "running"
PAUSED: Final = "paused"
DONE: Final = "done"
CANCELLED: Final = "cancelled"
FAILED: Final = "failed"
STATES = (QUEUED, RUNNING, PAUSED, DONE, CANCELLED, FAILED)
ENDED = (DONE, CANCELLED, FAILED)

State = Literal["queued", "running", "paused", "done", "cancelled", "failed"]


class Closed(BaseModel):
    """Unknown keys are refused: they come from a newer program, and saving would lose them."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="constants", defer_build=True)


class Loss(Closed):
    """The objective and its terms, weighted."""

    total: float
    content: float
    style: float
    tv: float


class FrameRecord(Closed):
    """A progressive result. `kept` frames were chosen by iteration; live ones make room for later ones."""

    number: int = Field(ge=0)
    iteration: int = Field(ge=0)
    width: int = Field(ge=0)
    height: int = Field(ge=0)
    kept: bool


class QuickForecast(Closed):
    """The alternative with a smaller `size`, which is enlarged to the canvas."""

    size: float = Field(ge=0)
    seconds: float = Field(ge=0)
    bytes: float = Field(ge=0)


class ForecastView(Closed):
    """What a job takes; see `engine.memory.forecast.Forecast`."""

    seconds: float = Field(ge=0)
    bytes: float = Field(ge=0)
    disk_bytes: float = Field(ge=0)
    iterations: int = Field(ge=0)
    width: int = Field(ge=0)
    height: int = Field(ge=0)
    tile: int | None
    full_detail: bool
    fits: bool
    calibrated: bool = True
    detail: str
    quick: QuickForecast | None


class JobFields(Closed):
    """What the API and the disk share. Times are Unix seconds; `seconds` and `eta` are seconds of painting."""

    id: str
    client: str
    preset: str
    on_disconnect: Literal["continue", "cancel"]
    request: dict[str, Any]
    preset_source: dict[str, Any]
    seed: int = Field(ge=0)
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    format: str
    iterations: int = Field(ge=0)
    forecast: ForecastView
    recipe: dict[str, Any]
    versions: dict[str, Any] = Field(default_factory=dict)
    state: State = "queued"
    iteration: int = Field(default=0, ge=0)
    seconds: float = 0.0
    eta: float | None = None
    loss: Loss | None = None
    frames: list[FrameRecord] = Field(default_factory=list)
    error: dict[str, Any] | None = None
    notes: list[str] = Field(default_factory=list)
    tile: int | None = None
    created: float = Field(default_factory=time.time)
    started: float | None = None
    finished: float | None = None


class JobView(JobFields):
    """What `GET /v1/jobs/ID` answers."""

    links: dict[str, str]


class JobRecord(JobFields):
    """What `job.json` holds: the view's fields, and what only the daemon needs.

    `attempts` counts runs since the job was last begun by a client, `extensions` those in `task.json`, `told` the
    number of the latest event. Lists are replaced, not changed, so that a view never changes afterwards.
    """

    version: int = Field(default=RECORD_VERSION, ge=1, le=RECORD_VERSION)
    attempts: int = 0
    extensions: int = 0
    told: int = 0

    def view(self) -> dict[str, Any]:
        """The values of `JobView`."""
        base = f"/v1/jobs/{self.id}"
        links = {"self": base, **{name: f"{base}/{name}" for name in ("events", "result", "losses", "cancel")}}
        return {**self.model_dump(exclude=HIDDEN), "links": links}

    def note(self, text: str) -> None:
        """Add a sentence for the painter."""
        self.notes = [*self.notes, text]


HIDDEN = set(JobRecord.model_fields) - set(JobView.model_fields)


def named_images(request: Mapping[str, Any]) -> list[str]:
    """The uploaded pictures that a job is made of."""
    found = [request["content"], request["mask"], request["init"]]
    for region in request["regions"]:
        found += [region["mask"], region["style"], region["style_mask"]]
    return [item for item in found if item is not None]
