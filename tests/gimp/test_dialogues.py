"""GIMP goes on while a dialogue of the plug-in is open: layers come and go, the image may be closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.gimp.conftest import reported
from tests.hosts.rig import Gimp

pytestmark = pytest.mark.gimp


@pytest.fixture(scope="module")
def dialogues(placed: Callable[..., Gimp], fake_home: Path) -> dict[str, Any]:
    return reported(placed(fake_home), "dialogues.py", screen=True)


def test_the_styles_of_another_computer_take_the_place_of_those_shown(dialogues: dict[str, Any]) -> None:
    found = dialogues["another computer"]
    assert not found["waiting"] and len(found["before"][0]) > 1
    assert found["after"] == found["before"]
    assert found["same"], "what the painter had chosen"


def test_what_was_made_meanwhile_can_be_chosen_and_what_was_chosen_stays(dialogues: dict[str, Any]) -> None:
    found = dialogues["made meanwhile"]
    assert found["active"]
    assert found["offered"] == [["more", "paint", "sky"], ["more", "paint"]]
    (region,), start = found["same"]
    assert (region[0], region[2], start) == ("paint", 60, "paint")
    assert (
        found["another"] == ["more", "sky", "more"] and found["chosen"][0][0] == "sky" and found["chosen"][1] == "more"
    )


def test_what_has_gone_meanwhile_is_not_taken_for_another(dialogues: dict[str, Any]) -> None:
    told, starts, region = dialogues["made meanwhile"]["gone"]
    assert told == "Choose the layer to start from, or another start image."
    assert starts == ["renamed"] and region == "sky"


def test_an_image_that_was_closed_meanwhile_is_said(dialogues: dict[str, Any]) -> None:
    told, _ = dialogues["closed meanwhile"]
    assert told.startswith("The image was closed.")


def test_a_style_of_a_layer_that_is_gone_is_not_made(dialogues: dict[str, Any]) -> None:
    (deleted, first), (closed, second) = dialogues["a style of what is gone"]
    assert deleted is closed is None
    assert "The layer was deleted" in first and "The layer was deleted" in second


def test_a_print_begins_with_the_image_as_it_is_printed_now(dialogues: dict[str, Any]) -> None:
    as_it_is, in_mm, too_large, coarse = dialogues["a print"]
    assert as_it_is == [2, "in", 48, "96 × 64 pixels; the height on paper is 1.3 in", True]
    assert in_mm == [pytest.approx(50.8), "mm", 48, "96 × 64 pixels; the height on paper is 33.9 mm", True]
    assert coarse[1:3] == ["mm", 10] and coarse[4]
    assert "at most 16384 a side" in too_large[3] and not too_large[4]
