"""A preset from a layer's pixels."""

from __future__ import annotations

import pytest
from tests.client.fake_daemon import FakeDaemon

from neural_style_client import Pixels, connect
from neural_style_client.errors import PainterError
from neural_style_client.make_preset import make_preset_from, preset_name

RED = Pixels(2, 1, "RGBA8", bytes([255, 0, 0, 255] * 2))


def test_a_preset_is_made_from_a_picture(fake_daemon: FakeDaemon) -> None:
    made = make_preset_from(connect(), RED, " My sky ", "blue, , air")
    assert made["name"] == "my-sky"
    assert fake_daemon.presets["my-sky"]["tags"] == ["blue", "air"]
    assert make_preset_from(connect(), RED, "My sky", "")["name"] == "my-sky-2"


@pytest.mark.parametrize(("title", "data"), [("", RED.data), ("Sky", bytes(8))])
def test_a_preset_needs_a_name_and_a_picture(fake_daemon: FakeDaemon, title: str, data: bytes) -> None:
    with pytest.raises(PainterError):
        make_preset_from(connect(), RED._replace(data=data), title, "")


@pytest.mark.parametrize(
    ("title", "name"),
    [("My Ink!", "my-ink"), ("photo.png", "photo-png"), ("  ", "my-style"), ("日本", "my-style")],
)
def test_a_title_becomes_a_presets_name(title: str, name: str) -> None:
    assert preset_name(title) == name
    assert preset_name(title, [name, name + "-2"]) == name + "-3"
