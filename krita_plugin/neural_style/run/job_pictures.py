"""All pictures of one job as they are read from the document: the layer, where it starts, what marks its regions."""

from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..document import marks, pixels
from ..document.open_documents import Area, canvas_of
from ..document.pixels import Piece
from ..document.source import Source, pieces_of
from ..neural_style_client.api import Pixels
from ..neural_style_client.changed_area import Rectangle, cut_small
from ..neural_style_client.errors import PainterError
from ..neural_style_client.job_session import JobRequest
from ..neural_style_client.masks import alpha_of, mask_pixels
from ..neural_style_client.parameters import INSTEAD, START_LAYER, Parameters
from ..neural_style_client.region_layers import RegionLayer, region_layers
from ..neural_style_client.regions import EACH, MarkedRegion, Region
from ..neural_style_client.tasks import Task
from ..neural_style_client.translations import tr


class JobPictures:
    """Reading is a task in Krita's thread; `request` is for the session's, and may be called once."""

    def __init__(self, source: Source, chosen: Parameters, live_picture: Optional[Pixels] = None) -> None:
        """`live_picture`: to start from, the whole canvas, small, in Krita's order of channels. Raises PainterError
        where a layer that the painter chose is gone, or the result could not be where it is wanted."""
        if chosen.place == INSTEAD and source.mask is not None:
            raise PainterError(tr("What is selected cannot take the place of the whole layer. Select nothing."))
        self._source = source
        self._regions = found_marks(source.document, chosen.regions)
        self._start: Any = None
        if chosen.start == START_LAYER[0]:
            self._start = marks.find_start(source.document, chosen.start_id, chosen.start_layer)
        self._live_picture: Optional[Pixels] = None
        if live_picture is not None:
            canvas = canvas_of(source.document)
            self._live_picture = cut_small(live_picture, canvas.width, canvas.height, Rectangle(*source.area))
        self._content: List[Piece] = []
        self._init: List[Piece] = []
        self.marked: List[MarkedRegion] = []
        self.region_layers: List[RegionLayer] = []
        self._wants_layers = chosen.region_result == EACH

    def read(self) -> Task:
        """Read them all, a piece at a time. Raises PainterError."""
        source = self._source
        for piece in source.pieces():
            self._content.append(piece)
            yield
        if self._start is not None:
            for piece in pieces_of(source.document, self._start, source.area, source.depth):
                self._init.append(piece)
                yield
        self.marked = yield from read_marks(source.document, self._regions, source.area)

    def request(self, body: Dict[str, Any]) -> JobRequest:
        width, height = self._source.area.width, self._source.area.height
        mask = self._source.mask and mask_pixels(width, height, self._source.mask)
        init = self._live_start() or (self._pixels(self._init) if self._init else None)
        content = self._pixels(self._content)
        if self._wants_layers:
            self.region_layers = region_layers(self.marked, alpha_of(content))
        return JobRequest(body, content, mask, init, self.marked)

    def content(self) -> Pixels:
        """The layer alone."""
        return self._pixels(self._content)

    def _live_start(self) -> Optional[Pixels]:
        """Live's picture as it is sent; the daemon makes it as large as it needs."""
        found = self._live_picture
        return found and found._replace(data=bytes(pixels.swapped(found.data, found.format)))

    def _pixels(self, pieces: List[Piece]) -> Pixels:
        area, kind = self._source.area, self._source.format
        found = Pixels(area.width, area.height, kind, pixels.to_daemon(pieces, kind))
        pieces.clear()
        return found


FoundMarks = List[Tuple[Region, Any]]


def found_marks(document: Any, regions: Sequence[Region]) -> FoundMarks:
    """Each region with what marks it. Raises PainterError where that is gone."""
    return [(region, marks.find_marker(document, region)) for region in regions]


def read_marks(document: Any, found: FoundMarks, area: Area) -> Task:
    """Task for the MarkedRegions: what each marks of a rectangle."""
    marked = []
    for region, nodes in found:
        marked.append(MarkedRegion(region, (yield from marks.weights(document, nodes, area))))
    return marked
