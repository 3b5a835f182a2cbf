"""What the pool of workers reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from .messages import RunMessage
from .record import Closed

State = Literal["starting", "ready", "stopped", "failed"]


@dataclass(frozen=True)
class WorkerStatus:
    """Device, network and versions are known once the worker has been ready."""

    id: str
    state: State
    detail: str
    host: str
    device: str | None
    network: str | None
    versions: Mapping[str, Any]


class WorkerView(Closed):
    """What `GET /v1/workers` answers of a worker; `jobs` are the ids of those that it paints."""

    id: str
    device: str | None
    host: str
    state: Literal["starting", "ready", "busy", "stopped", "failed"]
    jobs: list[str]


class PoolListener(Protocol):
    """Called without any lock of the pool's, on threads of the pool's; for one worker in the order of its messages."""

    def on_ready(self) -> None: ...
    def on_message(self, message: RunMessage) -> None: ...

    def on_lost(self, runs: Sequence[str], code: int | None, problem: Mapping[str, Any] | None) -> None:
        """A worker has ended with these runs unfinished; `code` is None where that was asked for. With a `problem`, no
        worker is left and none is started until there is a new job."""
