"""Following a job: where a reader left off, and clients that go away."""

from __future__ import annotations

import threading
import time

import pytest
from tests.jobs.fakes import Shop, grey
from tests.waiting import wait_for

from neural_style_server.jobs import event_streams
from neural_style_server.jobs.event_streams import MOST_EVENTS, EventLog, EventStreams
from neural_style_server.jobs.record import CANCELLED, PAUSED, QUEUED, RUNNING
from neural_style_server.jobs.sequence_spec import SequenceFrameSpec, SequenceSpec


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_streams, "RECONNECT_S", 0.15)
    monkeypatch.setattr(event_streams, "ATTACH_S", 0.15)


def leave_after_first_event(shop: Shop, job: str) -> None:
    stream = shop.controller.events(job, 0, 1)
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
    stream = shop.controller.events(job, 2, 10)
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
    stream = shop.controller.events(job, 2, 0.01)
    assert [next(stream), next(stream)] == [None, None]
    stream.close()


def test_a_reader_of_a_paused_job_stays_until_the_queue_closes(shop: Shop) -> None:
    job = shop.submit()
    shop.controller.pause(job)
    stream = shop.controller.events(job, 0, 0.01)
    assert [event.name for event in (next(stream), next(stream), next(stream)) if event] == ["state"] * 3
    assert next(stream) is None
    shop.controller.hang_up()
    assert list(stream) == []


def test_a_job_whose_client_went_away_is_cancelled_within_two_seconds(shop: Shop) -> None:
    job = shop.submit(on_disconnect="cancel")
    began = time.monotonic()
    leave_after_first_event(shop, job)
    wait_for(lambda: shop.state(job) == CANCELLED, 5)
    assert 0.5 < time.monotonic() - began < 2
    assert "went away" in shop.job(job)["notes"][0]
    assert shop.worker.ops()[-1] == "cancel"


def test_not_when_the_reader_comes_back(shop: Shop, soon: None) -> None:
    job = shop.submit(on_disconnect="cancel")
    leave_after_first_event(shop, job)
    again = shop.controller.events(job, 0, 1)
    next(again)
    time.sleep(0.3)
    assert shop.state(job) == RUNNING
    again.close()
    wait_for(lambda: shop.state(job) == CANCELLED)


def test_not_when_another_still_reads(shop: Shop, soon: None) -> None:
    job = shop.submit(on_disconnect="cancel")
    other = shop.controller.events(job, 0, 1)
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
    assert "went away" in shop.job(job)["notes"][0]
    assert shop.worker.ops()[-1] == "cancel"


@pytest.mark.parametrize("again", ["resume", "extend"])
def test_a_job_that_goes_on_has_to_be_followed_again(shop: Shop, soon: None, again: str) -> None:
    job = shop.submit(on_disconnect="cancel")
    shop.controller.pause(job)
    (shop.controller.folder(job) / "checkpoint.pt").write_bytes(b"state")
    time.sleep(0.3)  # nobody follows it, and a paused job is left alone
    assert shop.state(job) == PAUSED
    shop.controller.resume(job) if again == "resume" else shop.controller.extend(job, 5)
    wait_for(lambda: shop.state(job) == CANCELLED, 5)


def test_a_stream_that_never_began_counts_as_no_reader(shop: Shop, soon: None) -> None:
    job = shop.submit(on_disconnect="cancel")
    shop.controller.events(job, 0, 1).close()
    wait_for(lambda: shop.state(job) == CANCELLED, 5)


def test_a_queued_job_that_nobody_follows_is_cancelled_too(shop: Shop, soon: None) -> None:
    at_work = shop.submit()
    job = shop.submit(on_disconnect="cancel")
    assert shop.state(job) == QUEUED
    wait_for(lambda: shop.state(job) == CANCELLED, 5)
    assert shop.state(at_work) == RUNNING


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is time to send all frames and to follow the first."""
    monkeypatch.setattr(event_streams, "RECONNECT_S", 0.15)
    monkeypatch.setattr(event_streams, "ATTACH_S", 2.0)


def frames(shop: Shop, count: int) -> list[str]:
    """The jobs of a sequence that goes when its client does."""
    spec = SequenceSpec(preset="ink", client="krita-1", on_disconnect="cancel")
    sequence = str(shop.all.sequences.start(spec)["id"])
    contents = [str(shop.images.put(grey(number))["id"]) for number in range(count)]
    return [str(shop.all.sequences.add_frame(sequence, SequenceFrameSpec(content=each))["id"]) for each in contents]


def test_frames_that_wait_go_with_the_one_that_nobody_follows(shop: Shop, patient: None) -> None:
    jobs = frames(shop, 3)
    leave_after_first_event(shop, jobs[0])
    wait_for(lambda: [shop.state(job) for job in jobs] == [CANCELLED] * 3, 20)
    assert shop.worker.painting() == []


def test_frames_that_wait_need_no_reader_while_one_is_followed(shop: Shop, patient: None) -> None:
    jobs = frames(shop, 3)
    stream = shop.controller.events(jobs[0], 0, 1)
    next(stream)
    time.sleep(2.5)
    assert [shop.state(job) for job in jobs] == [RUNNING, QUEUED, QUEUED]
    stream.close()


def test_a_client_that_goes_between_two_frames_is_missed_too(shop: Shop, patient: None) -> None:
    jobs = frames(shop, 3)
    stream = shop.controller.events(jobs[0], 0, 1)
    next(stream)
    shop.worker.done(jobs[0])
    stream.close()
    wait_for(lambda: [shop.state(job) for job in jobs[1:]] == [CANCELLED] * 2, 20)


def test_a_job_that_did_not_ask_for_it_needs_no_reader(shop: Shop, soon: None) -> None:
    job = shop.submit()
    time.sleep(0.4)
    assert shop.state(job) == RUNNING


def test_a_job_that_is_followed_in_time_goes_on(shop: Shop, soon: None) -> None:
    job = shop.submit(on_disconnect="cancel")
    stream = shop.controller.events(job, 0, 1)
    next(stream)
    time.sleep(0.4)
    assert shop.state(job) == RUNNING
    stream.close()


def test_closing_ends_waiting_readers_and_timers(shop: Shop) -> None:
    job = shop.submit(on_disconnect="cancel")
    leave_after_first_event(shop, job)
    stream = shop.controller.events(job, 2, 30)
    reader = threading.Thread(target=list, args=(stream,))
    reader.start()
    wait_for(lambda: shop.live(job).log.readers == 1)
    shop.close()
    reader.join(5)
    assert not reader.is_alive()


def numbers(log: EventLog) -> list[int]:
    return [event.number for event in log.events]


def test_old_progress_is_thinned_and_nothing_else() -> None:
    log = EventLog()
    for number in range(MOST_EVENTS + 100):
        log.add("frame" if number % 100 == 0 else "progress", {"kept": True})
    assert len([event for event in log.events if event.name == "frame"]) == (MOST_EVENTS + 100) // 100
    assert len(log.events) <= MOST_EVENTS
    assert numbers(log) == sorted(set(numbers(log)))


def test_frames_of_a_job_without_end_are_bounded_too_and_live_ones_go_first() -> None:
    log = EventLog()
    for number in range(2 * MOST_EVENTS):
        log.add("frame", {"kept": number % 3 == 0})
        assert len(log.events) <= MOST_EVENTS
    kept = [event for event in log.events if event.data["kept"]]
    assert len(kept) > MOST_EVENTS // 3
    for _ in range(3 * MOST_EVENTS):
        log.add("frame", {"kept": True})
        assert len(log.events) <= MOST_EVENTS
    assert numbers(log) == sorted(set(numbers(log)))


def test_an_event_wakes_the_readers_of_its_job_alone() -> None:
    streams, woken, logs = EventStreams(), list[str](), {"a": EventLog(), "b": EventLog()}
    for job, log in logs.items():
        real = log.has_more
        log.has_more = lambda number, job=job, real=real: woken.append(job) or real(number)  # type: ignore[assignment,misc]
    readers = [threading.Thread(target=next, args=(streams.follow(log, 0, 10),)) for log in logs.values()]
    for reader in readers:
        reader.start()
    wait_for(lambda: sorted(woken) == ["a", "b"])
    logs["a"].add("progress", {})
    readers[0].join(5)
    assert woken.count("b") == 1
    logs["b"].add("progress", {})
    readers[1].join(5)
    streams.close([])


def test_a_reader_does_not_spin_after_an_end_that_was_taken_back() -> None:
    streams, log = EventStreams(), EventLog()
    log.add("done", {})
    log.reopen()
    stream = streams.follow(log, 0, 0.1)
    began = time.monotonic()
    assert [next(stream), next(stream)] == [None, None]
    assert time.monotonic() - began > 0.15
    stream.close()
    streams.close([])
