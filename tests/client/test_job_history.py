"""The jobs of each document, kept in a file of the painter's own."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from neural_style_client.job_history import KEPT_JOBS, Entry, History, from_text, leaving, to_text


def test_history_is_kept_by_document_newest_first(tmp_path: Path) -> None:
    path = str(tmp_path / "home" / "history.json")
    history = History(path)
    for number in range(KEPT_JOBS + 3):
        history.add("/a.kra", Entry(job=f"job{number}", title="Mosaic"))
    history.change("job14", state="done", area=[0, 0, 5, 5])
    history.add("unsaved x", Entry(job="other", title="Mosaic"))
    again = History(path)
    assert [one.job for one in again.of("/a.kra")][:2] == ["job14", "job13"]
    assert len(again.of("/a.kra")) == KEPT_JOBS
    assert again.of("/a.kra")[0].has_result and not again.of("/a.kra")[1].has_result
    assert again.of("unsaved x") == []


def test_a_picture_saved_for_the_first_time_keeps_its_history() -> None:
    history = History()
    history.add("unsaved x", Entry(job="one", title="Mosaic"))
    history.add("/a.kra", Entry(job="two", title="Mosaic"))
    history.moved("unsaved x", "/a.kra")
    history.change("one", state="done")
    assert [(one.job, one.state) for one in history.of("/a.kra")] == [("two", "running"), ("one", "done")]
    assert history.of("unsaved x") == []


@pytest.mark.parametrize("text", ["{", "[1]", '{"/a.kra": [{"nothing": 1}]}', '{"/a.kra": 5}'])
def test_a_broken_history_file_is_no_reason_to_fail_and_is_not_overwritten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "history.json"
    path.write_text(text)
    history = History(str(path))
    assert history.of("/a.kra") == []
    history.add("/a.kra", Entry(job="one", title="Mosaic"))
    assert (tmp_path / "history.json.unreadable").read_text() == text
    assert [one.job for one in History(str(path)).of("/a.kra")] == ["one"]


def test_entries_of_another_version_are_read_as_far_as_they_are_known(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text(json.dumps({"/a.kra": [{"job": "one", "title": "Mosaic", "state": "done", "sparkle": 3}]}))
    assert History(str(path)).of("/a.kra") == [Entry(job="one", title="Mosaic", state="done")]


def test_what_two_windows_have_painted_is_kept(tmp_path: Path) -> None:
    path = str(tmp_path / "history.json")
    one, other = History(path), History(path)
    one.add("/a.kra", Entry(job="job1", title="Mosaic"))
    one.change("job1", state="done")
    other.add("/a.kra", Entry(job="job2", title="Mosaic"))
    other.add("unsaved x", Entry(job="job3", title="Mosaic"))
    other.change("job1", starred=True)
    one.add("/b.kra", Entry(job="job4", title="Mosaic"))
    for history in (other, one):
        history.learn("/c.kra", [Entry(job="job5", title="Mosaic")])
    again = History(path)
    assert [(one.job, one.state, one.starred) for one in again.of("/a.kra")][1] == ("job1", "done", True)
    assert [one.job for one in again.of("/b.kra")] == ["job4"] and len(again.of("/a.kra")) == 2
    assert [one.job for one in other.of("unsaved x")] == ["job3"]


@pytest.mark.parametrize(
    ("known", "state"),
    [({}, "cancelled"), ({"one": "running"}, "running"), ({"one": "paused"}, "running"), ({"one": "done"}, "done")],
)
def test_what_became_of_a_job_is_asked_of_the_daemon(tmp_path: Path, known: dict[str, str], state: str) -> None:
    path = str(tmp_path / "history.json")
    History(path).add("/a.kra", Entry(job="one", title="Mosaic"))
    again = History(path)
    assert [one.state for one in again.of("/a.kra")] == ["running"]  # another window, or another Krita, may paint it
    again.settle(known)
    assert [one.state for one in History(path).of("/a.kra")] == [state]


def test_what_has_ended_here_is_not_settled_again(tmp_path: Path) -> None:
    history = History(str(tmp_path / "history.json"))
    history.add("/a.kra", Entry(job="one", title="Mosaic", state="kept"))
    history.settle({"one": "done"})
    assert [one.state for one in history.of("/a.kra")] == ["kept"]


def test_a_job_that_was_begun_since_is_none_of_those() -> None:
    history = History()
    history.add("/a.kra", Entry(job="one", title="Mosaic", at=time.time() + 1))
    history.settle({})
    assert [one.state for one in history.of("/a.kra")] == ["running"]


def test_an_entry_is_one_line() -> None:
    entry = Entry(job="one", title="Mosaic", seed=7, iteration=40, state="kept")
    assert entry.text() == "Mosaic · 40 iterations · seed 7 · stopped, result kept"


def test_what_a_document_brings_along_is_learnt_once(tmp_path: Path) -> None:
    first, second = Entry("job1", "Mosaic", at=1.0), Entry("job2", "Ink", at=2.0, state="done")
    history = History(str(tmp_path / "history.json"))
    history.add("/here/a.kra", Entry("job1", "Mosaic", at=1.0, iteration=9))
    for _ in range(2):
        history.learn("/here/a.kra", from_text(to_text([first, second])))
    assert [(one.job, one.iteration) for one in history.of("/here/a.kra")] == [("job2", 0), ("job1", 9)]
    assert [one.job for one in History(str(tmp_path / "history.json")).of("/here/a.kra")] == ["job2", "job1"]
    newer = to_text([second]).replace('"state"', '"sparkle": 3, "state"')
    assert from_text(newer) == [second]
    for broken in ("", "{", "3", "[3]", '[{"title": "no job"}]', '[{"job": "a", "title": "b", "at": "late"}]',
                   '[{"job": "../x", "title": "b"}]', '[{"job": "a", "title": "b", "area": ["x"]}]',
                   "[" * 200_000, '[{"job": "a", "title": "b", "at": 1e300}]',
                   '[{"job": "a", "title": "b", "at": NaN}]'):  # fmt: skip
        assert from_text(broken) == []


def test_a_starred_job_stays_and_the_one_that_would_leave_is_known(tmp_path: Path) -> None:
    history = History(str(tmp_path / "history.json"))
    for number in range(KEPT_JOBS):
        assert leaving(history.of("/a.kra")) is None
        history.add("/a.kra", Entry(job=f"job{number}", title="Mosaic", at=1.0 + number))
    assert leaving(history.of("/a.kra")).job == "job0"  # type: ignore[union-attr]
    history.change("job0", starred=True)
    assert leaving(history.of("/a.kra")) is None
    history.add("/a.kra", Entry(job="more", title="Mosaic", at=50.0))
    assert leaving(history.of("/a.kra")).job == "job1"  # type: ignore[union-attr]
    history.add("/a.kra", Entry(job="most", title="Mosaic", at=51.0))
    kept = History(str(tmp_path / "history.json")).of("/a.kra")
    assert [one.job for one in kept if one.job in ("job0", "job1", "job2")] == ["job2", "job0"]
    assert from_text(to_text(kept)) == kept
