"""Files that are whole or not there, also when their writer is killed."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.jobs.fakes import grey
from tests.waiting import wait_for

from neural_style_server.errors import DiskFull, StorageError
from neural_style_server.files import private_folder, read_json, replacing, write_json
from neural_style_server.jobs.picture_files import read_picture, share_picture, write_picture

KILLS = 12
WRITER = """
import sys
from pathlib import Path
from neural_style_server.files import write_json
number = 0
while True:
    number += 1
    write_json(Path(sys.argv[1]), {"number": number, "text": "x" * 200_000, "end": number})
"""


def test_a_record_is_readable_whenever_its_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    dice = random.Random(5)
    for _ in range(KILLS):
        path.unlink(missing_ok=True)
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
        writer = subprocess.Popen([sys.executable, "-S", "-c", WRITER, str(path)], env=environment)
        wait_for(path.exists, 20, "the first write")
        time.sleep(dice.uniform(0, 0.03))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        found = json.loads(path.read_bytes())
        assert found["number"] == found["end"]


def test_files_are_for_the_user_alone(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "jobs" / "one")
    write_json(folder / "job.json", {})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "job.json").stat().st_mode) == 0o600


def test_a_failed_write_leaves_the_old_content_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_json(tmp_path / "job.json", "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="No space left") as caught:
        write_json(tmp_path / "job.json", "new")
    assert caught.value.status == 507
    assert read_json(tmp_path / "job.json") == "old"
    assert os.listdir(tmp_path) == ["job.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot flush a folder")
def test_a_new_name_is_flushed_to_the_disk_as_well_as_the_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(os.fstat(handle).st_ino))
    write_json(tmp_path / "a.json", {})
    assert flushed == [(tmp_path / "a.json").stat().st_ino, tmp_path.stat().st_ino]


def test_a_folder_that_is_gone_is_the_same_kind_of_failure(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file"):
        write_json(tmp_path / "gone" / "job.json", {})


def test_a_picture_comes_back_to_the_bit(tmp_path: Path) -> None:
    picture = grey(7, 5, 3)
    write_picture(tmp_path / "result", picture, iteration=9)
    found = read_picture(tmp_path / "result")
    assert found is not None
    assert np.array_equal(found[0].pixels, picture.pixels)
    assert (found[0].format, found[1]["iteration"]) == ("RGBA8", 9)


@pytest.mark.parametrize(
    "meta",
    [
        *('{"width": 99, "height": 3, "format": "RGBA8"}', "{}", "[]", '{"format": "X"}'),
        *('{"width": null, "height": 3, "format": "RGBA8"}', '{"width": 5.0, "height": 3, "format": "RGBA8"}'),
        '{"width": 5, "height": 3, "format": "RGBA8", "iteration": null}',
        '{"width": 3, "height": 5, "format": "RGBA8", "sha256": "%s"}' % ("0" * 64),
        "[" * 100_000,
    ],
)
def test_a_picture_that_is_not_whole_is_not_there(tmp_path: Path, meta: str) -> None:
    write_picture(tmp_path / "result", grey(7, 5, 3))
    (tmp_path / "result.json").write_text(meta)
    assert read_picture(tmp_path / "result") is None


def test_a_picture_is_checked_by_its_sum_and_its_length(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "result.raw"
    write_picture(tmp_path / "result", grey(7, 5, 3))
    whole = path.read_bytes()
    for damaged in (whole + b"more", whole[:-1], bytes([whole[0] ^ 1]) + whole[1:], bytes(len(whole))):
        path.write_bytes(damaged)
        caplog.clear()
        assert read_picture(tmp_path / "result") is None and read_picture(tmp_path / "result") is None
        assert len(caplog.records) == 1
    path.write_bytes(whole)
    assert read_picture(tmp_path / "result") is not None


def test_a_result_of_the_former_version_has_no_sum(tmp_path: Path) -> None:
    (tmp_path / "result.raw").write_bytes(bytes(60))
    (tmp_path / "result.json").write_text('{"width": 5, "height": 3, "format": "RGBA8", "iteration": 4}')
    found = read_picture(tmp_path / "result")
    assert found is not None and found[1]["iteration"] == 4
    (tmp_path / "result.raw").write_bytes(bytes(61))
    assert read_picture(tmp_path / "result") is None


def test_a_missing_file_is_none(tmp_path: Path) -> None:
    assert read_json(tmp_path / "nothing.json") is None
    assert read_picture(tmp_path / "nothing") is None


@pytest.mark.parametrize("can_link", [True, False])
def test_a_shared_picture_outlives_its_first_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_link: bool
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("no links here")

    if not can_link:
        monkeypatch.setattr(os, "link", refuse)
    picture = grey(7, 5, 3)
    for _ in range(2):  # the second time it replaces itself
        write_picture(tmp_path / "1", picture, iteration=9)
        share_picture(tmp_path / "1", tmp_path / "result")
        share_picture(tmp_path / "1", tmp_path / "result")
    for suffix in (".raw", ".json"):
        (tmp_path / f"1{suffix}").unlink()
    found = read_picture(tmp_path / "result")
    assert found is not None
    assert (found[0].pixels == picture.pixels).all() and found[1]["iteration"] == 9
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result.json", "result.raw"]


def test_what_fails_while_it_is_written_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(KeyError), replacing(tmp_path / "file") as file:
        file.write(b"half")
        raise KeyError
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"
