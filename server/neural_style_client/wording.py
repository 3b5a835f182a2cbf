"""How long, how much memory, how far: numbers as a painter reads them at a glance."""

from typing import Any, Mapping

from .translations import ENGLISH, N_, language, number, tr

STATES = {
    "reading": N_("Reading the layer…"),
    "starting": N_("Starting the daemon…"),
    "sending": N_("Sending the layer…"),
    "warming": N_("Warming up: the network is being loaded…"),
    "queued": N_("Waiting for another painting to end…"),
    "running": N_("Painting…"),
    "paused": N_("Paused. Resume to go on."),
    "stopping": N_("Stopping here…"),
}
"""What a job is at; most are the words of `job_session`."""


def duration(seconds: float) -> str:
    """About so long: "40 s", "3 min", "1 h 20 min"."""
    whole = max(1, round(seconds))
    if whole < 90:
        return tr("{} s", whole)
    minutes = (whole + 30) // 60
    return tr("{} min", minutes) if minutes < 90 else tr("{} h {} min", minutes // 60, minutes % 60)


def memory(size_bytes: float) -> str:
    if size_bytes >= 1e9:
        return tr("{} GB", number(size_bytes / 1e9, 1))
    return tr("{} MB", number(max(1.0, size_bytes / 1e6), 0))


def forecast(found: Mapping[str, Any], layers: int = 1) -> str:
    """What a run will take. All layers are taken to be like the first."""
    seconds = layers * (found.get("seconds") or 0)
    text = tr("About {} and {} of memory", duration(seconds), memory(found.get("bytes") or 0))
    if not found.get("calibrated", True):
        text = tr("{}, a guess until this computer has been measured", text)
    if not found.get("fits", True):
        detail = found.get("detail") if language() == ENGLISH else ""
        return "{}. {} {}".format(text, detail or tr("This may not fit into memory."), tr("Choose a smaller size."))
    return text


def progress(event: Mapping[str, Any]) -> str:
    """One line for a `progress` event: "Iteration 50 of 100 · 3 min left", of a film with "Frame 2 of 12 · " before."""
    text = tr("Iteration {} of {}", int(event.get("iteration") or 0), int(event.get("iterations") or 0))
    if event.get("frames"):
        text = tr("Frame {} of {}", int(event["frame"]), int(event["frames"])) + " · " + text
    left = event.get("eta")
    return text + " · " + tr("{} left", duration(left)) if isinstance(left, (int, float)) else text
