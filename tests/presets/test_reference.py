"""docs/presets.md says what the code accepts."""

from pathlib import Path

import pytest

from neural_style_server.engine.method import Controls, Method, describe
from neural_style_server.presets.reference import filled, tables
from neural_style_server.presets.rules import IMAGE_KEYS, KEYS

DOCUMENT = Path(__file__).parents[2] / "docs" / "presets.md"


def test_the_document_is_in_step_with_the_code() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert filled(text) == text, "run: python -m neural_style_server.presets.reference docs/presets.md"


def test_every_key_is_in_its_table() -> None:
    found = tables()
    expected = {
        "keys": KEYS,
        "images": IMAGE_KEYS,
        "controls": describe(Controls),
        "method": describe(Method),
    }
    for name, keys in expected.items():
        for key in keys:
            assert f"| `{key}` |" in found[name]


def test_a_document_without_the_places_is_told() -> None:
    with pytest.raises(ValueError, match="no place for the table 'keys'"):
        filled("# Presets\n")
