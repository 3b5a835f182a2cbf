"""The switch of Live, the style that follows the brush: at most one layer is followed at a time."""

from typing import Any, Optional, Tuple

from ..document import open_documents
from ..neural_style_client.api import Pixels
from ..neural_style_client.errors import PainterError
from ..neural_style_client.live_session import GONE, State
from ..neural_style_client.translations import tr
from ..qt import QTimer
from .live_run import LiveRun

TICK_MS = 50


class Live:
    """`view` has `chosen()`, `show_live(is_on, state)` and `show_problem(text)`; `controller` is the docker's."""

    def __init__(self, view: Any, controller: Any) -> None:
        self.run: Optional[LiveRun] = None
        self._view, self._controller = view, controller
        self._is_posted = False
        self._timer = QTimer()
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._post_tick)

    def switch(self, wanted: bool) -> None:
        """Follow the current layer, or no more."""
        if not wanted:
            self.stop()
        elif self.run is None:
            try:
                self._start()
            except PainterError as problem:
                self._view.show_live(False, State(GONE, str(problem)))

    def stop(self, why: str = "", keep: bool = False) -> None:
        """Switch it off; no job is left. `keep`: its picture stays as an ordinary layer."""
        if self.run is not None:
            run, self.run = self.run, None
            self._timer.stop()
            self._view.show_live(False, State(GONE, why))  # at once: Krita takes its time over the layer
            run.end(keep)

    def keep(self) -> None:
        """Switch it off; its picture stays, if there is one."""
        if self.run is not None and self.run.picture is None:
            self._controller.refuse(tr("Nothing is painted yet. Wait for the first picture."))
        else:
            self.stop(keep=True)

    def quit(self, patience_s: float) -> None:
        """Krita is about to end."""
        if self.run is not None and self.run.session is not None:
            self.run.session.stop()
            self.run.session.join(patience_s)

    def want(self) -> None:
        """The painter may have chosen something else; many changes between two ticks are one."""
        if self.run is not None:
            self.run.settings_due = True

    def start_of_full_size(self) -> Optional[Tuple[Any, Any, Optional[Pixels]]]:
        """The document, the layer and the picture so far, of the whole canvas, for a job that goes on from it; None
        where Live is off."""
        if self.run is None:
            return None
        return self.run.source.document, self.run.source.node, self.run.picture

    def _start(self) -> None:
        chosen = self._view.chosen()
        if not chosen.preset:
            raise PainterError(tr("No style is chosen. Click one in the gallery."))
        self.run = LiveRun(open_documents.current(), self._view, self._controller, self.stop)
        self._timer.start()

    def _post_tick(self) -> None:
        """The timer may fire within one of Krita's calls; the inbox is emptied outside of them."""
        if not self._is_posted and self.run is not None and self.run.is_due():
            self._is_posted = True
            self._controller.soon(self._tick)

    def _tick(self) -> None:
        self._is_posted = False
        if self.run is not None:
            self.run.tick()
