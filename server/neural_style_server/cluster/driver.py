"""The driver process: holds the connection to a cluster, and all of the daemon's actors there.

Orders come on standard input, reports go out on standard output, as `protocol.py` describes. When the input ends, the
daemon is gone or needs no actor any more: those that are left save their runs and end, and so does the driver.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from ..jobs.messages import Message, Quit, as_line
from .connection import Connection
from .objects import Objects
from .protocol import DriverOptions, Order, Report
from .remote_worker import RemoteWorker

log = logging.getLogger(__name__)

LOST = 3
SAVE_S = 60.0
STORE_SHARE = 4
"""The part of the smallest object store that is kept for what may be needed again."""


class Driver:
    """`out` gets the reports."""

    def __init__(self, home: Path, options: DriverOptions, out: TextIO) -> None:
        self._home, self._out = home, out
        self._speaking = threading.Lock()
        self._changed = threading.Condition()
        self._workers: dict[str, RemoteWorker] = {}
        self._connection = Connection(options, lambda room: self._report(Report(room=room)), lambda: os._exit(LOST))
        self._objects = Objects(_put, lambda: self._connection.store // STORE_SHARE)

    def serve(self, lines: Iterable[str]) -> None:
        self._connection.open()
        for line in lines:
            self._obey(Order.model_validate_json(line))
        with self._changed:
            for worker in self._workers.values():
                worker.send(Quit())
            self._changed.wait_for(lambda: not self._workers, SAVE_S)

    def _obey(self, order: Order) -> None:
        name = order.actor
        with self._changed:
            if order.options is not None:
                self._workers[name] = RemoteWorker(
                    self._home,
                    order.options,
                    self._connection,
                    self._objects,
                    lambda message: self._pass_on(name, message),
                    lambda code: self._end(name, code),
                )
            worker = self._workers.get(name)
        if worker is None:
            return
        if order.command is not None:
            worker.send(order.command)
        if order.kill:
            worker.kill()

    def _pass_on(self, name: str, message: Message) -> None:
        self._report(Report(actor=name, message=message))

    def _end(self, name: str, code: int) -> None:
        with self._changed:
            self._workers.pop(name, None)
            self._changed.notify_all()
        self._report(Report(actor=name, exit=code))

    def _report(self, report: Report) -> None:
        with self._speaking:
            try:
                self._out.write(as_line(report))
                self._out.flush()
            except (OSError, ValueError):
                log.info("the daemon is gone")


def _put(value: object) -> object:
    import ray

    return ray.put(value)


def main() -> None:
    """Entry of the process: argv has the home folder; the first line of input has the options."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s cluster %(levelname)s %(message)s")
    for number in (signal.SIGINT, signal.SIGTERM):  # these reach the daemon too, which lets the workers save
        signal.signal(number, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not end up between the reports
    options = DriverOptions.model_validate_json(sys.stdin.readline())
    Driver(Path(sys.argv[1]), options, out).serve(sys.stdin)
    os._exit(0)  # Ray's threads have nothing more to do


if __name__ == "__main__":
    main()
