"""A live job's life: what the painter changes goes out, what is painted of it comes back.

It runs on threads of its own that never touch the editor, and says what happens through `post(name, value)`:

    "state"    State        what it is at, whenever that is another
    "frame"    LiveFrame    a picture for the canvas; the next is fetched once `taken` was called
    "notice"   text         something that the painter should know, and that ends nothing
"""

import threading
from contextlib import suppress
from typing import Any, Callable, Dict, NamedTuple, Optional

from .api import Client, Pixels
from .errors import NOT_FOUND, TOO_MANY, DaemonBusy, DaemonError, DaemonGone, explain
from .job_session import CANCEL_TIMEOUT_S
from .live_events import LiveEvents
from .live_job import LiveJob
from .live_work import CANCEL, FINISH, LiveWork
from .translations import tr

WORKING, UP_TO_DATE, WAITING, GONE = "working", "up to date", "waiting", "gone"
RETRY_S = 0.5
"""So long a change waits that the daemon had no room for."""


class State(NamedTuple):
    """WORKING, UP_TO_DATE, WAITING or, at last, GONE; `why` is said to the painter with the latter two."""

    word: str
    why: str = ""


class LiveFrame(NamedTuple):
    """`revision`: the number of the last change that the picture shows."""

    pixels: Any
    revision: int


class LiveSession:
    """Keeps one live job as the painter wants it. Of changes that were not sent yet the newest of each field counts.

    `convert(pixels)` makes of the daemon's pixels what the editor needs, on the session's thread. Where the daemon was
    lost another one is found, or started, and a new job begins with all that is known.
    """

    def __init__(
        self,
        find: Callable[[], Client],
        post: Callable[[str, Any], Any],
        convert: Callable[[Pixels], Any] = lambda pixels: pixels,
    ) -> None:
        self._find, self._post, self._convert = find, post, convert
        self._work, self._job = LiveWork(), LiveJob()
        self._lock = threading.Lock()  # of what the job's events say, and of what is told
        self._settled = -1  # the revision that the job rests at
        self._painted = False  # anything by this job
        self._why = ""  # it waits for another job
        self._refused = ""
        self._gone = ""
        self._said: Optional[State] = None
        self._thread = threading.Thread(target=self._run, name="neural-style-live", daemon=True)

    # for the editor's main loop

    @property
    def job(self) -> str:
        """The daemon's id of it, "" before there is one."""
        return self._job.id

    def start(self, content: Pixels, fields: Dict[str, Any]) -> None:
        """`fields`: as `live_body.live_body` makes them."""
        self._work.change(dict(fields, content=content, live=True, on_disconnect="cancel"))
        self._thread.start()

    def change(self, **fields: Any) -> None:
        """Any of `live_body.CHANGEABLE`; pictures that are as they were are not sent."""
        self._work.change(fields)

    def taken(self) -> None:
        """The last frame is on the canvas; the next may come."""
        self._work.free_canvas()

    def stop(self, keep: bool = False) -> None:
        """Cancel the job, or `keep`: let it end with its picture. Says nothing more; returns at once."""
        self._work.end(FINISH if keep else CANCEL)

    def join(self, timeout_s: float) -> None:
        """Wait for so long until the daemon has been told."""
        self._thread.join(timeout_s)

    # on the session's thread

    def _run(self) -> None:
        try:
            while self._work.wait():
                self._work_once()
                self._tell()
        except Exception as error:  # the border between the thread and the painter
            self._end(explain(error))
        self._tell()
        self._job.end(keep=self._work.ending == FINISH)

    def _work_once(self) -> None:
        if self._work.lost is not None:
            self._come_back(self._work.lost)
        elif self._work.changes:
            self._send()
        else:
            self._fetch()

    def _send(self) -> None:
        changes = self._work.take_changes()
        self._tell()
        try:
            if self._job.id:
                self._job.change(changes)
            else:
                self._begin(changes)
            self._refused = ""
        except DaemonBusy as error:
            self._wait_for_room(changes, error)
        except DaemonGone as error:
            self._work.put_back(changes)
            self._work.lose(error)
        except DaemonError as error:
            self._on_refusal(changes, error)
        finally:
            self._work.sent()

    def _begin(self, fields: Dict[str, Any]) -> None:
        client = self._find()
        if self._job.begin(client, fields, lambda: not self._work.ending):
            LiveEvents(client, self._job.id, self).start()

    def _on_refusal(self, changes: Dict[str, Any], error: DaemonError) -> None:
        """The picture goes on as it was; a job that the daemon knows no more is begun anew."""
        if error.status == TOO_MANY:
            self._wait_for_room(changes, error)
        elif not self._job.id:
            raise error
        elif error.status == NOT_FOUND and not self._job.is_known():
            self._work.put_back(changes)
            self._work.lose(DaemonGone(tr("The daemon was started again.")))
        else:
            self._refused = explain(error)

    def _wait_for_room(self, changes: Dict[str, Any], why: Exception) -> None:
        self._work.put_back(changes)
        self._refused = explain(why)
        self._tell()
        self._work.pause(RETRY_S)

    def _fetch(self) -> None:
        frame = self._work.frame
        assert frame is not None
        try:
            found = self._job.frame(int(frame["number"]))
        except DaemonBusy:
            return
        except DaemonGone as error:
            self._work.lose(error)
            return
        except DaemonError as error:
            if error.status != NOT_FOUND:
                raise
        else:
            shown = LiveFrame(self._convert(found), int(frame.get("revision") or 0))
            self._work.fill_canvas()
            if not self._work.ending:
                self._post("frame", shown)
        self._work.fetched(frame)

    def _come_back(self, error: DaemonGone) -> None:
        """A new job with all that is known; a job that takes the daemon with it is not begun over and over."""
        if not self._painted:
            raise error
        former = self._job
        with self._lock:
            self._job, self._settled, self._painted = LiveJob(), -1, False
            self._work.begin_anew(former.fields)
            self._why = tr("The connection to the daemon was lost. It is being looked for.")
        self._tell()
        client = self._find()
        self._why = ""
        with suppress(DaemonError, DaemonGone):  # it may have come back with its jobs
            client.cancel(former.id, timeout_s=CANCEL_TIMEOUT_S)
        if not self._work.ending:
            self._post("notice", tr("The daemon was lost and is there again. Live has begun anew, as it was."))

    def _end(self, why: str) -> None:
        if self._work.end(CANCEL):
            self._gone = why or tr("The live painting has ended.")

    # told by the job's events, on their thread

    def on_settled(self, job: str, revision: int, why: str) -> None:
        """It rests and shows this revision, or it does not (-1); `why` it waits for another job."""
        with self._lock:
            if job == self.job:
                self._settled, self._why = revision, why
        self._tell()

    def on_frame(self, job: str, frame: Dict[str, Any]) -> None:
        with self._lock:
            if job == self.job:
                self._painted = True
                self._work.see(frame)
        self._tell()

    def on_end(self, job: str, why: str) -> None:
        if job == self.job:
            self._end(why)
            self._tell()

    def on_loss(self, job: str, error: DaemonGone) -> None:
        if job == self.job:
            self._work.lose(error)

    # what it is at

    def _tell(self) -> None:
        with self._lock:
            state = self._state()
            if state == self._said or (self._work.ending and not self._gone):
                return
            self._said = state
            self._post("state", state)

    def _state(self) -> State:
        if self._gone:
            return State(GONE, self._gone)
        if self._refused or self._why:
            return State(WAITING, self._refused or self._why)
        is_settled = self.job and self._work.is_done and self._settled >= self._job.revision
        return State(UP_TO_DATE if is_settled else WORKING)
