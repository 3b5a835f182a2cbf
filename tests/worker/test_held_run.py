"""Held frames: the result of the one before, to the byte, unless anything else is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.jobs.fakes import grey

from neural_style_server.engine.method import Method
from neural_style_server.jobs.picture_files import read_picture, write_picture
from neural_style_server.jobs.task import TaskDrawnTo, TaskFile, TaskPrevious, TaskRegion, TaskStyle
from neural_style_server.worker.held_run import HeldRun, is_held

FIRST, SECOND = "0" * 16, "1" * 16


def make(home: Path, job: str, **more: Any) -> Path:
    folder = home / job
    folder.mkdir()
    style = TaskStyle(file="styles/0-0.png", sha256="a" * 64, weight=1.0)
    usual: dict[str, Any] = {"content": "c", "regions": [TaskRegion(mask=None, styles=[style])], "frames": {"every": 9}}
    TaskFile(**{**usual, "method": Method().as_dict(), **more}).write(folder)
    return folder


@pytest.fixture
def first(tmp_path: Path) -> Path:
    folder = make(tmp_path, FIRST)
    write_picture(folder / "result", grey(77), iteration=9)
    return folder


def test_the_same_again_has_the_same_result(first: Path, tmp_path: Path) -> None:
    folder = make(tmp_path, SECOND, previous=TaskPrevious(content="c", job=FIRST))
    assert is_held(folder)
    run = HeldRun("run", folder)
    assert run.finished and not list(run.begin())
    (message,) = run.finish()
    assert (message.number, message.width, message.height) == (1, 8, 6)
    for name in ("result", "frames/1"):
        found = read_picture(folder / name)
        assert found is not None and found[0].pixels.tobytes() == grey(77).pixels.tobytes()


@pytest.mark.parametrize(
    "other",
    [
        {"content": "d"},
        {"mask": "m"},
        {"size": 64},
        {"method": Method(iterations=3).as_dict()},
        {"regions": [TaskRegion(mask=None, styles=[TaskStyle(file="styles/0-0.png", sha256="b" * 64, weight=1.0)])]},
        {"extensions": [5]},
        {"previous": None},
        {"drawn_to": TaskDrawnTo(image="k", content="c", frames=2)},
    ],
)
def test_whatever_differs_is_painted(first: Path, tmp_path: Path, other: dict[str, Any]) -> None:
    assert not is_held(make(tmp_path, SECOND, **{"previous": TaskPrevious(content="c", job=FIRST), **other}))


def test_what_is_drawn_to_a_key_is_painted_also_where_it_is_as_far_as_the_frame_before(tmp_path: Path) -> None:
    key = TaskDrawnTo(image="k", content="c", frames=1)
    write_picture(make(tmp_path, FIRST, drawn_to=key) / "result", grey(77), iteration=9)
    assert not is_held(make(tmp_path, SECOND, drawn_to=key, previous=TaskPrevious(content="c", job=FIRST)))


def test_without_the_result_before_it_is_for_a_run_to_say_so(first: Path, tmp_path: Path) -> None:
    (first / "result.json").unlink()
    assert not is_held(make(tmp_path, SECOND, previous=TaskPrevious(content="c", job=FIRST)))
