"""What must hold for the plug-in's text: its Python, its rooms, who imports what."""

from __future__ import annotations

import ast
import re

import pytest
from tests.gimp.conftest import REPOSITORY

from neural_style_client.controls import CONTROLS

PLUG_IN = REPOSITORY / "gimp_plugin/neural-style"
MODULES = sorted(path.relative_to(PLUG_IN).as_posix() for path in PLUG_IN.rglob("*.py"))
MNEMONIC = re.compile(r"(_[A-Z]|[A-Z][\w -]*_[a-z])[^.\"]*")
WITHOUT_GIMP = ("document/pixels.py", "document/layer_names.py", "run/layers_run.py", "run/layer_result.py",
                "run/progress.py", "run/records.py", "run/follower.py", "run/film_run.py", "ui/plot.py")  # fmt: skip


@pytest.mark.parametrize("source", MODULES)
def test_the_oldest_python_of_the_editors_can_read_it(source: str) -> None:
    ast.parse((PLUG_IN / source).read_text("utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("source", MODULES)
def test_gtk_is_imported_in_the_ui_alone_and_gimp_where_it_is_needed(source: str) -> None:
    tree = ast.parse((PLUG_IN / source).read_text("utf-8"))
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {alias.name for node in froms if node.module == "gi.repository" for alias in node.names}
    assert source.startswith("ui/") or not names & {"Gtk", "GimpUi", "GdkPixbuf"}
    assert source not in WITHOUT_GIMP or not names


STYLIZE = (
    "stylize_dialog", "gallery", "blend", "earlier", "regions", "sliders", "options", "preview", "preview_switch",
)  # fmt: skip
ANIMATE = ("film_dialog", "gallery", "blend", "sliders")


@pytest.mark.parametrize(("modules", "others"), [(STYLIZE, []), (ANIMATE, ["Si_ze", "_Quality"])])
def test_mnemonics_of_a_dialogue_differ(modules: tuple[str, ...], others: list[str]) -> None:
    labels = [*others, *(control.label for control in CONTROLS)]
    for name in modules:
        source = (PLUG_IN / "ui" / f"{name}.py").read_text()
        texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
        labels += [text for text in texts if isinstance(text, str) and MNEMONIC.fullmatch(text)]
    letters = sorted(label[label.index("_") + 1].lower() for label in labels)
    assert len(letters) > 14
    assert sorted(set(letters)) == letters
