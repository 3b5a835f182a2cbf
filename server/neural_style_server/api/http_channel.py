"""What happens before the application sees a request: strangers are refused before their body is received.

Waitress receives a request whole and only then calls the application. So whoever does not know the token could fill
the disk with bodies; here they are asked for it as soon as the headers are there. What waitress itself refuses gets
the form that all other problems have.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask

from ..errors import InvalidRequest, NeuralStyleError, StorageError
from ..files import disk_errors
from .responses import PROBLEM

SMALL = 64 << 10
"""Bytes of a body that anybody may send: a small one is received, so that its sender is there to read the answer."""

MOST_CONNECTIONS, OTHER_FILES = 500, 64
"""Silent connections are closed after a minute; they must not keep others out until then."""

LINGER_BYTES, LINGER_S, LINGER_READ = 64 << 20, 5.0, 1 << 16
"""How much, and how long, a refused sender is listened to; a silent one until the server's own timeout."""

CODES = {413: "too_large", 431: "headers_too_large"}
Check = Callable[[Callable[[str], str | None]], None]


class Refused:
    """A refusal in the form in which a waitress task expects errors."""

    def __init__(self, error: NeuralStyleError) -> None:
        self.problem = error.as_problem()


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """Answers an error as a problem, and closes the connection."""

    def execute(self) -> None:
        error = self.request.error
        problem = error.problem if isinstance(error, Refused) else _problem(error)
        body = json.dumps(problem).encode()
        self.status = f"{problem['status']} {problem['title']}"
        self.response_headers.append(("Content-Type", PROBLEM))
        self.set_close_on_finish()
        self.channel.refused = True
        self.content_length = len(body)
        self.write(b"" if getattr(self.request, "command", "") == "HEAD" else body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """After a refusal it drops what still comes, within limits: a connection that is closed on somebody who is still
    sending is reset, and the reset can overtake the answer."""

    error_task_class = ProblemTask
    refused = False
    _dropped: int | None = None
    _patience = 0.0

    def handle_close(self) -> None:
        if self.refused and self._dropped is None and self.connected and not self.total_outbufs_len:
            self._dropped, self._patience, self.will_close = 0, time.monotonic() + LINGER_S, False
            with suppress(OSError):  # it has gone already
                self.socket.shutdown(socket.SHUT_WR)
            return
        super().handle_close()

    def handle_read(self) -> None:
        if self._dropped is None:
            super().handle_read()
            return
        try:
            self._dropped += len(self.recv(LINGER_READ))
        except OSError:
            super().handle_close()
            return
        if self.connected and (self._dropped > LINGER_BYTES or time.monotonic() > self._patience):
            super().handle_close()


def channel_class(check: Check) -> type[HTTPChannel]:
    """A waitress channel. `check` is given what looks up a header by its name, and raises what the caller is told."""

    class Parser(HTTPRequestParser):  # type: ignore[misc]
        def received(self, data: bytes) -> int:
            asked = self.headers_finished
            try:
                with disk_errors():  # a large body goes to a temporary file
                    used: int = super().received(data)
            except StorageError as error:
                self.error = Refused(error)
                self.completed, self.expect_continue = True, False
                return len(data)
            if self.headers_finished and not asked and not self.empty and self.error is None:
                self._look_at_the_head()
            if self.error is not None:
                self.expect_continue = False  # or the answer would wait for a body that nobody wants
            return used

        def _look_at_the_head(self) -> None:
            try:
                if self.version not in ("1.0", "1.1"):
                    raise InvalidRequest("The request is not in HTTP 1.0 or 1.1.")
                if self.chunked or self.content_length > SMALL:
                    check(lambda name: _header(self.headers, name))
            except NeuralStyleError as error:
                self.error = Refused(error)
                self.completed = True

    class RefusingChannel(Channel):
        parser_class = Parser

    return RefusingChannel


def connection_limit() -> int:
    """So many connections that open files suffice for all, with a temporary file for the body of each.

    Raises the limit on open files where it may: macOS gives a program from its desktop 256. With none left, the
    server could not even accept a connection to close it.
    """
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS + OTHER_FILES
    allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    now = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if now != resource.RLIM_INFINITY and now < allowed:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    now = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if now == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(8, min(MOST_CONNECTIONS, (now - OTHER_FILES) // 2))


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return headers.get(name.upper().replace("-", "_"))


def _problem(error: Any) -> dict[str, object]:
    """Waitress's own words; a transfer coding that nobody here understands is a wrong request like any other."""
    status = 400 if error.code == 501 else int(error.code)
    code = CODES.get(status, "invalid_request" if status < 500 else "internal")
    hint = InvalidRequest.hint if status < 500 else NeuralStyleError.hint
    return {
        "type": "about:blank",
        "title": "Bad Request" if status == 400 else error.reason,
        "status": status,
        "code": code,
        "detail": f"The request could not be read: {error.body}.",
        "hint": hint,
    }
