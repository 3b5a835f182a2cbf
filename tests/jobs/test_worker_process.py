"""The worker process: heard whatever happens, ended in time, with a script in the real worker's place."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.waiting import wait_for

from neural_style_server.jobs import worker_process
from neural_style_server.jobs.worker_process import WorkerProcess

ECHO = """
import sys
for line in sys.stdin:
    print(line, end="", flush=True)
    if '"quit"' in line:
        break
"""
DEAF = "import time; print('not a message', flush=True); time.sleep(600)"


class Ears:
    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.codes: list[int] = []
        self.ended = threading.Event()

    def message(self, _: WorkerProcess, message: dict[str, Any]) -> None:
        self.heard.append(message)
        if message.get("op") == "trip":
            raise RuntimeError("tripped")

    def exit(self, _: WorkerProcess, code: int) -> None:
        self.codes.append(code)
        self.ended.set()


@pytest.fixture
def hire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], tuple[WorkerProcess, Ears]]]:
    workers = []

    def make(script: str) -> tuple[WorkerProcess, Ears]:
        program = tmp_path / "python"
        program.write_text(f"#!{sys.executable}\n{script}")
        program.chmod(0o700)
        monkeypatch.setattr(worker_process.sys, "executable", str(program))
        ears = Ears()
        worker = WorkerProcess(tmp_path, {"device": "cpu"}, ears.message, ears.exit, tmp_path / "worker.log")
        workers.append(worker)
        return worker, ears

    yield make
    for worker in workers:
        worker.stop()


def test_commands_go_in_and_messages_come_out(hire: Callable[[str], tuple[WorkerProcess, Ears]]) -> None:
    worker, ears = hire(ECHO)
    worker.send({"op": "run", "id": "é"})
    wait_for(lambda: len(ears.heard) == 2)
    assert ears.heard == [{"device": "cpu"}, {"op": "run", "id": "é"}]


def test_a_listener_that_trips_is_called_again(hire: Callable[[str], tuple[WorkerProcess, Ears]]) -> None:
    worker, ears = hire(ECHO)
    worker.send({"op": "trip"})
    worker.send({"op": "next"})
    wait_for(lambda: {"op": "next"} in ears.heard)


def test_a_killed_worker_is_noticed_with_its_code(hire: Callable[[str], tuple[WorkerProcess, Ears]]) -> None:
    worker, ears = hire(ECHO)
    wait_for(lambda: ears.heard)
    os.kill(worker.pid, signal.SIGKILL)
    assert ears.ended.wait(5)
    assert ears.codes == [-signal.SIGKILL]
    worker.send({"op": "too late"})


def test_a_worker_that_does_not_end_is_killed(
    hire: Callable[[str], tuple[WorkerProcess, Ears]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "STOP_S", 0.2)
    worker, ears = hire(DEAF)
    worker.stop()
    assert ears.ended.wait(5)
    assert ears.codes == [-signal.SIGKILL]
    assert ears.heard == []


def test_messages_are_one_line_of_json_each(hire: Callable[[str], tuple[WorkerProcess, Ears]]) -> None:
    worker, ears = hire(ECHO)
    worker.send({"op": "run", "text": "two\nlines"})
    wait_for(lambda: len(ears.heard) == 2)
    assert json.loads(json.dumps(ears.heard[1]))["text"] == "two\nlines"
