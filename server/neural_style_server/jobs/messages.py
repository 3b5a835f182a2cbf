"""The protocol between daemon and worker: one JSON object per line, commands in, messages out.

The first line that a worker reads is its `WorkerOptions`. `id` names a run, one attempt at a job. Pictures travel as
files in the job's folder. When its input ends, the daemon is gone, and the worker saves its runs and ends too.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from .record import Closed, Loss


class WorkerOptions(Closed):
    """The settings that a worker needs. `calibrate`: measure this device where no calibration of it is there."""

    device: str = "auto"
    dtype: str = "auto"
    threads: int = 0
    deterministic: Literal["auto", "on", "off"] = "auto"
    weights: str | None = None
    cache_limit_bytes: int = 1 << 30
    memory_limit_bytes: int | None = None
    calibrate: bool = True


# Commands


class StartRun(Closed):
    """Paint the job in `folder`. `spare_devices` have no job of their own now: tiles may be shared with them."""

    op: Literal["run"] = "run"
    id: str
    folder: str
    spare_devices: list[str] = Field(default_factory=list)
    live: bool = False


class EndRun(Closed):
    """End a run: without a result, with a checkpoint, or with the picture as it is now."""

    op: Literal["cancel", "pause", "finish"]
    id: str


class ExtendRun(Closed):
    """All extensions that the job has had; those that the run knows already change nothing."""

    op: Literal["extend"] = "extend"
    id: str
    extensions: list[int]


class ChangeRun(Closed):
    """A live job's `task.json` has changed."""

    op: Literal["change"] = "change"
    id: str


class Quit(Closed):
    """Save every run and end."""

    op: Literal["quit"] = "quit"


Command = StartRun | EndRun | ExtendRun | ChangeRun | Quit


# Messages


class Waiting(Closed):
    """The worker cannot start yet; `detail` says for people what it waits for."""

    event: Literal["waiting"] = "waiting"
    detail: str


class Ready(Closed):
    """The network is warm. `device` is a name for people, `other_devices` are the machine's other GPUs, `host` is the
    machine where that is not the daemon's. `calibration` is the mark of the daemon's calibration, where it is this
    device's."""

    event: Literal["ready"] = "ready"
    device: str
    network: str
    network_sha256: str
    dtype: str
    other_devices: list[str] = Field(default_factory=list)
    host: str = ""
    calibration: str | None = None


class Failed(Closed):
    """The worker cannot paint at all, and ends."""

    event: Literal["failed"] = "failed"
    error: dict[str, Any]


class Started(Closed):
    """A run begins, in tiles of so many pixels or, with None, whole. `notes` are for the painter."""

    event: Literal["started"] = "started"
    id: str
    tile: int | None
    notes: list[str] = Field(default_factory=list)


class Progress(Closed):
    """An iteration has ended. width and height are those of the scale; `seconds` and `eta` are of painting. It `took`
    so many seconds where its device's calibration foretells those `expected`; 0 is not known."""

    event: Literal["progress"] = "progress"
    id: str
    iteration: int
    iterations: int
    scale: int
    width: int
    height: int
    loss: Loss
    seconds: float
    eta: float
    tile: int | None
    took: float = 0.0
    expected: float = 0.0


class FrameWritten(Closed):
    """`frames/NUMBER` is there. `revision`: a live job's change that it shows."""

    event: Literal["frame"] = "frame"
    id: str
    number: int
    iteration: int
    iterations: int
    width: int
    height: int
    revision: int | None = None


class Ended(Closed):
    """The worker has ended a run. `extensions` is how many of them it has painted, None where it never began. `notes`
    are for the painter. A live job rests when its picture shows all up to the change `revision`. `cache_hits` and
    `cache_misses` are the style targets that were in the worker's cache, or not, since a run ended there before."""

    event: Literal["ended"] = "ended"
    id: str
    state: Literal["paused", "done", "cancelled", "failed", "resting"]
    error: dict[str, Any] | None = None
    extensions: int | None = None
    revision: int | None = None
    notes: list[str] = Field(default_factory=list)
    cache_hits: int = 0
    cache_misses: int = 0


RunMessage = Started | Progress | FrameWritten | Ended
Message = Waiting | Ready | Failed | RunMessage

AnyCommand = Annotated[Command, Field(discriminator="op")]
AnyMessage = Annotated[Message, Field(discriminator="event")]


def as_line(spoken: Closed) -> str:
    return spoken.model_dump_json() + "\n"


def read_command(line: str) -> Command:
    """Raises ValueError."""
    return _commands().validate_json(line)


def read_message(line: str) -> Message:
    """Raises ValueError."""
    return _messages().validate_json(line)


@cache
def _commands() -> TypeAdapter[Command]:
    return TypeAdapter(AnyCommand)


@cache
def _messages() -> TypeAdapter[Message]:
    return TypeAdapter(AnyMessage)
