"""The one client against the real app on an ephemeral port, with a fake worker behind it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import TOKEN, Desk, open_desk  # noqa: F401
from tests.client.fake_daemon import fake_daemon  # noqa: F401
from tests.leaks import no_thread_leaks  # noqa: F401
from waitress.server import create_server

from neural_style_client import Client
from neural_style_server.api.app import create_app
from neural_style_server.api.security import Keys, host_names
from neural_style_server.api.services import Services
from neural_style_server.settings import Settings
from neural_style_server.tokens import Tokens


class Served:
    """A desk behind a socket."""

    def __init__(self, desk: Desk) -> None:
        self.shop = desk.shop
        shop = desk.shop
        self.keys = keys = Keys(TOKEN, set(), Tokens(shop.home))
        self._services = Services(
            Settings(), shop.home, shop.all.workspaces, shop.all.status, shop.all.counters, keys, lambda: None
        )
        self._server: Any = create_server(
            create_app(self._services), host="127.0.0.1", port=0, threads=4, channel_request_lookahead=1
        )
        port = self._server.effective_port
        self._services.keys.own_hosts |= host_names("127.0.0.1", port)
        self.url = f"http://127.0.0.1:{port}"
        self.client = Client(self.url, TOKEN, timeout_s=10)
        self._thread = threading.Thread(target=self._server.run, name="server")
        self._thread.start()

    def close(self) -> None:
        """Ends as the daemon does: streams first, then the loop."""
        self.shop.controller.hang_up()
        self._server.task_dispatcher.shutdown()
        self._server.pull_trigger()
        channels = list(self._server.active_channels.values())
        self._server.trigger.pull_trigger(lambda: [one.handle_close() for one in channels] and None)
        self._server.trigger.pull_trigger(self._server.close)
        self._thread.join(10)


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
