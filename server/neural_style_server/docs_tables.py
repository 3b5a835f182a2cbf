"""The tables in docs/ that say what the code accepts, made from the models.

`python -m neural_style_server.docs_tables` writes them anew, each between `<!-- table NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .engine.method import Controls, Method
from .field_types import fields_model
from .jobs.sequence_spec import SequenceSpec
from .jobs.spec import JobSpec
from .presets.preset import PresetFile, StyleImage
from .settings import settings_rows
from .validation import Model, allowed, json_schema, meaning

Rows = Sequence[tuple[str, ...]]


def tables() -> dict[str, dict[str, str]]:
    """Markdown tables by document and by the name of the place that they fill."""
    settings = [(f"`{key}`", f"`{default}`", right, text) for key, default, right, text in settings_rows()]
    return {
        "presets.md": {
            "keys": markdown_table(("key", "meaning", "allowed"), _keys(PresetFile)),
            "images": markdown_table(("key", "meaning", "allowed"), _keys(StyleImage)),
            "controls": markdown_table(("key", "meaning", "range", "default"), _bounds(Controls)),
            "method": markdown_table(("key", "meaning", "range", "default"), _bounds(Method)),
        },
        "settings.md": {"settings": markdown_table(("key", "default", "may be", "what it does"), settings)},
        "http-api.md": {
            "job": markdown_table(("key", "meaning"), [row[:2] for row in _keys(JobSpec)]),
            "sequence": markdown_table(("key", "meaning"), [row[:2] for row in _keys(SequenceSpec)]),
        },
    }


def filled(text: str, tables: Mapping[str, str]) -> str:
    """The document with each table in its place."""
    for name, table in tables.items():
        place = re.compile(rf"(<!-- table {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not place.search(text):
            raise ValueError(f"there is no place for the table '{name}'")
        text = place.sub(lambda found, table=table: f"{found[1]}\n{table}\n{found[2]}", text)  # type: ignore[misc]
    return text


def _keys(model: type[Model]) -> Rows:
    """Those that must be given first."""
    schema = json_schema(model)
    rows = [
        (f"`{key}`", meaning(rule) + (" (required)" if key in schema["required"] else ""), _allowed(schema, key))
        for key, rule in schema["properties"].items()
    ]
    return sorted(rows, key=lambda row: "(required)" not in row[1])


def _allowed(schema: Mapping[str, Any], key: str) -> str:
    section = {"controls": "see [Controls](#controls)", "method": "see [Method](#method)"}
    return section.get(key) or allowed(schema["properties"][key])


def _bounds(cls: type) -> Rows:
    rules = json_schema(fields_model(cls))["properties"].items()
    return [(f"`{key}`", meaning(rule), _range(rule), _default(rule["default"])) for key, rule in rules]


def _range(rule: Mapping[str, Any]) -> str:
    rule = rule["anyOf"][0] if "anyOf" in rule else rule
    if "enum" in rule:
        return ", ".join(f"`{choice}`" for choice in rule["enum"])
    if "minimum" in rule:
        whole = "whole number, " if rule["type"] == "integer" else ""
        return f"{whole}{rule['minimum']:g}–{rule['maximum']:g}"
    if "propertyNames" in rule:
        layers, weight = rule["propertyNames"]["enum"], rule["additionalProperties"]
        return f"`{{layer: weight}}`, layers `{layers[0]}` to `{layers[-1]}`, weights {_range(weight)}"
    return "`true`, `false`"


def _default(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"`{key}: {item:g}`" for key, item in value.items())
    if isinstance(value, bool):
        return f"`{value}`".lower()
    return f"{value:g}" if isinstance(value, int | float) else f"`{value}`"


def markdown_table(head: tuple[str, ...], rows: Rows) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    for name, found in tables().items():
        (folder / name).write_text(filled((folder / name).read_text("utf-8"), found), "utf-8")
