"""The OpenAPI 3.1 document. Ranges of controls and method keys are read from the recipe, where they live."""

from __future__ import annotations

from typing import Any

from flask import Flask

from .. import __version__
from ..engine.recipe import COLOUR_WORDS, Controls, Recipe, describe
from ..jobs.record import STATES
from ..jobs.spec import DISCONNECTS, LARGEST_SIZE, MOST_REGIONS
from ..pixels import DTYPES, FILE_TYPES, LARGEST_SIDE

Schema = dict[str, Any]
IMAGE_ID: Schema = {
    "type": "string",
    "pattern": "^[0-9a-f]{64}$",
    "description": "content hash of an uploaded image",
}
TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 128}
NUMBER: Schema = {"type": "number"}
OBJECT: Schema = {"type": "object"}
BINARY: Schema = {"type": "string", "format": "binary"}


def document(app: Flask) -> dict[str, Any]:
    """What `GET /v1/openapi.json` answers."""
    del app
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Neural Style",
            "version": __version__,
            "description": "Neural style transfer on your own machine.",
        },
        "security": [{"token": []}],
        "paths": {**_daemon_paths(), **_image_paths(), **_preset_paths(), **_job_paths()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Problem": _problem(),
                "Health": _health(),
                "Image": _image(),
                "Preset": _preset(),
                "Job": _job(),
                "JobSpec": job_spec(),
                "Forecast": _forecast(),
                "Controls": settings_schema(Controls),
                "Method": settings_schema(Recipe),
            },
        },
    }


def settings_schema(kind: type) -> Schema:
    """The JSON schema of `Controls` or `Recipe` as a partial change."""
    properties = {}
    for name, rule in describe(kind).items():
        schema: Schema = {"description": rule["what"], "default": rule["default"]}
        if "choices" in rule:
            schema["enum"] = list(rule["choices"])
        elif rule.get("switch"):
            schema["type"] = "boolean"
        elif rule.get("layers"):
            schema.update(type="object", additionalProperties={"type": "number", "minimum": 0})
        else:
            kind_name = "integer" if rule.get("whole") else "number"
            schema.update(type=kind_name, minimum=rule["low"], maximum=rule["high"])
        properties[name] = schema
    if "colour" in properties and kind is Controls:
        properties["colour"] = {"anyOf": [properties["colour"], {"enum": list(COLOUR_WORDS)}]}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def job_spec() -> Schema:
    """The body of `POST /v1/jobs`."""
    frames = {
        "oneOf": [
            _closed({"every": {"type": "integer", "minimum": 1, "maximum": 1_000_000}}),
            _closed(
                {
                    "at": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 1000,
                        "items": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
                    }
                }
            ),
            _closed({"seconds": {"type": "number", "minimum": 0.1, "maximum": 3600}}),
        ]
    }
    region = _closed({"mask": IMAGE_ID, "preset": TEXT, "style": IMAGE_ID, "style_mask": IMAGE_ID}, ["mask"])
    return _closed(
        {
            "content": IMAGE_ID,
            "preset": TEXT,
            "controls": _ref("Controls"),
            "method": _ref("Method"),
            "size": {"type": "integer", "minimum": 16, "maximum": LARGEST_SIZE},
            "frames": frames,
            "mask": IMAGE_ID,
            "regions": {"type": "array", "minItems": 1, "maxItems": MOST_REGIONS, "items": region},
            "init": IMAGE_ID,
            "client": TEXT,
            "seed": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
            "on_disconnect": {"enum": list(DISCONNECTS)},
        },
        ["content", "preset"],
    )


def _closed(properties: Schema, required: list[str] | None = None) -> Schema:
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _answer(schema: Schema, text: str, **others: Schema) -> Schema:
    return {"description": text, "content": {**_json(schema), **others}}


def _operation(
    summary: str,
    answers: dict[str, Schema],
    *,
    body: Schema | None = None,
    parameters: list[Schema] | None = None,
    problems: tuple[int, ...] = (),
    open_: bool = False,
) -> Schema:
    codes = {400, 403, 405, 413, 415, *problems} | (set() if open_ else {401})
    refused = {"application/problem+json": {"schema": _ref("Problem")}}
    responses = {
        **answers,
        **{str(code): {"description": "refused", "content": refused} for code in sorted(codes)},
    }
    found: Schema = {"summary": summary, "responses": responses}
    if body is not None:
        found["requestBody"] = {"required": True, "content": body}
    if parameters:
        found["parameters"] = parameters
    if open_:
        found["security"] = []
    return found


def _path(name: str, schema: Schema | None = None) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema or TEXT}


def _query(name: str, schema: Schema, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _daemon_paths() -> Schema:
    return {
        "/v1/health": {"get": _operation("How the daemon is", {"200": _answer(_ref("Health"), "alive")}, open_=True)},
        "/v1/openapi.json": {"get": _operation("This document", {"200": _answer(OBJECT, "OpenAPI 3.1")})},
        "/v1/unload": {
            "post": _operation(
                "End the worker and free its memory",
                {"200": _answer(_ref("Health"), "freed")},
                problems=(409,),
            )
        },
        "/v1/shutdown": {"post": _operation("Stop the daemon", {"200": _answer(OBJECT, "stopping")})},
    }


def _image_paths() -> Schema:
    side = {"type": "integer", "minimum": 1, "maximum": LARGEST_SIDE}
    body = {name: {"schema": BINARY} for name in ("application/octet-stream", *FILE_TYPES)}
    parameters = [_query("width", side), _query("height", side), _query("format", {"enum": list(DTYPES)})]
    return {
        "/v1/images": {
            "post": _operation(
                "Upload raw pixels or a picture file",
                {"201": _answer(_ref("Image"), "stored")},
                body=body,
                parameters=parameters,
                problems=(429,),
            )
        }
    }


def _preset_paths() -> Schema:
    name = [_path("name")]
    one, png = _answer(_ref("Preset"), "the preset"), {"image/png": {"schema": BINARY}}
    listing = {"type": "object", "properties": {"presets": {"type": "array", "items": _ref("Preset")}}}
    zip_ = {"application/zip": {"schema": BINARY}}
    gone = {"204": {"description": "deleted"}}
    return {
        "/v1/presets": {
            "get": _operation(
                "All presets",
                {"200": _answer(listing, "by title")},
                parameters=[_query("search", {"type": "string"}), _query("tag", {"type": "string"})],
            ),
            "post": _operation("Make a preset, or copy one", {"201": one}, body=_json(OBJECT), problems=(404, 409)),
        },
        "/v1/presets/import": {"post": _operation("Import a bundle", {"201": one}, body=zip_, problems=(409,))},
        "/v1/presets/{name}": {
            "get": _operation("One preset", {"200": one}, parameters=name, problems=(404,)),
            "put": _operation(
                "Change a preset", {"200": one}, parameters=name, body=_json(OBJECT), problems=(404, 409)
            ),
            "delete": _operation("Delete a preset", gone, parameters=name, problems=(404, 409)),
        },
        "/v1/presets/{name}/thumbnail": {
            "get": _operation(
                "Its thumbnail",
                {"200": {"description": "PNG", "content": png}},
                parameters=name,
                problems=(404,),
            )
        },
        "/v1/presets/{name}/bundle": {
            "get": _operation(
                "Export it",
                {"200": {"description": "zip", "content": zip_}},
                parameters=name,
                problems=(404,),
            )
        },
    }


def _job_paths() -> Schema:
    identity = [_path("id")]
    job = {"200": _answer(_ref("Job"), "the job")}
    listing = {"type": "object", "properties": {"jobs": {"type": "array", "items": _ref("Job")}}}
    pixels = {
        "200": {
            "description": "pixels",
            "content": {"application/octet-stream": {"schema": BINARY}, "image/png": {"schema": BINARY}},
        }
    }
    limit = _query("max", {"type": "integer", "minimum": 1, "maximum": LARGEST_SIDE})
    stream = {
        "200": {
            "description": "server-sent events",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    }
    curves = {
        "200": _answer(
            OBJECT,
            "every term",
            **{"text/csv": {"schema": {"type": "string"}}, "image/png": {"schema": BINARY}},
        )
    }
    more = _json(_closed({"iterations": {"type": "integer", "minimum": 1, "maximum": 20_000}}))
    paths: Schema = {
        "/v1/jobs": {
            "get": _operation("All jobs", {"200": _answer(listing, "newest first")}),
            "post": _operation(
                "Submit a job",
                {"201": _answer(_ref("Job"), "queued")},
                body=_json(_ref("JobSpec")),
                problems=(404, 429),
            ),
        },
        "/v1/forecast": {
            "post": _operation(
                "What a job would take",
                {"200": _answer(_ref("Forecast"), "seconds and bytes")},
                body=_json(OBJECT),
                problems=(404,),
            )
        },
        "/v1/jobs/{id}": {
            "get": _operation("One job", job, parameters=identity, problems=(404,)),
            "delete": _operation(
                "Forget a job", {"204": {"description": "deleted"}}, parameters=identity, problems=(404,)
            ),
        },
        "/v1/jobs/{id}/events": {
            "get": _operation(
                "Its events",
                stream,
                problems=(404, 429),
                parameters=[
                    *identity,
                    {"name": "Last-Event-ID", "in": "header", "schema": {"type": "integer", "minimum": 0}},
                ],
            )
        },
        "/v1/jobs/{id}/frames/{number}": {
            "get": _operation(
                "A frame by number, or 'latest'",
                pixels,
                parameters=[*identity, _path("number"), limit],
                problems=(404, 406),
            )
        },
        "/v1/jobs/{id}/result": {
            "get": _operation("The result", pixels, parameters=[*identity, limit], problems=(404, 406, 409))
        },
        "/v1/jobs/{id}/losses": {"get": _operation("Loss curves", curves, parameters=identity, problems=(404, 406))},
        "/v1/jobs/{id}/extend": {
            "post": _operation("More iterations", job, parameters=identity, body=more, problems=(404, 409))
        },
    }
    for action in ("cancel", "pause", "resume", "finish"):
        paths[f"/v1/jobs/{{id}}/{action}"] = {
            "post": _operation(action.capitalize(), job, parameters=identity, problems=(404, 409))
        }
    return paths


def _problem() -> Schema:
    texts = {name: {"type": "string"} for name in ("type", "title", "code", "detail", "hint")}
    return {
        "type": "object",
        "properties": {**texts, "status": {"type": "integer"}},
        "required": ["code", "detail", "hint"],
    }


def _health() -> Schema:
    maybe = {"type": ["string", "null"]}
    properties = {
        "status": {"enum": ["ok", "failing"]},
        "version": {"type": "string"},
        "api": {"const": 1},
        "device": maybe,
        "network": maybe,
        "warm": {"type": "boolean"},
        "jobs": OBJECT,
        "detail": {"type": "string"},
        "worker": {"enum": ["starting", "ready", "busy", "stopped", "failed"]},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _image() -> Schema:
    side = {"type": "integer", "minimum": 1}
    properties = {"id": IMAGE_ID, "width": side, "height": side, "format": {"enum": list(DTYPES)}}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _preset() -> Schema:
    texts = {name: {"type": "string"} for name in ("name", "title", "description", "library", "thumbnail")}
    properties = {
        **texts,
        "tags": {"type": "array", "items": {"type": "string"}},
        "read_only": {"type": "boolean"},
        "controls": OBJECT,
        "method": OBJECT,
        "favourite": {"type": "boolean"},
    }
    return {"type": "object", "properties": properties, "required": ["name", "title", "controls"]}


def _job() -> Schema:
    properties = {
        "id": {"type": "string"},
        "state": {"enum": list(STATES)},
        "links": OBJECT,
        "forecast": _ref("Forecast"),
        "iteration": {"type": "integer"},
        "iterations": {"type": "integer"},
        "frames": {"type": "array"},
        "seed": NUMBER,
    }
    return {"type": "object", "properties": properties, "required": ["id", "state", "links", "forecast"]}


def _forecast() -> Schema:
    return {
        "type": "object",
        "properties": {"seconds": NUMBER, "bytes": NUMBER, "fits": {"type": "boolean"}},
        "required": ["seconds", "bytes"],
    }
