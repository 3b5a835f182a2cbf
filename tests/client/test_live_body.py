from __future__ import annotations

from neural_style_client.live_body import changed_fields, live_body
from neural_style_client.parameters import Parameters


def test_a_change_names_what_is_another_and_clears_what_is_gone() -> None:
    parameters = Parameters(preset="ink-wash", controls={"strength": 20}, start="noise")
    one, other = (live_body(each, "me", 256) for each in (parameters, Parameters(preset="mosaic")))
    assert changed_fields(one, other) == {"preset": "mosaic", "controls": {}, "method": {"quality": "standard"}}
    assert changed_fields(one, one) == {}
