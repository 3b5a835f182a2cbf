"""A child process that is spoken to in lines; threads start it, write to it, and read its lines and its log."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import IO

log = logging.getLogger(__name__)
JOIN_S = 5.0
LONGEST_LOG_LINE = 64 << 10


class SignsOfLife:
    """When something was last heard, and whether it has ended."""

    def __init__(self) -> None:
        self._heard = time.monotonic()
        self._ended = threading.Event()

    def hear(self) -> None:
        self._heard = time.monotonic()

    def end(self) -> None:
        self._ended.set()

    def ends(self, patience_s: float) -> bool:
        """Wait for its end; False once it has been silent for `patience_s`, counted from now at the earliest."""
        asked = time.monotonic()
        while not self._ended.wait(0.05):
            if time.monotonic() - max(asked, self._heard) > patience_s:
                return False
        return True


class ChildProcess:
    """`python -m` with `arguments`. `on_line` gets what it writes to its standard output, `on_exit` the exit code and,
    if it could not be started, why; both on a thread of the process's. `write_log` gets its standard error. What the
    user has set in the environment counts before `environment`."""

    def __init__(
        self,
        arguments: Sequence[str],
        on_line: Callable[[str], None],
        on_exit: Callable[[int, str], None],
        write_log: Callable[[str], None],
        environment: Mapping[str, str],
    ) -> None:
        self._arguments, self._environment = arguments, environment
        self._on_line, self._on_exit, self._write_log = on_line, on_exit, write_log
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._process: subprocess.Popen[str] | None = None
        self._killed = False
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._live, name="child-messages", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        self._started.wait()
        assert self._process is not None
        return self._process.pid

    def write(self, line: str) -> None:
        """Does not wait, and does nothing if the process is gone: its exit is reported."""
        self._lines.put(line)

    def close_input(self) -> None:
        """After all that was written before."""
        self._lines.put(None)

    def kill(self) -> None:
        self._killed = True
        self._started.wait()
        if self._process is not None:
            self._process.kill()
        self.join()

    def join(self) -> None:
        """Wait a moment for its end, but not on its own thread."""
        if threading.current_thread() is not self._thread:
            self._thread.join(JOIN_S)

    def runs_on(self, thread: threading.Thread) -> bool:
        """Whether this is the thread that reports its lines and its exit."""
        return thread is self._thread

    def _live(self) -> None:
        try:
            process = self._process = self._start()
        except OSError as error:
            self._started.set()
            self._on_exit(-1, error.strerror or str(error))
            return
        self._started.set()
        if self._killed:
            process.kill()
        assert process.stdin and process.stdout and process.stderr
        helpers = [
            threading.Thread(target=self._write, args=(process.stdin,), name="child-commands", daemon=True),
            threading.Thread(target=self._copy_log, args=(process.stderr,), name="child-log", daemon=True),
        ]
        for helper in helpers:
            helper.start()
        self._listen(process.stdout)
        code = process.wait()
        self._lines.put(None)
        for helper in helpers:
            helper.join(JOIN_S)
        for pipe in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):  # a command that the process did not read is still in it
                pipe.close()
        self._on_exit(code, "")

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *self._arguments],
            env={**self._environment, **os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )

    def _listen(self, pipe: IO[str]) -> None:
        for line in pipe:
            try:
                self._on_line(line)
            except Exception:  # a process whose lines are not read would wait for ever
                log.exception("a line of %s could not be handled", self._arguments[0])

    def _write(self, pipe: IO[str]) -> None:
        while (line := self._lines.get()) is not None:
            try:
                pipe.write(line)
                pipe.flush()
            except (OSError, ValueError):
                log.info("%s no longer reads", self._arguments[0])
                return
        with contextlib.suppress(OSError):
            pipe.close()

    def _copy_log(self, pipe: IO[str]) -> None:
        while line := pipe.readline(LONGEST_LOG_LINE):
            self._write_log(line.rstrip("\n"))
