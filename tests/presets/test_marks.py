"""Favourites and last use survive a restart, another program's change and a damaged file."""

from pathlib import Path

import pytest

from neural_style_server.presets import marks
from neural_style_server.presets.marks import Marks, MarksFile


def test_marks_survive_a_restart(tmp_path: Path) -> None:
    file = MarksFile(tmp_path / "new" / "library.json")
    file.set_favourite("ink", True)
    file.use("ink", 12.5)
    assert MarksFile(file.path).read() == Marks(frozenset({"ink"}), {"ink": 12.5})
    file.set_favourite("ink", False)
    file.forget("ink")
    assert MarksFile(file.path).read() == Marks()


def test_another_program_s_change_is_seen(tmp_path: Path) -> None:
    here, there = MarksFile(tmp_path / "library.json"), MarksFile(tmp_path / "library.json")
    here.set_favourite("ink", True)
    there.set_favourite("oil", True)
    assert here.read().favourites == {"ink", "oil"}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"favourites": 1}', "[" * 100_000, "\x00"])
def test_a_damaged_file_is_no_disaster(tmp_path: Path, text: str) -> None:
    path = tmp_path / "library.json"
    path.write_text(text)
    file = MarksFile(path)
    assert file.read() == Marks()
    file.set_favourite("ink", True)
    assert MarksFile(path).read().favourites == {"ink"}


def test_without_a_path_marks_live_as_long_as_the_program() -> None:
    file = MarksFile(None)
    file.set_favourite("ink", True)
    assert file.read().favourites == {"ink"}


def test_only_the_latest_uses_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "MAX_USED", 2)
    file = MarksFile(None)
    for when, name in enumerate(["a", "b", "c"]):
        file.use(name, when)
    assert set(file.read().last_used) == {"b", "c"}
