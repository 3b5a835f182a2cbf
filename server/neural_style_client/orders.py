"""What a painter asks of a job that is under way: to stand still, to go on, to end with what there is."""

from .api import Client
from .errors import DaemonError, DaemonGone, explain

ENDED = "conflict"
"""The code of what comes too late; the job's events tell the rest."""


def order(client: Client, name: str, job: str) -> str:
    """Ask it: "pause", "resume" or "finish". Why it could not be asked, or ""."""
    try:
        getattr(client, name)(job)
    except DaemonError as error:
        return "" if error.code == ENDED else explain(error)
    except DaemonGone as error:
        return explain(error)
    return ""
