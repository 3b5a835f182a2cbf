"""Whatever bytes come, a connection is answered with 2xx or 4xx, or closed, or told to go on; never 5xx, no traceback.

Requests are put together from parts that parsers treat in special ways, then cut, repeated and mutated. The server runs
in this process, so that it can be asked when it has read everything and waits for more.
"""

from __future__ import annotations

import contextlib
import logging
import re
import select
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from tests.api.conftest import TOKEN, Desk
from tests.api.served import Served
from tests.conftest import NIGHTLY

from neural_style_server.settings import Settings

EXAMPLES = 30_000 if NIGHTLY else 150
LATEST_S = 5.0
LIMIT = 96 << 10
"""Largest body, just above what a stranger may send, so that both ways are tried."""

METHODS = [b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"CONNECT", b"TRACE", b"PATCH", b"get", b"G\x00T"]
PATHS = [b"/v1/health", b"/v1/jobs", b"/v1/images?width=1&height=1", b"/v1/presets", b"/v1/jobs/x/events"]
TARGETS = [
    *PATHS, b"/", b"*", b"", b"//", b"//x/y", b"/%", b"/%00", b"/%ff%fe", b"/..%2f..", b"/v1/health?%", b"/v1/health#x",
    b"http://[::1/v1/health", b"http://[", b"http://[x]/", b"http://127.0.0.1:PORT/v1/health", b"http://evil/v1/health",
    b"https://127.0.0.1:PORT/v1/health", b"http://127.0.0.1:99999999999/", b"http://127.0.0.1:\xb2/", b"http://\xe2\x84\x80/",
    b"HTTP://127.0.0.1:PORT", b"http://a@127.0.0.1:PORT/", b"ftp://x/y", b"x:y", b"evil.example:80", b"/\xff", b"/a b",
]  # fmt: skip
VERSIONS = [
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"HTTP/0.9",
    b"HTTP/2.0",
    b"HTTP/1.1 ",
    b"HTTP/11",
    b"http/1.1",
    b"",
    b"HTTP/\xb9.1",
]
NUMBERS = [
    b"0", b"1", b"5", b"70000", b"200000", b"-1", b"+5", b" 5", b"5 5", b"5,5", b"0x5", b"5_0", b"\xb2", b"9" * 25,
    b"9" * 5000, b"", b"1e3", b"5\x00",
]  # fmt: skip
HEADERS = [
    (b"Host", [b"127.0.0.1:PORT", b"evil.example", b"", b"[::1", b"127.0.0.1:PORT, x", b"\xff"]),
    (b"Authorization", [b"Bearer " + TOKEN.encode(), b"Bearer", b"Bearer \xff", b"Basic eA=="]),
    (b"Content-Length", NUMBERS),
    (b"Transfer-Encoding", [b"chunked", b"gzip", b"chunked, chunked", b"\x0bchunked", b"CHUNKED", b","]),
    (b"Content-Type", [b"application/json", b"application/octet-stream", b"text/plain; charset=\xff", b"a/b; c=\"d"]),
    (b"Expect", [b"100-continue", b"200-ok"]),
    (b"Connection", [b"close", b"keep-alive", b"upgrade", b"\xff"]),
    (b"Origin", [b"http://127.0.0.1:PORT", b"null", b"file://127.0.0.1:PORT", b"http://[", b"\xff"]),
    (b"Accept", [b"*/*", b"image/png;q=x", b";;;", b"a/b;q=99999999999999999999"]),
    (b"Last-Event-ID", NUMBERS),
    (b"Range", [b"bytes=0-", b"bytes=-" + b"9" * 5000]),
    (b"If-Modified-Since", [b"x", b"Mon, 99 Foo 9999999999 00:00:00 GMT"]),
    (b"Cookie", [b"a=\"", b"\xff=\xff"]),
    (b"X-Forwarded-For", [b"1.2.3.4", b"["]),
    (b"X_Under", [b"1"]),
    (b"Bad Name", [b"1"]),
    (b"", [b"1"]),
    (b" folded", [b"1"]),
    (b"X-Long", [b"a" * 70_000, b"a" * 300_000]),
]  # fmt: skip
SIZES = [b"0", b"5", b"5;a=b", b'5;a="', b"fffffffffffffffffffff", b"zz", b"-5", b"0x5", b" 5", b"", b"00005", b"5\x00"]
ENDINGS = [*(17 * [b"\r\n"]), b"\n", b"\r", b"\r\n\t"]

line_end = st.sampled_from(ENDINGS)
noise = st.binary(max_size=24)


def mostly(common: bytes, others: list[bytes]) -> st.SearchStrategy[bytes]:
    """The common one, one of the others, or now and then noise."""
    chosen = st.sampled_from([*(common for _ in others), *others])
    return st.integers(0, 15).flatmap(lambda number: noise if number == 9 else chosen)


@st.composite
def header_lines(draw: st.DrawFn) -> bytes:
    lines = []
    if draw(st.integers(0, 4)):
        lines.append(b"Host: 127.0.0.1:PORT\r\n")
    if draw(st.booleans()):
        lines.append(b"Authorization: Bearer " + TOKEN.encode() + b"\r\n")
    for name, values in draw(st.lists(st.sampled_from(HEADERS), max_size=5)):
        lines.append(
            name + draw(st.sampled_from([b": ", b":", b" : "])) + draw(mostly(values[0], values)) + draw(line_end)
        )
    return b"".join(lines)


@st.composite
def chunks(draw: st.DrawFn) -> bytes:
    parts = []
    for _ in range(draw(st.integers(0, 4))):
        parts.append(
            draw(mostly(b"5", SIZES))
            + draw(line_end)
            + draw(st.sampled_from([b"hello", b"hell", b""]))
            + draw(line_end)
        )
    return b"".join(parts) + draw(st.sampled_from([b"0\r\n\r\n", b"0\r\nTrailer: x\r\n\r\n", b"0\r\n", b""]))


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    start = b" ".join(
        [draw(mostly(b"GET", METHODS)), draw(mostly(b"/v1/jobs", TARGETS)), draw(mostly(b"HTTP/1.1", VERSIONS))]
    )
    body = draw(st.one_of(st.just(b""), noise, chunks(), st.just(bytes(70_000))))
    return start + draw(line_end) + draw(header_lines()) + b"\r\n" + body


@st.composite
def connections(draw: st.DrawFn) -> bytes:
    """What is sent on one connection: one to three requests, some of them cut, or with a few bytes changed."""
    data = bytearray(b"".join(draw(st.lists(requests(), min_size=1, max_size=3))))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 4]))):
        data[draw(st.integers(0, min(len(data), 400) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 3)) == 0 else data)


class Probed(Served):
    """Knows how many bytes have been read of each connection, and whether it waits for more of them."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)

        class Counting(self.server.channel_class):  # type: ignore[misc, name-defined]
            have_read = 0

            def received(self, data: bytes) -> bool:
                done: bool = super().received(data)
                self.have_read += len(data)
                return done

        self.server.channel_class = Counting

    def waits(self, port: int, sent: int) -> bool:
        """Whether all that was sent has been read and answered, as far as it was whole."""
        channel = next((it for it in list(self.server.active_channels.values()) if it.addr[1] == port), None)
        if channel is None:
            return False
        return channel.have_read == sent and not channel.requests and not channel.total_outbufs_len

    def exchange(self, data: bytes) -> tuple[bytes, bool]:
        """All that comes back, and whether the server has closed the connection."""
        with socket.create_connection(("127.0.0.1", self.port), LATEST_S) as connection:
            port = connection.getsockname()[1]
            with contextlib.suppress(ConnectionError):
                connection.sendall(data)
            answer, deadline = b"", time.monotonic() + LATEST_S
            while True:
                waits = self.waits(port, len(data))
                if select.select([connection], [], [], 0 if waits else 0.002)[0]:
                    try:
                        part = connection.recv(1 << 16)
                    except ConnectionError:
                        return answer, True
                    if not part:
                        return answer, True
                    answer += part
                elif waits:
                    return answer, False
                assert time.monotonic() < deadline, "neither answered nor closed"


class Tracebacks(logging.Handler):
    """What is logged as an error, or with a traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            self.found.append(f"{record.name}: {record.getMessage()} {record.exc_info}")


def statuses(answer: bytes) -> list[int]:
    """Of each answer in a row. Bodies here hold no start line."""
    return [int(found) for found in re.findall(rb"(?:^|(?<=[\n}\]]))HTTP/1\.[01] (\d{3}) ", answer)]


@pytest.fixture
def served(open_desk: Callable[..., Desk]) -> Iterator[Probed]:
    limits: dict[str, Any] = {"max_body_bytes": LIMIT, "max_event_streams": 1}
    desk = open_desk(**limits)
    desk.shop.warm()
    made = Probed(desk.app, Settings(**limits), desk.services.keys, socket.create_server(("127.0.0.1", 0)))
    yield made
    made.close()


@pytest.fixture
def tracebacks() -> Iterator[Tracebacks]:
    handler = Tracebacks()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def test_no_bytes_break_the_server(served: Probed, tracebacks: Tracebacks) -> None:
    port = str(served.port).encode()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if NIGHTLY else [])],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=connections())
    @example(data=b"GET http://[::1/v1/health HTTP/1.1\r\n\r\n")
    @example(data=b"GET /v1/health HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n")
    @example(data=b"GET http://evil.example/v1/health HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n")
    def check(data: bytes) -> None:
        tracebacks.found.clear()
        answer, closed = served.exchange(data.replace(b"PORT", port))
        found = statuses(answer)
        assert all(status == 100 or 200 <= status < 300 or 400 <= status < 500 for status in found), answer[:300]
        assert bool(found) or not answer
        assert not tracebacks.found
        if closed and not found:
            assert b"\r\n\r\n" not in data.lstrip(), "a whole request was closed without an answer"

    check()
    assert served.health()["api"] == 1
