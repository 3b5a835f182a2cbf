from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.engine.method import LOSSES, Controls, Method, apply_controls
from neural_style_server.errors import InvalidRequest
from neural_style_server.field_types import fields_model
from neural_style_server.validation import allowed, json_schema, validate

RULES = {cls: json_schema(fields_model(cls))["properties"] for cls in (Method, Controls)}
NUMBERS = [
    (cls, key, (rule.get("anyOf") or [rule])[0])
    for cls, rules in RULES.items()
    for key, rule in rules.items()
    if "minimum" in (rule.get("anyOf") or [rule])[0]
]
RANGES = {(cls, key): (rule["minimum"], rule["maximum"]) for cls, key, rule in NUMBERS}
every_number = pytest.mark.parametrize(("cls", "key", "rule"), NUMBERS, ids=[key for _, key, _ in NUMBERS])


def read(cls: type, mapping: Any) -> Any:
    """The dataclass with what a preset or a job gives of it."""
    return cls(**validate(fields_model(cls), mapping).model_dump(exclude_unset=True))


@every_number
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), -1e300, 10**400, -(10**400), True, "3", None, [1], {}, 1j]
)
def test_a_value_out_of_range_names_key_value_and_range(cls: type, key: str, rule: dict[str, Any], value: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(cls, {key: value})
    assert caught.value.detail.startswith(f"{key} must be {allowed(rule)}")
    assert len(caught.value.detail) < 600


@every_number
def test_both_ends_of_the_range_are_allowed(cls: type, key: str, rule: dict[str, Any]) -> None:
    for end in (rule["minimum"], rule["maximum"]):
        assert getattr(read(cls, {key: end}), key) == end


@pytest.mark.parametrize("where", [Method, Controls])
def test_a_number_of_a_million_digits_is_refused_in_a_short_sentence(where: type) -> None:
    huge = 1 << 4_000_000
    key = "iterations" if where is Method else "strength"
    for mapping in ({key: huge}, {key: {"a": huge}}, {huge: 1}):
        with pytest.raises(InvalidRequest) as caught:
            read(where, mapping)
        assert len(caught.value.detail) < 1000


@pytest.mark.parametrize("value", [2.5, 60.0, True])
def test_whole_numbers_must_be_whole(value: Any) -> None:
    with pytest.raises(InvalidRequest, match="iterations must be a whole number"):
        read(Method, {"iterations": value})


@pytest.mark.parametrize(
    ("cls", "key", "near"),
    [
        (Method, "style_wieght", "style_weight"),
        (Method, "itterations", "iterations"),
        (Controls, "brushsize", "brush_size"),
    ],
)
def test_an_unknown_key_is_refused_with_the_near_one(cls: type, key: str, near: str) -> None:
    with pytest.raises(InvalidRequest, match=f"unknown key '{key}'; did you mean '{near}'"):
        read(cls, {key: 1})


def test_an_unknown_key_that_is_near_nothing_is_refused_with_all_known() -> None:
    with pytest.raises(InvalidRequest, match=r"unknown key 'qqqq'; known are strength, brush_size"):
        read(Controls, {"qqqq": 1})


@pytest.mark.parametrize("value", [None, [], "loss", 3])
def test_what_is_no_mapping_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRequest, match="must be a mapping"):
        read(Method, value)


@pytest.mark.parametrize("value", ["vgg", "", None, 3, ["gram"], {"gram": 1}])
def test_a_choice_names_what_there_is_to_choose(value: Any) -> None:
    with pytest.raises(InvalidRequest, match=f"loss must be one of {', '.join(LOSSES)}, got"):
        read(Method, {"loss": value})


@pytest.mark.parametrize("value", [0, 1, "true", None])
def test_a_switch_is_true_or_false(value: Any) -> None:
    with pytest.raises(InvalidRequest, match="seamless must be true or false"):
        read(Method, {"seamless": value})


@pytest.mark.parametrize("layers", [{}, [], "relu4_1", None, {"relu9_9": 1}, {4: 1}, {"conv4_1": 1}])
def test_layers_are_those_of_vgg_19(layers: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"style_layers.*relu1_1"):
        read(Method, {"style_layers": layers})


@pytest.mark.parametrize("weight", [-1, float("nan"), True, "1", 1e9, None])
def test_a_layers_weight_is_named_with_its_layer(weight: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"content_layers\.relu4_2 must be a number from 0 to 1e\+06"):
        read(Method, {"content_layers": {"relu4_2": weight}})


@pytest.mark.parametrize("record", [Method(seed=2**63 - 1), Controls(strength=3)])
def test_a_record_survives_json(record: Method | Controls) -> None:
    assert read(type(record), json.loads(json.dumps(record.as_dict()))) == record


@pytest.mark.parametrize("cls", [Method, Controls])
def test_every_key_is_described_with_its_default(cls: type) -> None:
    rules = RULES[cls]
    assert set(rules) == {item.name for item in fields(cls)}
    assert all(rule["description"] and rule["default"] == getattr(cls(), key) for key, rule in rules.items())


@pytest.mark.parametrize(("word", "share"), [("style", 0.0), ("mixed", 50.0), ("mine", 100.0)])
def test_colour_may_be_said_in_a_word(word: str, share: float) -> None:
    assert read(Controls, {"colour": word}).colour == share


def test_another_word_for_colour_is_refused() -> None:
    told = "colour must be a number from 0 to 100 or one of style, mixed, mine, got 'red'"
    with pytest.raises(InvalidRequest, match=told):
        read(Controls, {"colour": "red"})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"iterations": -1}, "iterations must be from 1 to 20000, got -1"),
        ({"tv_weight": float("nan")}, "tv_weight must be from 0 to 1e"),
        ({"loss": "vgg"}, f"loss must be one of {', '.join(LOSSES)}, got 'vgg'"),
    ],
)
def test_the_engine_alone_refuses_what_is_out_of_bounds(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Method(**wrong)


def test_quality_multiplies_iterations() -> None:
    counts = [Method(iterations=100, quality=quality).total_iterations for quality in ("draft", "standard", "fine")]
    assert counts == sorted(counts) and counts[1] == 100 and counts[0] < 100 < counts[2]
    assert Method(iterations=1, quality="draft").total_iterations == 1


def test_untouched_controls_leave_a_method_as_it_is() -> None:
    method = Method(style_weight=3.0, tv_weight=0.7, boldness=1.5, colour=0.2)
    assert apply_controls(method, Controls()) == method


@pytest.mark.parametrize(("loss", "iterations"), [("neighbours", 80), ("balanced", 44), ("gram", 44)])
def test_a_method_that_names_no_iterations_has_what_its_loss_needs(loss: str, iterations: int) -> None:
    assert Method(loss=loss).iterations == iterations
    assert read(Method, {"loss": loss}).iterations == iterations


def test_more_detail_sees_more_of_the_content_and_begins_less_coarse() -> None:
    least, usual, most = (apply_controls(Method(), Controls(detail=detail)) for detail in (0, 50, 100))
    assert least.search_content < usual.search_content < most.search_content
    assert least.scales > usual.scales > most.scales
    other = apply_controls(Method(loss="balanced"), Controls(detail=100))
    assert other.scales == Method().scales


MOVES = {
    "strength": "style_weight",
    "detail": "content_weight",
    "smoothness": "tv_weight",
    "brush_size": "style_scale",
    "boldness": "boldness",
    "colour": "colour",
    "less_white": "less_white",
}


@pytest.mark.parametrize(("control", "key"), MOVES.items())
def test_each_control_moves_its_setting_one_way(control: str, key: str) -> None:
    low, high = RANGES[Controls, control]
    steps = [low + (high - low) * i / 8 for i in range(9)]
    found = [getattr(apply_controls(Method(), Controls(**{control: step})), key) for step in steps]
    assert found == sorted(found) and found[0] < found[-1]


def test_no_strength_is_no_style() -> None:
    assert apply_controls(Method(), Controls(strength=0)).style_weight == 0


@given(
    st.fixed_dictionaries({item.name: st.sampled_from(RANGES[Controls, item.name]) for item in fields(Controls)}),
    st.fixed_dictionaries({key: st.sampled_from(RANGES[Method, key]) for key in MOVES.values()}),
)
def test_the_extremes_of_controls_and_method_together_stay_allowed(
    controls: dict[str, float], method: dict[str, float]
) -> None:
    apply_controls(Method(**method), Controls(**controls))
