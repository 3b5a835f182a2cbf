"""Workers as the rest of the program knows them: what a pool can do, and what it reports.

`pool.py` has the one implementation: a process for each device, here or in a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from .messages import Command, RunMessage
from .record import Closed

State = Literal["starting", "ready", "stopped", "failed"]


@dataclass(frozen=True)
class WorkerStatus:
    """Device, network, versions and the mark of its calibration are known once the worker has been ready."""

    id: str
    state: State
    detail: str
    host: str
    device: str | None
    network: str | None
    versions: Mapping[str, Any]
    calibration: str | None = None


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


class WorkerPool(Protocol):
    """Starts workers, hands runs to them and replaces those that die. Only what `detach` answers waits for a worker."""

    def listen(self, listener: PoolListener) -> None: ...
    def workers(self) -> list[WorkerStatus]: ...

    def ensure(self, count: int) -> bool:
        """Have so many workers, as far as there are devices. Answers whether any will soon be there."""

    def start(self, worker: str, run: str, folder: Path, iteration_s: float, live: bool = False) -> bool:
        """Hand out a run, with the seconds that an iteration may take; False where the worker is not ready."""

    def send(self, run: str, command: Command) -> None: ...
    def tidy(self) -> None: ...

    def detach(self) -> Callable[[], None]:
        """Give up all workers. Answers what ends them, after they have saved their runs; that may take long."""
