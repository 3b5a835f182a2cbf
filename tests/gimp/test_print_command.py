"""Paint for Print… with its windows, with neither GIMP nor a daemon: what becomes of the copy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.gimp import stand_ins as stand_ins

from document import layers, print_copy
from neural_style_client.errors import Cancelled, PainterError
from neural_style_client.parameters import Parameters
from neural_style_client.print_size import PrintSize
from run import arguments, commands, records
from ui import print_dialog, stylize_dialog

SIZE = PrintSize(30, "cm", 100)


class Desk:
    """A painter's image with its copy, and what happens to both, in order; `ending` is raised by the painting."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, ending: BaseException | None = None) -> None:
        self.steps: list[Any] = []
        self.values: dict[str, Any] = {}
        self.image = "the copy"
        self._ending = ending
        monkeypatch.setattr(layers, "layers_of", lambda image, drawables: drawables)
        monkeypatch.setattr(layers, "recorded", lambda layer: Parameters(preset="mosaic", size=1024))
        monkeypatch.setattr(records, "LastValues", lambda folder: SimpleNamespace(remember=lambda chosen: None))
        monkeypatch.setattr(arguments, "write_to", lambda config, chosen: None)
        monkeypatch.setattr(print_dialog, "ask", lambda image: SIZE)
        monkeypatch.setattr(print_copy, "PrintCopy", self._copy)
        monkeypatch.setattr(stylize_dialog, "ask", self._ask)
        monkeypatch.setattr(commands, "_offer_rgb", lambda image: None)
        monkeypatch.setattr(commands, "_run_in_window", self._paint)

    def paint(self) -> Any:
        config = SimpleNamespace(set_property=self.values.__setitem__)
        return commands.paint_for_print("the image", ["sky"], config, "interactive")

    def show(self) -> None:
        self.steps.append("shown")

    def select(self, chosen: list[str]) -> list[str]:
        return ["copied " + layer for layer in chosen]

    def remove(self) -> None:
        self.steps.append("removed")

    def _copy(self, image: str, print_size: PrintSize) -> Desk:
        self.steps.append((image, print_size))
        return self

    def _ask(self, image: str, chosen: list[str], remembered: Parameters, _: Any) -> Any:
        self.steps.append((image, chosen, remembered))
        return remembered, None, False

    def _paint(self, image: str, chosen: list[str], parameters: Parameters, _: Any) -> list[str]:
        if self._ending is not None:
            raise self._ending
        return ["painted"]


def test_the_usual_dialogue_opens_on_the_copy_at_full_size(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    assert desk.paint() == ["painted"]
    on_the_copy = ("the copy", ["copied sky"], Parameters(preset="mosaic", size=0))
    assert desk.steps == [("the image", SIZE), "shown", on_the_copy]
    assert (desk.values["width"], desk.values["resolution"]) == (pytest.approx(30 / 2.54), 100)


@pytest.mark.parametrize("ending", [Cancelled(), PainterError("The daemon is gone.")])
def test_a_copy_in_which_nothing_was_painted_is_removed(monkeypatch: pytest.MonkeyPatch, ending: BaseException) -> None:
    desk = Desk(monkeypatch, ending)
    with pytest.raises(type(ending)):
        desk.paint()
    assert desk.steps[-1] == "removed"


def a_copy(is_dirty: bool, is_open: bool, is_shown: bool = True) -> tuple[print_copy.PrintCopy, list[str]]:
    """As it is when its painting ends early, and what is deleted then."""
    deleted: list[str] = []
    copy = print_copy.PrintCopy.__new__(print_copy.PrintCopy)
    copy.image = SimpleNamespace(
        is_valid=lambda: is_open, is_dirty=lambda: is_dirty, delete=lambda: deleted.append("image")
    )
    display = SimpleNamespace(is_valid=lambda: is_open, delete=lambda: deleted.append("display"))
    copy._display = display if is_shown else None
    return copy, deleted


@pytest.mark.parametrize(
    ("copy_is", "goes"),
    [
        ({"is_dirty": False, "is_open": True}, ["display"]),
        ({"is_dirty": True, "is_open": True}, []),
        ({"is_dirty": False, "is_open": False}, []),
        ({"is_dirty": True, "is_open": True, "is_shown": False}, ["image"]),
    ],
)
def test_what_the_painter_has_done_in_the_copy_stays(copy_is: dict[str, bool], goes: list[str]) -> None:
    copy, deleted = a_copy(**copy_is)
    copy.remove()
    assert deleted == goes
