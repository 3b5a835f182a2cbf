"""Where results go, and that nothing is replaced without `--force`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from neural_style_server.cli.outputs import Output, result_outputs
from neural_style_server.cli.photos import Source
from neural_style_server.errors import Conflict, InvalidRequest, NeuralStyleError


def names(photo: Source) -> str:
    return f"{photo.stem}-mosaic.png"


def outputs(word: str | None, *photos: Path, force: bool = False) -> list[Path | None]:
    return [out.path for out in result_outputs(word, [Source(it) for it in photos], names, force=force)]


def test_results_go_beside_their_photos_to_a_file_or_to_a_folder(tmp_path: Path) -> None:
    a, b = tmp_path / "a.jpg", tmp_path / "b.png"
    assert outputs(None, a, b) == [tmp_path / "a-mosaic.png", tmp_path / "b-mosaic.png"]
    assert outputs(str(tmp_path / "x.tif"), a) == [tmp_path / "x.tif"]
    assert outputs(f"{tmp_path}/new/", a) == [tmp_path / "new" / "a-mosaic.png"]
    assert outputs(str(tmp_path / "other"), a, b) == [
        tmp_path / "other" / name for name in ("a-mosaic.png", "b-mosaic.png")
    ]
    assert outputs("-", a) == [None]


@pytest.mark.parametrize("same", ["a.png", "./a.png", "link.png", "hard.png"])
def test_the_photo_itself_is_not_replaced_by_any_of_its_names(tmp_path: Path, same: str) -> None:
    photo = tmp_path / "a.png"
    photo.write_bytes(b"photo")
    (tmp_path / "link.png").symlink_to(photo)
    os.link(photo, tmp_path / "hard.png")
    with pytest.raises(Conflict, match="is the photo itself") as caught:
        outputs(f"{tmp_path}/{same}", photo)
    assert "--force" in caught.value.hint
    assert outputs(f"{tmp_path}/{same}", photo, force=True)


def test_another_file_is_not_replaced_either(tmp_path: Path) -> None:
    (tmp_path / "a-mosaic.png").touch()
    with pytest.raises(Conflict, match="exists already"):
        outputs(None, tmp_path / "a.jpg")


@pytest.mark.parametrize("word", ["x.gif", "x", "new/../x.hdr"])
def test_a_name_that_says_no_kind_is_refused_with_the_list(tmp_path: Path, word: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        outputs(word, tmp_path / "a.jpg")
    assert ".png" in caught.value.hint and ".jpg" in caught.value.hint


def test_two_pictures_under_one_name_and_two_for_one_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="Two of the pictures"):
        outputs(None, tmp_path / "a.jpg", tmp_path / "a.png")
    with pytest.raises(InvalidRequest, match="standard output"):
        outputs("-", tmp_path / "a.jpg", tmp_path / "b.jpg")
    (tmp_path / "file.png").touch()
    with pytest.raises(InvalidRequest, match="need a folder"):
        outputs(str(tmp_path / "file.png"), tmp_path / "a.jpg", tmp_path / "b.jpg")


def test_what_can_never_be_written_is_known_before_painting(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    for path in (tmp_path / "no" / "x.png", tmp_path / "folder.png"):
        with pytest.raises(NeuralStyleError, match="cannot be written"):
            Output(path).check()


def test_a_folder_that_takes_nothing_is_known_before_painting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the system, which lets root write everywhere."""
    monkeypatch.setattr(os, "access", lambda path, mode: not (Path(path) == tmp_path and mode & os.W_OK))
    for force in (False, True):
        with pytest.raises(NeuralStyleError, match="nothing can be written into its folder"):
            Output(tmp_path / "x.png", force).check()


def test_a_link_that_leads_nowhere_is_known_before_painting(tmp_path: Path) -> None:
    (tmp_path / "x.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(Conflict, match="exists already"):
        Output(tmp_path / "x.png").check()


def test_of_a_file_that_the_disk_does_not_take_whole_nothing_stays(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, former[1]))
    try:
        for force in (False, True):
            with pytest.raises(NeuralStyleError, match="cannot be written"):
                Output(tmp_path / "x.png", force).write(bytes(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert not list(tmp_path.iterdir())


def test_a_file_that_came_meanwhile_is_kept(tmp_path: Path) -> None:
    out = Output(tmp_path / "x.png")
    out.check()
    (tmp_path / "x.png").write_bytes(b"other")
    with pytest.raises(Conflict):
        out.write(b"result")
    assert (tmp_path / "x.png").read_bytes() == b"other"


def test_force_replaces_what_a_link_points_to_with_its_permissions(tmp_path: Path) -> None:
    real = tmp_path / "real.png"
    real.write_bytes(b"old")
    real.chmod(0o640)
    (tmp_path / "x.png").symlink_to(real)
    Output(tmp_path / "x.png", force=True).write(b"new")
    assert (tmp_path / "x.png").is_symlink() and real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640
    Output(tmp_path / "fresh.png", force=True).write(b"new")
    assert (tmp_path / "fresh.png").stat().st_mode & 0o777 == 0o666 & ~_umask()
    assert len(list(tmp_path.iterdir())) == 3


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
