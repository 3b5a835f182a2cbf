"""What clients may ask of a job, in every state that it can be in."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.jobs.fakes import Shop, grey
from tests.jobs.test_sequences import forget_pictures
from tests.waiting import wait_for

from neural_style_server.errors import Conflict, NotFound, TooMany
from neural_style_server.files import read_json
from neural_style_server.jobs import short_waits
from neural_style_server.jobs.record import DONE, FAILED, PAUSED, QUEUED, RUNNING

STATES = ("queued", "running", "paused", "done", "cancelled", "failed")
REFUSED = {
    "cancel": {"done", "cancelled", "failed"},
    "pause": {"paused", "done", "cancelled", "failed"},
    "resume": {"queued", "running", "done", "cancelled", "failed"},
    "finish": {"queued", "done", "cancelled", "failed"},
    "delete": set(),
}


def job_in(shop: Shop, state: str) -> str:
    """A job that has come into a state as jobs do."""
    if state == QUEUED:
        shop.submit("other", seed=1)
        shop.submit("another", seed=2)
        return shop.submit()
    job = shop.submit()
    if state == PAUSED:
        shop.controller.pause(job)
    elif state == DONE:
        shop.worker.done(job)
    elif state == FAILED:
        shop.worker.end_run(shop.worker.run_of(job), "failed", {"code": "x", "detail": "y", "hint": "z"})
    elif state == "cancelled":
        shop.controller.cancel(job)
    assert shop.state(job) == state
    return job


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", REFUSED)
def test_every_wish_is_granted_or_refused_by_the_state(shop: Shop, action: str, state: str) -> None:
    job = job_in(shop, state)
    if state in REFUSED[action]:
        with pytest.raises(Conflict, match=state):
            getattr(shop.controller, action)(job)
        assert shop.state(job) == state
    else:
        getattr(shop.controller, action)(job)


@pytest.mark.parametrize("action", [*REFUSED, "job", "folder"])
def test_an_unknown_job_is_not_found(shop: Shop, action: str) -> None:
    with pytest.raises(NotFound):
        getattr(shop.controller, action)("0123456789abcdef")


def test_a_submitted_job_is_painted_and_its_story_told(shop: Shop) -> None:
    job = shop.submit()
    shop.worker.progress(job, 1)
    shop.worker.frame(job, 1, 1)
    shop.worker.done(job)
    assert [name for name, _ in shop.told(job)] == ["state", "state", "progress", "frame", "done"]
    record = shop.job(job)
    assert (record["state"], record["iteration"], record["loss"]["total"]) == ("done", 1, 3.0)
    assert read_json(shop.controller.folder(job) / "job.json")["state"] == "done"


def test_a_cancelled_job_ends_with_done_and_the_next_one_starts(shop: Shop) -> None:
    first, second = shop.submit(), shop.submit()
    shop.controller.cancel(first)
    assert shop.told(first)[-1] == ("done", {"state": "cancelled"})
    assert shop.state(second) == RUNNING


def test_the_last_words_of_a_cancelled_run_do_not_touch_the_next_one(shop: Shop) -> None:
    job = shop.submit()
    (shop.controller.folder(job) / "checkpoint.pt").write_bytes(b"state")
    worker, former = shop.worker, shop.worker.run_of(job)
    worker.obedient = False
    shop.controller.cancel(job)
    shop.controller.extend(job, 10)
    worker.end_run(former, "cancelled")
    assert shop.state(job) == RUNNING
    worker.done(job)
    assert shop.state(job) == DONE


def test_a_pause_that_meets_the_end_leaves_the_job_done(shop: Shop) -> None:
    job = shop.submit()
    worker, run = shop.worker, shop.worker.run_of(job)
    worker.obedient = False
    asked = threading.Thread(target=shop.controller.pause, args=(job,))
    asked.start()
    wait_for(lambda: "pause" in worker.ops())
    worker.done(job)
    asked.join(5)
    worker.end_run(run, "paused")
    assert shop.state(job) == DONE


def test_a_pause_survives_the_worker_s_death(shop: Shop) -> None:
    job = shop.submit()
    worker = shop.worker
    worker.obedient = False
    asked = threading.Thread(target=shop.controller.pause, args=(job,))
    asked.start()
    wait_for(lambda: "pause" in worker.ops())
    worker.die()
    asked.join(5)
    assert shop.state(job) == PAUSED


def test_finishing_survives_the_worker_s_death(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_waits, "QUICK_S", 0.01)
    job = shop.submit()
    shop.worker.obedient = False
    shop.controller.finish(job)
    shop.worker.die()
    shop.worker.ready()
    assert shop.worker.ops() == ["run", "finish"]
    assert shop.state(job) == DONE


def test_a_paused_job_can_be_finished(shop: Shop) -> None:
    job = job_in(shop, PAUSED)
    assert shop.controller.finish(job)["state"] == DONE


def test_no_request_waits_for_a_job_s_turn(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_waits, "QUICK_S", 60.0)
    paused = job_in(shop, PAUSED)
    shop.submit()
    answered: list[dict[str, Any]] = []
    asking = threading.Thread(target=lambda: answered.append(shop.controller.finish(paused)))
    asking.start()
    asking.join(10)
    assert [record["state"] for record in answered] == [QUEUED]


def test_only_so_many_requests_wait_for_a_worker_and_the_others_are_answered_at_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(short_waits, "QUICK_S", 60.0)
    job = shop.submit()
    shop.worker.obedient = False
    waiting = [threading.Thread(target=shop.controller.pause, args=(job,)) for _ in range(short_waits.WAITERS)]
    for one in waiting:
        one.start()
    wait_for(lambda: shop.controller._waits._places._value == 0)
    answered: list[dict[str, Any]] = []
    asking = threading.Thread(target=lambda: answered.append(shop.controller.pause(job)))
    asking.start()
    asking.join(10)
    assert [record["state"] for record in answered] == [RUNNING]
    assert all(one.is_alive() for one in waiting)
    shop.worker.end_run(shop.worker.run_of(job), "paused")
    for one in waiting:
        one.join(10)
    assert not any(one.is_alive() for one in waiting)


def test_extending_a_running_job_tells_the_worker_all_extensions(shop: Shop) -> None:
    job = shop.submit()
    before = shop.job(job)["iterations"]
    shop.controller.extend(job, 5)
    shop.controller.extend(job, 7)
    assert [command.extensions for command in shop.worker.settled()[1:]] == [[5], [5, 7]]
    assert shop.job(job)["iterations"] == before + 12


def test_an_extension_that_meets_the_end_is_painted_all_the_same(shop: Shop) -> None:
    job = shop.submit()
    shop.controller.extend(job, 5)
    shop.worker.done(job, extensions=0)
    assert shop.state(job) == RUNNING
    shop.worker.done(job, extensions=1)
    assert shop.state(job) == DONE


def test_an_extended_job_is_followed_to_its_new_end(shop: Shop) -> None:
    job = job_in(shop, DONE)
    before = shop.job(job)["iterations"]
    shop.controller.extend(job, 5)
    assert "done" not in [name for name, _ in shop.told(job)]
    shop.worker.done(job)
    assert [name for name, _ in shop.told(job)].count("done") == 1
    assert shop.job(job)["iterations"] == before + 5


def test_a_job_without_a_checkpoint_cannot_be_extended(shop: Shop) -> None:
    job = job_in(shop, "cancelled")
    with pytest.raises(Conflict, match="checkpoint"):
        shop.controller.extend(job, 5)
    assert read_json(shop.controller.folder(job) / "task.json")["extensions"] == []


def test_a_job_whose_picture_is_gone_stays_done_where_it_cannot_be_extended(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_in(shop, DONE)
    forget_pictures(shop, monkeypatch)
    with pytest.raises(NotFound, match="no image"):
        shop.controller.extend(job, 5)
    assert shop.state(job) == DONE
    shop.images.put(grey(90))
    shop.controller.extend(job, 5)
    assert shop.state(job) == RUNNING


def test_a_deleted_job_leaves_no_file(shop: Shop) -> None:
    job = job_in(shop, DONE)
    folder = shop.controller.folder(job)
    shop.controller.delete(job)
    assert not folder.exists()
    assert shop.controller.jobs() == []


def test_files_of_a_job_deleted_while_painted_go_when_the_worker_lets_go(shop: Shop) -> None:
    job = shop.submit()
    folder, worker, run = shop.controller.folder(job), shop.worker, shop.worker.run_of(job)
    worker.obedient = False
    shop.controller.delete(job)
    worker.frame(job, 1, 1)
    assert folder.exists()
    assert not (folder / "job.json").exists(), "a daemon killed now would find the job again"
    worker.end_run(run, "cancelled")
    shop.settle()
    assert not folder.exists()


def test_files_of_a_deleted_job_go_when_the_worker_dies(shop: Shop) -> None:
    job = shop.submit()
    folder = shop.controller.folder(job)
    shop.worker.obedient = False
    shop.controller.delete(job)
    shop.worker.die()
    shop.settle()
    assert not folder.exists()


def test_a_reader_of_a_deleted_job_comes_to_an_end(shop: Shop) -> None:
    job = shop.submit()
    stream = shop.controller.events(job, 0, 5)
    names = [next(stream).name, next(stream).name]  # type: ignore[union-attr]
    shop.controller.delete(job)
    names += [event.name for event in stream if event]
    assert names == ["state", "state", "done"]


def test_a_full_queue_refuses_and_leaves_nothing(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(max_jobs_queued=2)
    shop.submit()
    shop.submit()
    with pytest.raises(TooMany, match="2 jobs"):
        shop.submit()
    assert len(list((shop.home / "jobs").iterdir())) == 2


def test_paused_jobs_are_limited_too(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(max_jobs_paused=2)
    shop.warm()
    jobs = [shop.submit() for _ in range(2)]
    for job in jobs:
        shop.controller.pause(job)
    with pytest.raises(TooMany, match="2 jobs are paused") as caught:
        shop.submit()
    assert "Resume or delete" in caught.value.hint
    shop.controller.delete(jobs[0])
    assert shop.state(shop.submit()) == RUNNING


def test_many_who_submit_at_once_do_not_pass_the_limit(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(max_jobs_queued=3)
    refused = []

    def submit() -> None:
        try:
            shop.submit()
        except TooMany as error:
            refused.append(error)

    threads = [threading.Thread(target=submit) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(shop.controller.jobs()), len(refused)) == (3, 7)


def test_unload_is_refused_while_a_job_is_painted(shop: Shop) -> None:
    job = shop.submit()
    with pytest.raises(Conflict):
        shop.controller.unload()
    shop.worker.done(job)
    shop.controller.unload()
    assert shop.worker.stopped
    assert shop.worker_state == "stopped"


def test_closing_pauses_what_is_unfinished(shop: Shop) -> None:
    running, waiting = shop.submit("a"), shop.submit("a")
    shop.close()
    assert (shop.state(running), shop.state(waiting)) == (PAUSED, PAUSED)
    saved = [read_json(folder / "job.json")["state"] for folder in sorted((shop.home / "jobs").iterdir())]
    assert saved == [PAUSED, PAUSED]


def test_a_view_does_not_change_afterwards(shop: Shop) -> None:
    job = shop.submit()
    view = shop.job(job)
    shop.worker.frame(job, 1, 1)
    shop.worker.progress(job, 2, tile=64)
    assert (view["frames"], view["notes"], view["loss"]) == ([], [], None)


def test_a_folder_that_vanished_disturbs_nobody(shop: Shop) -> None:
    job = shop.submit()
    shop.settle()
    shutil.rmtree(Path(shop.controller.folder(job)))
    shop.worker.progress(job)
    shop.worker.end_run(shop.worker.run_of(job), "done")
    assert shop.state(job) == DONE


@pytest.mark.parametrize("action", ["pause", "finish"])
def test_no_request_waits_for_a_slow_iteration(shop: Shop, action: str) -> None:
    job = shop.submit()
    shop.worker.obedient = False
    began = time.monotonic()
    answer = getattr(shop.controller, action)(job)
    assert time.monotonic() - began < 1.8
    assert answer["state"] == RUNNING
    shop.worker.end_run(shop.worker.run_of(job), {"pause": "paused", "finish": "done"}[action])
    assert shop.state(job) == {"pause": PAUSED, "finish": DONE}[action]


def test_finishing_a_paused_job_does_not_wait_for_somebody_else_s_turn(shop: Shop) -> None:
    job = job_in(shop, PAUSED)
    shop.submit("other")
    shop.submit("third")
    began = time.monotonic()
    assert shop.controller.finish(job)["state"] == QUEUED
    assert time.monotonic() - began < 1.8


def test_the_workers_are_listed_with_what_they_paint(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(devices=2)
    shop.warm()
    first = shop.submit("a")
    (one, other) = shop.controller.workers()
    assert (one["state"], one["jobs"], one["device"]) == ("busy", [first], "fake")
    assert (other["state"], other["jobs"], other["device"]) == ("stopped", [], None)
    assert one["id"] != other["id"] and one["host"] == other["host"]


def test_several_jobs_are_painted_on_several_devices_at_once(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(devices=2)
    shop.warm()
    jobs = [shop.submit("a") for _ in range(3)]
    assert [shop.state(job) for job in jobs] == [RUNNING, QUEUED, QUEUED]
    shop.workers[1].ready()
    assert [shop.state(job) for job in jobs] == [RUNNING, RUNNING, QUEUED]
    shop.workers[0].die()
    assert [shop.state(job) for job in jobs] == [QUEUED, RUNNING, QUEUED]
    shop.workers[1].done(jobs[1])
    assert shop.workers[1].painting() == [jobs[0]]
