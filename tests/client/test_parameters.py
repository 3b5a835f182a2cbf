"""What a painter can choose, checked, and the job that it becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from neural_style_client.errors import PainterError
from neural_style_client.kept_frames import MAX_ITERATIONS
from neural_style_client.parameters import (
    SIZES,
    Parameters,
    check_preset,
    from_mapping,
    job_body,
    restored,
    size_choices,
)

PRESETS = [{"name": "night-swirl"}, {"name": "ink-wash"}]
USUAL = Parameters(size=768, seamless="auto")


def test_a_job_asks_only_for_what_the_painter_chose() -> None:
    assert job_body(Parameters(preset="ink-wash"), "krita-1") == {
        "preset": "ink-wash",
        "method": {"quality": "standard"},
        "client": "krita-1",
        "on_disconnect": "cancel",
    }


def test_every_choice_arrives_in_the_job() -> None:
    chosen = Parameters(
        preset="ink-wash",
        controls={"strength": 80, "colour": 100},
        size=512,
        quality="fine",
        seed=0,
        keep="300, 100 100",
        iterations=300,
        content_weight=2.5,
        style_weight=4.0,
        tv_weight=0.0,
        start="noise",
        seamless="on",
    )
    assert job_body(chosen, "krita-1") == {
        "preset": "ink-wash",
        "client": "krita-1",
        "controls": {"strength": 80, "colour": 100},
        "size": 512,
        "seed": 0,
        "frames": {"at": [100, 300], "seconds": 2.0},
        "method": {
            "quality": "fine",
            "iterations": 300,
            "content_weight": 2.5,
            "style_weight": 4.0,
            "tv_weight": 0.0,
            "start": "noise",
            "seamless": True,
        },
        "on_disconnect": "cancel",
    }
    assert job_body(chosen, "krita-1", live=False)["frames"] == {"at": [100, 300]}


def test_sizes_are_those_that_are_smaller_than_the_picture_and_its_own_which_asks_for_none() -> None:
    assert size_choices(480) == [(256, "256 px"), (384, "384 px"), (0, "Full size")]
    assert [size for size, _ in size_choices()] == [*SIZES, 0]
    assert "size" not in job_body(Parameters("ink-wash", size=0), "gimp")


@pytest.mark.parametrize(("seamless", "wrapped", "wanted"), [
    ("auto", True, True), ("auto", False, False), ("on", False, True), ("off", True, False),
])  # fmt: skip
def test_wrap_around_mode_makes_it_seamless(seamless: str, wrapped: bool, wanted: bool) -> None:
    method = job_body(Parameters(seamless=seamless), "krita-1", wrapped)["method"]
    assert method.get("seamless", False) is wanted


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"quality": "superb"}, "must be one of “draft”, “standard”, “fine”, not “superb”"),
    ({"start": "zebra"}, "start image must be one of"),
    ({"controls": {"strength": 101}}, "strength must be from 0 to 100, not 101"),
    ({"controls": {"brush_size": 10}}, "brush size must be from 25 to 400"),
    ({"controls": {"sparkle": 1}}, "no control “sparkle”"),
    ({"seed": -2}, "seed must be from -1"),
    ({"size": "big"}, "size must be from 0"),
    ({"iterations": True}, "iterations must be"),
    ({"iterations": MAX_ITERATIONS + 1}, "iterations must be from 0 to 20000"),
    ({"tv_weight": "much"}, "tv weight must be"),
    ({"preset": 5}, "preset must be a text"),
    ({"keep": "soon"}, "not an iteration"),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_what_is_wrong_is_said(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(PainterError, match=said):
        Parameters(**{"preset": "ink-wash", **wrong})


def test_what_is_wrong_in_saved_settings_is_left_out_alone() -> None:
    for wrong, _ in WRONG:
        assert restored({"quality": "fine", "seed": 5, **wrong}, USUAL).seed in (5, -1)
        name = next(iter(wrong))
        assert getattr(restored({"tv_weight": 1.0, **wrong}, USUAL), name) == getattr(USUAL, name)
    assert restored(None, USUAL) == restored([1], USUAL) == restored({"future": 1}, USUAL) == USUAL


def test_parameters_survive_being_written_down() -> None:
    chosen = Parameters(preset="mosaic", controls={"detail": 10}, seed=4, keep="100, 300", tv_weight=0.5)
    written = json.loads(json.dumps(chosen.as_mapping()))
    assert from_mapping(written) == chosen == restored(written, USUAL)


def test_what_another_version_wrote_is_read_as_far_as_it_is_known() -> None:
    assert from_mapping({"preset": "mosaic", "sparkle": 3}) == Parameters(preset="mosaic")
    with pytest.raises(PainterError, match="cannot be read"):
        from_mapping({"controls": 3})


@pytest.mark.parametrize(("written", "keep"), [
    ({"keep": "every", "keep_text": "50"}, "every 50"),
    ({"keep": "at", "keep_text": "100, 300"}, "100, 300"),
    ({"keep": "", "keep_text": "100, 300"}, ""),
    ({"keep": "every 7"}, "every 7"),
])  # fmt: skip
def test_records_of_version_0_1_0_are_read(written: dict[str, Any], keep: str) -> None:
    assert restored({**written, "size": 512}, USUAL) == USUAL.changed(keep=keep, size=512)
    assert from_mapping({"seamless": True}).seamless == "on"
    assert from_mapping({"seamless": False}).seamless == "off"


def test_an_unknown_preset_is_an_error_that_names_the_nearest() -> None:
    check_preset("ink-wash", PRESETS)
    with pytest.raises(PainterError, match="no preset named “ink-wsh”\\. Did you mean “ink-wash”"):
        check_preset("ink-wsh", PRESETS)
    with pytest.raises(PainterError, match="There are: ink-wash, night-swirl"):
        check_preset("zzz", PRESETS)
    with pytest.raises(PainterError, match="No preset was named"):
        check_preset("", PRESETS)
