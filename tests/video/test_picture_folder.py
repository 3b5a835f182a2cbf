"""Folders of numbered pictures as clips."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.clips import HEIGHT, WIDTH, drawn, write_pictures

from neural_style_server.errors import InvalidRequest
from neural_style_server.pictures.colour_spaces import ACESCG, SRGB
from neural_style_server.pictures.reading import PictureFile
from neural_style_server.pictures.writing import Labels, encode
from neural_style_server.pixels import Picture
from neural_style_server.video import picture_folder
from neural_style_server.video.clip import Moment, Origin, Span
from neural_style_server.video.picture_folder import BEYOND_WHITE, SOME_TRANSPARENT, PictureFolder


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


def test_deep_pictures_keep_their_depth(tmp_path: Path) -> None:
    folder = tmp_path / "shots"
    folder.mkdir()
    deep = np.random.default_rng(1).integers(0, 65536, (HEIGHT, WIDTH, 4), dtype=np.uint16)
    deep[..., 3] = 65535
    for number in (1, 2):
        (folder / f"{number}.png").write_bytes(encode(Picture(deep, "RGBA16"), "PNG"))
    clip = PictureFolder(folder)
    assert (clip.format, clip.look.alpha, clip.notes) == ("RGBA16", False, [])
    assert np.array_equal(next(iter(clip.frames())).read().pixels, deep)
    smaller = next(iter(PictureFolder(folder, resize=32).frames())).read()
    assert (smaller.format, smaller.width) == ("RGBA16", 32)


@pytest.mark.parametrize("ending", ["exr", "tif"])
def test_pictures_of_floats_are_frames_in_the_space_that_is_named(tmp_path: Path, ending: str) -> None:
    if ending == "exr":
        pytest.importorskip("OpenEXR")
    folder = tmp_path / "shots"
    folder.mkdir()
    light = np.ones((HEIGHT, WIDTH, 4), np.float32)
    light[..., 0] = 2.5
    for number in (1, 2):
        data = encode(Picture(light, "RGBAF32"), ending.replace("tif", "tiff").upper(), Labels(space=SRGB))
        (folder / f"shot.{number:04}.{ending}").write_bytes(data)
    clip = PictureFolder(folder, space=ACESCG)
    assert (clip.look.width, clip.look.height, clip.format) == (WIDTH, HEIGHT, "RGBAF32")
    assert clip.notes == [BEYOND_WHITE]
    frame = next(iter(clip.frames()))
    assert np.allclose(frame.read().pixels[..., :3], ACESCG.to_srgb(light[..., :3]), atol=1e-3)
    found = clip.origin(frame.number)
    assert (found.space, found.frame is not None) == (ACESCG, ending == "exr")


def test_a_frame_that_was_read_is_not_decoded_again_to_know_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []
    read = picture_folder.read_picture_file

    def counted(data: bytes, *more: Any, **options: Any) -> PictureFile:
        decoded.append(len(data))
        return read(data, *more, **options)

    monkeypatch.setattr(picture_folder, "read_picture_file", counted)
    clip = PictureFolder(write_pictures(tmp_path / "shots", [1, 2]), space=ACESCG)
    for frame in clip.frames():
        frame.read()
    count = len(decoded)
    assert [clip.origin(number) for number in (1, 2)] == [Origin(ACESCG)] * 2
    assert len(decoded) == count
    assert PictureFolder(tmp_path / "shots", space=ACESCG).origin(2) == Origin(ACESCG), "nor has it to be read before"


def test_turned_photos_stand_upright(tmp_path: Path) -> None:
    folder = tmp_path / "shots"
    folder.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    for kind in ("jpg", "png", "webp"):
        for number in (1, 2):
            Image.fromarray(drawn(number)).save(folder / f"{number}.{kind}", exif=exif)
        clip = PictureFolder(folder)
        assert (clip.look.width, clip.look.height) == (HEIGHT, WIDTH), kind
        found = next(iter(clip.frames())).read().pixels[..., :3].astype(int)
        assert np.abs(found - np.rot90(drawn(1), -1)).mean() < 8, kind
        for path in folder.iterdir():
            path.unlink()


def test_transparent_pictures_are_a_transparent_clip(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "shots", [1, 2])
    clear = np.dstack([drawn(3), np.full((HEIGHT, WIDTH), 90, np.uint8)])
    Image.fromarray(clear).save(folder / "shot-0003.png")
    later = PictureFolder(folder)
    assert not later.look.alpha
    assert [frame.read() for frame in later.frames()][2].pixels[0, 0, 3] == 90
    assert later.notes == [SOME_TRANSPARENT]
    Image.fromarray(clear).save(folder / "shot-0001.png")
    assert PictureFolder(folder).look.alpha
