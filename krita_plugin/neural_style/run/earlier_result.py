"""A result that comes back, or goes on: what is known of its job beside the pixels."""

from typing import Any, Callable, List, Optional

from ..document.open_documents import Area
from ..neural_style_client.api import Client, Pixels
from ..neural_style_client.job_session import going_on
from ..neural_style_client.masks import alpha_of
from ..neural_style_client.parameters import Parameters
from ..neural_style_client.region_layers import RegionLayer, region_layers
from ..neural_style_client.regions import MarkedRegion
from ..neural_style_client.tasks import Task
from .job_pictures import found_marks, read_marks


class EarlierResult:
    """`mask`: a weight for each pixel of what was selected then, None where nothing was."""

    def __init__(self, document: Any, chosen: Parameters, area: Area) -> None:
        self.mask: Optional[bytes] = None
        self._document, self._chosen, self._area = document, chosen, area
        self._marked: List[MarkedRegion] = []

    def read_marks(self) -> Task:
        """Read what marks the regions now, where they are to be layers again. Raises PainterError."""
        found = found_marks(self._document, self._chosen.regions)
        self._marked = yield from read_marks(self._document, found, self._area)

    def going_on(self, job: str, more: int) -> Callable[[Client], None]:
        """What the session is to ask first, on its thread."""
        ask = going_on(job, more)

        def begin(client: Client) -> None:
            mask = (ask(client).get("request") or {}).get("mask")
            if mask:
                self.mask = client.image(mask).data[::4]

        return begin

    def region_layers(self, found: Pixels) -> List[RegionLayer]:
        """Those of the first picture; none where it is to be one layer."""
        marked, self._marked = self._marked, []
        return region_layers(marked, alpha_of(found)) if marked else []
