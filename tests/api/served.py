"""The app behind a real server on a port of its own, in this process, and many clients at once."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from flask import Flask
from waitress import wasyncore
from waitress.server import BaseWSGIServer

from neural_style_server.api.security import Keys, check_caller, host_names
from neural_style_server.api.server import open_server
from neural_style_server.settings import Settings

PATIENCE_S = 30.0


class Answer(NamedTuple):
    status: int
    body: bytes


class Served:
    """`app` at `port`, until closed."""

    def __init__(self, app: Flask, settings: Settings, keys: Keys, listener: socket.socket) -> None:
        self.port = int(listener.getsockname()[1])
        keys.own_hosts |= host_names("127.0.0.1", self.port)
        self.server: BaseWSGIServer = open_server(app, listener, settings, lambda caller: check_caller(caller, keys))
        self._token = keys.token
        self._over = threading.Event()
        self._loop = threading.Thread(target=self._run, name="server")
        self._loop.start()

    def _run(self) -> None:
        while not self._over.is_set():
            wasyncore.loop(0.05, map=self.server._map, count=1)

    def ask(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Answer:
        """With the token."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token}"}
        if method in ("POST", "PUT"):
            headers["Content-Type"] = content_type
        return self.send(method, path, data, headers)

    def send(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Answer:
        """On a connection of its own; a body is raw pixels unless its type is given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        if data is not None:
            headers = {"Content-Type": "application/octet-stream", **headers}
        with contextlib.closing(connection):
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask("GET", "/v1/health").body)
        return found

    def close(self) -> None:
        """The loop is asked to end by a flag that it looks at: a thunk for it, which closes its trigger, may have run
        before the call that brings it has told it so."""
        self.server.task_dispatcher.shutdown()
        self._over.set()
        self._loop.join()
        self.server.close()
        wasyncore.close_all(self.server._map)


@contextlib.contextmanager
def crowd(count: int, ask: Callable[[], Answer]) -> Iterator[list[Future[Answer]]]:
    """So many clients that ask at once; at the end all have been answered."""
    with ThreadPoolExecutor(count, "client") as clients:
        yield [clients.submit(ask) for _ in range(count)]
