"""What goes out: the current layer's look, the selection, and where on the canvas it belongs."""

from contextlib import contextmanager
from typing import Iterator, Optional

from ..neural_style_client.errors import PainterError
from ..neural_style_client.translations import tr
from . import colour_conversion, pixels
from .colour_conversion import CONVERTER, space_of
from .errors import EmptyLayer
from .open_documents import Area, is_open
from .pixels import Piece

NOT_A_PICTURE = ("transparencymask", "filtermask", "transformmask", "selectionmask", "colorizemask")
MARGIN = 0.1
"""So much of the selection's size is sent around it, so that strokes have surroundings to flow from."""


def prepare(document) -> None:
    """Make ready for this document's colours, so that the first job does not have to."""
    space = space_of(document)
    if not space.is_wire:
        CONVERTER.prepare(space, colour_conversion.srgb(space.wire_depth))


class Source:
    """The layer that was current when the job began. Raises PainterError when there is nothing to send.

    `surroundings`: with a selection, whether some of what lies around it is sent too.
    """

    def __init__(self, document, seamless: bool = False, node=None, surroundings: bool = True) -> None:
        if document is None:
            raise PainterError(tr("No picture is open. Open one and choose a layer."))
        self.document = document
        self.node = _stylisable(node or document.activeNode())
        self.name = self.node.name()
        self.depth = space_of(document).wire_depth
        self.mask: Optional[bytes] = None
        self.area = self._area(seamless)
        self._read_selection(surroundings)

    @property
    def format(self) -> str:
        return pixels.FORMATS[self.depth]

    def _area(self, seamless: bool) -> Area:
        canvas = Area(0, 0, self.document.width(), self.document.height())
        if seamless:
            return canvas  # only the whole canvas has edges that meet
        area = _overlap(canvas, _rectangle(self.node.bounds()))
        if area is None:
            raise EmptyLayer(tr("“{}” is empty on the canvas. Paint on it or choose another layer.", self.name))
        return area

    def _read_selection(self, surroundings: bool) -> None:
        """Narrow the area to the selection, and take the selection's weights along."""
        selection = self.document.selection()
        if selection is None or selection.width() <= 0 or selection.height() <= 0:
            return
        chosen = _rectangle(selection)
        if _overlap(self.area, chosen) is None:
            raise PainterError(tr("The selection does not touch “{}”. Select some of it, or nothing.", self.name))
        self.area = _overlap(self.area, _grown(chosen) if surroundings else chosen) or self.area
        self.mask = bytes(selection.pixelData(*self.area))

    def pieces(self) -> Iterator[Optional[Piece]]:
        """The layer's look in Krita's order of sRGB, band by band. None: nothing yet, go on."""
        return pieces_of(self.document, self.node, self.area, self.depth)


def pieces_of(document, node, area: Area, depth: str) -> Iterator[Optional[Piece]]:
    """A rectangle of a layer's look in Krita's order of sRGB, band by band; `depth` is "U8" or "U16"."""
    with _own_look(document, node):
        space = space_of(node)
        direct = space.is_wire and space.depth == depth
        rows = max(1, pixels.PIECE_PIXELS // area.width) if direct else colour_conversion.rows_at_once(area.width)
        for top, count, _ in pixels.bands(area.width, area.height, rows * area.width):
            if not is_open(document):
                raise PainterError(tr("The picture was closed."))
            data = bytes(node.projectionPixelData(area.x, area.y + top, area.width, count))
            if not direct:
                CONVERTER.prepare(space, colour_conversion.srgb(depth))
                data = b"".join(colour_conversion.converted_long(data))
            yield Piece(top, count, data)


@contextmanager
def _own_look(document, node) -> Iterator[None]:
    """A group that passes through has no picture of its own; while it is read it is an ordinary one."""
    passes = node.type() == "grouplayer" and node.passThroughMode()
    if passes:
        node.setPassThroughMode(False)
        document.refreshProjection()
    try:
        yield
    finally:
        if passes and is_open(document):
            node.setPassThroughMode(True)
            document.refreshProjection()


def _stylisable(node):
    if node is None:
        raise PainterError(tr("No layer is chosen. Choose one in the Layers docker."))
    if node.type() == "filterlayer":
        raise PainterError(
            tr("“{}” is a filter layer, which has no picture of its own. Choose a group with it inside.", node.name())
        )
    if node.type() in NOT_A_PICTURE:
        raise PainterError(tr("“{}” is a mask. Choose the layer it belongs to.", node.name()))
    return node


def layer_of(node):
    """The layer that a mask belongs to; of any other node itself."""
    while node is not None and node.type() in NOT_A_PICTURE:
        node = node.parentNode()
    return node


def _rectangle(bounds) -> Area:
    return Area(bounds.x(), bounds.y(), bounds.width(), bounds.height())


def _overlap(one: Area, other: Area) -> Optional[Area]:
    left, top = max(one.x, other.x), max(one.y, other.y)
    right = min(one.x + one.width, other.x + other.width)
    bottom = min(one.y + one.height, other.y + other.height)
    return Area(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _grown(area: Area) -> Area:
    x, y = int(area.width * MARGIN) + 8, int(area.height * MARGIN) + 8
    return Area(area.x - x, area.y - y, area.width + 2 * x, area.height + 2 * y)
