"""Krita's open documents: which is in front, which is still open, and its measures."""

from typing import Any, Iterator, List, NamedTuple
from uuid import uuid4

from krita import Krita

from ..qt import QByteArray, QtWidgets

COPY_NOTE = "neural-style-copy"


class Area(NamedTuple):
    """A rectangle on the canvas, in pixels."""

    x: int
    y: int
    width: int
    height: int


def canvas_of(document: Any) -> Area:
    """The measures of a document that a running job relies on."""
    return Area(document.xOffset(), document.yOffset(), document.width(), document.height())


def size_of(document: Any) -> List[int]:
    return [document.width(), document.height()]


def is_open(document: Any) -> bool:
    return document is not None and any(document == one for one in Krita.instance().documents())


def current() -> Any:
    """The document in front, or None."""
    return Krita.instance().activeDocument()


def in_front() -> Any:
    """What the painter is at: the picture, the layer and the selection. It equals another one of the same."""
    document = current()
    if document is None:
        return None
    node, selection = document.activeNode(), document.selection()
    selected = selection and (selection.x(), selection.y(), selection.width(), selection.height())
    return key(document), node and node.uniqueId().toString(), selected


def unsaved_key(document: Any) -> str:
    return "unsaved " + (read_note(document, COPY_NOTE) or document.rootNode().uniqueId().toString())


def tell_from_original(copy: Any) -> None:
    """A copy has the layers of its original, with their identities; not its history."""
    write_note(copy, COPY_NOTE, "Which copy of a picture this is", uuid4().hex)


def key(document: Any) -> str:
    """What the history knows a document by: its file, or, unsaved, something that lasts until Krita quits."""
    return document.fileName() or unsaved_key(document)


def is_wrapped() -> bool:
    """Whether the canvas in front is in wrap-around mode."""
    window = Krita.instance().activeWindow()
    view = window.activeView() if window else None
    canvas = view.canvas() if view else None
    return bool(canvas and canvas.wrapAroundMode())


def all_nodes(parent: Any) -> Any:
    """The nodes below one, with those in groups."""
    for node in parent.childNodes():
        yield node
        yield from all_nodes(node)


def is_within(document: Any, node: Any) -> bool:
    """Whether a layer is part of the document now; one that was deleted or undone still answers."""
    return node is not None and document.nodeByUniqueID(node.uniqueId()) is not None


def write_note(document: Any, name: str, description: str, text: str) -> None:
    """Keep a text in the document, which is saved with it."""
    document.setAnnotation(name, description, QByteArray(text.encode("utf-8")))


def read_note(document: Any, name: str) -> str:
    """What `write_note` has kept, or ""."""
    if name not in document.annotationTypes():
        return ""
    return bytes(document.annotation(name)).decode("utf-8", "replace")


CANVASES = ("KisOpenGLCanvas2", "KisQPainterCanvas")


def canvas_widgets() -> List[Any]:
    """The widgets that the painter paints on, in all windows.

    Only views are searched: to ask a whole window for its widgets, thousands of them, keeps it waiting for 50 ms.
    """
    views = [view for area in _view_areas() for view in area.subWindowList()]
    widgets = [widget for view in views for widget in view.findChildren(QtWidgets.QWidget)]
    return [widget for widget in widgets if widget.metaObject().className() in CANVASES]


def _view_areas() -> Iterator[Any]:
    """Where each window has its views: in a stack in its middle, or, detached, in a plain window that has the stack."""
    for window in QtWidgets.QApplication.topLevelWidgets():
        if isinstance(window, QtWidgets.QMainWindow):
            stacks = [window.centralWidget()]
        else:
            stacks = window.children() if type(window) is QtWidgets.QWidget else []
        for stack in stacks:
            if isinstance(stack, QtWidgets.QStackedWidget):
                yield from (part for part in stack.children() if isinstance(part, QtWidgets.QMdiArea))


def undo_actions() -> List[Any]:
    """What steps through the undo history of the document in front."""
    return [Krita.instance().action(name) for name in ("edit_undo", "edit_redo")]
