"""One job from the button to the last frame: reads the layer, sends it, paints what comes back."""

import os
import random
from typing import Any, Dict, Iterator, Mapping

from . import document as documents
from . import naming, parameters, scratch
from .correspondence import Correspondence, Parcel
from .document import Area, Source, is_open
from .history import Entry
from .parameters import MAX_SEED, Parameters
from .pixels import Picture
from .problems import EmptyLayer, ImageChanged, LayerGone, LayerLocked, Problem
from .pulse import rest
from .result import KeptFrames, Place, Result, layer_names
from .words import tr

RESTS_PER_REFRESH = 5
LONGEST_REST_S = 2.0
"""Krita stands still while it flattens a picture anew; between two frames the painter has five times as long."""
READING, WAITING, RUNNING, PAUSED, OVER = "reading", "waiting", "running", "paused", "over"


class Run:
    """`told(run, what, value)` hears "phase", "progress", "problem", "submitted" and, last, "over" (a word)."""

    def __init__(self, document: Any, chosen: Parameters, title: str, studio: Any, wrapped: bool = False) -> None:
        self.document = document
        self.chosen = chosen
        self.title = title
        self.phase = READING
        self.record = {}  # type: Dict[str, Any]
        self.key = documents.key(document)
        self.iteration = 0
        self.result = None  # type: Optional[Result]
        self.source = None  # type: Optional[Source]
        self.area = None
        self.frame = None  # type: Optional[int]
        self.layer = None
        self._wrapped = wrapped
        self._add_work = studio.pulse.add
        self._told = studio.heard  # type: Callable[[Run, str, Any], None]
        self._waiting = None  # type: Optional[Picture]
        self._painting = False
        self._end = ""
        self.correspondence = Correspondence(studio.courier.find, studio.poster(self._heard))

    # beginning

    def begin(self) -> None:
        """Read the layer now; raises Problem when there is nothing to send."""
        body = parameters.job_body(self.chosen, client_name(), self._wrapped)
        if self.frame is None:
            self._look()
        self._add_work(self._send(body))

    def _look(self, node: Any = None) -> None:
        """Find out what is to be sent; raises Problem."""
        self.source = Source(self.document, parameters.is_seamless(self.chosen, self._wrapped), node)
        self.area = self.source.area
        self._set_piece_size()
        if self.result is not None:
            self.result.area = self.area

    def follow(self, entry: Entry, more: int, above: Any) -> None:
        """Go on with a job that the daemon has: `more` iterations, or 0 to bring its result back."""
        self.area = Area(*entry.area)
        self.result = Result(Place(self.document, above, self.area), self._layer_name(entry.title), entry.layer)
        self.record = {"id": entry.job, "seed": entry.seed}
        self.iteration = entry.iteration
        self._set_piece_size()
        first = (lambda client: client.extend(entry.job, more)) if more else None
        self._become(WAITING)
        self.correspondence.follow(entry.job, entry.last_event if more else 0, first)

    def _send(self, body: Dict[str, Any]) -> Iterator[Any]:
        pieces = []  # type: list[Piece]
        try:
            if self.frame is not None:
                yield from self.result.go_to(self.frame)
                self._look(self.layer)
            for piece in self.source.pieces():
                if self.phase == OVER:
                    return
                pieces.append(piece)
                yield
        except EmptyLayer as problem:
            self._stop("failed" if self.frame is None else "done", str(problem))
            return
        except Problem as problem:
            self._stop("failed", str(problem))
            return
        self._become(WAITING)
        width, height = self.area.width, self.area.height
        self.correspondence.send(Parcel(body, width, height, self.source.format, pieces, self.source.mask))

    def _set_piece_size(self) -> None:
        if not scratch.space_of(self.document).is_wire:
            self.correspondence.piece_pixels = scratch.rows_at_once(self.area.width) * self.area.width

    def _layer_name(self, source: str) -> str:
        return naming.result_name(self.title, source, layer_names(self.document))

    # what the daemon says

    def _heard(self, name: str, value: Any) -> None:
        if self.phase == OVER:
            return
        getattr(self, "_on_" + name)(value)

    def _on_submitted(self, record: Dict[str, Any]) -> None:
        self.record = record
        if self.result is None:
            self.result = self._new_result(record)
        self._told(self, "submitted", record)

    def _new_result(self, record: Mapping[str, Any]) -> Result:
        place = Place(self.document, self.source.node, self.area)
        name = self._layer_name(self.source.name)
        frames = parameters.kept_frames(self.chosen)
        if not frames:
            return Result(place, name)
        return KeptFrames(place, name, parameters.kept_iterations(frames, int(record.get("iterations") or 0)))

    def _on_state(self, value: Mapping[str, Any]) -> None:
        phases = {"queued": WAITING, "running": RUNNING, "paused": PAUSED}
        if value.get("state") in phases:
            self._become(phases[value["state"]])

    def _on_progress(self, value: Mapping[str, Any]) -> None:
        self.iteration = int(value.get("iteration") or 0)
        if self.phase == WAITING:
            self._become(RUNNING)
        self._told(self, "progress", value)
        if not is_open(self.document):
            self._stop("cancelled", tr("The picture was closed, so the job was cancelled."))

    def _on_picture(self, picture: Picture) -> None:
        self._waiting = picture
        if not self._painting:
            self._painting = True
            self._add_work(self._paint())

    def _on_ended(self, state: str) -> None:
        if self.result is not None:
            self.result.finish()
        self._stop(self._end if self._end and state == "done" else state)

    def _on_failed(self, words: str) -> None:
        self._stop("failed", words)

    def _paint(self) -> Iterator[Any]:
        """Put the latest picture on the canvas, and the next if one came meanwhile."""
        try:
            while self._waiting is not None and self.phase != OVER:
                picture, self._waiting = self._waiting, None
                for _ in self.result.paint(picture):
                    yield
                    if self.phase == OVER:
                        return
                self.iteration = max(self.iteration, picture.iteration)
                yield from rest(min(LONGEST_REST_S, RESTS_PER_REFRESH * self.result.refresh_s))
        except LayerLocked as problem:
            self._told(self, "problem", str(problem))
        except LayerGone as problem:
            self._stop("cancelled", str(problem))
        except ImageChanged as problem:
            self._stop("kept", str(problem))
        finally:
            self._painting = False
            self.correspondence.taken()

    # what the painter says

    def cancel(self) -> None:
        """Stop at once and take the layer away."""
        if self.phase == OVER:
            return
        self._stop("cancelled")

    def keep(self) -> None:
        """The painter asked to stop here and keep; the end follows as for any job."""
        self._end = "kept"

    def watch(self) -> None:
        """Called now and then: notice what the painter did to document and layer, frames or no frames."""
        if self.phase == OVER:
            return
        if not is_open(self.document):
            self._stop("cancelled", tr("The picture was closed, so the job was cancelled."))
        elif self.result is not None and not self._painting:
            self._check_result()

    def _check_result(self) -> None:
        try:
            self.result.check()
        except LayerLocked:
            return
        except LayerGone as problem:
            self._stop("cancelled", str(problem))
        except ImageChanged as problem:
            self._stop("kept", str(problem))

    def _become(self, phase: str) -> None:
        if self.phase not in (OVER, phase):
            self.phase = phase
            self._told(self, "phase", phase)

    def _stop(self, state: str, words: str = "") -> None:
        """The end, for whatever reason; a job that still runs in the daemon is cancelled there."""
        if self.phase == OVER:
            return
        self.phase = OVER
        if state != "done":
            self.correspondence.stop(keep=state == "kept")
        if self.result is not None and (state == "cancelled" or (state == "failed" and self._is_worthless())):
            self.result.remove()
        if words:
            self._told(self, "problem", words)
        self._told(self, "over", state)

    def _is_worthless(self) -> bool:
        """Whether nothing would be lost with the layer: frames of an animation that are done are worth keeping."""
        return not self.result.outlives_failure


def client_name() -> str:
    """Under which name this Krita waits in the daemon's queue."""
    return "krita-{}".format(os.getpid())


def chosen_seed(chosen: Parameters) -> Parameters:
    """With a seed of its own, if it had none: the frames of an animation must share one."""
    return chosen if chosen.seed >= 0 else chosen.changed(seed=random.randrange(MAX_SEED))
