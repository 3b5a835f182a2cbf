"""Parts of a video: found again, and joined with what is in none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.test_video_result import LongClip, frame
from tests.clips import frames_of

from neural_style_server.cli.video_parts import VideoParts
from neural_style_server.errors import DiskFull, NeuralStyleError
from neural_style_server.pixels import Picture

CLIP = LongClip(200)


def parts(folder: Path) -> VideoParts:
    return VideoParts(folder, CLIP, ".mkv")


def greys(path: Path) -> list[int]:
    """The value of each frame, in tens."""
    return [round(found.to_ndarray(format="rgb24").mean() / 10) for found in frames_of(path)]


def test_parts_and_the_rest_are_one_video_also_for_a_later_run(tmp_path: Path) -> None:
    first = parts(tmp_path)
    first.add([10, 20], frame)
    first.add([30], frame)
    later = parts(tmp_path)
    later.find()
    assert later.numbers == first.numbers == {10, 20, 30}
    for made, rest in ((first, [40, 50]), (later, [])):
        made.join(rest, frame, tmp_path / "out.mkv", sound=False)
        assert greys(tmp_path / "out.mkv") == [1, 2, 3, *(number // 10 for number in rest)]
    assert not list(tmp_path.glob("*rest*"))


def test_a_part_without_the_list_of_its_frames_is_none(tmp_path: Path) -> None:
    made = parts(tmp_path)
    made.add([10], frame)
    made.add([20], frame)
    (tmp_path / "part-000010.json").unlink()
    (tmp_path / "part-000020.mkv").unlink()
    later = parts(tmp_path)
    later.find()
    assert later.numbers == set()


def test_a_part_that_is_not_whole_is_told_and_goes(tmp_path: Path) -> None:
    """After a power cut a file may have lost what was written last."""
    made = parts(tmp_path)
    for numbers in ([10, 20], [30, 40], [50], [60, 70]):
        made.add(numbers, frame)
    (tmp_path / "part-000030.mkv").write_bytes(b"")
    (tmp_path / "part-000050.json").write_text("[50, 60]")
    whole = (tmp_path / "part-000060.mkv").read_bytes()
    (tmp_path / "part-000060.mkv").write_bytes(whole[: len(whole) // 2])
    later = parts(tmp_path)
    assert [path.name for path in later.find()] == [f"part-0000{n}.mkv" for n in (30, 50, 60)]
    assert later.numbers == {10, 20}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["part-000010.json", "part-000010.mkv"]


def test_where_nothing_is_painted_no_video_is_made(tmp_path: Path) -> None:
    with pytest.raises(NeuralStyleError, match="Nothing was painted"):
        parts(tmp_path).join([], frame, tmp_path / "out.mkv", sound=False)
    assert not list(tmp_path.iterdir())


def test_a_picture_that_cannot_be_read_leaves_what_was_there(tmp_path: Path) -> None:
    def damaged(number: int) -> Picture:
        if number == 30:
            raise NeuralStyleError("It is damaged.")
        return frame(number)

    made = parts(tmp_path)
    made.add([10], damaged)
    (tmp_path / "out.mkv").write_bytes(b"former")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(NeuralStyleError):
        made.add([20, 30], damaged)
    with pytest.raises(NeuralStyleError):
        made.join([20, 30], damaged, tmp_path / "out.mkv", sound=False)
    assert sorted(tmp_path.iterdir()) == before and made.numbers == {10}
    assert (tmp_path / "out.mkv").read_bytes() == b"former"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is full")
@pytest.mark.parametrize("half", [".part-000010.mkv.part", ".part-whole.mkv.part"])
def test_a_full_disk_is_told_in_a_sentence_and_leaves_what_was_there(tmp_path: Path, half: str) -> None:
    made = parts(tmp_path)
    made.add([5], frame)
    before = sorted(tmp_path.iterdir())
    (tmp_path / half).symlink_to("/dev/full")
    with pytest.raises(DiskFull, match="no space is left"):
        if "whole" in half:
            made.join([10], frame, tmp_path / "out.mkv", sound=False)
        else:
            made.add([10], frame)
    assert sorted(tmp_path.iterdir()) == before and made.numbers == {5}


def test_only_parts_are_cleared_away(tmp_path: Path) -> None:
    parts(tmp_path).add([10], frame)
    (tmp_path / "000020.png").write_bytes(b"a picture")
    parts(tmp_path).clear()
    assert [path.name for path in tmp_path.iterdir()] == ["000020.png"]
