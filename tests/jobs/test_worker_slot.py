"""A place of the pool alone: what its process says and when that is given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from neural_style_server.jobs import worker_slot
from neural_style_server.jobs.messages import (
    Command,
    Ended,
    EndRun,
    Failed,
    Message,
    Progress,
    Ready,
    StartRun,
    Waiting,
    WorkerOptions,
)
from neural_style_server.jobs.record import Loss
from neural_style_server.jobs.worker_slot import DIES_AT_ONCE, HANGS_AT_START, QUICK_DEATHS, Life, Slot

READY = Ready(device="fake", network="fake", network_sha256="0" * 64, dtype="float32")


class Process:
    """Keeps what is asked of it."""

    def __init__(self, options: WorkerOptions, *_: Any) -> None:
        self.options, self.commands, self.ends = options, list[Command](), list[str]()

    def send(self, command: Command) -> None:
        self.commands.append(command)

    def stop(self, patience_s: float) -> None:
        self.ends.append(f"stopped in {patience_s:.0f} s")

    def kill(self) -> None:
        self.ends.append("killed")


def ignore(*_: Any) -> None:
    """Nobody listens."""


def begun(weights: str | None = None) -> tuple[Slot, Life, Process]:
    slot = Slot("worker-1", WorkerOptions(device="cpu", weights=weights))
    return slot, *begin(slot)


def begin(slot: Slot) -> tuple[Life, Process]:
    slot.begin(Process, ignore, ignore)
    assert slot.life is not None and isinstance(slot.life.process, Process)
    return slot.life, slot.life.process


def run(life: Life, iteration_s: float = 1.0) -> None:
    life.start(StartRun(id="run-1", folder="x"), iteration_s)


def ended_by(end: Callable[[], None] | None, process: Process) -> list[str]:
    if end is not None:
        end()
    return process.ends


def test_a_process_is_started_with_the_options_and_its_life_is_told_to_who_listens() -> None:
    heard: list[tuple[Any, ...]] = []

    def start(options: WorkerOptions, on_message: Callable[[Message], None], on_exit: Callable[..., None]) -> Process:
        on_message(READY)
        on_exit(3, "")
        return Process(options)

    slot = Slot("worker-1", WorkerOptions(device="cuda:1"))
    slot.begin(start, lambda *said: heard.append(said), lambda *said: heard.append(said))
    assert heard == [(slot.life, READY), (slot.life, 3, "")]
    assert slot.life is not None and isinstance(slot.life.process, Process)
    assert (slot.state, slot.life.process.options.device) == ("starting", "cuda:1")


def test_a_slot_knows_what_its_process_says() -> None:
    slot, life, _ = begun()
    assert slot.hear(life, Waiting(detail="Waiting for a GPU."))
    assert (slot.state, slot.detail) == ("starting", "Waiting for a GPU.")
    assert slot.hear(life, READY)
    status = slot.status("here")
    assert (status.state, status.detail, status.host, status.device) == ("ready", "", "here", "fake")
    assert slot.hear(life, Failed(error={"code": "weights", "detail": "There are none.", "hint": "Get some."}))
    assert (slot.state, slot.detail) == ("failed", "There are none.")


def test_late_words_of_a_former_process_change_nothing() -> None:
    slot, former, _ = begun()
    slot.detach()
    begin(slot)
    assert not slot.hear(former, READY)
    assert not slot.hear(former, Failed(error={"code": "weights", "detail": "There are none."}))
    assert (slot.state, slot.detail, slot.ready) == ("starting", "", None)


def test_a_run_is_begun_by_its_command_and_others_follow_it() -> None:
    slot, life, process = begun()
    slot.hear(life, READY)
    run(life)
    life.send(EndRun(op="pause", id="run-1"))
    assert [command.op for command in process.commands] == ["run", "pause"]
    slot.hear(life, Ended(id="run-1", state="paused"))
    assert life.runs == {}
    assert slot.idle_since == life.heard


def test_iterations_that_are_slower_than_was_forecast_are_waited_for() -> None:
    slot, life, _ = begun()
    run(life, iteration_s=2.0)
    size: dict[str, Any] = {"scale": 0, "width": 8, "height": 6, "eta": 1.0, "tile": None}
    loss = Loss(total=3.0, content=1.0, style=1.5, tv=0.5)
    for iteration, seconds, allowed_s in ((1, 1.0, 40.0), (2, 10.0, 100.0), (5, 10.0, 100.0)):
        progress = Progress(id="run-1", iteration=iteration, iterations=9, loss=loss, seconds=seconds, **size)
        slot.hear(life, progress)
        assert life.silence_allowed(10.0, 20) == allowed_s


@pytest.mark.parametrize(
    ("state", "with_run", "ends"),
    [
        ("starting", False, ["killed"]),
        ("starting", True, ["killed"]),
        ("ready", False, [f"stopped in {worker_slot.STOP_IDLE_S:.0f} s"]),
        ("ready", True, [f"stopped in {worker_slot.STOP_S:.0f} s"]),
    ],
)
def test_only_a_process_that_is_ready_gets_time_to_save(state: str, with_run: bool, ends: list[str]) -> None:
    slot, life, process = begun()
    if state == "ready":
        slot.hear(life, READY)
    if with_run:
        run(life, iteration_s=0.1)
    assert ended_by(slot.detach(), process) == ends
    assert (slot.state, slot.life) == ("stopped", None)


def test_what_works_in_time_is_not_overdue() -> None:
    slot, life, _ = begun()
    assert slot.overdue(0.0) is None, "it may still be starting"
    slot.hear(life, READY)
    assert slot.overdue(900.0) is None
    run(life)
    assert slot.overdue(0.0) is None, "it has a run"
    assert Slot("worker-2", WorkerOptions()).overdue(0.0) is None


def test_a_process_without_a_run_ends_after_a_while() -> None:
    slot, life, process = begun()
    slot.hear(life, READY)
    assert ended_by(slot.overdue(-1.0), process) == [f"stopped in {worker_slot.STOP_IDLE_S:.0f} s"]
    assert slot.life is None


@pytest.mark.parametrize("weights", [None, "torchvision"])
def test_a_start_that_takes_too_long_hangs(monkeypatch: pytest.MonkeyPatch, weights: str | None) -> None:
    monkeypatch.setattr(worker_slot, "DOWNLOAD_S" if weights else "START_S", -1.0)
    slot, life, process = begun(weights)
    assert ended_by(slot.overdue(900.0), process) == ["killed"]
    assert slot.life is life, "it is the present one until it has ended"
    assert slot.died(-9, "") is None
    assert (slot.state, slot.detail) == ("stopped", HANGS_AT_START["detail"])


def test_a_silent_run_is_killed_once_its_iterations_cannot_explain_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_slot, "HUNG_S", -1.0)
    slot, life, process = begun()
    slot.hear(life, READY)
    run(life, iteration_s=5.0)
    assert slot.overdue(0.0) is None
    monkeypatch.setattr(worker_slot, "HUNG_ITERATIONS", -1)
    assert ended_by(slot.overdue(0.0), process) == ["killed"]


def test_a_device_has_failed_after_some_deaths_in_a_row() -> None:
    slot, _, _ = begun()
    for _ in range(QUICK_DEATHS - 1):
        assert slot.died(1, "") is None
        assert (slot.state, slot.detail) == ("stopped", "The worker ended unexpectedly (code 1).")
        begin(slot)
    assert slot.died(1, "") == DIES_AT_ONCE
    assert (slot.state, slot.detail) == ("failed", DIES_AT_ONCE["detail"])


def test_deaths_are_counted_from_when_it_was_ready_last() -> None:
    slot, life, _ = begun()
    for _ in range(2 * QUICK_DEATHS):
        slot.hear(life, READY)
        assert slot.died(-11, "") is None
        life, _ = begin(slot)


def test_what_cannot_be_started_has_failed_with_the_reason() -> None:
    slot, _, _ = begun()
    problem = slot.died(127, "no such file")
    assert problem is not None
    assert problem["detail"] == slot.detail == "The worker cannot be started (no such file)."
    assert slot.state == "failed"
