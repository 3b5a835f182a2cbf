"""What the docker's buttons do: the one running job, the history, and what the daemon knows.

Between the widgets, which know nothing of the daemon, and the daemon, which knows nothing of Krita. The `view` is the
docker; it is told what to show.
"""

from dataclasses import replace
from typing import Any, Callable, Dict, Optional

from .document import open_documents, source
from .neural_style_client import remotes, status
from .neural_style_client.errors import PainterError, explain
from .neural_style_client.job_history import Entry
from .neural_style_client.parameters import Parameters, restored
from .neural_style_client.translations import tr
from .run.daemon_presets import DaemonPresets
from .run.daemon_thread import HEALTH_TIMEOUT_S, DaemonThread
from .run.document_history import DocumentHistory
from .run.forecasts import Forecasts
from .run.job_run import OVER, PAUSED, JobRun
from .run.live import Live
from .run.preset_maker import PresetMaker
from .run.settings import FIRST, Settings
from .run.ticker import Ticker

QUIT_S = 1.0
"""So long Krita may take longer to quit, so that the daemon is told of the job's end."""


class Controller:
    """`view`: the docker; `settings`: the docker's, kept in Krita's."""

    def __init__(self, view: Any, settings: Settings) -> None:
        self.view = view
        self.settings = settings
        self.connection = status.Connection()
        self.daemon = DaemonThread(self._daemon_changed)
        self.ticker = Ticker(self.daemon.inbox, self._watch, lambda error: self._say(explain(error)))
        self.daemon.wake = self.ticker.wake
        self.history = DocumentHistory(lambda entries: view.show_history(entries))
        self.run: Optional[JobRun] = None
        self.presets = DaemonPresets(view, self.daemon)
        self.forecasts = Forecasts(view, self.daemon, self.connection)
        self.preset_maker = PresetMaker(self.daemon, self.ticker.add, self._preset_made, self._preset_failed)
        self.live = Live(view, self)

    def soon(self, call: Callable[..., Any], *values: Any) -> None:
        """Call in the next tick: a click may come while one of Krita's calls spins the event loop."""
        self.daemon.post(call, *values)

    def start(self) -> None:
        self.daemon.start()
        self.ticker.start()

    def stop(self) -> None:
        """Krita is about to end; a running job has nowhere to go, and its threads end with the process."""
        if self.is_running:
            self.run.session.stop()
            self.run.session.join(QUIT_S)
        self.live.quit(QUIT_S)
        self.ticker.stop()
        self.daemon.stop()

    def paint_on(self, name: str) -> None:
        """From now on paint on this computer, with a name on another one; its styles are shown."""
        try:
            remotes.choose(name)
        except PainterError as problem:
            self.view.show_problem(str(problem))
            return
        self.view.show_problem("")
        self.live.stop()
        self.presets.begin_anew()

    def attend(self, visible: bool) -> None:
        """The docker was shown or hidden."""
        self.daemon.attentive = visible
        if visible:
            self.daemon.look_again()

    def stylize(self, chosen: Parameters) -> None:
        """Begin a job with the current layer."""
        if self.is_running:
            return
        try:
            self._begin(open_documents.current(), chosen)
            self.settings.used(chosen)
        except PainterError as problem:
            self.view.show_problem(str(problem))

    def paint_full_size(self, chosen: Parameters) -> None:
        """An ordinary job that goes on from Live's picture."""
        start = self.live.start_of_full_size()
        if self.is_running or start is None:
            return
        document, layer, picture = start
        self.live.stop()
        try:
            run = JobRun(document, chosen.changed(start=""), self.presets.title_of(chosen), self)
            run.go_on_from(layer, picture)
            run.begin()
            self._show_begun(run)
            self.settings.used(chosen)
        except PainterError as problem:
            self.view.show_problem(str(problem))

    def _begin(self, document: Any, chosen: Parameters) -> None:
        if not chosen.preset:
            raise PainterError(tr("No style is chosen. Click one in the gallery."))
        if document is None:
            raise PainterError(tr("No picture is open. Open one and choose a layer."))
        self.live.stop()  # its layer would hide the result
        run = JobRun(document, chosen, self.presets.title_of(chosen), self, open_documents.is_wrapped())
        run.begin()
        self._show_begun(run)

    def begin_film(self, film: Any) -> None:
        """A film is a run like any other: one at a time, with the same buttons."""
        self.live.stop()  # it would follow the film from frame to frame
        film.begin()
        self._show_begun(film)

    def _show_begun(self, run: JobRun) -> None:
        self.run = run
        self.connection.own_job = True
        self.view.show_problem("")
        self.view.show_run(run)
        self.view.show_status(self.connection.status())

    def follow(self, entry: Entry, more: int) -> None:
        """More iterations of an earlier job, or with 0 its result once more."""
        document = open_documents.current()
        if self.is_running or document is None or not entry.area:
            return
        if entry.canvas and entry.canvas != open_documents.size_of(document):
            problem = tr("The picture's size was changed. What was there is kept; stylize again to go on.")
            self.view.show_problem(problem)
            return
        self.live.stop()
        if more == 0:
            entry = replace(entry, layer="", last_event=0)
        run = JobRun(document, restored(entry.parameters, FIRST), entry.title, self)
        run.follow(entry, more, document.activeNode())
        self._show_begun(run)

    @property
    def is_running(self) -> bool:
        return self.run is not None and self.run.phase != OVER

    def cancel(self) -> None:
        if self.is_running:
            self.run.cancel()

    def pause_or_resume(self) -> None:
        if self.is_running and self.run.record:
            job, call = self.run.record["id"], "resume" if self.run.phase == PAUSED else "pause"
            self.daemon.request_now(lambda client: getattr(client, call)(job), self.view.show_problem)

    def keep(self) -> None:
        """Stop here and keep; of an animation no further frame is painted."""
        if self.is_running and self.run.record:
            self.run.keep()

    def toggle_result(self) -> None:
        if self.run is not None and self.run.result is not None:
            self.run.result.toggle()

    def run_changed(self, run: JobRun, what: str, value: Any) -> None:
        """What a run tells; see `JobRun`."""
        if what == "submitted":
            self.history.begun(run)
        elif what == "progress":
            self.view.show_progress(value)
        elif what == "problem":
            self.view.show_problem(value)
        elif what == "over":
            self._finish_run(run, value)
        if what in ("phase", "submitted", "over"):
            self.view.show_run(run)

    def _finish_run(self, run: JobRun, state: str) -> None:
        self.connection.own_job = False
        self.history.ended(run, state)
        self.daemon.request(lambda client: client.health(HEALTH_TIMEOUT_S), self._saw_health)

    def _preset_made(self, preset: Dict[str, Any]) -> None:
        self.view.show_made(preset)
        self.presets.look(now=True)

    def _preset_failed(self, words: str) -> None:
        self.view.show_maker_problem(words)

    def _say(self, problem: str) -> None:
        self.view.show_problem(problem)

    def _daemon_changed(self, what: str, value: Any) -> None:
        if what == "health":
            self._saw_health(value)
        else:
            self.connection.become(what, value)
            self.view.show_status(self.connection.status())

    def _saw_health(self, health: Dict[str, Any]) -> None:
        before = self.connection.state
        self.connection.saw_health(health)
        self.view.show_status(self.connection.status())
        if self.connection.state != before:
            self.forecasts.want()
        if self.daemon.attentive or not self.presets.known:
            self.presets.look()

    def visited(self, document: Any) -> None:
        """Another document came to the front, or none."""
        if document is not None:
            source.prepare(document)
        self.forecasts.want()
        self.history.refresh()

    def _watch(self) -> None:
        if self.run is not None:
            self.run.watch()
            if self.run.result is not None and open_documents.is_open(self.run.document):
                self.run.result.keep_active_layer()
        self.forecasts.ask_if_due()
