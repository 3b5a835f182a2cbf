"""What happens before the application sees a request: strangers are refused before their body is received.

Waitress calls the application once it has received the whole request, so a caller without the token could fill the disk
with bodies. Here the token is checked as soon as the headers are there. What waitress itself refuses, and what its
parser fails over, is answered in the form of all other problems. An answer to HEAD has no body.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask

from ..errors import InvalidRequest, NeuralStyleError, StorageError, problem
from ..files import disk_errors
from .responses import PROBLEM
from .security import Caller

log = logging.getLogger(__name__)

SMALL = 64 << 10
"""Bytes of a body that anybody may send: it is received, so that its sender reads the answer."""

MOST_CONNECTIONS, OTHER_FILES = 500, 64
"""Silent connections are closed after a minute; until then they must not keep others out."""

LINGER_BYTES, LINGER_S, LINGER_READ = 64 << 20, 5.0, 1 << 16
"""How many bytes are dropped after a refusal, and for how many seconds; a silent sender has the server's timeout."""

CODES = {413: "too_large", 431: "headers_too_large"}
Check = Callable[[Caller], None]


class Refused:
    """A refusal in the form in which a waitress task expects errors."""

    def __init__(self, error: NeuralStyleError) -> None:
        self.problem = error.as_problem()


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """Answers an error as a problem, and closes the connection."""

    def execute(self) -> None:
        error = self.request.error
        found = error.problem if isinstance(error, Refused) else _problem(error)
        body = json.dumps(found).encode()
        self.status = f"{found['status']} {found['title']}"
        self.response_headers.append(("Content-Type", PROBLEM))
        self.set_close_on_finish()
        self.channel.refused = True
        self.content_length = len(body)
        self.write(b"" if getattr(self.request, "command", "") == "HEAD" else body)


class AnswerTask(WSGITask):  # type: ignore[misc]
    """Ends an answer to HEAD with its headers: waitress closes one of unknown length with an empty chunk."""

    def write(self, data: bytes) -> None:
        head = self.request.command == "HEAD"
        super().write(b"" if head else data)
        if head:
            self.chunked_response = False


class Channel(HTTPChannel):  # type: ignore[misc]
    """Reads and drops what still arrives after a refusal, within limits: closing a connection whose peer is still
    sending resets it, and the reset can overtake the answer."""

    task_class, error_task_class = AnswerTask, ProblemTask
    refused = False
    _dropped: int | None = None
    _patience = 0.0

    def handle_close(self) -> None:
        if self.refused and self._dropped is None and self.connected and not self.total_outbufs_len:
            self._dropped, self._patience, self.will_close = 0, time.monotonic() + LINGER_S, False
            with suppress(OSError):  # the peer has closed it
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
    """A waitress channel. `check` raises a refusal."""

    class Parser(HTTPRequestParser):  # type: ignore[misc]
        def received(self, data: bytes) -> int:
            checked = self.headers_finished
            try:
                with disk_errors():  # a large body goes to a temporary file
                    used: int = super().received(data)
            except StorageError as error:
                return self._refuse(error, data)
            except Exception as error:  # whatever a stranger's bytes may raise in it
                log.warning("a request could not be read (%s)", type(error).__name__)
                return self._refuse(InvalidRequest("The request could not be read: it is not HTTP."), data)
            if self.headers_finished and not checked and not self.empty and self.error is None:
                self._check_caller()
            if self.error is not None:
                self.expect_continue = False  # or the answer would wait for the body
            return used

        def _refuse(self, error: NeuralStyleError, data: bytes) -> int:
            self.error = Refused(error)
            self.completed, self.expect_continue = True, False
            return len(data)

        def _check_caller(self) -> None:
            try:
                if self.version not in ("1.0", "1.1"):
                    raise InvalidRequest("The request is not in HTTP 1.0 or 1.1.")
                if self.chunked or self.content_length > SMALL:
                    header = partial(_header, self.headers)
                    check(Caller(self.command, self.path, self.request_uri, header))
            except NeuralStyleError as error:
                self.error = Refused(error)
                self.completed = True

    class RefusingChannel(Channel):
        parser_class = Parser

    return RefusingChannel


def connection_limit() -> int:
    """As many connections as there can be open files for, with a temporary file for the body of each.

    Raises the limit on open files where it may: macOS gives a program from its desktop 256. With none left, the
    server could not even accept a connection to close it.
    """
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    import resource

    def finite(limit: int) -> int:
        return sys.maxsize if limit == resource.RLIM_INFINITY else limit

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(2 * MOST_CONNECTIONS + OTHER_FILES, finite(most))
    if finite(now) < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
            now = wanted
    return max(8, min(MOST_CONNECTIONS, (finite(now) - OTHER_FILES) // 2))


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return headers.get(name.upper().replace("-", "_"))


def _problem(error: Any) -> dict[str, object]:
    """An error of waitress's own; an unknown transfer coding (501) is an invalid request like any other."""
    status = 400 if error.code == 501 else int(error.code)
    code = CODES.get(status, "invalid_request" if status < 500 else "internal")
    hint = InvalidRequest.hint if status < 500 else NeuralStyleError.hint
    title = "Bad Request" if status == 400 else error.reason
    return problem(status, title, code, f"The request could not be read: {error.body}.", hint)
