"""The one client against the real app on an ephemeral port, with a fake worker behind it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import TOKEN, Desk, open_desk  # noqa: F401
from tests.api.served import Served as Server
from tests.client.fake_daemon import fake_daemon  # noqa: F401
from tests.leaks import no_thread_leaks  # noqa: F401

from neural_style_client import Client


class Served:
    """A desk behind a socket, and a client that knows its token."""

    def __init__(self, desk: Desk) -> None:
        self.shop, self.keys = desk.shop, desk.services.keys
        self._server = Server(desk.app, desk.settings, self.keys, socket.create_server(("127.0.0.1", 0)))
        self.url = f"http://127.0.0.1:{self._server.port}"
        self.client = Client(self.url, TOKEN, timeout_s=10)

    def close(self) -> None:
        """Ends as the daemon does: streams first, then the loop."""
        self.shop.controller.hang_up()
        self._server.close()


@pytest.fixture
def served(open_desk: Callable[..., Desk]) -> Iterator[Served]:  # noqa: F811
    desk = open_desk()
    desk.shop.warm()
    server = Served(desk)
    yield server
    server.close()


def write_discovery(home: Path, **changes: Any) -> None:
    home.mkdir(exist_ok=True)
    found = {"url": "http://127.0.0.1:9", "token": "x", "pid": os.getpid(), "version": "0", "api": 1}
    (home / "daemon.json").write_text(json.dumps({**found, **changes}))


__all__ = ["Served", "replace", "write_discovery"]
