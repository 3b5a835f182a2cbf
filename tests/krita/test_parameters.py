from __future__ import annotations

import pytest

from neural_style import parameters
from neural_style.parameters import Parameters, job_body, kept_frames, kept_iterations
from neural_style.problems import Problem


def test_a_job_asks_only_for_what_the_painter_chose() -> None:
    body = job_body(Parameters(preset="mosaic"), "krita-1", wrapped=False)
    assert body == {
        "preset": "mosaic",
        "method": {"quality": "standard"},
        "client": "krita-1",
        "on_disconnect": "cancel",
        "size": 768,
    }


def test_every_choice_reaches_the_job() -> None:
    chosen = Parameters(
        preset="mosaic",
        controls={"strength": 90},
        size=0,
        quality="fine",
        seed=0,
        keep="at",
        keep_text="300, 100 100",
        iterations=40,
        content_weight=2.5,
        style_weight=3.0,
        tv_weight=0.0,
        start="noise",
        seamless="on",
    )
    body = job_body(chosen, "krita-1", wrapped=False)
    assert body["controls"] == {"strength": 90} and body["seed"] == 0 and "size" not in body
    assert body["frames"] == {"at": [100, 300], "seconds": 2.0}
    assert body["method"] == {
        "quality": "fine",
        "iterations": 40,
        "start": "noise",
        "content_weight": 2.5,
        "style_weight": 3.0,
        "tv_weight": 0.0,
        "seamless": True,
    }


@pytest.mark.parametrize(("seamless", "wrapped", "wanted"), [
    ("auto", True, True), ("auto", False, False), ("on", False, True), ("off", True, False),
])  # fmt: skip
def test_wrap_around_mode_makes_it_seamless(seamless: str, wrapped: bool, wanted: bool) -> None:
    method = job_body(Parameters(seamless=seamless), "krita-1", wrapped)["method"]
    assert method.get("seamless", False) is wanted


def test_kept_frames_are_read_from_what_a_painter_writes() -> None:
    assert kept_frames(Parameters()) is None
    assert kept_frames(Parameters(keep="every", keep_text=" 50 ")) == {"every": 50}
    assert kept_frames(Parameters(keep="at", keep_text="100; 300,3300")) == {"at": [100, 300, 3300]}


@pytest.mark.parametrize("text", ["", "often", "100, x", "0", "-5", "999999999"])
def test_a_list_of_no_use_is_refused_in_words(text: str) -> None:
    with pytest.raises(Problem, match="Write numbers"):
        kept_frames(Parameters(keep="at", keep_text=text))


def test_the_last_iteration_is_the_result_and_not_kept_twice() -> None:
    assert kept_iterations({"every": 10}, 30) == [10, 20]
    assert kept_iterations({"at": [5, 30, 40]}, 30) == [5]
    assert kept_iterations(None, 30) == []


def test_too_many_layers_are_refused() -> None:
    with pytest.raises(Problem, match="larger step"):
        kept_iterations({"every": 1}, 100)


def test_parameters_survive_being_saved() -> None:
    chosen = Parameters(preset="mosaic", controls={"colour": 100}, seed=5, keep="at", tv_weight=0.5)
    assert parameters.from_dict(chosen.as_dict()) == chosen


def test_rubbish_in_saved_parameters_is_left_out() -> None:
    saved = {"preset": 5, "size": "big", "seed": True, "controls": {"strength": 1000}, "quality": "best", "future": 1}
    assert parameters.from_dict(saved) == Parameters()


def test_a_control_that_stands_as_the_preset_has_it_is_not_sent() -> None:
    preset = {"controls": {"strength": 80, "colour": "mine"}}
    own = parameters.preset_controls(preset)
    assert own["strength"] == 80 and own["colour"] == 100 and own["brush_size"] == 100
    assert parameters.differing(dict(own, detail=10), preset) == {"detail": 10}
