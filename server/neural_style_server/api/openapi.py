"""The OpenAPI 3.1 document: every route with its parameters, bodies and answers."""

from __future__ import annotations

from typing import Any

from .. import __version__
from ..pixels import DTYPES, FILE_TYPES
from ..presets.contact_sheet import MAX_COLUMNS
from .schemas import BINARY, COUNT, OBJECT, PRESET_NAME, SIDE, TEXT, Schema, closed, components, listing, reference

TOO_LITTLE_DISK = 507


def document() -> dict[str, Any]:
    """What `GET /v1/openapi.json` answers."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Neural Style",
            "version": __version__,
            "description": "Neural style transfer on your own machine.",
        },
        "security": [{"token": []}],
        "paths": {**_daemon_paths(), **_image_paths(), **_preset_paths(), **_job_paths(), **_sheet_paths()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": components(),
        },
    }


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
    codes = {400, 403, 405, 413, 415, TOO_LITTLE_DISK, *problems} | (set() if open_ else {401})
    refused = {"application/problem+json": {"schema": reference("Problem")}}
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
        "/v1/health": {
            "get": _operation("How the daemon is", {"200": _answer(reference("Health"), "alive")}, open_=True)
        },
        "/v1/openapi.json": {"get": _operation("This document", {"200": _answer(OBJECT, "OpenAPI 3.1")})},
        "/v1/workers": {"get": _operation("The workers", {"200": _answer(listing("workers", "Worker"), "all")})},
        "/v1/unload": {
            "post": _operation(
                "End the worker and free its memory",
                {"200": _answer(reference("Health"), "freed")},
                problems=(409,),
            )
        },
        "/v1/shutdown": {"post": _operation("Stop the daemon", {"200": _answer(OBJECT, "stopping")})},
    }


def _image_paths() -> Schema:
    body = {name: {"schema": BINARY} for name in ("application/octet-stream", *FILE_TYPES)}
    parameters = [_query("width", SIDE), _query("height", SIDE), _query("format", {"enum": list(DTYPES)})]
    return {
        "/v1/images": {
            "post": _operation(
                "Upload raw pixels or a picture file",
                {"201": _answer(reference("Image"), "stored")},
                body=body,
                parameters=parameters,
                problems=(429,),
            )
        }
    }


def _preset_paths() -> Schema:
    name = [_path("name")]
    one, png = _answer(reference("Preset"), "the preset"), {"image/png": {"schema": BINARY}}
    zip_ = {"application/zip": {"schema": BINARY}}
    gone = {"204": {"description": "deleted"}}
    return {
        "/v1/presets": {
            "get": _operation(
                "All presets",
                {"200": _answer(listing("presets", "Preset"), "by title")},
                parameters=[_query("search", {"type": "string"}), _query("tag", {"type": "string"})],
            ),
            "post": _operation(
                "Make a preset, or copy one", {"201": one}, body=_json(reference("NewPreset")), problems=(404, 409)
            ),
        },
        "/v1/presets/import": {
            "post": _operation(
                "Import a bundle", {"201": one}, body=zip_, parameters=[_query("name", PRESET_NAME)], problems=(409,)
            )
        },
        "/v1/presets/{name}": {
            "get": _operation("One preset", {"200": one}, parameters=name, problems=(404,)),
            "put": _operation(
                "Change a preset",
                {"200": one},
                parameters=name,
                body=_json(reference("PresetChanges")),
                problems=(404, 409),
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
    job = {"200": _answer(reference("Job"), "the job")}
    pixels = {
        "200": {
            "description": "pixels",
            "content": {"application/octet-stream": {"schema": BINARY}, "image/png": {"schema": BINARY}},
        }
    }
    limit = _query("max", SIDE)
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
    more = _json(closed({"iterations": {"type": "integer", "minimum": 1, "maximum": 20_000}}))
    paths: Schema = {
        "/v1/jobs": {
            "get": _operation("All jobs", {"200": _answer(listing("jobs", "Job"), "newest first")}),
            "post": _operation(
                "Submit a job",
                {"201": _answer(reference("Job"), "queued")},
                body=_json(reference("JobSpec")),
                problems=(404, 429),
            ),
        },
        "/v1/forecast": {
            "post": _operation(
                "What a job would take",
                {"200": _answer(reference("Forecast"), "seconds and bytes")},
                body=_json(reference("ForecastSpec")),
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
                    {"name": "Last-Event-ID", "in": "header", "schema": COUNT},
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


def _sheet_paths() -> Schema:
    identity = [_path("id")]
    sheet = {"200": _answer(reference("Sheet"), "the sheet")}
    page = {"200": {"description": "PNG", "content": {"image/png": {"schema": BINARY}}}}
    columns = _query("columns", {"type": "integer", "minimum": 1, "maximum": MAX_COLUMNS})
    paths: Schema = {
        "/v1/sheets": {
            "post": _operation(
                "All presets, or some, on one picture",
                {"201": _answer(reference("NewSheet"), "queued")},
                body=_json(reference("SheetSpec")),
                problems=(404, 429),
            )
        },
        "/v1/sheets/{id}": {
            "get": _operation("How far a sheet is", sheet, parameters=identity, problems=(404,)),
            "delete": _operation(
                "Forget a sheet and its jobs", {"204": {"description": "deleted"}}, parameters=identity, problems=(404,)
            ),
        },
        "/v1/sheets/{id}/picture": {
            "get": _operation("The labelled page", page, parameters=[*identity, columns], problems=(404, 409))
        },
    }
    for action in ("cancel", "resume"):
        paths[f"/v1/sheets/{{id}}/{action}"] = {
            "post": _operation(action.capitalize(), sheet, parameters=identity, problems=(404,))
        }
    return paths
