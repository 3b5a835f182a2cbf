"""Painted keys: which frames a changed one makes new, and what the others are drawn to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.clips import HEIGHT, WIDTH, write_pictures

from neural_style_server.cli.video_keys import PaintedKeys, changed_spans
from neural_style_server.errors import ImageError, InvalidRequest
from neural_style_server.video.picture_folder import PictureFolder

NUMBERS = range(1, 21)
KEYS = {5: "a", 10: "b", 15: "c"}


@pytest.mark.parametrize(
    ("now", "again"),
    [
        (KEYS, []),
        ({**KEYS, 10: "other"}, range(6, 15)),
        ({**KEYS, 12: "new"}, range(11, 15)),
        ({5: "a", 15: "c"}, range(6, 15)),
        ({**KEYS, 5: "other"}, range(1, 10)),
        ({**KEYS, 18: "new"}, range(16, 21)),
        ({**KEYS, 5: "x", 10: "y"}, range(1, 15)),
        ({}, NUMBERS),
    ],
)
def test_a_changed_key_makes_its_own_spans_new_and_no_others(now: dict[int, str], again: range) -> None:
    assert changed_spans(KEYS, now, NUMBERS) == list(again)


def test_a_key_makes_frame_0_new_like_any_other() -> None:
    assert changed_spans({}, {2: "a"}, range(5)) == [0, 1, 2, 3, 4]
    assert changed_spans({0: "a"}, {0: "b"}, range(3)) == [0, 1, 2]


def clip(keys: list[int], size: tuple[int, int] = (WIDTH, HEIGHT)) -> tuple[PictureFolder, Path]:
    write_pictures(Path("shots"), [2, 3, 5, 6, 8])
    Path("keys").mkdir()
    for number in keys:
        Image.new("RGB", size, (10 * number, 0, 0)).save(f"keys/key-{number}.png")
    return PictureFolder(Path("shots"), gaps=True), Path("keys")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_frame_is_drawn_to_the_next_key_by_its_distance_in_frames() -> None:
    shots, folder = clip([3, 8])
    keys = PaintedKeys(folder, shots)
    found = [keys.drawn_to(number) for number in shots.numbers]
    assert [None if each is None else (each.picture.data[0], each.frames) for each in found] == [
        (30, 1), (80, 3), (80, 2), (80, 1), None
    ]  # fmt: skip
    last = np.asarray(Image.open("shots/shot-0008.png").convert("RGBA"))
    assert found[3] is not None and found[3].content.data == last.tobytes()
    own = [keys.key(number) for number in (2, 3)]
    assert own[0] is None and own[1] is not None and own[1].data[:4] == bytes([30, 0, 0, 255])


def test_without_a_folder_there_are_none() -> None:
    shots, _ = clip([])
    keys = PaintedKeys(None, shots)
    assert (keys.sums, keys.key(2), keys.drawn_to(2)) == ({}, None, None)


def test_a_key_of_another_size_or_without_a_frame_is_refused_by_its_file() -> None:
    shots, folder = clip([3], (9, 9))
    with pytest.raises(ImageError, match=r"key-3\.png is 9 × 9 pixels, the frames 64 × 48"):
        PaintedKeys(folder, shots)
    Path("keys/key-3.png").rename("keys/key-4.png")
    with pytest.raises(InvalidRequest, match=r"key-4\.png is a key for frame 4, which is none"):
        PaintedKeys(folder, shots)
