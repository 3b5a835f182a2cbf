"""A worker process, with threads that start it, write its commands, and read its messages and its log."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from pydantic import ValidationError

from .messages import Command, Message, Quit, WorkerOptions, as_line, read_message

log = logging.getLogger(__name__)
JOIN_S = 5.0
LOG_FILES, LONGEST_LOG_LINE = 3, 64 << 10

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
        self._home, self._on_message, self._on_exit, self._write_log = home, on_message, on_exit, write_log
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._lines.put(as_line(options))
        self._heard = time.monotonic()
        self._process: subprocess.Popen[str] | None = None
        self._killed = False
        self._started, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._live, name="worker-messages", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        self._started.wait()
        assert self._process is not None
        return self._process.pid

    def send(self, command: Command) -> None:
        """Does not wait, and does nothing if the worker is gone: its exit is reported."""
        self._lines.put(as_line(command))

    def stop(self, patience_s: float) -> None:
        """Let it save its runs and end; kill it after `patience_s` of silence."""
        asked = time.monotonic()
        self.send(Quit())
        while not self._ended.wait(0.05):
            if time.monotonic() - max(asked, self._heard) > patience_s:
                log.warning("the worker does not end: it is killed")
                self.kill()
                return
        self._thread.join(JOIN_S)

    def kill(self) -> None:
        self._killed = True
        self._started.wait()
        if self._process is not None:
            self._process.kill()
        if threading.current_thread() is not self._thread:
            self._thread.join(JOIN_S)

    def _live(self) -> None:
        try:
            process = self._process = self._start()
        except OSError as error:
            self._started.set()
            self._ended.set()
            self._on_exit(-1, error.strerror or str(error))
            return
        self._started.set()
        if self._killed:
            process.kill()
        assert process.stdin and process.stdout and process.stderr
        helpers = [
            threading.Thread(target=self._write, args=(process.stdin,), name="worker-commands", daemon=True),
            threading.Thread(target=self._copy_log, args=(process.stderr,), name="worker-log", daemon=True),
        ]
        for helper in helpers:
            helper.start()
        self._listen(process.stdout)
        code = process.wait()
        self._lines.put(None)
        for helper in helpers:
            helper.join(JOIN_S)
        for pipe in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):  # a command that the worker did not read is still in it
                pipe.close()
        self._on_exit(code, "")
        self._ended.set()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "neural_style_server.worker.main", str(self._home)],
            env={**WORKER_ENVIRONMENT, **os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )

    def _listen(self, pipe: IO[str]) -> None:
        for line in pipe:
            self._heard = time.monotonic()
            try:
                self._on_message(read_message(line))
            except ValidationError:
                log.warning("the worker wrote something that is not a message: %.200s", line)
            except Exception:  # a worker whose messages are not read would wait for ever
                log.exception("a message of the worker could not be handled")

    def _write(self, pipe: IO[str]) -> None:
        while (line := self._lines.get()) is not None:
            try:
                pipe.write(line)
                pipe.flush()
            except (OSError, ValueError):
                log.info("the worker no longer reads")
                return

    def _copy_log(self, pipe: IO[str]) -> None:
        while line := pipe.readline(LONGEST_LOG_LINE):
            self._write_log(line.rstrip("\n"))


class WorkerLog:
    """A log file that rotates at `max_bytes`, with LOG_FILES backups. Thread-safe."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._handler = RotatingFileHandler(path, maxBytes=max_bytes, backupCount=LOG_FILES, encoding="utf-8")

    def write(self, line: str) -> None:
        self._handler.handle(logging.LogRecord("worker", logging.INFO, "", 0, "%s", (line,), None))

    def close(self) -> None:
        self._handler.close()
