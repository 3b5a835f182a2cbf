"""The tables in docs/ say what the code accepts."""

from dataclasses import fields
from pathlib import Path

import pytest

from neural_style_server.docs_tables import filled, tables
from neural_style_server.engine.method import Controls, Method
from neural_style_server.jobs.spec import JobSpec
from neural_style_server.settings import Settings

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("document", tables())
def test_the_document_is_in_step_with_the_code(document: str) -> None:
    text = (DOCS / document).read_text("utf-8")
    assert filled(text, tables()[document]) == text, "run: python -m neural_style_server.docs_tables"


def test_every_key_is_in_its_table() -> None:
    found = tables()
    expected = {
        ("presets.md", "controls"): [item.name for item in fields(Controls)],
        ("presets.md", "method"): [item.name for item in fields(Method)],
        ("settings.md", "settings"): Settings.model_fields,
        ("http-api.md", "job"): JobSpec.model_fields,
    }
    for (document, table), keys in expected.items():
        for key in keys:
            assert f"| `{key}` |" in found[document][table]


def test_a_document_without_the_places_is_told() -> None:
    with pytest.raises(ValueError, match="no place for the table 'keys'"):
        filled("# Presets\n", tables()["presets.md"])
