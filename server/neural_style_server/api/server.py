"""The HTTP server: waitress, with lanes of threads that do not wait for each other.

Requests wait in a queue for one of so many threads. However many are there already, and whatever they wait for, the
health check is not among them: it has a queue and a thread to itself. Event streams, which hold their threads for as
long as a job is painted, have theirs.
"""

from __future__ import annotations

import socket
import time
from typing import Any

from flask import Flask
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ThreadedTaskDispatcher

from ..settings import Settings
from .http_channel import Check, channel_class, connection_limit
from .security import OPEN_PATH

REQUEST_THREADS = 4
"""For all but health checks and event streams: more would only make each other slower, and the health check too."""

SWITCH_S = 0.0005
"""How long a thread computes, at least, before another may. With the interpreter's usual 5 ms, each step of a health
check could wait 40 ms while all threads decode pictures."""

SILENT_S = 60
"""After so many seconds without a byte a connection is closed, unless its request is being answered."""


class Lanes(ThreadedTaskDispatcher):  # type: ignore[misc]
    """A lane for health checks, one for event streams, and this for all else. A task is a connection; it goes by the
    first of its requests."""

    def __init__(self, event_streams: int) -> None:
        super().__init__()
        self._health, self._streams = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        self._health.set_thread_count(1)
        self._streams.set_thread_count(event_streams + 1)  # the last one refuses those that are too many
        self.set_thread_count(REQUEST_THREADS)

    def add_task(self, task: Any) -> None:
        path = getattr(task.requests[0], "path", "")
        if path == OPEN_PATH:
            self._health.add_task(task)
        elif path.endswith("/events"):
            self._streams.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        deadline = time.monotonic() + timeout
        for lane in (self._health, self._streams, self):
            lane.set_thread_count(0)
        for lane in (self._health, self._streams):
            lane.shutdown(cancel_pending, max(0.0, deadline - time.monotonic()))
        return bool(super().shutdown(cancel_pending, max(0.0, deadline - time.monotonic())))


def open_server(app: Flask, listener: socket.socket, settings: Settings, check: Check) -> BaseWSGIServer:
    """A server that `run` serves with. `check` as in `channel_class`."""
    server = create_server(
        app,
        sockets=[listener],
        _dispatcher=Lanes(settings.max_event_streams),
        max_request_body_size=2 * settings.max_body_bytes,
        channel_request_lookahead=1,
        ident=None,
        channel_timeout=SILENT_S,
        connection_limit=connection_limit(),
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=True,
    )
    server.channel_class = channel_class(check)
    return server
