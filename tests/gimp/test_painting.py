"""A layer's talk with the daemon, against one that paints nothing, over real HTTP."""

from __future__ import annotations

import time
from typing import Any

import client
import painting
import presetting
import pytest
from complaints import PainterError
from painting import Painting, Picture
from parameters import Parameters
from tests.gimp.fake_daemon import FakeDaemon

RED = Picture(2, 1, "RGBA8", [bytes([255, 0, 0, 255]), bytes([255, 0, 0, 255])])


def paint(picture: Picture = RED, preset: str = "ink-wash", **options: Any) -> list[tuple[str, Any]]:
    """All messages; every frame is taken at once."""
    one = Painting(client.connect, picture, Parameters(preset=preset), **options)
    one.start()
    found = []
    while not found or found[-1][0] not in painting.ENDS:
        found.append(one.messages.get(timeout=10))
        if found[-1][0] == "frame":
            one.taken()
    one.join(10)
    return found


def test_a_layer_is_painted(fake_daemon: FakeDaemon) -> None:
    messages = paint()
    names = [name for name, _ in messages]
    assert names[:3] == ["state", "state", "state"]
    assert "progress" in names and "frame" in names
    name, result = messages[-1]
    assert name == "done"
    assert result.data == bytes([0, 255, 255, 255, 0, 255, 255, 255])
    assert (result.width, result.height, result.format, result.seed) == (2, 1, "RGBA8", 7)
    assert fake_daemon.jobs[0]["spec"]["on_disconnect"] == "cancel"


@pytest.mark.parametrize(("warm", "told"), [(False, "warming"), (True, "queued")])
def test_why_a_job_waits_is_told(fake_daemon: FakeDaemon, warm: bool, told: str) -> None:
    fake_daemon.behave(queued=True, warm=warm)
    states = [value for name, value in paint() if name == "state"]
    assert states == ["starting", "sending", told, "running"]


def test_what_is_not_selected_comes_back_unchanged(fake_daemon: FakeDaemon) -> None:
    picture = RED._replace(selection=bytes([0, 3]))
    assert paint(picture)[-1][1].data == bytes([255, 0, 0, 255, 0, 255, 255, 255])


def test_kept_frames_all_arrive(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=6)
    frames = [value for name, value in paint(keeps=lambda iteration: True) if name == "frame"]
    assert [frame.iteration for frame in frames] == [10, 20, 30, 40, 50, 60]
    assert all(frame.keep for frame in frames)


def test_a_slow_canvas_gets_fewer_frames(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=6)
    one = Painting(client.connect, RED, Parameters(preset="ink-wash"))
    one.start()
    one.join(10)
    names = [one.messages.get_nowait()[0] for _ in range(one.messages.qsize())]
    assert names.count("frame") == 1
    assert names[-1] == "done"


def test_without_a_window_no_live_frames_are_fetched(fake_daemon: FakeDaemon) -> None:
    assert "frame" not in [name for name, _ in paint(live=False)]


def test_an_empty_layer_is_told_and_asks_nothing_of_the_daemon(fake_daemon: FakeDaemon) -> None:
    name, text = paint(RED._replace(strips=[bytes(8)]))[-1]
    assert name == "failed"
    assert text == "The layer is empty. Paint or paste something into it, then try again."
    assert fake_daemon.jobs == []


def test_an_unknown_preset_is_told_and_starts_nothing(fake_daemon: FakeDaemon) -> None:
    name, text = paint(preset="ink-wish")[-1]
    assert (name, "no preset named “ink-wish”" in text) == ("failed", True)
    assert fake_daemon.jobs == []


def test_a_job_that_fails_is_told(fake_daemon: FakeDaemon) -> None:
    problem = {"code": "out_of_memory", "detail": "The picture is too large", "hint": "Choose size 512."}
    fake_daemon.behave(fail=problem)
    assert paint()[-1] == ("failed", "The picture is too large. Choose size 512.")


def test_a_daemon_that_cannot_be_had_is_told() -> None:
    def nobody() -> None:
        raise client.DaemonGone("The daemon did not start. Run 'neural-style doctor'.")

    one = Painting(nobody, RED, Parameters(preset="ink-wash"))
    one.run()
    messages = [one.messages.get_nowait() for _ in range(one.messages.qsize())]
    assert messages[-1] == ("failed", "The daemon did not start. Run 'neural-style doctor'.")


def test_cancelling_reaches_the_daemon_at_once(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    one = Painting(client.connect, RED, Parameters(preset="ink-wash"))
    one.start()
    while one.messages.get(timeout=10)[0] != "frame":
        pass
    began = time.monotonic()
    one.cancel()
    assert time.monotonic() - began < 0.05
    one.join(5)
    assert time.monotonic() - began < 0.5
    assert fake_daemon.jobs[0]["state"] == "cancelled"


def test_stopping_here_keeps_the_picture(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    one = Painting(client.connect, RED, Parameters(preset="ink-wash"))
    one.start()
    while one.messages.get(timeout=10)[0] != "frame":
        pass
    one.finish()
    one.join(5)
    last = [one.messages.get_nowait() for _ in range(one.messages.qsize())][-1]
    assert last[0] == "done"


def test_a_preset_is_made_from_a_picture(fake_daemon: FakeDaemon) -> None:
    made = presetting.make(client.connect(), RED, " My sky ", "blue, , air")
    assert made["name"] == "my-sky"
    assert fake_daemon.presets["my-sky"]["tags"] == ["blue", "air"]
    assert presetting.make(client.connect(), RED, "My sky", "")["name"] == "my-sky-2"


@pytest.mark.parametrize(("title", "data"), [("", RED.data), ("Sky", bytes(8))])
def test_a_preset_needs_a_name_and_a_picture(fake_daemon: FakeDaemon, title: str, data: bytes) -> None:
    with pytest.raises(PainterError):
        presetting.make(client.connect(), RED._replace(strips=[data]), title, "")
