"""How the daemon is, in a painter's words: the state for a status line, and rows for a panel."""

from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from .translations import N_, tr

NOT_INSTALLED = "not installed"
STARTING = "starting"
WARMING_UP = "warming up"
READY = "ready"
BUSY = "busy"
SLOW = "slow"
LOST = "lost connection"


class Status(NamedTuple):
    """The state, its title, what the painter can do about it, and the label of the button that does it."""

    state: str
    title: str
    next_step: str
    button: str


_TEXTS = {
    NOT_INSTALLED: (
        N_("Not installed"),
        N_("Install neural-style-server, run “neural-style install-plugins” and restart the editor."),
        N_("Look again"),
    ),
    STARTING: (N_("Starting"), N_("The daemon is being started; this takes a few seconds."), ""),
    WARMING_UP: (N_("Warming up"), N_("The network is being loaded. You can press Stylize already."), ""),
    READY: (N_("Ready"), "", ""),
    BUSY: (N_("Busy"), N_("Another picture is being painted; yours waits its turn."), ""),
    SLOW: (N_("Busy"), N_("The daemon is slow to answer. It is being waited for."), ""),
    LOST: (N_("Lost connection"), N_("Try again, or run “neural-style doctor”."), N_("Try again")),
}


class Connection:
    """Told what was seen of the daemon, it knows the state; every state that is not ready has its next step."""

    def __init__(self) -> None:
        self.state = STARTING
        self.detail = ""
        self.device = ""
        self.own_job = False

    def become(self, state: str, detail: str = "") -> None:
        self.state, self.detail = state, detail

    def saw_health(self, health: Mapping[str, Any]) -> None:
        """The daemon answered; a worker that failed is as good as no daemon."""
        self.device = str(health.get("device") or "")
        jobs = health.get("jobs") or {}
        if health.get("worker") == "failed":
            self.become(LOST, str(health.get("detail") or ""))
        elif health.get("worker") == "starting":
            self.become(WARMING_UP)
        else:
            self.become(BUSY if int(jobs.get("running") or 0) + int(jobs.get("queued") or 0) else READY)

    def status(self) -> Status:
        title, next_step, button = (tr(text) if text else "" for text in _TEXTS[self.state])
        if self.state == READY and self.device:
            next_step = tr("on {}", self.device)
        elif self.state == BUSY and self.own_job:
            next_step = tr("Painting. Cancel, or stop and keep what is there.")
        elif self.state == LOST:
            next_step = (self.detail or tr("The daemon does not answer.")) + " " + next_step
        return Status(self.state, title, next_step, button)


ROWS = (N_("Daemon"), N_("Device"), N_("Network"), N_("Worker"), N_("Paintings"))
_WORKERS = {
    "starting": N_("getting ready"),
    "ready": N_("ready"),
    "busy": N_("painting"),
    "stopped": N_("asleep; wakes with the next painting"),
    "failed": N_("failed; run 'neural-style doctor' in a terminal"),
}


_STATES = {"queued": N_("queued"), "running": N_("running"), "paused": N_("paused")}


def rows(health: Optional[Mapping[str, Any]], jobs: List[Mapping[str, Any]]) -> Dict[str, str]:
    """Row name -> text. `health` is None where no daemon runs."""
    if health is None:
        return dict(dict.fromkeys(ROWS, "—"), Daemon=tr("not running; it starts with the next painting"))
    worker = tr(_WORKERS.get(str(health.get("worker")), str(health.get("worker") or "—")))
    unfinished = [job for job in jobs if job.get("state") in ("queued", "running", "paused")]
    return {
        "Daemon": tr("running, version {}", health.get("version", "unknown")),
        "Device": str(health.get("device") or "—"),
        "Network": str(health.get("network") or "—") + (tr(", warm") if health.get("warm") else ""),
        "Worker": "{} ({})".format(worker, health["detail"]) if health.get("detail") else worker,
        "Paintings": "\n".join(map(_painting, unfinished[:5])) or tr("none at work"),
    }


def _painting(job: Mapping[str, Any]) -> str:
    state = str(job.get("state"))
    text = "{}: {}".format(job.get("preset", "?"), tr(_STATES.get(state, state)))
    if job.get("iterations"):
        text += tr(", iteration {} of {}", job.get("iteration") or 0, job["iterations"])
    return text
