"""A copy of a document at the pixels and the resolution of its print, in a view of its own.

Krita's own action makes it: what `Document.clone` gives is not one of Krita's documents, and goes with Python's.
"""

import os
from contextlib import contextmanager
from typing import Any, Iterator, Tuple

from krita import Krita

from ..neural_style_client.errors import PainterError
from ..neural_style_client.print_size import PrintSize
from ..neural_style_client.translations import tr
from ..qt import Qt, QtWidgets
from .open_documents import size_of

FILTER = "Bicubic"
POINTS = 72.0
"""Per inch."""


def print_copy(document: Any, layer: Any, wanted: PrintSize, pixels: Tuple[int, int]) -> Tuple[Any, Any]:
    """(copy, its `layer`) of the document in front, which stays as it is. Raises PainterError."""
    with _busy():
        Krita.instance().action("create_copy").trigger()
        copy = Krita.instance().activeDocument()
        if copy is None or copy == document:
            raise PainterError(tr("Krita made no copy of the picture. Wait until it is idle, and begin again."))
        if copy.fileName():  # to save the copy must not overwrite the painter's file
            copy.setFileName("")
        copy.setName(name_of(document, wanted))
        _scale(copy, pixels, wanted.resolution)
        found = copy.nodeByUniqueID(layer.uniqueId())
        copy.setActiveNode(found)
        return copy, found


def name_of(document: Any, wanted: PrintSize) -> str:
    """Such as "harbour 36 × 24 in"."""
    name = document.name() or os.path.splitext(os.path.basename(document.fileName()))[0]
    sides = (wanted.width, wanted.height((document.width(), document.height())))
    return "{} {:g} × {:g} {}".format(name, *(round(side, 1) for side in sides), wanted.unit).strip()


def _scale(copy: Any, pixels: Tuple[int, int], resolution: float) -> None:
    """Krita scales to whole multiples of 72 dots per inch alone, and moves the shapes of vector layers when the
    resolution is set without scaling. So it is set before, too, by as much less as it is set to more after."""
    if size_of(copy) != list(pixels):
        copy.setXRes(copy.xRes() * POINTS / resolution)
        copy.setYRes(copy.yRes() * POINTS / resolution)
        copy.scaleImage(*pixels, int(POINTS), int(POINTS), FILTER)
        copy.waitForDone()
    copy.setXRes(resolution)
    copy.setYRes(resolution)
    copy.refreshProjection()
    copy.waitForDone()


@contextmanager
def _busy() -> Iterator[None]:
    """Krita stands still meanwhile."""
    QtWidgets.QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    try:
        yield
    finally:
        QtWidgets.QApplication.restoreOverrideCursor()
