"""One job's life with the daemon, from the pixels that go out to the last frame that comes back.

It runs on a thread of its own that never touches the editor, and says what happens through `post(name, value)`:

    "state"      word       "starting", "sending", "warming", "queued", "running" or "paused"
    "submitted"  record     the daemon has the job
    "progress"   record     the data of a `progress` event
    "frame"      Frame      a picture to put on the canvas; the next is fetched once `taken` was called
    "notice"     text       said to a painter: what was asked of the job did not reach it, and it goes on
    "ended"      word       "done", after its result was the last frame, or "cancelled"
    "failed"     text       said to a painter
"""

import threading
import time
from contextlib import suppress
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Optional, Sequence

from . import kept_frames
from .api import Client, Pixels
from .errors import DaemonError, DaemonGone, PainterError, explain, explain_event
from .orders import order
from .parameters import check_preset, presets_of
from .regions import MarkedRegion, job_regions
from .translations import tr
from .uploads import upload

PROGRESS_EVERY_S = 0.1
CANCEL_TIMEOUT_S = 2.0


class JobRequest(NamedTuple):
    """What goes out: the job's body without its pictures, and those."""

    body: Dict[str, Any]
    content: Pixels
    mask: Optional[Pixels] = None
    init: Optional[Pixels] = None
    marked: Sequence[MarkedRegion] = ()


def going_on(job: str, iterations: int) -> Callable[[Client], Any]:
    """What `follow` asks first: so many more iterations, or 0 for the result as it is. Raises PainterError where the
    daemon has the job no longer."""

    def ask(client: Client) -> Any:
        try:
            return client.extend(job, iterations) if iterations else client.job(job)
        except DaemonError as error:
            if error.code != "not_found":
                raise
            raise PainterError(
                tr("The daemon has this painting no longer. Use its settings again to paint it anew.")
            ) from None

    return ask


class Frame(NamedTuple):
    """A picture from the daemon. `kept`: it becomes a layer of its own; `final`: it is the job's result."""

    pixels: Any
    iteration: int
    kept: bool
    final: bool


class JobSession:
    """Sends a job, or follows one that the daemon has already, and fetches its frames.

    Only one picture is under way at a time: while the editor still paints the last one (`taken` has not been called)
    newer frames are left out, unless they are to be kept. `live` False fetches no others. `convert(pixels)` makes of
    the daemon's pixels what the editor needs, on the session's thread.
    """

    def __init__(
        self,
        find: Callable[[], Client],
        post: Callable[[str, Any], Any],
        convert: Callable[[Pixels], Any] = lambda pixels: pixels,
        live: bool = True,
    ) -> None:
        self.job = ""
        self.last_event = 0
        self._find, self._post, self._convert, self._live = find, post, convert, live
        self._client: Optional[Client] = None
        self._kept: FrozenSet[int] = frozenset()
        self._ending = "cancel"
        self._progress_at = 0.0
        self._threads: List[threading.Thread] = []
        self._stopped = threading.Event()
        self._free = threading.Event()
        self._free.set()

    # for the editor's main loop

    def send(self, prepare: Callable[[], JobRequest]) -> None:
        """`prepare` is called on the session's thread: joining and converting pixels takes its time."""
        self._start(self._run, lambda: self._submit(prepare()))

    def follow(self, job: str, last_event: int, first: Optional[Callable[[Client], Any]] = None) -> None:
        """`first(client)` is asked before the events are read, for example to extend the job."""
        self.job, self.last_event = job, last_event
        self._start(self._run, lambda: self._connect(first))

    def taken(self) -> None:
        """The last frame is on the canvas; the next may come."""
        self._free.set()

    def finish(self) -> None:
        """Stop here and keep: the job ends as done, after its present iteration; its events say when."""
        self._start(self._order, "finish")

    def pause(self) -> None:
        """Hold the job; its events say when it stands still."""
        self._start(self._order, "pause")

    def resume(self) -> None:
        self._start(self._order, "resume")

    def stop(self, keep: bool = False) -> None:
        """Cancel the job (or `keep`: let it end as it is) wherever it stands. Says nothing more; returns at once."""
        self._ending = "finish" if keep else "cancel"
        self._stopped.set()
        self._free.set()
        self._start(self._end_job)

    def join(self, timeout_s: float) -> None:
        """Wait for so long until the daemon has been told."""
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    # on the session's thread

    def _start(self, target: Callable[..., None], *values: Any) -> None:
        thread = threading.Thread(target=target, args=values, name="neural-style-job", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _say(self, name: str, value: Any) -> None:
        if not self._stopped.is_set():
            self._post(name, value)

    def _run(self, begin: Callable[[], Optional[Client]]) -> None:
        try:
            client = begin()
            if self._stopped.is_set():
                self._end_job()
            elif client is not None:
                self._read_events(client)
        except Exception as error:  # the border between the thread and the painter
            self._say("failed", explain(error))

    def _connect(self, first: Optional[Callable[[Client], Any]] = None) -> Client:
        self._say("state", "starting")
        self._client = self._find()
        if first is not None:
            first(self._client)
        return self._client

    def _submit(self, request: JobRequest) -> Optional[Client]:
        if self._stopped.is_set():  # no daemon is started for nothing
            return None
        client = self._connect()
        presets = client.presets()
        for name in [*presets_of(request.body), *(one.region.preset for one in request.marked)]:
            check_preset(name, presets)
        self._say("state", "sending")
        body = self._uploaded(client, request)
        if self._stopped.is_set():
            return None
        record = client.submit(body)
        self.job = record["id"]
        self._kept = frozenset(kept_frames.kept_iterations(body.get("frames"), int(record.get("iterations") or 0)))
        self._say("submitted", record)
        return client

    def _uploaded(self, client: Client, request: JobRequest) -> Dict[str, Any]:
        """The body, with its pictures sent."""
        body, content = dict(request.body), request.content
        regions = job_regions(body, request.marked, content.width, content.height)
        for name in ("content", "mask", "init"):
            pixels = getattr(request, name)
            if pixels is not None:
                body[name] = upload(client, pixels)
        if regions:
            body.pop("blend", None)  # it is among the regions
            body["regions"] = [dict(region, mask=upload(client, mask)) for region, mask in regions]
        return body

    def _read_events(self, client: Client) -> None:
        shown = -1
        for event in client.events(self.job, self.last_event):
            self.last_event = event.id
            if self._stopped.is_set():
                return
            if event.name == "progress":
                self._progress(event.data)
            elif event.name == "state":
                self._say("state", self._state(client, str(event.data.get("state"))))
            elif event.name == "frame":
                shown = self._frame(client, event.data, shown)
            elif event.name == "error":
                self._say("failed", explain_event(event.data))
            elif event.name == "done":
                self._end(client, str(event.data.get("state", "done")))

    def _state(self, client: Client, state: str) -> str:
        """A job waits for the network to be loaded, or for its turn."""
        with suppress(DaemonError, DaemonGone):  # it is only about words
            if state == "queued" and not client.health().get("warm"):
                return "warming"
        return state

    def _progress(self, value: Dict[str, Any]) -> None:
        """No more often than anybody can read, but never without the last one."""
        now = time.monotonic()
        if value.get("iteration") == value.get("iterations") or now - self._progress_at > PROGRESS_EVERY_S:
            self._progress_at = now
            self._say("progress", value)

    def _frame(self, client: Client, frame: Dict[str, Any], shown: int) -> int:
        """Fetch a frame if it is to be kept, or newer than what was shown and wanted now; what is shown then."""
        if int(frame["iteration"]) in self._kept:
            self._free.wait()
            return self._show(client.frame(self.job, int(frame["number"])), kept=True)
        if int(frame["iteration"]) <= shown or not (self._live and self._free.is_set()):
            return shown
        return self._show(client.frame(self.job, "latest"))

    def _end(self, client: Client, state: str) -> None:
        if state == "done":
            self._free.wait()
            if self._stopped.is_set():
                return
            self._show(client.result(self.job), final=True)
            self._free.wait()
        self._say("ended", state)

    def _show(self, found: Pixels, kept: bool = False, final: bool = False) -> int:
        self._free.clear()
        self._say("frame", Frame(self._convert(found), found.iteration, kept, final))
        return found.iteration

    def _order(self, name: str) -> None:
        problem = order(self._client, name, self.job) if self._client is not None and self.job else ""
        if problem:
            self._say("notice", problem)

    def _end_job(self) -> None:
        """Where it has ended already, or the daemon is slow, nobody is there to be told."""
        with suppress(DaemonError, DaemonGone):
            if self._client is not None and self.job and self._ending == "cancel":
                self._client.cancel(self.job, timeout_s=CANCEL_TIMEOUT_S)
            elif self._client is not None and self.job:
                self._client.finish(self.job)
