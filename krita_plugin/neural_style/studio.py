"""What the docker's buttons do: the one running job, the history, and what the daemon knows.

Between the widgets, which know nothing of the daemon, and the daemon, which knows nothing of Krita. The
`view` is the docker; it is told what to show.
"""

import os
import time
from dataclasses import replace
from typing import Any, Callable, Dict, Iterator, List, Optional

from . import animation, parameters
from . import client as daemon
from . import document as documents
from .catalogue import Catalogue
from .connection import BUSY, READY, Connection
from .history import Entry, History
from .memory import Memory
from .network import Courier, words_of
from .parameters import Parameters
from .problems import Problem
from .pulse import Pulse
from .result import Place
from .run import OVER, PAUSED, Run, chosen_seed
from .words import tr

QUIT_S = 1.0
"""So long Krita may take longer to quit, for the daemon to hear of it."""


class Studio:
    """`view`: the docker; `settings`: Krita's (readSetting, writeSetting)."""

    def __init__(self, view: Any, settings: Memory) -> None:
        self.view = view
        self.settings = settings
        self.connection = Connection()
        self.courier = Courier(self._told)
        self.pulse = Pulse(self.courier.inbox, self._watch, self._failed)
        self.history = History(os.path.join(daemon.home_folder(), "krita-history.json"))
        self.run = None  # type: Optional[Run]
        self.catalogue = Catalogue(view, self.courier)
        self._sequence = None  # type: Optional[animation.Sequence]
        self._forecast_for = None  # type: Optional[Parameters]
        self._document_key = ""
        self._tidying = False

    def soon(self, call: Callable[..., Any], *values: Any) -> None:
        """Call in the next beat: a click may come while one of Krita's calls spins the event loop."""
        self.courier.post(call, *values)

    def open(self) -> None:
        self.courier.open()
        self.pulse.start()

    def close(self) -> None:
        """Krita is about to end; a running job has nowhere to go, and its threads end with the process."""
        if self.is_running:
            self.run.correspondence.stop().join(QUIT_S)
        self.pulse.stop()
        self.courier.close()

    def attend(self, visible: bool) -> None:
        """The docker was shown or hidden."""
        self.courier.attentive = visible
        if visible:
            self.courier.look_again()

    def poster(self, call: Callable[..., Any]) -> Callable[..., None]:
        """A function for other threads that has `call` called in Krita's."""
        return lambda *values: self.courier.post(call, *values)

    # jobs

    def stylize(self, chosen: Parameters, frames: Optional[List[int]] = None) -> None:
        """Begin a job with the current layer; for an animation a list of frames."""
        if self.is_running:
            return
        try:
            document = documents.current()
            self._sequence = animation.Sequence(frames) if frames else None
            self._begin(document, chosen_seed(chosen) if frames else chosen)
            self.settings.used(chosen)
        except Problem as problem:
            self.view.show_problem(str(problem))

    def _begin(self, document: Any, chosen: Parameters) -> None:
        if not chosen.preset:
            raise Problem(tr("No style is chosen. Click one in the gallery."))
        parameters.kept_frames(chosen)  # a text of no use is said now, not after the upload
        run = Run(document, chosen, self.catalogue.title_of(chosen.preset), self, documents.is_wrapped())
        if self._sequence is not None:
            self._next_frame(run, document)
        run.begin()
        self._took(run)

    def _next_frame(self, run: Run, document: Any) -> None:
        run.frame = self._sequence.next()
        if self._sequence.result is None:
            self._sequence.layer = document.activeNode()
            place = Place(document, self._sequence.layer, documents.Area(0, 0, 1, 1))
            self._sequence.result = animation.KeyFrames(place, run.title, self._sequence.frames)
        run.result = self._sequence.result
        run.result.time = run.frame
        run.layer = self._sequence.layer

    def _took(self, run: Run) -> None:
        self.run = run
        self.connection.own_job = True
        self.view.show_problem("")
        self.view.show_run(run)
        self.view.show_status(self.connection.status())

    def follow(self, entry: Entry, more: int) -> None:
        """More iterations of an earlier job, or with 0 its result once more."""
        document = documents.current()
        if self.is_running or document is None or not entry.area:
            return
        if more == 0:
            entry = replace(entry, layer="", last_event=0)
        self._sequence = None
        run = Run(document, parameters.from_dict(entry.parameters), entry.title, self)
        run.follow(entry, more, document.activeNode())
        self._took(run)

    @property
    def is_running(self) -> bool:
        return self._tidying or (self.run is not None and self.run.phase != OVER)

    def cancel(self) -> None:
        if self.is_running:
            self.run.cancel()

    def pause_or_resume(self) -> None:
        if self.is_running and self.run.record:
            job, paused = self.run.record["id"], self.run.phase == PAUSED
            work = (lambda client: client.resume(job)) if paused else (lambda client: client.pause(job))
            self.courier.urgent(work, self.view.show_problem)

    def keep(self) -> None:
        """Stop here and keep."""
        if self.is_running and self.run.record:
            job = self.run.record["id"]
            if self._sequence is not None:
                self._sequence.stop()
            self.run.keep()
            self.courier.urgent(lambda client: client.finish(job), self.view.show_problem)

    def toggle_result(self) -> None:
        if self.run is not None and self.run.result is not None:
            self.run.result.toggle()

    def heard(self, run: Run, what: str, value: Any) -> None:
        """What a run says; see `Run`."""
        if what == "submitted":
            self._remember(run)
        elif what == "progress":
            self.view.show_progress(value)
        elif what == "problem":
            self.view.show_problem(value)
        elif what == "over":
            self._over(run, value)
        if what in ("phase", "submitted", "over"):
            self.view.show_run(run)

    def _remember(self, run: Run) -> None:
        if run.frame is not None:
            return  # a range of frames would push everything else out
        entry = Entry(
            job=str(run.record["id"]),
            title=run.title,
            parameters=run.chosen.as_dict(),
            area=list(run.area),
            seed=int(run.record.get("seed") or 0),
            masked=run.correspondence.mask is not None,
            at=time.time(),
        )
        self.history.add(run.key, entry)
        self.show_history()

    def _over(self, run: Run, state: str) -> None:
        self.connection.own_job = False
        job = run.record.get("id")
        if job and run.frame is None:
            layer = run.result.layer_id if run.result is not None and state in ("done", "kept") else ""
            changes = {
                "iteration": run.iteration,
                "layer": layer,
                "last_event": run.correspondence.last_event,
            }
            self.history.change(str(job), state=state, **changes)
            self.show_history()
        if self._sequence is not None:
            self._go_on(run, state)
        self.courier.errand(lambda client: client.health(2.0), self._saw_health)

    def _end_sequence(self) -> None:
        sequence, self._sequence = self._sequence, None
        self._tidying = True
        self.pulse.add(self._tidy(sequence.result))

    def _tidy(self, result: animation.KeyFrames) -> Iterator[Any]:
        """Make all that a range has done one undo step."""
        try:
            steps = yield from result.leave()
            if steps > 1:
                self.view.show_problem(tr("You painted meanwhile, so these frames are {} undo steps.", steps))
        finally:
            self._tidying = False
            self.view.show_run(self.run)

    def _go_on(self, run: Run, state: str) -> None:
        """The next frame of an animation, if there is one."""
        if state != "done" or self._sequence.is_over:
            self._end_sequence()
            return
        try:
            self._begin(run.document, run.chosen)
        except Problem as problem:
            self._end_sequence()
            self.view.show_problem(str(problem))

    # the connection

    def _told(self, what: str, value: Any) -> None:
        if what == "missing":
            self.connection.not_installed()
        elif what == "starting":
            self.connection.starting()
        elif what == "lost":
            self.connection.lost(value)
        elif what == "health":
            self._saw_health(value)
            return
        self.view.show_status(self.connection.status())

    def _saw_health(self, health: Dict[str, Any]) -> None:
        before = self.connection.state
        self.connection.saw_health(health)
        self.view.show_status(self.connection.status())
        if self.connection.state != before:
            self._forecast_for = self._forecast_for or self.view.chosen()
        if self.courier.attentive or not self.catalogue.presets:
            self.catalogue.look()

    # the document

    def visited(self, document: Any) -> None:
        """Another document came to the front, or none."""
        if document is not None:
            documents.visit(document)
        self._forecast_for = self.view.chosen()
        self.show_history()

    def show_history(self) -> None:
        document = documents.current()
        key = documents.key(document) if document is not None else ""
        if self._document_key.startswith("unsaved") and document is not None and os.path.isabs(key):
            self._adopt(document, key)
        self._document_key = key
        self.view.show_history(self.history.of(key) if key else [])

    def _adopt(self, document: Any, key: str) -> None:
        """A picture that has just been saved keeps the jobs it had without a name."""
        self.history.moved("unsaved " + document.rootNode().uniqueId().toString(), key)

    def _watch(self) -> None:
        if self.run is not None:
            self.run.watch()
            if self.run.result is not None and documents.is_open(self.run.document):
                self.run.result.keep_choice()
        chosen, self._forecast_for = self._forecast_for, None
        if chosen is not None:
            self._ask_forecast(chosen)

    def want_forecast(self, chosen: Parameters) -> None:
        """Asked for in the next beat; of many changes in between only the last counts."""
        self._forecast_for = chosen

    def _ask_forecast(self, chosen: Parameters) -> None:
        document = documents.current()
        if document is None or not chosen.preset or self.connection.state not in (READY, BUSY):
            self.view.show_forecast("")
        else:
            self.catalogue.ask_forecast(chosen, document.width(), document.height())

    def _failed(self, error: BaseException) -> None:
        self.view.show_problem(words_of(error))
