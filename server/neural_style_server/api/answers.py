"""What the API answers, for the OpenAPI document; a job's view is described beside its record."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..engine.method import Controls, Method
from ..field_types import Choice, FieldsOf
from ..jobs.record import JobView, State
from ..jobs.spec import ImageId
from ..jobs.workers import WorkerView
from ..pixels import DTYPES, LARGEST_SIDE
from ..presets.names import NAME_PATTERN

Count = Annotated[int, Field(ge=0)]
Side = Annotated[int, Field(ge=1, le=LARGEST_SIDE)]


class Answer(BaseModel):
    """Has its keys and no others."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Problem(BaseModel):
    """RFC 9457. `code` is for programs, `detail` and `hint` are for people."""

    type: str = "about:blank"
    title: str = ""
    status: int
    code: str
    detail: str
    hint: str


class Counts(Answer):
    queued: Count
    running: Count


class Health(Answer):
    status: Literal["ok", "failing"]
    version: str
    api: Literal[1]
    device: str | None
    network: str | None
    warm: bool
    jobs: Counts
    worker: Literal["starting", "ready", "busy", "stopped", "failed"]
    detail: str


class Workers(Answer):
    workers: list[WorkerView]


class NewCode(Answer):
    """`path` is what a browser is to open within so many seconds, once."""

    path: str
    seconds: float


class PageSession(Answer):
    """`csrf_token` goes with every change that the page asks for."""

    csrf_token: str


class Finding(Answer):
    """One line of a diagnosis; `next_step` says what to do where it is not ok."""

    name: str
    ok: bool
    detail: str
    next_step: str


class Diagnosis(Answer):
    """`settings` are those that are not the defaults; `log` has the last lines of the daemon's log, the newest last.
    The token and the home folder's path are in neither."""

    findings: list[Finding]
    settings: dict[str, Any]
    log: list[str]


class Image(Answer):
    id: ImageId
    width: Side
    height: Side
    format: Annotated[str, Choice(tuple(DTYPES))]


class PresetView(Answer):
    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    title: str
    description: str
    author: str
    licence: str
    source: str
    tags: list[str]
    library: str
    read_only: bool
    favourite: bool
    last_used: float | None
    images: Annotated[list[dict[str, Any]], Field(min_length=1)]
    controls: Annotated[dict[str, Any], FieldsOf(Controls)]
    method: Annotated[dict[str, Any], FieldsOf(Method)]
    thumbnail: str


class UnreadablePreset(Answer):
    name: str
    detail: str


class Presets(Answer):
    presets: list[PresetView]
    problems: list[UnreadablePreset]


class Jobs(Answer):
    jobs: list[JobView]


class PresetOfSheet(Answer):
    preset: str
    title: str


class PictureOfSheet(PresetOfSheet):
    job: str
    state: State


class Sheet(Answer):
    """How far it is; `eta` is in seconds."""

    id: str
    state: State
    done: Count
    total: Count
    iteration: Count
    iterations: Count
    eta: Annotated[float, Field(ge=0)]
    pictures: Annotated[list[PictureOfSheet], Field(min_length=1)]
    links: dict[str, str]


class NewSheet(Sheet):
    left_out: list[PresetOfSheet]


class JobOfSequence(Answer):
    frame: Annotated[int, Field(ge=1)]
    job: str
    state: State
    key: bool
    error: dict[str, Any] | None


class Sequence(Answer):
    """How far it is. `frames` have come and `done` of them are painted; `jobs` are those that are kept. `eta` is in
    seconds, of the frames that have come. `detail` says which frame keeps others waiting."""

    id: str
    state: State
    detail: str
    preset: str
    width: Side | None
    height: Side | None
    frames: Count
    done: Count
    eta: Annotated[float, Field(ge=0)]
    jobs: list[JobOfSequence]
    links: dict[str, str]


class Sequences(Answer):
    sequences: list[Sequence]
