"""Two users at one daemon: what one has queued neither hides nor holds up the other's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.jobs.fakes import Shop, grey

from neural_style_server.errors import NotFound, TooLarge, TooMany
from neural_style_server.jobs.record import DONE, QUEUED, RUNNING
from neural_style_server.jobs.spec import JobSpec
from neural_style_server.jobs.workspaces import Workspace
from neural_style_server.users import OWNER
from neural_style_server.validation import validate


def submit(shop: Shop, user: str, client: str = "gimp-1", value: int = 90) -> str:
    workspace = shop.all.workspaces.of(user)
    image = workspace.images.put(grey(value))["id"]
    spec = validate(JobSpec, {"content": image, "preset": "ink", "client": client})
    return str(workspace.controller.submit(spec)["id"])


def state(shop: Shop, user: str, job: str) -> str:
    shop.settle()
    return str(shop.all.workspaces.of(user).controller.job(job)["state"])


def test_a_user_with_five_hundred_jobs_queued_keeps_nobody_waiting(open_shop: Callable[..., Shop]) -> None:
    """The other's first picture begins when the job that is painted ends, whichever program it was queued by."""
    shop = open_shop(max_jobs_queued=1000, user_jobs_queued=500)
    shop.warm()
    many = [submit(shop, "anna", f"batch-{number % 5}") for number in range(500)]
    first = submit(shop, "ben")
    painted = [job for job in many if state(shop, "anna", job) == RUNNING]
    assert painted and state(shop, "ben", first) == QUEUED
    shop.worker.done(painted[0])
    assert state(shop, "ben", first) == RUNNING
    second = submit(shop, "ben")
    shop.worker.done(first)
    assert state(shop, "ben", second) == QUEUED, "it is the other's turn"
    others = [job for job in many if state(shop, "anna", job) == RUNNING]
    assert len(others) == 2
    shop.worker.done(others[0])
    assert state(shop, "ben", second) == RUNNING


def test_the_owner_s_jobs_share_as_a_user_s_do(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    shop.warm()
    many = [shop.submit(f"batch-{number}") for number in range(4)]
    other = submit(shop, "anna")
    shop.worker.done(many[0])
    assert state(shop, "anna", other) == RUNNING


def test_a_user_whose_folder_does_not_answer_keeps_nobody_else_waiting(
    open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspaces = open_shop().all.workspaces
    answers, begun, make = threading.Event(), threading.Event(), workspaces._make

    def slow(user: str) -> Workspace:
        if user == "anna":
            begun.set()
            answers.wait(30)
        return make(user)

    monkeypatch.setattr(workspaces, "_make", slow)
    with ThreadPoolExecutor() as threads:
        hers = [threads.submit(workspaces.of, "anna") for _ in range(2)]
        try:
            assert begun.wait(30)
            others = [threads.submit(workspaces.of, user) for user in (OWNER, "ben")]
            assert [each.result(30) for each in others] == [workspaces.of(OWNER), workspaces.of("ben")]
            assert not any(each.done() for each in hers)
        finally:
            answers.set()
        assert hers[0].result(30) is hers[1].result(30)


def test_limits_hold_for_each_user(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(user_jobs_queued=2, max_jobs_queued=5)
    shop.warm()
    for user in ("anna", "ben"):
        for _ in range(2):
            submit(shop, user)
        with pytest.raises(TooMany, match="limit for each user"):
            submit(shop, user)
    shop.submit()
    with pytest.raises(TooMany, match="5 jobs are waiting or running already"):
        shop.submit()


def test_a_user_s_old_results_make_room_for_new_ones_and_never_another_s(
    open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neural_style_server.jobs.retention.FRESH_S", 0.0)
    monkeypatch.setattr("neural_style_server.jobs.image_store.FRESH_S", -1.0)
    monkeypatch.setattr("neural_style_server.jobs.disk_limit.MEASURE_S", -1.0)
    shop = open_shop(user_disk_bytes=200 * 180 * 4 + 1000)
    shop.warm()
    theirs = submit(shop, "ben")
    shop.worker.done(theirs)
    mine = submit(shop, "anna")
    shop.worker.done(mine)
    workspace = shop.all.workspaces.of("anna")
    workspace.images.put(grey(1, 200, 180))
    with pytest.raises(NotFound):
        workspace.controller.job(mine)
    with pytest.raises(TooLarge):
        workspace.images.put(grey(3, 400, 400))
    assert state(shop, "ben", theirs) == DONE


def test_finished_jobs_are_counted_for_each_user(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(max_jobs_kept=2)
    shop.warm()
    kept = submit(shop, "ben")
    shop.worker.done(kept)
    jobs = []
    for _ in range(4):
        jobs.append(submit(shop, "anna"))
        shop.worker.done(jobs[-1])
    shop.all.retention.delete_old()
    assert state(shop, "ben", kept) == DONE
    assert [job["id"] for job in shop.all.workspaces.of("anna").controller.jobs()] == [jobs[3], jobs[2]]
