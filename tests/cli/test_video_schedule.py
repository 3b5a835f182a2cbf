"""Presets that fade into each other."""

from __future__ import annotations

import pytest

from neural_style_server.cli.video_schedule import parse_schedule
from neural_style_server.errors import InvalidRequest


def test_a_preset_fades_into_the_next_one() -> None:
    plan = parse_schedule("ink", ["10:chalk"], 3, blended=False)
    assert plan.at(1) == plan.at(9) == {}
    assert plan.at(10) == {"preset": "ink", "blend": [{"preset": "chalk", "weight": pytest.approx(1 / 3)}]}
    assert plan.at(11) == {"preset": "chalk", "blend": [{"preset": "ink", "weight": pytest.approx(1)}]}
    assert plan.at(12) == {"preset": "chalk", "blend": [{"preset": "ink", "weight": pytest.approx(1 / 3)}]}
    assert plan.at(13) == plan.at(1000) == {"preset": "chalk", "blend": []}


def test_without_a_fade_the_next_one_begins_at_once() -> None:
    plan = parse_schedule("ink", ["10:chalk", "20:oil"], 0, blended=False)
    assert [plan.at(number).get("preset") for number in (9, 10, 19, 20)] == [None, "chalk", "chalk", "oil"]


@pytest.mark.parametrize("then", [["chalk"], ["x:chalk"], ["10:"], ["10:ink"], ["20:chalk", "10:oil"], ["0:chalk"]])
def test_a_wrong_schedule_is_refused(then: list[str]) -> None:
    with pytest.raises(InvalidRequest, match="--then"):
        parse_schedule("ink", then, 3, blended=False)


def test_a_blend_does_not_fade() -> None:
    with pytest.raises(InvalidRequest, match="--blend"):
        parse_schedule("ink", ["10:chalk"], 3, blended=True)
