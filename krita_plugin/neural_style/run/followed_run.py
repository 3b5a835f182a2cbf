"""A job that the daemon has already: it goes on, or its result comes back."""

from typing import Any

from ..document.frame_to_layer import Place, ResultLayer
from ..document.open_documents import Area
from ..document.pen import Pen
from ..neural_style_client.errors import PainterError
from ..neural_style_client.job_history import Entry
from ..neural_style_client.regions import EACH
from ..neural_style_client.tasks import Task
from ..neural_style_client.translations import tr
from .earlier_result import EarlierResult
from .job_run import OVER, WAITING, JobRun


class FollowedRun(JobRun):
    """Begun by `follow`, not by `begin`."""

    def follow(self, entry: Entry, more: int, above: Any) -> None:
        """`more` iterations, or 0 to bring its result back."""
        self.area = Area(*entry.area)
        self.result = ResultLayer(Place(self.document, above, self.area), self._layer_name(""), entry.layer)
        self.record = {"id": entry.job, "seed": entry.seed}
        self.iteration = entry.iteration
        self._earlier = EarlierResult(self.document, self.chosen, self.area)
        self._pen = Pen()
        self._become(WAITING)
        self._add_task(self._follow(entry, more))

    def _follow(self, entry: Entry, more: int) -> Task:
        """What regions have marked is read again where the result was a group of them."""
        if more == 0 and self.chosen.region_result == EACH:
            try:
                yield from self._earlier.read_marks()
            except PainterError as problem:
                self._tell(self, "problem", "{} {}".format(problem, tr("So the result is one layer.")))
        if self.phase != OVER:
            self.session.follow(entry.job, entry.last_event if more else 0, self._earlier.going_on(entry.job, more))
