"""The tables of docs/presets.md, made from what the code accepts.

`python -m neural_style_server.presets.reference docs/presets.md` writes them anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..engine.layers import LAYERS
from ..engine.method import Controls, Method, describe
from .rules import IMAGE_KEYS, KEYS, Key


def tables() -> dict[str, str]:
    """Markdown tables by the name of the place that they fill."""
    return {
        "keys": _key_table(KEYS),
        "images": _key_table(IMAGE_KEYS),
        "controls": _settings_table(Controls),
        "method": _settings_table(Method),
    }


def filled(text: str) -> str:
    """The document with each table between its `<!-- table NAME -->` and `<!-- end -->` written anew."""
    for name, table in tables().items():
        place = re.compile(rf"(<!-- table {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not place.search(text):
            raise ValueError(f"there is no place for the table '{name}'")
        text = place.sub(lambda found, table=table: f"{found[1]}\n{table}\n{found[2]}", text)  # type: ignore[misc]
    return text


def _key_table(keys: Mapping[str, Key]) -> str:
    required = {True: " (required)", False: ""}
    rows = [(f"`{name}`", key.what, key.allowed + required[key.required]) for name, key in keys.items()]
    return _table(("key", "meaning", "allowed"), rows)


def _settings_table(kind: type) -> str:
    rules = describe(kind).items()
    rows = [(f"`{name}`", str(it["what"]), _range(it), _default(it["default"])) for name, it in rules]
    return _table(("key", "meaning", "range", "default"), rows)


def _range(rule: Mapping[str, Any]) -> str:
    if "choices" in rule:
        return ", ".join(f"`{choice}`" for choice in rule["choices"])
    if "low" in rule:
        return ("whole number, " if rule.get("whole") else "") + f"{rule['low']:g}–{rule['high']:g}"
    if rule.get("layers"):
        return f"`{{layer: weight}}`, layers `{LAYERS[0]}` to `{LAYERS[-1]}`, weights 0–1e+06"
    return "`true`, `false`"


def _default(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"`{key}: {item:g}`" for key, item in value.items())
    if isinstance(value, bool):
        return f"`{value}`".lower()
    return f"{value:g}" if isinstance(value, int | float) else f"`{value}`"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    document = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/presets.md")
    document.write_text(filled(document.read_text("utf-8")), "utf-8")
