"""A layer that a live job follows, with records for layers and a daemon that paints nothing, over real HTTP."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.client.fake_daemon import FakeDaemon

from neural_style_client import Pixels, connect
from neural_style_client.errors import PainterError
from neural_style_client.live_session import GONE, UP_TO_DATE, WAITING, WORKING, State
from neural_style_client.parameters import Parameters
from run.follower import Detail, Follower, Look

SIDE = 16
PRESET = {"name": "ink-wash", "controls": {"brush_size": 100}}
CHOSEN = Parameters(preset="ink-wash")


def grey(level: int, side: int = SIDE) -> Look:
    return Look(Pixels(side, side, "RGBA8", bytes([level, level, level, 255]) * side**2))


class Editor:
    """Its layer looks as `shown` says, or cannot be followed."""

    def __init__(self) -> None:
        self.shown: Look | str = grey(90)
        self.details: list[Detail] = []

    def look(self, image: Any, layer: Any, detail: Detail, side: int) -> Look:
        self.details.append(detail)
        if isinstance(self.shown, str):
            raise PainterError(self.shown)
        return self.shown


class Screen:
    """The view and the main loop of one follower."""

    def __init__(self, editor: Editor) -> None:
        self.states: list[State] = []
        self.contents: list[Pixels] = []
        self.frames: list[Pixels] = []
        self.notices: list[str] = []
        self._calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self.follower = Follower(editor, None, None, connect, self.soon, self, "gimp-1")

    def soon(self, call: Callable[..., None], *values: Any) -> None:
        self._calls.put(lambda: call(*values))

    def show_content(self, pixels: Pixels) -> None:
        self.contents.append(pixels)

    def show_frame(self, pixels: Pixels) -> None:
        self.frames.append(pixels)
        self.follower.taken()

    def show_state(self, state: State) -> None:
        self.states.append(state)

    def show_notice(self, text: str) -> None:
        self.notices.append(text)

    def until(self, happened: Callable[[], Any]) -> None:
        end = time.monotonic() + 10
        while not happened():
            assert time.monotonic() < end, (self.states, len(self.frames))
            try:
                self._calls.get(timeout=0.05)()
            except queue.Empty:
                continue

    def until_shown(self, level: int) -> None:
        """The fake daemon turns colours round."""
        self.until(lambda: self.frames and self.frames[-1].data[0] == 255 - level)
        self.until(lambda: self.states[-1].word == UP_TO_DATE)


@pytest.fixture
def editor() -> Editor:
    return Editor()


@pytest.fixture
def screen(editor: Editor, fake_daemon: FakeDaemon) -> Iterator[Screen]:
    made = Screen(editor)
    yield made
    made.follower.stop()
    made.follower.join(5)


def begun(screen: Screen, chosen: Parameters = CHOSEN) -> Follower:
    screen.follower.want(chosen, PRESET)
    screen.follower.begin(SIDE)
    return screen.follower


def living(fake_daemon: FakeDaemon) -> list[Any]:
    return [job for job in fake_daemon.jobs.values() if job.state not in ("done", "cancelled", "failed")]


def until_none_lives(fake_daemon: FakeDaemon) -> None:
    end = time.monotonic() + 10
    while living(fake_daemon):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_nothing_is_read_or_sent_before_it_is_begun(screen: Screen, editor: Editor, fake_daemon: FakeDaemon) -> None:
    screen.follower.want(CHOSEN, PRESET)
    screen.follower.look()
    assert not editor.details and not fake_daemon.jobs


def test_the_layer_is_painted_small_by_a_live_job(screen: Screen, fake_daemon: FakeDaemon) -> None:
    begun(screen)
    screen.until_shown(90)
    (job,) = fake_daemon.jobs.values()
    assert job.body["live"] and job.body["size"] == SIDE and job.body["on_disconnect"] == "cancel"
    assert screen.contents == [grey(90).content]
    assert screen.follower.picture == screen.frames[-1]
    assert screen.states[0].word == WORKING


def test_a_layer_that_did_not_change_is_not_sent_again(screen: Screen, fake_daemon: FakeDaemon) -> None:
    follower = begun(screen)
    screen.until_shown(90)
    for _ in range(5):
        follower.look()
    assert len(fake_daemon.uploads) == 1 and len(screen.contents) == 1


def test_a_stroke_changes_the_same_job(screen: Screen, editor: Editor, fake_daemon: FakeDaemon) -> None:
    follower = begun(screen)
    screen.until_shown(90)
    editor.shown = grey(40)
    follower.look()
    screen.until_shown(40)
    (job,) = fake_daemon.jobs.values()
    assert job.revision == 1


def test_a_slider_changes_the_same_job(screen: Screen, fake_daemon: FakeDaemon) -> None:
    follower = begun(screen)
    screen.until_shown(90)
    follower.want(CHOSEN.changed(controls={"strength": 80}), PRESET)
    (job,) = fake_daemon.jobs.values()
    screen.until(lambda: job.revision == 1)
    assert job.body["controls"] == {"strength": 80}
    follower.want(CHOSEN.changed(controls={"strength": 80}), PRESET)
    screen.until(lambda: screen.states[-1].word == UP_TO_DATE)
    assert job.revision == 1


def test_strokes_of_a_detail_are_as_broad_as_in_the_whole(screen: Screen, fake_daemon: FakeDaemon) -> None:
    follower = begun(screen)
    screen.until_shown(90)
    follower.zoom(Detail(zoom=2))
    screen.until(lambda: len(fake_daemon.jobs) == 2)
    first, second = fake_daemon.jobs.values()
    assert first.body["controls"] == {} and second.body["controls"] == {"brush_size": 200}
    screen.until(lambda: screen.states[-1].word == UP_TO_DATE)
    assert follower.picture is None  # there is none of the whole layer
    follower.zoom(Detail(zoom=4))
    screen.until(lambda: len(fake_daemon.jobs) == 3)
    follower.want(CHOSEN.changed(controls={"brush_size": 300}), PRESET)
    screen.until(lambda: fake_daemon.jobs["job2"].body["controls"] == {"brush_size": 400})


def test_a_layer_of_another_size_is_another_job(screen: Screen, editor: Editor, fake_daemon: FakeDaemon) -> None:
    follower = begun(screen)
    screen.until_shown(90)
    editor.shown = grey(90, side=12)
    follower.look()
    screen.until(lambda: screen.frames[-1].width == 12)
    screen.until(lambda: fake_daemon.jobs["job0"].state == "cancelled")


def test_a_layer_that_is_gone_leaves_no_job_and_begins_again_when_it_is_back(
    screen: Screen, editor: Editor, fake_daemon: FakeDaemon
) -> None:
    follower = begun(screen)
    screen.until_shown(90)
    editor.shown = "The layer was deleted."
    follower.look()
    follower.look()
    assert screen.states[-1] == State(WAITING, "The layer was deleted.")
    until_none_lives(fake_daemon)
    editor.shown = grey(90)
    follower.look()
    screen.until_shown(90)
    assert len(fake_daemon.jobs) == 2


def test_an_empty_layer_is_waited_for(screen: Screen, editor: Editor, fake_daemon: FakeDaemon) -> None:
    editor.shown = grey(0)._replace(is_empty=True)
    follower = begun(screen)
    assert screen.states[-1].word == WAITING and "empty" in screen.states[-1].why
    assert not fake_daemon.jobs and screen.contents
    editor.shown = grey(50)
    follower.look()
    screen.until_shown(50)


def test_a_refused_style_is_said_and_another_begins_anew(screen: Screen, fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(fail={"detail": "It broke", "hint": "Try less"})
    follower = begun(screen)
    screen.until_shown(90)
    follower.want(CHOSEN.changed(controls={"strength": 1}), PRESET)
    screen.until(lambda: screen.states[-1].word == GONE)
    assert "It broke. Try less." in screen.states[-1].why
    follower.look()
    assert len(fake_daemon.jobs) == 1  # not over and over
    fake_daemon.behave(fail=None)
    follower.want(CHOSEN, PRESET)
    screen.until_shown(90)
    assert len(fake_daemon.jobs) == 2


def test_a_stopped_follower_leaves_no_job_and_says_nothing(screen: Screen, fake_daemon: FakeDaemon) -> None:
    follower = begun(screen)
    screen.until_shown(90)
    follower.stop()
    follower.join(5)
    until_none_lives(fake_daemon)
    assert follower.picture is None


@pytest.mark.parametrize(
    ("detail", "box"),
    [
        (Detail(), (0, 0, 100, 50)),
        (Detail(2), (25, 12, 50, 25)),
        (Detail(2, 0.0, 1.0), (0, 25, 50, 25)),
        (Detail(4, 1.0, 0.0), (75, 0, 25, 12)),
        (Detail(1, 0.0, 1.0), (0, 0, 100, 50)),
    ],
)
def test_a_detail_lies_within_the_layer(detail: Detail, box: tuple[int, ...]) -> None:
    assert detail.box(100, 50) == box


def test_a_detail_of_a_single_pixel_is_that_pixel() -> None:
    assert Detail(4).box(1, 3) == (0, 1, 1, 1)


def test_a_detail_moves_in_its_own_widths_and_stops_at_the_edge() -> None:
    assert Detail(2).moved(0.25, 0) == Detail(2, 0.625, 0.5)
    assert Detail(2).moved(9, -9) == Detail(2, 0.75, 0.25)
    assert Detail(1).moved(1, 1) == Detail(1)
