"""Strangers are refused at the headers; what waitress refuses has the form of all problems."""

from __future__ import annotations

import errno
import inspect
import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.leaks import no_thread_leaks  # noqa: F401
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask, WSGITask

from neural_style_server.api.http_channel import SMALL, channel_class
from neural_style_server.api.security import Keys, check_caller
from neural_style_server.tokens import Tokens

TOKEN, LIMIT = "secret-token", 4 * SMALL
Ask = Callable[[bytes], bytes]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Sends bytes to a server whose application tells how many bytes of a body it was given; the whole answer."""

    def application(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        length = [("Content-Length", "5")] if environ["QUERY_STRING"] else []
        start("200 OK", [("Content-Type", "text/plain"), *length])
        return iter([str(len(environ["wsgi.input"].read())).encode()])

    listener = socket.create_server(("127.0.0.1", 0))
    server = create_server(application, sockets=[listener], threads=1, max_request_body_size=LIMIT, ident=None)
    keys = Keys(TOKEN, {"here"}, Tokens(tmp_path))
    server.channel_class = channel_class(lambda caller: check_caller(caller, keys))
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            wasyncore.loop(0.05, map=server._map, count=1)

    thread = threading.Thread(target=run)
    thread.start()

    def send(data: bytes) -> bytes:
        with socket.create_connection(listener.getsockname(), 10) as connection:
            connection.sendall(data)
            answer = b""
            while part := connection.recv(65536):
                answer += part
            return answer

    yield send
    over.set()
    thread.join()
    server.task_dispatcher.shutdown()
    wasyncore.close_all(server._map)


def head(size: int | str, *more: str, token: str = TOKEN, host: str = "here") -> bytes:
    length = f"Content-Length: {size}" if isinstance(size, int) else f"Transfer-Encoding: {size}"
    lines = ["POST /v1/images HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {token}", "Connection: close"]
    return "\r\n".join([*lines, length, *more, "", ""]).encode()


def problem(answer: bytes, status: int, code: str) -> dict[str, Any]:
    start, _, body = answer.partition(b"\r\n\r\n")
    assert re.match(rb"HTTP/1\.[01] %d " % status, start), answer
    assert b"content-type: application/problem+json" in start.lower()
    found: dict[str, Any] = json.loads(body)
    assert (found["status"], found["code"]) == (status, code)
    assert found["detail"] and found["hint"]
    return found


def test_a_large_body_of_somebody_who_has_the_token_is_received(ask: Ask) -> None:
    assert ask(head(SMALL + 1) + bytes(SMALL + 1)).endswith(f"\r\n{SMALL + 1}\r\n0\r\n\r\n".encode())


@pytest.mark.parametrize("size", [SMALL + 1, 10 * LIMIT, "chunked"])
@pytest.mark.parametrize("more", [[], ["Expect: 100-continue"]])
def test_a_stranger_s_large_body_is_not_waited_for(ask: Ask, size: int | str, more: list[str]) -> None:
    if isinstance(size, str) or size < LIMIT:
        problem(ask(head(size, *more, token="wrong")), 401, "unauthorised")
        problem(ask(head(size, *more, host="evil.example")), 403, "wrong_host")
        problem(ask(head(size, *more, "Origin: https://evil.example")), 403, "wrong_origin")
        problem(ask(head(size, *more, "Sec-Fetch-Site: cross-site")), 403, "wrong_origin")
    else:
        problem(ask(head(size, *more, token="wrong")), 413, "too_large")


def test_a_stranger_s_small_body_comes_to_the_application_which_refuses_it_itself(ask: Ask) -> None:
    assert ask(head(SMALL, token="wrong") + bytes(SMALL)).endswith(f"\r\n{SMALL}\r\n0\r\n\r\n".encode())


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, "invalid_request"),
        (b"GET /v1/health\r\nHost: here\r\n\r\n", 400, "invalid_request"),
        (b"GET /v1/health HTTP/9.9\r\nHost: here\r\n\r\n", 400, "invalid_request"),
        (head("gzip"), 400, "invalid_request"),
        (head("chunked") + b"zz\r\n\r\n", 400, "invalid_request"),
        (b"GET http://[::1/v1/health HTTP/1.1\r\nHost: here\r\n\r\n", 400, "invalid_request"),
        (b"GET http://[x]/v1/health HTTP/1.1\r\nHost: here\r\n\r\n", 400, "invalid_request"),
        (b"GET / HTTP/1.1\r\nHost: here\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 400, "invalid_request"),
        (head(LIMIT), 413, "too_large"),
        (b"GET / HTTP/1.1\r\nX: " + bytes(300_000), 431, "headers_too_large"),
    ],
)
def test_what_cannot_be_read_is_a_problem_like_any_other(ask: Ask, request_: bytes, status: int, code: str) -> None:
    problem(ask(request_), status, code)


def test_what_the_parser_fails_over_is_no_traceback(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    problem(ask(b"GET http://[::1/v1/health HTTP/1.1\r\n\r\n"), 400, "invalid_request")
    assert [record.exc_info for record in caplog.records] == [None]


@pytest.mark.parametrize("length", [None, 5])
def test_an_answer_to_head_has_no_body(ask: Ask, length: int | None) -> None:
    query = b"" if length is None else b"?length"
    answer = ask(b"HEAD /" + query + b" HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
    start, _, body = answer.partition(b"\r\n\r\n")
    assert start.startswith(b"HTTP/1.1 200 OK")
    assert body == b""
    assert (b"Content-Length: 5" in start) is (length == 5)


def test_a_stranger_s_target_of_another_host_is_refused_before_its_body_comes(ask: Ask) -> None:
    elsewhere = head(SMALL + 1).replace(b"POST /v1", b"POST http://evil.example/v1")
    problem(ask(elsewhere), 403, "wrong_host")


def test_a_full_disk_under_a_large_body_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: bytes) -> int:
        raise OSError(28, "No space left on device")

    parser: Any = channel_class(lambda caller: None).parser_class(Adjustments())
    parser.received(head(SMALL + 1))
    assert not parser.completed
    monkeypatch.setattr(parser.body_rcv, "received", full)
    assert parser.received(b"xyz") == 3
    assert parser.completed
    assert (parser.error.problem["status"], parser.error.problem["code"]) == (507, "disk_full")


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_connections_are_no_more_than_open_files_suffice_for() -> None:
    script = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({}, {})); "
    script += "from neural_style_server.api.http_channel import connection_limit as limit; "
    script += "print(limit(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    for soft, hard, said in ((256, 4096, "500 1064"), (256, 256, "96 256"), (3000, 4096, "500 3000")):
        command = [sys.executable, "-c", script.format(soft, hard)]
        assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == said


def test_what_follows_a_refused_request_on_its_connection_is_not_obeyed(ask: Ask) -> None:
    hidden = b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
    answer = ask(head(SMALL + 1, token="wrong") + hidden)
    assert answer.count(b"HTTP/1.1 ") == 1


def test_waitress_still_has_the_hooks_that_are_used() -> None:
    """Its classes are subclassed, so a new version has to be looked at before it is allowed in pyproject.toml."""
    for name in ("handle_close", "handle_read", "recv", "error_task_class", "parser_class"):
        assert hasattr(HTTPChannel, name), name
    channel_attributes = inspect.getsource(HTTPChannel)
    for name in ("total_outbufs_len", "will_close", "self.parser_class(", "self.error_task_class("):
        assert name in channel_attributes, name
    parser = HTTPRequestParser(Adjustments())
    for name in ("headers_finished", "completed", "empty", "error", "expect_continue", "chunked", "content_length"):
        assert hasattr(parser, name), name
    assert list(inspect.signature(HTTPRequestParser.received).parameters) == ["self", "data"]
    for name in ("execute", "set_close_on_finish", "write"):
        assert hasattr(ErrorTask, name), name
    assert "self.task_class(" in channel_attributes
    assert "chunked_response" in inspect.getsource(WSGITask.finish)
    assert "_dispatcher" in inspect.signature(create_server).parameters
    assert "self.requests[0]" in inspect.getsource(HTTPChannel.service)
    assert "self.server.add_task(self)" in channel_attributes
    assert "self.channel_class(" in inspect.getsource(create_server) + inspect.getsource(BaseWSGIServer)


def test_waitress_is_bounded_below_the_next_major_version() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert '"waitress>=3.0,<4"' in text


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EIO, "storage")])
def test_a_body_that_cannot_be_stored_is_told_by_its_reason(
    monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def fail(self: HTTPRequestParser, data: bytes) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(HTTPRequestParser, "received", fail)
    parser = channel_class(lambda caller: None).parser_class(Adjustments())
    assert parser.received(b"body") == 4
    assert parser.error.problem["code"] == code
