"""Where the plug-in stands with the daemon, and what the painter can do about it. No Qt, no Krita."""

from typing import Any, Mapping, NamedTuple

from .words import tr

NOT_INSTALLED = "not installed"
STARTING = "starting"
WARMING_UP = "warming up"
READY = "ready"
BUSY = "busy"
LOST = "lost connection"


class Status(NamedTuple):
    """What the status line shows: the state, what is next, and the label of the button that does it."""

    state: str
    title: str
    next_step: str
    button: str


class Connection:
    """Told what the network saw, it knows the state; every state has its next step."""

    def __init__(self) -> None:
        self.state = STARTING
        self.detail = ""
        self.device = ""
        self.own_job = False

    @property
    def usable(self) -> bool:
        """Whether a job may be sent: a lost daemon is looked for, and started, again."""
        return self.state != NOT_INSTALLED

    def not_installed(self) -> None:
        self._become(NOT_INSTALLED)

    def starting(self) -> None:
        self._become(STARTING)

    def lost(self, detail: str = "") -> None:
        self._become(LOST, detail)

    def saw_health(self, health: Mapping[str, Any]) -> None:
        """The daemon answered; a worker that failed is as good as no daemon."""
        self.device = str(health.get("device") or "")
        worker = health.get("worker")
        jobs = health.get("jobs") or {}
        if worker == "failed":
            self._become(LOST, str(health.get("detail") or ""))
        elif worker == "starting":
            self._become(WARMING_UP)
        elif int(jobs.get("running") or 0) + int(jobs.get("queued") or 0) > 0:
            self._become(BUSY)
        else:
            self._become(READY)

    def _become(self, state: str, detail: str = "") -> None:
        self.state = state
        self.detail = detail

    def status(self) -> Status:
        return Status(self.state, *_WORDS[self.state](self))


def _not_installed(_):
    return (
        tr("Not installed"),
        tr("Install neural-style-server, run “neural-style install-plugins” and restart Krita."),
        tr("Look again"),
    )


def _starting(_):
    return tr("Starting"), tr("The daemon is being started; this takes a few seconds."), ""


def _warming_up(_):
    return tr("Warming up"), tr("The network is being loaded. You can press Stylize already."), ""


def _ready(connection):
    where = tr("on {}", connection.device) if connection.device else ""
    return tr("Ready"), " ".join(filter(None, [where])), ""


def _busy(connection):
    if connection.own_job:
        return tr("Busy"), tr("Painting. Cancel, or stop and keep what is there."), ""
    return tr("Busy"), tr("Another picture is being painted; yours waits its turn."), ""


def _lost(connection):
    known = connection.detail or tr("The daemon does not answer.")
    return (
        tr("Lost connection"),
        known + " " + tr("Try again, or run “neural-style doctor”."),
        tr("Try again"),
    )


_WORDS = {
    NOT_INSTALLED: _not_installed,
    STARTING: _starting,
    WARMING_UP: _warming_up,
    READY: _ready,
    BUSY: _busy,
    LOST: _lost,
}
