"""What comes back: one new layer above the source that changes with every frame, or a group of kept frames.

Adding a layer is one step in Krita's undo history, writing its pixels is none: one Ctrl+Z takes all away.
The layer is filled before it is added, so the first frame costs no refresh of the whole picture.
"""

import time
from typing import Iterator, List, NamedTuple, Optional

from . import document as documents
from . import naming, scratch
from .document import Area
from .pixels import Picture
from .problems import ImageChanged, LayerGone, LayerLocked
from .pulse import REST
from .qt import QByteArray
from .scratch import CONVERTER, space_of
from .words import tr

CHOICE_S = 2.0


class Place(NamedTuple):
    """Where results go: above which layer (of which document), and onto which rectangle."""

    document: object
    above: object
    area: Area


class Result:
    """One layer that is rewritten by every picture."""

    def __init__(self, place: Place, name: str, follow: Optional[str] = None) -> None:
        """`follow`: the id of a layer that is there already and is to be gone on with."""
        self.document = place.document
        self.area = place.area
        self.name = name
        self.outlives_failure = False
        self.refresh_s = 0.0
        self._choice_until = 0.0
        self._above = place.above
        self._canvas = documents.measures(place.document)
        self._node = _found(place.document, follow) if follow else None
        self._added = self._node is not None

    @property
    def layer_id(self) -> str:
        return self._node.uniqueId().toString() if self._node is not None else ""

    def paint(self, picture: Picture) -> Iterator[None]:
        """Show a picture, a piece at a time. Raises LayerGone, ImageChanged or LayerLocked."""
        self.check()
        node = self._layer(picture)
        for _ in written(node, picture, self.area, self.check):
            yield
        if not self._added:
            yield from self._add()
        else:
            begun = time.monotonic()
            self.document.refreshProjection()
            self.refresh_s = time.monotonic() - begun

    def check(self) -> None:
        """Whether the painter still has what we paint on."""
        if not documents.is_open(self.document):
            raise LayerGone(tr("The picture was closed, so the job was cancelled."))
        if documents.measures(self.document) != self._canvas:
            raise ImageChanged(tr("The picture's size was changed. What was there is kept; stylize again to go on."))
        if self._added and not is_within(self.document, self._node):
            raise LayerGone(tr("The layer was deleted, so the job was cancelled."))
        if self._added and self._node.locked():
            raise LayerLocked(tr("The result's layer is locked. Unlock it to see the next frame."))

    def remove(self) -> None:
        """Take the layer away again; undoing that brings it back."""
        if self._added and documents.is_open(self.document) and is_within(self.document, self._root()):
            self._root().remove()
        self._added = False

    def toggle(self) -> None:
        """Show or hide the result."""
        if self._added and documents.is_open(self.document):
            root = self._root()
            root.setVisible(not root.visible())
            self.document.refreshProjection()

    def keep_choice(self) -> None:
        """Krita makes a new layer the active one, some time after it was added: the painter's stays theirs."""
        recent = time.monotonic() < self._choice_until
        if recent and is_within(self.document, self._above) and self.document.activeNode() == self._root():
            self.document.setActiveNode(self._above)

    def finish(self) -> None:
        """No further picture will come."""

    def _layer(self, picture: Picture):
        if self._node is None:
            self._node = self.document.createNode(self.name, "paintlayer")
            self._node.setInheritAlpha(self._above is not None and self._above.inheritAlpha())
        return self._node

    def _root(self):
        """What was added to the document: the layer itself."""
        return self._node

    def _add(self) -> Iterator[None]:
        parent, above = _where(self.document, self._above)
        self._added = parent.addChildNode(self._root(), above)
        self._choice_until = time.monotonic() + CHOICE_S
        yield REST


class KeptFrames(Result):
    """A group above the source: a layer for every chosen iteration, the result on top.

    All layers are there, empty, when the group is added, so that undo takes everything away in one step.
    """

    def __init__(self, place: Place, name: str, iterations: List[int]) -> None:
        super().__init__(place, name)
        self._iterations = iterations
        self._group = None
        self._layers = {}

    def _root(self):
        return self._group

    def _layer(self, picture: Picture):
        if self._group is None:
            self._build()
        self._node = self._layers.get(picture.iteration, self._layers[None])
        self._layers.setdefault(picture.iteration, self._node)
        return self._node

    def _build(self) -> None:
        self._group = self.document.createGroupLayer(self.name)
        self._group.setInheritAlpha(self._above is not None and self._above.inheritAlpha())
        for iteration in self._iterations:
            self._layers[iteration] = self.document.createNode(naming.kept_name(iteration), "paintlayer")
        self._layers[None] = self.document.createNode(self.name, "paintlayer")
        self._group.setChildNodes([self._layers[iteration] for iteration in [*self._iterations, None]])

    def finish(self) -> None:
        """Take away the layers of iterations that were never reached."""
        if not self._added or not documents.is_open(self.document):
            return
        for iteration in self._iterations:
            layer = self._layers.get(iteration)
            if layer is not None and layer.bounds().isEmpty() and is_within(self.document, layer):
                layer.remove()


def written(node, picture: Picture, area: Area, check) -> Iterator[None]:
    """Write the pieces into a layer in its own colour space."""
    space = space_of(node)
    depth = "U16" if picture.format == "RGBA16" else "U8"
    direct = space.is_wire and space.depth == depth
    for piece in picture.pieces:
        check()
        data = piece.data
        if not direct:
            CONVERTER.prepare(scratch.srgb(depth), space)
            data = b"".join(scratch.converted_long(data))
        node.setPixelData(QByteArray(data), area.x, area.y + piece.top, picture.width, piece.rows)
        yield


def _found(document, identity: str):
    for node in _all_nodes(document.rootNode()):
        if node.uniqueId().toString() == identity:
            return node
    return None


def _all_nodes(parent) -> Iterator:
    for node in parent.childNodes():
        yield node
        yield from _all_nodes(node)


def is_within(document, node) -> bool:
    """Whether a layer is part of the document now; one that was deleted or undone still answers."""
    return node is not None and document.nodeByUniqueID(node.uniqueId()) is not None


def _where(document, above):
    """(parent, layer to go above); the top of the picture if that layer has gone meanwhile."""
    if above is not None and is_within(document, above) and above.parentNode() is not None:
        return above.parentNode(), above
    return document.rootNode(), None


def layer_names(document) -> List[str]:
    return [node.name() for node in _all_nodes(document.rootNode())]
