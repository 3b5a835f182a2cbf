"""Paint for Print… as scripts call it, in the real GIMP, with a daemon that turns colours round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from tests.client.fake_daemon import FakeDaemon
from tests.gimp.conftest import reported
from tests.hosts.rig import Gimp

pytestmark = pytest.mark.gimp


@pytest.fixture(scope="module")
def prints(placed: Callable[..., Gimp], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with FakeDaemon(tmp_path_factory.mktemp("fake")) as daemon:
        return dict(reported(placed(daemon.home), "print_copy.py"), uploads=daemon.uploads)


def test_a_print_has_exact_pixels_and_its_result_is_painted_at_full_size(prints: dict[str, Any]) -> None:
    found = prints["print"]
    assert found["status"] == "success"
    assert found["sizes"] == [[300, 200]] * 3 and found["resolution"] == [100, 100]
    assert found["names"] == ["ink", "Neural Style: ink-wash (iteration 30)", "paint"]
    assert found["exact"] and found["undo"]


def test_the_painters_image_is_left_as_it_was(prints: dict[str, Any]) -> None:
    assert prints["print"]["untouched"] and prints["print"]["images"] == 2


def test_an_exported_file_has_the_prints_pixels_and_resolution(prints: dict[str, Any]) -> None:
    with Image.open(prints["print"]["png"]) as picture:
        assert picture.size == (300, 200)
        assert picture.info["dpi"] == pytest.approx((100, 100), abs=0.02)


def test_what_is_selected_is_selected_in_the_print(prints: dict[str, Any]) -> None:
    mask, image_has_none = prints["selected"]
    assert mask == [255, 255, 0, 0] and not image_has_none


def test_layers_in_groups_groups_and_several_layers_are_found_again(prints: dict[str, Any]) -> None:
    found = prints["group"]
    assert found["parents"] == ["scenery", None] and found["sizes"] == [[300, 200]] * 2
    assert found["masks"] == [True, False]
    assert found["both"] == [2, 2] and found["originals"] == [1, 1]


def test_the_start_layer_is_the_copys(prints: dict[str, Any]) -> None:
    assert prints["start"] == ["success", "", [300, 200]]
    assert (96, 64) not in prints["uploads"]


def test_an_indexed_image_stays_indexed_and_its_print_has_all_colours(prints: dict[str, Any]) -> None:
    assert prints["indexed"] == [["indexed", "rgb"], [300, 200]]


def test_a_print_has_the_images_mode_and_precision(prints: dict[str, Any]) -> None:
    grey, deep = prints["kinds"]
    assert grey[:2] == ["gray", "u8-non-linear"] and deep[:2] == ["rgb", "float-linear"]
    for found in (grey, deep):
        assert found[2] == pytest.approx([165, 165, 165, 255], abs=1)


def test_a_print_may_be_smaller_than_the_image(prints: dict[str, Any]) -> None:
    assert prints["smaller"] == [50, 33]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("no width", "The print has no pixels"),
        ("too large", "at most 16384 a side"),
        ("preset", "Did you mean “ink-wash”?"),
        ("mask", "is a mask or a channel"),
    ],
)
def test_what_cannot_be_painted_is_said_and_leaves_no_copy(prints: dict[str, Any], what: str, said: str) -> None:
    status, error, left = prints["wrong"][what]
    assert status == "execution-error" and said in error and left == 0
