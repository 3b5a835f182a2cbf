"""What a live job says of itself, read on a thread of its own until the job ends."""

import threading
from contextlib import suppress
from typing import Any

from .api import Client
from .errors import NOT_FOUND, DaemonError, DaemonGone, explain, explain_event
from .event_stream import Event
from .translations import tr


class LiveEvents:
    """Tells `listener` with `on_settled`, `on_frame`, `on_end` and `on_loss`, each with the job's id first."""

    def __init__(self, client: Client, job: str, listener: Any) -> None:
        self._client, self._job, self._listener = client, job, listener

    def start(self) -> None:
        threading.Thread(target=self._read, name="neural-style-live-events", daemon=True).start()

    def _read(self) -> None:
        """Also where the painter has ended it: a job that nobody follows is cancelled by the daemon."""
        job, listener = self._job, self._listener
        try:
            for event in self._client.events(job):
                if listener.job != job:
                    return
                self._hear(event)
        except DaemonGone as error:
            listener.on_loss(job, error)
        except Exception as error:  # the border between the thread and the painter
            if isinstance(error, DaemonError) and error.status == NOT_FOUND:
                listener.on_loss(job, DaemonGone(tr("The daemon was started again.")))
            else:
                listener.on_end(job, explain(error))

    def _hear(self, event: Event) -> None:
        job, listener = self._job, self._listener
        if event.name == "error":
            listener.on_end(job, explain_event(event.data))
        elif event.name == "done":
            listener.on_end(job, tr("The live painting was ended elsewhere. Switch Live on to begin again."))
        elif event.name == "state":
            settled = int(event.data.get("revision") or 0) if event.data.get("resting") else -1
            listener.on_settled(job, settled, self._why_waiting(str(event.data.get("state"))))
        elif event.name == "frame":
            listener.on_frame(job, event.data)

    def _why_waiting(self, state: str) -> str:
        """Empty where it does not wait: a job that rested is queued for a moment only."""
        if state == "paused":
            return tr("The live painting is paused.")
        if state != "queued":
            return ""
        with suppress(DaemonError, DaemonGone):  # it is only about words
            health = self._client.health()
            if not health.get("warm"):
                return tr("Warming up: the network is being loaded…")
            others = (health.get("jobs") or {}).get("running")
            if others and self._client.job(self._job).get("state") == "queued":
                return tr("Another picture is being painted first.")
        return ""
