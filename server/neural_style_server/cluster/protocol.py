"""What the daemon and the driver process say to each other: one JSON object a line."""

from __future__ import annotations

from ..jobs.messages import AnyCommand, AnyMessage, WorkerOptions
from ..jobs.record import Closed


class DriverOptions(Closed):
    """The first line. `address`, `device` and `threads` as in the settings. `grows`: nodes are started when there is
    work for them. `connected`: this daemon has had the cluster before, which is then waited for; otherwise one that
    does not answer is a problem at once."""

    address: str
    device: str = "auto"
    threads: int = 0
    grows: bool = False
    connected: bool = False


class Order(Closed):
    """To an actor: start with these options, a command, or its end without saving."""

    actor: str
    options: WorkerOptions | None = None
    command: AnyCommand | None = None
    kill: bool = False


class Report(Closed):
    """From an actor: a message, or its exit code and, if it could not be started, why. Without an actor, how many the
    cluster has room for, which also says that it answers."""

    actor: str | None = None
    message: AnyMessage | None = None
    exit: int | None = None
    error: str = ""
    room: int | None = None
