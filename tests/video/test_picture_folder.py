"""Folders of numbered pictures as clips."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.clips import HEIGHT, WIDTH, drawn, write_pictures

from neural_style_server.errors import InvalidRequest
from neural_style_server.video.clip import Moment, Span
from neural_style_server.video.picture_folder import PictureFolder


def test_pictures_are_frames_by_their_numbers(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "shots", [9, 10, 11])
    (folder / "notes.txt").write_text("no picture")
    (folder / "cover.png").write_bytes((folder / "shot-0009.png").read_bytes())
    clip = PictureFolder(folder, rate=Fraction(24))
    assert [frame.number for frame in clip.frames()] == [9, 10, 11]
    assert [clip.time(number) for number in clip.numbers] == [0, 1, 2]
    assert (clip.look.time_base, clip.look.rate, clip.name(10)) == (Fraction(1, 24), 24, "shot-0010")
    found = next(iter(clip.frames())).read()
    assert np.array_equal(found.pixels[..., :3], drawn(9))


def test_gaps_are_listed_and_held_if_they_may_be(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "shots", [1, 2, 4, 8])
    with pytest.raises(InvalidRequest, match="3, 5–7 are missing") as caught:
        PictureFolder(folder)
    assert "--gaps" in caught.value.hint
    clip = PictureFolder(folder, gaps=True)
    assert [clip.time(number) for number in clip.numbers] == [0, 1, 3, 7]
    assert [clip.duration(number) for number in clip.numbers] == [1, 2, 4, 1]
    assert PictureFolder(folder, Span(end=Moment(frame=2))).numbers == [1, 2], "no gap in what is asked for"


def test_a_picture_of_another_size_is_refused_by_name(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "shots", [1, 2])
    Image.new("RGB", (60, 48)).save(folder / "shot-0003.png")
    with pytest.raises(InvalidRequest, match=r"shot-0003.png is 60 × 48 pixels, the first 64 × 48"):
        PictureFolder(folder)


def test_a_damaged_picture_is_refused_by_name(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "shots", [1, 2])
    (folder / "shot-0003.png").write_bytes(b"no picture")
    with pytest.raises(InvalidRequest, match=r"shot-0003.png cannot be read"):
        PictureFolder(folder)
    data = (folder / "shot-0002.png").read_bytes()
    (folder / "shot-0003.png").write_bytes(data[: len(data) // 2])
    clip = PictureFolder(folder)
    with pytest.raises(InvalidRequest, match=r"shot-0003.png cannot be read"):
        [frame.read() for frame in clip.frames()]


def test_two_clips_in_one_folder_or_one_number_twice_are_refused(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "shots", [1, 2])
    Image.new("RGB", (8, 8)).save(folder / "other-1.png")
    with pytest.raises(InvalidRequest, match=r"several clips.*'other-', 'shot-'"):
        PictureFolder(folder)
    (folder / "other-1.png").rename(folder / "shot-1.png")
    with pytest.raises(InvalidRequest, match="same number"):
        PictureFolder(folder)


def test_a_folder_without_numbered_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no numbered pictures"):
        PictureFolder(tmp_path)


def test_pictures_are_scaled(tmp_path: Path) -> None:
    clip = PictureFolder(write_pictures(tmp_path / "shots"), resize=WIDTH // 2)
    found = next(iter(clip.frames())).read()
    assert (found.width, found.height) == (WIDTH // 2, HEIGHT // 2)
