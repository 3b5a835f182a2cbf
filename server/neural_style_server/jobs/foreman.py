"""The one worker as the queue sees it: started when needed, given up when it dies too often. Needs the queue's lock."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from .worker_process import WorkerLike

log = logging.getLogger(__name__)

QUICK_DEATHS = 3
"""So many workers in a row that die before they are ready, and no more are started until a job comes."""

DIES_AT_ONCE = {
    "code": "worker_died",
    "detail": "The worker ends as soon as it is started.",
    "hint": "Run 'neural-style doctor'; worker.log has its last words.",
}


class Foreman:
    """`state` is "starting", "ready", "stopped" or "failed"; `heard` is when the worker last said something."""

    def __init__(self, start: Callable[[], WorkerLike]) -> None:
        self._start = start
        self.worker: WorkerLike | None = None
        self.state, self.detail = "stopped", ""
        self.device: str | None = None
        self.network: str | None = None
        self.versions: dict[str, Any] = {}
        self.heard = time.monotonic()
        self._deaths = 0

    def ensure(self) -> dict[str, Any] | None:
        """Start a worker where there is none; answers the problem where that cannot be done."""
        if self.worker is None:
            self.state, self.detail = "starting", ""
            try:
                self.worker = self._start()
            except OSError as error:
                self.state, self.detail = "failed", f"The worker cannot be started ({error.strerror or error})."
                log.error("%s", self.detail)
                return {"code": "worker_died", "detail": self.detail, "hint": DIES_AT_ONCE["hint"]}
        return None

    def ready(self) -> bool:
        return self.worker is not None and self.state == "ready"

    def send(self, op: str, run: str | None, **details: Any) -> None:
        if self.worker is not None and run is not None:
            self.worker.send({"op": op, "id": run, **details})

    def let_go(self) -> Callable[[], None]:
        """Detach the worker; answers what ends it, without the lock. One that is not ready has nothing to save."""
        worker, starting = self.worker, self.state == "starting"
        self.worker = None
        if self.state != "failed":
            self.state, self.detail = "stopped", ""
        if worker is None:
            return lambda: None
        return worker.kill if starting else worker.stop

    def warmed(self, message: dict[str, Any]) -> None:
        self._deaths = 0
        self.device, self.network = message["device"], message["network"]
        self.versions = {"network": message["network_sha256"], "dtype": message["dtype"]}
        self.state, self.detail = "ready", ""

    def failed(self, error: dict[str, Any]) -> None:
        self.state, self.detail = "failed", error["detail"]

    def died(self, code: int) -> dict[str, Any] | None:
        """It has ended by itself; answers the problem when it is time to give up."""
        self.worker = None
        self._deaths += self.state == "starting"
        if self.state != "failed":
            self.state, self.detail = "stopped", f"The worker ended unexpectedly (code {code})."
            log.warning("%s", self.detail)
        if self._deaths < QUICK_DEATHS:
            return None
        self.state, self.detail = "failed", DIES_AT_ONCE["detail"]
        return DIES_AT_ONCE
