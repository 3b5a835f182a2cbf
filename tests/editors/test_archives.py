"""The plug-ins as archives."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from neural_style_client import CONFIG_NAME
from neural_style_server.editors.archives import COMMAND, archive
from neural_style_server.editors.profiles import EDITORS, Editor

FOLDERS: dict[Editor, str] = {"gimp": "neural-style", "krita": "neural_style"}


def opened(editor: Editor) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(archive(editor)))


@pytest.mark.parametrize("editor", EDITORS)
def test_the_plug_in_and_its_client_are_whole(editor: Editor) -> None:
    file, folder = opened(editor), FOLDERS[editor]
    assert file.testzip() is None
    names = set(file.namelist())
    assert f"{folder}/neural_style_client/api.py" in names
    assert json.loads(file.read(f"{folder}/{CONFIG_NAME}")) == {"command": COMMAND}
    assert not any("__pycache__" in name or name.startswith("/") or ".." in name for name in names)


def test_krita_finds_its_desktop_file_and_its_actions() -> None:
    names = opened("krita").namelist()
    assert {"neural_style.desktop", "neural_style/__init__.py", "actions/neural_style.action"} <= set(names)


@pytest.mark.parametrize("editor", EDITORS)
def test_every_folder_has_an_entry_by_which_krita_finds_a_plug_in(editor: Editor) -> None:
    names = opened(editor).namelist()
    folders = {name.rpartition("/")[0] + "/" for name in names if not name.endswith("/") and "/" in name}
    assert folders and all(names.index(folder) < min(map(names.index, _inside(names, folder))) for folder in folders)


def _inside(names: list[str], folder: str) -> list[str]:
    return [name for name in names if name.startswith(folder) and name != folder]


def test_gimp_may_run_its_plug_in() -> None:
    entry = opened("gimp").getinfo("neural-style/neural-style.py")
    assert entry.external_attr >> 16 == 0o100755


@pytest.mark.parametrize("editor", EDITORS)
def test_the_same_files_are_the_same_bytes(editor: Editor) -> None:
    assert archive(editor) == archive(editor)
