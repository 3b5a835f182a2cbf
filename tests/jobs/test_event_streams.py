"""Following a job: where a reader left off, and clients that go away."""

from __future__ import annotations

import threading
import time

import pytest
from tests.jobs.fakes import Shop
from tests.waiting import wait_for

from neural_style_server.jobs import event_streams
from neural_style_server.jobs.job import CANCELLED, QUEUED, RUNNING


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_streams, "RECONNECT_S", 0.15)
    monkeypatch.setattr(event_streams, "ATTACH_S", 0.15)


def leave_after_first_event(shop: Shop, job: str) -> None:
    stream = shop.queue.events(job, 0, 1)
    next(stream)
    stream.close()


def test_a_reader_continues_after_the_last_event_that_it_had(shop: Shop) -> None:
    job = shop.submit()
    for iteration in (1, 2, 3):
        shop.worker.progress(job, iteration)
    assert [data["iteration"] for _, data in shop.told(job, after=3)] == [2, 3]


def test_a_number_that_was_never_given_out_brings_the_whole_story(shop: Shop) -> None:
    job = shop.submit()
    assert [name for name, _ in shop.told(job, after=4711)] == ["state", "state"]


def test_a_waiting_reader_hears_at_once(shop: Shop) -> None:
    job = shop.submit()
    stream = shop.queue.events(job, 2, 10)
    later = threading.Timer(0.1, shop.worker.progress, (job,))
    began = time.monotonic()
    later.start()
    event = next(stream)
    later.join()
    stream.close()
    assert event is not None
    assert event.name == "progress"
    assert time.monotonic() - began < 5


def test_a_reader_gets_none_when_nothing_happens(shop: Shop) -> None:
    job = shop.submit()
    stream = shop.queue.events(job, 2, 0.01)
    assert [next(stream), next(stream)] == [None, None]
    stream.close()


def test_a_reader_of_a_paused_job_stays_until_the_queue_closes(shop: Shop) -> None:
    job = shop.submit()
    shop.queue.pause(job)
    stream = shop.queue.events(job, 0, 0.01)
    assert [event.name for event in (next(stream), next(stream), next(stream)) if event] == ["state"] * 3
    assert next(stream) is None
    shop.queue.hang_up()
    assert list(stream) == []


def test_a_job_whose_client_went_away_is_cancelled_within_two_seconds(shop: Shop) -> None:
    job = shop.submit(on_disconnect="cancel")
    began = time.monotonic()
    leave_after_first_event(shop, job)
    wait_for(lambda: shop.state(job) == CANCELLED, 5)
    assert 0.5 < time.monotonic() - began < 2
    assert "went away" in shop.queue.job(job)["notes"][0]
    assert shop.worker.commands[-1]["op"] == "cancel"


def test_not_when_the_reader_comes_back(shop: Shop, soon: None) -> None:
    job = shop.submit(on_disconnect="cancel")
    leave_after_first_event(shop, job)
    again = shop.queue.events(job, 0, 1)
    next(again)
    time.sleep(0.3)
    assert shop.state(job) == RUNNING
    again.close()
    wait_for(lambda: shop.state(job) == CANCELLED)


def test_not_when_another_still_reads(shop: Shop, soon: None) -> None:
    job = shop.submit(on_disconnect="cancel")
    other = shop.queue.events(job, 0, 1)
    next(other)
    leave_after_first_event(shop, job)
    time.sleep(0.3)
    assert shop.state(job) == RUNNING
    other.close()


@pytest.mark.parametrize("wish", ["continue", None])
def test_a_job_that_did_not_ask_for_it_goes_on(shop: Shop, soon: None, wish: str | None) -> None:
    job = shop.submit(on_disconnect=wish)
    leave_after_first_event(shop, job)
    time.sleep(0.3)
    assert shop.state(job) == RUNNING


def test_a_job_that_its_client_never_came_to_follow_is_cancelled(shop: Shop, soon: None) -> None:
    job = shop.submit(on_disconnect="cancel")
    wait_for(lambda: shop.state(job) == CANCELLED, 5)
    assert "went away" in shop.queue.job(job)["notes"][0]
    assert shop.worker.commands[-1]["op"] == "cancel"


def test_a_stream_that_never_began_counts_as_no_reader(shop: Shop, soon: None) -> None:
    job = shop.submit(on_disconnect="cancel")
    shop.queue.events(job, 0, 1).close()
    wait_for(lambda: shop.state(job) == CANCELLED, 5)


def test_a_queued_job_that_nobody_follows_is_cancelled_too(shop: Shop, soon: None) -> None:
    at_work = shop.submit()
    job = shop.submit(on_disconnect="cancel")
    assert shop.state(job) == QUEUED
    wait_for(lambda: shop.state(job) == CANCELLED, 5)
    assert shop.state(at_work) == RUNNING


def test_a_job_that_did_not_ask_for_it_needs_no_reader(shop: Shop, soon: None) -> None:
    job = shop.submit()
    time.sleep(0.4)
    assert shop.state(job) == RUNNING


def test_a_job_that_is_followed_in_time_goes_on(shop: Shop, soon: None) -> None:
    job = shop.submit(on_disconnect="cancel")
    stream = shop.queue.events(job, 0, 1)
    next(stream)
    time.sleep(0.4)
    assert shop.state(job) == RUNNING
    stream.close()


def test_closing_ends_waiting_readers_and_timers(shop: Shop) -> None:
    job = shop.submit(on_disconnect="cancel")
    leave_after_first_event(shop, job)
    stream = shop.queue.events(job, 2, 30)
    reader = threading.Thread(target=list, args=(stream,))
    reader.start()
    wait_for(lambda: shop.queue._jobs[job].readers == 1)
    shop.queue.close()
    reader.join(5)
    assert not reader.is_alive()
