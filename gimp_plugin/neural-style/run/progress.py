"""What the run's window says, worked out without any widget."""

import math

from neural_style_client import wording
from neural_style_client.translations import tr


class RunProgress:
    """One run over one or several layers. `losses` is (iteration, total loss), for the curve."""

    def __init__(self, layers):
        self.layers = layers
        self.begin(0, "")

    def begin(self, number, name):
        """The layer of that number (from 0) is next."""
        self.layer, self.layer_name = number, name
        self.losses, self._event = [], None
        self._state = "sending" if number else "starting"

    def state(self, name):
        if self._state != "stopping":
            self._state = name

    def stop_failed(self):
        """The painter wanted to stop here, but the daemon was not told."""
        if self._state == "stopping":
            self._state = "running"

    @property
    def is_paused(self):
        return self._state == "paused"

    def saw(self, event):
        """A `progress` event came."""
        self._event = event
        total = (event.get("loss") or {}).get("total")
        if isinstance(total, (int, float)) and math.isfinite(total) and total > 0:
            self.losses.append((int(event["iteration"]), float(total)))

    def fraction(self):
        """From 0 to 1 over all layers; None while nobody can know."""
        if self._event is None and self.layer == 0:
            return None
        event = self._event or {"iteration": 0, "iterations": 1}
        return (self.layer + min(1.0, event["iteration"] / max(1, event["iterations"]))) / max(1, self.layers)

    def can_stop(self):
        """Whether there is, or will be in a moment, a picture to keep."""
        return self._event is not None or self._state in ("running", "paused")

    def headline(self):
        if self.layers == 1:
            return tr("Painting “{}”", self.layer_name)
        return tr("Painting “{}”, layer {} of {}", self.layer_name, self.layer + 1, self.layers)

    def text(self):
        """On the progress bar."""
        if self._event is None or self._state in ("stopping", "paused"):
            return tr(wording.STATES.get(self._state, self._state))
        return wording.progress(self._event)

    def loss_text(self):
        return tr("Loss: {}", "{:.4g}".format(self.losses[-1][1]) if self.losses else "—")
