"""Many steps of Krita's undo history made one.

Krita's Python has no macros: adding an animated layer, each of its key frames and each change of the current
time are steps of their own. So in the end they are undone, and a copy of the layer, with all its frames, is added.
"""

from collections import Counter
from typing import Any, Iterator

from krita import Krita

from .document import is_open
from .pulse import REST, until

PATIENCE_S = 600.0
"""The undo history of the picture in front is the only one that can be reached."""


class OwnSteps:
    """The steps that this plug-in has made, known by what Krita's menu calls them."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._own = Counter()  # type: Counter

    @property
    def count(self) -> int:
        return sum(self._own.values())

    def took_one(self) -> None:
        """The last step is one of ours."""
        self._own[_action("edit_undo").text()] += 1

    def taken_back(self, is_gone: Any) -> Iterator[Any]:
        """Undo until `is_gone()`; whether that came true is the value.

        Where there is a step of the painter's own in between, all is done again.
        """
        undone = Counter()  # type: Counter
        while not is_gone():
            yield from self._in_front()
            step = _action("edit_undo").text()
            if not is_open(self._document) or undone[step] >= self._own[step]:
                yield from self._redo(sum(undone.values()))
                return False
            self._press("edit_undo")
            undone[step] += 1
            yield REST
        return True

    def _redo(self, steps: int) -> Iterator[Any]:
        for _ in range(steps):
            yield from self._in_front()
            if is_open(self._document):
                self._press("edit_redo")
                yield REST

    def _press(self, name: str) -> None:
        _action(name).trigger()
        self._document.waitForDone()

    def _in_front(self) -> Iterator[Any]:
        document = self._document
        yield from until(
            lambda: not is_open(document) or Krita.instance().activeDocument() == document, PATIENCE_S
        )


def _action(name: str) -> Any:
    return Krita.instance().action(name)
