"""The worker's loop, with runs that paint nothing, and pipes that break."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from tests.engine.conftest import tiny_vgg  # noqa: F401

from neural_style_server.engine.memory import calibration, release
from neural_style_server.engine.vgg import Network
from neural_style_server.errors import Diverged
from neural_style_server.jobs.forecasting import read_calibration
from neural_style_server.jobs.messages import (
    ChangeRun,
    Command,
    Ended,
    EndRun,
    ExtendRun,
    FrameWritten,
    Progress,
    Quit,
    RunMessage,
    StartRun,
    WorkerOptions,
    as_line,
)
from neural_style_server.jobs.record import Loss
from neural_style_server.worker import live_run as live_run_module
from neural_style_server.worker import main as worker_module
from neural_style_server.worker import run as run_module
from neural_style_server.worker.main import Worker
from neural_style_server.worker.outbox import lines_to


class FakeRun:
    """Paints `length` iterations; `hook` is called at each."""

    length, fail_at = 5, 0
    tile_size, extensions = None, 0
    rests = False
    notes: tuple[str, ...] = ()

    def __init__(self, identity: str, *_: Any, **__: Any) -> None:
        self.identity, self.iteration, self.saved, self.closed = identity, 0, False, False
        RUNS.append(self)

    @property
    def finished(self) -> bool:
        return self.iteration >= self.length

    def begin(self) -> Iterator[RunMessage]:
        return iter(())

    def advance(self) -> Iterator[RunMessage]:
        self.iteration += 1
        self.hook(self)  # type: ignore[attr-defined]
        if self.iteration == self.fail_at:
            raise Diverged("not finite")
        yield Progress(
            id=self.identity,
            iteration=self.iteration,
            iterations=self.length,
            scale=0,
            width=8,
            height=6,
            loss=Loss(total=3.0, content=1.0, style=1.5, tv=0.5),
            seconds=0.1,
            eta=1.0,
            tile=None,
        )

    def finish(self) -> Iterator[RunMessage]:
        yield FrameWritten(id=self.identity, number=1, iteration=1, iterations=5, width=8, height=6)

    def keep_last_good(self) -> Iterator[RunMessage]:
        yield FrameWritten(id=self.identity, number=1, iteration=1, iterations=5, width=8, height=6)

    def extend(self, extensions: list[int]) -> None:
        self.extensions = len(extensions)

    def save_checkpoint(self) -> None:
        self.saved = True
        if self.identity == "broken":
            raise RuntimeError("no disk")

    def close(self) -> None:
        self.closed = True


RUNS: list[FakeRun] = []


class Pipe:
    """Lines of commands; stays open until told otherwise."""

    def __init__(self, *commands: Command) -> None:
        self.lines = [as_line(command) for command in commands]
        self.open = threading.Event()

    def __iter__(self) -> Iterator[str]:
        yield from self.lines
        assert self.open.wait(10)


@pytest.fixture
def paint_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[Any]]:
    """Serves the commands until the pipe closes; answers the messages."""
    RUNS.clear()

    def serve(pipe: Any, **options: Any) -> list[Any]:
        hook, cache = staticmethod(options.pop("hook", lambda run: None)), options.pop("cache", None)
        monkeypatch.setattr(run_module, "Run", type("Run", (FakeRun,), {**options, "hook": hook}))
        monkeypatch.setattr(Worker, "_warm", lambda self: setattr(self, "_network", None))
        messages: list[Any] = []
        worker = Worker(tmp_path, tmp_path / "images", WorkerOptions(), messages.append)
        worker._cache = cache
        worker.serve(pipe)
        return messages

    return serve


def run(identity: str) -> StartRun:
    return StartRun(id=identity, folder="x")


def ends(messages: list[Any]) -> list[tuple[str, str]]:
    return [(message.id, message.state) for message in messages if isinstance(message, Ended)]


def test_a_job_is_painted_to_its_end(paint_all: Callable[..., list[Any]]) -> None:
    pipe = Pipe(run("a"))
    messages = paint_all(pipe, hook=lambda run: run.iteration == 5 and pipe.open.set())
    assert [message.event for message in messages] == ["started", "progress", "progress", "frame", "ended"]
    assert ends(messages) == [("a", "done")]
    assert RUNS[0].closed


def test_what_the_cache_was_good_for_is_told_once(paint_all: Callable[..., list[Any]]) -> None:
    cache, pipe = SimpleNamespace(hits=0, misses=0), Pipe(run("a"), run("b"))

    def hook(run: FakeRun) -> None:
        cache.hits += run.identity == "b"
        cache.misses += run.identity == "a" and run.iteration == 1
        if run.identity == "b" and run.iteration == 5:
            pipe.open.set()

    ended = [message for message in paint_all(pipe, hook=hook, cache=cache) if isinstance(message, Ended)]
    assert [(one.id, one.cache_hits, one.cache_misses) for one in ended] == [("a", 0, 1), ("b", 5, 0)]


def test_memory_is_given_back_once_nothing_is_left_to_paint(
    paint_all: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, painted = Pipe(run("a")), []

    def release_all() -> None:
        painted.append(RUNS[0].iteration if RUNS else 0)
        if RUNS:
            pipe.open.set()

    monkeypatch.setattr(worker_module, "REST_S", 0.05)
    monkeypatch.setattr(release, "release_all", release_all)
    paint_all(pipe)
    assert painted[-1] == FakeRun.length and len(painted) <= 2  # before it perhaps, and after it; never meanwhile


def test_a_cancel_is_obeyed_before_the_next_iteration(paint_all: Callable[..., list[Any]]) -> None:
    pipe = Pipe(run("a"), EndRun(op="cancel", id="a"), Quit())
    pipe.open.set()
    messages = paint_all(pipe, length=10**9)
    assert ends(messages) == [("a", "cancelled")]
    assert RUNS[0].iteration == 0


def test_all_are_saved_when_the_daemon_goes_even_if_one_cannot_be(
    paint_all: Callable[..., list[Any]],
) -> None:
    pipe = Pipe(run("broken"), run("b"))
    messages = paint_all(pipe, length=10**9, hook=lambda run: pipe.open.set())
    assert ends(messages) == [("broken", "paused"), ("b", "paused")]
    first, second = (message.notes for message in messages if isinstance(message, Ended))
    assert len(first) == 1 and "could not be saved (no disk)" in first[0] and second == []
    assert all(one.saved and one.closed for one in RUNS)


@pytest.mark.parametrize("warm_first", [True, False])
def test_a_worker_whose_daemon_goes_before_it_is_warm_leaves_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, warm_first: bool
) -> None:
    pipe, left = Pipe(), threading.Event()
    if not warm_first:
        pipe.open.set()
        monkeypatch.setattr(Worker, "_warm", lambda self: left.wait(10))
    else:
        monkeypatch.setattr(Worker, "_warm", lambda self: None)
        monkeypatch.setattr(Worker, "_next_command", lambda self: pipe.open.set() or self._commands.get())
    Worker(tmp_path, tmp_path, WorkerOptions(), lambda message: None, leave=left.set).serve(pipe)
    assert left.is_set() is not warm_first


def test_half_a_line_ends_the_worker_like_the_end_of_the_pipe(
    paint_all: Callable[..., list[Any]],
) -> None:
    pipe = Pipe()
    pipe.lines = [as_line(run("a")), '{"op": "can']
    assert ends(paint_all(pipe, length=10**9)) == [("a", "paused")]


def test_a_job_that_fails_keeps_its_last_picture_and_ends_no_other(
    paint_all: Callable[..., list[Any]],
) -> None:
    pipe = Pipe(run("a"))
    messages = paint_all(pipe, fail_at=3, hook=lambda run: run.iteration == 3 and pipe.open.set())
    assert [message.event for message in messages[-2:]] == ["frame", "ended"]
    assert messages[-1].error["code"] == "diverged"


def test_two_jobs_are_painted_in_turn(paint_all: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neural_style_server.worker.main.SLICE_S", 0.0)
    order: list[str] = []

    def hook(run: FakeRun) -> None:
        order.append(run.identity)
        if len(order) == 6:
            pipe.open.set()

    pipe = Pipe(run("a"), run("b"))
    paint_all(pipe, length=3, hook=hook)
    assert order.count("a") == order.count("b") == 3
    assert order[1:5] in (["b", "a", "b", "a"], ["a", "b", "a", "b"])


def test_the_end_tells_how_many_extensions_were_painted(paint_all: Callable[..., list[Any]]) -> None:
    pipe = Pipe(run("a"), ExtendRun(id="a", extensions=[5, 7]))
    messages = paint_all(pipe, hook=lambda run: run.iteration == 5 and pipe.open.set())
    assert messages[-1].extensions == 2


@pytest.mark.parametrize("at", [1, 3])
def test_a_pipe_that_breaks_saves_every_run_and_fails_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at: int
) -> None:
    """As when the daemon is killed: nobody reads any longer, while the input has not ended yet."""
    RUNS.clear()
    readable, writable = os.pipe()
    pipe, failed = Pipe(run("a"), run("b"), run("broken")), []

    def hook(one: FakeRun) -> None:
        if one.iteration == at and len(RUNS) == 3:
            with contextlib.suppress(OSError):
                os.close(readable)

    monkeypatch.setattr(worker_module, "SLICE_S", 0.0)
    monkeypatch.setattr(run_module, "Run", type("Run", (FakeRun,), {"length": 10**9, "hook": staticmethod(hook)}))
    monkeypatch.setattr(Worker, "_warm", lambda self: None)
    monkeypatch.setattr(Worker, "_fail", lambda self, identity, error: failed.append(identity))
    with os.fdopen(writable, "w") as out:
        Worker(tmp_path, tmp_path, WorkerOptions(), lines_to(out)).serve(pipe)
        with contextlib.suppress(OSError):
            out.close()
    pipe.open.set()
    assert [one.identity for one in RUNS if one.saved and one.closed] == ["a", "b", "broken"]
    assert failed == []


def test_what_is_measured_of_a_device_is_kept_and_not_measured_again(
    tiny_vgg: Network,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    measured: list[dict[str, Any]] = []
    real = calibration.measure
    monkeypatch.setattr(calibration, "measure", lambda network: measured.append(real(network)) or measured[-1])
    for place in ("here", "here", "there"):
        worker = Worker(tmp_path, tmp_path, WorkerOptions(), lambda message: None)
        worker._network = tiny_vgg.to("cpu", torch.float32)
        worker._calibrate([place])
        assert read_calibration(tmp_path) == {"place": [place], **measured[-1]}
    assert len(measured) == 2


def test_a_live_run_takes_a_change_and_rests_with_its_revision(
    paint_all: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class FakeLive(FakeRun):
        revision = 0
        hook = staticmethod(lambda run: None)

        @property
        def rests(self) -> bool:
            return self.iteration >= 2 * (self.revision + 1)

        def take_change(self) -> None:
            self.revision += 1

        def begin(self) -> Iterator[RunMessage]:
            if self.revision:  # as for a change that shows nothing new
                yield from self.finish()

        def close(self) -> None:
            pipe.open.set()

    monkeypatch.setattr(live_run_module, "LiveRun", FakeLive)
    pipe = Pipe(StartRun(id="a", folder="x", live=True), ChangeRun(id="a"))
    messages = paint_all(pipe)
    (ended,) = [message for message in messages if isinstance(message, Ended)]
    assert (ended.state, ended.revision) == ("resting", 1)
    assert [message.event for message in messages].count("frame") == 1
    assert RUNS[0].saved
