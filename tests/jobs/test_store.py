"""Records survive the daemon, whole or set aside, and the disk holds nobody up."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.jobs.fakes import Shop
from tests.waiting import wait_for

from neural_style_server.files import UNREADABLE
from neural_style_server.jobs import store as store_module
from neural_style_server.jobs.record import CANCELLED, DONE, FAILED, PAUSED, RUNNING, JobRecord
from neural_style_server.jobs.store import JobStore

JOB = "0123456789abcdef"
FORECAST = {
    "seconds": 1.0,
    "bytes": 1,
    "disk_bytes": 0,
    "iterations": 60,
    "width": 8,
    "height": 6,
    "tile": None,
    "full_detail": True,
    "fits": True,
    "detail": "",
    "quick": None,
}


def record(identity: str = JOB, **more: Any) -> JobRecord:
    request = {"content": "0" * 64, "mask": None, "init": None, "regions": [], "frames": {"seconds": 2}}
    values: dict[str, Any] = {
        "id": identity,
        "client": "gimp",
        "preset": "ink",
        "on_disconnect": "continue",
        "request": request,
        "preset_source": {},
        "seed": 0,
        "width": 8,
        "height": 6,
        "format": "RGBA8",
        "iterations": 60,
        "forecast": FORECAST,
        "recipe": {},
    }
    return JobRecord.model_validate({**values, **more})


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[[], JobStore]]:
    stores: list[JobStore] = []

    def make() -> JobStore:
        stores.append(JobStore(tmp_path / "jobs"))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "jobs" / JOB
    path.mkdir(parents=True)
    return path


def written(folder: Path, **more: Any) -> Path:
    path = folder / "job.json"
    path.write_text(record(**more).model_dump_json())
    return path


def test_after_a_restart_unfinished_jobs_are_paused_and_can_be_resumed(
    open_shop: Callable[..., Shop], tmp_path: Path
) -> None:
    before = open_shop()
    before.warm()
    running, waiting = before.submit(), before.submit()
    before.worker.frame(running, 1, 1)
    done = before.submit("other")
    before.worker.done(done)
    before.settle()
    crashed = shutil.copytree(before.home, tmp_path / "copy")  # as kill -9 leaves it
    before.close()
    shutil.rmtree(before.home)
    shutil.move(crashed, before.home)
    after = open_shop()
    assert [after.state(job) for job in (running, waiting, done)] == [PAUSED, PAUSED, DONE]
    assert [frame["number"] for frame in after.job(running)["frames"]] == [1]
    after.warm()
    after.controller.resume(running)
    assert after.state(running) == RUNNING


def test_a_reader_of_the_former_daemon_gets_all_events_again(open_shop: Callable[..., Shop]) -> None:
    before = open_shop()
    before.warm()
    job = before.submit()
    before.worker.done(job)
    last = before.live(job).record.told
    before.close()
    assert open_shop().told(job, after=last)[-1] == ("done", {"state": "done"})


@pytest.mark.parametrize(
    ("state", "last"),
    [(DONE, ("done", {"state": "done"})), (CANCELLED, ("done", {"state": "cancelled"})), (FAILED, ("error", {}))],
)
def test_the_end_of_an_ended_job_is_told_again(
    open_shop: Callable[..., Shop], tmp_path: Path, state: str, last: tuple[str, Any]
) -> None:
    (tmp_path / "home" / "jobs" / JOB).mkdir(parents=True)
    written(tmp_path / "home" / "jobs" / JOB, state=state)
    assert open_shop().told(JOB)[-1] == last


def test_a_frame_that_the_record_does_not_know_is_found_again(folder: Path, open_store: Callable[[], JobStore]) -> None:
    request = {**record().request, "frames": {"every": 20, "seconds": 2}}
    written(folder, state=RUNNING, request=request)
    (folder / "frames").mkdir()
    for number in (1, 2):
        meta = {"width": 8, "height": 6, "format": "RGBA8", "iteration": number * 10}
        (folder / "frames" / f"{number}.json").write_text(json.dumps(meta))
    ((loaded, _),) = open_store().load()
    assert [(frame.iteration, frame.kept) for frame in loaded.frames] == [(10, False), (20, True)]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"id": "0123456789abcdef"}'])
def test_a_record_that_is_not_whole_is_set_aside_with_its_folder_and_a_word(
    folder: Path, open_store: Callable[[], JobStore], text: str, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "job.json").write_text(text)
    (folder / "result.raw").write_bytes(b"picture")
    store = open_store()
    assert list(store.load()) == []
    assert (store.root / UNREADABLE / JOB / "result.raw").read_bytes() == b"picture"
    assert (store.set_aside, JOB in caplog.text) == (1, True)
    caplog.clear()
    again = open_store()
    assert (list(again.load()), again.set_aside, caplog.text) == ([], 0, "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "asleep"},
        {"id": "another"},
        {"frames": None},
        {"told": "x"},
        {"created": "x"},
        {"created": 1e999},
        {"iterations": 10**400},
        {"recipe": {"a": float("nan")}},
        {"loss": {"total": float("inf"), "content": 0, "style": 0, "tv": 0}},
        {"error": {"job": "ink", "name": "x"}},
        {"format": "RGB"},
        {"request": {**record().request, "regions": [None]}},
        {"request": {**record().request, "content": None}},
        {"request": {**record().request, "frames": 5}},
        {"new": 1},
        {"version": 2},
        {"request": {}},
        {"forecast": {}},
    ],
)
def test_a_record_with_a_wrong_value_or_of_a_newer_program_is_set_aside(
    folder: Path, open_store: Callable[[], JobStore], wrong: dict[str, Any]
) -> None:
    path = written(folder)
    path.write_text(json.dumps({**json.loads(path.read_text()), **wrong}))
    store = open_store()
    assert list(store.load()) == []
    assert store.set_aside == 1


@pytest.mark.parametrize("notes", ["{}", "[]", '{"iteration": null}', "[" * 100_000])
def test_a_frame_whose_notes_are_damaged_takes_no_job_with_it(
    folder: Path, open_store: Callable[[], JobStore], notes: str
) -> None:
    written(folder)
    (folder / "frames").mkdir()
    (folder / "frames" / "1.json").write_text(notes)
    ((loaded, _),) = open_store().load()
    assert loaded.frames == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no FIFO")
def test_what_is_no_record_and_no_half_is_set_aside_and_hides_nothing(
    folder: Path, open_store: Callable[[], JobStore]
) -> None:
    written(folder)
    (folder / ".x.part").mkdir()
    (folder.parent / ".y.part").mkdir()
    for name in ("a", "b", "c"):
        (folder.parent / name).mkdir()
    os.mkfifo(folder.parent / "a" / "job.json")
    (folder.parent / "b" / "job.json").mkdir()
    (folder.parent / "c" / "job.json").symlink_to("nowhere")
    store = open_store()
    assert [loaded.id for loaded, _ in store.load()] == [JOB]
    assert sorted(path.name for path in (store.root / UNREADABLE).iterdir()) == [".y.part", "a", "b", "c"]
    assert store.set_aside == 3


def test_what_was_set_aside_is_said_and_goes_when_its_time_is_over(
    open_shop: Callable[..., Shop], tmp_path: Path
) -> None:
    jobs = tmp_path / "home" / "jobs"
    (jobs / "half" / "styles").mkdir(parents=True)
    (jobs / "damaged").mkdir()
    (jobs / "damaged" / "job.json").write_text("{")
    shop = open_shop(paused_keep_s=86400)
    shop.all.retention._began -= 3600
    assert shop.controller.jobs() == []
    assert [path.name for path in jobs.iterdir()] == [UNREADABLE]
    assert "1 job could not be read" in shop.controller.status.problems()
    shop.all.retention.tidy()
    assert (jobs / UNREADABLE / "damaged").exists()
    os.utime(jobs / UNREADABLE / "damaged", (1, 1))
    shop.all.retention.tidy()
    assert not (jobs / UNREADABLE / "damaged").exists()


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40), iteration=st.integers(0, 10**9), cut=st.integers(0, 400))
def test_what_is_loaded_is_what_was_saved_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, text: str, iteration: int, cut: int
) -> None:
    root = tmp_path_factory.mktemp("jobs")
    (root / JOB).mkdir()
    store = JobStore(root)
    store.save(record(client=text, iteration=iteration, state=DONE))
    assert store.flush(5)
    ((whole, _),) = store.load()
    assert (whole.client, whole.iteration) == (text, iteration)
    data = (root / JOB / "job.json").read_bytes()
    (root / JOB / "job.json").write_bytes(data[:-1][:cut])
    assert list(store.load()) == []
    store.close()


def test_of_many_saves_the_last_is_on_the_disk(folder: Path, open_store: Callable[[], JobStore]) -> None:
    store = open_store()
    for iteration in range(300):
        store.save(record(iteration=iteration))
    assert store.flush(10)
    assert json.loads((folder / "job.json").read_text())["iteration"] == 299


def test_a_removed_job_is_not_written_again(folder: Path, open_store: Callable[[], JobStore]) -> None:
    store = open_store()
    store.save(record())
    store.remove(JOB)
    store.clear(JOB)
    store.save(record())
    store.retry()
    assert store.flush(5)
    assert not folder.exists()


def test_halves_of_a_killed_write_are_taken_away_at_the_start(folder: Path, open_shop: Callable[..., Shop]) -> None:
    home = folder.parents[1] / "home"
    for place in (home / "jobs", home / "cache"):
        place.mkdir(parents=True)
        (place / ".abc.part").write_bytes(b"half")
    (home / "cache" / "tmpx.part").write_bytes(b"half")
    written_job = home / "jobs" / JOB
    written_job.mkdir()
    written(written_job)
    (written_job / ".xyz.part").write_bytes(b"half")
    open_shop()
    assert not list(home.rglob("*.part"))


def test_a_disk_that_hangs_holds_up_neither_health_nor_lists(
    open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop()
    worker, hangs = shop.warm(), threading.Event()
    job = shop.submit()
    shop.settle()
    real, waiting = store_module.write_atomic, threading.Event()

    def write(path: Path, data: bytes) -> None:
        waiting.set()
        assert hangs.wait(20)
        real(path, data)

    monkeypatch.setattr(store_module, "write_atomic", write)
    run = worker.run_of(job)
    worker.end_run(run, "done")
    assert waiting.wait(5)
    began = time.monotonic()
    assert shop.controller.status.counts() == {"queued": 0, "running": 0}
    assert shop.controller.status.worker().state == "ready"
    assert [one["state"] for one in shop.controller.jobs()] == [DONE]
    assert shop.controller.workers()[0]["jobs"] == []
    assert time.monotonic() - began < 0.5
    hangs.set()
    wait_for(lambda: shop.saved(job)["state"] == DONE)
