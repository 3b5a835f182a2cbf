"""Broken connections: taken up again where they broke, or said to be gone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from neural_style_client import Client, DaemonGone, event_stream

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


class Script:
    """Answers each connection with the next text and hangs up; keeps what was asked."""

    def __init__(self, *answers: str) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.asked: list[str] = []
        self._answers = answers
        self._thread = threading.Thread(target=self._serve, name="script")
        self._thread.start()
        self.client = Client(f"http://127.0.0.1:{self._socket.getsockname()[1]}", "x", 5)

    def _serve(self) -> None:
        for answer in self._answers:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(65536).decode())
                connection.sendall(answer.encode())

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Script]]:
    monkeypatch.setattr(event_stream.time, "sleep", lambda _: None)
    scripts: list[Script] = []

    def make(*answers: str) -> Script:
        scripts.append(Script(*answers))
        return scripts[-1]

    yield make
    for one in scripts:
        one.close()


def event(number: int, name: str, data: str = "{}") -> str:
    return f"id: {number}\nevent: {name}\ndata: {data}\n\n"


def test_a_broken_stream_is_continued_after_the_last_event(script: Callable[..., Script]) -> None:
    served = script(HEAD + event(1, "state") + event(2, "progress"), HEAD + event(3, "done"))
    assert [one.id for one in served.client.events("a")] == [1, 2, 3]
    assert "Last-Event-ID: 2" in served.asked[1]


@pytest.mark.parametrize(
    "half", ["id: ", "id: 1", "event: pro", "id: 7\nevent: frame\n", 'id: 7\nevent: frame\ndata: {"iter']
)
def test_half_an_event_is_asked_for_again(script: Callable[..., Script], half: str) -> None:
    served = script(HEAD + event(1, "state") + half, HEAD + event(2, "done"))
    assert [one.id for one in served.client.events("a")] == [1, 2]
    assert "Last-Event-ID: 1" in served.asked[1]


def test_comments_and_data_of_several_lines_are_understood(script: Callable[..., Script]) -> None:
    served = script(HEAD + ": waiting\n\nid: 1\nevent: done\ndata: {\ndata: }\n\n")
    assert [one.data for one in served.client.events("a")] == [{}]


def test_a_daemon_that_vanishes_mid_stream_is_gone(script: Callable[..., Script]) -> None:
    served = script(HEAD + event(1, "state"))
    seen = []
    with pytest.raises(DaemonGone, match="looked up again"):
        for one in served.client.events("a", attempts=2):
            seen.append(one.id)
            served.close()
            served.close = lambda: None  # type: ignore[method-assign]
    assert seen == [1]


def test_an_answer_that_breaks_off_is_gone(script: Callable[..., Script]) -> None:
    served = script('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"jobs"')
    with pytest.raises(DaemonGone, match="middle of an answer"):
        served.client.jobs()


def test_a_stranger_s_answer_is_gone(script: Callable[..., Script]) -> None:
    with pytest.raises(DaemonGone):
        script("220 mail.example ESMTP\r\n").client.jobs()
