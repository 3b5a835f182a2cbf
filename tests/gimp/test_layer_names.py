"""Layers are named so that they can be recognised again."""

from __future__ import annotations

from document import layer_names


def test_layers_are_named_after_preset_and_iteration() -> None:
    assert layer_names.layer("ink-wash", 300) == "Neural Style: ink-wash (iteration 300)"
    assert layer_names.is_result("Neural Style: ink-wash (iteration 300) #1")
    assert not layer_names.is_result(layer_names.live("ink-wash"))
