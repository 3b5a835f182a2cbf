"""The real daemon when things go wrong: killed workers, a killed daemon, two at once, taken ports, stale files."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.test_real_pictures import layer, pixels
from tests.real import COMMAND, JOB_S, QUICK, RealDaemon, environment, follow, paint
from tests.waiting import wait_for

from neural_style_client import Client

LONG: dict[str, Any] = {**QUICK, "method": {"iterations": 12}, "frames": {"every": 4}, "seed": 3}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Callable[..., RealDaemon]]:
    """Daemons that a test may hurt."""
    daemons: list[RealDaemon] = []

    def start(*options: str, home: Path | None = None) -> RealDaemon:
        daemons.append(RealDaemon(home or tmp_path / "home", *options))
        return daemons[-1]

    yield start
    for one in daemons:
        one.end()


def submit(client: Client, /, **more: Any) -> str:
    picture = layer("RGBA8")
    content = client.upload(picture.tobytes(), 40, 32)["id"]
    return str(client.submit({"content": content, **LONG, **more})["id"])


def reaches(client: Client, job: str, iteration: int) -> None:
    wait_for(lambda: client.job(job)["iteration"] >= iteration, JOB_S, f"iteration {iteration}")


def test_a_killed_worker_s_job_is_taken_up_again_while_health_answers(daemon: RealDaemon) -> None:
    client = daemon.warm().client
    job = submit(client)
    answers: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.05):
            began = time.monotonic()
            client.health(5)
            answers.append(time.monotonic() - began)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        reaches(client, job, 2)
        os.kill(daemon.worker_pid(), signal.SIGKILL)
        record = follow(client, job)
    finally:
        over.set()
        asking.join()
    assert record["state"] == "done"
    assert "taken up again" in record["notes"][0]
    assert sorted(answers)[len(answers) // 2] < 0.25


def test_two_jobs_of_two_clients_are_painted_in_turn(daemon: RealDaemon) -> None:
    client = daemon.warm().client
    jobs = [submit(client, client=name, frames={"every": 1}) for name in ("gimp-1", "krita-2")]
    records = [follow(client, job) for job in jobs]
    assert [record["state"] for record in records] == ["done", "done"]
    assert max(record["started"] for record in records) < min(record["finished"] for record in records)


def test_a_job_resumed_after_kill_9_gives_the_undisturbed_picture(daemon: RealDaemon) -> None:
    undisturbed = paint(daemon.client, pixels(layer("RGBA8"), "RGBA8"), **LONG)
    wanted = daemon.client.result(undisturbed["id"])
    job = submit(daemon.client)
    reaches(daemon.client, job, 2)
    daemon.client.pause(job)  # a slow iteration may still be running when it is answered
    wait_for(lambda: daemon.client.job(job)["state"] == "paused", JOB_S, "the pause")
    daemon.client.resume(job)
    reaches(daemon.client, job, 4)
    daemon.kill()
    daemon.start()  # over a stale daemon.json
    assert daemon.client.job(job)["state"] == "paused"
    daemon.client.resume(job)
    assert follow(daemon.client, job)["state"] == "done"
    assert daemon.client.result(job) == wanted


def test_two_daemons_started_at_once_end_as_one(tmp_path: Path) -> None:
    home, said = tmp_path / "home", tmp_path / "said"
    home.mkdir()
    with said.open("wb") as out:
        started = [subprocess.Popen([*COMMAND, "serve"], env=environment(home), stderr=out) for _ in range(2)]
    try:
        wait_for(lambda: any(process.poll() is not None for process in started), 30, "the end of one")
        loser = next(process for process in started if process.poll() is not None)
        winner = next(process for process in started if process is not loser)
        assert (said.read_text().strip(), loser.returncode) == ("The daemon is running already.", 0)
        assert json.loads((home / "daemon.json").read_text())["pid"] == winner.pid
    finally:
        for process in started:
            process.terminate()
            process.wait(20)
    assert not (home / "daemon.json").exists()


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = subprocess.run(
            [*COMMAND, "serve", "--port", str(port)], env=environment(tmp_path), capture_output=True, text=True
        )
    assert run.returncode == 1
    assert f"127.0.0.1:{port} cannot be used" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "daemon.json").exists()


def test_nobody_else_can_read_what_the_daemon_writes(daemon: RealDaemon) -> None:
    paint(daemon.client, pixels(layer("RGBA8"), "RGBA8"))
    for path in [daemon.home, *daemon.home.rglob("*")]:
        if path.name == "serve.out":  # the test's own
            continue
        with contextlib.suppress(FileNotFoundError):  # a file that was just renamed
            found = path.stat().st_mode
            assert stat.S_IMODE(found) == (0o700 if stat.S_ISDIR(found) else 0o600), path


def test_the_token_is_in_no_log(daemon: RealDaemon) -> None:
    daemon.client.jobs()
    token = daemon.discovery["token"]
    for path in daemon.home.rglob("*"):
        if path.is_file() and path.name != "daemon.json":
            assert token.encode() not in path.read_bytes(), path


def test_a_silent_client_holds_nothing_up_and_no_websocket_is_opened(daemon: RealDaemon) -> None:
    port = int(daemon.discovery["url"].rpartition(":")[2])
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
    silent[0].sendall(b"POST /v1/images HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nhalf")
    began = time.monotonic()
    assert daemon.client.health(5)["status"] == "ok"
    assert time.monotonic() - began < 2
    asks = f"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    silent[1].sendall(asks.encode())
    assert b" 101 " not in silent[1].recv(100)
    for one in silent:
        one.close()


def test_stopping_does_not_wait_for_open_event_streams(own: Callable[..., RealDaemon]) -> None:
    hurt = own()
    stream = hurt.client.events(submit(hurt.client), attempts=1)
    next(stream)
    began = time.monotonic()
    hurt.client.shutdown()
    hurt.process.wait(20)
    assert time.monotonic() - began < 5
    stream.close()


def test_an_unattended_daemon_ends(own: Callable[..., RealDaemon]) -> None:
    hurt = own("--idle-exit", "1")
    assert hurt.process.wait(30) == 0
    assert not (hurt.home / "daemon.json").exists()
