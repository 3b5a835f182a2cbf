"""A place of the pool: a device, and the process that works on it from its start to its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from .messages import Command, Message, Ready, WorkerOptions
from .workers import State, WorkerStatus

STOP_IDLE_S, STOP_S, STOP_ITERATIONS = 5.0, 20.0, 20
"""How long an ending worker may be silent before it is killed: without a run; and with one, at least this long and for
this many iterations: it completes an iteration and writes a checkpoint, which takes less than ten."""


class Process(Protocol):
    """A worker process, here, in a cluster, or fake. `send` does not wait."""

    def send(self, command: Command) -> None: ...
    def stop(self, patience_s: float) -> None: ...
    def kill(self) -> None: ...


StartProcess = Callable[[WorkerOptions, Callable[[Message], None], Callable[[int, str], None]], Process]
"""Given the options, what gets each message, and what gets the exit code and why it could not be started. Does not
wait, and calls neither before it has returned or from its caller's thread."""


@dataclass(eq=False)
class Life:
    """One process, from start to end. `runs` has the seconds of an iteration by run."""

    slot: Slot
    process: Process | None = None
    runs: dict[str, float] = field(default_factory=dict)
    heard: float = field(default_factory=time.monotonic)
    hangs: bool = False

    def silence_allowed(self, least_s: float, iterations: int) -> float:
        return max(least_s, iterations * max(self.runs.values(), default=0.0))

    def end(self, starting: bool) -> None:
        """One that is not ready has nothing to save."""
        assert self.process is not None
        if starting:
            self.process.kill()
        else:
            self.process.stop(self.silence_allowed(STOP_S, STOP_ITERATIONS) if self.runs else STOP_IDLE_S)


@dataclass(eq=False)
class Slot:
    """A device, and the process that works on it, if any."""

    id: str
    options: WorkerOptions
    state: State = "stopped"
    detail: str = ""
    ready: Ready | None = None
    life: Life | None = None
    deaths: int = 0
    idle_since: float = 0.0

    def status(self, host: str) -> WorkerStatus:
        known = self.ready
        if known is None:
            return WorkerStatus(self.id, self.state, self.detail, host, None, None, {})
        versions = {"network": known.network_sha256, "dtype": known.dtype}
        return WorkerStatus(self.id, self.state, self.detail, known.host or host, known.device, known.network, versions)
