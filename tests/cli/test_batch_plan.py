"""Which pictures a batch paints, and where each result goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from tests.jobs.fakes import grey

from neural_style_server.cli.batch_plan import planned
from neural_style_server.errors import InvalidRequest
from neural_style_server.pictures.writing import Labels, encode

OUT = Path("out")


@pytest.fixture(autouse=True)
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the present folder: photos/a.png, photos/b.jpg, a file that is none, and photos/deep/a.png."""
    monkeypatch.chdir(tmp_path)
    Path("photos/deep").mkdir(parents=True)
    for name in ("a.png", "b.jpg", "deep/a.png", ".hidden.png"):
        Image.new("RGB", (4, 4)).save(f"photos/{name}")
    Path("photos/notes.txt").write_text("no picture")


def outs(*words: str, presets: tuple[str, ...] = ("ink",), pattern: str = "{stem}-{preset}", **more: bool) -> list[str]:
    found = planned(words, presets, OUT, pattern, recursive=more.get("recursive", False))
    return [one.out.relative_to(OUT).as_posix() for one in found]


def test_a_folder_is_its_pictures_in_each_preset() -> None:
    assert outs("photos", presets=("ink", "pen")) == ["a-ink.png", "a-pen.png", "b-ink.png", "b-pen.png"]


def test_a_damaged_picture_is_planned_so_that_it_is_told_and_a_result_is_not() -> None:
    Path("photos/c.jpg").write_bytes(b"no picture")
    Path("photos/d.png").write_bytes(encode(grey(9), "PNG", Labels(settings="{}")))
    assert outs("photos") == ["a-ink.png", "b-ink.png", "c-ink.png"]


def test_folders_in_folders_are_kept() -> None:
    assert outs("photos", recursive=True) == ["a-ink.png", "b-ink.png", "deep/a-ink.png"]


def test_a_folder_that_is_a_link_to_its_parent_is_no_circle() -> None:
    Path("photos/deep/up").symlink_to("..", target_is_directory=True)
    assert len(outs("photos", recursive=True)) == 3


def test_a_file_that_is_named_twice_is_painted_once() -> None:
    assert outs("photos/a.png", "photos/a.png") == ["a-ink.png"]


@pytest.mark.parametrize(
    ("pattern", "out"),
    [
        ("{stem}", "a.png"),
        ("{stem}.jpg", "a.jpg"),
        ("{stem}.{preset}", "a.ink.png"),
        ("{preset}/{stem}.TIF", "ink/a.TIF"),
        ("{{{stem}}}", "{a}.png"),
        ("{stem}-v1.2", "a-v1.2.png"),
    ],
)
def test_results_are_called_as_wanted(pattern: str, out: str) -> None:
    assert outs("photos/a.png", pattern=pattern) == [out]


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("{stem", "cannot be read"),
        ("{name}", "{name} is neither"),
        ("{}", "is neither"),
        ("{stem.real}", "is neither"),
        ("{stem:>9999999999}", "is neither"),
        ("{stem!r}", "is neither"),
        ("../{stem}", "inside the folder"),
        ("/tmp/{stem}", "inside the folder"),
        ("", "inside the folder"),
    ],
)
def test_a_pattern_that_says_nothing_usable_is_refused(pattern: str, told: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        outs("photos/a.png", pattern=pattern)
    assert told in caught.value.detail


def test_two_results_of_one_name_are_refused_with_both() -> None:
    for words, more in ((["photos/a.png", "photos/deep/a.png"], ("ink",)), (["photos/a.png"], ("ink", "pen"))):
        with pytest.raises(InvalidRequest) as caught:
            outs(*words, presets=more, pattern="{stem}")
        assert "would both be" in caught.value.detail and "photos/a.png in ink" in caught.value.detail


def test_no_photo_of_the_batch_is_replaced() -> None:
    with pytest.raises(InvalidRequest, match="would replace the photo"):
        planned(["photos"], ["ink"], Path("photos/deep/.."), "{stem}", recursive=False)


@pytest.mark.parametrize(
    ("word", "told"), [("-", "files and folders"), ("photos/empty", "no picture"), ("http://x/a", "address")]
)
def test_what_is_no_file_or_folder_of_pictures_is_refused(word: str, told: str) -> None:
    Path("photos/empty").mkdir()
    with pytest.raises(InvalidRequest) as caught:
        outs(word)
    assert told in caught.value.detail
