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
from .translations import tr
from .uploads import Uploads

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

    A field that is `Pixels` (`content`, `mask`) is uploaded; of one that changed in less than half of itself only that
    part. `convert(pixels)` makes of the daemon's pixels what the editor needs, on the session's thread. Where the
    daemon was lost another one is found, or started, and a new job begins with all that is known.
    """

    def __init__(
        self,
        find: Callable[[], Client],
        post: Callable[[str, Any], Any],
        convert: Callable[[Pixels], Any] = lambda pixels: pixels,
    ) -> None:
        self.job = ""
        self._find, self._post, self._convert = find, post, convert
        self._client: Optional[Client] = None
        self._changed = threading.Condition()
        self._wishes: Dict[str, Any] = {}  # what the daemon does not have yet
        self._body: Dict[str, Any] = {}  # what it has
        self._uploads = Uploads()
        self._revision = 0
        self._settled = -1  # the revision that the job rests at
        self._newest: Optional[Dict[str, Any]] = None  # a frame that was not fetched yet
        self._free = True
        self._sending = False
        self._why = ""  # it waits for another job
        self._refused = ""
        self._lost: Optional[DaemonGone] = None
        self._painted = False  # anything by this job
        self._ending = ""
        self._gone = ""
        self._said: Optional[State] = None
        self._thread = threading.Thread(target=self._work, name="neural-style-live", daemon=True)

    # for the editor's main loop

    def start(self, content: Pixels, fields: Dict[str, Any]) -> None:
        """`fields`: as `live_body.live_body` makes them."""
        self._wishes = dict(fields, content=content, live=True, on_disconnect="cancel")
        self._thread.start()

    def change(self, **fields: Any) -> None:
        """Any of `live_body.CHANGEABLE`; pictures that are as they were are not sent."""
        with self._changed:
            self._wishes.update(fields)
            self._changed.notify_all()

    def taken(self) -> None:
        """The last frame is on the canvas; the next may come."""
        with self._changed:
            self._free = True
            self._changed.notify_all()

    def stop(self, keep: bool = False) -> None:
        """Cancel the job, or `keep`: let it end with its picture. Says nothing more; returns at once."""
        with self._changed:
            self._ending = self._ending or ("finish" if keep else "cancel")
            self._changed.notify_all()

    def join(self, timeout_s: float) -> None:
        """Wait for so long until the daemon has been told."""
        self._thread.join(timeout_s)

    # on the session's thread

    def _work(self) -> None:
        try:
            while self._wait_for_work():
                self._work_once()
                self._tell()
        except Exception as error:  # the border between the thread and the painter
            self._end(explain(error))
        self._tell()
        self._end_job()

    def _wait_for_work(self) -> bool:
        """Whether there is something to do; False where it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._ending or self._lost or self._wishes or (self._newest and self._free))
            return not self._ending

    def _work_once(self) -> None:
        if self._lost is not None:
            self._come_back(self._lost)
        elif self._wishes:
            self._send()
        else:
            self._fetch()

    def _send(self) -> None:
        with self._changed:
            wishes, self._wishes, self._sending = self._wishes, {}, True
        self._tell()
        try:
            if self.job:
                self._send_change(wishes)
            else:
                self._begin(wishes)
            self._refused = ""
        except DaemonBusy as error:
            self._put_back(wishes, error)
        except DaemonGone as error:
            self._put_back(wishes)
            self._lose(error)
        except DaemonError as error:
            self._on_refusal(wishes, error)
        finally:
            self._sending = False

    def _on_refusal(self, wishes: Dict[str, Any], error: DaemonError) -> None:
        """The picture goes on as it was; a job that the daemon knows no more is begun anew."""
        if error.status == TOO_MANY:
            self._put_back(wishes, error)
        elif not self.job:
            raise error
        elif error.status == NOT_FOUND and not self._is_known():
            self._put_back(wishes)
            self._lose(DaemonGone(tr("The daemon was started again.")))
        else:
            self._refused = explain(error)

    def _is_known(self) -> bool:
        try:
            self._asked().job(self.job)
        except DaemonError as error:
            return error.status != NOT_FOUND
        except DaemonGone:
            return False
        return True

    def _put_back(self, wishes: Dict[str, Any], why: Optional[Exception] = None) -> None:
        """Not now; what came meanwhile is newer."""
        with self._changed:
            self._wishes = {**wishes, **self._wishes}
        if why is not None:
            self._refused = explain(why)
            self._tell()
            with self._changed:
                self._changed.wait_for(lambda: self._ending, RETRY_S)

    def _begin(self, wishes: Dict[str, Any]) -> None:
        client = self._client = self._find()
        sent = self._with_uploads(wishes)
        if self._ending:
            return
        record = client.submit(sent)
        with self._changed:
            self.job, self._body = str(record["id"]), wishes
            self._revision, self._settled = int(record.get("revision") or 0), -1
            self._newest = None
        LiveEvents(client, self.job, self).start()

    def _send_change(self, wishes: Dict[str, Any]) -> None:
        changed = {name: value for name, value in wishes.items() if not self._is_there(name, value)}
        if not changed:
            return
        record = self._asked().change(self.job, self._with_uploads(changed))
        with self._changed:
            self._body.update(changed)
            self._revision = int(record.get("revision") or 0)

    def _is_there(self, name: str, value: Any) -> bool:
        """A picture as it was. A preset of the same name may have been saved anew."""
        return (isinstance(value, Pixels) or value is None) and value == self._body.get(name)

    def _with_uploads(self, fields: Dict[str, Any]) -> Dict[str, Any]:
        """The fields with the ids of their pictures."""
        client = self._asked()
        return {
            name: self._uploads.put(client, name, value) if isinstance(value, Pixels) else value
            for name, value in fields.items()
        }

    def _fetch(self) -> None:
        frame = self._newest
        assert frame is not None
        try:
            found = self._asked().frame(self.job, int(frame["number"]))
        except DaemonBusy:
            return
        except DaemonGone as error:
            self._lose(error)
            return
        except DaemonError as error:
            if error.status != NOT_FOUND:
                raise
        else:
            shown = LiveFrame(self._convert(found), int(frame.get("revision") or 0))
            self._free = False
            if not self._ending:
                self._post("frame", shown)
        with self._changed:
            if self._newest is frame:
                self._newest = None

    def _asked(self) -> Client:
        assert self._client is not None
        return self._client

    # the daemon goes, and the job with it

    def _lose(self, error: DaemonGone) -> None:
        with self._changed:
            self._lost = error
            self._changed.notify_all()

    def _come_back(self, error: DaemonGone) -> None:
        """A new job with all that is known; a job that takes the daemon with it is not begun over and over."""
        if not self._painted:
            raise error
        former = self.job
        with self._changed:
            self._lost, self.job, self._newest, self._painted = None, "", None, False
            self._wishes = {**self._body, **self._wishes}
            self._why = tr("The connection to the daemon was lost. It is being looked for.")
        self._uploads.forget()
        self._tell()
        client = self._find()
        self._why = ""
        with suppress(DaemonError, DaemonGone):  # it may have come back with its jobs
            client.cancel(former, timeout_s=CANCEL_TIMEOUT_S)
        if not self._ending:
            self._post("notice", tr("The daemon was lost and is there again. Live has begun anew, as it was."))

    def _end(self, why: str) -> None:
        with self._changed:
            if not self._ending:
                self._ending, self._gone = "cancel", why or tr("The live painting has ended.")
            self._changed.notify_all()

    def _end_job(self) -> None:
        with suppress(DaemonError, DaemonGone):  # where it has ended already, there is nothing to be said
            if self.job and self._ending == "finish":
                self._asked().finish(self.job)
            elif self.job:
                self._asked().cancel(self.job, timeout_s=CANCEL_TIMEOUT_S)

    # told by the job's events, on their thread

    def on_settled(self, job: str, revision: int, why: str) -> None:
        """It rests and shows this revision, or it does not (-1); `why` it waits for another job."""
        with self._changed:
            if job == self.job:
                self._settled, self._why = revision, why
        self._tell()

    def on_frame(self, job: str, frame: Dict[str, Any]) -> None:
        with self._changed:
            if job == self.job:
                self._newest, self._painted = frame, True
                self._changed.notify_all()
        self._tell()

    def on_end(self, job: str, why: str) -> None:
        if job == self.job:
            self._end(why)
            self._tell()

    def on_loss(self, job: str, error: DaemonGone) -> None:
        if job == self.job:
            self._lose(error)

    # what it is at

    def _tell(self) -> None:
        with self._changed:
            state = self._state()
            if state == self._said or (self._ending and not self._gone):
                return
            self._said = state
            self._post("state", state)

    def _state(self) -> State:
        if self._gone:
            return State(GONE, self._gone)
        if self._refused or self._why:
            return State(WAITING, self._refused or self._why)
        under_way = self._wishes or self._sending or self._newest or self._lost
        is_settled = self.job and self._settled >= self._revision and not under_way
        return State(UP_TO_DATE if is_settled else WORKING)
