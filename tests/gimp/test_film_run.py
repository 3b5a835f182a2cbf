"""Layers painted as a film, with records for layers and a daemon that paints nothing, over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.client.fake_daemon import FakeDaemon

from document.pixels import Picture
from neural_style_client import Client, connect
from neural_style_client.errors import Cancelled, DaemonGone, PainterError
from neural_style_client.parameters import Parameters
from neural_style_client.tasks import run_to_end
from run.film_run import FilmProgress, FilmRun
from run.layers_run import NoView

NAMES = ["Background", "Frame 2 (100ms)", "Frame 3 (80ms) (replace)"]


class Frames:
    """Grey pictures of one pixel each."""

    def __init__(self, *levels: int) -> None:
        self.levels = levels
        self.names = [NAMES[number % 3] for number in range(len(levels))]
        self.read_so_far: list[int] = []
        self.closed = False

    def read(self, number: int) -> Iterator[None]:
        yield
        self.read_so_far.append(number)
        level = self.levels[number]
        return Picture(1, 1, "RGBA8", [bytes([level, level, level, 255])])

    def close(self) -> None:
        self.closed = True


class Result:
    def __init__(self, closed_after: int = 99) -> None:
        self.layers: list[tuple[str, int]] = []
        self.closed = False
        self._closed_after = closed_after

    def add(self, name: str, picture: Any, record: bytes) -> Iterator[None]:
        yield
        if len(self.layers) >= self._closed_after:
            raise PainterError("The new image was closed, so the painting has ended.")
        assert b'"preset": "ink-wash"' in record
        self.layers.append((name, picture.data[0]))

    def close(self) -> None:
        self.closed = True


class Watching(NoView):
    def __init__(self, when: Callable[[Any, FilmProgress], None]) -> None:
        self.cancelled = self.finished = self.paused = False
        self.texts: list[str] = []
        self.fractions: list[float | None] = []
        self._when = when

    def show(self, progress: FilmProgress) -> None:
        self.texts.append(progress.text())
        self.fractions.append(progress.fraction())
        self._when(self, progress)


def make(*levels: int, view: Any = None, result: Result | None = None) -> tuple[Frames, Result, FilmRun]:
    frames, result = Frames(*levels), result or Result()
    return frames, result, FilmRun(frames, result, Parameters(preset="ink-wash"), connect, view, "gimp-1")


def test_each_layer_becomes_a_frame_of_its_own_name_in_order(fake_daemon: FakeDaemon) -> None:
    frames, result, run = make(10, 20, 30)
    assert run_to_end(run.task()) == [(NAMES[0], 245), (NAMES[1], 235), (NAMES[2], 225)]
    assert frames.read_so_far == [0, 1, 2] and frames.closed and result.closed
    run.wait_for_daemon(5)
    assert all(one["deleted"] for one in fake_daemon.sequences.values())


def test_a_held_frame_is_painted_once_and_is_a_layer_too(fake_daemon: FakeDaemon) -> None:
    _, result, run = make(10, 10, 30)
    run_to_end(run.task())
    assert [level for _, level in result.layers] == [245, 245, 225]
    assert len(fake_daemon.jobs) == 2


def test_one_progress_counts_all_frames(fake_daemon: FakeDaemon) -> None:
    view = Watching(lambda *_: None)
    run_to_end(make(10, 20, 30, view=view)[2].task())
    assert view.texts[0] == "Starting the daemon…"
    assert any(text.startswith("Frame 3 of 3 · Iteration 30 of 30") for text in view.texts)
    known = [fraction for fraction in view.fractions if fraction is not None]
    assert known == sorted(known) and known[-1] == 1


def test_cancel_keeps_what_is_done(fake_daemon: FakeDaemon) -> None:
    def cancel(view: Watching, progress: FilmProgress) -> None:
        view.cancelled = (progress.fraction() or 0) > 0.35

    fake_daemon.behave(step_s=0.05)
    frames, result, run = make(10, 20, 30, view=Watching(cancel))
    assert run_to_end(run.task()) == [(NAMES[0], 245)]
    assert frames.closed and result.closed
    run.wait_for_daemon(5)
    assert all(one["deleted"] for one in fake_daemon.sequences.values())


def test_cancelled_before_the_first_frame_nothing_is_made(fake_daemon: FakeDaemon) -> None:
    def cancel(view: Watching, _: FilmProgress) -> None:
        view.cancelled = True

    frames, result, run = make(10, 20, view=Watching(cancel))
    with pytest.raises(Cancelled):
        run_to_end(run.task())
    assert not result.layers and frames.closed


def test_a_frame_that_fails_is_named(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(fail={"detail": "It broke", "hint": "Try less"})
    frames, result, run = make(10, 20, 30)
    with pytest.raises(PainterError, match=r"^Frame 1: It broke\. Try less\.$"):
        run_to_end(run.task())
    assert frames.closed and result.closed


def test_a_new_image_that_is_closed_ends_it(fake_daemon: FakeDaemon) -> None:
    _, _, run = make(10, 20, 30, result=Result(closed_after=1))
    with pytest.raises(PainterError, match=r"new image was closed.* 1 of 3 frames are painted"):
        run_to_end(run.task())
    run.wait_for_daemon(5)
    assert all(one["deleted"] for one in fake_daemon.sequences.values())


def test_a_style_that_is_not_there_is_said(fake_daemon: FakeDaemon) -> None:
    frames, result = Frames(10), Result()
    run = FilmRun(frames, result, Parameters(preset="ink-wosh"), connect)
    with pytest.raises(PainterError, match="Did you mean “ink-wash”"):
        run_to_end(run.task())
    assert frames.closed


def test_nothing_is_inserted_in_the_middle_of_a_stroke(fake_daemon: FakeDaemon) -> None:
    looks: list[bool] = []

    class Drawing(Watching):
        def is_pressed(self) -> bool:
            looks.append(result.closed)
            return len(looks) < 5

    _, result, run = make(10, view=Drawing(lambda view, progress: None))
    run_to_end(run.task())
    assert looks == [False] * 5 and result.closed


def test_pause_holds_the_frame_that_is_painted(fake_daemon: FakeDaemon) -> None:
    paused_at: list[float] = []

    def pause(view: Watching, progress: FilmProgress) -> None:
        if (progress.fraction() or 0) > 0.1 and not paused_at:
            view.paused = True
            paused_at.append(time.monotonic())
        elif progress.text() == "Paused. Resume to go on.":
            view.paused = False

    fake_daemon.behave(step_s=0.1, frames=20)
    view = Watching(pause)
    _, result, run = make(10, 20, view=view)
    run_to_end(run.task())
    assert "Paused. Resume to go on." in view.texts
    assert len(result.layers) == 2


def test_a_pause_that_the_daemon_does_not_hear_is_said_and_the_film_goes_on(
    fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    class Told(Watching):
        def tell(self, text: str) -> None:
            told.append(text)
            assert not self.paused

    def lost(*_: object) -> None:
        raise DaemonGone("The daemon does not answer at http://127.0.0.1:1 (refused).")

    def pause(view: Watching, progress: FilmProgress) -> None:
        view.paused = view.paused or (not told and (progress.fraction() or 0) > 0.1)

    monkeypatch.setattr(Client, "pause", lost)
    fake_daemon.behave(step_s=0.1, frames=20)
    _, result, run = make(10, view=Told(pause))
    run_to_end(run.task())
    assert told[0].startswith("The daemon does not answer") and len(result.layers) == 1
