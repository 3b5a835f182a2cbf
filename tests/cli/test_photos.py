"""The pictures that commands are given: paths, folders, addresses and the standard input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run, plain
from tests.picture_files import PHOTO, saved

from neural_style_server.cli.photos import event_streams, sources
from neural_style_server.errors import InvalidRequest
from neural_style_server.pictures.reading import read_picture_file
from neural_style_server.pictures.writing import Labels, encode


@pytest.mark.parametrize(
    "word", ["https://example.org/a.jpg", "HTTP://x/y", "ftp://x", "file:///tmp/a.jpg", "s3://b/k"]
)
@pytest.mark.parametrize(
    "command", [["stylize", "--preset", "mosaic"], ["again"], ["presets", "sheet"], ["presets", "from"]]
)
def test_addresses_are_not_fetched_and_that_is_said(cli: Run, command: list[str], word: str) -> None:
    code, _, err = cli(*command, word)
    assert (code, f"{word} is an address, and addresses are not fetched" in plain(err)) == (2, True)


@pytest.mark.parametrize("command", [["stylize"], ["batch", "-o", "out"], ["again"], ["presets", "add", "mine"]])
def test_an_empty_name_is_not_the_folder_where_one_is(cli: Run, photo: Path, command: list[str]) -> None:
    words = ["--preset", "mosaic"] if command[0] in ("stylize", "batch") else []
    code, _, err = cli(*command, "", *words)
    assert (code, "A picture's name is empty" in plain(err)) == (2, True)


def test_a_folder_is_its_photos_by_content_without_results(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", ".hidden.png"):
        (tmp_path / name).write_bytes(saved(PHOTO, "GIF"))
    (tmp_path / "notes.png").write_text("no picture")
    (tmp_path / "folder").mkdir()
    painted = encode(read_picture_file(saved(PHOTO), 10**6).picture, "PNG", Labels(settings="{}"))
    (tmp_path / "b-mosaic.png").write_bytes(painted)
    found = sources([str(tmp_path), str(tmp_path / "b-mosaic.png")])
    assert [it.path and it.path.name for it in found] == ["a.jpg", "b.png", "b-mosaic.png"]


def test_a_folder_without_pictures_and_two_standard_inputs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no picture in it"):
        sources([str(tmp_path)])
    with pytest.raises(InvalidRequest, match="one picture"):
        sources(["-", "-"])


@pytest.mark.parametrize("data", [b"text", b"\x89PNG\r\n\x1a\n", saved(PHOTO)[:500]])
def test_what_is_no_whole_picture_is_told_with_its_name(cli: Run, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "odd.jpg").write_bytes(data)
    code, _, err = cli("stylize", "odd.jpg", "--preset", "mosaic")
    assert (code, "odd.jpg: The" in plain(err), "0x" in err) == (2, True, False)


def test_without_a_photo_or_a_preset_it_is_said_what_there_is(cli: Run, photo: Path) -> None:
    assert "Name a photo" in cli("stylize", "--preset", "mosaic")[2]
    code, _, err = cli("stylize", str(photo))
    assert code == 2
    assert any(line.split() == ["night-swirl", "Night", "swirl"] for line in err.splitlines())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "x.gif"], ".png, .jpg"),
        (["-o", "my photo.png"], "is the photo itself"),
        (["--print", "large"], "36x24in"),
        (["--dpi", "300"], "--print"),
        (["--print", "30x10cm"], "--crop"),
        (["--json", "-o", "-"], "standard output"),
        (["--preset", "presets/mosaic"], "There is no preset 'presets/mosaic'"),
        (["--print", "360x300in"], "more than this daemon takes"),
        (["--print", "90000x75000in"], "is too large"),
        (["--print", f"{'9' * 400}x1in"], "is too large"),
    ],
)
def test_what_cannot_be_is_refused_before_there_is_a_daemon(cli: Run, photo: Path, words: list[str], said: str) -> None:
    code, _, err = cli("stylize", str(photo), "--preset", "mosaic", *words)
    assert code in (1, 2) and said in plain(err)


def test_a_transparent_photo_is_not_written_as_jpeg(cli: Run, tmp_path: Path) -> None:
    PHOTO.convert("RGBA").resize((40, 40)).rotate(45).save(tmp_path / "clear.png")
    code, _, err = cli("stylize", "clear.png", "--preset", "mosaic", "-o", "x.jpg")
    assert (code, "clear.png: A JPEG picture has no transparency" in plain(err)) == (2, True)


def test_a_picture_whose_photo_has_no_name_is_no_picture_of_the_standard_input(cli: Run, tmp_path: Path) -> None:
    """The page, which writes such pictures, does not know it either."""
    used = {"name": "mosaic", "sha256": "0" * 64}
    job = {"controls": {}, "method": {}, "seed": 1}
    settings = json.dumps({"schema": 1, "preset": used, "job": job, "photo": {"id": "0" * 64}})
    picture = read_picture_file(saved(PHOTO), 10**6).picture
    (tmp_path / "page.png").write_bytes(encode(picture, "PNG", Labels(settings=settings)))
    code, _, err = cli("again", "page.png")
    assert (code, "It does not say what its photo is called. Name the photo" in plain(err)) == (2, True)


def test_a_picture_without_settings_cannot_be_painted_again(cli: Run, photo: Path, tmp_path: Path) -> None:
    assert "carries no settings" in plain(cli("again", str(photo))[2])
    picture = read_picture_file(photo.read_bytes(), 10**6).picture
    (tmp_path / "odd.png").write_bytes(encode(picture, "PNG", Labels(settings='{"schema": 9}')))
    assert "newer version" in plain(cli("again", "odd.png")[2])


@pytest.mark.parametrize("name", ["../mine", "a/b", "", "A", "x\n"])
def test_a_picture_from_anybody_names_no_file_outside(cli: Run, photo: Path, tmp_path: Path, name: str) -> None:
    used = {"name": name, "sha256": "0" * 64}
    job = {"controls": {}, "method": {}, "seed": 1}
    settings = json.dumps({"schema": 1, "preset": used, "job": job, "photo": {"id": "0" * 64}})
    (tmp_path / "odd.png").write_bytes(
        encode(read_picture_file(saved(PHOTO), 10**6).picture, "PNG", Labels(settings=settings))
    )
    code, _, err = cli("again", "odd.png", str(photo))
    assert (code, "The settings in odd.png cannot be read" in plain(err)) == (2, True)


def test_some_event_streams_are_left_to_others(home: Path) -> None:
    assert (event_streams(None), event_streams("studio")) == (12, 4)
    home.mkdir()
    (home / "settings.yaml").write_text("max_event_streams: 3\nuser_event_streams: 64\n")
    assert (event_streams(None), event_streams("studio")) == (1, 1)
