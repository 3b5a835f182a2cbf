"""What was said between a client and a fake daemon, held against the real daemon's OpenAPI document."""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

import jsonschema

from neural_style_server.api.openapi import document


class Exchange(NamedTuple):
    """A request and its answer; `sent` and `answered` are JSON, or None where something else went over the wire."""

    method: str
    path: str
    status: int
    sent: Any
    answered: Any


@functools.cache
def _document() -> dict[str, Any]:
    return document()


@functools.cache
def _validator(*place: str) -> jsonschema.Draft202012Validator:
    pointer = "/".join(part.replace("~", "~0").replace("/", "~1") for part in place)
    return jsonschema.Draft202012Validator({**_document(), "$ref": f"#/{pointer}"})


def check_exchanges(exchanges: list[Exchange]) -> None:
    """Fails where the fake, or the plug-in that spoke with it, does not keep to the daemon's OpenAPI document."""
    for one in exchanges:
        path = _template(one.path)
        operation = _document()["paths"][path][one.method.lower()]
        assert str(one.status) in operation["responses"], (one.method, path, one.status)
        if one.sent is not None:
            body = ("requestBody", "content", "application/json", "schema")
            _validator("paths", path, one.method.lower(), *body).validate(one.sent)
        if one.answered is not None:
            kind = "application/json" if one.status < 400 else "application/problem+json"
            answer = ("responses", str(one.status), "content", kind, "schema")
            _validator("paths", path, one.method.lower(), *answer).validate(one.answered)


def _template(path: str) -> str:
    """The document's path for a real one; a path without parameters goes before one with."""
    templates = sorted(_document()["paths"], key=lambda one: one.count("{"))
    return next(one for one in templates if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path))
