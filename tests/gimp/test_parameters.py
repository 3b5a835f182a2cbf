"""What a painter can choose, checked, and the job that it becomes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import keeping
import parameters
import pytest
from complaints import PainterError
from parameters import Parameters, check_preset, forecast_job, from_mapping, job

MNEMONIC = re.compile(r"(_[A-Z]|[A-Z][\w -]*_[a-z])[^.\"]*")
PRESETS = [{"name": "night-swirl"}, {"name": "ink-wash"}]


def test_the_plainest_job_leaves_everything_to_the_preset() -> None:
    assert job(Parameters(preset="ink-wash"), "c") == {
        "preset": "ink-wash",
        "method": {"quality": "standard"},
        "content": "c",
        "on_disconnect": "cancel",
    }


def test_every_choice_arrives_in_the_job() -> None:
    chosen = Parameters(
        preset="ink-wash",
        controls={"strength": 80, "colour": 100},
        size=512,
        quality="fine",
        seed=0,
        keep="every 50",
        iterations=300,
        content_weight=2.5,
        style_weight=4.0,
        tv_weight=0.0,
        start="image",
        seamless=True,
    )
    assert job(chosen, "c", mask="m", init="i") == {
        "preset": "ink-wash",
        "content": "c",
        "mask": "m",
        "init": "i",
        "controls": {"strength": 80, "colour": 100},
        "size": 512,
        "seed": 0,
        "frames": {"every": 50},
        "method": {
            "quality": "fine",
            "iterations": 300,
            "content_weight": 2.5,
            "style_weight": 4.0,
            "tv_weight": 0.0,
            "start": "image",
            "seamless": True,
        },
        "on_disconnect": "cancel",
    }


def test_a_job_that_starts_from_another_layer_needs_one() -> None:
    with pytest.raises(PainterError, match="Choose the layer to start from"):
        job(Parameters(preset="ink-wash", start="image"), "c")


def test_a_forecast_needs_no_picture() -> None:
    assert "content" not in forecast_job(Parameters(preset="ink-wash"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"quality": "superb"}, "must be one of “draft”, “standard”, “fine”, not “superb”"),
        ({"start": "zebra"}, "start image must be one of"),
        ({"controls": {"strength": 101}}, "strength must be from 0 to 100, not 101"),
        ({"controls": {"brush_size": 10}}, "brush size must be from 25 to 400"),
        ({"controls": {"sparkle": 1}}, "no control “sparkle”"),
        ({"seed": -2}, "seed must be from -1"),
        ({"size": "big"}, "size must be from 0"),
        ({"iterations": True}, "iterations must be"),
        ({"keep": "soon"}, "not an iteration"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(PainterError, match=said):
        Parameters(preset="ink-wash", **wrong)  # type: ignore[arg-type]


def test_parameters_survive_being_written_down() -> None:
    chosen = Parameters(preset="mosaic", controls={"detail": 10}, seed=4, keep="100, 300")
    assert from_mapping(chosen.as_mapping()) == chosen


def test_what_another_version_wrote_is_read_as_far_as_it_is_known() -> None:
    assert from_mapping({"preset": "mosaic", "sparkle": 3}) == Parameters(preset="mosaic")


def test_an_unknown_preset_is_an_error_that_names_the_nearest() -> None:
    assert check_preset("ink-wash", PRESETS) == {"name": "ink-wash"}
    with pytest.raises(PainterError, match="no preset named “ink-wsh”\\. Did you mean “ink-wash”"):
        check_preset("ink-wsh", PRESETS)
    with pytest.raises(PainterError, match="There are: ink-wash, night-swirl"):
        check_preset("zzz", PRESETS)
    with pytest.raises(PainterError, match="No preset was named"):
        check_preset("", PRESETS)


def test_there_are_the_seven_controls_of_the_daemon() -> None:
    from neural_style_server.engine.method import Controls

    assert [control.name for control in parameters.CONTROLS] == list(Controls.__dataclass_fields__)
    for control in parameters.CONTROLS:
        Controls(**{control.name: control.minimum})
        Controls(**{control.name: control.maximum})


def test_mnemonics_of_the_dialogue_differ() -> None:
    labels = [control.label for control in parameters.CONTROLS]
    for name in ("dialog", "gallery", "sliders", "options"):
        source = (Path(parameters.__file__).parent / f"{name}.py").read_text()
        texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
        labels += [text for text in texts if isinstance(text, str) and MNEMONIC.fullmatch(text)]
    letters = sorted(label[label.index("_") + 1].lower() for label in labels)
    assert len(letters) > 20
    assert sorted(set(letters)) == letters


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("", {}),
        ("none", {}),
        ("every 50", {"every": 50}),
        ("Every:5", {"every": 5}),
        ("300, 100;100", {"at": [100, 300]}),
    ],
)
def test_kept_frames_are_read_from_a_painters_words(text: str, frames: dict[str, object]) -> None:
    assert keeping.parse(text) == frames


def test_there_is_something_to_look_at_before_the_first_kept_frame() -> None:
    assert keeping.frames("100", live=True) == {"at": [100], "seconds": 2.0}
    assert keeping.frames("every 300", live=True) == {"every": 300, "seconds": 2.0}
    assert keeping.frames("100", live=False) == {"at": [100]}
    assert keeping.frames("", live=True) == {}


def test_kept_frames_are_recognised() -> None:
    assert keeping.wants("every 50", 100)
    assert not keeping.wants("every 50", 0)
    assert keeping.wants("100, 300", 300)
    assert not keeping.wants("", 300)


@pytest.mark.parametrize("text", ["0", "every 0", "-5", "1.5", ",".join(map(str, range(1, 200)))])
def test_impossible_frames_are_refused(text: str) -> None:
    with pytest.raises(PainterError, match="Write iterations such as"):
        keeping.parse(text)
