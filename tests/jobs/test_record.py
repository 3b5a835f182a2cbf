"""Records survive the daemon, whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.jobs.fakes import Shop

from neural_style_server.jobs.job import CANCELLED, DONE, FAILED, MOST_EVENTS, PAUSED, RUNNING, Job, load


def record(folder: Path, **more: Any) -> Job:
    spec = {"content": "0" * 64, "mask": None, "init": None, "regions": [], "frames": {"seconds": 2}}
    values: dict[str, Any] = {
        "id": folder.name,
        "client": "gimp",
        "preset": "ink",
        "on_disconnect": "continue",
        "request": spec,
        "preset_source": {},
        "seed": 0,
        "width": 8,
        "height": 6,
        "format": "RGBA8",
        "iterations": 60,
        "forecast": {},
        "recipe": {},
    }
    return Job(folder=folder, **{**values, **more})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "0123456789abcdef"
    path.mkdir()
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
    crashed = shutil.copytree(before.home, tmp_path / "copy")  # as kill -9 leaves it
    before.queue.close()
    shutil.rmtree(before.home)
    shutil.move(crashed, before.home)
    after = open_shop()
    assert [after.state(job) for job in (running, waiting, done)] == [PAUSED, PAUSED, DONE]
    assert [frame["number"] for frame in after.queue.job(running)["frames"]] == [1]
    after.warm()
    after.queue.resume(running)
    assert after.state(running) == RUNNING


def test_a_reader_of_the_former_daemon_gets_the_story_again(open_shop: Callable[..., Shop]) -> None:
    before = open_shop()
    before.warm()
    job = before.submit()
    before.worker.done(job)
    last = before.queue._jobs[job].told
    before.queue.close()
    assert open_shop().told(job, after=last)[-1] == ("done", {"state": "done"})


def test_a_frame_that_the_record_does_not_know_is_found_again(folder: Path) -> None:
    asked = record(folder, state=RUNNING)
    asked.request["frames"] = {"every": 20, "seconds": 2}
    asked.save()
    (folder / "frames").mkdir()
    for number in (1, 2):
        meta = {"width": 8, "height": 6, "format": "RGBA8", "iteration": number * 10}
        (folder / "frames" / f"{number}.json").write_text(json.dumps(meta))
    loaded = load(folder)
    assert loaded is not None
    assert [(frame["iteration"], frame["kept"]) for frame in loaded.frames] == [(10, False), (20, True)]


@pytest.mark.parametrize(
    ("state", "last"),
    [(DONE, ("done", {"state": "done"})), (CANCELLED, ("done", {"state": "cancelled"})), (FAILED, ("error", {}))],
)
def test_the_end_of_an_ended_job_is_told_again(folder: Path, state: str, last: tuple[str, Any]) -> None:
    record(folder, state=state).save()
    loaded = load(folder)
    assert loaded is not None
    assert (loaded.events[-1].name, loaded.events[-1].data) == last


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"id": "0123456789abcdef"}',
    ],
)
def test_a_record_that_is_not_whole_is_left_out(folder: Path, text: str) -> None:
    (folder / "job.json").write_text(text)
    assert load(folder) is None


@pytest.mark.parametrize("wrong", [{"state": "asleep"}, {"id": "another"}, {"frames": None}, {"told": "x"}, {"new": 1}])
def test_a_record_with_a_wrong_value_is_left_out(folder: Path, wrong: dict[str, Any]) -> None:
    record(folder, frames=[{"number": 1}]).save()
    saved = json.loads((folder / "job.json").read_text())
    (folder / "job.json").write_text(json.dumps({**saved, **wrong}))
    assert load(folder) is None


def test_a_folder_without_a_record_is_taken_away_and_a_damaged_one_kept(open_shop: Callable[..., Shop]) -> None:
    jobs = open_shop().home / "jobs"
    (jobs / "half" / "styles").mkdir(parents=True)
    (jobs / "damaged").mkdir()
    (jobs / "damaged" / "job.json").write_text("{")
    again = open_shop()
    assert again.queue.jobs() == []
    assert [path.name for path in jobs.iterdir()] == ["damaged"]


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40), iteration=st.integers(0, 10**9), cut=st.integers(0, 400))
def test_what_is_loaded_is_what_was_saved_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, text: str, iteration: int, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("job") / "abc"
    folder.mkdir()
    record(folder, client=text, iteration=iteration, state=DONE).save()
    whole = load(folder)
    assert whole is not None
    assert (whole.client, whole.iteration) == (text, iteration)
    data = (folder / "job.json").read_bytes()
    (folder / "job.json").write_bytes(data[:-1][:cut])
    assert load(folder) is None


def test_old_progress_is_thinned_and_nothing_else(folder: Path) -> None:
    job = record(folder)
    for number in range(MOST_EVENTS + 100):
        job.tell("frame" if number % 100 == 0 else "progress", iteration=number)
    frames = [event for event in job.events if event.name == "frame"]
    assert len(frames) == (MOST_EVENTS + 100) // 100
    assert len(job.events) <= MOST_EVENTS
    numbers = [event.number for event in job.events]
    assert numbers == sorted(set(numbers))
