"""A file of the painter's own is written whole, and never over one that could not be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from neural_style_client.saved_file import SavedFile


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "settings.json"
    SavedFile(str(path)).write({"a": [1, "ü"]})
    assert SavedFile(str(path)).read() == {"a": [1, "ü"]}
    assert [one.name for one in path.parent.iterdir()] == ["settings.json"]


def test_without_a_path_it_is_kept_in_memory() -> None:
    file = SavedFile(None)
    assert file.read() == {}
    file.write({"a": 1})
    assert file.read() == {"a": 1}


@pytest.mark.parametrize("text", ["{", "[]", "\x00\x01", '"text"', "[" * 100_000])
def test_an_unreadable_file_is_set_aside(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    file = SavedFile(str(path))
    assert file.read() == {}
    file.write({"a": 1})
    assert (file.read(), (tmp_path / "settings.json.unreadable").read_text()) == ({"a": 1}, text)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFO")
def test_what_is_no_file_is_set_aside_and_never_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    os.mkfifo(path)
    assert SavedFile(str(path)).read() == {} and not path.exists()
    assert (tmp_path / "settings.json.unreadable").is_fifo()


def test_a_folder_that_cannot_be_written_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    SavedFile(str(tmp_path / "file" / "settings.json")).write({"a": 1})
