"""One layer that Live follows: it is looked at when the pen rests, and what the daemon makes of it is shown.

Nothing is written while the pen is down; of a long stroke the layer is read once a second, a millisecond at a time.
"""

import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from ..document import open_documents
from ..document.frame_to_layer import Place
from ..document.live_layer import LiveLayer
from ..document.live_source import LiveSource, Look
from ..document.open_documents import Area
from ..document.pen import Pen
from ..document.pixels import cut_out, swapped
from ..neural_style_client.api import Pixels
from ..neural_style_client.errors import PainterError
from ..neural_style_client.live_body import changed_fields, live_body, live_side
from ..neural_style_client.live_session import GONE, WAITING, WORKING, LiveSession, State
from ..neural_style_client.tasks import WAIT, Task
from ..neural_style_client.translations import tr
from .job_run import client_name

REST_S = 0.15
STROKE_S = 1.0
"""So often a stroke that goes on is looked at."""

PAUSE_S = 0.03
"""Between two pieces of work while the pen is down: Krita needs the event loop for the stroke."""

CHECK_S, SAMPLE_S = 0.5, 2.0
"""While nothing happens: how often the document is checked, and a few rows of the layer."""


class LiveRun:
    """`stop(why)` is called where it cannot go on. Raises PainterError for what cannot be followed."""

    def __init__(self, document: Any, view: Any, controller: Any, stop: Callable[[str], Any]) -> None:
        self.picture: Optional[Pixels] = None
        self.session: Optional[LiveSession] = None
        self.settings_due = False
        self._view, self._controller, self._stop = view, controller, stop
        self._side = live_side(controller.connection.device)
        self.source = LiveSource(document, self._side)
        self._body: Dict[str, Any] = {}
        self._preset: List[Any] = []
        self._read_settings()
        canvas = self.source.canvas
        place = Place(document, self.source.node, Area(0, 0, canvas.width, canvas.height))
        self._layer = LiveLayer(place, self._title())
        self._frame: Optional[Pixels] = None  # not shown yet
        self._mask: Optional[bytes] = None
        self._state, self._said = State(WORKING), State(GONE)
        self._why_not_now = ""
        self._is_empty = self._busy = self._over = False
        self._look_wanted = True
        self._looked_at = self._sampled_at = self._show_after = self._checked_at = 0.0
        self._sample: Tuple[int, ...] = ()
        self.pen = Pen()
        self._tell()

    def end(self, keep: bool) -> None:
        """No job is left; `keep`: its picture stays as an ordinary layer."""
        self._over = True
        if self.session is not None:
            self.session.stop()
        if keep and self._layer.keep(self._title(), self.source.name):
            self.pen.stop()
        else:
            self._layer.take_away(self.pen, self._controller.ticker.add)

    def tick(self) -> None:
        """Called when one is due, outside of Krita's own calls."""
        self._checked_at = time.monotonic()
        front = open_documents.current()
        try:
            self.source.check()
            self._layer.check()
            if front is not None and front != self.source.document:
                raise PainterError(tr("Another picture came to the front, so Live is off."))
        except PainterError as problem:
            self._stop(str(problem))
            return
        self._layer.keep_active_layer()
        self._why_not_now = self.source.why_not_now()
        if self._layer.is_hidden:
            self._why_not_now = tr("“{}” is hidden. Show it to go on.", self._layer.name)
        if self._why_not_now:
            self._look_wanted = True
        elif not self._busy:
            self._go_on(time.monotonic())
        self._tell()

    def is_due(self) -> bool:
        """Whether there is something to do or to check; asks nothing of Krita."""
        now = time.monotonic()
        if now - self._checked_at >= CHECK_S:
            return True
        if self.pen.is_down:
            return not self._busy and self._is_look_due(now)
        return not self._is_idle()

    def _is_idle(self) -> bool:
        waits = self._look_wanted or self.settings_due or self._frame is not None
        return not (waits or self.pen.is_down or self.pen.touched_at > self._looked_at)

    def _go_on(self, now: float) -> None:
        if self._is_look_due(now):
            self._begin(self._look())
        elif self._frame is not None and now >= self._show_after and self.pen.rests(REST_S):
            self._begin(self._show())
        elif self.settings_due and self.session is not None:
            self._send_settings()

    def _is_look_due(self, now: float) -> bool:
        if self.pen.is_down:
            return now - max(self.pen.down_at, self._looked_at) >= STROKE_S
        if self._look_wanted or self.pen.touched_at > self._looked_at:
            return self.pen.rests(REST_S)
        if now - self._sampled_at < SAMPLE_S or not self.pen.rests(REST_S):
            return False
        self._sampled_at = now
        return self.source.sample() != self._sample

    def _begin(self, task: Task) -> None:
        self._busy = True
        self._controller.ticker.add(self._guarded(task))

    def _guarded(self, task: Task) -> Task:
        """The task, until this run is over; slowly while the pen is down."""
        try:
            for step in task:
                yield step
                goes_on_at = time.monotonic() + PAUSE_S
                while self.pen.is_pressed() and time.monotonic() < goes_on_at:
                    yield WAIT
                if self._over:
                    return
        except PainterError as problem:
            if not self._over:
                self._stop(str(problem))
        finally:
            self._busy = False

    def _look(self) -> Task:
        self._looked_at, self._look_wanted = time.monotonic(), False
        self._sample = self.source.sample()
        look = yield from self.source.look()
        self._is_empty = look.is_empty
        if not look.is_empty:
            self._send(look)

    def _send(self, look: Look) -> None:
        self._mask = look.mask and look.mask.data[::4]
        if self.session is not None:
            self.session.change(content=look.content, mask=look.mask)
            return
        daemon = self._controller.daemon
        self.session = LiveSession(daemon.find, lambda *said: daemon.post(self._heard, *said), self._to_krita)
        self._read_settings()
        self.session.start(look.content, self._body if look.mask is None else dict(self._body, mask=look.mask))

    def _show(self) -> Task:
        frame = self._frame
        for step in self._layer.show(frame):
            yield step
            if self.pen.is_pressed():  # the canvas is the painter's now; later, from the beginning
                return
        self.picture, self._frame = frame, None
        self._show_after = time.monotonic() + self._layer.rest_s
        self.session.taken()

    def _send_settings(self) -> None:
        before, preset = self._body, self._preset
        self._read_settings()
        changes = changed_fields(before, self._body)
        if self._preset != preset:  # saved anew, maybe under the same name
            changes["preset"] = self._body["preset"]
        if changes:
            self._layer.rename(self._title())
            self.session.change(**changes)

    def _read_settings(self) -> None:
        """Raises PainterError where what is chosen is wrong."""
        self.settings_due = False
        self._chosen = self._view.chosen()
        self._body = live_body(self._chosen, client_name(), self._side, open_documents.is_wrapped())
        record = self._controller.presets.named(self._body["preset"])
        self._preset = [record.get(name) for name in ("images", "controls", "method")]

    def _title(self) -> str:
        return self._controller.presets.title_of(self._chosen)

    def _heard(self, name: str, value: Any) -> None:
        if self._over:
            return
        if name == "frame":
            self._frame = value.pixels
        elif name == "notice":
            self._view.show_problem(value)
        elif value.word == GONE:
            self._stop(value.why)
        else:
            self._state = value
            self._tell()

    def _tell(self) -> None:
        """What it is at; what the painter did themselves comes first."""
        state = self._state
        if self._why_not_now:
            state = State(WAITING, self._why_not_now)
        elif self._is_empty:
            state = State(WAITING, tr("“{}” is empty here. Paint on it.", self.source.name))
        elif state.word != WAITING and (self._busy or not self._is_idle()):
            state = State(WORKING)
        if state != self._said and not self._over:
            self._said = state
            self._view.show_live(True, state)

    # on the session's thread

    def _to_krita(self, found: Pixels) -> Pixels:
        data, mask = bytes(swapped(found.data, found.format)), self._mask
        if mask is not None and len(mask) == found.width * found.height:
            data = cut_out(data, mask, found.format)
        return found._replace(data=data)
