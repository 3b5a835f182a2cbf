"""The thread that looks after the daemon, against one that paints nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from neural_style.neural_style_client import discovery, status
from neural_style.neural_style_client.api import Client
from neural_style.neural_style_client.errors import DaemonBusy
from tests.client.fake_daemon import FakeDaemon
from tests.waiting import wait_for

from neural_style.run import daemon_thread
from neural_style.run.daemon_thread import DaemonThread


@pytest.fixture
def told() -> list[tuple[str, Any]]:
    return []


@pytest.fixture
def daemon(told: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Iterator[DaemonThread]:
    monkeypatch.setattr(daemon_thread, "LOOK_EVERY_S", 0.05)
    daemon = DaemonThread(lambda what, value: told.append((what, value)))
    daemon.attentive = True
    daemon.start()
    yield daemon
    daemon.stop()
    daemon.join(5)


def take(daemon: DaemonThread, condition: Callable[[], bool]) -> None:
    """Do what Krita's timer does until the condition is true."""

    def step() -> bool:
        while not daemon.inbox.empty():
            call, values = daemon.inbox.get_nowait()
            call(*values)
        return condition()

    wait_for(step)


def test_the_daemon_finds_the_daemon_and_runs_requests(
    fake_daemon: FakeDaemon, daemon: DaemonThread, told: list[tuple[str, Any]]
) -> None:
    found: list[Any] = []
    daemon.request(lambda client: client.presets(), found.append)
    take(daemon, lambda: bool(found) and ("health" in [what for what, _ in told]))
    assert [one["name"] for one in found[0]] == list(fake_daemon.presets)


def test_a_request_that_fails_says_why(fake_daemon: FakeDaemon, daemon: DaemonThread) -> None:
    failed: list[str] = []
    daemon.request(lambda client: client.job("none"), None, failed.append)
    take(daemon, lambda: bool(failed))
    assert failed[0].startswith("Nothing is here.")


def test_without_daemon_and_installation_the_painter_is_told(
    daemon: DaemonThread, told: list[tuple[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path / "empty"))
    failed: list[str] = []
    daemon.request(lambda client: None, None, failed.append)
    take(daemon, lambda: bool(failed) and (status.NOT_INSTALLED, "") in told)
    assert "install-plugins" in failed[0]


def test_a_lost_daemon_is_noticed_and_found_again(
    daemon: DaemonThread, told: list[tuple[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path / "home"))
    with FakeDaemon(tmp_path / "home"):
        take(daemon, lambda: "health" in [what for what, _ in told])
    take(daemon, lambda: status.LOST in [what for what, _ in told])
    told.clear()
    failed: list[str] = []
    daemon.request(lambda client: None, None, failed.append)
    take(daemon, lambda: bool(failed))
    assert {what for what, _ in told} == {status.LOST}  # not "not installed": it was there
    with FakeDaemon(tmp_path / "home"):
        take(daemon, lambda: "health" in [what for what, _ in told])


def test_two_who_find_no_daemon_at_the_same_time_start_one(
    told: list[tuple[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []

    def start() -> object:
        time.sleep(0.2)
        started.append(object())
        return started[-1]

    monkeypatch.setattr(discovery, "is_installed", lambda: True)
    monkeypatch.setattr(discovery, "find_daemon", lambda: started[-1] if started else None)
    monkeypatch.setattr(discovery, "start_daemon", start)
    daemon, found = DaemonThread(lambda what, value: told.append((what, value))), []
    threads = [threading.Thread(target=lambda: found.append(daemon.find())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(started) == 1 and found == started * 2


def test_while_the_daemon_warms_up_it_is_asked_more_often(
    fake_daemon: FakeDaemon, daemon: DaemonThread, told: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon_thread, "LOOK_EVERY_S", 60.0)
    monkeypatch.setattr(daemon_thread, "LOOK_SOON_S", 0.05)
    fake_daemon.behave(worker="starting")
    daemon.look_again()
    take(daemon, lambda: [value["worker"] for what, value in told if what == "health"][:3] == ["starting"] * 3)
    fake_daemon.behave(worker="ready")
    take(daemon, lambda: told[-1][1]["worker"] == "ready")


def test_a_daemon_that_is_slow_is_neither_lost_nor_started_again(
    fake_daemon: FakeDaemon, daemon: DaemonThread, told: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    take(daemon, lambda: "health" in [what for what, _ in told])
    client = daemon.client

    def busy(*_: object) -> None:
        raise DaemonBusy("The daemon is busy. Wait a moment, then try again.")

    monkeypatch.setattr(Client, "health", busy)
    monkeypatch.setattr(discovery, "start_daemon", lambda: pytest.fail("a second one"))
    told.clear()
    take(daemon, lambda: (status.SLOW, "") in told)
    assert daemon.client is client and status.LOST not in [what for what, _ in told]
    monkeypatch.undo()
    take(daemon, lambda: "health" in [what for what, _ in told])


def test_what_lies_in_the_inbox_wakes_whoever_empties_it(daemon: DaemonThread) -> None:
    found: list[int] = []
    daemon.wake = lambda: found.append(daemon.inbox.qsize())
    daemon.post(print)
    assert found and found[-1] >= 1


def test_an_answer_of_another_version_that_nobody_expects_is_told_and_the_thread_lives_on(
    fake_daemon: FakeDaemon, daemon: DaemonThread, told: list[tuple[str, Any]]
) -> None:
    failed: list[str] = []
    daemon.request(lambda client: list(None), None, failed.append)
    take(daemon, lambda: bool(failed))
    assert "did not expect (TypeError" in failed[0]
    found: list[Any] = []
    daemon.request(lambda client: client.presets(), found.append)
    take(daemon, lambda: bool(found))
