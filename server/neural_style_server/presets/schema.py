"""The schema of a preset: one set of rules for files, for the API and for bundles.

`parse_preset` reads preset.yaml, `from_mapping` reads JSON; both collect every problem before they raise one
PresetError with a line for each. Controls and method keep their own rules in `engine.method`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml

from ..engine.method import Controls, Method, describe
from ..errors import MethodError, PresetError
from . import rules
from .rules import KEYS, SCHEMA, Report
from .yaml_document import Dumper, Keys, read_document

Look = Callable[[str], str | None]
"""Says what is wrong with an image file of that name, or None."""


@dataclass(frozen=True)
class StyleImage:
    """One style image of a preset; without a region it applies everywhere."""

    file: str
    weight: float = 1.0
    region: str | None = None


@dataclass(frozen=True)
class Preset:
    """A named style that follows the schema; made by `parse_preset` or `from_mapping`."""

    name: str
    title: str
    images: tuple[StyleImage, ...]
    description: str = ""
    tags: tuple[str, ...] = ()
    author: str = ""
    licence: str = ""
    source: str = ""
    controls: Controls = field(default_factory=Controls)
    method: Method = field(default_factory=Method)
    schema: int = SCHEMA


# Reading


def parse_preset(text: str, *, path: str, name: str, look: Look | None = None) -> Preset:
    """The preset in a preset.yaml. `path` is for the messages; `look` may examine the image files."""
    document = read_document(text, path)
    report = Report(document.where)
    for keys, problem in document.problems:
        report.add(keys, problem)
    return _preset(document.data, name, report, look)


def from_mapping(mapping: Mapping[str, Any], name: str) -> Preset:
    """The same for JSON, where `schema` may be left out and places are JSON pointers (RFC 6901)."""
    if not isinstance(mapping, Mapping):
        raise PresetError("A preset must be a mapping of keys to values.")
    return _preset({"schema": SCHEMA, **mapping}, name, Report(_pointer), None)


def _pointer(keys: Keys) -> str:
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def _preset(data: Mapping[str, Any], name: str, report: Report, look: Look | None) -> Preset:
    rules.check_name(name)
    data = _present_schema(data, report)
    for key in data:
        if key not in KEYS:
            report.add((key,), rules.unknown(key, KEYS))
    texts: dict[str, Any] = {key: rules.text_at(data, key, report) for key, it in KEYS.items() if it.length}
    preset = Preset(
        name=name,
        **texts,
        tags=tuple(rules.tags_at(data, report)),
        images=tuple(_images(data.get("images"), report, look)),
        controls=_settings(Controls, data.get("controls"), "controls", report),
        method=_settings(Method, data.get("method"), "method", report),
    )
    report.raise_if_any()
    return preset


# Versions

Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: dict[int, Migration] = {}
"""Schema n → a function that turns its mapping into that of schema n + 1. Each new schema adds one."""


def migrate(mapping: Mapping[str, Any], from_version: int) -> dict[str, Any]:
    """The mapping as the present schema has it. Raises PresetError for a version that nobody can read."""
    if from_version > SCHEMA:
        raise PresetError(f"schema {from_version} is newer than this program, which reads up to {SCHEMA}.")
    current = dict(mapping)
    for version in range(from_version, SCHEMA):
        if version not in MIGRATIONS:
            raise PresetError(f"schema {from_version} is not known; write 'schema: {SCHEMA}'.")
        current = MIGRATIONS[version](current)
    return {**current, "schema": SCHEMA}


def _present_schema(data: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
    version = data.get("schema")
    if not isinstance(version, int) or isinstance(version, bool):
        report.add(("schema",), f"schema must be the version of the format; write 'schema: {SCHEMA}'.")
        return data
    try:
        return migrate(data, version)
    except PresetError as error:
        report.add(("schema",), error.detail)
        return data


# Images


def _images(images: object, report: Report, look: Look | None) -> Iterator[StyleImage]:
    if not isinstance(images, list) or not 0 < len(images) <= rules.MAX_IMAGES:
        example = "such as [{file: style.jpg, weight: 1}]"
        report.add(("images",), f"images must list 1–{rules.MAX_IMAGES} style images, {example}.")
        return
    before = len(report.lines)
    found = [_image(item, ("images", place), report, look) for place, item in enumerate(images)]
    if len(report.lines) == before:
        _check_together(found, report)
    yield from found


def _image(item: object, keys: Keys, report: Report, look: Look | None) -> StyleImage:
    if not isinstance(item, Mapping):
        report.add(keys, f"a style image is written {{file: style.jpg, weight: 1}}, got {item!r}.")
        return StyleImage("")
    for key in item:
        if key not in rules.IMAGE_KEYS:
            report.add((*keys, key), rules.unknown(key, rules.IMAGE_KEYS))
    file, weight, region = item.get("file"), item.get("weight", 1.0), item.get("region")
    problem = rules.file_name_problem(file) or (look(str(file)) if look else None)
    if problem:
        report.add((*keys, "file"), problem)
    if not rules.is_weight(weight):
        wanted = f"a number from 0 to {rules.MAX_WEIGHT}"
        report.add((*keys, "weight"), f"weight must be {wanted}, got {weight!r}.")
        weight = 1.0
    if region is not None and not rules.is_word(region, rules.MAX_REGION):
        report.add((*keys, "region"), f"region must be a name of 1–{rules.MAX_REGION} characters.")
    return StyleImage(str(file), weight, region)


def _check_together(images: list[StyleImage], report: Report) -> None:
    if not any(image.weight > 0 for image in images):
        report.add(("images",), "at least one style image needs a weight above 0.")
    spellings: dict[str, str] = {}
    uses = [(image.file, image.region) for image in images]
    for place, (file, region) in enumerate(uses):
        other = spellings.setdefault(rules.same_spelling(file), file)
        if other != file:
            report.add(("images", place, "file"), f"'{file}' and '{other}' differ in case only.")
        elif (file, region) in uses[:place]:
            report.add(("images", place, "file"), f"'{file}' is there twice; raise its weight instead.")


# Controls and method

Settings = TypeVar("Settings", Controls, Method)


def _settings(kind: type[Settings], value: object, where: str, report: Report) -> Settings:
    if value is None:
        return kind()
    if not isinstance(value, Mapping):
        report.add((where,), f"{where} must be a mapping of names to values, got {value!r}.")
        return kind()
    before = len(report.lines)
    _try_each(kind, value, where, report)
    return kind.from_mapping(value) if len(report.lines) == before else kind()


def _try_each(kind: type[Controls | Method], value: Mapping[str, Any], where: str, report: Report) -> None:
    """Each key is tried alone, so that every wrong one is told and not only the first."""
    for key, item in value.items():
        for keys, problem in _refusals(kind, key, item):
            report.add((where, *keys), problem)


def _refusals(kind: type[Controls | Method], key: str, value: object) -> Iterator[tuple[Keys, str]]:
    try:
        kind.from_mapping({key: value})
    except OverflowError:
        yield (key,), f"{key} is too large a number."
    except MethodError as error:
        layers = value if isinstance(value, Mapping) and describe(kind).get(key, {}).get("layers") else {}
        if len(layers) < 2:
            yield (key, *map(str, layers)), error.detail
            return
        for layer, weight in layers.items():
            yield from _refusals(kind, key, {layer: weight})


# Writing

_HEAD = "# A Neural Style preset. docs/presets.md tells every key; what is not here has its default.\n"
_NOTES = {
    "images": "# The style images; weights are shares.",
    "controls": "# The painter's words.",
    "method": "# The expert's words.",
}


def to_mapping(preset: Preset) -> dict[str, Any]:
    """Only what differs from the defaults; `from_mapping` reads it back as an equal preset."""
    texts: dict[str, Any] = {key: getattr(preset, key) for key, rule in KEYS.items() if rule.length}
    texts = {key: text for key, text in texts.items() if text}
    if preset.tags:
        texts["tags"] = list(preset.tags)
    images = [{key: value for key, value in vars(it).items() if value is not None} for it in preset.images]
    settings = {"controls": changed(preset.controls), "method": changed(preset.method)}
    settings = {key: values for key, values in settings.items() if values}
    return {"schema": SCHEMA, **texts, "images": images, **settings}


def changed(settings: Controls | Method) -> dict[str, Any]:
    """What of these settings differs from the defaults."""
    default = type(settings)().as_dict()
    return {key: _short(value) for key, value in settings.as_dict().items() if value != default[key]}


def to_yaml(preset: Preset) -> str:
    """A tidy preset.yaml with only what differs from the defaults, each setting with its meaning."""
    data = to_mapping(preset)
    settings = {key: data.pop(key) for key in ("controls", "method") if key in data}
    images = [_without_default_weight(image) for image in data.pop("images")]
    tags = f"tags: {_flow(data.pop('tags'))}\n" if "tags" in data else ""
    parts = [_HEAD, _dump(data), tags, f"\n{_NOTES['images']}\n", _dump({"images": images})]
    for key, values in settings.items():
        kind = Controls if key == "controls" else Method
        parts.append(f"\n{_NOTES[key]}\n{key}:\n" + _commented(values, kind))
    return "".join(parts)


def _without_default_weight(image: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _short(value) for key, value in image.items() if key != "weight" or value != 1}


def _commented(values: Mapping[str, Any], kind: type) -> str:
    notes = describe(kind)
    lines = {key: f"  {key}: {_flow(value)}" for key, value in values.items()}
    column = min(32, max(map(len, lines.values())))
    return "".join(f"{line:<{column}}  # {notes[key]['what']}\n" for key, line in lines.items())


def _dump(data: Mapping[str, Any]) -> str:
    text: str = yaml.dump(data, Dumper=Dumper, default_flow_style=False, width=100, allow_unicode=True, sort_keys=False)
    return text


def _flow(value: Any) -> str:
    """A setting's value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    text: str = yaml.dump(value, Dumper=Dumper, default_flow_style=True, width=10_000, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")


def _short(value: Any) -> Any:
    """60 for 60.0."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
