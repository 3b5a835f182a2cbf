"""The app over a queue with a fake worker, called without a network."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.api.served import Served
from tests.jobs.conftest import write_preset
from tests.jobs.fakes import Shop
from tests.leaks import no_thread_leaks  # noqa: F401
from werkzeug.test import TestResponse

from neural_style_server.api.app import create_app
from neural_style_server.api.security import Keys
from neural_style_server.api.services import Services
from neural_style_server.presets.library import Library, Source
from neural_style_server.settings import Settings
from neural_style_server.tokens import Tokens

TOKEN = "secret-token"


class Desk:
    """Calls with the token and the right host, unless the test says otherwise."""

    def __init__(self, shop: Shop, settings: Settings) -> None:
        self.shop, self.settings, self.stopped = shop, settings, 0
        self.tokens = Tokens(shop.home)
        keys = Keys(TOKEN, {"localhost"}, self.tokens)
        self.services = Services(
            settings, shop.home, shop.all.workspaces, shop.all.status, shop.all.counters, keys, self._stop
        )
        self.app = create_app(self.services)
        self.bare: FlaskClient = self.app.test_client()

    def _stop(self) -> None:
        self.stopped += 1

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        sent = {"Authorization": f"Bearer {TOKEN}", **(headers or {})}
        return self.bare.open(path, method=method, headers=sent, **more)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.call("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.call("POST", path, **({"json": json} if json is not None else {}), **more)

    def upload(self, data: bytes, width: int, height: int, format: str = "RGBA8") -> TestResponse:
        query = {"width": width, "height": height, "format": format}
        return self.post("/v1/images", data=data, content_type="application/octet-stream", query_string=query)

    def submit(self, **more: Any) -> TestResponse:
        return self.post("/v1/jobs", {"content": self.shop.content, "preset": "ink", **more})

    def job(self, **more: Any) -> str:
        answer = self.submit(**more)
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])  # type: ignore[index]


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    write_preset(tmp_path / "built-in" / "ink")
    sources = [
        Source("built-in", tmp_path / "built-in"),
        Source("user", tmp_path / "home" / "presets", writable=True),
    ]
    desks: list[Desk] = []

    def make(**settings: Any) -> Desk:
        (tmp_path / "home").mkdir(mode=0o700, exist_ok=True)
        shop = Shop(tmp_path / "home", Library(sources, home=tmp_path / "home"), **settings)
        desks.append(Desk(shop, Settings(**settings)))
        return desks[-1]

    yield make
    for desk in desks:
        desk.shop.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """One whose worker is ready."""
    made = open_desk()
    made.shop.warm()
    return made


@pytest.fixture
def served(desk: Desk) -> Iterator[Served]:
    """The desk's app behind a real server."""
    made = Served(desk.app, desk.settings, desk.services.keys, socket.create_server(("127.0.0.1", 0)))
    yield made
    made.close()


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem in an answer, after a look at its form."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    found: dict[str, Any] = answer.get_json(force=True)
    assert (found["status"], found["code"]) == (status, code), found
    assert found["detail"] and isinstance(found["hint"], str)
    return found
