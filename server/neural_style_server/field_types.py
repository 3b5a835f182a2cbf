"""Kinds of fields that pydantic has not: null for the default, lists as tuples, and fields of the engine's dataclasses.

The engine knows no pydantic. Its dataclasses carry their bounds as `Annotated` markers, which are read here.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import Field, GetCoreSchemaHandler, create_model
from pydantic_core import PydanticUseDefault, core_schema

from .engine.method import NumberWords, OneOf, Range
from .validation import Model, Schema, shown

T = TypeVar("T")


class _NullIsDefault:
    """Null counts as not given."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        inner = core_schema.nullable_schema(handler(source))
        return core_schema.no_info_before_validator_function(_use_default, inner)


class _NotNull:
    """The default None means that the key may be left out; null is refused."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        value, _ = typing.get_args(source)
        return handler.generate_schema(value)


def _use_default(value: Any) -> Any:
    if value is None:
        raise PydanticUseDefault
    return value


OrNull = Annotated[T, _NullIsDefault()]
"""A field with a default, for which null counts as not given."""

MaybeAbsent = Annotated[T | None, _NotNull()]
"""A field with the default None, which may be left out but not be null."""


@dataclass(frozen=True)
class Choice:
    """One of some words: `Annotated[str, Choice(WORDS)]`, where `typing.Literal` would need them a second time."""

    words: Sequence[str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.literal_schema(list(self.words))


ListOf = Annotated[tuple[T, ...], Field(strict=False)]
"""A list on the wire, a tuple here."""


class Distinct:
    """A list in which nothing is twice."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Callable[[Any], Schema]) -> Schema:
        return {**handler(schema), "uniqueItems": True}

    def _check(self, items: tuple[T, ...]) -> tuple[T, ...]:
        if len(set(items)) < len(items):
            twice = next(item for place, item in enumerate(items) if item in items[:place])
            raise ValueError(f"must name each only once; {shown(twice)} is there twice")
        return items


# The engine's dataclasses


@dataclass(frozen=True)
class FieldsOf:
    """Some fields of a dataclass whose bounds are `Annotated`; the others have their defaults.

    `Annotated[dict[str, Any], FieldsOf(Method)]` is what was given, `Annotated[Method, FieldsOf(Method)]` a Method.
    With `nullable`, null may be given to bring a default back.
    """

    cls: type
    nullable: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        make = self.cls if source is self.cls else dict

        def checked(value: Any, check: Callable[[Any], Any]) -> Any:
            check(value)
            return make(**value)  # as it was written: a job's record shows the painter's own words

        return core_schema.no_info_wrap_validator_function(
            checked,
            handler.generate_schema(fields_model(self.cls, self.nullable)),
            serialization=core_schema.plain_serializer_function_ser_schema(_plain),
        )


def _plain(value: Any) -> Any:
    return value if isinstance(value, dict) else value.as_dict()


@cache
def fields_model(cls: type, nullable: bool = False) -> type[Model]:
    """The model of a dataclass's fields, with its bounds, meanings and defaults, for the engine knows no pydantic."""
    hints = {name: _annotation(hint) for name, hint in typing.get_type_hints(cls, include_extras=True).items()}
    if nullable:
        hints = {name: hint | None for name, hint in hints.items()}
    defaults = cls()  # what it makes of its own defaults
    fields: Any = {item.name: (hints[item.name], getattr(defaults, item.name)) for item in dataclasses.fields(cls)}
    name = f"{cls.__name__}Changes" if nullable else cls.__name__
    model: type[Model] = create_model(name, __base__=Model, **fields)
    return model


def _annotation(hint: Any) -> Any:
    """The engine's markers as pydantic's."""
    if typing.get_origin(hint) is Mapping:
        key, value = map(_annotation, typing.get_args(hint))
        return Annotated[dict[key, value], Field(min_length=1)]  # type: ignore[valid-type]
    if not hasattr(hint, "__metadata__"):
        return hint
    extras: list[Any] = []
    for marker in hint.__metadata__:
        if isinstance(marker, Range):
            extras.append(Field(ge=marker.low, le=marker.high))
        elif isinstance(marker, OneOf):
            extras.append(Choice(marker.values))
        elif isinstance(marker, NumberWords):
            extras.append(_Words(marker.numbers))
        else:
            extras.append(Field(description=marker))
    return Annotated[(_annotation(hint.__origin__), *extras)]


@dataclass(frozen=True, eq=False)
class _Words:
    """Words that stand for numbers."""

    numbers: Mapping[str, float]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._number, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Callable[[Any], Schema]) -> Schema:
        return {"anyOf": [handler(schema), {"enum": list(self.numbers)}]}

    def _number(self, value: Any) -> Any:
        return self.numbers.get(value, value) if isinstance(value, str) else value
