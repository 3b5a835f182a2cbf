"""How a frame reaches a Krita layer: one new layer above the source that every frame rewrites, or a group of those of
the regions, or of kept frames.

Adding a layer is one step in Krita's undo history, writing its pixels is none: one Ctrl+Z takes all away. The layer is
filled before it is added, so the first frame costs no refresh of the whole picture.
"""

import time
from typing import Any, Callable, Dict, List, NamedTuple, Sequence

from ..neural_style_client.tasks import WAIT, Task
from ..neural_style_client.translations import tr
from ..qt import QByteArray
from . import colour_conversion, layer_names, region_group
from .colour_conversion import CONVERTER, space_of
from .errors import ImageChanged, LayerGone, LayerLocked
from .open_documents import Area, all_nodes, canvas_of, is_open, is_within
from .pen import Pen
from .pixels import Picture
from .region_group import Part
from .source import layer_of

ACTIVE_S = 2.0
RESTS_PER_REFRESH = 5
LONGEST_REST_S = 2.0
"""Krita stands still while it flattens a picture anew; between two frames the painter has five times as long."""


class Place(NamedTuple):
    """Where results go: above which layer (of which document), and onto which rectangle."""

    document: Any
    above: Any
    area: Area


class ResultLayer:
    """One layer that is rewritten by every frame, or a group of `parts` that all are."""

    def __init__(self, place: Place, name: str, follow: str = "", parts: Sequence[Part] = ()) -> None:
        """`follow`: the id of a layer or group that is there already and goes on to be rewritten."""
        self.document = place.document
        self.area = place.area
        self.name = name
        self.outlives_failure = False
        self._refresh_s = 0.0
        self._active_until = 0.0
        self._above = place.above
        self._canvas = canvas_of(place.document)
        self._parts = parts
        self._node = _found(place.document, follow) if follow else None
        self._added = self.was_there = self._node is not None
        self._layers = region_group.layers_of(self._node) if self._added else []

    @property
    def layer_id(self) -> str:
        return self._node.uniqueId().toString() if self._node is not None else ""

    @property
    def rest_s(self) -> float:
        """How long the next frame should wait."""
        return min(LONGEST_REST_S, RESTS_PER_REFRESH * self._refresh_s)

    def show_frame(self, picture: Picture) -> Task:
        """Write a frame, a piece at a time. Raises LayerGone, ImageChanged or LayerLocked."""
        self.check()
        yield from self._make()
        for layer in self._written_by(picture):
            yield from write_pixels(layer, picture, self.area, self.check)
        yield from self._appear()

    def _appear(self) -> Task:
        """Let the painter see what was written; how long Krita takes for that is remembered."""
        if not self._added:
            yield from self._add()
        else:
            begun = time.monotonic()
            self.document.refreshProjection()
            self._refresh_s = time.monotonic() - begun

    def check(self) -> None:
        """Whether the painter still has what we paint on."""
        check_document(self.document, self._canvas)
        if self._added and not is_within(self.document, self._node):
            raise LayerGone(tr("The layer was deleted, so the job was cancelled."))
        if self._added and any(one.locked() for one in (self._node, *self._still_there())):
            raise LayerLocked(tr("The result's layer is locked. Unlock it to see the next frame."))

    def remove(self) -> None:
        """Take the layer away again; undoing that brings it back. One that was there before is the painter's."""
        if self._added and not self.was_there and is_open(self.document) and is_within(self.document, self._root()):
            self._root().remove()
        self._added = False

    def take_away(self, pen: Pen, add_task: Callable[[Task], Any]) -> None:
        """`remove`, at once unless a stroke would be spoilt; then as soon as the pen is up."""
        if pen.is_pressed():
            add_task(self._removed_when_up(pen))
        else:
            pen.stop()
            self.remove()

    def _removed_when_up(self, pen: Pen) -> Task:
        yield from pen.until_up()
        pen.stop()
        self.remove()

    def take_place_of(self, node: Any, pen: Pen) -> Task:
        """Remove the layer that was painted, once the pen is up; undoing that brings it back."""
        yield from pen.until_up()
        pen.stop()
        if self._added and is_open(self.document) and is_within(self.document, node):
            root = self._root()
            if root.opacity() != node.opacity():  # each is a step in the undo history
                root.setOpacity(node.opacity())
            if root.blendingMode() != node.blendingMode():
                root.setBlendingMode(node.blendingMode())
            node.remove()
            self.document.setActiveNode(root)

    def toggle(self) -> None:
        """Show or hide the result."""
        if self._added and is_open(self.document):
            root = self._root()
            root.setVisible(not root.visible())
            self.document.refreshProjection()

    def keep_active_layer(self) -> None:
        """Krita makes a new layer the active one, some time after it was added: the painter's stays theirs."""
        recent = time.monotonic() < self._active_until
        if recent and is_within(self.document, self._above) and self.document.activeNode() == self._root():
            self.document.setActiveNode(self._above)

    def finish(self) -> None:
        """No further frame will come."""

    def become_group(self, parts: Sequence[Part]) -> None:
        """A result that is not in the document yet is to be a group of these."""
        if self._node is None:
            self._parts = parts

    def _written_by(self, picture: Picture) -> List[Any]:
        """The layers that a frame is written to."""
        return self._still_there()

    def _make(self) -> Task:
        """The layer or group, which is in the document once it has pixels."""
        if self._node is None and self._parts:
            made = yield from region_group.new_group(self.document, self.name, self._parts, self.area)
            self._node, self._layers = made
            self._inherit_alpha(self._node)
        elif self._node is None:
            self._node = self.document.createNode(self.name, "paintlayer")
            self._layers = [self._node]
            self._inherit_alpha(self._node)

    def _still_there(self) -> List[Any]:
        """Without the layers of a group that the painter has taken out."""
        return [one for one in self._layers if not self._added or is_within(self.document, one)]

    def _inherit_alpha(self, node: Any) -> None:
        node.setInheritAlpha(self._above is not None and self._above.inheritAlpha())

    def _root(self) -> Any:
        """What was added to the document: the layer or group itself."""
        return self._node

    def _add(self) -> Task:
        parent, above = self.document.rootNode(), layer_of(self._above)
        if is_within(self.document, above) and above.parentNode() is not None:
            parent = above.parentNode()
        else:
            above = None
        self._added = parent.addChildNode(self._root(), above)
        self._active_until = time.monotonic() + ACTIVE_S
        yield WAIT


class KeptFramesGroup(ResultLayer):
    """A group above the source: a layer for every chosen iteration, the result on top.

    All layers are there, empty, when the group is added, so that undo takes everything away in one step.
    """

    def __init__(self, place: Place, name: str, iterations: List[int], parts: Sequence[Part] = ()) -> None:
        super().__init__(place, name, parts=parts)
        self._iterations = iterations
        self._group = None
        self._kept: Dict[int, Any] = {}

    def _root(self) -> Any:
        return self._group

    def _written_by(self, picture: Picture) -> List[Any]:
        kept = self._kept.get(picture.iteration)
        return self._still_there() if kept is None else [kept]

    def _make(self) -> Task:
        yield from super()._make()
        if self._group is None:
            self._group = self.document.createGroupLayer(self.name)
            for iteration in self._iterations:
                self._kept[iteration] = self.document.createNode(layer_names.kept_name(iteration), "paintlayer")
            self._node.setInheritAlpha(False)
            self._inherit_alpha(self._group)
            self._group.setChildNodes([*self._kept.values(), self._node])

    def finish(self) -> None:
        """Take away the layers of iterations that were never reached."""
        if not self._added or not is_open(self.document):
            return
        for layer in self._kept.values():
            if layer.bounds().isEmpty() and is_within(self.document, layer):
                layer.remove()


def check_document(document: Any, canvas: Area) -> None:
    """Raises LayerGone or ImageChanged where it is closed, or has not the measures any more that a job began with."""
    if not is_open(document):
        raise LayerGone(tr("The picture was closed, so the job was cancelled."))
    if canvas_of(document) != canvas:
        raise ImageChanged(tr("The picture's size was changed. What was there is kept; stylize again to go on."))


def write_pixels(node: Any, picture: Picture, area: Area, check: Callable[[], None]) -> Task:
    """Write the pieces into a layer in its own colour space, where the painter may have moved it to."""
    space = space_of(node)
    depth = "U16" if picture.format == "RGBA16" else "U8"
    direct = space.is_wire and space.depth == depth
    for piece in picture.pieces:
        check()
        data = piece.data
        if not direct:
            CONVERTER.prepare(colour_conversion.srgb(depth), space)
            data = b"".join(colour_conversion.converted_long(data))
        moved = node.position()
        x, y = area.x + moved.x(), area.y + moved.y()
        node.setPixelData(QByteArray(data), x, y + piece.top, picture.width, piece.rows)
        yield


def _found(document: Any, identity: str) -> Any:
    nodes = all_nodes(document.rootNode())
    return next((node for node in nodes if node.uniqueId().toString() == identity), None)
