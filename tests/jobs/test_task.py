"""Task files of today and of version 0.1.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neural_style_server.errors import EngineError
from neural_style_server.jobs.task import TaskFile, TaskRegion, TaskStyle

CONTENT, MASK = "c" * 64, "d" * 64
TASK = TaskFile(
    method={"iterations": 4},
    frames={"at": [2]},
    content=CONTENT,
    mask=MASK,
    regions=[TaskRegion(mask=None, styles=[TaskStyle(file="styles/0-0.png", weight=2)])],
)


@pytest.mark.parametrize("images", ["/tmp/home/images/", "C:\\Users\\Ann\\neural-style\\images\\"])
def test_a_file_of_version_0_1_0_is_read_wherever_its_home_is_now(tmp_path: Path, images: str) -> None:
    former: dict[str, Any] = {
        "recipe": {"iterations": 4},
        "frames": {"at": [2]},
        "content": images + CONTENT,
        "mask": images + MASK,
        "init": None,
        "size": None,
        "areas": [{"mask": None, "styles": [{"file": "styles/0-0.png", "weight": 2}]}],
        "extensions": [],
    }
    (tmp_path / "task.json").write_text(json.dumps(former))
    assert TaskFile.read(tmp_path) == TASK


def test_a_task_is_read_as_it_was_written(tmp_path: Path) -> None:
    TASK.write(tmp_path)
    assert TaskFile.read(tmp_path) == TASK


@pytest.mark.parametrize(
    "wrong",
    [
        *({"method": {"iterations": "x"}}, {"method": {"speed": 5}}, {"frames": {}}, {"regions": []}),
        *({"extensions": [0]}, {"size": 10**400}, {"content": None}, {"later": 1}),
        *({"regions": [{"mask": None, "styles": [{"file": file, "weight": 1}]}]} for file in ("/dev/zero", "../a.png")),
    ],
)
def test_a_file_that_says_what_cannot_be_painted_is_damaged_too(tmp_path: Path, wrong: dict[str, Any]) -> None:
    (tmp_path / "task.json").write_text(json.dumps({**TASK.model_dump(), **wrong}))
    assert TaskFile.find(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"content": 5}'])
def test_a_damaged_file_is_an_error_for_people(tmp_path: Path, text: str) -> None:
    (tmp_path / "task.json").write_text(text)
    with pytest.raises(EngineError, match="damaged") as caught:
        TaskFile.read(tmp_path)
    assert "again" in caught.value.hint
