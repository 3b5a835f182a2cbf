"""A job's server-sent events, read on after a broken connection where the reader left off."""

import http.client
import json
import time
from typing import Any, Dict, Iterator, List, NamedTuple

from .errors import DaemonGone, NotTrusted
from .translations import tr
from .transport import Transport

SILENCE_S = 20.0
"""The daemon sends a comment every second; this long without one means that the connection is dead."""


class Event(NamedTuple):
    """One server-sent event; `id` is what `last_event_id` continues after."""

    id: int
    name: str
    data: Dict[str, Any]


def read_events(transport: Transport, path: str, last_event_id: int, attempts: int) -> Iterator[Event]:
    """Events after `last_event_id` until "done" or "error". Raises DaemonGone when the daemon stays away."""
    last, failures = last_event_id, 0
    while True:
        try:
            for event in _connection_events(transport, path, last):
                last, failures = event.id, 0
                yield event
                if event.name in ("done", "error"):
                    return
        except NotTrusted:
            raise
        except DaemonGone:
            pass
        failures += 1
        if failures >= attempts:
            raise DaemonGone(tr("The connection to the daemon was lost; the job can be looked up again later."))
        time.sleep(0.2 * failures)


def _connection_events(transport: Transport, path: str, last: int) -> Iterator[Event]:
    """The events of one connection, until it ends. Half an event at its end counts as none."""
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(last)}
    connection, response = transport.open("GET", path, None, headers, SILENCE_S)
    try:
        name, identity = "message", last
        lines: List[str] = []
        while True:
            try:
                raw = response.readline()
            except (OSError, http.client.HTTPException) as error:
                raise DaemonGone(str(error)) from None
            if not raw.endswith(b"\n"):
                return
            field, _, value = raw.decode("utf-8").rstrip("\r\n").partition(": ")
            if field == "id":
                identity = int(value)
            elif field == "event":
                name = value
            elif field == "data":
                lines.append(value)
            elif not field and lines:
                yield Event(identity, name, json.loads("\n".join(lines)))
                name, lines = "message", []
    finally:
        connection.close()
