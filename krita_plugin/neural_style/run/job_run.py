"""One job from the button to the last frame: reads the layer, sends it, shows what comes back."""

import os
from functools import partial
from typing import Any, Dict, Mapping, Optional

from ..document import colour_conversion, open_documents, pixels
from ..document.errors import ImageChanged, LayerGone, LayerLocked
from ..document.frame_to_layer import Place, ResultLayer, check_document
from ..document.layer_names import result_name
from ..document.open_documents import Area, all_nodes
from ..document.pen import Pen
from ..document.pixels import Picture
from ..document.source import Source
from ..neural_style_client.api import Pixels
from ..neural_style_client.errors import PainterError
from ..neural_style_client.job_session import Frame, JobSession
from ..neural_style_client.parameters import INSTEAD, Parameters, is_seamless, job_body
from ..neural_style_client.regions import empty_ones
from ..neural_style_client.tasks import Task
from ..neural_style_client.translations import N_, tr
from . import results
from .earlier_result import EarlierResult
from .frame_display import FrameDisplay
from .job_pictures import JobPictures

LOCKED_TO_THE_END = N_("The result's layer is locked and has not the last picture. Take History → Insert result.")
READING, WAITING, RUNNING, PAUSED, OVER = "reading", "waiting", "running", "paused", "over"


class JobRun:
    """Reports "phase", "progress", "submitted", "problem" and, last, "over" to `controller.run_changed`; "held up" with
    what stands in the way for now, or with "", and "refused" with what the painter asked for in vain."""

    frame: Optional[int] = None
    """Only a film has one."""

    def __init__(self, document: Any, chosen: Parameters, title: str, controller: Any, wrapped: bool = False) -> None:
        self.document = document
        self.chosen = chosen
        self.title = title
        self.phase = self.state = READING
        self.record: Dict[str, Any] = {}
        self.key = open_documents.key(document)
        self.iteration = 0
        self.result: Optional[ResultLayer] = None
        self.source: Optional[Source] = None
        self.area: Optional[Area] = None
        self._pictures: Optional[JobPictures] = None
        self._earlier: Optional[EarlierResult] = None
        self._pen: Optional[Pen] = None
        self.layer: Any = None
        self._live_picture: Optional[Pixels] = None
        self.wrapped = wrapped
        self._converts = not colour_conversion.space_of(document).is_wire
        self._add_task = controller.ticker.add
        self._tell = controller.run_changed
        self._parts_of = partial(results.parts_of, title, controller.presets.title_of)
        self._kept_early = self._is_locked = False
        self._canvas = open_documents.canvas_of(document)
        post = controller.daemon.post
        self.session = JobSession(controller.daemon.find, lambda *said: post(self._heard, *said), self._to_krita)
        self._display = FrameDisplay(
            self._add_task, lambda task: self._pen.while_up(task), self._shown, self._not_shown, self.session.taken
        )

    # beginning

    def begin(self) -> None:
        """Read the layer now; raises PainterError when there is nothing to send."""
        painted = self.chosen if self._live_picture is None else self.chosen.changed(start="")  # that is the start
        body = job_body(painted, client_name(), self.wrapped)
        self.source = Source(self.document, is_seamless(self.chosen, self.wrapped), self.layer)
        self.area = self.source.area
        self._pictures = JobPictures(self.source, painted, self._live_picture)
        self._pen = Pen()
        self._add_task(self._send(body))

    def go_on_from(self, layer: Any, picture: Optional[Pixels]) -> None:
        """Before `begin`: paint this layer, and start with Live's picture, which is the whole canvas, small. The chosen
        start is for the next time."""
        self.layer, self._live_picture = layer, picture

    def _send(self, body: Dict[str, Any]) -> Task:
        try:
            for step in self._pictures.read():
                if self.phase == OVER:
                    return
                yield step
        except PainterError as problem:
            self._stop("failed", str(problem))
            return
        self._become(WAITING)
        left_out = empty_ones(self._pictures.marked)
        if left_out:
            self._tell(self, "problem", left_out)
        self.session.send(lambda: self._pictures.request(body))

    def _to_krita(self, found: Pixels) -> Picture:
        """On the session's thread. Pieces to be converted are as large as the converter takes at once."""
        mask = (self.source or self._earlier).mask
        layers = self._earlier.region_layers(found) if self._earlier is not None else []
        if layers:
            self.result.become_group(self._parts_of(layers))
        if not self._converts:
            return pixels.picture_of(found, mask)
        return pixels.picture_of(found, mask, colour_conversion.rows_at_once(found.width) * found.width)

    def _layer_name(self, source: str) -> str:
        return result_name(self.title, source, [node.name() for node in all_nodes(self.document.rootNode())])

    # what the session says

    def _heard(self, name: str, value: Any) -> None:
        if self.phase != OVER:
            getattr(self, "_on_" + name)(value)

    def _on_submitted(self, record: Dict[str, Any]) -> None:
        self.watch()  # what is painted may not fit the picture any more
        if self.phase == OVER:
            return
        self.record = record
        if self.result is None:
            self.result = self._new_result(record)
        self._tell(self, "submitted", record)

    def _new_result(self, record: Mapping[str, Any]) -> ResultLayer:
        place = Place(self.document, self.source.node, self.area)
        parts = self._parts_of(self._pictures.region_layers)
        return results.new_result(place, self._layer_name(self.source.name), self.chosen, record, parts)

    def _on_state(self, state: str) -> None:
        self.state = state
        self._become(state if state in (RUNNING, PAUSED) else WAITING)

    def _on_progress(self, value: Mapping[str, Any]) -> None:
        self.iteration = int(value.get("iteration") or 0)
        if self.phase == WAITING:
            self._on_state(RUNNING)
        self._tell(self, "progress", value)

    def _on_notice(self, text: str) -> None:
        self._tell(self, "refused", text)

    def _on_frame(self, frame: Frame) -> None:
        self._display.show(self.result, frame.pixels)

    def _on_ended(self, state: str) -> None:
        if self.result is not None:
            self.result.finish()
            if self.chosen.place == INSTEAD and state == "done" and self.source is not None and not self._is_locked:
                self._add_task(self.result.take_place_of(self.source.node, Pen()))
        text = tr(LOCKED_TO_THE_END) if self._is_locked and state == "done" else ""
        self._stop("kept" if self._kept_early and state == "done" else state, text)

    def _on_failed(self, text: str) -> None:
        self._stop("failed", text)

    # what the display says

    def _shown(self, picture: Picture) -> None:
        self.iteration = max(self.iteration, picture.iteration)
        self._is_locked = False
        self._tell(self, "held up", "")

    def _not_shown(self, problem: PainterError) -> None:
        self._is_locked = isinstance(problem, LayerLocked)
        if self._is_locked:
            self._tell(self, "held up", str(problem))
        else:
            self._stop_because(problem)

    # what the painter does

    def cancel(self) -> None:
        """Stop at once and take the layer away. One that was there before stays, and can go on again."""
        self._stop("kept" if self.result is not None and self.result.was_there else "cancelled")

    def pause_or_resume(self) -> None:
        (self.session.resume if self.phase == PAUSED else self.session.pause)()

    def keep(self) -> None:
        """Stop here and keep; the end follows as for any job."""
        self._kept_early = True
        self.session.finish()

    def watch(self) -> None:
        """Called now and then: notice what the painter did to document and layer, frames or no frames."""
        if self.phase == OVER:
            return
        try:
            check_document(self.document, self._canvas)
            if self.result is not None and not self._display.is_busy:
                self.result.check()
        except LayerLocked:
            return
        except (LayerGone, ImageChanged) as problem:
            self._stop_because(problem)

    def _become(self, phase: str) -> None:
        if self.phase != OVER:
            self.phase = phase
            self._tell(self, "phase", phase)

    def _stop_because(self, problem: PainterError) -> None:
        self._stop("kept" if isinstance(problem, ImageChanged) else "cancelled", str(problem))

    def _stop(self, state: str, text: str = "") -> None:
        """The end, for whatever reason; a job that still runs in the daemon is cancelled there."""
        if self.phase == OVER:
            return
        self.phase = OVER
        self._display.end()
        if state != "done":
            self.session.stop(keep=state == "kept")
        if text:  # first: Krita goes on with other things while it removes a layer
            self._tell(self, "problem", text)
        worthless = self.result is not None and not self.result.outlives_failure
        if self.result is not None and (state == "cancelled" or (state == "failed" and worthless)):
            self.result.take_away(self._pen, self._add_task)
        else:
            self._pen.stop()
        self._tell(self, "over", state)


def client_name() -> str:
    """Under which name this Krita waits in the daemon's queue."""
    return "krita-{}".format(os.getpid())
