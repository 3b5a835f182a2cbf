"""The worker process: heard whatever happens, ended in time, with a script in the real worker's place."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.waiting import wait_for

from neural_style_server.jobs import child_process
from neural_style_server.jobs.messages import Failed, Message, StartRun, WorkerOptions
from neural_style_server.jobs.worker_process import WorkerLog, WorkerProcess

PYTHON = sys.executable
ECHO = """
import json, sys
def tell(line):
    print(json.dumps({"event": "failed", "error": {"line": json.loads(line)}}), flush=True)
for line in sys.stdin:
    tell(line)
    if '"quit"' in line:
        break
"""
DEAF = "import time; print('not a message', flush=True); time.sleep(600)"


SLOW = """
import json, sys, time
for line in sys.stdin:
    if '"quit"' in line:
        for _ in range(6):
            time.sleep(0.2)
            print(json.dumps({"event": "ended", "id": "x", "state": "paused"}), flush=True)
        break
"""
NOISY = "import sys, os; sys.stderr.write('x' * 50 + chr(10)); sys.stderr.flush(); sys.stdin.readline()"
Start = Callable[[str], tuple[WorkerProcess, "Listener"]]


class Listener:
    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.codes: list[int] = []
        self.errors: list[str] = []
        self.ended = threading.Event()

    def message(self, message: Message) -> None:
        found = message.error.get("line") if isinstance(message, Failed) else message
        self.heard.append(found)
        if isinstance(found, dict) and found.get("id") == "trip":
            raise RuntimeError("tripped")

    def exit(self, code: int, error: str) -> None:
        self.codes.append(code)
        self.errors.append(error)
        self.ended.set()


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    workers, worker_log = [], WorkerLog(tmp_path / "worker.log", 100)

    def make(script: str) -> tuple[WorkerProcess, Listener]:
        program = tmp_path / "python"
        program.write_text(f"#!{PYTHON}\n{script}")
        program.chmod(0o700 if script else 0)
        monkeypatch.setattr(child_process.sys, "executable", str(program if script else tmp_path / "missing"))
        listener = Listener()
        worker = WorkerProcess(tmp_path, WorkerOptions(device="cpu"), listener.message, listener.exit, worker_log.write)
        workers.append(worker)
        return worker, listener

    yield make
    for worker in workers:
        worker.stop(5)
    worker_log.close()


def test_commands_go_in_and_messages_come_out(start: Start) -> None:
    worker, listener = start(ECHO)
    worker.send(StartRun(id="é", folder="two\nlines"))
    wait_for(lambda: len(listener.heard) == 2)
    assert listener.heard[0]["device"] == "cpu"
    assert (listener.heard[1]["op"], listener.heard[1]["id"], listener.heard[1]["folder"]) == ("run", "é", "two\nlines")


def test_a_listener_that_trips_is_called_again(start: Start) -> None:
    worker, listener = start(ECHO)
    worker.send(StartRun(id="trip", folder=""))
    worker.send(StartRun(id="next", folder=""))
    wait_for(lambda: any(one.get("id") == "next" for one in listener.heard))


def test_a_killed_worker_is_noticed_with_its_code(start: Start) -> None:
    worker, listener = start(ECHO)
    wait_for(lambda: listener.heard)
    os.kill(worker.pid, signal.SIGKILL)
    assert listener.ended.wait(5)
    assert listener.codes == [-signal.SIGKILL]
    worker.send(StartRun(id="too late", folder=""))


def test_a_worker_that_does_not_end_is_killed(start: Start) -> None:
    worker, listener = start(DEAF)
    assert worker.pid
    worker.stop(0.2)
    assert listener.ended.wait(5)
    assert listener.codes == [-signal.SIGKILL]
    assert listener.heard == []


def test_a_worker_that_is_still_saving_is_waited_for(start: Start) -> None:
    worker, listener = start(SLOW)
    assert worker.pid
    worker.stop(0.6)  # it takes twice as long, with something to say on the way
    assert (listener.codes, len(listener.heard)) == ([0], 6)


def test_a_worker_that_cannot_be_started_says_why(start: Start) -> None:
    _, listener = start("")
    assert listener.ended.wait(5)
    assert (listener.codes, listener.errors) == ([-1], ["No such file or directory"])


def test_the_log_does_not_grow_without_bound(start: Start, tmp_path: Path) -> None:
    for _ in range(8):
        worker, _ = start(NOISY)
        worker.stop(5)
    logs = sorted(path.name for path in tmp_path.glob("worker.log*"))
    assert logs == ["worker.log", "worker.log.1", "worker.log.2", "worker.log.3"]
    assert all((tmp_path / name).stat().st_size <= 102 for name in logs)


def test_a_process_that_takes_long_to_start_holds_nobody_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    real, starts = child_process.subprocess.Popen, threading.Event()

    def popen(*args: Any, **more: Any) -> Any:
        assert starts.wait(10)
        return real(*args, **more)

    monkeypatch.setattr(child_process.subprocess, "Popen", popen)
    worker, listener = start(ECHO)
    worker.send(StartRun(id="a", folder=""))
    assert listener.heard == []
    starts.set()
    wait_for(lambda: len(listener.heard) == 2)
