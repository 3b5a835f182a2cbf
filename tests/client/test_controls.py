"""The painter's controls are the engine's, and stand where the preset has them."""

from __future__ import annotations

from neural_style_client.controls import CONTROLS, changed_values, preset_values
from neural_style_server.engine.method import Controls

COMPLETE = {**Controls().as_dict(), "strength": 80, "colour": "mine"}


def test_there_are_the_seven_controls_of_the_daemon() -> None:
    assert [control.name for control in CONTROLS] == list(Controls.__dataclass_fields__)
    for control in CONTROLS:
        Controls(**{control.name: control.minimum})
        Controls(**{control.name: control.maximum})


def test_no_control_has_a_default_but_the_daemons() -> None:
    assert not any("default" in control._fields for control in CONTROLS)
    assert preset_values({"controls": Controls().as_dict()}) == Controls().as_dict()


def test_a_control_that_stands_as_the_preset_has_it_is_not_sent() -> None:
    own = preset_values({"controls": COMPLETE})
    assert own["strength"] == 80 and own["colour"] == 100 and own["brush_size"] == 100
    assert changed_values({**own, "detail": 10.2}, {"controls": COMPLETE}) == {"detail": 10}


def test_before_a_preset_is_known_only_what_was_moved_is_a_change() -> None:
    assert changed_values({**preset_values({}), "detail": 10}, {}) == {"detail": 10}
