"""Where Live's picture shows: a locked layer of its own above the one that it follows.

Adding it is the one step in Krita's undo history; its frames are none. Only where a frame differs from the one before
are pixels written.
"""

from typing import Any, Optional

from ..neural_style_client.api import Pixels
from ..neural_style_client.changed_area import Rectangle, changed_area
from ..neural_style_client.tasks import Task
from ..neural_style_client.translations import tr
from . import layer_names, scaling
from .errors import LayerGone
from .frame_to_layer import Place, ResultLayer, write_pixels
from .open_documents import Area, all_nodes, is_open, is_within
from .pixels import Picture, Piece, bands

PIECE_PIXELS = 1 << 17
LABEL = 2
"""Green, of Krita's labels for layers."""


class LiveLayer(ResultLayer):
    """`area` is the whole canvas."""

    def __init__(self, place: Place, title: str) -> None:
        super().__init__(place, layer_names.live_name(title))
        self._shown: Optional[Pixels] = None

    @property
    def is_hidden(self) -> bool:
        return self._added and not self._node.visible()

    def show(self, frame: Pixels) -> Task:
        """Write what is new of a frame, small, in Krita's order of channels. Raises LayerGone."""
        changed = changed_area(self._shown or frame._replace(width=0), frame)
        if changed is None:
            return
        part = self._on_canvas(changed, frame)
        picture = scaling.picture_of(frame.data, frame.width, frame.height)
        pieces = (
            Piece(top, rows, scaling.enlarged(picture, self._size(), Rectangle(part.x, part.y + top, part.width, rows)))
            for top, rows, _ in bands(part.width, part.height, PIECE_PIXELS)
        )
        yield from self._make()
        node, found = self._node, Picture(part.width, part.height, "RGBA8", pieces, 0)
        self._shown = None  # until all of it is
        yield from write_pixels(node, found, part, self.check)
        self._shown = frame
        if not self._added:
            node.setLocked(True)
            node.setColorLabel(LABEL)
        yield from self._appear()

    def check(self) -> None:
        if not is_open(self.document):
            raise LayerGone(tr("The picture was closed, so Live is off."))
        if self._added and not is_within(self.document, self._node):
            raise LayerGone(tr("Live's layer was taken away, so Live is off."))

    def rename(self, title: str) -> None:
        self.name = layer_names.live_name(title)
        if self._added:
            self._node.setName(self.name)

    def keep(self, title: str, source: str) -> bool:
        """It becomes an ordinary layer; False where there is none yet."""
        if not self._added or not is_within(self.document, self._node):
            return False
        taken = [node.name() for node in all_nodes(self.document.rootNode())]
        self._node.setName(layer_names.result_name(title, source, taken))
        self._node.setLocked(False)
        self._node.setColorLabel(0)
        return True

    def _size(self) -> Any:
        return self.area.width, self.area.height

    def _on_canvas(self, changed: Rectangle, frame: Pixels) -> Area:
        """The pixels that a rectangle of the frame has a say in."""
        across, down = self.area.width / frame.width, self.area.height / frame.height
        left, top = max(0, int((changed.x - 1) * across)), max(0, int((changed.y - 1) * down))
        right = min(self.area.width, int((changed.x + changed.width + 1) * across) + 1)
        bottom = min(self.area.height, int((changed.y + changed.height + 1) * down) + 1)
        return Area(left, top, right - left, bottom - top)
