"""A daemon comes back where it was, if it can."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from neural_style_server.api.listener import LAST_PORT, listen
from neural_style_server.errors import NeuralStyleError
from neural_style_server.settings import Settings


def port_of(home: Path, port: int = 0) -> int:
    with closing(listen(Settings(port=port), home)) as listener:
        return int(listener.getsockname()[1])


def test_the_former_port_is_taken_again(tmp_path: Path) -> None:
    assert port_of(tmp_path) == port_of(tmp_path)


def test_another_is_taken_where_the_former_one_is_in_use(tmp_path: Path) -> None:
    with closing(listen(Settings(), tmp_path)) as first:
        assert port_of(tmp_path) != first.getsockname()[1]


def test_a_port_of_the_settings_is_that_port_or_none(tmp_path: Path) -> None:
    port = port_of(tmp_path)
    assert port_of(tmp_path, port) == port
    with closing(listen(Settings(port=port), tmp_path)), pytest.raises(NeuralStyleError, match="cannot be used"):
        listen(Settings(port=port), tmp_path)


@pytest.mark.parametrize("text", ["", "{", "null", "true", "0", "-1", "70000", "1.5", '"80"', "[[[[", "1" * 9999])
def test_a_damaged_note_is_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / LAST_PORT).write_text(text)
    assert port_of(tmp_path) == json.loads((tmp_path / LAST_PORT).read_text())


def test_a_folder_in_its_place_is_ignored(tmp_path: Path) -> None:
    (tmp_path / LAST_PORT).mkdir()
    assert port_of(tmp_path)
