"""Pictures of painted frames: written, found again whole, and told where they are damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.cli.test_video_result import LongClip, frame

from neural_style_server.cli.colours import AS_FILES_SAY
from neural_style_server.cli.video_pictures import PaintedPictures
from neural_style_server.errors import NeuralStyleError

CLIP = LongClip(5)


def pictures(folder: Path, kind: str = "PNG") -> PaintedPictures:
    return PaintedPictures(folder, CLIP, CLIP.name, kind, AS_FILES_SAY)


@pytest.mark.parametrize(("kind", "ending"), [("PNG", ".png"), ("TIFF", ".tif")])
def test_a_picture_is_read_as_it_was_written(tmp_path: Path, kind: str, ending: str) -> None:
    made = pictures(tmp_path, kind)
    made.write(3, frame(77))
    assert made.path(3) == tmp_path / f"frame-000003{ending}"
    assert np.array_equal(made.read(3).pixels, frame(77).pixels)
    with pytest.raises(NeuralStyleError, match=r"frame-000004\.\w+ cannot be read"):
        made.read(4)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_later_run_finds_what_is_whole_and_is_told_of_the_rest(tmp_path: Path, kind: str) -> None:
    made = pictures(tmp_path, kind)
    for number in (1, 2, 4):
        made.write(number, frame(number))
    half = made.path(2).read_bytes()[:-20]
    made.path(2).write_bytes(half)
    (tmp_path / "frame-000009.png").write_bytes(b"of no frame that is asked for")
    later = pictures(tmp_path, kind)
    assert later.find() == [made.path(2)]
    assert later.numbers == {1, 4}


def test_a_picture_is_deleted_once(tmp_path: Path) -> None:
    made = pictures(tmp_path)
    made.write(1, frame(1))
    assert [made.delete(1), made.delete(1)] == [True, False]
    assert not list(tmp_path.iterdir()) and made.numbers == set()


@pytest.mark.parametrize("all_kinds, left", [(True, []), (False, ["frame-000001.tif"])])
def test_what_runs_painted_is_cleared_away_and_nothing_else(tmp_path: Path, all_kinds: bool, left: list[str]) -> None:
    for kind in ("PNG", "TIFF"):
        pictures(tmp_path, kind).write(1, frame(1))
    (tmp_path / "frame-000009.png").write_bytes(b"of no frame that is asked for")
    pictures(tmp_path).clear(all_kinds=all_kinds)
    assert sorted(path.name for path in tmp_path.iterdir()) == [*left, "frame-000009.png"]
