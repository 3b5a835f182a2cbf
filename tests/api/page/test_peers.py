"""Another user of the computer gets nothing, not even with a code or a cookie."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.api.conftest import Desk
from tests.api.served import Served

from neural_style_server.api.page import peers
from neural_style_server.api.page.peers import is_own, user_of
from neural_style_server.api.page.sessions import csrf_token
from neural_style_server.api.security import cookie_name
from neural_style_server.users import OWNER, Holder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


@pytest.fixture(params=["127.0.0.1", "::1"])
def connection(request: pytest.FixtureRequest) -> Iterator[tuple[str, int, int]]:
    """Address and port of a client, and the server's port."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    try:
        listener = socket.create_server((request.param, 0), family=family)
    except OSError:
        pytest.skip(f"there is no {request.param} here")
    port = listener.getsockname()[1]
    with closing(listener), closing(socket.create_connection((request.param, port))) as client:
        yield client.getsockname()[0], client.getsockname()[1], port


def test_a_connection_is_its_user_s(connection: tuple[str, int, int]) -> None:
    assert user_of(*connection) == os.getuid()


def test_an_address_within_ipv6_is_found(connection: tuple[str, int, int]) -> None:
    address, port, to = connection
    if ":" not in address:
        assert user_of(f"::ffff:{address}", port, to) == os.getuid()


def test_a_connection_elsewhere_is_nobody_s(connection: tuple[str, int, int]) -> None:
    address, port, to = connection
    assert user_of(address, port, to + 1 if to < 65535 else 1) is None
    assert user_of("192.0.2.1", port, to) is None


@pytest.mark.parametrize("user", [None, 0, os.getuid()])
def test_who_is_unknown_is_judged_by_the_other_rules(user: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "user_of", lambda *_: user)
    assert is_own({"REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": "1", "SERVER_PORT": "2"})
    assert is_own({})


def test_another_user_is_refused_with_code_and_cookie(
    desk: Desk, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = desk.services.keys.sessions
    secret = sessions.begin(sessions.new_code(Holder(OWNER)))
    assert secret is not None
    host = f"127.0.0.1:{served.port}"
    cookie = {"Cookie": f"{cookie_name(host)}={secret}"}
    change = {**cookie, "Origin": f"http://{host}", "X-CSRF-Token": csrf_token(secret)}
    assert served.send("GET", "/", None, cookie).status == 200
    monkeypatch.setattr(peers, "user_of", lambda *_: os.getuid() + 1)
    code = sessions.new_code(Holder(OWNER))
    for method, path, headers in (
        ("GET", f"/?code={code}", {}),
        ("GET", "/", cookie),
        ("GET", "/v1/jobs", cookie),
        ("DELETE", "/v1/page/session", change),
    ):
        answer = served.send(method, path, None, headers)
        assert (answer.status, b"another user" in answer.body) == (403, True)
    assert served.ask("GET", "/v1/jobs").status == 200  # the token is for whoever has it
    assert sessions.begin(code) is not None
    assert sessions.holder(secret)
