"""What is kept of a job: `JobRecord` in `job.json`, and `JobView`, the part of it that the API answers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..pixels import LARGEST_SIDE, PixelFormat
from ..users import OWNER
from .corrections import HIGHEST, LOWEST
from .sequence_spec import DrawnToSpec
from .spec import FrameSpec

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
Count = Annotated[int, Field(ge=0, le=10**15)]
Side = Annotated[int, Field(ge=1, le=LARGEST_SIDE)]
Time = Annotated[float, Field(ge=0, le=10**12)]


class Closed(BaseModel):
    """Unknown keys are refused: they come from a newer program, and saving would lose them."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="constants", defer_build=True)


class Loss(Closed):
    """The objective and its terms, weighted; `temporal` where the picture goes on from another."""

    total: float
    content: float
    style: float
    tv: float
    temporal: float | None = Field(default=None, exclude_if=lambda value: value is None)


class FrameRecord(Closed):
    """A progressive result. `kept` frames were chosen by iteration; others make room for later ones. `revision`: a live
    job's change that it shows."""

    number: Count
    iteration: Count
    width: Side
    height: Side
    kept: bool
    revision: Count | None = Field(default=None, exclude_if=lambda value: value is None)


class QuickForecast(Closed):
    """The alternative with a smaller `size`, which is enlarged to the canvas."""

    size: Time
    seconds: Time
    bytes: float = Field(ge=0)


class ForecastView(Closed):
    """What a job takes; see `engine.memory.forecast.Forecast`."""

    seconds: Time
    bytes: float = Field(ge=0)
    disk_bytes: float = Field(ge=0)
    iterations: Count
    width: Side
    height: Side
    tile: Count | None
    full_detail: bool
    fits: bool
    calibrated: bool = True
    correction: float = Field(default=1.0, ge=LOWEST, le=HIGHEST)
    detail: str
    quick: QuickForecast | None

    def corrected(self, correction: float) -> ForecastView:
        """The same with what was learned since. What does not depend on it is a fraction of a second."""
        change, quick = correction / self.correction, self.quick
        if quick is not None:
            quick = quick.model_copy(update={"seconds": round(quick.seconds * change, 2)})
        return self.model_copy(
            update={"seconds": round(self.seconds * change, 2), "correction": round(correction, 3), "quick": quick}
        )


class KeptRegion(BaseModel):
    """What is read again of a region; see `KeptRequest`."""

    model_config = ConfigDict(strict=True, defer_build=True)

    mask: str | None
    style: str | None
    style_mask: str | None


class KeptRequest(BaseModel):
    """What is read again of a request that was checked when it came, perhaps by another version."""

    model_config = ConfigDict(strict=True, defer_build=True)

    content: str
    mask: str | None
    init: str | None
    size: int | None = None
    regions: list[KeptRegion]
    frames: FrameSpec


class FramePlace(Closed):
    """A job's place in a sequence. `frame` counts from 1. `previous` is the job of the frame before, which must be done
    first, and `previous_content` its content image; the first frame of a scene may have none. The result of a `key` is
    a given picture, with `own_key` one that came with the frame; nothing is painted. `drawn_to` is a painted picture of
    another frame."""

    id: str
    frame: int = Field(ge=1)
    previous: str | None = None
    previous_content: str | None = None
    key: bool = False
    own_key: bool = Field(default=False, exclude_if=lambda value: not value)
    drawn_to: DrawnToSpec | None = Field(default=None, exclude_if=lambda value: value is None)

    @property
    def images(self) -> list[str]:
        """The uploaded pictures of other frames that this one is painted from."""
        found = [] if self.previous_content is None else [self.previous_content]
        return found if self.drawn_to is None else [*found, self.drawn_to.image, self.drawn_to.content]


class JobFields(Closed):
    """What the API and the disk share. Times are Unix seconds; `seconds` and `eta` are seconds of painting.

    A `live` job counts its changes in `revision`; while it runs and its picture shows them all, it is `resting`.
    """

    id: str
    client: str
    preset: str
    on_disconnect: Literal["continue", "cancel"]
    request: dict[str, Any]
    preset_source: dict[str, Any]
    seed: int = Field(ge=0)
    width: Side
    height: Side
    format: PixelFormat
    iterations: Count
    forecast: ForecastView
    recipe: dict[str, Any]
    versions: dict[str, Any] = Field(default_factory=dict)
    state: State = "queued"
    live: bool = False
    revision: Count = 0
    resting: bool = False
    iteration: Count = 0
    seconds: Time = 0.0
    eta: Time | None = None
    loss: Loss | None = None
    frames: list[FrameRecord] = Field(default_factory=list)
    error: dict[str, Any] | None = None
    notes: list[str] = Field(default_factory=list)
    tile: Count | None = None
    sequence: FramePlace | None = Field(default=None, exclude_if=lambda value: value is None)
    created: Time = Field(default_factory=time.time)
    started: Time | None = None
    finished: Time | None = None


class JobView(JobFields):
    """What `GET /v1/jobs/ID` answers."""

    links: dict[str, str]


class JobRecord(JobFields):
    """What `job.json` holds: the view's fields, and what only the daemon needs.

    `attempts` counts runs since the job was last begun by a client, `extensions` those in `task.json`, `told` the
    number of the latest event. `owner` is the user whose job it is. Lists are replaced, not changed, so that a view
    never changes afterwards.
    """

    version: int = Field(default=RECORD_VERSION, ge=1, le=RECORD_VERSION)
    owner: str = Field(default=OWNER, exclude_if=lambda value: value == OWNER)
    attempts: int = Field(default=0, ge=-(10**6), le=10**6)
    extensions: Count = 0
    told: Count = 0

    @field_validator("request")
    @classmethod
    def _has_its_pictures(cls, request: dict[str, Any]) -> dict[str, Any]:
        KeptRequest.model_validate(request)
        return request

    @field_validator("error")
    @classmethod
    def _is_a_problem(cls, error: dict[str, Any] | None) -> dict[str, Any] | None:
        if error is not None and not set(error) <= PROBLEM:
            raise ValueError("it has keys that no problem has")
        return error

    def view(self) -> dict[str, Any]:
        """The values of `JobView`."""
        base = f"/v1/jobs/{self.id}"
        links = {"self": base, **{name: f"{base}/{name}" for name in ("events", "result", "losses", "cancel")}}
        return {**self.model_dump(exclude=HIDDEN), "links": links}

    def images(self) -> list[str]:
        """The uploaded pictures that it is painted from, those of other frames among them."""
        return named_images(self.request) + ([] if self.sequence is None else self.sequence.images)

    def forget_painted(self) -> None:
        """It is painted from its beginning again."""
        self.frames, self.loss, self.tile, self.iteration, self.seconds, self.eta = [], None, None, 0, 0.0, None

    def note(self, text: str) -> None:
        """Add a sentence for the painter."""
        self.notes = [*self.notes, text]


PROBLEM = {"type", "title", "status", "code", "detail", "hint"}
HIDDEN = set(JobRecord.model_fields) - set(JobView.model_fields)


def named_images(request: Mapping[str, Any]) -> list[str]:
    """The uploaded pictures that a job is made of."""
    found = [request["content"], request["mask"], request["init"]]
    for region in request["regions"]:
        found += [region["mask"], region["style"], region["style_mask"]]
    return [item for item in found if item is not None]
