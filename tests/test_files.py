"""Whole or not at all."""

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from neural_style_server.errors import Conflict, DiskFull
from neural_style_server.files import (
    UNREADABLE,
    NotRegular,
    TooLong,
    forget_set_aside,
    make_way,
    own_folder,
    read_json,
    read_regular,
    remove_folder,
    remove_halves,
    set_aside,
    write_atomic,
    write_folder,
)


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


def make_socket(path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.close()


posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


@posix
@pytest.mark.parametrize(
    "make",
    [os.mkfifo, os.mkdir, make_socket, lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to(path)],
)
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "file")
    with pytest.raises(OSError):
        read_regular(tmp_path / "file", 100)
    assert read_json(tmp_path / "file") is None


@posix
def test_a_fifo_is_told_from_a_file_and_a_link_is_followed_only_where_that_is_wanted(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(NotRegular, match="not a regular file"):
        read_regular(tmp_path / "fifo", 100)
    (tmp_path / "real").write_bytes(b"12")
    (tmp_path / "link").symlink_to("real")
    assert read_regular(tmp_path / "link", 2) == b"12"
    with pytest.raises(OSError):
        read_regular(tmp_path / "link", 2, follow=False)


def test_no_more_is_read_than_allowed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"123")
    assert read_regular(tmp_path / "file", 3) == b"123"
    with pytest.raises(TooLong, match="more than 2 bytes"):
        read_regular(tmp_path / "file", 2)
    with (tmp_path / "file").open("r+b") as file:
        file.truncate(1 << 40)  # takes no space
    with pytest.raises(TooLong):
        read_regular(tmp_path / "file", 1 << 20)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "1" * 5000, "\0" * 50, "{"])
def test_json_that_no_program_writes_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text)
    assert read_json(tmp_path / "file") is None


def test_what_is_set_aside_is_kept_and_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for content in ("1", "2"):
        (tmp_path / "file").write_text(content)
        assert set_aside(tmp_path / "file", "line one\nline two " + "x" * 5000)
    assert not set_aside(tmp_path / "file", "again")
    assert {path.read_text() for path in (tmp_path / UNREADABLE).iterdir()} == {"1", "2"}
    assert len(caplog.records) == 2 and all(len(record.getMessage()) < 600 for record in caplog.records)
    os.utime(tmp_path / UNREADABLE / "file", (1, 1))
    forget_set_aside(tmp_path, 60)
    assert names(tmp_path / UNREADABLE) == ["file-2"]


def test_what_is_in_the_way_of_a_folder_or_a_file_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    (own_folder(tmp_path / "folder") / "in").mkdir()
    (tmp_path / "file").mkdir()
    write_atomic(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    assert names(tmp_path / UNREADABLE) == ["file", "folder"]


@posix
def test_a_way_is_made_for_a_log(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").touch()
    for name in ("fifo", "file", "nothing"):
        make_way(tmp_path / name)
    assert names(tmp_path) == [UNREADABLE, "file"] and names(tmp_path / UNREADABLE) == ["fifo"]


def test_halves_go_and_folders_of_such_a_name_are_set_aside(tmp_path: Path) -> None:
    (tmp_path / ".a.part").write_text("half")
    (tmp_path / ".b.part" / "in").mkdir(parents=True)
    (tmp_path / "c.part").write_text("whole")
    began = time.time()
    remove_halves(tmp_path)
    assert names(tmp_path) == [UNREADABLE, "c.part"]
    assert (tmp_path / UNREADABLE / ".b.part" / "in").is_dir()
    assert (tmp_path / UNREADABLE / ".b.part").stat().st_mtime >= began - 5
