"""Jobs whose client has gone: cancelled, where the client asked for that."""

from __future__ import annotations

import time

from . import event_streams
from .dispatcher import Dispatcher
from .event_streams import EventStreams
from .record import QUEUED, RUNNING
from .table import Job, JobTable


class AbandonedJobs:
    """Of all users."""

    def __init__(self, table: JobTable, streams: EventStreams, dispatcher: Dispatcher) -> None:
        self._table, self._streams, self._dispatcher = table, streams, dispatcher

    def watch(self, job: Job) -> None:
        """Cancel the job when nobody follows it any longer, if its client asked for that."""
        if job.record.on_disconnect == "cancel":
            job.log.abandoned = lambda: self._cancel(job)

    def _cancel(self, job: Job) -> None:
        """A frame that waits for the one before is not followed yet; with the one that is painted all others go. The
        first frame of a scene may be painted long before its client, who follows another, comes to it."""
        with self._table.lock:
            place, together = job.record.sequence, [job]
            if place is not None:
                together = self._table.of_sequence(place.id)
                waits = job not in self._table.waiting_of(place.id)
                if waits or time.monotonic() - job.since < event_streams.ATTACH_S:
                    return
            if any(each.log.readers or (job.log.left is None and _was_followed(each)) for each in together):
                self._streams.expect(job.log)
                return
            for each in reversed(together):
                if each.state in (QUEUED, RUNNING):
                    each.record.note("The client went away, and the job was cancelled as it had asked.")
                    self._dispatcher.cancel(each)


def _was_followed(job: Job) -> bool:
    """A moment ago."""
    return job.log.left is not None and time.monotonic() - job.log.left < event_streams.ATTACH_S
