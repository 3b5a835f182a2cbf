"""The calls about one live job, against a daemon that paints nothing, over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from tests.client.fake_daemon import FakeDaemon
from tests.waiting import wait_for

from neural_style_client import Client, DaemonError, DaemonGone, Pixels, connect
from neural_style_client.live_body import live_body
from neural_style_client.live_job import LiveJob
from neural_style_client.parameters import Parameters

SIDE = 4
GREY = Pixels(SIDE, SIDE, "RGBA8", bytes([90, 90, 90, 255]) * SIDE**2)
DOT = GREY._replace(data=b"\xff" + GREY.data[1:])
FIELDS = {**live_body(Parameters(preset="ink-wash"), "krita-1", 256), "content": GREY}


def begun() -> LiveJob:
    job = LiveJob()
    assert job.begin(connect(), dict(FIELDS), lambda: True)
    return job


def test_a_job_begins_with_its_pictures_uploaded(fake_daemon: FakeDaemon) -> None:
    job = begun()
    body = fake_daemon.jobs["job0"].body
    assert (job.id, job.revision) == ("job0", 0) and fake_daemon.images[body["content"]][3] == GREY.data
    assert {**body, "content": GREY} == FIELDS == job.fields
    job.end(keep=False)


def test_one_that_is_wanted_no_more_is_not_begun(fake_daemon: FakeDaemon) -> None:
    job = LiveJob()
    assert not job.begin(connect(), dict(FIELDS), lambda: not fake_daemon.uploads)
    job.end(keep=False)
    assert fake_daemon.uploads == [(SIDE, SIDE)] and not fake_daemon.jobs and job.id == ""


def test_a_picture_that_was_sent_already_is_not_sent_again(
    fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise DaemonError(429, {"detail": "Too much at once"})

    job, client = LiveJob(), connect()
    with monkeypatch.context() as patch:
        patch.setattr(Client, "submit", refuse)
        with pytest.raises(DaemonError):
            job.begin(client, dict(FIELDS), lambda: True)
    assert job.id == "" and job.begin(client, dict(FIELDS), lambda: True)
    assert fake_daemon.uploads == [(SIDE, SIDE)]
    job.end(keep=False)


def test_of_a_change_only_what_is_new_is_sent(fake_daemon: FakeDaemon) -> None:
    job = begun()
    job.change({"content": DOT, "mask": None, "preset": "mosaic"})
    assert fake_daemon.uploads == [(SIDE, SIDE), (1, 1)] and job.revision == 1
    assert [one.sent for one in fake_daemon.exchanges if one.method == "PATCH"] == [
        {"content": fake_daemon.jobs["job0"].body["content"], "preset": "mosaic"}
    ]
    job.change({"content": DOT})
    assert job.revision == fake_daemon.jobs["job0"].revision == 1
    assert job.fields["content"] == DOT and job.fields["preset"] == "mosaic"
    job.end(keep=False)


def test_a_refused_change_counts_as_never_given(fake_daemon: FakeDaemon) -> None:
    job = begun()
    with pytest.raises(DaemonError):
        job.change({"content": DOT, "preset": "ink-wish"})
    assert job.fields == FIELDS and job.revision == 0
    job.change({"content": DOT})
    assert job.revision == 1
    job.end(keep=False)


def test_a_frame_is_fetched(fake_daemon: FakeDaemon) -> None:
    job = begun()
    assert job.frame(1).data[:4] == bytes([165, 165, 165, 255])
    job.end(keep=False)


def test_whether_the_daemon_has_it_still(fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    job = begun()
    assert job.is_known()
    fake_daemon.jobs["job9"] = fake_daemon.jobs.pop("job0")
    assert not job.is_known()
    fake_daemon.jobs["job9"].become("cancelled")

    def refuse(error: Exception) -> None:
        def job_of(*_: Any) -> Any:
            raise error

        monkeypatch.setattr(Client, "job", job_of)

    refuse(DaemonError(500, {}))
    assert job.is_known()
    refuse(DaemonGone("The daemon does not answer."))
    assert not job.is_known()


@pytest.mark.parametrize(("keep", "state"), [(True, "done"), (False, "cancelled")])
def test_it_ends_with_its_picture_or_without(fake_daemon: FakeDaemon, keep: bool, state: str) -> None:
    begun().end(keep=keep)
    wait_for(lambda: fake_daemon.jobs["job0"].state == state)


def test_one_that_has_ended_already_is_no_failure(fake_daemon: FakeDaemon) -> None:
    job = begun()
    fake_daemon.jobs.pop("job0").become("cancelled")
    job.end(keep=True)
    job.end(keep=False)
