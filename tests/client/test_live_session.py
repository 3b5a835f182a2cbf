"""A live job's life with the daemon, against one that paints nothing, over real HTTP."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from tests.client.exchanges import check_exchanges
from tests.client.fake_daemon import FakeDaemon
from tests.waiting import wait_for

from neural_style_client import Client, DaemonError, DaemonGone, Pixels, connect
from neural_style_client.live_body import live_body
from neural_style_client.live_session import GONE, UP_TO_DATE, WAITING, WORKING, LiveFrame, LiveSession, State
from neural_style_client.parameters import Parameters

SIDE = 8
GREY = Pixels(SIDE, SIDE, "RGBA8", bytes([90, 90, 90, 255]) * SIDE**2)
BODY = live_body(Parameters(preset="ink-wash", size=2048, keep="every 5"), "krita-1", 256)


def stroke(x: int, y: int, pixels: Pixels = GREY) -> Pixels:
    data = bytearray(pixels.data)
    data[4 * (y * SIDE + x) : 4 * (y * SIDE + x) + 3] = b"\xff\0\0"
    return pixels._replace(data=bytes(data))


class Listener:
    """Hears what a session says, and takes every frame at once unless told otherwise."""

    made: ClassVar[list[Listener]] = []

    def __init__(self, takes: bool = True, find: Callable[[], Client] = connect) -> None:
        self.said: list[tuple[str, Any]] = []
        self.takes = takes
        self._queue: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.session = LiveSession(find, self.hear)
        self.made.append(self)

    def hear(self, name: str, value: Any) -> None:
        self.said.append((name, value))
        self._queue.put((name, value))
        if name == "frame" and self.takes:
            self.session.taken()

    def until(self, word: str) -> State:
        while True:
            name, value = self._queue.get(timeout=10)
            if name == "state" and value.word == word:
                return State(*value)

    def all(self, name: str) -> list[Any]:
        return [value for said, value in self.said if said == name]

    def begun(self, **fields: Any) -> Listener:
        self.session.start(GREY, {**BODY, **fields})
        self.until(UP_TO_DATE)
        return self

    def end(self) -> None:
        self.session.stop()
        self.session.join(10)


@pytest.fixture(autouse=True)
def _no_session_is_left(fake_daemon: FakeDaemon) -> Iterator[None]:
    yield
    while Listener.made:
        Listener.made.pop().end()


def last_frame(listener: Listener) -> LiveFrame:
    return LiveFrame(*listener.all("frame")[-1])


def test_what_is_asked_for_is_a_preview_without_kept_frames() -> None:
    assert BODY["size"] == 256 and BODY["live"] and "frames" not in BODY
    assert BODY["on_disconnect"] == "cancel"


def test_a_picture_that_settles_is_up_to_date_after_its_last_frame(fake_daemon: FakeDaemon) -> None:
    listener = Listener().begun()
    assert listener.said[-1] == ("state", State(UP_TO_DATE))
    frame = last_frame(listener)
    assert frame.revision == 0 and frame.pixels.data[:4] == bytes([165, 165, 165, 255])
    listener.end()
    assert fake_daemon.jobs["job0"].state == "cancelled"
    assert [state.word for state in listener.all("state")] == [WORKING, UP_TO_DATE]


def test_a_stroke_goes_out_as_the_part_that_it_changed(fake_daemon: FakeDaemon) -> None:
    listener = Listener().begun()
    listener.session.change(content=stroke(2, 3))
    listener.until(UP_TO_DATE)
    assert fake_daemon.uploads == [(SIDE, SIDE), (1, 1)]
    assert last_frame(listener).revision == 1
    assert last_frame(listener).pixels.data[4 * (3 * SIDE + 2) :][:3] == b"\0\xff\xff"


def test_where_most_has_changed_the_whole_is_sent(fake_daemon: FakeDaemon) -> None:
    listener = Listener().begun()
    listener.session.change(content=stroke(0, 0, stroke(7, 7)))
    listener.until(UP_TO_DATE)
    assert fake_daemon.uploads == [(SIDE, SIDE), (SIDE, SIDE)]


def test_a_picture_that_is_as_it_was_is_not_sent(fake_daemon: FakeDaemon) -> None:
    listener = Listener().begun()
    listener.session.change(content=stroke(1, 1))
    listener.until(UP_TO_DATE)
    listener.session.change(content=stroke(1, 1), mask=None)
    listener.until(UP_TO_DATE)
    assert fake_daemon.jobs["job0"].revision == 1


def test_a_preset_that_was_saved_anew_is_named_again(fake_daemon: FakeDaemon) -> None:
    listener = Listener().begun()
    listener.session.change(preset="ink-wash")
    listener.until(UP_TO_DATE)
    assert fake_daemon.jobs["job0"].revision == 1


def test_of_many_changes_those_that_were_not_sent_are_dropped(
    fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener().begun()
    ask = Client.change

    def change_while_the_painter_goes_on(client: Client, job: str, changes: dict[str, Any]) -> dict[str, Any]:
        if fake_daemon.jobs["job0"].revision == 0:
            for x in range(7):
                listener.session.change(content=stroke(x, 0), controls={"strength": x})
        return ask(client, job, changes)

    monkeypatch.setattr(Client, "change", change_while_the_painter_goes_on)
    listener.session.change(preset="mosaic")
    listener.until(UP_TO_DATE)
    body, revision = fake_daemon.jobs["job0"].body, fake_daemon.jobs["job0"].revision
    assert revision == 2 and body["preset"] == "mosaic" and body["controls"] == {"strength": 6}
    assert fake_daemon.images[body["content"]][3] == stroke(6, 0).data


def test_a_mask_comes_and_goes(fake_daemon: FakeDaemon) -> None:
    mask = GREY._replace(data=bytes([0, 0, 0, 255]) * SIDE**2)
    listener = Listener().begun()
    listener.session.change(mask=mask)
    listener.until(UP_TO_DATE)
    assert last_frame(listener).pixels.data == GREY.data
    listener.session.change(mask=None)
    listener.until(UP_TO_DATE)
    assert last_frame(listener).pixels.data != GREY.data


def test_while_the_canvas_is_busy_only_the_latest_frame_waits(fake_daemon: FakeDaemon) -> None:
    listener = Listener(takes=False)
    listener.session.start(GREY, BODY)
    wait_for(lambda: bool(listener.all("frame")))
    for x in range(3):
        listener.session.change(content=stroke(x, 0))
        wait_for(lambda x=x: fake_daemon.jobs["job0"].revision == x + 1 and fake_daemon.jobs["job0"].resting)
    wait_for(lambda: (listener.session._work.frame or {}).get("revision") == 3, what="the last frame's event")
    assert len(listener.all("frame")) == 1 and listener.all("state")[-1].word == WORKING
    listener.takes = True
    listener.session.taken()
    wait_for(lambda: len(listener.all("frame")) == 2)
    assert [frame.revision for frame in listener.all("frame")] == [0, 3]


def test_no_frame_is_shown_twice(fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers: list[Any] = []
    fetch = Client.frame

    def fetched(client: Client, job: str, number: int) -> Pixels:
        numbers.append(number)
        return fetch(client, job, number)

    monkeypatch.setattr(Client, "frame", fetched)
    listener = Listener().begun()
    for x in range(4):
        listener.session.change(content=stroke(x, 0))
        listener.until(UP_TO_DATE)
    assert numbers == sorted(set(numbers))


def test_it_says_that_the_network_is_being_loaded(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(queued=True, warm=False)
    assert Listener().begun().all("state")[1].why.startswith("Warming up")


def test_it_says_that_another_picture_is_painted_first(fake_daemon: FakeDaemon) -> None:
    client = connect()
    image = client.upload(GREY.data, SIDE, SIDE)["id"]
    client.submit({"content": image, "preset": "mosaic", "method": {"iterations": 20000}})
    fake_daemon.behave(queued=True, queued_s=0.1)
    assert Listener().begun().all("state")[1] == State(WAITING, "Another picture is being painted first.")
    client.cancel("job0")


def test_a_job_that_is_queued_for_a_moment_does_not_wait(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(queued=True)
    assert [state.word for state in Listener().begun().all("state")] == [WORKING, UP_TO_DATE]


def test_a_change_that_is_refused_is_told_and_the_next_is_taken(fake_daemon: FakeDaemon) -> None:
    listener = Listener().begun()
    listener.session.change(preset="ink-wish")
    assert listener.until(WAITING).why == "There is no such preset. Choose another."
    listener.session.change(preset="mosaic")
    listener.until(UP_TO_DATE)
    assert fake_daemon.jobs["job0"].body["preset"] == "mosaic"


def test_a_daemon_without_room_is_asked_again(fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neural_style_client.live_session.RETRY_S", 0.01)
    refusals = [DaemonError(429, {"detail": "Too much at once", "hint": "Wait."})]
    ask = Client.change

    def change(client: Client, job: str, changes: dict[str, Any]) -> dict[str, Any]:
        if refusals:
            raise refusals.pop()
        return ask(client, job, changes)

    monkeypatch.setattr(Client, "change", change)
    listener = Listener().begun()
    listener.session.change(content=stroke(2, 2))
    assert listener.until(WAITING).why == "Too much at once. Wait."
    listener.until(UP_TO_DATE)
    assert fake_daemon.jobs["job0"].revision == 1


def test_an_image_that_the_daemon_has_no_more_is_sent_whole(fake_daemon: FakeDaemon) -> None:
    listener = Listener().begun()
    fake_daemon.images.clear()
    listener.session.change(content=stroke(4, 4))
    listener.until(UP_TO_DATE)
    assert fake_daemon.uploads == [(SIDE, SIDE), (1, 1), (SIDE, SIDE)]


def test_after_the_daemon_was_lost_a_new_job_begins_with_all_that_is_known(fake_daemon: FakeDaemon) -> None:
    listener = Listener().begun()
    listener.session.change(preset="mosaic")
    listener.until(UP_TO_DATE)
    fake_daemon.server.shutdown()
    fake_daemon.server.server_close()
    with FakeDaemon(fake_daemon.home) as other:
        listener.session.change(content=stroke(1, 2))
        wait_for(lambda: "Live has begun anew" in "".join(listener.all("notice")))
        listener.until(UP_TO_DATE)
        body = other.jobs[listener.session.job].body
        assert body["preset"] == "mosaic" and other.images[body["content"]][3] == stroke(1, 2).data
        assert last_frame(listener).pixels.data[4 * (2 * SIDE + 1) :][:3] == b"\0\xff\xff"
        fake_daemon.jobs["job0"].become("cancelled")
        listener.end()
        check_exchanges(other.exchanges)


def test_a_job_that_the_daemon_forgot_is_begun_anew(fake_daemon: FakeDaemon) -> None:
    listener = Listener().begun()
    fake_daemon.jobs["job9"] = fake_daemon.jobs.pop("job0")
    listener.session.change(content=stroke(3, 3))
    wait_for(lambda: bool(listener.all("notice")))
    listener.until(UP_TO_DATE)
    assert listener.session.job != "job0" and last_frame(listener).pixels.data[4 * 27 :][:3] == b"\0\xff\xff"
    listener.end()
    fake_daemon.jobs["job9"].become("cancelled")


def test_a_daemon_that_cannot_be_had_is_told() -> None:
    def nobody() -> Client:
        raise DaemonGone("The daemon did not start. Run 'neural-style doctor'.")

    listener = Listener(find=nobody)
    listener.session.start(GREY, BODY)
    assert listener.until(GONE).why == "The daemon did not start. Run 'neural-style doctor'."
    listener.session.join(10)


def test_a_job_that_takes_the_daemon_with_it_is_not_begun_over_and_over(
    fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise DaemonGone("The connection was lost; run 'neural-style doctor'.")

    monkeypatch.setattr(Client, "events", broken)
    listener = Listener()
    listener.session.start(GREY, BODY)
    assert "connection was lost" in listener.until(GONE).why
    listener.session.join(10)
    assert list(fake_daemon.jobs) == ["job0"] and fake_daemon.jobs["job0"].state == "cancelled"


def test_what_the_daemon_refuses_at_first_is_told_in_its_own_words(
    fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise DaemonError(400, {"detail": "The layer is fully transparent", "hint": "Choose another layer."})

    monkeypatch.setattr(Client, "submit", refuse)
    listener = Listener()
    listener.session.start(GREY, BODY)
    assert listener.until(GONE).why == "The layer is fully transparent. Choose another layer."
    listener.session.join(10)


def test_a_job_that_fails_is_told(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(fail={"code": "diverged", "detail": "It diverged", "hint": "Choose a smaller weight."})
    listener = Listener().begun()
    listener.session.change(content=stroke(0, 0))
    assert listener.until(GONE).why == "It diverged. Choose a smaller weight."
    listener.session.join(10)


def test_a_job_that_somebody_else_ends_is_told(fake_daemon: FakeDaemon) -> None:
    listener = Listener().begun()
    connect().cancel("job0")
    assert "ended elsewhere" in listener.until(GONE).why
    listener.session.join(10)


def test_stopped_in_the_middle_it_says_nothing_more(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.01)
    listener = Listener()
    listener.session.start(GREY, BODY)
    wait_for(lambda: bool(listener.all("frame")))
    listener.end()
    said = len(listener.said)
    wait_for(lambda: fake_daemon.jobs["job0"].state == "cancelled")
    assert len(listener.said) == said and listener.all("state")[-1].word == WORKING


def test_stopped_before_the_job_is_known_none_is_left(fake_daemon: FakeDaemon) -> None:
    listener = Listener()
    listener.session.start(GREY, BODY)
    listener.end()
    assert all(job.state == "cancelled" for job in fake_daemon.jobs.values())


def test_stop_and_keep_lets_it_end_with_its_picture(fake_daemon: FakeDaemon) -> None:
    listener = Listener().begun()
    listener.session.stop(keep=True)
    wait_for(lambda: fake_daemon.jobs["job0"].state == "done")
    listener.session.join(10)
