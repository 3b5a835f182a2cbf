"""What GIMP tells of a layer that is followed, in the real GIMP without a window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.gimp.conftest import reported
from tests.hosts.rig import Gimp

pytestmark = pytest.mark.gimp


@pytest.fixture(scope="module")
def live(placed: Callable[..., Gimp], fake_home: Path) -> dict[str, Any]:
    return reported(placed(fake_home), "live.py")


def test_a_layer_of_any_kind_is_read_in_its_colours(live: dict[str, Any]) -> None:
    assert len(live["colours"]) == 21
    wrong = {kind: found for kind, found in live["colours"].items() if found != [64, 48, "RGBA8", found[3], True]}
    assert not wrong
    assert {kind: found[3] for kind, found in live["colours"].items() if found[3] > 1} == {}


def test_a_layer_that_did_not_change_is_not_read_again(live: dict[str, Any]) -> None:
    assert live["changes"]["same"] and live["changes"]["size"] == [100, 75]


def test_a_stroke_is_noticed_where_it_is(live: dict[str, Any]) -> None:
    place, count = live["changes"]["different"]
    assert place == [50, 25] and count == 4


def test_the_selection_is_the_mask_at_the_layers_place(live: dict[str, Any]) -> None:
    assert live["changes"]["selected"] == [255, 255, 0, 0]
    assert live["changes"]["beyond"] == [0, 255, 0]  # a layer that begins to the left of the image


def test_a_detail_is_read_as_large_as_the_whole(live: dict[str, Any]) -> None:
    size, red, first, last = live["changes"]["detail"]
    assert size == [100, 75] and red == [50, 31] and [first, last] == [255, 0]


def test_a_layers_effects_are_seen(live: dict[str, Any]) -> None:
    for found in live["effect"]:
        assert found == pytest.approx([55, 155, 205, 255], abs=1)


def test_what_cannot_be_followed_is_said(live: dict[str, Any]) -> None:
    empty, in_group, deleted, other, closed = live["gone"]
    assert empty and in_group and other
    assert deleted == "The layer was deleted. Edit → Undo brings it back."
    assert closed == "The image was closed."


def test_a_kept_picture_is_a_layer_like_its_source(live: dict[str, Any]) -> None:
    kept = live["kept"]
    assert kept["names"] == ["Neural Style: ink-wash", "sea"]
    assert kept["place"] == [40, 30, 10, 8]
    assert kept["pixels"] == [[200, 100, 50, 255], [10, 20, 30, 255]]  # only where it was selected
    assert kept["mask"] and kept["recorded"] == {"strength": 70}
    assert kept["nothing"].startswith("Nothing is painted yet")
    assert "was deleted" in kept["deleted"]
