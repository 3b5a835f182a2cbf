"""What a live session has to do yet: changes to send, a frame to fetch, a lost daemon to find again.

Of changes and of frames the newest count. The editor and the job's events add to it, each on its own thread; the
session's thread waits for it and does it.
"""

import threading
from typing import Any, Dict, Optional

from .errors import DaemonGone

CANCEL, FINISH = "cancel", "finish"


class LiveWork:
    """Every method may be called on any thread."""

    def __init__(self) -> None:
        self.ending = ""  # CANCEL or FINISH: how the job is to end, as soon as it is to
        self.changes: Dict[str, Any] = {}  # what the daemon does not have yet
        self.frame: Optional[Dict[str, Any]] = None  # an event's, of a picture that was not fetched yet
        self.lost: Optional[DaemonGone] = None
        self._is_sending = False
        self._is_canvas_free = True
        self._changed = threading.Condition()

    def wait(self) -> bool:
        """Until there is something to do; False where it is over."""
        with self._changed:
            self._changed.wait_for(self._is_due)
            return not self.ending

    def pause(self, seconds: float) -> None:
        """Wait for so long, but not beyond the end."""
        with self._changed:
            self._changed.wait_for(lambda: self.ending, seconds)

    def end(self, how: str) -> bool:
        """Whether this ends it; else it was to end already, as was said first."""
        with self._changed:
            is_first = not self.ending
            self.ending = self.ending or how
            self._changed.notify_all()
            return is_first

    @property
    def is_done(self) -> bool:
        """Whether nothing waits, and nothing is on its way."""
        with self._changed:
            return not (self.changes or self._is_sending or self.frame or self.lost)

    # changes

    def change(self, fields: Dict[str, Any]) -> None:
        with self._changed:
            self.changes.update(fields)
            self._changed.notify_all()

    def take_changes(self) -> Dict[str, Any]:
        """They are on their way until `sent` is called."""
        with self._changed:
            changes, self.changes, self._is_sending = self.changes, {}, True
            return changes

    def put_back(self, changes: Dict[str, Any]) -> None:
        """They could not be sent; what came meanwhile is newer."""
        with self._changed:
            self.changes = {**changes, **self.changes}

    def sent(self) -> None:
        with self._changed:
            self._is_sending = False

    # frames

    def see(self, frame: Dict[str, Any]) -> None:
        with self._changed:
            self.frame = frame
            self._changed.notify_all()

    def fill_canvas(self) -> None:
        """A picture is handed over; none is fetched until the canvas is free again."""
        with self._changed:
            self._is_canvas_free = False

    def free_canvas(self) -> None:
        with self._changed:
            self._is_canvas_free = True
            self._changed.notify_all()

    def fetched(self, frame: Dict[str, Any]) -> None:
        """It need not be fetched again; a newer one that came meanwhile stays."""
        with self._changed:
            if self.frame is frame:
                self.frame = None

    # the daemon goes, and the job with it

    def lose(self, error: DaemonGone) -> None:
        with self._changed:
            self.lost = error
            self._changed.notify_all()

    def begin_anew(self, fields: Dict[str, Any]) -> None:
        """All that the lost job had is to be sent to another, which has no frames yet."""
        with self._changed:
            self.lost, self.frame = None, None
            self.changes = {**fields, **self.changes}

    def _is_due(self) -> bool:
        is_frame_due = self.frame is not None and self._is_canvas_free
        return bool(self.ending or self.lost or self.changes or is_frame_due)
