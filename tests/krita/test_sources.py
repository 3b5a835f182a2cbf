"""What must hold for the plug-in's text: its Python, who imports what, actions and the installed files."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tests.krita.conftest import SOURCE

PLUG_IN = SOURCE / "neural_style"
MODULES = sorted(path.relative_to(PLUG_IN).as_posix() for path in PLUG_IN.rglob("*.py"))
KNOWS_KRITA = {
    "extension.py", "ui/docker.py", "document/open_documents.py", "document/colour_conversion.py",
    "document/key_frames.py", "document/print_copy.py", "document/undo_macro.py", "document/region_group.py",
}  # fmt: skip
PLAIN = {
    "document/errors.py", "document/layer_names.py", "document/pixels.py", "run/daemon_thread.py",
    "run/frame_display.py", "run/settings.py",
}  # fmt: skip


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


@pytest.mark.parametrize("source", MODULES)
def test_kritas_bundled_python_can_read_it(source: str) -> None:
    ast.parse((PLUG_IN / source).read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("source", MODULES)
def test_qt_is_imported_in_one_place_and_krita_in_few(source: str) -> None:
    found = imports(PLUG_IN / source)
    if source != "qt.py":
        assert not found & {"PyQt5", "PyQt6"}
    assert ("krita" in found) <= (source in KNOWS_KRITA)
    if source in PLAIN:
        assert not found & {".qt", "krita"}


def test_every_action_has_a_shortcut_of_its_own() -> None:
    described = (SOURCE / "neural_style.action").read_text(encoding="utf-8")
    made = (SOURCE / "neural_style" / "extension.py").read_text(encoding="utf-8")
    names = re.findall(r'<Action name="(\w+)">', described)
    shortcuts = re.findall(r"<shortcut>(.+)</shortcut>", described)
    assert sorted(names) == sorted(set(re.findall(r'"(neural_style_\w+)"', made)))
    assert len(set(shortcuts)) == len(names) == 7


def test_the_desktop_file_names_the_package() -> None:
    assert "X-KDE-Library=neural_style" in (SOURCE / "neural_style.desktop").read_text(encoding="utf-8")
