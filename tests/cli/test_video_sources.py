"""Frames whose own pictures were changed since they were painted, and only these, are painted again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.cli.conftest import Run, plain
from tests.cli.test_video import WORDS, at, ends_at_frame, pictures  # noqa: F401
from tests.clips import drawn, write_clip, write_pictures
from tests.real import RealDaemon

from neural_style_server.cli import video_result
from neural_style_server.cli.video_pictures import PaintedPictures
from neural_style_server.cli.video_sources import Sources


def sources(folder: Path, *others: str) -> Sources:
    """Of the files 1, 2, …, and of `others` for all frames."""
    return Sources(folder, 1, lambda number: [folder / str(number), *(folder / name for name in others)])


@pytest.fixture
def noted(tmp_path: Path) -> Path:
    """Three frames of which it is noted what they were painted from."""
    made = sources(tmp_path)
    for number in (1, 2, 3):
        (tmp_path / str(number)).write_text(f"picture {number}")
        made.note(number)
    return tmp_path


def found(folder: Path, *others: str) -> list[int]:
    again = sources(folder, *others)
    again.find()
    return again.changed([1, 2, 3])


def test_what_has_changed_is_known_to_a_later_run(noted: Path) -> None:
    assert found(noted) == []
    (noted / "2").write_text("picture X")
    assert found(noted) == [2], "its length is as it was"
    again = sources(noted)
    again.find()
    again.note(2)
    assert found(noted) == [], "and it was painted again"


def test_a_copy_with_another_date_is_the_same_picture(noted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(noted / "1", (1, 1))
    assert found(noted) == []
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("its new date is known, so it is not read again"))
    assert found(noted) == []


def test_of_what_was_painted_before_there_were_notes_nothing_is_painted_again(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        (tmp_path / str(number)).write_text(f"picture {number}")
    assert found(tmp_path) == []
    (tmp_path / "3").write_text("another")
    assert found(tmp_path) == [3], "but from now on it is noticed"


def test_a_line_that_was_cut_off_spoils_no_other(noted: Path) -> None:
    path = sources(noted).path
    path.write_bytes(path.read_bytes()[:-5])
    again = sources(noted)
    again.find()
    again.note(3)
    (noted / "1").write_text("another")
    assert found(noted) == [1]


def test_a_second_file_of_a_frame_counts_too(noted: Path) -> None:
    (noted / "mask").write_text("white")
    assert found(noted, "mask") == [1, 2, 3], "it was painted without"
    made = sources(noted, "mask")
    for number in (1, 2, 3):
        made.note(number)
    assert found(noted, "mask") == []


def test_a_picture_that_is_gone_is_told_by_who_reads_it(noted: Path) -> None:
    (noted / "2").unlink()
    assert found(noted) == []


def change(number: int) -> None:
    Image.fromarray(drawn(40)).save(f"shots/shot-{number:04}.png")


def test_a_picture_that_was_changed_is_painted_again_alone(cli: Run, at: RealDaemon) -> None:  # noqa: F811
    write_pictures(Path("shots"), [1, 2, 3, 4])
    words = ["video", "shots", "-o", "out", *WORDS]
    assert cli(*words)[0] == 0
    before = pictures("out")
    change(3)
    code, _, err = cli(*words)
    assert code == 0 and "have changed, and painted again: shot-0003.png." in err and "3 are painted already" in err
    assert [name for name, data in pictures("out").items() if data != before[name]] == ["shot-0003.png"]
    assert "4 are painted already" in cli(*words)[2]


def test_one_that_changes_while_the_film_is_painted_is_painted_at_the_end(
    cli: Run,
    at: RealDaemon,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_pictures(Path("shots"), [1, 2, 3])
    written, write = list[int](), PaintedPictures.write

    def changing(painted: PaintedPictures, number: int, picture: Any) -> None:
        write(painted, number, picture)
        written.append(number)
        if written == [1, 2, 3]:
            change(2)

    monkeypatch.setattr(PaintedPictures, "write", changing)
    assert cli("video", "shots", "-o", "out", *WORDS)[0] == 0
    assert written == [1, 2, 3, 2]


def test_what_is_part_of_the_video_already_is_not_mixed_with_it(
    cli: Run,
    at: RealDaemon,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_pictures(Path("shots"), [1, 2, 3, 4])
    words = ["video", "shots", "-o", "out.mkv", *WORDS]
    with monkeypatch.context() as patch:
        ends_at_frame(patch, 4, KeyboardInterrupt)
        patch.setattr(video_result, "PART_FRAMES", 1)
        assert cli(*words)[0] == 1
    change(1)
    code, _, err = cli(*words)
    assert code == 1 and "pictures that have changed since: 000001.png. Paint all anew with --force" in plain(err)
    assert cli(*words, "--force")[0] == 0


def test_a_video_file_that_was_changed_anywhere_is_refused_and_told(cli: Run, at: RealDaemon) -> None:  # noqa: F811
    clip = write_clip(Path("in.mkv"), 3)
    words = ["-o", "out", *WORDS]
    assert cli("video", "in.mkv", *words)[0] == 0
    clip.rename("moved.mkv")
    assert "3 are painted already" in cli("video", "moved.mkv", *words)[2], "it is the same clip"
    data = bytearray(Path("moved.mkv").read_bytes())
    data[-200] ^= 1
    Path("moved.mkv").write_bytes(data)
    code, _, err = cli("video", "moved.mkv", *words)
    assert code == 1 and "pictures of another painting (the clip's file has changed, or is another)" in plain(err)
