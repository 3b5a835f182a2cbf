"""The workers: one process for each device, started when there is work, and what happens when one dies. A process is
one on this machine (`worker_process.py`), or an actor of a cluster (`cluster/link.py`).

A worker that dies is reported with its runs; the dispatcher queues their jobs again. After QUICK_DEATHS deaths in a
row before it was ready, a device has failed: it is used again only if no other is left. Each process is a `Life`, so
that late messages of an earlier process are not taken for the present one's.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from .messages import Command, Ended, Failed, Message, Progress, Ready, StartRun, Waiting, WorkerOptions
from .worker_slot import STOP_S, Life, Slot, StartProcess
from .workers import PoolListener, WorkerStatus

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


class DevicePool:
    """A process for each of `options`.

    With `discover`, a worker for each other GPU that the first one finds. Workers without a run end after
    `idle_unload_s`. Thread-safe; only `tidy`, and what `detach` answers, wait for a worker.
    """

    def __init__(
        self,
        options: Sequence[WorkerOptions],
        start_process: StartProcess,
        *,
        discover: bool = False,
        idle_unload_s: float = 900.0,
    ) -> None:
        self._lock = threading.Lock()
        self._slots = [Slot(f"worker-{number}", item) for number, item in enumerate(options, 1)]
        self._start_process, self._discover, self._idle_unload_s = start_process, discover, idle_unload_s
        self._runs: dict[str, Life] = {}
        self._host = socket.gethostname()
        self._listener: PoolListener | None = None

    def listen(self, listener: PoolListener) -> None:
        self._listener = listener

    def workers(self) -> list[WorkerStatus]:
        with self._lock:
            return [slot.status(self._host) for slot in self._slots]

    def grow(self, count: int) -> None:
        """Have devices like the first one, so many in all: a cluster has room for them."""
        with self._lock:
            first = self._slots[0]
            for _ in range(count - len(self._slots)):
                self._add(first, first.options.device)
        if self._listener is not None:
            self._listener.on_ready()

    def ensure(self, count: int) -> bool:
        """Have so many workers, as far as there are devices. Answers whether any is still starting, and waits for
        nothing."""
        with self._lock:
            alive = sum(slot.life is not None for slot in self._slots if slot.state != "failed")
            idle = [slot for slot in self._slots if slot.life is None]
            usable = [slot for slot in idle if slot.state != "failed"] or (idle if not alive else [])
            for slot in usable[: max(0, count - alive)]:
                self._begin(slot)
            return any(slot.life is not None and slot.state == "starting" and not slot.detail for slot in self._slots)

    def start(self, worker: str, run: str, folder: Path, iteration_s: float, live: bool = False) -> bool:
        """Hand out a run, with the seconds that an iteration may take; False where the worker is not ready."""
        with self._lock:
            slot = next(slot for slot in self._slots if slot.id == worker)
            life = slot.life
            if life is None or slot.state != "ready":
                return False
            spare = self._spare_devices(slot)
            life.runs[run], life.heard = iteration_s, time.monotonic()
            self._runs[run] = life
            assert life.process is not None
            life.process.send(StartRun(id=run, folder=str(folder), spare_devices=spare, live=live))
            return True

    def send(self, run: str, command: Command) -> None:
        with self._lock:
            life = self._runs.get(run)
            if life is not None and life.process is not None:
                life.process.send(command)

    def tidy(self) -> None:
        """End idle and hung workers."""
        now = time.monotonic()
        ending: list[Callable[[], None]] = []
        with self._lock:
            for slot in self._slots:
                life = slot.life
                if life is None:
                    continue
                assert life.process is not None
                if slot.state == "starting":
                    if now - life.heard > (DOWNLOAD_S if slot.options.weights == "torchvision" else START_S):
                        log.warning("%s has not become ready: it is killed", slot.id)
                        life.hangs = True
                        ending.append(life.process.kill)
                elif slot.state == "failed":
                    if now - life.heard > STOP_S:
                        ending.append(life.process.kill)
                elif life.runs and now - life.heard > life.silence_allowed(HUNG_S, HUNG_ITERATIONS):
                    log.warning("%s has been silent for too long: it is killed, and its jobs taken up again", slot.id)
                    ending.append(life.process.kill)
                elif not life.runs and now - slot.idle_since > self._idle_unload_s:
                    log.info("%s has had no job for a while: it ends, and its memory is free", slot.id)
                    ending.append(self._detach(slot))
        for end in ending:
            end()

    def detach(self) -> Callable[[], None]:
        """Give up all workers. Answers what ends them, after they have saved their runs; that may take long."""
        with self._lock:
            ending = [self._detach(slot) for slot in self._slots if slot.life is not None]

        def end() -> None:
            threads = [threading.Thread(target=one, name="worker-end", daemon=True) for one in ending]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        return end

    # With the lock held

    def _begin(self, slot: Slot) -> None:
        life = slot.life = Life(slot)
        slot.state, slot.detail = "starting", ""
        life.process = self._start_process(slot.options, partial(self._on_message, life), partial(self._on_exit, life))

    def _detach(self, slot: Slot) -> Callable[[], None]:
        life, starting = slot.life, slot.state == "starting"
        assert life is not None
        slot.life = None
        if slot.state != "failed":
            slot.state, slot.detail = "stopped", ""
        return partial(life.end, starting)

    def _spare_devices(self, own: Slot) -> list[str]:
        """The other GPUs that work and have no run now, which may share the tiles of a large canvas."""
        slots = {slot.options.device: slot for slot in self._slots}
        found = [*(own.ready.other_devices if own.ready else ()), *(name for name in slots if name.startswith("cuda:"))]
        busy = [slot for slot in self._slots if slot is own or (slot.life and slot.life.runs)]
        unfit = {slot.options.device for slot in self._slots if slot in busy or slot.state == "failed"}
        return [name for name in dict.fromkeys(found) if name not in unfit]

    def _discovered(self, own: Slot, devices: Sequence[str]) -> None:
        known = {slot.options.device for slot in self._slots}
        for device in devices:
            if self._discover and device not in known:
                self._add(own, device)

    def _add(self, like: Slot, device: str) -> None:
        options = like.options.model_copy(update={"device": device, "calibrate": False})
        self._slots.append(Slot(f"worker-{len(self._slots) + 1}", options))

    def _died(self, life: Life, code: int, error: str) -> Mapping[str, Any] | None:
        """The present process has ended by itself; answers the problem when no other worker is left to wait for."""
        slot = life.slot
        slot.life = None
        slot.deaths += slot.state == "starting"
        problem: Mapping[str, Any] | None = None
        if error:
            problem = {**DIES_AT_ONCE, "detail": f"The worker cannot be started ({error})."}
        elif slot.deaths >= QUICK_DEATHS:
            problem = HANGS_AT_START if life.hangs else DIES_AT_ONCE
        if problem is not None:
            slot.state, slot.detail = "failed", problem["detail"]
        elif slot.state != "failed":
            ended = f"The worker ended unexpectedly (code {code})."
            slot.state, slot.detail = "stopped", HANGS_AT_START["detail"] if life.hangs else ended
        log.warning("%s: %s", slot.id, slot.detail)
        return problem if self._all_failed() else None

    def _all_failed(self) -> bool:
        return all(slot.state == "failed" for slot in self._slots)

    # Called by processes, on their threads

    def _on_message(self, life: Life, message: Message) -> None:
        listener, slot = self._listener, life.slot
        assert listener is not None
        unusable: Mapping[str, Any] | None = None
        with self._lock:
            life.heard = time.monotonic()
            present = slot.life is life
            if isinstance(message, Waiting) and present:
                slot.detail = message.detail
            elif isinstance(message, Ready) and present:
                slot.state, slot.detail, slot.ready, slot.deaths = "ready", "", message, 0
                slot.idle_since = life.heard
                self._discovered(slot, message.other_devices)
            elif isinstance(message, Failed) and present:
                slot.state, slot.detail = "failed", message.error["detail"]
                if self._all_failed():
                    unusable = {key: message.error[key] for key in ("code", "detail", "hint")}
            elif isinstance(message, Progress) and message.id in life.runs:
                seen = message.seconds / max(1, message.iteration)
                life.runs[message.id] = max(life.runs[message.id], seen)
            elif isinstance(message, Ended):
                self._runs.pop(message.id, None)
                life.runs.pop(message.id, None)
                slot.idle_since = life.heard
        if isinstance(message, Ready):
            if present:
                listener.on_ready()
        elif isinstance(message, Failed):
            listener.on_lost([], None, unusable)
        elif not isinstance(message, Waiting):
            listener.on_message(message)

    def _on_exit(self, life: Life, code: int, error: str = "") -> None:
        with self._lock:
            lost = list(life.runs)
            life.runs = {}
            for run in lost:
                self._runs.pop(run, None)
            present = life.slot.life is life
            problem = self._died(life, code, error) if present else None
        assert self._listener is not None
        self._listener.on_lost(lost, code if present else None, problem)
