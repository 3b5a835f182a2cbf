"""One set of rules for files and for JSON, every problem told with its place, and nothing lost in writing."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neural_style_server.engine.layers import LAYERS
from neural_style_server.engine.method import Controls, Method
from neural_style_server.errors import PresetError
from neural_style_server.field_types import fields_model
from neural_style_server.presets import preset as module
from neural_style_server.presets.preset import Preset, PresetFile, from_mapping, parse_preset, to_mapping, to_yaml
from neural_style_server.validation import MOST_PROBLEMS, json_schema

BUILT_IN = Path(__file__).parents[2] / "presets"
GOOD = "schema: 1\ntitle: Ink wash\nimages:\n- file: style.jpg\n"
PATH = "presets/ink/preset.yaml"


def parse(text: str) -> Preset:
    return parse_preset(text, path=PATH, name="ink")


def problems(text: str) -> list[str]:
    with pytest.raises(PresetError) as caught:
        parse(text)
    return caught.value.detail.splitlines()


def json_problems(**keys: Any) -> list[str]:
    with pytest.raises(PresetError) as caught:
        from_mapping({"title": "Ink", "images": [{"file": "a.png"}], **keys}, "ink")
    return caught.value.detail.splitlines()


def test_the_shortest_preset_has_the_defaults() -> None:
    preset = parse(GOOD)
    assert (preset.name, preset.title, preset.images[0].weight) == ("ink", "Ink wash", 1.0)
    assert (preset.controls, preset.method) == (Controls(), Method())


def test_an_error_names_the_file_the_line_and_what_would_be_right() -> None:
    text = GOOD + "method:\n  loss: gram\n  style_weight: -3\n"
    assert problems(text) == [f"{PATH} line 7: method.style_weight must be a number from 0 to 1e+12, got -3."]


def test_all_problems_are_told_in_one_go() -> None:
    text = (
        "schema: 1\ntitel: Ink\ntags: [a, a]\n"
        "images:\n- file: ../a.png\n  weight: 1001\n- {file: b.png, wieght: 1}\n"
        "controls:\n  strenght: 1\n  detail: 101\nmethod:\n  iterations: 0\n"
        "  style_layers: {relu1_1: -1, relu9_1: 1}\n"
    )
    told = "\n".join(problems(text))
    for expected in (
        "line 2: unknown key 'titel'; did you mean 'title'?",
        f"{PATH}: title is missing",
        "line 3: tags must name each only once; 'a' is there twice",
        "line 5: images[0].file must be a plain name",
        "line 6: images[0].weight must be a number from 0 to 1000, got 1001",
        "line 7: images[1]: unknown key 'wieght'; did you mean 'weight'?",
        "line 9: controls: unknown key 'strenght'; did you mean 'strength'?",
        "line 10: controls.detail must be",
        "line 12: method.iterations must be a whole number from 1",
        "line 13: method.style_layers.relu1_1 must be",
        "line 13: method.style_layers: unknown key 'relu9_1'",
    ):
        assert expected in told
    assert len(told.splitlines()) == 11


def test_places_in_json_are_paths() -> None:
    told = json_problems(images=[{"file": "a.gif"}], method={"pooling": "mean"}, **{"a/b": 1})
    assert any(line.startswith("images[0].file must end in .png") for line in told)
    assert any(line.startswith("method.pooling must be one of max, average") for line in told)
    assert any(line.startswith("unknown key 'a/b'; known are") for line in told)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"title": ""}, "title must be text of 1–80"),
        ({"title": "a\nb"}, "title must be text"),
        ({"title": 1984}, "put it in quotes"),
        ({"title": "x" * 81}, "title must be text of 1–80"),
        ({"author": "\x1b[31m"}, "without control characters"),
        ({"title": "\ud800"}, "without control characters"),
        ({"tags": "ink"}, "tags must be a list of up to 12 texts"),
        ({"tags": ["x" * 33]}, "tags[0] must be text of 1–32 characters"),
        ({"tags": [str(n) for n in range(13)]}, "up to 12"),
        ({"images": []}, "images must be a list of 1–16 style images"),
        ({"images": ["a.png"]}, "images[0] must be a mapping"),
        ({"images": [{"file": "a.png", "weight": 0}]}, "at least one style image needs a weight above 0"),
        ({"images": [{"file": "a.png", "weight": True}]}, "weight must be a number"),
        ({"images": [{"file": "a.png", "weight": float("nan")}]}, "weight must be a number"),
        ({"images": [{"file": "a.png"}, {"file": "a.png"}]}, "is there twice"),
        ({"images": [{"file": "a.png"}, {"file": "A.png"}]}, "differ in case only"),
        ({"images": [{"file": "thumbnail.png"}]}, "own small picture"),
        ({"images": [{"file": "a.png", "region": ""}]}, "region must be text of 1–64"),
        ({"controls": [1]}, "controls must be a mapping"),
        ({"method": {"iterations": 10**400}}, "iterations must be a whole number from 1 to"),
        ({"method": {"style_layers": {}}}, "must be a mapping of names such as 'relu1_1' to a number"),
        ({"schema": "1"}, "write 'schema: 1'"),
        ({"schema": 2}, "newer than this program"),
        ({"schema": 0}, "not known"),
    ],
)
def test_a_wrong_value_is_refused(keys: dict[str, Any], expected: str) -> None:
    assert expected in "\n".join(json_problems(**keys))


def test_a_huge_value_makes_no_huge_message() -> None:
    assert all(len(line) < 500 for line in json_problems(tags=["x" * 100_000], title=["y"] * 100_000))
    assert len(json_problems(**{f"key{n}": 1 for n in range(1000)})) == MOST_PROBLEMS + 1


@pytest.mark.parametrize("name", ["", "-ink", "Ink", "ink_wash", "a" * 65, "../ink", "ink\n", "é", None])
def test_names_are_short_and_plain(name: Any) -> None:
    with pytest.raises(PresetError, match="name is 1–64"):
        from_mapping({"title": "Ink", "images": [{"file": "a.png"}]}, name)


def test_the_schema_must_be_said_in_a_file() -> None:
    assert problems("title: Ink\nimages: [{file: a.png}]\n") == [
        f"{PATH}: schema must be the version of the format; write 'schema: 1'."
    ]


def test_an_older_schema_is_migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_zero(old: dict[str, Any]) -> dict[str, Any]:
        old["images"] = [{"file": old.pop("style_image")}]
        return old

    monkeypatch.setitem(module.MIGRATIONS, 0, from_zero)
    assert parse("schema: 0\ntitle: Ink wash\nstyle_image: style.jpg\n") == parse(GOOD)
    assert problems("schema: 0\ntitle: Ink wash\nstyle_image: style.gif\n") == [
        f"{PATH}: images[0].file must end in .png, .jpg, .jpeg, .webp, got 'style.gif'."
    ]


# Writing

TEXT = st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=80)
WORD = TEXT.map(lambda text: text[:32]).filter(str.strip)
AMBIGUOUS = st.sampled_from(["1e5", "no", "~", "true", "# x", "- a", "a: b", "", "'", "0x1F", "...", "="])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=6,
)


def _number(rule: dict[str, Any]) -> st.SearchStrategy[Any]:
    if rule["type"] == "integer":
        return st.integers(rule["minimum"], rule["maximum"])
    return st.floats(rule["minimum"], rule["maximum"]) | st.just(rule["maximum"])


def _value(rule: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "anyOf" in rule:
        return st.one_of(map(_value, rule["anyOf"]))
    if "enum" in rule:
        return st.sampled_from(rule["enum"])
    if rule["type"] == "boolean":
        return st.booleans()
    if rule["type"] == "object":
        return st.dictionaries(st.sampled_from(LAYERS), st.floats(0, 1e6), min_size=1, max_size=3)
    return _number(rule)


def _some(kind: type) -> st.SearchStrategy[dict[str, Any]]:
    values = {key: _value(rule) for key, rule in json_schema(fields_model(kind))["properties"].items()}
    return st.fixed_dictionaries({}, optional=values)


PRESETS = st.fixed_dictionaries(
    {
        "title": (TEXT | AMBIGUOUS).filter(str.strip),
        "images": st.lists(
            st.fixed_dictionaries({"file": st.sampled_from(["a.png", "b.jpg"]), "weight": st.floats(0.1, 9)}),
            min_size=1, max_size=2, unique_by=lambda image: image["file"],
        ),
    },
    optional={
        "description": TEXT | AMBIGUOUS | st.just("two\nlines\n\nand a half "),
        "author": TEXT | AMBIGUOUS,
        "tags": st.lists(WORD, max_size=4, unique=True),
        "controls": _some(Controls),
        "method": _some(Method),
    },
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(PRESETS)
@example({"title": "\ufeffa\u2028b", "images": [{"file": "a.png"}]})
def test_what_is_written_is_read_back_equal(keys: dict[str, Any]) -> None:
    preset = from_mapping(keys, "ink")
    assert parse(to_yaml(preset)) == preset
    assert from_mapping(to_mapping(preset), "ink") == preset
    assert to_yaml(parse(to_yaml(preset))) == to_yaml(preset)


def test_only_what_differs_is_written_and_each_setting_is_explained() -> None:
    settings_of = {"controls": {"strength": 70.0}, "method": {"scales": 5}}
    text = to_yaml(from_mapping({"title": "Ink", "images": [{"file": "a.png"}], **settings_of}, "ink"))
    assert "  strength: 70  # how much of the style" in text
    assert "  scales: 5  # levels of the coarse-to-fine pyramid" in text
    assert "weight" not in text.split("images:\n")[1] and "author" not in text and "detail:" not in text


@settings(max_examples=40, deadline=None)
@given(JSON)
def test_no_json_value_does_more_than_be_refused(value: Any) -> None:
    for key in [*json_schema(PresetFile)["properties"], "other"]:
        try:
            from_mapping({"title": "Ink", "images": [{"file": "a.png"}], key: value}, "ink")
        except PresetError as error:
            assert error.detail


YAML = st.text(st.sampled_from("ab1.e-:,[]{}&*!|>'\"#%@ \n\t\0é"), max_size=60)


@settings(max_examples=300, deadline=None)
@given(YAML, st.sampled_from(["", "controls:\n  strength: ", "images: ", "tags: ", "method: {style_layers: "]))
@example("&a [*a]", "tags: ")
@example("9" * 5000, "controls:\n  strength: ")
@example("[" * 5000, "tags: ")
def test_no_text_does_more_than_be_refused_with_its_file(text: str, before: str) -> None:
    try:
        parse(GOOD + before + text)
    except PresetError as error:
        assert all(line.startswith((PATH, "and ")) for line in error.detail.splitlines())


# The presets that ship

NAMES = sorted(path.parent.name for path in BUILT_IN.glob("[a-z]*/preset.yaml"))


def test_there_are_at_least_sixteen() -> None:
    assert len(NAMES) >= 16


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_that_ships_is_complete(name: str) -> None:
    text = (BUILT_IN / name / "preset.yaml").read_text("utf-8")
    preset = parse_preset(text, path=f"presets/{name}/preset.yaml", name=name)
    assert preset.licence == "CC0-1.0" and preset.author and preset.source and len(preset.description) > 60
    assert 3 <= len(preset.tags) <= 6


def test_gatys_classic_is_the_method_as_published() -> None:
    text = (BUILT_IN / "gatys-classic" / "preset.yaml").read_text("utf-8")
    method = parse_preset(text, path="p", name="gatys-classic").method
    expected = {
        "loss": "gram", "learning_rate": 2.0, "schedule": "constant", "scales": 1, "start": "mix",
        "optimiser": "adam", "padding": "zeros", "tv_weight": 0, "start_colours": 0, "content_weight": 1,
        "style_weight": 1000, "iterations": 300, "beta1": 0.9, "beta2": 0.999, "plateau": 0,
        "content_layers": {"relu4_2": 1},
        "style_layers": dict.fromkeys(["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"], 1),
    }  # fmt: skip
    assert {key: getattr(method, key) for key in expected} == expected
    for key in expected:
        assert f"\n  {key}:" in text, "it must not depend on a default"
