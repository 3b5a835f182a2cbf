from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.engine.method import Controls, Method, apply_controls, describe
from neural_style_server.errors import MethodError

NUMBERS = [
    (cls, item.name, item.metadata) for cls in (Method, Controls) for item in fields(cls) if "low" in item.metadata
]
every_number = pytest.mark.parametrize(("cls", "key", "rule"), NUMBERS, ids=[key for _, key, _ in NUMBERS])


@every_number
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), -1e300, 10**400, -(10**400), True, "3", None, [1], {}, 1j]
)
def test_a_value_out_of_range_names_key_value_and_range(
    cls: type[Method] | type[Controls], key: str, rule: dict[str, Any], value: Any
) -> None:
    with pytest.raises(MethodError) as caught:
        cls.from_mapping({key: value})
    assert key in caught.value.detail
    assert f"{rule['low']:g}" in caught.value.detail and f"{rule['high']:g}" in caught.value.detail
    assert len(caught.value.detail) < 600


@every_number
def test_both_ends_of_the_range_are_allowed(cls: type[Method], key: str, rule: dict[str, Any]) -> None:
    for end in (rule["low"], rule["high"]):
        assert getattr(cls.from_mapping({key: end}), key) == end


@pytest.mark.parametrize("where", [Method, Controls])
def test_a_number_of_a_million_digits_is_refused_in_a_short_sentence(where: type[Method]) -> None:
    huge = 1 << 4_000_000
    key = "iterations" if where is Method else "strength"
    for mapping in ({key: huge}, {key: {"a": huge}}, {huge: 1}):
        with pytest.raises(MethodError) as caught:
            where.from_mapping(mapping)
        assert len(caught.value.detail) < 1000


@pytest.mark.parametrize("value", [2.5, 60.0, True])
def test_whole_numbers_must_be_whole(value: Any) -> None:
    with pytest.raises(MethodError, match="iterations must be a whole number"):
        Method(iterations=value)


@pytest.mark.parametrize(
    ("cls", "key", "near"),
    [
        (Method, "style_wieght", "style_weight"),
        (Method, "itterations", "iterations"),
        (Controls, "brushsize", "brush_size"),
    ],
)
def test_an_unknown_key_is_refused_with_the_near_one(cls: type[Method], key: str, near: str) -> None:
    with pytest.raises(MethodError, match=f"unknown key '{key}'; did you mean '{near}'"):
        cls.from_mapping({key: 1})


def test_an_unknown_key_that_is_near_nothing_is_refused_with_all_known() -> None:
    with pytest.raises(MethodError, match=r"unknown key 'qqqq'; known are strength, brush_size"):
        Controls.from_mapping({"qqqq": 1})


@pytest.mark.parametrize("value", [None, [], "loss", 3])
def test_what_is_no_mapping_is_refused(value: Any) -> None:
    with pytest.raises(MethodError, match="must be a mapping"):
        Method.from_mapping(value)


@pytest.mark.parametrize("value", ["vgg", "", None, 3, ["gram"], {"gram": 1}])
def test_a_choice_names_what_there_is_to_choose(value: Any) -> None:
    with pytest.raises(MethodError, match="loss must be one of gram, balanced, wasserstein, got"):
        Method(loss=value)


@pytest.mark.parametrize("value", [0, 1, "true", None])
def test_a_switch_is_true_or_false(value: Any) -> None:
    with pytest.raises(MethodError, match="seamless must be true or false"):
        Method(seamless=value)


@pytest.mark.parametrize("layers", [{}, [], "relu4_1", None, {"relu9_9": 1}, {4: 1}, {"conv4_1": 1}])
def test_layers_are_those_of_vgg_19(layers: Any) -> None:
    with pytest.raises(MethodError, match="style_layers"):
        Method(style_layers=layers)


@pytest.mark.parametrize("weight", [-1, float("nan"), True, "1", 1e9, None])
def test_a_layers_weight_is_named_with_its_layer(weight: Any) -> None:
    with pytest.raises(MethodError, match=r"content_layers\.relu4_2 must be a number from 0 to 1e\+06"):
        Method(content_layers={"relu4_2": weight})


def test_a_mapping_changes_only_what_it_names() -> None:
    base = Method(seed=5, loss="gram")
    changed = Method.from_mapping({"iterations": 7}, base)
    assert changed == replace(base, iterations=7)


@pytest.mark.parametrize("record", [Method(seed=2**63 - 1), Controls(strength=3)])
def test_a_record_survives_json(record: Method | Controls) -> None:
    assert type(record).from_mapping(json.loads(json.dumps(record.as_dict()))) == record


@pytest.mark.parametrize("cls", [Method, Controls])
def test_every_key_is_described_with_its_default(cls: type[Method]) -> None:
    found = describe(cls)
    assert set(found) == {item.name for item in fields(cls)}
    assert all(entry["what"] and entry["default"] == getattr(cls(), key) for key, entry in found.items())


@pytest.mark.parametrize(("word", "share"), [("style", 0.0), ("mixed", 50.0), ("mine", 100.0)])
def test_colour_may_be_said_in_a_word(word: str, share: float) -> None:
    assert Controls.from_mapping({"colour": word}).colour == share


def test_another_word_for_colour_is_refused() -> None:
    with pytest.raises(MethodError, match="colour must be a number from 0 to 100, got 'red'"):
        Controls.from_mapping({"colour": "red"})


def test_quality_multiplies_iterations() -> None:
    counts = [Method(iterations=100, quality=quality).total_iterations for quality in ("draft", "standard", "fine")]
    assert counts == sorted(counts) and counts[1] == 100 and counts[0] < 100 < counts[2]
    assert Method(iterations=1, quality="draft").total_iterations == 1


def test_untouched_controls_leave_a_method_as_it_is() -> None:
    method = Method(style_weight=3.0, tv_weight=0.7, boldness=1.5, colour=0.2)
    assert apply_controls(method, Controls()) == method


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
    rule = describe(Controls)[control]
    steps = [rule["low"] + (rule["high"] - rule["low"]) * i / 8 for i in range(9)]
    found = [getattr(apply_controls(Method(), Controls(**{control: step})), key) for step in steps]
    assert found == sorted(found) and found[0] < found[-1]


def test_no_strength_is_no_style() -> None:
    assert apply_controls(Method(), Controls(strength=0)).style_weight == 0


@given(
    st.fixed_dictionaries(
        {key: st.sampled_from([rule["low"], rule["high"]]) for key, rule in describe(Controls).items()}
    ),
    st.fixed_dictionaries(
        {key: st.sampled_from([describe(Method)[key]["low"], describe(Method)[key]["high"]]) for key in MOVES.values()}
    ),
)
def test_the_extremes_of_controls_and_method_together_stay_allowed(
    controls: dict[str, float], method: dict[str, float]
) -> None:
    apply_controls(Method(**method), Controls(**controls))
