"""What the menu's entries hand on, with neither GIMP nor a daemon."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.gimp import stand_ins as stand_ins

from document import layers
from neural_style_client import Pixels
from neural_style_client.errors import PainterError
from neural_style_client.parameters import Parameters
from run import commands
from ui import live_window, stylize_dialog

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


class Dialogue:
    """The painter presses Paint, reads what is wrong, undoes what they had deleted, and presses again."""

    def __init__(self, undo: Any) -> None:
        self.errors: list[str] = []
        self._undo = undo

    def run(self) -> Any:
        if self.errors:
            self._undo()
        return stylize_dialog.Gtk.ResponseType.OK

    def chosen(self) -> Parameters:
        return STARTED

    def start_layer(self) -> str:
        return "ground"

    def show_error(self, text: str) -> None:
        self.errors.append(text)

    def close_down(self) -> None: ...


def test_a_layer_that_was_deleted_meanwhile_costs_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[str] = []
    dialogue = Dialogue(lambda: there.append("sky"))

    def layers_of(image: str, drawables: list[str]) -> list[str]:
        if drawables != there:
            raise PainterError("The layer “sky” was deleted.")
        return drawables

    monkeypatch.setattr(layers, "layers_of", layers_of)
    monkeypatch.setattr(stylize_dialog, "StylizeDialog", lambda *_: dialogue)
    monkeypatch.setattr(stylize_dialog, "Gtk", SimpleNamespace(ResponseType=SimpleNamespace(OK=-5)))
    assert stylize_dialog.ask("image", ["sky"], STARTED, None) == (STARTED, "ground", False)
    assert dialogue.errors == ["The layer “sky” was deleted."]
