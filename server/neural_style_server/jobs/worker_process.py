"""A worker process on this machine, as the pool sees it, and the log that workers write to."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pydantic import ValidationError

from .child_process import ChildProcess, SignsOfLife
from .messages import Command, Message, Quit, WorkerOptions, as_line, read_message

log = logging.getLogger(__name__)
LOG_FILES = 3
WORKER = "neural_style_server.worker.main"

WORKER_ENVIRONMENT = {"OMP_WAIT_POLICY": "passive", "THP_MEM_ALLOC_ENABLE": "1"}
if sys.platform == "linux":
    WORKER_ENVIRONMENT["PYTORCH_CUDA_ALLOC_CONF"] = "expandable_segments:True"
"""Read by libraries as they are loaded; what the user has set counts before it. Threads that wait sleep rather than
spin: beside a busy editor an iteration takes a third of the time so. Large tensors lie in large pages (Linux), each
given back when it is freed: a quarter less memory at 1024². A GPU's memory is mapped as it is needed (Linux): a sixth
less of it at 1024² and 2048²."""


class WorkerProcess:
    """`on_message` gets each message, `on_exit` the exit code and, if it could not be started, why; both on a thread of
    the process's. `write_log` gets what the process writes to its standard error."""

    def __init__(
        self,
        home: Path,
        options: WorkerOptions,
        on_message: Callable[[Message], None],
        on_exit: Callable[[int, str], None],
        write_log: Callable[[str], None],
    ) -> None:
        self._on_message, self._on_exit = on_message, on_exit
        self._signs = SignsOfLife()
        self._child = ChildProcess([WORKER, str(home)], self._hear, self._exit, write_log, WORKER_ENVIRONMENT)
        self._child.write(as_line(options))

    @property
    def pid(self) -> int:
        return self._child.pid

    def send(self, command: Command) -> None:
        """Does not wait, and does nothing if the worker is gone: its exit is reported."""
        self._child.write(as_line(command))

    def stop(self, patience_s: float) -> None:
        """Let it save its runs and end; kill it after `patience_s` of silence."""
        self.send(Quit())
        if self._signs.ends(patience_s):
            self._child.join()
            return
        log.warning("the worker does not end: it is killed")
        self.kill()

    def kill(self) -> None:
        self._child.kill()

    def _hear(self, line: str) -> None:
        self._signs.hear()
        try:
            message = read_message(line)
        except ValidationError:
            log.warning("the worker wrote something that is not a message: %.200s", line)
        else:
            self._on_message(message)

    def _exit(self, code: int, error: str) -> None:
        self._on_exit(code, error)
        self._signs.end()


class WorkerLog:
    """A log file that rotates at `max_bytes`, with LOG_FILES backups. Thread-safe."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._handler = RotatingFileHandler(path, maxBytes=max_bytes, backupCount=LOG_FILES, encoding="utf-8")

    def write(self, line: str) -> None:
        self._handler.handle(logging.LogRecord("worker", logging.INFO, "", 0, "%s", (line,), None))

    def close(self) -> None:
        self._handler.close()
