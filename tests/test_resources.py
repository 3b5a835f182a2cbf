from __future__ import annotations

from pathlib import Path

import pytest

from neural_style_server.errors import NotFound
from neural_style_server.resources import RESOURCES, resource_folder


def test_checkout_keeps_them_beside_server() -> None:
    root = Path(__file__).parent.parent

    for name in RESOURCES:
        assert resource_folder(name) == root / name


def test_wheel_carries_them_inside_and_comes_first(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "neural_style_server"
    inside = package / "_data" / "presets"
    inside.mkdir(parents=True)
    (tmp_path / "presets").mkdir()

    assert resource_folder("presets", package) == inside


def test_missing_folder_says_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="_data") as caught:
        resource_folder("presets", tmp_path / "a" / "b")
    assert "Install" in caught.value.hint


def test_other_names_are_a_mistake_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown resource"):
        resource_folder("../secrets", tmp_path)
