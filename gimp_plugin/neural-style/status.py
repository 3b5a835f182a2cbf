"""The daemon's state in a painter's words."""

ROWS = ("Daemon", "Device", "Network", "Worker", "Paintings")
_WORKERS = {
    "starting": "getting ready",
    "ready": "ready",
    "busy": "painting",
    "stopped": "asleep; wakes with the next painting",
    "failed": "failed; run 'neural-style doctor' in a terminal",
}
_UNFINISHED = ("queued", "running", "paused")


def rows(health, jobs):
    """Row name -> text. `health` is None where no daemon runs."""
    if health is None:
        found = dict.fromkeys(ROWS, "—")
        found["Daemon"] = "not running; it starts with the next painting"
        return found
    return {
        "Daemon": "running, version {}".format(health.get("version", "unknown")),
        "Device": str(health.get("device") or "—"),
        "Network": _network(health),
        "Worker": _worker(health),
        "Paintings": _paintings(jobs),
    }


def _network(health):
    network = health.get("network") or "—"
    if isinstance(network, dict):
        network = network.get("name") or network.get("source") or "—"
    return "{}{}".format(network, ", warm" if health.get("warm") else "")


def _worker(health):
    text = _WORKERS.get(health.get("worker"), str(health.get("worker") or "—"))
    return "{} ({})".format(text, health["detail"]) if health.get("detail") else text


def _paintings(jobs):
    unfinished = [job for job in jobs if job.get("state") in _UNFINISHED]
    if not unfinished:
        return "none at work"
    return "\n".join(_painting(job) for job in unfinished[:5])


def _painting(job):
    text = "{}: {}".format(job.get("preset", "?"), job.get("state"))
    if job.get("iterations"):
        text += ", iteration {} of {}".format(job.get("iteration") or 0, job["iterations"])
    return text
