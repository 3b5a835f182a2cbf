"""Colours between a document's own space and sRGB, by Krita's own colour management.

`Node.setColorSpace` would write a step into the undo history of the painter's document and keep the old pixels for
ever. So one small hidden document converts: a layer in one space, the canvas in the other, and Krita converts when it
flattens. Each pixel counts for itself, so any run of them may be laid out as a square.
"""

from typing import NamedTuple

from krita import Krita

from ..qt import QByteArray

SIDE = 128
PIXELS = SIDE * SIDE
SRGB_PROFILE = "sRGB-elle-V2-srgbtrc.icc"
_SRGB_NAMES = (SRGB_PROFILE, "sRGB built-in", "sRGB IEC61966-2.1")
_SAMPLES = {"RGBA": 4, "CMYKA": 5, "LABA": 4, "XYZA": 4, "YCbCrA": 4, "GRAYA": 2, "A": 1}
_BYTES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}


class Space(NamedTuple):
    """A colour space as Krita names it."""

    model: str
    depth: str
    profile: str

    @property
    def pixel_bytes(self) -> int:
        return _SAMPLES[self.model] * _BYTES[self.depth]

    @property
    def wire_depth(self) -> str:
        """What this is sent in: 8 bits as 8, all that is deeper as 16."""
        return "U8" if self.depth == "U8" else "U16"

    @property
    def is_wire(self) -> bool:
        """Whether its pixels can be sent as they are."""
        return self.model == "RGBA" and self.depth in ("U8", "U16") and self.profile in _SRGB_NAMES


def space_of(thing) -> Space:
    """The space of a document or a node."""
    return Space(thing.colorModel(), thing.colorDepth(), thing.colorProfile())


def srgb(depth: str) -> Space:
    return Space("RGBA", depth, SRGB_PROFILE)


class Converter:
    """Converts runs of pixels from one space to another; both stay set until others are asked for."""

    _document = None

    def __init__(self) -> None:
        self._pair = self._node = None

    def prepare(self, source: Space, target: Space) -> None:
        """Set both spaces. The first time, and for each new pair, this takes a while."""
        if self._pair == (source, target):
            return
        document = self._hidden_document()
        self._pair = None
        for node in document.topLevelNodes():
            node.remove()
        document.setColorSpace(*target)
        self._node = document.createNode("pixels", "paintlayer")
        self._node.setColorSpace(*source)
        document.rootNode().addChildNode(self._node, None)
        document.setModified(False)  # or Krita would save it for recovery
        self._pair = (source, target)

    def converted(self, data: bytes) -> bytes:
        """At most `PIXELS` pixels in the source space -> the same pixels in the target space."""
        source, target = self._pair
        count = len(data) // source.pixel_bytes
        padding = b"\0" * ((PIXELS - count) * source.pixel_bytes)
        self._node.setPixelData(QByteArray(bytes(data) + padding), 0, 0, SIDE, SIDE)
        self._document.refreshProjection()
        self._document.setModified(False)
        return bytes(self._document.pixelData(0, 0, SIDE, SIDE))[: count * target.pixel_bytes]

    def _hidden_document(self):
        if Converter._document is None:
            Converter._document = Krita.instance().createDocument(
                SIDE, SIDE, "neural style scratch", "RGBA", "U8", SRGB_PROFILE, 72.0
            )
            Converter._document.setBatchmode(True)
        return Converter._document


CONVERTER = Converter()


def rows_at_once(width: int) -> int:
    """How many rows of this width are converted in one go."""
    return max(1, PIXELS // max(1, width))


def converted_long(data: bytes) -> "list":
    """`converted` for more pixels than the hidden document has; a list of runs."""
    step = PIXELS * CONVERTER._pair[0].pixel_bytes
    return [CONVERTER.converted(data[start : start + step]) for start in range(0, len(data), step)]
