"""Starts the worker process, talks with it, and notices when it ends."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

log = logging.getLogger(__name__)
STOP_S = 5.0

WORKER_ENVIRONMENT = {"OMP_WAIT_POLICY": "passive", "THP_MEM_ALLOC_ENABLE": "1"}
if sys.platform == "linux":
    WORKER_ENVIRONMENT["PYTORCH_CUDA_ALLOC_CONF"] = "expandable_segments:True"
"""Read by libraries as they are loaded. Threads that wait sleep rather than spin: beside a busy editor an iteration
took a third of the time so. Large tensors lie in large pages (Linux), each alone and given back when it is freed: at
1024² the worker's peak was a quarter lower, for no time. A GPU's memory is mapped as it is needed (torch can on Linux):
a sixth less of it in use at 1024² and 2048². What the user has set counts before these."""


class WorkerLike(Protocol):
    """What the queue needs of a worker; tests give a fake one."""

    def send(self, command: dict[str, Any]) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


class WorkerProcess:
    """One process. `on_message` gets each of its messages, `on_exit` its exit code, both on the reader's thread."""

    def __init__(
        self,
        home: Path,
        options: dict[str, Any],
        on_message: Callable[[WorkerProcess, dict[str, Any]], None],
        on_exit: Callable[[WorkerProcess, int], None],
        log_path: Path,
    ) -> None:
        self._on_message, self._on_exit = on_message, on_exit
        self._write_lock = threading.Lock()
        with log_path.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "neural_style_server.jobs.worker", str(home)],
                env={**WORKER_ENVIRONMENT, **os.environ},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
        self.send(options)
        self._thread = threading.Thread(target=self._listen, name="worker-messages", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, command: dict[str, Any]) -> None:
        """Fire and forget: a worker that is gone is noticed by its exit."""
        with self._write_lock:
            try:
                assert self._process.stdin is not None
                self._process.stdin.write(json.dumps(command) + "\n")
                self._process.stdin.flush()
            except (OSError, ValueError):
                log.info("the worker no longer reads")

    def stop(self) -> None:
        """Let it save and end; after STOP_S it is killed."""
        self.send({"op": "quit"})
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._join()

    def kill(self) -> None:
        self._process.kill()
        self._join()

    def _join(self) -> None:
        self._process.wait()
        if threading.current_thread() is not self._thread:
            self._thread.join(STOP_S)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                log.warning("the worker wrote something that is not a message")
                continue
            try:
                self._on_message(self, message)
            except Exception:  # a worker that is no longer listened to would stand still for ever
                log.exception("a message of the worker could not be dealt with")
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    log.debug("a pipe of the ended worker was closed already")
        self._on_exit(self, code)
