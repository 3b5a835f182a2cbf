"""Names of the layers that results come in."""

from __future__ import annotations

from neural_style.document import layer_names


def test_a_layer_is_named_after_style_and_source_and_numbered_when_taken() -> None:
    assert layer_names.result_name("Mosaic", "Sky") == "Mosaic – Sky"
    assert layer_names.result_name("Mosaic", "Sky", ["Mosaic – Sky"]) == "Mosaic – Sky 2"
    assert layer_names.result_name("Mosaic", "Sky", ["Mosaic – Sky", "Mosaic – Sky 2"]) == "Mosaic – Sky 3"
    assert layer_names.kept_name(300) == "iteration 300"
