"""What takes more than one call, in the real GIMP with the real daemon."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.client.fake_daemon import FakeDaemon
from tests.gimp.conftest import client_of, reported
from tests.hosts.rig import Gimp

pytestmark = pytest.mark.gimp


@pytest.fixture(scope="module")
def stories(placed: Callable[..., Gimp], real_home: Path) -> dict[str, Any]:
    return reported(placed(real_home), "stories.py")


def test_several_layers_are_each_painted_at_their_place(stories: dict[str, Any]) -> None:
    several = stories["several"]
    assert several["status"] == "success", several["error"]
    names = [name.split(" (")[0] for name in several["names"]]
    assert names == ["Neural Style: ink-wash", "sea", "Neural Style: ink-wash", "sky"]
    assert several["offsets"] == [[5, 6], [5, 6], [0, 0], [0, 0]]


def test_nothing_can_be_repeated_before_the_first_time(stories: dict[str, Any]) -> None:
    status, error = stories["nothing to repeat"]
    assert status == "execution-error"
    assert "Stylize Layer… first" in error


def test_a_later_session_makes_the_same_picture_again(stories: dict[str, Any]) -> None:
    repeat = stories["repeat"]
    assert repeat["status"] == "success", repeat["error"]
    assert repeat["reloaded"]
    assert len(repeat["names"]) == 3
    assert repeat["same_seed_same_picture"]


def test_the_settings_of_a_deleted_result_come_back_with_the_saved_image(stories: dict[str, Any]) -> None:
    assert stories["deleted results"] == [["Neural Style: ink-wash (iteration 2)", 1234, {"strength": 70}]]


@pytest.mark.parametrize("how", ["as it was", "renamed"])
def test_a_later_session_finds_the_start_layer_again(stories: dict[str, Any], how: str) -> None:
    assert stories["start layer"]["the start matters"]
    assert stories["start layer"][how] == ["success", "", True]


def test_a_start_layer_that_is_gone_is_one_message(stories: dict[str, Any]) -> None:
    status, error, _ = stories["start layer"]["gone"]
    assert status == "execution-error"
    assert "The layer “earth” that the last painting started from is not in this image." in error
    assert "Choose Stylize Layer…" in error
    assert stories["start layer"]["nothing inserted"]


def test_a_later_session_goes_on_with_a_result(stories: dict[str, Any]) -> None:
    more = stories["more"]
    assert more["status"] == "success"
    assert more["names"] == ["ink-wash (iteration 5)", "ink-wash (iteration 2)", "sea"]
    assert (more["offsets"], more["mask"]) == ([5, 6], True)
    assert more["rest_is_the_same"] and more["went_on"]
    assert more["earlier"] == [["Neural Style: ink-wash (iteration 2)", "ink-wash", 3]]
    status, error = more["no_result"]
    assert status == "execution-error" and "“sea” is no result that could go on" in error


def test_a_later_session_brings_a_deleted_result_back_as_it_was(stories: dict[str, Any]) -> None:
    back = stories["back"]
    assert back["status"] == "success" and back["is_same"]
    assert back["names"] == ["ink-wash (iteration 2)", "sea"]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("nothing", "This image has no earlier result"),
        ("no_such", "no earlier result number 3"),
        ("scaled", "another size when this was painted"),
    ],
)
def test_what_cannot_come_back_is_said(stories: dict[str, Any], case: str, said: str) -> None:
    status, error = stories["back"][case]
    assert status == "execution-error" and said in error


def test_effects_of_a_layer_are_painted_as_they_are_seen(stories: dict[str, Any]) -> None:
    effects = stories["effects"]
    assert effects["status"] == "success", effects["error"]
    assert effects["untouched"]
    source, result = bytes.fromhex(effects["source"]), bytes.fromhex(effects["result"])
    inverted = [255 - value if at % 4 < 3 else value for at, value in enumerate(source)]
    assert sum(abs(a - b) for a, b in zip(result, inverted, strict=True)) / len(source) < 3


def test_a_live_layer_takes_neither_the_brush_nor_a_clean_image(stories: dict[str, Any]) -> None:
    live = stories["live"]
    assert live["shown"] == [["live", "sea", "sky"], ["sky"], False]
    assert live["taken out"] == [["sea", "sky"], ["sky"], False]
    assert live["taken out while selected"][0] == ["sea", "sky"]
    assert len(live["taken out while selected"][1]) == 1


def test_a_layer_becomes_a_preset_that_can_be_used(stories: dict[str, Any], real_home: Path) -> None:
    preset = stories["preset"]
    assert preset["made"][0] == preset["used"][0] == "success", preset
    assert "no name" in preset["nameless"][1]
    found = client_of(real_home).preset("my-stripes")
    assert (found["title"], found["tags"]) == ("My Stripes", ["own", "stripes"])


def test_a_selection_becomes_a_preset(stories: dict[str, Any], real_home: Path) -> None:
    assert stories["preset"]["part"][0] == "success", stories["preset"]["part"]
    sizes = []
    for path in (real_home / "presets/a-part").iterdir():
        if path.suffix == ".png":
            with Image.open(path) as picture:
                sizes.append(picture.size)
    assert sizes == [(40, 36)]


def test_the_panel_needs_a_window(stories: dict[str, Any]) -> None:
    assert stories["panel"][0] == "execution-error"


def test_a_daemon_of_another_version_is_one_message(placed: Callable[..., Gimp], tmp_path: Path) -> None:
    with FakeDaemon(tmp_path, api=2):
        found = reported(placed(tmp_path), "alone.py")
    assert found["status"] == "execution-error"
    assert "speaks API version 2 and this plug-in version 1" in found["error"]
    assert "neural-style stop" in found["error"] and "neural-style install-plugins" in found["error"]
    assert found["names"] == ["paint"]


def test_no_daemon_is_one_message_and_inserts_nothing(placed: Callable[..., Gimp], tmp_path: Path) -> None:
    alone = placed(tmp_path)
    config = {"command": ["/nowhere/neural-style", "serve"]}
    (alone.plug_ins / "neural-style/neural_style_config.json").write_text(json.dumps(config))
    found = reported(alone, "alone.py")
    assert found["status"] == "execution-error"
    assert "could not be started" in found["error"]
    assert "neural-style install-plugins" in found["error"]
    assert found["names"] == ["paint"]
