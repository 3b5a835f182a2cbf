"""Changes of jobs that have begun, on a slow disk: only those of the same job wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.jobs.fakes import Shop

from neural_style_server.errors import Conflict
from neural_style_server.jobs import task_changes
from neural_style_server.jobs.task import TaskFile


class SlowDisk:
    """Writes the task of one job only after `goes_on`."""

    def __init__(self, job: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.goes_on = threading.Event(), threading.Event()
        write = TaskFile.write

        def slow(task: TaskFile, folder: Path) -> None:
            if folder.name == job:
                self.begun.set()
                assert self.goes_on.wait(30)
            write(task, folder)

        monkeypatch.setattr(TaskFile, "write", slow)


@pytest.fixture
def jobs(shop: Shop) -> list[str]:
    return [shop.submit(client) for client in ("a", "b")]


@pytest.fixture
def disk(jobs: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    """Slow for the first job."""
    made = SlowDisk(jobs[0], monkeypatch)
    yield made
    made.goes_on.set()


def test_a_change_that_is_slow_to_save_holds_up_no_other_job(shop: Shop, jobs: list[str], disk: SlowDisk) -> None:
    slow, other = jobs
    with ThreadPoolExecutor() as threads:
        first = threads.submit(shop.controller.extend, slow, 5)
        try:
            assert disk.begun.wait(10)
            assert threads.submit(shop.controller.extend, other, 7).result(10)["iterations"] > 7
            assert not first.done()
        finally:
            disk.goes_on.set()
        first.result(10)
    assert [TaskFile.read(shop.controller.folder(job)).extensions for job in jobs] == [[5], [7]]


def test_changes_of_one_job_are_saved_one_after_another(shop: Shop, jobs: list[str], disk: SlowDisk) -> None:
    with ThreadPoolExecutor() as threads:
        both = [threads.submit(shop.controller.extend, jobs[0], count) for count in (5, 7)]
        assert disk.begun.wait(10)
        disk.goes_on.set()
        for one in both:
            one.result(10)
    assert sorted(TaskFile.read(shop.controller.folder(jobs[0])).extensions) == [5, 7]


def test_a_second_change_of_a_job_does_not_wait_for_ever(
    shop: Shop, jobs: list[str], disk: SlowDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_changes, "EXTEND_S", 0.05)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(shop.controller.extend, jobs[0], 5)
        try:
            assert disk.begun.wait(10)
            with pytest.raises(Conflict, match="still being saved"):
                shop.controller.extend(jobs[0], 7)
        finally:
            disk.goes_on.set()
        first.result(10)
