"""What the progress window says, worked out without any widget."""

import math
from typing import Any, Dict, Optional

STATES = {
    "starting": "Starting the daemon…",
    "sending": "Sending the layer…",
    "warming": "Warming up: the network is being loaded…",
    "queued": "Waiting for another painting to end…",
    "running": "Painting…",
    "paused": "Paused",
    "stopping": "Stopping here…",
}


class Progress:
    """One run over one or several layers. `losses` is (iteration, total loss), for the curve."""

    def __init__(self, layers: int) -> None:
        self.layers = layers
        self.layer = 0
        self.layer_name = ""
        self.losses = []  # type: List[Tuple[int, float]]
        self._state = "starting"
        self._event = None  # type: Optional[Dict[str, Any]]

    def begin(self, number: int, name: str) -> None:
        """The layer of that number (from 0) is next."""
        self.layer, self.layer_name = number, name
        self.losses = []
        self._event = None
        self._state = "sending" if number else "starting"

    def state(self, name: str) -> None:
        if self._state != "stopping":
            self._state = name

    def happened(self, event: Dict[str, Any]) -> None:
        """A `progress` event came."""
        self._event = event
        total = (event.get("loss") or {}).get("total")
        if isinstance(total, (int, float)) and math.isfinite(total) and total > 0:
            self.losses.append((int(event["iteration"]), float(total)))

    def fraction(self) -> Optional[float]:
        """From 0 to 1 over all layers; None while nobody can know."""
        if self._event is None and self.layer == 0:
            return None
        return (self.layer + self._within()) / max(1, self.layers)

    def can_stop(self) -> bool:
        """Whether there is, or will be in a moment, a picture to keep."""
        return self._event is not None or self._state == "running"

    def headline(self) -> str:
        if self.layers == 1:
            return f"Painting “{self.layer_name}”"
        return f"Painting “{self.layer_name}”, layer {self.layer + 1} of {self.layers}"

    def text(self) -> str:
        """On the progress bar."""
        if self._event is None or self._state in ("stopping", "paused"):
            return STATES.get(self._state, self._state)
        parts = ["Iteration {iteration} of {iterations}".format(**self._event)]
        if self._event.get("eta") is not None:
            parts.append(time_left(self._event["eta"]))
        return " · ".join(parts)

    def loss_text(self) -> str:
        if not self.losses:
            return "Loss: —"
        return f"Loss: {self.losses[-1][1]:.4g}"

    def _within(self) -> float:
        if self._event is None:
            return 0.0
        return min(1.0, self._event["iteration"] / max(1, self._event["iterations"]))


def time_left(seconds: float) -> str:
    return f"{duration(seconds)} left"


def duration(seconds: float) -> str:
    seconds = round(max(0.0, seconds))
    if seconds < 60:
        return f"{max(1, seconds)} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"


def memory(size_bytes: float) -> str:
    if size_bytes >= 1e9:
        return f"{size_bytes / 1e9:.1f} GB"
    return f"{max(1, size_bytes / 1e6):.0f} MB"


def forecast_text(forecast: Dict[str, Any], layers: int = 1) -> str:
    """Beside size and quality: what a run will take. All layers are taken to be like the first."""
    seconds = layers * (forecast.get("seconds") or 0)
    text = "About {} and {} of memory".format(duration(seconds), memory(forecast.get("bytes") or 0))
    if not forecast.get("calibrated", True):
        text += ", a guess until this computer has been measured"
    if forecast.get("fits") is False:
        detail = forecast.get("detail") or "This may not fit into memory."
        return f"{text}. {detail} Choose a smaller size."
    return text
