"""The app against its own OpenAPI document, by generated requests: all of schemathesis' checks."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from tests.api.conftest import TOKEN, Desk
from tests.conftest import NIGHTLY

from neural_style_server.api.openapi import document

schemathesis.serializer.alias("application/zip", "application/octet-stream")

AUTH = {"Authorization": f"Bearer {TOKEN}"}
OPERATIONS = [(path, method) for path, methods in document()["paths"].items() for method in methods]
EXAMPLES = 200 if NIGHTLY else 8
BEYOND_SCHEMAS = {"/v1/images", "/v1/presets/import"}
"""Where the schema says "bytes" and only some bytes are a picture or a bundle."""


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_as_the_document_says(desk: Desk, path: str, method: str, mode: GenerationMode) -> None:
    desk.job()
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", app=desk.app, headers=AUTH)
    for rule in (schema.config.checks.negative_data_rejection, schema.config.checks.positive_data_acceptance):
        rule.expected_statuses = [*rule.expected_statuses, "413"]  # a limit is met before or after the schema
    operation: Any = schema[path][method]
    excluded = [positive_data_acceptance] if path in BEYOND_SCHEMAS else []
    if mode is GenerationMode.NEGATIVE and not (operation.body or list(operation.iter_parameters())):
        pytest.skip("nothing to be asked wrongly")

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=not NIGHTLY,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        case.call_and_validate(headers=AUTH, excluded_checks=excluded)

    check()
