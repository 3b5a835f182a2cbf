"""What the daemon and a worker say is the same on both sides of the pipe."""

from __future__ import annotations

import json
from typing import Any

import pytest

from neural_style_server.jobs.messages import (
    Ended,
    EndRun,
    ExtendRun,
    Failed,
    FrameWritten,
    Progress,
    Quit,
    Ready,
    Started,
    StartRun,
    as_line,
    read_command,
    read_message,
)
from neural_style_server.jobs.record import Loss

LOSS = Loss(total=3.0, content=1.0, style=float("inf"), tv=0.5)
COMMANDS = [
    StartRun(id="a-1", folder="/home/né\n", spare_devices=["cuda:1"]),
    EndRun(op="finish", id="a-1"),
    ExtendRun(id="a-1", extensions=[5, 7]),
    Quit(),
]
MESSAGES = [
    Ready(device="CPU", network="VGG-19", network_sha256="0", dtype="float32"),
    Failed(error={"code": "weights", "detail": "none", "hint": "install", "status": 500}),
    Started(id="a-1", tile=None),
    Progress(id="a-1", iteration=1, iterations=2, scale=0, width=8, height=6, loss=LOSS, seconds=0.1, eta=0.1, tile=64),
    FrameWritten(id="a-1", number=1, iteration=1, iterations=2, width=8, height=6),
    Ended(id="a-1", state="done", extensions=1),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.op)
def test_a_command_is_one_line_and_comes_out_as_it_went_in(command: Any) -> None:
    line = as_line(command)
    assert line.count("\n") == 1
    assert read_command(line) == command


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.event)
def test_a_message_is_one_line_and_comes_out_as_it_went_in(message: Any) -> None:
    line = as_line(message)
    assert line.count("\n") == 1
    assert read_message(line) == message


@pytest.mark.parametrize("line", ["", "{", "[]", "{}", '{"event": "sung"}', '{"event": "started", "id": "a"}'])
def test_anything_else_is_refused(line: str) -> None:
    for read in (read_message, read_command):
        with pytest.raises(ValueError):
            read(line)


def test_a_message_for_a_job_names_its_run() -> None:
    assert all("id" in json.loads(as_line(message)) for message in MESSAGES[3:])
