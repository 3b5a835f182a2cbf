"""One folder: what is read, what is ignored and what is reported."""

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from neural_style_server.presets import preset_folder as module
from neural_style_server.presets.preset import Preset
from neural_style_server.presets.preset_folder import PresetFolder, Source

Put = Callable[..., Path]


def scanned(folder: Path) -> PresetFolder:
    shelf = PresetFolder(Source("studio", folder))
    shelf.scan()
    return shelf


def test_hidden_and_other_folders_are_ignored(tmp_path: Path, put: Put) -> None:
    for name in ("ink", "_art", ".new-x"):
        put(tmp_path, name)
    (tmp_path / "notes").mkdir()
    (tmp_path / "file").write_text("")
    shelf = scanned(tmp_path)
    assert list(shelf.presets) == ["ink"] and not shelf.problems


def test_a_broken_file_is_reported_and_keeps_its_last_good_version(tmp_path: Path, put: Put) -> None:
    put(tmp_path, "ink", "Good")
    shelf = scanned(tmp_path)
    put(tmp_path, "ink", "Bad", more="contrls: {}\n")
    shelf.scan()
    assert shelf.presets["ink"].title == "Good"
    assert f"{tmp_path.name}/ink/preset.yaml line 5: unknown key 'contrls'" in shelf.problems["ink"].detail
    put(tmp_path, "ink", "Better")
    shelf.scan()
    assert shelf.presets["ink"].title == "Better" and not shelf.problems


def test_a_missing_picture_is_told_with_its_line_until_it_is_there(tmp_path: Path, put: Put) -> None:
    folder = put(tmp_path, "ink")
    picture = (folder / "style.png").read_bytes()
    (folder / "style.png").unlink()
    shelf = scanned(tmp_path)
    assert (
        "ink/preset.yaml line 4: images[0].file: 'style.png' is not in the preset's folder"
        in shelf.problems["ink"].detail
    )
    (folder / "style.png").write_bytes(picture)
    shelf.scan()
    assert "ink" in shelf.presets and not shelf.problems


def test_a_link_is_reported(tmp_path: Path, put: Put) -> None:
    folder = put(tmp_path / "elsewhere", "ink")
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "ink").symlink_to(folder)
    shelf = scanned(tmp_path / "library")
    assert not shelf.presets and "is a link" in shelf.problems["ink"].detail


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files")
@pytest.mark.parametrize("kind", ["fifo", "socket", "folder", "device", "dangling"])
@pytest.mark.parametrize("file", ["preset.yaml", "style.png", "thumbnail.png"])
def test_what_is_no_regular_file_is_a_problem_and_is_not_waited_for(
    tmp_path: Path, put: Put, kind: str, file: str
) -> None:
    put(tmp_path, "oil")
    path = put(tmp_path, "ink") / file
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "socket":
            listening.bind(os.path.relpath(path))  # whose length is limited
        elif kind == "folder":
            path.mkdir()
        else:
            path.symlink_to("/dev/zero" if kind == "device" else "nowhere")
        shelf = PresetFolder(Source("studio", tmp_path))
        reading = threading.Thread(target=shelf.scan, daemon=True)
        reading.start()
        reading.join(10)
    assert not reading.is_alive()
    assert list(shelf.problems) == ["ink"]
    assert file in shelf.problems["ink"].detail
    assert list(shelf.presets) == (["ink", "oil"] if file == "thumbnail.png" else ["oil"])


def test_of_two_scans_the_one_that_began_later_counts(
    tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = scanned(tmp_path)
    real, slow = PresetFolder._scanned, threading.Event()
    begun = threading.Event()

    def held(self: PresetFolder, known: module.Found) -> module.Found:
        found = real(self, known)
        begun.set()
        assert slow.wait(10)
        return found

    monkeypatch.setattr(PresetFolder, "_scanned", held)
    earlier = threading.Thread(target=shelf.scan)
    earlier.start()
    assert begun.wait(10)
    monkeypatch.setattr(PresetFolder, "_scanned", real)
    put(tmp_path, "ink")
    shelf.scan()
    slow.set()
    earlier.join()
    assert list(shelf.presets) == ["ink"]


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path, put: Put) -> None:
    folder = put(tmp_path, "ink")
    (folder / "preset.yaml").write_bytes("schema: 1\ntitle: Gemälde\n".encode("latin-1"))
    assert "line 2: the file must be saved as UTF-8 text" in scanned(tmp_path).problems["ink"].detail


def test_a_wrong_folder_name_is_told(tmp_path: Path, put: Put) -> None:
    put(tmp_path, "Ink Wash")
    assert "name is 1–64" in scanned(tmp_path).problems["Ink Wash"].detail


def test_a_library_that_is_not_there_is_told_and_may_come_back(tmp_path: Path, put: Put) -> None:
    shelf = scanned(tmp_path / "drive")
    assert "cannot be read" in shelf.problems[""].detail
    put(tmp_path / "drive", "ink")
    shelf.scan()
    assert list(shelf.presets) == ["ink"] and not shelf.problems


def test_only_what_changed_is_read_again(tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "ink")
    put(tmp_path, "oil")
    shelf = scanned(tmp_path)
    read: list[str] = []
    whole = module.read_preset

    def noted(folder: Path, shown: str) -> Preset:
        read.append(folder.name)
        return whole(folder, shown)

    monkeypatch.setattr(module, "read_preset", noted)
    put(tmp_path, "oil", "Oil paint")
    shelf.scan()
    shelf.scan()
    assert read == ["oil"]


def test_a_deleted_preset_is_gone(tmp_path: Path, put: Put) -> None:
    folder = put(tmp_path, "ink")
    shelf = scanned(tmp_path)
    (folder / "preset.yaml").unlink()
    shelf.scan()
    assert not shelf.presets
