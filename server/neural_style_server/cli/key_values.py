"""`--set KEY=VALUE`: controls and keys of the method."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from ..engine.method import Controls, Method
from ..errors import InvalidRequest

CONTROL_KEYS = tuple(item.name for item in fields(Controls))
METHOD_KEYS = tuple(item.name for item in fields(Method))


def chosen_settings(settings: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """KEY=VALUE words, sorted into controls and method; `method.KEY` where both have the name."""
    controls: dict[str, Any] = {}
    method: dict[str, Any] = {}
    for word in settings:
        key, equals, text = word.partition("=")
        if not equals:
            raise InvalidRequest(f"--set needs KEY=VALUE, got {word!r}.", hint="For example --set strength=70.")
        name, value = key.removeprefix("method."), _plain(word, text)
        if key in CONTROL_KEYS:
            controls[key] = value
        elif name in METHOD_KEYS:
            method[name] = value
        else:
            from ..validation import unknown_key  # here, so that pydantic is imported only for the message

            known = METHOD_KEYS if key != name else (*CONTROL_KEYS, *METHOD_KEYS)
            raise InvalidRequest(f"--set: {unknown_key(name, known)}", hint="docs/presets.md lists all of them.")
    return controls, method


def _plain(word: str, text: str) -> Any:
    """The value after KEY=, as YAML reads it: a number, a word, {layer: weight}."""
    import yaml

    try:
        value = yaml.safe_load(text)
        json.dumps(value, allow_nan=False)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError):
        detail = f"--set {word}: the value is no number, word or mapping."
        raise InvalidRequest(detail, hint="For example --set strength=70.") from None
    return value
