"""What the docker's buttons do: the one running job, the history, and what the daemon knows.

Between the widgets, which know nothing of the daemon, and the daemon, which knows nothing of Krita. There is one for
all windows: a job outlives the window that it was begun in. The `view` is their `Dockers`; it is told what to show.
"""

from typing import Any, Callable, Dict, Optional

from .beginnings import Beginnings
from .document import open_documents, source
from .neural_style_client import remotes, status
from .neural_style_client.errors import PainterError, explain
from .run.daemon_presets import DaemonPresets
from .run.daemon_thread import HEALTH_TIMEOUT_S, DaemonThread
from .run.document_history import DocumentHistory
from .run.forecasts import Forecasts
from .run.job_run import OVER, JobRun
from .run.live import Live
from .run.passing_problems import PassingProblem, Refusal
from .run.preset_maker import PresetMaker
from .run.settings import Settings
from .run.ticker import Ticker

QUIT_S = 1.0
"""So long Krita may take longer to quit, so that the daemon is told of the job's end."""


class Controller:
    """`view`: all dockers; `settings`: the docker's, kept in Krita's."""

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
        self._refusal, self._held_up = Refusal(view, self._asked), PassingProblem(view)
        self.refuse = self._refusal.say
        self.begin = Beginnings(self)
        self._is_settled = False

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

    def welcome(self, docker: Any) -> None:
        """A window was opened: its docker shows what the others show."""
        self.view.add(docker)
        if self.presets.known:
            docker.show_status(self.connection.status())
            self.presets.show_in(docker)
        if self.run is not None:
            docker.show_run(self.run)

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

    def attend(self) -> None:
        """A docker was shown or hidden."""
        self.daemon.attentive = self.view.are_seen()
        if self.daemon.attentive:
            self.daemon.look_again()

    def show_begun(self, run: Any) -> None:
        """The one that runs from now on."""
        self.run = run
        self.connection.own_job = True
        self.view.show_problem("")
        self.view.show_run(run)
        self.view.show_status(self.connection.status())

    @property
    def is_running(self) -> bool:
        return self.run is not None and self.run.phase != OVER

    def cancel(self) -> None:
        if self.is_running:
            self.run.cancel()

    def pause_or_resume(self) -> None:
        if self.is_running and self.run.record:
            self.refuse("")
            self.run.pause_or_resume()

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
        elif what == "held up":
            self._held_up.say(value)
        elif what == "refused":
            self.refuse(value)
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
        if not self._is_settled:
            self._is_settled = True
            self.daemon.request(lambda client: client.jobs(), self.history.settle)
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

    def _asked(self) -> Any:
        """What a job would be begun with now."""
        try:
            chosen: Any = self.view.chosen()
        except PainterError as problem:
            chosen = str(problem)
        return chosen, open_documents.in_front(), self.is_running

    def _watch(self) -> None:
        if self.view.is_empty:
            return
        self._refusal.watch()
        if self.run is not None:
            self.run.watch()
            if self.run.result is not None and open_documents.is_open(self.run.document):
                self.run.result.keep_active_layer()
        self.forecasts.ask_if_due()
