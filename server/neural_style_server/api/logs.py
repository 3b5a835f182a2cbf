"""The daemon's log: it rotates, tells a fault once until it changes, and has what libraries print.

C libraries write to the process's standard error themselves: libtiff has a line for each fault of a picture. Who
started the daemon has that in a file that nobody looks after. So once the daemon runs, both outputs lead into the log;
a fatal error of the process still goes where they led before.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import logging
import os
import re
import sys
import threading
import time
import warnings
from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timezone
from logging.handlers import RotatingFileHandler
from pathlib import Path

from ..settings import Settings

LOG_FILES = 3
REPEAT_S = 3600.0
"""A warning or an error is told again after this long, with how often it came meanwhile."""

MOST_KNOWN = 256
"""So many different faults are remembered."""

LONGEST_LINE = 4 << 10
OWN_LOGGERS = __name__.partition(".")[0]
printed = logging.getLogger("printed")


class Repeats(logging.Filter):
    """Drops a warning or an error that has been told within REPEAT_S. Errors are the same that come from the same line
    of the program; of what libraries log or print, that which differs only in its numbers."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._told: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        fault, now = _fault(record), time.monotonic()
        with self._lock:
            since, dropped = self._told.pop(fault, (None, 0))
            due = since is None or now - since > REPEAT_S
            self._told[fault] = (now, 0) if due or since is None else (since, dropped + 1)
            while len(self._told) > MOST_KNOWN:
                self._told.popitem(last=False)
        if due and dropped:
            record.msg, record.args = f"{record.getMessage()} ({dropped} times more since it was told last)", None
        return due


class JsonLines(logging.Formatter):
    """A JSON object for each record: time (UTC), level, logger, message; job and user; error, with its trace."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
        found = {"time": when, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        found |= {key: vars(record)[key] for key in ("job", "user") if key in vars(record)}
        if record.exc_info:
            found["error"] = self.formatException(record.exc_info)
        return json.dumps(found, ensure_ascii=False)


class PrintedLines:
    """What the process writes to its outputs goes to the log `printed`, until this is closed. A terminal is left alone:
    somebody reads there.

    Nobody waits for the log: a thread that prints may hold the interpreter's lock, which the reader needs. What does
    not fit into the pipe is lost.
    """

    def __init__(self) -> None:
        self._former: list[tuple[int, int]] = []
        self._thread: threading.Thread | None = None
        with contextlib.suppress(OSError):  # a program without a console has no outputs
            taken = [number for number in (1, 2) if not os.isatty(number)]
            read, write = os.pipe()
            if not _never_waits(write):
                os.close(read)
                os.close(write)
                return
            for number in taken:
                self._former.append((number, os.dup(number)))
                os.dup2(write, number)
            os.close(write)
            self._thread = threading.Thread(target=self._read, args=(read,), name="printed-lines", daemon=True)
            self._thread.start()
        for number, former in self._former:
            if number == 2:
                faulthandler.enable(former)

    def close(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        faulthandler.disable()
        for number, former in self._former:
            os.dup2(former, number)
            os.close(former)
        if self._thread is not None:
            self._thread.join(1.0)

    def _read(self, pipe: int) -> None:
        with os.fdopen(pipe, "rb") as lines:
            while line := lines.readline(LONGEST_LINE):
                text = line.decode("utf-8", "replace").rstrip()
                if text:
                    printed.warning("%s", text)


def start_log(home: Path, settings: Settings) -> None:
    """All that is logged in this process goes to daemon.log in `home`."""
    handler = RotatingFileHandler(
        home / "daemon.log", maxBytes=settings.log_bytes, backupCount=LOG_FILES, encoding="utf-8"
    )
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if settings.log_format == "json" else text)
    handler.addFilter(Repeats())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    logging.raiseExceptions = False  # a log that cannot be written must not be told of in the log
    logging.captureWarnings(True)
    warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)  # watchdog's, of folders that come and go
    logging.getLogger("waitress").setLevel("ERROR")
    logging.getLogger("watchdog.observers.inotify").addFilter(_is_no_end)


def _fault(record: logging.LogRecord) -> Hashable:
    text = record.getMessage()
    if not record.name.startswith(OWN_LOGGERS):
        text = re.sub(r"0x[0-9a-fA-F]+|\d+", "#", text)
    place = None
    if record.exc_info and record.exc_info[0] is not None:
        trace = record.exc_info[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        line = None if trace is None else (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        place = (record.exc_info[0].__name__, line)
    return record.name, record.levelno, text, place


def _is_no_end(record: logging.LogRecord) -> bool:
    """Watchdog calls it an error that its thread ends when it is closed."""
    return "when the thread is inactive" not in record.getMessage()


def _never_waits(pipe: int) -> bool:
    try:
        os.set_blocking(pipe, False)
    except (AttributeError, OSError):  # Windows before Python 3.12
        return False
    return True
