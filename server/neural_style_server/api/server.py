"""The HTTP server: waitress, with a way of its own for the health check.

Requests wait in a queue for one of so many threads. However many are there already, and whatever they wait for, the
health check is not among them: it has a queue and a thread to itself.
"""

from __future__ import annotations

import socket
from typing import Any

from flask import Flask
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ThreadedTaskDispatcher

from ..settings import Settings
from .http_channel import Check, channel_class, connection_limit
from .security import OPEN_PATH

SPARE_THREADS = 8
"""Threads that answer requests besides those that event streams hold."""

SILENT_S = 60
"""After so many seconds without a byte a connection is closed, unless its request is being answered."""


class Lanes(ThreadedTaskDispatcher):  # type: ignore[misc]
    """A lane for the health check and one for all else. A connection is a task, by the first of its requests."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._health = ThreadedTaskDispatcher()
        self._health.set_thread_count(1)
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        if getattr(task.requests[0], "path", None) == OPEN_PATH:
            self._health.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        self._health.shutdown(cancel_pending, timeout)
        return bool(super().shutdown(cancel_pending, timeout))


def thread_count(settings: Settings) -> int:
    return settings.max_event_streams + SPARE_THREADS


def open_server(app: Flask, listener: socket.socket, settings: Settings, check: Check) -> BaseWSGIServer:
    """A server that `run` serves with. `check` as in `channel_class`."""
    server = create_server(
        app,
        sockets=[listener],
        _dispatcher=Lanes(thread_count(settings)),
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
