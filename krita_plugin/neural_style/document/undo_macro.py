"""Many steps of Krita's undo history made one.

Krita's Python has no macros: adding an animated layer, each of its key frames and each change of the current
time are steps of their own. So in the end they are undone, and a copy of the layer, with all its frames, is added.
"""

from collections import Counter
from typing import Any, Callable

from krita import Krita

from ..neural_style_client.tasks import WAIT, Task, wait_until
from .open_documents import is_open

IN_FRONT_S = 600.0
"""The undo history of the picture in front is the only one that can be reached."""


class UndoMacro:
    """The steps that this plug-in has made, known by what Krita's menu calls them."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._own = Counter()

    @property
    def count(self) -> int:
        return sum(self._own.values())

    def record(self) -> None:
        """The last step is one of ours."""
        self._own[_action("edit_undo").text()] += 1

    def undo_all(self, is_gone: Callable[[], bool]) -> Task:
        """Undo until `is_gone()`; whether that came true is the outcome.

        Where a step of the painter's own lies in between, everything is redone.
        """
        undone = Counter()
        while not is_gone():
            yield from self._in_front()
            step = _action("edit_undo").text()
            if not is_open(self._document) or undone[step] >= self._own[step]:
                yield from self._redo(sum(undone.values()))
                return False
            self._press("edit_undo")
            undone[step] += 1
            yield WAIT
        return True

    def _redo(self, steps: int) -> Task:
        for _ in range(steps):
            yield from self._in_front()
            if is_open(self._document):
                self._press("edit_redo")
                yield WAIT

    def _press(self, name: str) -> None:
        _action(name).trigger()
        self._document.waitForDone()

    def _in_front(self) -> Task:
        document = self._document
        yield from wait_until(
            lambda: not is_open(document) or Krita.instance().activeDocument() == document, IN_FRONT_S
        )


def _action(name: str) -> Any:
    return Krita.instance().action(name)
