"""`neural-style presets`: browse, make, check and share, without a daemon."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run, plain
from tests.picture_files import PHOTO, saved


def test_presets_are_listed_for_people_and_programs(cli: Run) -> None:
    code, out, _ = cli("presets", "list")
    assert code == 0
    assert "night-swirl" in out
    names = [preset["name"] for preset in json.loads(cli("presets", "list", "--json")[1])]
    assert "gatys-classic" in names
    found = json.loads(cli("presets", "list", "--json", "--search", "night swirl")[1])
    assert [preset["name"] for preset in found] == ["night-swirl"]


def test_a_title_is_listed_as_it_is_whatever_brackets_it_has(cli: Run, photo: Path) -> None:
    assert cli("presets", "add", "mine", str(photo), "--title", "Ink [/] wash [b] :cat:")[0] == 0
    code, out, _ = cli("presets", "list", "--search", "wash")
    assert code == 0 and "Ink [/] wash [b] :cat:" in out


def test_one_preset_is_shown_with_controls_and_method(cli: Run) -> None:
    code, out, _ = cli("presets", "show", "night-swirl")
    assert code == 0
    assert "strength" in out
    assert "style_weight" in out
    assert json.loads(cli("presets", "show", "night-swirl", "--json")[1])["name"] == "night-swirl"


@pytest.mark.parametrize("words", [["show", "nigth-swirl"], ["copy", "nigth-swirl", "b"], ["export", "nigth-swirl"]])
def test_an_unknown_preset_is_wrong_use_and_the_nearest_is_named(cli: Run, words: list[str]) -> None:
    code, _, err = cli("presets", *words)
    assert code == 2
    assert "night-swirl" in plain(err)


def test_a_preset_is_made_copied_shared_and_deleted(cli: Run, home: Path, photo: Path) -> None:
    assert cli("presets", "add", "mine", str(photo), "--title", "Mine", "--tag", "very own")[0] == 0
    assert (home / "presets" / "mine" / "preset.yaml").exists()
    assert cli("presets", "validate", str(home / "presets" / "mine"))[0] == 0
    assert cli("presets", "copy", "mine", "other")[0] == 0
    assert cli("presets", "export", "mine", "-o", "shared.nstyle") == (0, "shared.nstyle\n", "")
    assert cli("presets", "delete", "mine")[0] == 0
    assert cli("presets", "import", "shared.nstyle")[0] == 0
    names = [preset["name"] for preset in json.loads(cli("presets", "list", "--json", "--tag", "very own")[1])]
    assert names == ["mine", "other"]


def test_a_name_that_is_taken_is_a_failure(cli: Run, photo: Path) -> None:
    cli("presets", "add", "mine", str(photo))
    code, _, err = cli("presets", "add", "mine", str(photo))
    assert code == 1
    assert "already" in plain(err)


def test_a_built_in_preset_cannot_be_deleted(cli: Run) -> None:
    code, _, err = cli("presets", "delete", "night-swirl")
    assert code == 1
    assert "read-only" in plain(err)


@pytest.mark.parametrize(
    ("text", "said"), [(b"schema: 1\ntitle: [", "line"), (b"\xff\xfe\xff", "UTF-8"), (b"schema: 1\n", "title")]
)
def test_a_broken_preset_is_told_with_its_file(cli: Run, tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "preset.yaml").write_bytes(text)
    code, _, err = cli("presets", "validate", "broken")
    assert code == 2
    assert "preset.yaml" in plain(err)
    assert said in err


@pytest.mark.parametrize(
    "words",
    [
        ["add", "mine", "nothing.png"],
        ["add", "mine", "notes.txt"],
        ["add", "Bad Name", "my photo.png"],
        ["import", "notes.txt"],
        ["import", "."],
        ["export", "night-swirl", "-o", "no/such/folder/x.nstyle"],
        ["validate", "."],
    ],
)
def test_files_that_are_not_as_they_should_be_are_told_in_one_line(
    cli: Run, tmp_path: Path, photo: Path, words: list[str]
) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    code, out, err = cli("presets", *words)
    assert code in (1, 2)
    assert out == ""
    plain(err)


def test_a_bundle_can_be_taken_in_under_another_name(cli: Run, home: Path) -> None:
    cli("presets", "export", "mosaic", "-o", "m.nstyle")
    code, _, err = cli("presets", "import", "m.nstyle")
    assert (code, "--name" in plain(err)) == (1, True)
    assert cli("presets", "import", "m.nstyle", "--name", "my-mosaic")[0] == 0
    assert (home / "presets" / "my-mosaic" / "preset.yaml").exists()


def test_style_images_have_weights(cli: Run, photo: Path) -> None:
    assert cli("presets", "add", "two", str(photo), str(photo), "--weight", "3", "--weight", "1")[0] == 0
    images = json.loads(cli("presets", "show", "two", "--json")[1])["images"]
    assert [image["weight"] for image in images] == [3, 1]
    code, _, err = cli("presets", "add", "three", str(photo), str(photo), "--weight", "3")
    assert (code, "2 pictures" in plain(err)) == (2, True)


def test_a_preset_is_changed(cli: Run, photo: Path) -> None:
    cli("presets", "add", "mine", str(photo), "--tag", "old")
    words = ["--title", "Mine", "--tag", "new", "--set", "strength=70", "--set", "iterations=80", "--favourite"]
    assert cli("presets", "change", "mine", *words)[0] == 0
    found = json.loads(cli("presets", "show", "mine", "--json")[1])
    assert (found["title"], found["tags"], found["favourite"]) == ("Mine", ["new"], True)
    assert (found["controls"]["strength"], found["method"]["iterations"]) == (70, 80)
    code, _, err = cli("presets", "change", "mine", "--set", "strength=700")
    assert (code, "strength" in plain(err)) == (2, True)
    assert cli("presets", "change", "mine")[0] == 2


def test_built_in_presets_can_be_favourites_and_nothing_else(cli: Run) -> None:
    assert cli("presets", "change", "mosaic", "--favourite")[0] == 0
    names = [preset["name"] for preset in json.loads(cli("presets", "list", "--favourites", "--json")[1])]
    assert names == ["mosaic"]
    assert cli("presets", "change", "mosaic", "--no-favourite")[0] == 0
    code, out, err = cli("presets", "list", "--favourites")
    assert (code, out) == (0, "")
    assert "No preset" in err
    code, _, err = cli("presets", "change", "mosaic", "--title", "Mine")
    assert (code, "read-only" in plain(err)) == (1, True)


def test_presets_used_last_come_first(cli: Run, home: Path) -> None:
    assert json.loads(cli("presets", "list", "--recent", "--json")[1]) == []
    marks = {"favourites": [], "last_used": {"mosaic": 100.0, "ink-wash": 200.0}}
    (home / "library.json").write_text(json.dumps(marks))
    names = [preset["name"] for preset in json.loads(cli("presets", "list", "--recent", "--json")[1])]
    assert names == ["ink-wash", "mosaic"]


def test_several_presets_and_folders_of_them_are_checked_to_the_end(cli: Run, tmp_path: Path, photo: Path) -> None:
    cli("presets", "add", "mine", str(photo))
    cli("presets", "add", "other", str(photo))
    home = tmp_path / "home" / "presets"
    code, out, err = cli("presets", "validate", str(home), str(home / "mine"), str(home / "other" / "preset.yaml"))
    assert (code, len(out.splitlines()), err) == (0, 4, "")
    (home / "_art").mkdir()
    code, out, err = cli("presets", "validate", *map(str, sorted(home.glob("*/"))))
    assert (code, len(out.splitlines()), err) == (0, 2, "")
    assert cli("presets", "validate", str(home / "_art"))[0] == 2
    (home / "mine" / "preset.yaml").write_text("schema: 1")
    code, out, err = cli("presets", "validate", str(home))
    assert code == 2
    assert "other" in out and "mine" in plain(err)


def test_an_exported_bundle_replaces_no_file_and_a_folder_of_bundles_is_imported(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    for name in ("mosaic", "ink-wash"):
        cli("presets", "copy", name, f"my-{name}")
        assert cli("presets", "export", f"my-{name}", "-o", f"shared/{name}.nstyle")[0] == 0
        cli("presets", "delete", f"my-{name}")
    code, _, err = cli("presets", "export", "mosaic", "-o", "shared/mosaic.nstyle")
    assert (code, "exists already" in plain(err)) == (1, True)
    assert cli("presets", "export", "mosaic", "-o", "shared/mosaic.nstyle", "--force")[0] == 0
    assert cli("presets", "import", "shared", "--name", "x")[0] == 2
    assert cli("presets", "import", "shared/ink-wash.nstyle")[0] == 0


def test_a_preset_is_made_of_pictures_of_any_kind_by_content(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "styles").mkdir()
    for name, kind in (("a.jpg", "PNG"), ("b", "BMP"), ("c.gif", "GIF")):
        (tmp_path / "styles" / name).write_bytes(saved(PHOTO, kind))
    assert cli("presets", "add", "mine", "styles")[0] == 0
    files = [image["file"] for image in json.loads(cli("presets", "show", "mine", "--json")[1])["images"]]
    assert files == ["a.png", "b.png", "c.png"]


@pytest.mark.parametrize("missing", range(1, 8))
def test_a_control_with_a_letter_missing_is_known(cli: Run, photo: Path, missing: int) -> None:
    for control in ("strength", "brush_size", "smoothness", "less_white", "boldness"):
        typed = control[:missing] + control[missing + 1 :]
        code, _, err = cli("stylize", str(photo), "--preset", "mosaic", "--set", f"{typed}=40")
        assert (code, f"did you mean '{control}'?" in plain(err)) == (2, True)
