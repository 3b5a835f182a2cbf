"""What must hold for the plug-in's text: its Python, who imports what, actions and the installed files."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tests.krita.conftest import SOURCE

MODULES = sorted((SOURCE / "neural_style").glob("*.py"))
KNOWS_KRITA = {"extension", "docker", "document", "result", "scratch", "animation", "steps"}
PLAIN = [
    "connection",
    "correspondence",
    "history",
    "memory",
    "naming",
    "network",
    "parameters",
    "pixels",
    "presets",
    "problems",
    "words",
]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {
                "." + (node.module or alias.name) if node.level else node.module.split(".")[0] for alias in node.names
            }
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_kritas_bundled_python_can_read_it(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_modules_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 300


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_qt_is_imported_in_one_place_and_krita_in_few(path: Path) -> None:
    found = imports(path)
    if path.stem != "qt":
        assert not found & {"PyQt5", "PyQt6"}
    assert ("krita" in found) <= (path.stem in KNOWS_KRITA)
    if path.stem in PLAIN:
        assert not found & {".qt", "krita"}


def test_every_action_has_a_shortcut_of_its_own() -> None:
    described = (SOURCE / "neural_style.action").read_text(encoding="utf-8")
    made = (SOURCE / "neural_style" / "extension.py").read_text(encoding="utf-8")
    names = re.findall(r'<Action name="(\w+)">', described)
    shortcuts = re.findall(r"<shortcut>(.+)</shortcut>", described)
    assert sorted(names) == sorted(set(re.findall(r'"(neural_style_\w+)"', made)))
    assert len(set(shortcuts)) == len(names) == 4


def test_the_desktop_file_names_the_package() -> None:
    assert "X-KDE-Library=neural_style" in (SOURCE / "neural_style.desktop").read_text(encoding="utf-8")
