"""The layer that Live follows: whether it has changed, and how it looks, small.

Krita says of no change, so the layer is looked at: a few of its rows now and then, which costs next to nothing, and
the whole when those have changed or the painter's hand has done something.
"""

import zlib
from math import ceil
from typing import Any, Iterator, NamedTuple, Optional, Tuple

from ..neural_style_client.api import Pixels
from ..neural_style_client.masks import mask_pixels
from ..neural_style_client.tasks import Task
from ..neural_style_client.translations import tr
from . import colour_conversion, scaling
from .colour_conversion import CONVERTER, space_of
from .errors import ImageChanged, LayerGone
from .open_documents import canvas_of, is_open, is_within
from .pixels import swapped
from .source import Source

ROWS = 48
PIECE_PIXELS = 1 << 16
"""So much is read in one go: about a millisecond."""


_NOTHING_OR_ALL = bytes([0] + [255] * 255)


class Look(NamedTuple):
    """The layer and the selection at Live's size; `mask` None where nothing is selected."""

    content: Pixels
    mask: Optional[Pixels]

    @property
    def is_empty(self) -> bool:
        seen = _bits(self.content.data[3::4])
        return not (seen if self.mask is None else seen & _bits(self.mask.data[::4]))


class LiveSource:
    """Raises PainterError for what has no picture of its own. `long_side`: of a look, in pixels."""

    def __init__(self, document: Any, long_side: int) -> None:
        self.document = document
        self.node = Source(document, seamless=True).node
        self.name = self.node.name()
        self.canvas = canvas_of(document)
        factor = max(1.0, max(self.canvas.width, self.canvas.height) / long_side)
        self._factor = ceil(factor)
        self.size = self._reduced(self.canvas.width), self._reduced(self.canvas.height)

    def check(self) -> None:
        """Raises LayerGone or ImageChanged where Live cannot go on."""
        if not is_open(self.document):
            raise LayerGone(tr("The picture was closed, so Live is off."))
        if canvas_of(self.document) != self.canvas:
            raise ImageChanged(tr("The picture's size was changed, so Live is off. Switch it on again to go on."))
        if not is_within(self.document, self.node):
            raise LayerGone(tr("“{}” was deleted, so Live is off. Choose a layer and switch it on again.", self.name))

    def why_not_now(self) -> str:
        """What the painter did to the layer that Live waits for the end of, or ""."""
        node = self.node
        while node is not None:
            if not node.visible():
                return tr("“{}” is hidden. Show it to go on.", node.name())
            node = node.parentNode()
        if self.node.type() == "grouplayer" and self.node.passThroughMode():
            return tr("“{}” passes through, so it has no picture of its own. Switch that off to go on.", self.name)
        return ""

    def sample(self) -> Tuple[int, ...]:
        """Another one where the layer was changed in more than a few pixels, or the selection at all."""
        width, height = self.canvas.width, self.canvas.height
        step, found = max(1, height // ROWS), 0
        for top in range(step // 2, height, step):
            found = zlib.crc32(bytes(self.node.projectionPixelData(0, top, width, 1)), found)
        selection = self.document.selection()
        if selection is None:
            return (found,)
        return (found, selection.x(), selection.y(), selection.width(), selection.height())

    def look(self) -> Task:
        """A `Look`, read a piece at a time."""
        width, content = self.canvas.width, []
        for top, count in self._bands():
            data = self._srgb(bytes(self.node.projectionPixelData(0, top, width, count)))
            content.append(scaling.reduced(data, (width, count), (self.size[0], self._reduced(count))))
            yield
        data = bytes(swapped(b"".join(content), "RGBA8"))
        lines = len(data) // (4 * self.size[0])
        mask = yield from self._mask(lines)
        return Look(Pixels(self.size[0], lines, "RGBA8", data), mask)

    def _bands(self) -> Iterator[Tuple[int, int]]:
        """(first row, rows) of what is read in one go; each becomes whole rows of the look."""
        rows = max(1, PIECE_PIXELS // (self.canvas.width * self._factor)) * self._factor
        for top in range(0, self.canvas.height, rows):
            yield top, min(rows, self.canvas.height - top)

    def _mask(self, lines: int) -> Task:
        selection = self.document.selection()
        if selection is None or selection.width() <= 0 or selection.height() <= 0:
            return None
        width, weights = self.canvas.width, []
        for top, count in self._bands():
            band = bytes(selection.pixelData(0, top, width, count))
            weights.append(scaling.reduced_weights(band, (width, count), (self.size[0], self._reduced(count))))
            yield
        return mask_pixels(self.size[0], lines, b"".join(weights))

    def _srgb(self, data: bytes) -> bytes:
        space = space_of(self.node)
        if space.is_wire:
            return data if space.depth == "U8" else data[1::2]  # of each 16 bits the upper 8
        CONVERTER.prepare(space, colour_conversion.srgb("U8"))
        return b"".join(colour_conversion.converted_long(data))

    def _reduced(self, length: int) -> int:
        return max(1, round(length / self._factor))


def _bits(weights: bytes) -> int:
    """Ones where a byte is not 0."""
    return int.from_bytes(weights.translate(_NOTHING_OR_ALL), "little")
