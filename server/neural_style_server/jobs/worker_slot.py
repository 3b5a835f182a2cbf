"""A place of the pool: a device, and the process that works on it from its start to its end.

After QUICK_DEATHS deaths in a row before it was ready, a device has failed. Each process is a `Life`, so that late
messages of an earlier process are not taken for the present one's. The pool's lock guards both.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from .messages import Command, Ended, Failed, Message, Progress, Ready, StartRun, Waiting, WorkerOptions
from .workers import State, WorkerStatus

log = logging.getLogger(__name__)

QUICK_DEATHS = 3

DIES_AT_ONCE = {
    "code": "worker_died",
    "detail": "The worker ends as soon as it is started.",
    "hint": "Run 'neural-style doctor'; worker.log has its last words.",
}

HANGS_AT_START = {
    **DIES_AT_ONCE,
    "detail": "The worker was started, but did not become ready.",
}

START_S, DOWNLOAD_S = 600.0, 7200.0
"""How long a worker may take to become ready; and where it may have to download the network first."""

HUNG_S, HUNG_ITERATIONS = 600.0, 20
"""A worker with a run hangs if it is silent for this long and for this many of its iterations."""

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

    def start(self, command: StartRun, iteration_s: float) -> None:
        self.runs[command.id], self.heard = iteration_s, time.monotonic()
        self.send(command)

    def send(self, command: Command) -> None:
        assert self.process is not None
        self.process.send(command)

    def hear(self, message: Message) -> None:
        self.heard = time.monotonic()
        if isinstance(message, Progress) and message.id in self.runs:
            seen = message.seconds / max(1, message.iteration)
            self.runs[message.id] = max(self.runs[message.id], seen)
        elif isinstance(message, Ended):
            self.runs.pop(message.id, None)

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
        name, mark = known.network, known.calibration
        return WorkerStatus(self.id, self.state, self.detail, known.host or host, known.device, name, versions, mark)

    def begin(
        self,
        start_process: StartProcess,
        on_message: Callable[[Life, Message], None],
        on_exit: Callable[[Life, int, str], None],
    ) -> None:
        """Start a process, which calls these with its life."""
        life = self.life = Life(self)
        self.state, self.detail = "starting", ""
        life.process = start_process(self.options, partial(on_message, life), partial(on_exit, life))

    def detach(self) -> Callable[[], None]:
        """Give up the process. Answers what ends it, after it has saved its runs; that may take long."""
        life, starting = self.life, self.state == "starting"
        assert life is not None
        self.life = None
        if self.state != "failed":
            self.state, self.detail = "stopped", ""
        return partial(life.end, starting)

    def overdue(self, idle_unload_s: float) -> Callable[[], None] | None:
        """What ends the process, where it hangs or has had no run for so long."""
        life = self.life
        if life is None:
            return None
        assert life.process is not None
        now = time.monotonic()
        silent_s = now - life.heard
        if self.state == "starting":
            if silent_s > (DOWNLOAD_S if self.options.weights == "torchvision" else START_S):
                log.warning("%s has not become ready: it is killed", self.id)
                life.hangs = True
                return life.process.kill
        elif self.state == "failed":
            if silent_s > STOP_S:
                return life.process.kill
        elif life.runs:
            if silent_s > life.silence_allowed(HUNG_S, HUNG_ITERATIONS):
                log.warning("%s has been silent for too long: it is killed, and its jobs taken up again", self.id)
                return life.process.kill
        elif now - self.idle_since > idle_unload_s:
            log.info("%s has had no job for a while: it ends, and its memory is free", self.id)
            return self.detach()
        return None

    def hear(self, life: Life, message: Message) -> bool:
        """A process of this slot says something. Answers whether it is the present one."""
        life.hear(message)
        present = self.life is life
        if isinstance(message, Ended):
            self.idle_since = life.heard
        elif present and isinstance(message, Waiting):
            self.detail = message.detail
        elif present and isinstance(message, Ready):
            self.state, self.detail, self.ready, self.deaths = "ready", "", message, 0
            self.idle_since = life.heard
        elif present and isinstance(message, Failed):
            self.state, self.detail = "failed", message.error["detail"]
        return present

    def died(self, code: int, error: str) -> Mapping[str, Any] | None:
        """The present process has ended by itself, or could not be started because of `error`. Answers the problem
        where the device has failed now."""
        life = self.life
        assert life is not None
        self.life = None
        self.deaths += self.state == "starting"
        problem: Mapping[str, Any] | None = None
        if error:
            problem = {**DIES_AT_ONCE, "detail": f"The worker cannot be started ({error})."}
        elif self.deaths >= QUICK_DEATHS:
            problem = HANGS_AT_START if life.hangs else DIES_AT_ONCE
        if problem is not None:
            self.state, self.detail = "failed", problem["detail"]
        elif self.state != "failed":
            ended = f"The worker ended unexpectedly (code {code})."
            self.state, self.detail = "stopped", HANGS_AT_START["detail"] if life.hangs else ended
        log.warning("%s: %s", self.id, self.detail)
        return problem
