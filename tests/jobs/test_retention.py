"""Idle and hung workers, what is kept and for how long, and a disk that takes no more."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.jobs.fakes import Shop, grey
from tests.waiting import wait_for

from neural_style_server import files
from neural_style_server.errors import DiskFull, TooLarge
from neural_style_server.jobs import disk_limit, retention, worker_slot
from neural_style_server.jobs.disk_limit import folder_bytes
from neural_style_server.jobs.record import DONE, QUEUED, RUNNING
from neural_style_server.jobs.retention import Ticker

WEEK_S = 7 * 86400


def finished(shop: Shop, count: int, ago_s: float = 0.0) -> list[str]:
    jobs = []
    for _ in range(count):
        jobs.append(shop.submit())
        shop.worker.done(jobs[-1])
        shop.live(jobs[-1]).record.finished = time.time() - ago_s
        shop.live(jobs[-1]).since -= ago_s
    return jobs


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Writes of records fail as on a full disk, until told otherwise."""

    def switch(full: bool) -> None:
        def replace(source: str, target: Path) -> None:
            if full:
                raise OSError(28, "No space left on device")
            os.rename(source, target)

        monkeypatch.setattr(files.os, "replace", replace)

    return switch


def test_an_idle_worker_ends_and_the_next_job_warms_another(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(idle_unload_s=0.01)
    shop.warm()
    wait_for(lambda: shop.workers[0].stopped, 5)
    job = shop.submit()
    shop.worker.ready()
    assert (len(shop.workers), shop.state(job)) == (2, RUNNING)


def test_a_worker_that_paints_is_not_idle(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(idle_unload_s=0.0)
    shop.warm()
    shop.submit()
    shop.all.retention.tidy()
    assert not shop.worker.stopped


def test_a_job_that_has_just_been_paused_does_not_end_the_worker(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(idle_unload_s=2)
    shop.warm()
    job = shop.submit()
    time.sleep(2.1)
    shop.controller.pause(job)
    shop.all.retention.tidy()
    assert not shop.worker.stopped


def test_a_hung_worker_is_ended_and_its_job_taken_up_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    job = shop.submit()
    shop.all.retention.tidy()
    assert not shop.worker.killed
    monkeypatch.setattr(worker_slot, "HUNG_S", 0.0)
    monkeypatch.setattr(worker_slot, "HUNG_ITERATIONS", 0)
    shop.all.retention.tidy()
    assert shop.workers[0].killed
    assert shop.state(job) == QUEUED


def test_only_so_many_ended_jobs_are_kept_the_oldest_go(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(max_jobs_kept=2)
    shop.warm()
    jobs = finished(shop, 4)
    shop.all.retention.tidy()
    assert {job["id"] for job in shop.controller.jobs()} == set(jobs[2:])
    shop.settle()
    assert {path.name for path in (shop.home / "jobs").iterdir()} == set(jobs[2:])


def test_ended_jobs_go_when_their_time_is_over_and_unfinished_ones_stay(shop: Shop) -> None:
    (old,) = finished(shop, 1, ago_s=WEEK_S + 60)
    (new,) = finished(shop, 1, ago_s=WEEK_S - 60)
    paused = shop.submit()
    shop.controller.pause(paused)
    shop.all.retention.tidy()
    assert {job["id"] for job in shop.controller.jobs()} == {new, paused}
    shop.settle()
    assert old not in os.listdir(shop.home / "jobs")


def test_a_paused_job_that_nobody_resumes_goes_when_its_time_is_over(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(paused_keep_s=30 * 86400)
    shop.warm()
    old, new = shop.submit(), shop.submit()
    for job in (old, new):
        shop.controller.pause(job)
        shop.live(job).since -= 86400
    shop.live(old).changed -= 31 * 86400
    shop.live(new).changed -= 29 * 86400
    shop.all.retention.tidy()
    assert [job["id"] for job in shop.controller.jobs()] == [new]
    shop.settle()
    assert os.listdir(shop.home / "jobs") == [new]


def test_a_restart_does_not_begin_a_paused_job_s_time_anew(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    job = shop.submit()
    shop.controller.pause(job)
    shop.close()
    os.utime(shop.home / "jobs" / job / "job.json", (1, 1))
    again = open_shop()
    assert again.state(job) == "paused"
    again.live(job).since -= 3600
    again.all.retention.tidy()
    assert again.controller.jobs() == []


def test_a_job_that_goes_on_while_room_is_made_stays(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    (job,) = finished(shop, 1, ago_s=3600)

    def extend_first(folder: Path) -> int:
        shop.controller.extend(job, 10)
        return 1000

    monkeypatch.setattr(retention, "folder_bytes", extend_first)
    assert shop.all.retention.evict(None, 1) == 0
    assert shop.state(job) == RUNNING


def test_memory_is_given_back_once_when_all_is_done(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    monkeypatch.setattr(retention, "release_all", lambda: given.append(1))
    shop.all.retention.tidy()
    job = shop.submit()
    shop.all.retention.tidy()
    assert given == []
    shop.worker.done(job)
    for _ in range(3):
        shop.all.retention.tidy()
    assert given == [1]
    shop.controller.delete(job)
    shop.all.retention.tidy()
    assert given == [1, 1]


def test_a_clock_that_jumps_ahead_for_a_moment_costs_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    (done,) = finished(shop, 1)
    paused = shop.submit()
    shop.controller.pause(paused)
    stray = shop.images.put(grey(5))["id"]
    monkeypatch.setattr(time, "time", lambda: 4e9)
    shop.all.retention.tidy()
    assert {job["id"] for job in shop.controller.jobs()} == {done, paused}
    shop.images.get(stray)


def test_pictures_that_no_job_names_go_with_time(shop: Shop) -> None:
    stray = shop.images.put(grey(5))["id"]
    shop.submit()
    for path in (shop.home / "images").iterdir():
        os.utime(path, (1, 1))
    shop.all.retention._began -= 3600
    shop.all.retention.tidy()
    left = {path.stem for path in (shop.home / "images").iterdir()}
    assert left == {shop.content}
    assert stray not in left


def test_old_results_make_room_for_a_new_job(open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_limit, "MEASURE_S", 0.0)
    shop = open_shop(disk_limit_bytes=600_000)
    shop.warm()
    (old,) = finished(shop, 1, ago_s=3600)
    (fresh,) = finished(shop, 1)
    (shop.controller.folder(old) / "large").write_bytes(bytes(590_000))
    shop.submit()
    assert {job["id"] for job in shop.controller.jobs()} >= {fresh}
    shop.settle()
    assert old not in os.listdir(shop.home / "jobs")


def test_a_job_beyond_the_disk_limit_is_refused(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(disk_limit_bytes=10_000)
    with pytest.raises(TooLarge, match="on the disk") as caught:
        shop.submit(frames={"every": 1}, method={"iterations": 20_000})
    assert caught.value.code == "disk_limit"
    shop.settle()
    assert os.listdir(shop.home / "jobs") == []


def test_a_full_disk_refuses_a_new_job_and_leaves_nothing(shop: Shop, full_disk: Callable[[bool], None]) -> None:
    full_disk(True)
    with pytest.raises(DiskFull, match="No space left"):
        shop.submit()
    shop.settle()
    assert os.listdir(shop.home / "jobs") == []


def test_a_disk_that_fills_up_while_painting_stops_nothing(shop: Shop, full_disk: Callable[[bool], None]) -> None:
    job, other = shop.submit("a"), shop.submit("b")
    shop.settle()
    full_disk(True)
    shop.worker.end_run(shop.worker.run_of(job), "done")
    assert shop.state(job) == DONE
    assert shop.saved(job)["state"] == RUNNING
    full_disk(False)
    shop.all.retention.tidy()
    assert shop.saved(job)["state"] == DONE
    assert shop.state(other) == RUNNING


def test_an_extension_that_cannot_be_written_changes_nothing(shop: Shop, full_disk: Callable[[bool], None]) -> None:
    job = shop.submit()
    before = shop.job(job)["iterations"]
    full_disk(True)
    with pytest.raises(DiskFull):
        shop.controller.extend(job, 10)
    assert shop.job(job)["iterations"] == before
    assert "extend" not in shop.worker.ops()


def test_tidying_goes_on_after_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    twice = threading.Event()
    calls: list[int] = []

    def tidy() -> None:
        calls.append(1)
        if len(calls) > 1:
            twice.set()
        raise RuntimeError("the folder is gone")

    ticker = Ticker(tidy, 0.01)
    assert twice.wait(5)
    ticker.close()
    assert "tidying failed" in caplog.text


def test_the_bytes_of_a_folder_are_those_of_all_files_below(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one").write_bytes(bytes(10))
    (tmp_path / "a" / "b" / "two").write_bytes(bytes(5))
    assert folder_bytes(tmp_path) == 15


ARENAS = """
import ctypes, sys, threading
from neural_style_server.engine.memory.allocator import limit_arenas
if sys.argv[1] == "shared":
    limit_arenas()
ready = threading.Barrier(9)
def work():
    held = [bytes(2000) for _ in range(200)]
    ready.wait()
    ready.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
ready.wait()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
out = libc.fopen(sys.argv[2].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(out))
libc.fclose(ctypes.c_void_p(out))
ready.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only the GNU C library has arenas")
def test_threads_share_two_pools_of_memory(tmp_path: Path) -> None:
    def pools(how: str) -> int:
        said = tmp_path / how
        subprocess.run([sys.executable, "-c", ARENAS, how, str(said)], check=True)
        return said.read_text().count("<heap nr=")

    assert pools("own") > 2
    assert pools("shared") <= 2
