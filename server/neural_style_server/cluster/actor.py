"""An actor on a node: a worker whose commands come, and whose messages and files go, by calls."""

from __future__ import annotations

import logging
import platform
import queue
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from .. import __version__
from ..errors import DiskFull, StorageError
from ..files import read_json
from ..jobs.forecasting import CALIBRATION_FILE
from ..jobs.messages import (
    Ended,
    Message,
    Progress,
    Ready,
    StartRun,
    WorkerOptions,
    as_line,
    read_command,
)
from ..worker.main import WarmUp, Worker, warm_up
from .node import NodeFolder, node_file
from .travel import Bytes, Part

log = logging.getLogger(__name__)
PACKAGES = ("ray", "torch")
AT_ONCE, LINGER_S = 64, 0.1
"""Messages in one answer, and how long progress waits for more."""


class Post(NamedTuple):
    """What a worker has to say: messages as lines, each run's new files, the device's calibration with the first
    message, and whether it has ended."""

    lines: list[str]
    parts: dict[str, list[Part]]
    calibration: Any
    ended: bool


def versions() -> dict[str, str]:
    """Of all that must be the same on both sides, by name."""
    found = {name: metadata.version(name).partition("+")[0] for name in PACKAGES}
    return {"neural-style-server": __version__, "Python": ".".join(platform.python_version_tuple()[:2]), **found}


class WorkerActor:
    """Calls may come at once and out of their order: commands have numbers. Only one waits in `hear` at a time."""

    def __init__(self, warm_up: WarmUp = warm_up) -> None:
        self._warm_up, self._host = warm_up, socket.gethostname()
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._early: dict[int, tuple[str, Sequence[str], Sequence[Bytes]]] = {}
        self._next, self._ordering = 0, threading.Lock()
        self._node: NodeFolder | None = None

    def describe(self) -> dict[str, Any]:
        """Where it is, and its versions."""
        return {"host": self._host, "versions": versions()}

    def begin(self, options: str, weights_name: str | None, weights: Bytes | None) -> None:
        """Start the worker. `weights`: the content of the user's own file. Raises StorageError."""
        self._node = node = NodeFolder()
        wanted = WorkerOptions.model_validate_json(options)
        if weights_name is not None and weights is not None:
            wanted.weights = str(node_file(node.home / "weights", weights_name, weights))
        threading.Thread(target=self._serve, args=(wanted, node), name="worker", daemon=True).start()

    def tell(self, number: int, line: str, names: Sequence[str], *blobs: Bytes) -> None:
        """The command with this number, counted from 0, and the files that it needs."""
        with self._ordering:
            self._early[number] = line, names, blobs
            while (found := self._early.pop(self._next, None)) is not None:
                self._next += 1
                self._take(*found)

    def hear(self, patience_s: float) -> Post:
        """What there is to say by now; waits for it, but not for longer than `patience_s`. Progress alone waits a
        little for more of it: an answer costs the driver some milliseconds, and it may have many actors."""
        said: list[Message] = []
        ended, until = False, time.monotonic() + patience_s
        try:
            while len(said) < AT_ONCE and not ended:
                message = self._said.get(timeout=max(0.0, until - time.monotonic()))
                ended = message is None
                said += [] if message is None else [message]
                if ended or isinstance(message, Ended):
                    break  # its folder goes with this answer
                if not isinstance(message, Progress):
                    until = 0.0
                elif len(said) == 1:
                    until = time.monotonic() + LINGER_S
        except queue.Empty:
            pass
        return self._post(said, ended)

    def _post(self, said: list[Message], ended: bool) -> Post:
        node = self._node
        assert node is not None
        parts: dict[str, list[Part]] = {}
        calibration = None
        for message in said:
            if isinstance(message, Ready):
                calibration = read_json(node.home / CALIBRATION_FILE)
            run = getattr(message, "id", "")
            changes = node.changes(run)
            if changes is not None:
                parts.setdefault(run, []).extend(changes.parts())
            if isinstance(message, Ended):
                node.forget(run)
        if ended:
            node.close()
        return Post([as_line(message) for message in said], parts, calibration, ended)

    def _take(self, line: str, names: Sequence[str], blobs: Sequence[Bytes]) -> None:
        command, node = read_command(line), self._node
        assert node is not None
        run = getattr(command, "id", "")
        try:
            if names:
                job = command.folder if isinstance(command, StartRun) else names[0].partition("/")[0]
                folder = node.unpack(run, job, names, blobs)
                if isinstance(command, StartRun):
                    command.folder = str(folder)
        except StorageError as error:
            self._deliver(Ended(id=run, state="failed", error=error.as_problem()))
            return
        self._lines.put(as_line(command))

    def _serve(self, options: WorkerOptions, node: NodeFolder) -> None:
        try:
            begin = partial(self._warm_up, node.home, node.images, options)
            Worker(begin, self._deliver).serve(self._commands())
        except Exception:
            log.exception("the worker has ended")
        self._said.put(None)

    def _commands(self) -> Iterator[str]:
        while (line := self._lines.get()) is not None:
            yield line

    def _deliver(self, message: Message) -> None:
        if isinstance(message, Ready):
            message = message.model_copy(update={"host": self._host})
        elif isinstance(message, Ended) and message.error is not None:
            message = message.model_copy(update={"error": self._placed(message.error)})
        self._said.put(message)

    def _placed(self, error: dict[str, Any]) -> dict[str, Any]:
        """A disk that is full is this node's, not the painter's own."""
        if error.get("code") not in (DiskFull.code, StorageError.code):
            return error
        hint = f"Free some space on {self._host}, or set NEURAL_STYLE_NODE_HOME there to a folder on a larger disk."
        return {**error, "detail": f"On the cluster's node {self._host}: {error['detail']}", "hint": hint}


def weights_file(options: WorkerOptions) -> Path | None:
    """The user's own weights, which have to travel."""
    return None if options.weights in (None, "torchvision") else Path(str(options.weights))
