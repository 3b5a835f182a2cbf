"""What the menu's entries hand on, with neither GIMP nor a daemon."""

from __future__ import annotations

from typing import Any

import pytest
from tests.gimp import stand_ins as stand_ins

from document import layers
from neural_style_client import Pixels
from neural_style_client.parameters import Parameters
from run import commands
from ui import live_window

STARTED = Parameters(preset="ink-wash", start="image", start_layer="ground", start_tattoo=7)
PICTURE = Pixels(2, 1, "RGBA8", bytes(8))


@pytest.mark.parametrize("picture", [PICTURE, None])
def test_full_size_goes_on_from_the_live_picture_and_remembers_the_chosen_start(
    picture: Pixels | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[tuple[Any, ...]] = []
    monkeypatch.setattr(layers, "layers_of", lambda image, drawables: drawables)
    monkeypatch.setattr(
        live_window, "follow", lambda *values: (live_window.FULL, values[-1](live_window.FULL, picture))
    )
    monkeypatch.setattr(commands, "_run_in_window", lambda *values, init=None: runs.append((*values, init)) or ["made"])
    assert commands._follow_live("image", "sky", STARTED, "ground") == ["made"]
    ((image, painted, chosen, start_layer, init),) = runs
    assert (image, painted, chosen) == ("image", ["sky"], STARTED)
    assert (start_layer, init and init.data) == ((None, PICTURE.data) if picture else ("ground", None))
