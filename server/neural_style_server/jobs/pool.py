"""The workers: one process for each device, started when there is work, and what happens when one dies. A process is
one on this machine (`worker_process.py`), or an actor of a cluster (`cluster/link.py`).

A worker that dies is reported with its runs; the dispatcher queues their jobs again. A device that has failed is used
again only if no other is left.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .messages import Command, Ended, Failed, Message, Ready, StartRun, Waiting, WorkerOptions
from .worker_slot import Life, Slot, StartProcess
from .workers import PoolListener, WorkerStatus


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
                slot.begin(self._start_process, self._on_message, self._on_exit)
            return any(slot.life is not None and slot.state == "starting" and not slot.detail for slot in self._slots)

    def start(self, worker: str, run: str, folder: Path, iteration_s: float, live: bool = False) -> bool:
        """Hand out a run, with the seconds that an iteration may take; False where the worker is not ready."""
        with self._lock:
            slot = next(slot for slot in self._slots if slot.id == worker)
            life = slot.life
            if life is None or slot.state != "ready":
                return False
            self._runs[run] = life
            spare = self._spare_devices(slot)
            life.start(StartRun(id=run, folder=str(folder), spare_devices=spare, live=live), iteration_s)
            return True

    def send(self, run: str, command: Command) -> None:
        with self._lock:
            if (life := self._runs.get(run)) is not None:
                life.send(command)

    def tidy(self) -> None:
        """End idle and hung workers."""
        with self._lock:
            ending = [slot.overdue(self._idle_unload_s) for slot in self._slots]
        for end in ending:
            if end is not None:
                end()

    def detach(self) -> Callable[[], None]:
        """Give up all workers. Answers what ends them, after they have saved their runs; that may take long."""
        with self._lock:
            ending = [slot.detach() for slot in self._slots if slot.life is not None]

        def end() -> None:
            threads = [threading.Thread(target=one, name="worker-end", daemon=True) for one in ending]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        return end

    # With the lock held

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

    def _all_failed(self) -> bool:
        return all(slot.state == "failed" for slot in self._slots)

    # Called by processes, on their threads

    def _on_message(self, life: Life, message: Message) -> None:
        listener, slot = self._listener, life.slot
        assert listener is not None
        unusable: Mapping[str, Any] | None = None
        with self._lock:
            present = slot.hear(life, message)
            if isinstance(message, Ready) and present:
                self._discovered(slot, message.other_devices)
            elif isinstance(message, Failed) and present and self._all_failed():
                unusable = {key: message.error[key] for key in ("code", "detail", "hint")}
            elif isinstance(message, Ended):
                self._runs.pop(message.id, None)
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
            problem = life.slot.died(code, error) if present else None
            if not self._all_failed():
                problem = None  # another worker is left to wait for
        assert self._listener is not None
        self._listener.on_lost(lost, code if present else None, problem)
