"""`video --mask`: only what a picture, or each frame's own, selects is painted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import Run, plain
from tests.cli.test_video import WORDS, at, pictures, pixels  # noqa: F401
from tests.client.fake_daemon import FakeDaemon, fake_daemon  # noqa: F401
from tests.clips import HEIGHT, WIDTH, write_pictures
from tests.real import RealDaemon

from neural_style_server.cli import video_masks
from neural_style_server.cli.video_masks import FrameMasks
from neural_style_server.errors import ImageError, InvalidRequest
from neural_style_server.pictures.reading import PictureFile, read_picture_file
from neural_style_server.video import picture_folder
from neural_style_server.video.picture_folder import PictureFolder


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def mask(path: str, left: int = 0, right: int = WIDTH, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
    """White between two columns."""
    values = np.zeros((size[1], size[0]), "u1")
    values[:, left:right] = 255
    Path(path).parent.mkdir(exist_ok=True)
    Image.fromarray(values).save(path)


def masks(given: str, numbers: tuple[int, ...] = (1, 2, 3), **words: Any) -> FrameMasks:
    return FrameMasks(Path(given), PictureFolder(write_pictures(Path("shots"), numbers), **words))


def test_one_picture_is_for_all_frames_and_a_folder_has_one_for_each() -> None:
    mask("mask.png", 0, 10)
    for number in (1, 2, 3, 9):
        mask(f"masks/{number}.png", 0, 10 * number)
    still, own = masks("mask.png"), masks("masks")
    assert [np.count_nonzero(still.of(n).grey()[0]) for n in (1, 3)] == [10, 10]  # type: ignore[union-attr]
    assert [np.count_nonzero(own.of(n).grey()[0]) for n in (1, 3)] == [10, 30]  # type: ignore[union-attr]
    assert (still.files(2), own.files(2)) == ([], [Path("masks/2.png")])
    none = FrameMasks(None, PictureFolder(Path("shots")))
    assert (none.of(1), none.files(1), none.asked(), bool(none), bool(own)) == (None, [], {}, False, True)


def test_a_mask_is_scaled_with_its_clip() -> None:
    mask("own.png", 0, 32)
    mask("small.png", 0, 16, (32, 24))
    for name in ("own.png", "small.png"):
        found = masks(name, resize=32).of(1)
        assert found is not None and (found.width, found.height) == (32, 24)
        assert (found.grey()[:, :15] > 0.9).all() and (found.grey()[:, 17:] < 0.1).all()


def test_another_still_is_another_painting() -> None:
    mask("a.png", 0, 10)
    mask("b.png", 0, 11)
    assert masks("a.png").asked() != masks("b.png").asked()
    assert masks("a.png").asked() == masks("a.png").asked()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("none.png", "--mask none.png does not exist"),
        ("black.png", "The mask black.png selects nothing"),
        ("other.png", r"other.png is 32 × 24 pixels, the frames 64 × 48"),
        ("folder", r"folder/3.png is 32 × 24 pixels, the frames 64 × 48"),
        ("few", r"few has no masks for the frames 1, 3\."),
        ("text.txt", "text.txt cannot be read"),
    ],
)
def test_a_wrong_mask_is_refused_by_its_file(given: str, told: str) -> None:
    mask("black.png", 0, 0)
    mask("other.png", size=(32, 24))
    for number in (1, 2):
        mask(f"folder/{number}.png")
    mask("folder/3.png", size=(32, 24))
    mask("few/2.png")
    Path("text.txt").write_text("no picture")
    with pytest.raises((InvalidRequest, ImageError), match=told):
        masks(given)


def sources() -> list[Any]:
    return [pixels(f"shots/shot-000{number}.png") for number in (1, 2, 3)]


def results(folder: str = "out") -> list[Any]:
    return [pixels(f"{folder}/shot-000{number}.png") for number in (1, 2, 3)]


def test_what_is_black_keeps_its_bits(cli: Run, at: RealDaemon) -> None:  # noqa: F811
    write_pictures(Path("shots"), [1, 2, 3])
    mask("mask.png", 0, 32)
    code, _, err = cli("video", "shots", "-o", "out", "--mask", "mask.png", *WORDS)
    assert code == 0, err
    for before, after in zip(sources(), results(), strict=True):
        assert (before[:, 32:] == after[:, 32:]).all() and (before[:, :32] != after[:, :32]).any()
    mask("mask.png", 0, 30)
    code, _, err = cli("video", "shots", "-o", "out", "--mask", "mask.png", *WORDS)
    assert code == 1 and "pictures of another painting (the mask is another)" in plain(err)


def test_a_frame_with_a_black_mask_stays_and_the_next_one_follows_the_one_before(
    cli: Run,
    at: RealDaemon,  # noqa: F811
) -> None:
    write_pictures(Path("shots"), [1, 2, 3])
    for number, right in ((1, 32), (2, 0), (3, 32)):
        mask(f"masks/{number}.png", 0, right)
    words = ["video", "shots", "-o", "out", "--mask", "masks", *WORDS]
    code, _, err = cli(*words)
    assert code == 0, err
    before, after = sources(), results()
    assert (before[1] == after[1]).all() and (before[0] != after[0]).any() and (before[2] != after[2]).any()
    whole = pictures("out")
    for name in ("shot-0002.png", "shot-0003.png"):
        Path("out", name).unlink()
        assert cli(*words)[0] == 0 and pictures("out") == whole
    mask("masks/2.png", 0, 32)
    code, _, err = cli(*words)
    assert code == 0 and "have changed, and painted again: shot-0002.png." in err
    assert (before[1] != results()[1]).any() and pictures("out")["shot-0003.png"] == whole["shot-0003.png"]


def test_each_mask_and_each_frame_is_read_once(
    cli: Run,
    fake_daemon: FakeDaemon,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where a run goes on, and looks at what the missing frame may follow. Of a clip the first frame is read once
    more, to know its kind."""
    write_pictures(Path("shots"), [1, 2, 3])
    for number in (1, 2, 3):
        mask(f"masks/{number}.png", 0, 10 * number)
    names = {path.read_bytes(): str(path) for folder in ("masks", "shots") for path in Path(folder).iterdir()}
    read = list[str]()

    def counted(data: bytes, *more: Any, **words: Any) -> PictureFile:
        read.append(names[data])
        return read_picture_file(data, *more, **words)

    monkeypatch.setattr(video_masks, "read_picture_file", counted)
    monkeypatch.setattr(picture_folder, "read_picture_file", counted)
    words = ["video", "shots", "-o", "out", "--mask", "masks", *WORDS]
    once = sorted([*names.values(), "shots/shot-0001.png"])
    assert cli(*words)[0] == 0 and sorted(read) == once
    read.clear()
    Path("out/shot-0003.png").unlink()
    assert cli(*words)[0] == 0 and sorted(read) == once


def test_a_key_is_its_result_whatever_its_mask_says(cli: Run, at: RealDaemon) -> None:  # noqa: F811
    write_pictures(Path("shots"), [1, 2, 3])
    for number, right in ((1, 32), (2, 0), (3, 32)):
        mask(f"masks/{number}.png", 0, right)
    Path("keys").mkdir()
    Image.new("RGB", (WIDTH, HEIGHT), (10, 200, 30)).save("keys/2.png")
    assert cli("video", "shots", "-o", "out", "--mask", "masks", "--keys", "keys", *WORDS)[0] == 0
    assert (results()[1] == (10, 200, 30)).all()


def test_masks_do_not_lie_where_the_results_do(cli: Run, at: RealDaemon) -> None:  # noqa: F811
    write_pictures(Path("shots"), [1])
    mask("out/shot-0001.png")
    code, _, err = cli("video", "shots", "-o", "out", "--mask", "out", "--force", *WORDS)
    assert code == 2 and "so the masks cannot lie there" in plain(err)
