"""The painter changes the image's mode, precision or profile while a job runs; its layers fit, in the right colours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.gimp.conftest import reported
from tests.gimp.test_matrix import lightness
from tests.hosts.rig import Gimp

pytestmark = pytest.mark.gimp
CHANGES = ("nothing", "16 bits", "float", "grey", "profile")
PAINTED, BESIDE = [60, 180, 90, 255], [200, 120, 40, 255]
GREY = [lightness(bytes(PAINTED[:3]))] * 3 + [255]


@pytest.fixture(scope="module")
def changes(placed: Callable[..., Gimp], fake_home: Path) -> dict[str, Any]:
    return reported(placed(fake_home), "changes.py")


def check(found: dict[str, Any], change: str, masked: bool = True) -> None:
    assert found["fits"], found
    expected = GREY if change == "grey" else PAINTED
    assert found["pixels"][0] == pytest.approx(expected, abs=3), found
    assert found["mask"] == ([255, 0] if masked else []), found


@pytest.mark.parametrize("change", CHANGES)
def test_results_are_in_the_images_mode_wherever_they_were_when_it_changed(
    changes: dict[str, Any], change: str
) -> None:
    assert len(changes["results"][change]) == 3
    for one in changes["results"][change]:
        check(one, change)


def test_weights_that_were_read_from_floats_are_right_in_8_bits(changes: dict[str, Any]) -> None:
    for one in changes["float to 8 bits"]:
        check(one, "8 bits")
        assert one["pixels"][1] == pytest.approx(BESIDE, abs=3)


@pytest.mark.parametrize("change", CHANGES)
def test_layers_of_regions_and_a_live_layer_fit_too(changes: dict[str, Any], change: str) -> None:
    for one in changes["parts"][change] + changes["live"][change]:
        check(one, change)


@pytest.mark.parametrize("change", CHANGES)
def test_frames_that_wait_for_their_group_fit_too(changes: dict[str, Any], change: str) -> None:
    assert len(changes["frames"][change]) == 2
    for one in changes["frames"][change]:
        check(one, change, masked=False)


def test_an_animation_ends_where_its_image_is_made_indexed(changes: dict[str, Any]) -> None:
    assert "made indexed" in changes["indexed"] and "Mode → RGB" in changes["indexed"]


def test_the_result_of_a_deleted_layer_comes_on_top(changes: dict[str, Any]) -> None:
    assert changes["deleted source"] == ["live", "other"]


def test_a_profile_and_the_mode_may_change_at_once(changes: dict[str, Any]) -> None:
    check(changes["both"][0], "grey")
