"""The real server: answers to HEAD, and an end that waits for nobody."""

from __future__ import annotations

import socket
import threading

import pytest
from tests.api.conftest import TOKEN, Desk
from tests.api.served import Served
from tests.waiting import wait_for

from neural_style_server.api.routes import ROUTES
from neural_style_server.api.server import Lanes


@pytest.mark.parametrize("path", [route.path for route in ROUTES if route.method == "GET"])
def test_no_answer_to_head_has_a_body(desk: Desk, served: Served, path: str) -> None:
    job = desk.job()
    desk.shop.worker.frame(job, 1, 1)
    desk.shop.worker.done(job)
    path = (
        path.replace("/images/{id}", f"/images/{desk.shop.content}")
        .replace("{id}", job)
        .replace("/assets/{name}", "/assets/page.css")
        .replace("{name}", "ink")
        .replace("{number}", "1")
    )
    lines = [f"HEAD {path} HTTP/1.1", f"Host: 127.0.0.1:{served.port}", f"Authorization: Bearer {TOKEN}"]
    answer = b""
    with socket.create_connection(("127.0.0.1", served.port), 10) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        while part := connection.recv(65536):
            answer += part
    start, _, body = answer.partition(b"\r\n\r\n")
    absent = {"/": b"401"} if path == "/" else {}
    absent |= dict.fromkeys((f"/v1/sheets/{job}", f"/v1/sequences/{job}", "/v1/page/session"), b"404")
    assert start.startswith(b"HTTP/1.1 " + absent.get(path.removesuffix("/picture"), b"200"))
    assert body == b""


class Stuck:
    """A task that ends when it may."""

    def __init__(self, path: str, may_end: threading.Event) -> None:
        self.requests, self.path, self.begun = [self], path, threading.Event()
        self._may_end = may_end

    def service(self) -> None:
        self.begun.set()
        self._may_end.wait(30)

    def cancel(self) -> None:
        pass


def test_the_end_waits_for_all_stuck_lanes_together(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING", "waitress")  # a daemon that another test has started logs less of it
    lanes, may_end = Lanes(1), threading.Event()
    stuck = [Stuck(path, may_end) for path in ("/v1/health", "/v1/jobs/x/events", "/v1/jobs")]
    for task in stuck:
        lanes.add_task(task)
    for task in stuck:
        wait_for(task.begun.is_set)
    lanes.shutdown(timeout=0.2)
    assert not may_end.is_set()
    assert caplog.text.count("still running") == 3
    may_end.set()
    wait_for(lambda: not [it for it in threading.enumerate() if it.name.startswith("waitress")])
