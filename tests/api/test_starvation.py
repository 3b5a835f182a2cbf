"""Three times as many requests as the server has threads, all of which wait: the health check answers while they do.

In what order things happen is asserted, never how long they take; `benchmarks/starvation.py` has the times.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import TOKEN, Desk
from tests.api.served import Answer, Served, crowd
from tests.client.conftest import write_discovery
from tests.waiting import wait_for

from neural_style_client import find_daemon
from neural_style_server.api.routes import ROUTES, Route
from neural_style_server.api.security import OPEN_PATH
from neural_style_server.api.server import REQUEST_THREADS
from neural_style_server.jobs import short_waits, store

SETTINGS: dict[str, Any] = {"max_event_streams": 2}
CROWD = 3 * (REQUEST_THREADS + 2 + 1)


class Gate:
    """Everybody who comes waits until it opens."""

    def __init__(self) -> None:
        self._open, self._came = threading.Event(), 0
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            self._came += 1
        assert self._open.wait(30)

    def waiting(self) -> int:
        return 0 if self._open.is_set() else self._came

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    made = open_desk(**SETTINGS)
    made.shop.warm()
    return made


def all_wait(asked: list[Future[Answer]]) -> bool:
    return not any(one.done() for one in asked)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path != OPEN_PATH], ids=lambda it: str(it.path))
def test_health_answers_while_every_thread_waits_for_what_never_comes(
    desk: Desk, served: Served, gate: Gate, route: Route
) -> None:
    """Whatever a route may wait for: each is stopped where its view begins."""
    endpoint = f"{route.method} {route.path}"
    view = desk.app.view_functions[endpoint]

    def stopped(**path: str) -> Any:
        gate.wait()
        return view(**path)

    desk.app.view_functions[endpoint] = stopped
    path = route.path.replace("{id}", "x").replace("{name}", "no-such").replace("{number}", "1")
    with crowd(CROWD, lambda: served.ask(route.method, path)) as asked:
        wait_for(lambda: gate.waiting() == (3 if path.endswith("/events") else REQUEST_THREADS))
        assert served.health()["api"] == 1
        assert served.ask("POST", OPEN_PATH).status == 405
        assert all_wait(asked)
        gate.open()
    assert {one.result().status for one in asked} <= {200, 201, 204, 400, 401, 404, 415}


@pytest.mark.parametrize("action", ["finish", "pause", "finish-queued"])
def test_requests_for_a_worker_that_does_not_answer_leave_threads_for_all_others(
    desk: Desk, served: Served, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr(short_waits, "QUICK_S", 20.0)
    shop = desk.shop
    shop.worker.obedient = False
    jobs = [desk.job()]
    if action == "finish-queued":  # the jobs of one client, paused, whose turn does not come
        shop.worker.obedient = True
        more = [desk.job() for _ in range(CROWD)]
        for job in more:
            shop.controller.pause(job)
        shop.worker.obedient = False
        jobs = more
    todo = iter(CROWD * jobs)
    with crowd(CROWD, lambda: served.ask("POST", f"/v1/jobs/{next(todo)}/{action.split('-')[0]}")) as asked:
        wait_for(lambda: sum(one.done() for one in asked) >= CROWD - short_waits.WAITERS)
        assert served.ask("GET", "/v1/jobs").status == 200
        assert served.ask("GET", "/v1/presets").status == 200
        assert served.health()["jobs"]["running"] == 1
        if action != "finish-queued":
            assert not all(one.done() for one in asked)
        shop.worker.obedient = True
        running = [job["id"] for job in shop.controller.jobs() if job["state"] == "running"]
        shop.worker.end_run(shop.worker.run_of(running[0]), "done")
    assert {one.result().status for one in asked} <= {200, 409}


@pytest.mark.parametrize("method", ["cancel", "delete", "extend"])
def test_requests_for_a_disk_that_does_not_answer_leave_health_alone(
    desk: Desk, served: Served, gate: Gate, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(short_waits, "QUICK_S", 20.0)
    write = store.write_atomic
    jobs = iter([desk.job() for _ in range(CROWD)])

    def stuck(path: Path, data: bytes) -> None:
        gate.wait()
        write(path, data)

    monkeypatch.setattr(store, "write_atomic", stuck)

    def ask() -> Answer:
        path = f"/v1/jobs/{next(jobs)}"
        if method == "delete":
            return served.ask("DELETE", path)
        return served.ask("POST", f"{path}/{method}", {"iterations": 3} if method == "extend" else None)

    with crowd(CROWD, ask) as asked:
        wait_for(lambda: sum(one.done() for one in asked) >= CROWD - short_waits.WAITERS)
        assert served.health()["api"] == 1
        assert served.ask("GET", "/v1/jobs").status == 200
        gate.open()
    assert {one.result().status for one in asked} <= {200, 204}


def test_silent_event_streams_leave_threads_for_all_others(desk: Desk, served: Served) -> None:
    job = desk.job()
    with crowd(CROWD, lambda: served.ask("GET", f"/v1/jobs/{job}/events")) as asked:
        wait_for(lambda: sum(one.done() for one in asked) == CROWD - SETTINGS["max_event_streams"])
        assert served.ask("GET", "/v1/jobs").status == 200
        assert served.health()["jobs"]["running"] == 1
        desk.shop.worker.done(job)
    assert sorted(one.result().status for one in asked) == [200, 200] + (CROWD - 2) * [429]


def test_half_sent_uploads_take_no_thread(served: Served) -> None:
    start = f"POST /v1/images HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {TOKEN}\r\n"
    start += "Content-Type: application/octet-stream\r\nContent-Length: 1000\r\n\r\nhalf"
    connections = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(CROWD)]
    for connection in connections:
        connection.sendall(start.encode())
    assert served.health()["api"] == 1
    assert served.ask("GET", "/v1/jobs").status == 200
    for connection in connections:
        connection.close()


def test_a_busy_daemon_is_found(desk: Desk, served: Served, gate: Gate, tmp_path: Path) -> None:
    endpoint = "GET /v1/jobs"
    desk.app.view_functions[endpoint] = lambda: (gate.wait(), json.dumps({"jobs": []}))[1]
    write_discovery(tmp_path / "found", url=f"http://127.0.0.1:{served.port}", token=TOKEN)
    with crowd(CROWD, lambda: served.ask("GET", "/v1/jobs")) as asked:
        wait_for(lambda: gate.waiting() == REQUEST_THREADS)
        assert find_daemon(home=str(tmp_path / "found")) is not None
        assert all_wait(asked)
        gate.open()


def test_waiting_requests_leave_half_of_the_threads() -> None:
    assert short_waits.WAITERS <= REQUEST_THREADS // 2
