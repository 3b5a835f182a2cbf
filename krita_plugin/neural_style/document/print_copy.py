"""A copy of a document at the pixels and the resolution of its print, in a view of its own.

Krita's own action makes it: what `Document.clone` gives is not one of Krita's documents, and goes with Python's.
"""

import os
import time
from contextlib import contextmanager
from typing import Any, Iterator, Tuple

from krita import Krita

from ..neural_style_client.errors import PainterError
from ..neural_style_client.print_size import PrintSize
from ..neural_style_client.tasks import WAIT, Task
from ..neural_style_client.translations import tr
from ..qt import Qt, QtWidgets
from .open_documents import all_nodes, is_open, tell_from_original

FILTER = "Bicubic"
PATIENCE_S = 60.0


class PrintCopy:
    """Of the document in front, which stays as it is. `layer`: the copy of the given one. Raises PainterError."""

    def __init__(self, document: Any, layer: Any, wanted: PrintSize, pixels: Tuple[int, int]) -> None:
        shapes = [one.uniqueId() for one in all_nodes(document.rootNode()) if _has_shapes(one)]
        with _busy():
            Krita.instance().action("create_copy").trigger()
            self.document = Krita.instance().activeDocument()
            if self.document is None or self.document == document:
                raise PainterError(tr("Krita made no copy of the picture. Wait until it is idle, and begin again."))
            self.document.setName(name_of(document, wanted))
            tell_from_original(self.document)
            _scale(self.document, pixels, wanted.resolution)
            self.layer = self.document.nodeByUniqueID(layer.uniqueId())
            self.document.setActiveNode(self.layer)
        self._shapes = [self.document.nodeByUniqueID(one) for one in shapes]

    def drawn(self) -> Task:
        """Wait until Krita has drawn the shapes of vector layers anew. Raises PainterError."""
        deadline = time.monotonic() + PATIENCE_S
        while not all(_has_shapes(one) for one in self._shapes):
            if not is_open(self.document):
                raise PainterError(tr("The picture was closed."))
            if time.monotonic() > deadline:
                raise PainterError(tr("Krita has not drawn the copy's vector layers. Stylize when it has."))
            yield WAIT
        self.document.waitForDone()


def _has_shapes(node: Any) -> bool:
    return node.type() == "vectorlayer" and node.bounds().width() > 0


def name_of(document: Any, wanted: PrintSize) -> str:
    """Such as "harbour 36 × 24 in"."""
    name = document.name() or os.path.splitext(os.path.basename(document.fileName()))[0]
    sides = (wanted.width, wanted.height((document.width(), document.height())))
    return "{} {:g} × {:g} {}".format(name, *(round(side, 1) for side in sides), wanted.unit).strip()


def _scale(copy: Any, pixels: Tuple[int, int], resolution: float) -> None:
    """Krita scales to whole dots per inch alone."""
    whole = round(resolution)
    copy.scaleImage(*pixels, whole, whole, FILTER)
    if whole != resolution:
        copy.setXRes(resolution)
        copy.setYRes(resolution)
    copy.waitForDone()


@contextmanager
def _busy() -> Iterator[None]:
    """Krita stands still meanwhile."""
    QtWidgets.QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    try:
        yield
    finally:
        QtWidgets.QApplication.restoreOverrideCursor()
