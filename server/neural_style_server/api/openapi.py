"""The OpenAPI 3.1 document, made of the routes and of the models of their bodies and answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from .. import __version__
from ..validation import JsonSchema, Schema
from .answers import Problem
from .responses import PROBLEM

if TYPE_CHECKING:
    from .routes import Route

REFERENCE = "#/components/schemas/{model}"
PART: Schema = {"type": "string", "minLength": 1, "maxLength": 128}
HTML = "text/html"
_making = Lock()
USUAL_PROBLEMS = (400, 401, 403, 405, 413, 415, 507)


def document() -> dict[str, Any]:
    """What `GET /v1/openapi.json` answers."""
    with _making:  # pydantic completes models as it describes them, and not for two threads at once
        return _document()


@cache
def _document() -> dict[str, Any]:
    from .routes import ROUTES  # which has the view that serves this

    models: list[type[BaseModel]] = [Problem]
    for route in ROUTES:
        models += [*route.body, *([route.answer] if isinstance(route.answer, type) else [])]
    _, schemas = models_json_schema(
        [(model, "validation") for model in models], ref_template=REFERENCE, schema_generator=JsonSchema
    )
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Neural Style",
            "version": __version__,
            "description": "Neural style transfer on your own machine.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas["$defs"],
        },
    }


def _operation(route: Route) -> Schema:
    found: Schema = {"summary": route.summary, "responses": _responses(route)}
    if route.body:
        options = [_reference(model) for model in route.body]
        schema = options[0] if len(options) == 1 else {"oneOf": options}
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    elif route.media:
        binary = {"schema": {"type": "string", "format": "binary"}}
        found["requestBody"] = {"required": True, "content": dict.fromkeys(route.media, binary)}
    parameters = [_parameter("path", name, PART) for name in route.parts]
    parameters += [_parameter("query", name, schema) for name, schema in route.query.items()]
    parameters += [_parameter("header", name, schema) for name, schema in route.headers.items()]
    if parameters:
        found["parameters"] = parameters
    if not route.needs_token:
        found["security"] = []
    return found


def _responses(route: Route) -> Schema:
    good: Schema = {"description": "done"}
    if isinstance(route.answer, type):
        good["content"] = {"application/json": {"schema": _reference(route.answer)}}
    elif route.answer is not None:
        good["content"] = {media: {"schema": schema} for media, schema in route.answer.items()}
    refused: Schema = {"description": "refused", "content": {PROBLEM: {"schema": _reference(Problem)}}}
    if isinstance(route.answer, Mapping) and HTML in route.answer:
        refused["content"][HTML] = {"schema": route.answer[HTML]}
    statuses = sorted({*USUAL_PROBLEMS} - (set() if route.needs_token else {401}) | {*route.problems})
    return {str(route.status): good, **{str(status): refused for status in statuses}}


def _parameter(place: str, name: str, schema: Schema) -> Schema:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _reference(model: type[BaseModel]) -> Schema:
    return {"$ref": REFERENCE.format(model=model.__name__)}
