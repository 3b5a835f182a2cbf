"""The threads that talk to the daemon, against one that paints nothing."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.krita.fake_daemon import FakeDaemon

from neural_style import client as daemon
from neural_style import network
from neural_style.correspondence import Correspondence, Parcel
from neural_style.network import Courier
from neural_style.pixels import Piece

ORANGE = bytes((30, 120, 240, 255))
INVERTED = bytes((225, 135, 15, 255))


def wait_until(condition: Callable[[], bool], patience_s: float = 5.0) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.005)


class Ears:
    """Hears what a correspondence says, and takes every picture at once unless told otherwise."""

    def __init__(self, takes: bool = True) -> None:
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.said: list[tuple[str, Any]] = []
        self.takes = takes
        self.talk = Correspondence(lambda: daemon.find_daemon(), self.hear)

    def hear(self, name: str, value: Any) -> None:
        self.said.append((name, value))
        self.heard.put((name, value))
        if name == "picture" and self.takes:
            self.talk.taken()

    def until(self, wanted: str) -> Any:
        while True:
            name, value = self.heard.get(timeout=5)
            if name == wanted:
                return value
            assert name != "failed", value

    def all(self, name: str) -> list[Any]:
        return [value for said, value in self.said if said == name]


def parcel(mask: bytes | None = None, **body: Any) -> Parcel:
    wanted = {"preset": "mosaic", "on_disconnect": "cancel", **body}
    return Parcel(wanted, 4, 3, "RGBA8", [Piece(0, 2, ORANGE * 8), Piece(2, 1, ORANGE * 4)], mask)


def test_pixels_go_out_and_come_back_in_kritas_order(fake_daemon: FakeDaemon) -> None:
    ears = Ears()
    ears.talk.send(parcel())
    assert ears.until("ended") == "done"
    sent = fake_daemon.images[fake_daemon.jobs["job0"].body["content"]]
    assert sent == (4, 3, "RGBA8", bytes((240, 120, 30, 255)) * 12)
    picture = ears.all("picture")[-1]
    assert b"".join(piece.data for piece in picture.pieces) == INVERTED * 12
    assert ears.all("submitted")[0]["id"] == "job0" and ears.all("progress")


def test_outside_the_selection_comes_back_transparent(fake_daemon: FakeDaemon) -> None:
    ears = Ears()
    ears.talk.send(parcel(mask=bytes([0, 255]) * 6))
    ears.until("ended")
    picture = ears.all("picture")[-1]
    assert picture.pieces[0].data[:8] == bytes(4) + INVERTED
    assert fake_daemon.images[fake_daemon.jobs["job0"].body["mask"]][2] == "RGBA8"


def test_frames_are_left_out_while_krita_still_paints(fake_daemon: FakeDaemon) -> None:
    fake_daemon.frames = 8
    ears = Ears(takes=False)
    ears.talk.send(parcel())
    ears.until("picture")
    wait_until(lambda: fake_daemon.jobs["job0"].state == "done")
    assert len(ears.all("picture")) == 1
    ears.takes = True
    ears.talk.taken()
    ears.until("ended")
    assert ears.all("picture")[-1].iteration == fake_daemon.jobs["job0"].iterations


def test_frames_that_are_to_be_kept_are_never_left_out(fake_daemon: FakeDaemon) -> None:
    ears = Ears()
    ears.talk.send(parcel(frames={"at": [2, 3, 5]}, method={"iterations": 6}))
    ears.until("ended")
    assert [picture.iteration for picture in ears.all("picture")] == [2, 3, 5, 6]


def test_between_kept_frames_the_picture_is_shown_as_it_is(fake_daemon: FakeDaemon) -> None:
    ears = Ears()
    ears.talk.send(parcel(frames={"at": [3, 20], "seconds": 2.0}, method={"iterations": 21}))
    ears.until("ended")
    shown = [picture.iteration for picture in ears.all("picture")]
    assert {3, 20, 21} < set(shown), shown


def test_more_frames_to_keep_than_layers_make_sense_end_the_job_in_words(fake_daemon: FakeDaemon) -> None:
    ears = Ears()
    ears.talk.send(parcel(frames={"every": 1}, method={"iterations": 1000}))
    wait_until(lambda: bool(ears.all("failed")))
    assert "would make 999 layers" in ears.all("failed")[0] and not ears.all("submitted")


def test_stopping_cancels_the_job_within_two_seconds_and_says_nothing_more(fake_daemon: FakeDaemon) -> None:
    ears = Ears()
    ears.talk.send(parcel(method={"iterations": 100000}))
    ears.until("picture")
    begun = time.monotonic()
    ears.talk.stop()
    said = len(ears.said)
    wait_until(lambda: fake_daemon.jobs["job0"].state == "cancelled", 2)
    assert time.monotonic() - begun < 2
    time.sleep(0.1)
    assert len(ears.said) <= said + 1


def test_stopping_before_the_job_is_known_cancels_it_too(fake_daemon: FakeDaemon) -> None:
    ears = Ears()
    ears.talk.send(parcel(method={"iterations": 100000}))
    ears.talk.stop()
    time.sleep(0.4)
    assert all(job.state == "cancelled" for job in fake_daemon.jobs.values())


def test_who_quits_can_wait_until_the_daemon_has_heard_of_it(fake_daemon: FakeDaemon) -> None:
    ears = Ears()
    ears.talk.send(parcel(method={"iterations": 100000}))
    ears.until("picture")
    ears.talk.stop().join(2)
    assert fake_daemon.jobs["job0"].state == "cancelled"


def test_stop_and_keep_ends_the_job_as_done(fake_daemon: FakeDaemon) -> None:
    ears = Ears()
    ears.talk.send(parcel(method={"iterations": 100000}))
    ears.until("picture")
    ears.talk.stop(keep=True)
    wait_until(lambda: fake_daemon.jobs["job0"].state == "done", 2)


def test_a_job_can_be_followed_for_more_iterations(fake_daemon: FakeDaemon) -> None:
    ears = Ears()
    ears.talk.send(parcel())
    ears.until("ended")
    more = Ears()
    more.talk.follow("job0", ears.talk.last_event, lambda client: client.extend("job0", 10))
    assert more.until("ended") == "done"
    assert more.all("picture")[-1].iteration == 40


def test_a_daemon_that_goes_away_is_told_in_words(fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    ears = Ears()
    monkeypatch.setattr(daemon.Client, "events", _broken)
    ears.talk.send(parcel())
    wait_until(lambda: bool(ears.all("failed")))
    assert "connection to the daemon was lost" in ears.all("failed")[0]


def _broken(*_: object) -> Iterator[daemon.Event]:
    raise daemon.DaemonGone("gone")
    yield


def test_what_the_daemon_refuses_is_told_in_its_own_words(fake_daemon: FakeDaemon) -> None:
    ears = Ears()
    ears.talk.follow("nothing", 0, lambda client: client.job("nothing/else"))
    wait_until(lambda: bool(ears.all("failed")))
    assert ears.all("failed") == ["Nothing is here."]


@pytest.fixture
def told() -> list[tuple[str, Any]]:
    return []


@pytest.fixture
def courier(told: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Courier]:
    monkeypatch.setattr(network, "LOOK_EVERY_S", 0.05)
    courier = Courier(lambda what, value: told.append((what, value)))
    courier.attentive = True
    courier.open()
    yield courier
    courier.close()
    courier._thread.join(5)


def take(courier: Courier, condition: Callable[[], bool]) -> None:
    """Do what Krita's timer does until the condition is true."""

    def step() -> bool:
        while not courier.inbox.empty():
            reply = courier.inbox.get_nowait()
            reply.call(*reply.values)
        return condition()

    wait_until(step)


def test_the_courier_finds_the_daemon_and_runs_errands(
    fake_daemon: FakeDaemon, courier: Courier, told: list[tuple[str, Any]]
) -> None:
    found: list[Any] = []
    courier.errand(lambda client: client.presets(), found.append)
    take(courier, lambda: bool(found) and ("health" in [what for what, _ in told]))
    assert [one["name"] for one in found[0]] == list(fake_daemon.presets)


def test_an_errand_that_fails_says_why(fake_daemon: FakeDaemon, courier: Courier) -> None:
    failed: list[str] = []
    courier.errand(lambda client: client.preset("none"), None, failed.append)
    take(courier, lambda: bool(failed))
    assert failed == ["Nothing is here."]


def test_without_daemon_and_installation_the_painter_is_told(
    courier: Courier, told: list[tuple[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path / "empty"))
    failed: list[str] = []
    courier.errand(lambda client: None, None, failed.append)
    take(courier, lambda: bool(failed) and ("missing", None) in told)
    assert "install-plugins" in failed[0]


def test_a_lost_daemon_is_noticed_and_found_again(
    courier: Courier, told: list[tuple[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path / "home"))
    with FakeDaemon(tmp_path / "home"):
        take(courier, lambda: "health" in [what for what, _ in told])
    take(courier, lambda: "lost" in [what for what, _ in told])
    told.clear()
    with FakeDaemon(tmp_path / "home"):
        take(courier, lambda: "health" in [what for what, _ in told])


def test_two_who_find_no_daemon_at_the_same_time_start_one(
    told: list[tuple[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []

    def start() -> object:
        time.sleep(0.2)
        started.append(object())
        return started[-1]

    monkeypatch.setattr(network, "is_installed", lambda: True)
    monkeypatch.setattr(daemon, "find_daemon", lambda: started[-1] if started else None)
    monkeypatch.setattr(daemon, "start_daemon", start)
    courier, found = Courier(lambda what, value: told.append((what, value))), []
    threads = [threading.Thread(target=lambda: found.append(courier.find())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(started) == 1 and found == started * 2


def test_while_the_daemon_warms_up_it_is_asked_more_often(
    fake_daemon: FakeDaemon, courier: Courier, told: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "LOOK_EVERY_S", 60.0)
    monkeypatch.setattr(network, "LOOK_SOON_S", 0.05)
    fake_daemon.worker = "starting"
    courier.look_again()
    take(courier, lambda: [value["worker"] for what, value in told if what == "health"][:3] == ["starting"] * 3)
    fake_daemon.worker = "ready"
    take(courier, lambda: told[-1][1]["worker"] == "ready")
