"""Layers painted as frames, in the real GIMP, by a daemon that turns colours round."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.gimp.conftest import reported
from tests.hosts.rig import Gimp

pytestmark = pytest.mark.gimp

GREY, RED, BLUE, NOTHING = [165, 165, 165, 255], [55, 255, 255, 255], [255, 255, 55, 255], [0, 0, 0, 0]
NAMES = ["Background", "Frame 2 (100ms)", "Frame 3 (80ms) (combine)", "Frame 4 (100ms) (replace)"]
LOOKS = [[GREY, GREY, GREY], [RED, GREY, GREY], [RED, BLUE, GREY], [BLUE, NOTHING, NOTHING]]
"""What each frame shows, painted: the bottom layer first, each over those before, the last alone."""


@pytest.fixture(scope="module")
def animation(placed: Callable[..., Gimp], fake_home: Path) -> dict[str, Any]:
    return reported(placed(fake_home), "animation.py")


def test_the_frames_are_layers_of_a_new_image_with_their_names(animation: dict[str, Any]) -> None:
    found = animation["image"]
    assert (found["status"], found["error"]) == ("success", "")
    assert found["another"] and found["names"] == NAMES and found["visible"] == [True] * 4
    assert found["resolution"] == [150, 150] and found["undo"] and found["recorded"]


def test_a_frame_lies_over_those_before_unless_it_replaces_them(animation: dict[str, Any]) -> None:
    assert animation["image"]["looks"] == LOOKS


def test_the_painters_image_is_left_as_it_was(animation: dict[str, Any]) -> None:
    found = animation["image"]
    assert found["untouched"] == [NAMES[::-1], [True, False, False, False]]
    assert found["images"] == 2  # the copy that was played is gone


def test_selected_layers_become_a_group_in_the_image(animation: dict[str, Any]) -> None:
    found = animation["group"]
    assert (found["status"], found["error"]) == ("success", "")
    # GIMP itself numbers what has the name of another layer in the image.
    assert found["names"] == ["Neural Style: ink-wash", "Frame 2 (100ms) #1", "Frame 5 (replace) #1"]
    assert found["looks"] == [[RED, NOTHING, NOTHING], [RED, GREY, GREY]]
    assert found["layers"] == 6


def test_the_new_image_has_mode_and_precision_of_the_old(animation: dict[str, Any]) -> None:
    kinds = animation["kinds"]
    assert kinds["grey u8-non-linear"][:2] == ["gray", "u8-non-linear"]
    assert kinds["rgb float-linear"][:2] == ["rgb", "float-linear"]


def test_an_indexed_animation_is_painted_in_all_colours(animation: dict[str, Any]) -> None:
    found = animation["indexed"]
    assert found["kinds"] == ["indexed", "rgb"] and found["looks"] == LOOKS
    status, error = found["refused"]
    assert status == "execution-error" and "Choose a new image for the result" in error


def test_only_what_is_selected_is_painted(animation: dict[str, Any]) -> None:
    assert animation["selected"] == [GREY, [90, 90, 90, 255], GREY]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("in a group", "Layers in groups are no frames"),
        ("result", "must be “image” or “group”, not “film”"),
        ("frames", "must be “all” or “selected”, not “some”"),
        ("start", "cannot start from another layer"),
        ("preset", "Did you mean “ink-wash”?"),
    ],
)
def test_what_cannot_be_painted_is_one_message(animation: dict[str, Any], what: str, said: str) -> None:
    status, error = animation["wrong"][what]
    assert status == "execution-error" and said in error
    assert animation["layers then"] == 4
