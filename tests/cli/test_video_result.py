"""What lies on the disk while a long clip is painted: so many pictures, however long it is."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.clips import frames_of

from neural_style_server.cli import video_result
from neural_style_server.cli.video_result import ClipResult
from neural_style_server.errors import Conflict
from neural_style_server.pixels import Picture
from neural_style_server.video.clip import Clip, ClipFrame, Look

SIDE = 16


class LongClip(Clip):
    """Without a file: its frames are made as they are read."""

    path, format, start_seconds, to_the_end = Path("none"), "RGBA8", 0.0, False
    look = Look(SIDE, SIDE, Fraction(1, 25), Fraction(25))

    def __init__(self, last: int, first: int = 1) -> None:
        self.numbers, self.notes = list(range(first, last + 1)), []

    def frames(self) -> Iterator[ClipFrame]:
        for number in self.numbers:
            yield ClipFrame(number, lambda number=number: frame(number))  # type: ignore[misc]

    def time(self, number: int) -> int:
        return number - 1

    def duration(self, number: int) -> int:
        return 1

    def name(self, number: int) -> str:
        return f"frame-{number:06}"

    def files(self, number: int) -> list[Path]:
        return []

    def origin(self, number: int) -> None:
        return None


def frame(number: int) -> Picture:
    pixels = np.full((SIDE, SIDE, 4), 255, np.uint8)
    pixels[..., :3] = number % 256
    return Picture(pixels, "RGBA8")


def test_the_pictures_that_lie_at_once_do_not_grow_with_the_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_result, "PART_FRAMES", 20)
    clip = LongClip(600)
    result = ClipResult(tmp_path / "out.mp4", clip, {})
    result.begin(force=False)
    most = 0
    for number in clip.numbers:
        result.pictures.write(number, frame(number))
        result.tidy(number)
        most = max(most, len(list(result.folder.glob("*.png"))))
    assert most <= 2 * 20
    assert result.count == 600
    result.finish(print, sound=False)
    assert not result.folder.exists()
    assert len(frames_of(tmp_path / "out.mp4")) == 600


def test_the_room_for_100_000_frames_is_that_of_the_video(tmp_path: Path) -> None:
    needed = []
    for count in (1000, 100_000):
        result = ClipResult(tmp_path / f"{count}.mp4", LongClip(count), {})
        result.begin(force=False)
        needed.append(result.needed)
        kept = ClipResult(tmp_path / f"{count}", LongClip(count), {})
        kept.begin(force=False)
        needed.append(kept.needed)
    video, pictures, long_video, long_pictures = needed
    assert long_pictures == 100 * pictures, "a folder keeps all"
    assert long_video - video == 99_000 * 2 * video_result.VIDEO_BYTES * SIDE**2, "of pictures there are no more"


def test_what_somebody_else_has_put_among_the_pictures_stays(tmp_path: Path) -> None:
    mine = tmp_path / "out.mp4.frames" / "notes.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    result = ClipResult(tmp_path / "out.mp4", LongClip(3), {})
    result.begin(force=True)
    for number in result.clip.numbers:
        result.pictures.write(number, frame(number))
    told = list[str]()
    result.finish(told.append, sound=False)
    assert told == [f"There are other files in {mine.parent}, which stay."]
    assert [path.name for path in mine.parent.iterdir()] == ["notes.txt"] and mine.read_text() == "mine"


def test_force_deletes_no_pictures_of_other_kinds_that_it_has_not_painted(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for ending in (".png", ".tif"):
        (folder / f"frame-000001{ending}").write_bytes(b"mine")
    ClipResult(folder, LongClip(2), {}).begin(force=True)
    assert sorted(path.name for path in folder.glob("frame*")) == ["frame-000001.tif"], "what is replaced is a PNG"


# --force where there is another painting


def painted(out: Path, last: int, first: int = 1, *, force: bool = False, keep: bool = False, **asked: str) -> Path:
    """The frames from `first` to `last`; the folder where their pictures lie."""
    result = ClipResult(out, LongClip(last, first), asked, keep=keep)
    result.begin(force=force)
    for number in result.clip.numbers:
        result.pictures.write(number, frame(number))
    return result.folder


def lying(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_force_on_a_part_never_mixes_two_paintings_in_a_folder(tmp_path: Path) -> None:
    folder = painted(tmp_path / "out", 4, fade="1")
    painted(folder, 6, 5, fade="1")
    before = lying(folder)
    for last, first in ((2, 1), (4, 3), (6, 5), (9, 2)):
        told = r"out has pictures of other frames in another painting \(--fade is another\)"
        with pytest.raises(Conflict, match=told):
            painted(folder, last, first, force=True, fade="2")
        assert lying(folder) == before
    painted(folder, 4, 3, force=True, fade="1")
    assert [name for name in lying(folder) if name[0] != "."] == [name for name in before if name[0] != "."]


def test_force_on_all_of_it_leaves_nothing_of_another_painting(tmp_path: Path) -> None:
    """Not even what its parts have noted: they would go on with pictures that are not theirs."""
    folder = painted(tmp_path / "out", 2, fade="1")
    painted(folder, 4, 3, fade="1")
    painted(folder, 4, force=True, fade="2")
    for last, first in ((2, 1), (4, 3)):
        with pytest.raises(Conflict, match="another painting"):
            painted(folder, last, first, fade="1")


def test_force_replaces_all_of_a_video_that_was_begun(tmp_path: Path) -> None:
    """Its pictures lie beside it for its own sake."""
    out = tmp_path / "out.mp4"
    folder = painted(out, 6, keep=True, fade="1")
    painted(out, 4, 3, force=True, keep=True, fade="2")
    assert [name for name in lying(folder) if name[0] != "."] == ["000003.png", "000004.png"]
    with pytest.raises(Conflict, match="another painting"):
        painted(out, 6, keep=True, fade="1")
