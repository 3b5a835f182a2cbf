"""The notebook in docs/method/ runs from its first cell to its last, and what its text says is so.

Its cells are plain Python, whose last line is what Jupyter would show. They are executed here without Jupyter, so that
neither a kernel nor its ports are needed.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

NOTEBOOK = Path(__file__).parents[1] / "docs" / "method" / "engine.ipynb"
CELLS = [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def execute(source: str, names: dict[str, Any]) -> Any:
    """What the cell shows: the value of its last line, or None where that is no expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, NOTEBOOK.name, "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), names)


@pytest.fixture(scope="module")
def shown() -> tuple[list[Any], dict[str, Any]]:
    """What each code cell shows, and the names at the end."""
    names: dict[str, Any] = {}
    return [execute("".join(cell["source"]), names) for cell in CELLS], names


def test_it_is_kept_without_outputs() -> None:
    assert not [cell["id"] for cell in CELLS if cell["outputs"] or cell["execution_count"]]


def test_every_cell_shows_something(shown: tuple[list[Any], dict[str, Any]]) -> None:
    assert None not in shown[0]
    assert sum(isinstance(value, Image.Image) for value in shown[0]) == 5


def test_a_gram_matrix_forgets_where_things_are(shown: tuple[list[Any], dict[str, Any]]) -> None:
    shape, same = next(value for value in shown[0] if isinstance(value, tuple) and isinstance(value[1], bool))
    assert shape[0] == shape[1] and same


def test_one_layer_outweighs_the_others_in_the_paper_alone(shown: tuple[list[Any], dict[str, Any]]) -> None:
    paper, balanced = shown[1]["paper"], shown[1]["balanced"]
    assert max(paper.values()) > 0.5 * sum(paper.values())
    assert max(balanced.values()) < 0.5 * sum(balanced.values())


def test_both_methods_paint_and_come_to_different_pictures(shown: tuple[list[Any], dict[str, Any]]) -> None:
    names = shown[1]
    content, first, second = (names[name] for name in ("content", "as_published", "neighbours"))
    for picture in (first, second):
        assert picture.shape == content.shape
        assert float((picture - content).abs().mean()) > 5
    assert float((first - second).abs().mean()) > 5
