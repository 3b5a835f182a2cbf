"""Whatever comes in, it is accepted or refused in short sentences that name the key and what would be right."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, field_validator

from neural_style_server.engine.method import OneOf, Range
from neural_style_server.errors import ImageError, InvalidRequest
from neural_style_server.field_types import FieldsOf, ListOf, MaybeAbsent, OrNull
from neural_style_server.validation import Model, json_schema, shown, unknown_key, validate


class Layer(Model):
    opacity: Annotated[float, Field(ge=0, le=1)] = 1.0
    name: Annotated[str, Field(min_length=1, max_length=9)]


class Page(Model):
    errors: ClassVar = {"layers": ImageError}

    width: Annotated[int, Field(ge=1, le=999)]
    title: Annotated[str, Field(pattern="^[A-Z]", title="text that begins with a capital letter")] = "Untitled"
    colour: OrNull[Annotated[str, Field(max_length=9)]] = "white"
    depth: MaybeAbsent[Annotated[int, Field(ge=8, le=16)]] = None
    locked: bool = False
    layers: Annotated[ListOf[Layer], Field(min_length=1, max_length=3)] = (Layer(name="base"),)

    @field_validator("title")
    @classmethod
    def not_secret(cls, value: str) -> str:
        if value == "Secret":
            raise ValueError("must be another word")
        return value


class Book(Page):
    binding: str = Field(default="", alias="cover")
    """of cloth,
    or of paper"""

    price: int = Field(default=0, description="in pence")
    """not shown"""

    pages: int = 1


class Volume(Book):
    """How many there are: see `pages`."""

    number: int = 1
    """from 1"""


def test_docstrings_below_fields_are_their_descriptions() -> None:
    fields = json_schema(Volume)["properties"]
    told = {name: rule["description"] for name, rule in fields.items() if "description" in rule}
    assert told == {"cover": "of cloth,\nor of paper", "price": "in pence", "number": "from 1"}


def refusal(value: Any, error: type[InvalidRequest] = InvalidRequest) -> str:
    with pytest.raises(InvalidRequest) as caught:
        validate(Page, value)
    assert type(caught.value) is error
    return caught.value.detail


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"width": 0}, "width must be a whole number from 1 to 999, got 0."),
        ({"width": "3"}, "width must be a whole number from 1 to 999, got '3'."),
        ({"width": True}, "got True."),
        ({"width": 3.0}, "got 3.0."),
        ({"width": math.nan}, "got nan."),
        ({"width": 10**5000}, "got a number too long to show."),
        ({"title": "small"}, "title must be text that begins with a capital letter, got 'small'."),
        ({"title": "Secret"}, "title must be another word, got 'Secret'."),
        ({"colour": "x" * 1000}, "colour must be text of up to 9 characters, got 'xxx"),
        ({"colour": "\ud800"}, "colour must be text of up to 9 characters"),
        ({"depth": None}, "depth must be a whole number from 8 to 16, got None."),
        ({"locked": 1}, "locked must be true or false, got 1."),
        ({"widht": 1}, "unknown key 'widht'; did you mean 'width'?"),
        ({"opacity": 1}, "unknown key 'opacity'; known are width, title, colour, depth, locked, layers."),
        ({5: 1}, "unknown key 5; known are"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_given_and_what_would_be_right(more: Any, expected: str) -> None:
    assert expected in refusal({"width": 5, **more})


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([{"name": "a"}, {"name": "b", "opacity": 2}], "layers[1].opacity must be a number from 0 to 1, got 2."),
        ([{"name": "a", "opacty": 1}], "layers[0]: unknown key 'opacty'; did you mean 'opacity'?"),
        ([{}], "layers[0].name is missing; it must be text of 1–9 characters."),
        ([], "layers must be a list of 1–3 items, got []."),
        ("base", "layers must be a list of 1–3 items, got 'base'."),
        ([3], "layers[0] must be a mapping of keys to values, got 3."),
    ],
)
def test_what_is_deeper_has_its_path_and_its_own_class_of_error(layers: Any, expected: str) -> None:
    assert refusal({"width": 5, "layers": layers}, ImageError) == expected


@pytest.mark.parametrize("value", [None, [], "page", 5])
def test_what_is_no_mapping_is_refused_as_a_whole(value: Any) -> None:
    assert refusal(value).startswith("The body must be a mapping of keys to values, got ")


def test_null_is_the_default_where_it_may_be() -> None:
    assert validate(Page, {"width": 1, "colour": None}).colour == "white"


@dataclass(frozen=True)
class Pen:
    """As the engine writes its settings."""

    width: Annotated[float, Range(0, 9), "in pixels"] = 2.0
    tip: Annotated[str, OneOf(("round", "flat")), "its form"] = "round"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Drawing(Model):
    given: Annotated[dict[str, Any], FieldsOf(Pen)]
    whole: Annotated[Pen, FieldsOf(Pen)] = Pen()
    changed: Annotated[dict[str, Any], FieldsOf(Pen, nullable=True)] | None = None


def test_a_dataclass_with_bounds_is_read_in_part_or_whole() -> None:
    drawing = validate(Drawing, {"given": {"width": 3}, "whole": {"tip": "flat"}, "changed": {"tip": None}})
    assert (drawing.given, drawing.whole, drawing.changed) == ({"width": 3.0}, Pen(tip="flat"), {"tip": None})
    dumped = {"given": {"width": 3.0}, "whole": {"width": 2.0, "tip": "flat"}, "changed": {"tip": None}}
    assert drawing.model_dump(mode="json") == dumped
    for wrong, told in (
        ({"tip": "thin"}, "given.tip must be one of round, flat, got 'thin'."),
        ({"tip": None}, "given.tip must be one of round, flat, got None."),
        ({"withd": 1}, "given: unknown key 'withd'; did you mean 'width'?"),
    ):
        with pytest.raises(InvalidRequest) as caught:
            validate(Drawing, {"given": wrong})
        assert caught.value.detail == told


def test_all_problems_are_told_up_to_thirty() -> None:
    told = refusal({f"key{n}": n for n in range(100)})
    assert len(told.splitlines()) == 31
    assert told.endswith("and 71 more problems.")


def test_a_near_key_in_another_place_is_told_with_its_path() -> None:
    assert unknown_key("strenght", ["start"], ["strength"]) == "unknown key 'strenght'; did you mean 'strength'?"
    assert unknown_key("tv", ["a", "b"], ["c"]) == "unknown key 'tv'; known are a, b."


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*Page.model_fields, "other"]), JSON))
def test_any_value_is_accepted_or_refused_in_short_sentences(body: dict[str, Any]) -> None:
    try:
        validate(Page, body)
    except InvalidRequest as error:
        assert error.detail
        assert max(map(len, error.detail.splitlines())) <= 401


def test_a_value_is_quoted_short_however_deep_or_long() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for value in (deep, "x" * 10**6, list(range(10**5)), 1 << 4_000_000, {"a": 1 << 4_000_000}):
        assert len(shown(value)) <= 80
