"""The document, the app and docs/http-api.md name the same routes, and answers are as the schemas say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask
from tests.api.conftest import Desk

from neural_style_server.api.openapi import document

REPOSITORY = Path(__file__).resolve().parents[2]


def routes_of(app: Flask) -> set[tuple[str, str]]:
    """(method, path) of every route, in the document's spelling."""
    return {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def routes_of_document() -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}


def check(answer: Any, schema: str) -> None:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": document()["components"]}
    jsonschema.Draft202012Validator(whole).validate(answer)


def test_every_route_is_in_the_document_and_the_reverse(desk: Desk) -> None:
    assert routes_of(desk.app) == routes_of_document()


def test_every_route_is_in_the_docs_and_the_reverse() -> None:
    text = (REPOSITORY / "docs" / "http-api.md").read_text("utf-8")
    told = set(re.findall(r"^### `(GET|POST|PUT|PATCH|DELETE) ([^`?]+)`", text, re.MULTILINE))
    assert told == routes_of_document()


def test_every_error_code_is_in_the_docs() -> None:
    text = (REPOSITORY / "docs" / "http-api.md").read_text("utf-8")
    for source in sorted((REPOSITORY / "server/neural_style_server").rglob("*.py")):
        if source.parent.name in ("api", "jobs") or source.name in ("errors.py", "pixels.py"):
            for code in re.findall(r"code ?= ?\"([a-z_]+)\"", source.read_text("utf-8")):
                assert f"`{code}`" in text, f"{code} ({source.name})"


def test_the_document_is_served_and_valid(desk: Desk) -> None:
    served = desk.get("/v1/openapi.json").get_json()
    assert served["openapi"] == "3.1.0"
    assert served == document()
    for schema in served["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere() -> None:
    schemas = document()["components"]["schemas"]
    references = set(re.findall(r"#/components/schemas/(\w+)", str(document())))
    assert references == set(schemas)


def test_answers_are_as_the_schemas_say(desk: Desk) -> None:
    job = desk.job()
    desk.shop.worker.progress(job)
    desk.shop.worker.frame(job, 1, 1)
    check(desk.get(f"/v1/jobs/{job}").get_json(), "JobView")
    check(desk.bare.get("/v1/health").get_json(), "Health")
    check(desk.upload(bytes(120), 6, 5).get_json(), "Image")
    check(desk.get("/v1/presets/ink").get_json(), "PresetView")
    check(desk.post("/v1/forecast", {"preset": "ink", "width": 9, "height": 9}).get_json(), "ForecastView")
    check(desk.get("/v1/jobs/none").get_json(force=True), "Problem")


@pytest.mark.parametrize("kind", ["Controls", "Method"])
def test_defaults_are_within_their_own_schema(kind: str) -> None:
    properties = document()["components"]["schemas"][kind]["properties"]
    check({name: rule["default"] for name, rule in properties.items() if "default" in rule}, kind)
