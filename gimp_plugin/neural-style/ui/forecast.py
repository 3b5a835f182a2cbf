"""What a run would take, asked for when the painter pauses, and again until the daemon has measured the computer."""

from functools import partial

from neural_style_client import wording
from neural_style_client.errors import PainterError, explain
from neural_style_client.remotes import asked
from ui.background import Debounced, in_background

MEASURING_MS = 3000
"""The daemon measures a computer that is new to it in so long; then a forecast is more than a guess."""
MOST_GUESSES = 20


class Forecast:
    """`body()` is asked for, or raises PainterError; `show(text)` says the forecast, or what is wrong. `daemon` is
    None as long as there is none."""

    def __init__(self, body, show, layers):
        self.daemon = None
        self._make_body, self._show, self.layers = body, show, layers
        self._body = None  # what was asked for last
        self._guesses_left = MOST_GUESSES
        self._debounced = Debounced(self._ask)
        self.ask = self._debounced.ask

    def stop(self):
        """An answer that comes later is dropped."""
        self._debounced.stop()
        self.daemon = self._body = None

    def _ask(self):
        if self.daemon is None:
            return
        try:
            body = self._make_body()
        except PainterError as error:
            self._show(str(error))
            return
        self._body, daemon = body, self.daemon
        answered = partial(self._on_answer, body)
        in_background(lambda: asked(daemon, lambda client: client.forecast(body)), answered, answered)

    def _on_answer(self, body, found):
        """`found`: a forecast or a failure. Dropped where the painter has changed something meanwhile."""
        if body is not self._body:
            return
        if isinstance(found, Exception):
            self._show(explain(found))
            return
        self._show(wording.forecast(found, self.layers))
        if self._guesses_left and not found.get("calibrated", True):
            self._guesses_left -= 1
            self.ask(pause_ms=MEASURING_MS)
