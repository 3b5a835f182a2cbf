"""The daemon's side of a cluster: actors as processes of a pool, all through one driver process.

The driver starts with the first actor and ends with the last. If it dies, or loses its cluster, all actors have died;
the pool starts others, and so another driver, which waits for the cluster to come back.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

from pydantic import ValidationError

from ..jobs.child_process import JOIN_S, ChildProcess, SignsOfLife
from ..jobs.messages import Command, Message, Quit, WorkerOptions, as_line
from .protocol import DriverOptions, Order, Report

log = logging.getLogger(__name__)

OnMessage = Callable[[Message], None]
OnExit = Callable[[int, str], None]
DRIVER = "neural_style_server.cluster.driver"
ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0"}


class ClusterLink:
    """`on_room` gets how many actors the cluster has room for, on a thread of the driver's. Thread-safe."""

    def __init__(
        self, home: Path, options: DriverOptions, on_room: Callable[[int], None], write_log: Callable[[str], None]
    ) -> None:
        self._home, self._options, self._on_room, self._write_log = home, options, on_room, write_log
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._actors: dict[str, Actor] = {}
        self._driver: ChildProcess | None = None
        self._connected = False

    def start_actor(self, options: WorkerOptions, on_message: OnMessage, on_exit: OnExit) -> Actor:
        """As `jobs.worker_slot.StartProcess`."""
        with self._lock:
            name = f"actor-{next(self._numbers)}"
            actor = self._actors[name] = Actor(self, name, on_message, on_exit)
            if self._driver is None:
                self._driver = self._start()
            self._driver.write(as_line(Order(actor=name, options=options)))
            return actor

    def order(self, order: Order) -> None:
        """Does nothing once the actor is gone."""
        with self._lock:
            if order.actor in self._actors and self._driver is not None:
                self._driver.write(as_line(order))

    def kill_driver(self) -> None:
        with self._lock:
            driver = self._driver
        if driver is not None:
            driver.kill()

    # With the lock held

    def _start(self) -> ChildProcess:
        options = self._options.model_copy(update={"connected": self._connected})
        driver = ChildProcess([DRIVER, str(self._home)], self._hear, self._exit, self._write_log, ENVIRONMENT)
        driver.write(as_line(options))
        return driver

    # Called by the driver, on its thread

    def _hear(self, line: str) -> None:
        try:
            report = Report.model_validate_json(line)
        except ValidationError:
            log.warning("the cluster's driver wrote something that is not a report: %.200s", line)
            return
        if report.room is not None:
            self._connected = True
            self._on_room(report.room)
        with self._lock:
            actor = self._actors.get(report.actor or "")
        if actor is None:
            return
        if report.message is not None:
            actor.hear(report.message)
        if report.exit is not None:
            with self._lock:
                self._actors.pop(actor.name, None)
                if not self._actors and self._driver is not None:
                    self._driver.close_input()
                    self._driver = None
            actor.end(report.exit, report.error)

    def _exit(self, code: int, error: str) -> None:
        """The driver has ended. One that was let go had no actors any more."""
        ended = threading.current_thread()
        with self._lock:
            if self._driver is None or not self._driver.runs_on(ended):
                return
            lost, self._actors, self._driver = list(self._actors.values()), {}, None
        if lost:
            log.warning("the cluster's driver has ended (code %d); %d workers are lost", code, len(lost))
        for actor in lost:
            actor.end(code or 1, error)


class Actor:
    """An actor of a cluster, as `jobs.worker_slot.Process`."""

    def __init__(self, link: ClusterLink, name: str, on_message: OnMessage, on_exit: OnExit) -> None:
        self.name = name
        self._link, self._on_message, self._on_exit = link, on_message, on_exit
        self._signs = SignsOfLife()

    def send(self, command: Command) -> None:
        self._link.order(Order(actor=self.name, command=command))

    def stop(self, patience_s: float) -> None:
        """Let it save its runs and end; end it without after `patience_s` of silence."""
        self.send(Quit())
        if not self._signs.ends(patience_s):
            log.warning("%s does not end: it is killed", self.name)
            self.kill()

    def kill(self) -> None:
        self._link.order(Order(actor=self.name, kill=True))
        if not self._signs.ends(JOIN_S):
            log.warning("the cluster's driver does not answer: it is killed")
            self._link.kill_driver()

    def hear(self, message: Message) -> None:
        self._signs.hear()
        self._on_message(message)

    def end(self, code: int, error: str) -> None:
        self._on_exit(code, error)
        self._signs.end()
