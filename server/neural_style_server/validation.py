"""The base of all models, and pydantic's errors as sentences that name the key and what would be right.

    class SheetSpec(Model):
        content: ImageId
        size: Annotated[int, Field(ge=64, le=1024)] = 256

    spec = validate(SheetSpec, body)    # InvalidRequest: "size must be a whole number from 64 to 1024, got 5."

What would be right is read from the model's JSON schema, which is also what the OpenAPI document and the tables in
docs/ are made of. A `title` in a field's schema stands for its own words, such as "the id of an uploaded image".
"""

from __future__ import annotations

import ast
import inspect
import itertools
import os
import reprlib
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from .errors import InvalidRequest

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # or the first model searches all packages for plug-ins

Schema = dict[str, Any]
Keys = tuple[str | int, ...]
"""The way to a value from the top, such as ("images", 0, "weight")."""

MOST_PROBLEMS, LONGEST_PROBLEM, LONGEST_VALUE = 30, 400, 80


class Model(BaseModel):
    """Unknown keys are refused, True is no number, "3" is no 3, and neither NaN nor an infinity is a number.

    The docstring below a field is its description in the OpenAPI document and in docs/.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        defer_build=True,
    )

    error: ClassVar[type[InvalidRequest]] = InvalidRequest
    errors: ClassVar[Mapping[str, type[InvalidRequest]]] = {}
    """The class of error for what is wrong below some keys of the model; all others are an `error`."""


M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `text` is a sentence that names the key by its path, such as regions[0].mask."""

    keys: Keys
    text: str


def validate(model: type[M], value: object, *, whole: str = "The body") -> M:
    """`value` as a model. Raises the model's class of error, with all problems.

    `whole` names the value in a sentence about all of it.
    """
    try:
        return model.model_validate(value)
    except ValidationError as failure:
        found = problems(model, failure, whole)
        first = found[0].keys[:1]
        raise model.errors.get(str(*first), model.error)(listed(found)) from None


def problems(model: type[BaseModel], failure: ValidationError, whole: str = "The body") -> list[Problem]:
    """Everything that pydantic found, each in a sentence with the key, what was given and what would be right."""
    schema = json_schema(model)
    errors = failure.errors(include_url=False)
    outer = {error["loc"][:depth] for error in errors for depth in range(len(error["loc"]))}
    # A list without its wrong items may be too short; that is not a problem of its own.
    return [_problem(schema, it, whole) for it in errors if it["type"] != "too_short" or it["loc"] not in outer]


def listed(found: Sequence[Problem], place: Callable[[Keys], str] = lambda keys: "") -> str:
    """One line for each problem, after its `place` where there is one; many are cut."""
    lines = [f"{place(it.keys)}: {it.text}" if place(it.keys) else it.text for it in found[:MOST_PROBLEMS]]
    lines = [line if len(line) <= LONGEST_PROBLEM else line[:LONGEST_PROBLEM] + "…" for line in lines]
    more = len(found) - MOST_PROBLEMS
    return "\n".join(lines + ([f"and {more} more problems."] if more > 0 else []))


def shown(value: object) -> str:
    """A value as an error message quotes it: never long, whatever was sent."""
    if isinstance(value, int) and value.bit_length() > 256:
        return "a number too long to show"
    short = reprlib.Repr()
    short.maxstring = short.maxlong = short.maxother = LONGEST_VALUE
    try:
        text = short.repr(value)
    except ValueError:  # Python writes no integers of more than 4300 digits
        return "a value too long to show"
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def unknown_key(key: object, known: Iterable[str], elsewhere: Iterable[str] = ()) -> str:
    """ "unknown key 'strenght'; did you mean 'strength'?", or what is known where nothing is near.

    `elsewhere` are dotted paths of keys that are allowed in another place of the same body.
    """
    known = list(known)
    names = {path.rpartition(".")[2]: path for path in reversed(list(elsewhere))} | {name: name for name in known}
    near = get_close_matches(str(key)[:LONGEST_VALUE].lower(), names, 1, 0.75)
    meant = f"did you mean '{names[near[0]]}'?" if near else f"known are {', '.join(known)}."
    return f"unknown key {shown(key)}; {meant}"


def _problem(schema: Schema, error: Any, whole: str) -> Problem:
    keys: Keys = error["loc"]
    kind = error["type"]
    if kind in ("extra_forbidden", "invalid_key") or keys[-1:] == ("[key]",):
        keys = keys[:-1] if keys[-1] == "[key]" else keys
        here, path = _at(schema, keys[:-1]), _path(keys[:-1])
        text = unknown_key(keys[-1], _names(here), _paths(schema, schema))
        return Problem(keys, f"{path}: {text}" if path else text)
    subject = _path(keys) or whole
    right = allowed(_at(schema, keys))
    if kind == "missing":
        return Problem(keys, f"{subject} is missing; it must be {right}.")
    given = shown(error["input"])
    if kind == "value_error":  # a validator of a model's own says "must …", a whole sentence, or nothing
        text = str(error["ctx"]["error"]) or f"must be {right}"
        return Problem(keys, f"{subject} {text}, got {given}." if text.startswith("must ") else f"{subject}: {text}")
    as_text = kind == "string_type" and right.startswith("text") and isinstance(error["input"], int | float)
    quotes = "; put it in quotes" if as_text else ""
    return Problem(keys, f"{subject} must be {right}, got {given}{quotes}.")


def _path(keys: Keys) -> str:
    parts = [f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys]
    return "".join(parts).removeprefix(".")


# What would be right, from the JSON schema


class JsonSchema(GenerateJsonSchema):
    """Without the titles that pydantic makes of the fields' names, and with the docstrings below the fields.

    pydantic would read them from the source as each class is made (`use_attribute_docstrings`), a twentieth of the
    daemon's start; few daemons are asked for a schema.
    """

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: Any) -> Schema:
        found: Schema = super().model_schema(schema)
        texts = _docstrings(schema["cls"])
        for name, field in schema["cls"].model_fields.items():
            if name in texts:
                found["properties"][field.alias or name].setdefault("description", texts[name])
        return found


@cache
def _docstrings(model: type[BaseModel]) -> Schema:
    """The docstring below each field, its own and inherited ones; a model that has no source has none."""
    found: Schema = {}
    for cls in [cls for cls in reversed(model.__mro__) if issubclass(cls, Model)]:
        try:
            source = textwrap.dedent(inspect.getsource(cls))
        except OSError:  # made by create_model
            continue
        (written,) = ast.parse(source).body
        assert isinstance(written, ast.ClassDef)
        for field, below in itertools.pairwise(written.body):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = inspect.cleandoc(text)
    return found


@cache
def json_schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(schema_generator=JsonSchema)


def meaning(rule: Schema) -> str:
    """A field's description in one line."""
    return " ".join(rule["description"].split())


def allowed(schema: Schema) -> str:
    """Completes the sentence "KEY must be …"."""
    if "title" in schema and schema.get("type") != "object":
        return str(schema["title"])
    if "anyOf" in schema:
        return " or ".join(allowed(option) for option in schema["anyOf"] if option != {"type": "null"})
    if "enum" in schema:
        return f"one of {', '.join(str(it).lower() if it in (True, False) else str(it) for it in schema['enum'])}"
    low, high, above = (schema.get(key) for key in ("minimum", "maximum", "exclusiveMinimum"))
    match schema.get("type"):
        case "boolean":
            return "true or false"
        case "integer":
            return f"a whole number from {low} to {high}"
        case "number" if above is not None:
            return f"a number above {above:g} and up to {high:g}"
        case "number":
            return f"a number from {low:g} to {high:g}"
        case "string":
            least, most = schema.get("minLength", 0), schema.get("maxLength")
            return f"text of {least}–{most} characters" if least else f"text of up to {most} characters"
        case "array":
            least, most = schema.get("minItems", 0), schema.get("maxItems")
            return f"a list of {least}–{most} items" if least else f"a list of up to {most} items"
    example = schema.get("propertyNames", {}).get("enum", [])[:1]
    values = schema.get("additionalProperties")
    if example and values:
        return f"a mapping of names such as '{example[0]}' to {allowed(values)}"
    return "a mapping of keys to values"


def _at(schema: Schema, keys: Keys, whole: Schema | None = None) -> Schema:
    """The schema of the value at `keys`, or an empty one."""
    whole = whole or schema
    schema = _resolved(schema, whole)
    if not keys:
        return schema
    inner = schema.get("items") if isinstance(keys[0], int) else schema.get("properties", {}).get(keys[0])
    return _at(inner or schema.get("additionalProperties") or {}, keys[1:], whole)


def _resolved(schema: Schema, whole: Schema) -> Schema:
    """References followed, and the one option that is not null taken; what stands beside a reference counts more."""
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        return _resolved({**options[0], **{key: schema[key] for key in ("title",) if key in schema}}, whole)
    if "$ref" in schema:
        found = whole["$defs"][schema["$ref"].rpartition("/")[2]]
        return _resolved({**found, **{key: value for key, value in schema.items() if key != "$ref"}}, whole)
    return schema


def _names(schema: Schema) -> list[str]:
    """The keys that an object may have."""
    return [*schema.get("properties", {}), *schema.get("propertyNames", {}).get("enum", [])]


def _paths(schema: Schema, whole: Schema, before: str = "") -> Iterator[str]:
    """Every key of the model and of the objects in it, as dotted paths."""
    for name, inner in schema.get("properties", {}).items():
        yield before + name
        yield from _paths(_resolved(inner, whole), whole, f"{before}{name}.")
