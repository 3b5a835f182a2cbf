"""Several styles in one picture: sliders, their weights, and the line that says it in a script."""

from __future__ import annotations

import pytest

from neural_style_client.blend import blended_title, job_blend, parse, text_of
from neural_style_client.errors import PainterError
from neural_style_client.parameters import Parameters, from_mapping, job_body, presets_of


def test_a_slider_stands_between_the_first_style_and_another() -> None:
    weights = [job_blend("ink-wash", {"mosaic": share})[0]["weight"] for share in (1, 20, 50, 75, 99)]
    assert weights == [0.0101, 0.25, 1.0, 3.0, 99.0]


def test_a_blend_arrives_in_the_job_in_the_painters_order() -> None:
    chosen = Parameters(preset="ink-wash", blend={"night-swirl": 50, "mosaic": 20})
    body = job_body(chosen, "krita-1")
    assert body["blend"] == [{"preset": "night-swirl", "weight": 1.0}, {"preset": "mosaic", "weight": 0.25}]
    assert presets_of(body) == ["ink-wash", "night-swirl", "mosaic"]
    assert from_mapping(chosen.as_mapping()) == chosen
    assert "blend" not in job_body(Parameters(preset="ink-wash"), "krita-1")


def test_a_style_is_not_blended_with_itself() -> None:
    with pytest.raises(PainterError, match="“mosaic” is blended with itself"):
        job_body(Parameters(preset="mosaic", blend={"mosaic": 50}), "krita-1")


@pytest.mark.parametrize(
    ("blend", "said"),
    [
        ({"a": 50, "b": 50, "c": 50}, "At most 2 styles"),
        ({"": 50}, "has no name"),
        ({"mosaic": 0}, "share of “mosaic” must be from 1 to 99, not 0"),
        ({"mosaic": 100}, "must be from 1 to 99"),
        ({"mosaic": True}, "must be from 1 to 99"),
        ({"mosaic": "much"}, "must be from 1 to 99"),
    ],
)
def test_what_no_slider_gives_is_refused(blend: dict[str, float], said: str) -> None:
    with pytest.raises(PainterError, match=said):
        Parameters(preset="ink-wash", blend=blend)


def test_a_blend_is_one_line_in_a_script() -> None:
    assert parse("mosaic:30, ink-wash") == {"mosaic": 30, "ink-wash": 50}
    assert parse(text_of({"mosaic": 30, "ink-wash": 12.5})) == {"mosaic": 30, "ink-wash": 12.5}
    assert parse("") == {} and text_of({}) == ""
    for wrong in ("mosaic:much", "mosaic:1.2.3", "mosaic:200", "a,b,c"):
        with pytest.raises(PainterError):
            parse(wrong)


def test_a_picture_in_two_styles_is_called_after_both() -> None:
    assert blended_title(["Night Swirl", "Mosaic"]) == "Night Swirl + Mosaic"
