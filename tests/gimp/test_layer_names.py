"""How the layers of a result are named."""

from __future__ import annotations

from document import layer_names


def test_layers_are_named_after_preset_and_iteration() -> None:
    assert layer_names.layer("ink-wash", 300) == "Neural Style: ink-wash (iteration 300)"
    assert layer_names.live("ink-wash") == "Neural Style: ink-wash (painting…)"
