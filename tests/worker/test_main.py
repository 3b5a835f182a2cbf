"""The worker's loop, with runs that paint nothing, and pipes that break."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from neural_style_server.engine.memory import release
from neural_style_server.errors import Diverged, WeightsError
from neural_style_server.jobs.messages import (
    ChangeRun,
    Command,
    Ended,
    EndRun,
    ExtendRun,
    FrameWritten,
    Progress,
    Quit,
    Ready,
    RunMessage,
    StartRun,
    as_line,
)
from neural_style_server.jobs.record import Loss
from neural_style_server.worker import main as worker_module
from neural_style_server.worker.main import Worker
from neural_style_server.worker.outbox import lines_to


class FakeRun:
    """Paints `length` iterations; `hook` is called at each."""

    length, fail_at = 5, 0
    tile_size, extensions = None, 0
    rests = False
    notes: tuple[str, ...] = ()

    def __init__(self, identity: str) -> None:
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


class FakeNetwork:
    """Makes runs of a `kind`."""

    ready = Ready(device="fake", network="fake", network_sha256="0" * 64, dtype="float32")

    def __init__(self, kind: type[FakeRun] = FakeRun, cache_uses: Callable[[], tuple[int, int]] = lambda: (0, 0)):
        self._kind, self.cache_uses = kind, cache_uses

    def run(self, command: StartRun) -> FakeRun:
        return self._kind(command.id)


class Pipe:
    """Lines of commands; stays open until told otherwise."""

    def __init__(self, *commands: Command) -> None:
        self.lines = [as_line(command) for command in commands]
        self.open = threading.Event()

    def __iter__(self) -> Iterator[str]:
        yield from self.lines
        assert self.open.wait(10)


@pytest.fixture
def paint_all() -> Callable[..., list[Any]]:
    """Serves the commands until the pipe closes; answers the messages after the first, that it is ready."""
    RUNS.clear()

    def serve(
        pipe: Any, hook: Callable[[Any], Any] = lambda run: None, kind: type[FakeRun] = FakeRun, **options: Any
    ) -> list[Any]:
        uses = {"cache_uses": options.pop("cache_uses")} if "cache_uses" in options else {}
        network = FakeNetwork(type("Run", (kind,), {**options, "hook": staticmethod(hook)}), **uses)
        messages: list[Any] = []
        Worker(lambda: network, messages.append).serve(pipe)  # type: ignore[arg-type,return-value]
        assert messages[0] == FakeNetwork.ready
        return messages[1:]

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


def test_what_the_cache_was_good_for_is_told_at_each_end(paint_all: Callable[..., list[Any]]) -> None:
    uses, pipe = [(0, 1), (5, 0)], Pipe(run("a"), run("b"))

    def hook(run: FakeRun) -> None:
        if run.identity == "b" and run.iteration == 5:
            pipe.open.set()

    messages = paint_all(pipe, hook=hook, cache_uses=lambda: uses.pop(0))
    ended = [message for message in messages if isinstance(message, Ended)]
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
def test_a_worker_whose_daemon_goes_before_it_is_warm_leaves_at_once(warm_first: bool) -> None:
    pipe, left = Pipe(), threading.Event()

    def warm_up() -> Any:
        if not warm_first:
            pipe.open.set()
            left.wait(10)
        return FakeNetwork()

    def deliver(message: Any) -> None:
        assert message == FakeNetwork.ready
        pipe.open.set()

    Worker(warm_up, deliver, leave=left.set).serve(pipe)
    assert left.is_set() is not warm_first


def test_a_worker_that_cannot_be_warm_says_why_and_ends() -> None:
    def warm_up() -> Any:
        raise WeightsError("There are no weights.")

    messages: list[Any] = []
    pipe = Pipe()
    Worker(warm_up, messages.append).serve(pipe)
    pipe.open.set()
    (failed,) = messages
    assert (failed.event, failed.error["detail"]) == ("failed", "There are no weights.")


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
def test_a_pipe_that_breaks_saves_every_run_and_fails_none(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """As when the daemon is killed: nobody reads any longer, while the input has not ended yet."""
    RUNS.clear()
    readable, writable = os.pipe()
    pipe, failed = Pipe(run("a"), run("b"), run("broken")), []

    def hook(one: FakeRun) -> None:
        if one.iteration == at and len(RUNS) == 3:
            with contextlib.suppress(OSError):
                os.close(readable)

    monkeypatch.setattr(worker_module, "SLICE_S", 0.0)
    network: Any = FakeNetwork(type("Run", (FakeRun,), {"length": 10**9, "hook": staticmethod(hook)}))
    monkeypatch.setattr(Worker, "_fail", lambda self, identity, error: failed.append(identity))
    with os.fdopen(writable, "w") as out:
        Worker(lambda: network, lines_to(out)).serve(pipe)
        with contextlib.suppress(OSError):
            out.close()
    pipe.open.set()
    assert [one.identity for one in RUNS if one.saved and one.closed] == ["a", "b", "broken"]
    assert failed == []


def test_a_live_run_takes_a_change_and_rests_with_its_revision(paint_all: Callable[..., list[Any]]) -> None:
    class FakeLive(FakeRun):
        revision = 0

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

    pipe = Pipe(StartRun(id="a", folder="x", live=True), ChangeRun(id="a"))
    messages = paint_all(pipe, kind=FakeLive)
    (ended,) = [message for message in messages if isinstance(message, Ended)]
    assert (ended.state, ended.revision) == ("resting", 1)
    assert [message.event for message in messages].count("frame") == 1
    assert RUNS[0].saved


def test_a_worker_yields_to_editors_in_other_sessions() -> None:
    code = (
        "import os; from pathlib import Path; from neural_style_server.worker.main import yield_to_editors\n"
        "yield_to_editors()\n"
        "group = Path('/proc/self/autogroup')\n"
        "print(os.nice(0), os.getsid(0) == os.getpid(), group.read_text() if group.exists() else 'nice 5')"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert (int(found[0]) - os.nice(0), found[1], found[-1]) == (worker_module.NICENESS, "True", "5")
