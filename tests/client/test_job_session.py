"""One job's life with the daemon, against one that paints nothing, over real HTTP."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.client.fake_daemon import FakeDaemon
from tests.waiting import wait_for

from neural_style_client import Client, DaemonGone, Event, Pixels, connect
from neural_style_client.errors import DaemonError, PainterError
from neural_style_client.job_session import JobRequest, JobSession, going_on
from neural_style_client.regions import MarkedRegion, Region

RED = Pixels(2, 1, "RGBA8", bytes([255, 0, 0, 255] * 2))
CYAN = bytes([0, 255, 255, 255] * 2)
LONG = {"method": {"iterations": 20000}}


class Listener:
    """Hears what a session says, and takes every frame at once unless told otherwise."""

    def __init__(self, takes: bool = True, find: Callable[[], Client] = connect, **options: Any) -> None:
        self.said: list[tuple[str, Any]] = []
        self.takes = takes
        self._queue: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.session = JobSession(find, self.hear, **options)

    def hear(self, name: str, value: Any) -> None:
        self.said.append((name, value))
        self._queue.put((name, value))
        if name == "frame" and self.takes:
            self.session.taken()

    def until(self, wanted: str) -> Any:
        while True:
            name, value = self._queue.get(timeout=10)
            if name == wanted:
                return value
            assert name != "failed", value

    def all(self, name: str) -> list[Any]:
        return [value for said, value in self.said if said == name]

    def send(self, mask: Pixels | None = None, init: Pixels | None = None, **body: Any) -> Listener:
        wanted = {"preset": "ink-wash", "on_disconnect": "cancel", **body}
        self.session.send(lambda: JobRequest(wanted, RED, mask, init))
        return self


def test_a_picture_is_painted(fake_daemon: FakeDaemon) -> None:
    listener = Listener().send()
    assert listener.until("ended") == "done"
    assert listener.all("state") == ["starting", "sending", "running"]
    assert listener.all("submitted")[0]["id"] == "job0" and listener.all("progress")
    result = listener.all("frame")[-1]
    assert (result.final, result.kept, result.iteration, result.pixels.data) == (True, False, 30, CYAN)
    assert fake_daemon.jobs["job0"].body["on_disconnect"] == "cancel"


@pytest.mark.parametrize(("warm", "told"), [(False, "warming"), (True, "queued")])
def test_why_a_job_waits_is_told(fake_daemon: FakeDaemon, warm: bool, told: str) -> None:
    fake_daemon.behave(queued=True, warm=warm)
    listener = Listener().send()
    listener.until("ended")
    assert listener.all("state") == ["starting", "sending", told, "running"]


def test_a_mask_and_a_picture_to_start_from_go_out_too(fake_daemon: FakeDaemon) -> None:
    mask, init = Pixels(2, 1, "RGBA8", bytes([0, 0, 0, 255] + [255] * 4)), RED._replace(data=bytes([9, 9, 9, 255] * 2))
    listener = Listener().send(mask, init)
    listener.until("ended")
    assert listener.all("frame")[-1].pixels.data == bytes([255, 0, 0, 255, 0, 255, 255, 255])
    assert fake_daemon.images[fake_daemon.jobs["job0"].body["init"]][3] == init.data


def test_regions_go_out_with_their_masks(fake_daemon: FakeDaemon) -> None:
    listener, marked = Listener(), [MarkedRegion(Region("sky", "mosaic"), bytes([255, 0]))]
    body = {"preset": "ink-wash", "blend": [{"preset": "night-swirl", "weight": 2.0}]}
    listener.session.send(lambda: JobRequest(body, RED, marked=marked))
    listener.until("ended")
    sent = fake_daemon.jobs["job0"].body
    assert [one["preset"] for one in sent["regions"]] == ["mosaic", "ink-wash"] and "blend" not in sent
    assert sent["regions"][1]["blend"] == body["blend"]
    masks = [fake_daemon.images[one["mask"]][3] for one in sent["regions"]]
    assert masks == [bytes([255] * 4 + [0, 0, 0, 255]), bytes([0, 0, 0, 255] + [255] * 4)]


def test_pixels_are_converted_on_the_sessions_thread(fake_daemon: FakeDaemon) -> None:
    listener = Listener(convert=lambda pixels: len(pixels.data)).send()
    listener.until("ended")
    assert listener.all("frame")[-1].pixels == 8


def test_frames_are_left_out_while_the_canvas_is_busy(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=8)
    listener = Listener(takes=False).send()
    listener.until("frame")
    wait_for(lambda: fake_daemon.jobs["job0"].state == "done")
    assert len(listener.all("frame")) == 1
    listener.takes = True
    listener.session.taken()
    listener.until("ended")
    assert listener.all("frame")[-1].iteration == fake_daemon.jobs["job0"].iterations


def test_without_a_window_no_live_frames_are_fetched(fake_daemon: FakeDaemon) -> None:
    listener = Listener(live=False).send()
    listener.until("ended")
    assert [frame.final for frame in listener.all("frame")] == [True]


@pytest.mark.parametrize("live", [True, False])
def test_frames_that_are_to_be_kept_are_never_left_out(fake_daemon: FakeDaemon, live: bool) -> None:
    listener = Listener(live=live).send(frames={"at": [2, 3, 5]}, method={"iterations": 6})
    listener.until("ended")
    assert [(frame.iteration, frame.kept) for frame in listener.all("frame")] == [
        (2, True), (3, True), (5, True), (6, False)
    ]  # fmt: skip


def test_between_kept_frames_the_picture_is_shown_as_it_is(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(step_s=0.005)
    listener = Listener().send(frames={"at": [3, 20], "seconds": 2.0}, method={"iterations": 21})
    listener.until("ended")
    shown = [frame.iteration for frame in listener.all("frame")]
    assert {3, 20, 21} < set(shown), shown


def failure_of(listener: Listener) -> str:
    wait_for(lambda: bool(listener.all("failed")))
    return str(listener.all("failed")[0])


def test_more_frames_to_keep_than_layers_make_sense_end_the_job_in_words(fake_daemon: FakeDaemon) -> None:
    listener = Listener().send(frames={"every": 1}, method={"iterations": 1000})
    assert "would make 999 layers" in failure_of(listener) and not listener.all("submitted")


def test_what_cannot_be_sent_asks_nothing_of_the_daemon(fake_daemon: FakeDaemon) -> None:
    def prepare() -> JobRequest:
        raise PainterError("The layer is empty.")

    listener = Listener()
    listener.session.send(prepare)
    assert failure_of(listener) == "The layer is empty."
    assert fake_daemon.exchanges == []


def test_an_unknown_preset_is_told_and_sends_nothing(fake_daemon: FakeDaemon) -> None:
    assert "no preset named “ink-wish”. Did you mean “ink-wash”?" in failure_of(Listener().send(preset="ink-wish"))
    blend = [{"preset": "mosaik", "weight": 1.0}]
    assert "no preset named “mosaik”. Did you mean “mosaic”?" in failure_of(Listener().send(blend=blend))
    gone, listener = MarkedRegion(Region("sky", "mosaik"), b"\xff\xff"), Listener()
    listener.session.send(lambda: JobRequest({"preset": "ink-wash"}, RED, marked=[gone]))
    assert "no preset named “mosaik”" in failure_of(listener)
    assert not fake_daemon.images and not fake_daemon.jobs


def test_a_job_that_fails_is_told(fake_daemon: FakeDaemon) -> None:
    problem = {"code": "out_of_memory", "detail": "The picture is too large", "hint": "Choose size 512."}
    fake_daemon.behave(fail=problem)
    assert failure_of(Listener().send()) == "The picture is too large. Choose size 512."


def test_what_the_daemon_refuses_is_told_in_its_own_words(fake_daemon: FakeDaemon) -> None:
    listener = Listener()
    listener.session.follow("nothing", 0, lambda client: client.job("nothing"))
    assert failure_of(listener).startswith("Nothing is here.")


def test_a_daemon_that_cannot_be_had_is_told() -> None:
    def nobody() -> Client:
        raise DaemonGone("The daemon did not start. Run 'neural-style doctor'.")

    assert failure_of(Listener(find=nobody).send()) == "The daemon did not start. Run 'neural-style doctor'."


def test_a_daemon_that_goes_away_is_told_in_words(fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Iterator[Event]:
        raise DaemonGone("The connection to the daemon was lost; the job can be looked up again later.")
        yield

    monkeypatch.setattr(Client, "events", broken)
    assert "connection to the daemon was lost" in failure_of(Listener().send())


def test_stopping_returns_at_once_cancels_the_job_and_says_nothing_more(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    listener = Listener().send(**LONG)
    listener.until("frame")
    began = time.monotonic()
    listener.session.stop()
    assert time.monotonic() - began < 0.05
    said = len(listener.said)
    listener.session.join(5)
    assert time.monotonic() - began < 0.5
    assert fake_daemon.jobs["job0"].state == "cancelled" and len(listener.said) <= said + 1


def test_stopping_before_the_job_is_known_cancels_it_too(fake_daemon: FakeDaemon) -> None:
    listener = Listener().send(**LONG)
    listener.session.stop()
    listener.session.join(5)
    assert all(job.state == "cancelled" for job in fake_daemon.jobs.values())


def test_stop_and_keep_ends_the_job_as_done(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(step_s=0.01)
    listener = Listener().send(**LONG)
    listener.until("frame")
    listener.session.stop(keep=True)
    wait_for(lambda: fake_daemon.jobs["job0"].state == "done", 2)


def test_stopping_here_waits_for_a_slow_iteration_and_keeps_its_picture(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=100, step_s=0.5)
    listener = Listener().send(**LONG)
    listener.until("frame")
    listener.session.finish()
    assert listener.until("ended") == "done"
    assert listener.all("frame")[-1].final


def test_a_job_can_be_followed_for_more_iterations(fake_daemon: FakeDaemon) -> None:
    first = Listener().send()
    first.until("ended")
    more = Listener()
    more.session.follow("job0", first.session.last_event, going_on("job0", 10))
    assert more.until("ended") == "done"
    assert more.all("frame")[-1].iteration == 40
    back = Listener()
    back.session.follow("job0", 0, going_on("job0", 0))
    assert back.until("ended") == "done" and back.all("frame")[-1].iteration == 40


def test_a_job_that_the_daemon_has_forgotten_is_told_with_what_to_do(fake_daemon: FakeDaemon) -> None:
    for iterations in (0, 10):
        listener = Listener()
        listener.session.follow("nothing", 3, going_on("nothing", iterations))
        assert "Use its settings again to paint it anew" in failure_of(listener)


def test_a_job_is_held_and_goes_on(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    listener = Listener().send(**LONG)
    listener.until("frame")
    listener.session.pause()
    wait_for(lambda: "paused" in listener.all("state"), 5)
    listener.session.resume()
    wait_for(lambda: listener.all("state")[-1] == "running", 5)
    listener.session.stop()
    listener.session.join(5)


@pytest.mark.parametrize("order", ["pause", "resume", "finish"])
def test_an_order_that_the_daemon_does_not_hear_is_told(
    fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    listener = Listener().send(**LONG)
    listener.until("progress")

    def lost(*_: object) -> None:
        raise DaemonGone("The daemon does not answer at http://127.0.0.1:1 (refused).")

    monkeypatch.setattr(Client, order, lost)
    getattr(listener.session, order)()
    told = listener.until("notice")
    assert told.startswith("The daemon does not answer") and "neural-style doctor" in told
    listener.session.stop()
    listener.session.join(5)


def test_an_order_that_comes_after_the_end_is_no_news(fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    listener = Listener().send()
    listener.until("ended")

    def refuse(*_: object) -> None:
        raise DaemonError(409, {"code": "conflict", "detail": "The job is done."})

    monkeypatch.setattr(Client, "pause", refuse)
    listener.session.pause()
    listener.session.join(5)
    assert listener.all("notice") == []
