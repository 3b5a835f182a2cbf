"""A preset: what its file, the API and a bundle may say of it.

`parse_preset` reads preset.yaml, `from_mapping` reads JSON; both collect every problem before they raise one
PresetError with a line for each. The bounds of controls and method are the engine's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator

from ..engine.method import Controls, Method
from ..errors import PresetError
from ..field_types import Distinct, FieldsOf, ListOf, OrNull, fields_model
from ..validation import Model, Problem, json_schema, listed, meaning, problems
from .names import SUFFIXES, check_name, file_name_problem, same_spelling
from .yaml_document import Document, block, flow, read_document

SCHEMA = 1
MOST_IMAGES, LONGEST_TITLE, LARGEST_WEIGHT = 16, 80, 1000

FileCheck = Callable[[str], str | None]
"""What is wrong with the image file of that name, or None."""

_CLEAN = r"[^\x00-\x1f\x7f-\x9f]"
"""No control character. Half a surrogate pair is in no text at all."""


def _text(most: int, pattern: str = f"^{_CLEAN}*$") -> Any:
    return Field(max_length=most, pattern=pattern, title=f"text of up to {most} characters, without control characters")


def _words(most: int) -> Any:
    """Text that is not blank."""
    pattern = rf"^{_CLEAN}*[^\s\x00-\x1f\x7f-\x9f]{_CLEAN}*$"
    return Field(max_length=most, pattern=pattern, title=f"text of 1–{most} characters, without control characters")


class StyleImage(Model):
    """One style image of a preset; without a region it applies everywhere."""

    file: str = Field(title=f"a file name ending in {', '.join(SUFFIXES)}")
    """a picture in the preset's own folder"""

    weight: float = Field(default=1.0, ge=0, le=LARGEST_WEIGHT)
    """its share among the style images"""

    region: Annotated[str, _words(64)] | None = None
    """the region that it is for; everywhere if null"""

    @field_validator("file")
    @classmethod
    def _usable(cls, file: str, info: ValidationInfo) -> str:
        check: FileCheck = (info.context or {}).get("check_file") or (lambda file: None)
        problem = file_name_problem(file) or check(file)
        if problem:
            raise ValueError(problem)
        return file


def _together(images: tuple[StyleImage, ...]) -> tuple[StyleImage, ...]:
    if not any(image.weight > 0 for image in images):
        raise ValueError("at least one style image needs a weight above 0.")
    spellings: dict[str, str] = {}
    uses = [(image.file, image.region) for image in images]
    for place, (file, region) in enumerate(uses):
        other = spellings.setdefault(same_spelling(file), file)
        if other != file:
            raise ValueError(f"'{file}' and '{other}' differ in case only.")
        if (file, region) in uses[:place]:
            raise ValueError(f"'{file}' is there twice; raise its weight instead.")
    return images


Title = Annotated[str, _words(LONGEST_TITLE)]
Tags = Annotated[
    ListOf[Annotated[str, _words(32)]],
    Field(max_length=12, title="a list of up to 12 texts of 1–32 characters"),
    Distinct(),
]


class Notes(Model):
    """What a preset says about itself."""

    description: OrNull[Annotated[str, _text(2000, rf"^({_CLEAN}|\n)*$")]] = ""
    """what it looks like and what it suits"""

    tags: OrNull[Tags] = ()
    """for searching"""

    author: OrNull[Annotated[str, _text(200)]] = ""
    """who made it"""

    licence: OrNull[Annotated[str, _text(100)]] = ""
    """the licence that it may be shared under"""

    source: OrNull[Annotated[str, _text(500)]] = ""
    """where the style images are from"""


class PresetFile(Notes):
    """The keys of preset.yaml."""

    version: Literal[1] = Field(alias="schema", title=f"{SCHEMA}")
    """version of the file format"""

    title: Title
    """the name that painters see"""

    images: Annotated[ListOf[StyleImage], Field(min_length=1, max_length=MOST_IMAGES), AfterValidator(_together)] = (
        Field(title=f"a list of 1–{MOST_IMAGES} style images, such as [{{file: style.jpg, weight: 1}}]")
    )
    """the style images"""

    controls: OrNull[Annotated[Controls, FieldsOf(Controls)]] = Controls()
    """how strong, how large, in which colours"""

    method: OrNull[Annotated[Method, FieldsOf(Method)]] = Method()
    """the settings of the optimisation"""


class Preset(PresetFile):
    """A named style that follows the schema; made by `parse_preset` or `from_mapping`."""

    name: str


# Reading


def parse_preset(text: str, *, path: str, name: str, check_file: FileCheck | None = None) -> Preset:
    """The preset in a preset.yaml. `path` is for the messages; `check_file` examines the image files."""
    document = read_document(text, path)
    return _preset(document.data, name, document, check_file)


def from_mapping(mapping: Mapping[str, Any], name: str) -> Preset:
    """The same for JSON, where `schema` may be left out."""
    if not isinstance(mapping, Mapping):
        raise PresetError("A preset must be a mapping of keys to values.")
    return _preset({"schema": SCHEMA, **mapping}, name)


def _preset(
    data: Mapping[str, Any], name: str, document: Document | None = None, check_file: FileCheck | None = None
) -> Preset:
    check_name(name)
    found = [] if document is None else document.problems
    try:
        data = _in_current_schema(data)
    except PresetError as error:
        found.append(Problem(("schema",), error.detail))
        data = {**data, "schema": SCHEMA}
    try:
        file = PresetFile.model_validate(dict(data), context={"check_file": check_file})
    except ValidationError as failure:
        found += problems(PresetFile, failure, "A preset")
    if found:
        raise PresetError(listed(found) if document is None else document.listed(found))
    return Preset.model_construct(name=name, **dict(file))


Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: dict[int, Migration] = {}
"""Schema n → a function that turns its mapping into that of schema n + 1."""


def _in_current_schema(data: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping in the current schema. Raises PresetError for a version that cannot be read."""
    first = data.get("schema")
    if not isinstance(first, int) or isinstance(first, bool):
        raise PresetError(f"schema must be the version of the format; write 'schema: {SCHEMA}'.")
    if first > SCHEMA:
        raise PresetError(f"schema {first:.0f} is newer than this program, which reads up to {SCHEMA}.")
    current = dict(data)
    for version in range(first, SCHEMA):
        if version not in MIGRATIONS:
            raise PresetError(f"schema {first} is not known; write 'schema: {SCHEMA}'.")
        current = MIGRATIONS[version](current)
    return {**current, "schema": SCHEMA}


# Writing

_HEAD = "# A Neural Style preset. docs/presets.md lists every key; missing keys have their defaults.\n"


def to_mapping(preset: Preset) -> dict[str, Any]:
    """Only what differs from the defaults; `from_mapping` reads it back as an equal preset."""
    texts = {key: getattr(preset, key) for key in ("title", *Notes.model_fields)}
    texts = {key: list(text) if key == "tags" else text for key, text in texts.items() if text}
    images = [image.model_dump(exclude_none=True) for image in preset.images]
    settings = {"controls": changed(preset.controls), "method": changed(preset.method)}
    return {"schema": SCHEMA, **texts, "images": images, **{key: values for key, values in settings.items() if values}}


def changed(settings: Controls | Method) -> dict[str, Any]:
    """What of these settings differs from the defaults."""
    default = type(settings)().as_dict()
    return {key: _short(value) for key, value in settings.as_dict().items() if value != default[key]}


def to_yaml(preset: Preset) -> str:
    """A tidy preset.yaml with only what differs from the defaults, each setting with its meaning."""
    data = to_mapping(preset)
    settings = {key: data.pop(key) for key in ("controls", "method") if key in data}
    images = [{key: _short(it[key]) for key in it if key != "weight" or it[key] != 1} for it in data.pop("images")]
    tags = f"tags: {flow(data.pop('tags'))}\n" if "tags" in data else ""
    parts = [_HEAD, block(data), tags, "\n# The style images; weights are shares.\n", block({"images": images})]
    for key, values in settings.items():
        kind = Controls if key == "controls" else Method
        parts += [f"\n# {_meaning(PresetFile, key).capitalize()}.\n{key}:\n", _commented(values, kind)]
    return "".join(parts)


def _commented(values: Mapping[str, Any], kind: Any) -> str:
    lines = {key: f"  {key}: {flow(value)}" for key, value in values.items()}
    column = min(32, max(map(len, lines.values())))
    return "".join(f"{line:<{column}}  # {_meaning(fields_model(kind), key)}\n" for key, line in lines.items())


def _meaning(model: type[Model], key: str) -> str:
    return meaning(json_schema(model)["properties"][key])


def _short(value: Any) -> Any:
    """60 for 60.0, also in a mapping."""
    if isinstance(value, Mapping):
        return {key: _short(item) for key, item in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
