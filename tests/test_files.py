"""Whole or not at all."""

import os
from pathlib import Path

import pytest

from neural_style_server.errors import Conflict, DiskFull
from neural_style_server.files import remove_folder, write_folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="No space left on device"):
        write_folder(tmp_path / "ink", {"a": b""})
    assert names(tmp_path) == []


def test_a_folder_is_never_written_over(tmp_path: Path) -> None:
    write_folder(tmp_path / "ink", {"a": b"1", "b": b"2"})
    with pytest.raises(Conflict, match="already a folder"):
        write_folder(tmp_path / "ink", {"c": b"3"})
    assert names(tmp_path) == ["ink"] and names(tmp_path / "ink") == ["a", "b"]


def test_a_folder_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    write_folder(tmp_path / "ink", {"a": b"1"})
    remove_folder(tmp_path / "ink")
    assert names(tmp_path) == []
