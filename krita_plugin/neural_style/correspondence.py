"""One job's conversation with the daemon, from the pixels that go out to the last frame that comes back.

It runs on a thread of its own and says what happens through `post(name, value)`:
"submitted" record, "state" word, "progress" record, "picture" Picture, "ended" word, "failed" words.
"""

import threading
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from . import client as daemon
from . import parameters, pixels
from .network import words_of
from .pixels import Picture, Piece
from .words import tr

PROGRESS_EVERY_S = 0.1


class Parcel(NamedTuple):
    """What goes out: the job's body and the layer's pixels in Krita's order; `mask` is one byte a pixel."""

    body: Dict[str, Any]
    width: int
    height: int
    format: str
    pieces: List[Piece]
    mask: Optional[bytes]


class Correspondence:
    """Sends a parcel, or (`job`) follows one that the daemon has already, and fetches its frames.

    Only one picture is under way at a time: while Krita still paints the last one (`taken` has not been
    called), newer frames are left out, unless the job's body says that they are to be kept.
    """

    def __init__(self, find: Callable[[], daemon.Client], post: Callable[[str, Any], None]) -> None:
        self.job = ""
        self.last_event = 0
        self.mask = None  # type: Optional[bytes]
        self._kept = frozenset()  # type: frozenset
        self.piece_pixels = pixels.PIECE_PIXELS
        self._keep = False
        self._said_progress_at = 0.0
        self._find = find
        self._post = post
        self._stopped = threading.Event()
        self._free = threading.Event()
        self._free.set()
        self._client = None  # type: Optional[daemon.Client]

    def send(self, parcel: Parcel) -> None:
        self.mask = parcel.mask
        self._start(lambda: self._submit(parcel))

    def follow(self, job: str, last_event: int, first: Optional[Callable[[daemon.Client], Any]] = None) -> None:
        """`first(client)` is asked before the events are read, for example to extend the job."""
        self.job, self.last_event = job, last_event
        self._start(lambda: first(self._client) if first else None)

    def taken(self) -> None:
        """The last picture is on the canvas; the next may come."""
        self._free.set()

    def stop(self, keep: bool = False) -> threading.Thread:
        """Cancel (or keep: let it end as it is) wherever it stands; says nothing more. The thread that asks for it."""
        self._keep = keep
        self._stopped.set()
        self._free.set()
        thread = threading.Thread(target=self._end_job, name="neural-style-cancel", daemon=True)
        thread.start()
        return thread

    def _start(self, first: Callable[[], Any]) -> None:
        threading.Thread(target=self._run, args=(first,), name="neural-style-job", daemon=True).start()

    def _say(self, name: str, value: Any) -> None:
        if not self._stopped.is_set():
            self._post(name, value)

    def _run(self, first: Callable[[], Any]) -> None:
        try:
            self._client = self._find()
            first()
            if self._stopped.is_set():
                self._end_job()
                return
            self._read_events(self._client)
        except daemon.DaemonGone:
            self._say("failed", tr("The connection to the daemon was lost. Press Stylize to begin again."))
        except Exception as error:  # the thread's border: whatever it is, the painter must hear of it
            self._say("failed", words_of(error))

    def _submit(self, parcel: Parcel) -> None:
        client = self._client
        width, height = parcel.width, parcel.height
        data = pixels.to_daemon(parcel.pieces, parcel.format)
        parcel.pieces.clear()
        body = dict(parcel.body, content=client.upload(data, width, height, parcel.format)["id"])
        if parcel.mask is not None:
            body["mask"] = client.upload(pixels.grey(parcel.mask), width, height, "RGBA8")["id"]
        if self._stopped.is_set():
            return
        record = client.submit(body)
        self.job = record["id"]
        iterations = int(record.get("iterations") or 0)
        self._kept = frozenset(parameters.kept_iterations(body.get("frames"), iterations))
        self._say("submitted", record)

    def _read_events(self, client: daemon.Client) -> None:
        shown = -1
        for event in client.events(self.job, self.last_event):
            self.last_event = event.id
            if self._stopped.is_set():
                return
            if event.name == "progress":
                self._progress(event.data)
            elif event.name == "state":
                self._say("state", event.data)
            elif event.name == "frame":
                shown = self._frame(client, event.data, shown)
            elif event.name == "error":
                words = [event.data.get("detail"), event.data.get("hint")]
                self._say("failed", " ".join(filter(None, words)) or tr("The job failed. Please try again."))
            elif event.name == "done":
                self._end(client, str(event.data.get("state", "done")))

    def _progress(self, value: Dict[str, Any]) -> None:
        """No more often than anybody can read, but never without the last one."""
        now = time.monotonic()
        last = value.get("iteration") == value.get("iterations")
        if last or now - self._said_progress_at > PROGRESS_EVERY_S:
            self._said_progress_at = now
            self._say("progress", value)

    def _frame(self, client: daemon.Client, frame: Dict[str, Any], shown: int) -> int:
        """Fetch a frame if it is newer than what was shown and Krita is ready for it; what is shown now."""
        if int(frame["iteration"]) in self._kept:
            self._free.wait()
            return self._show(client.frame(self.job, int(frame["number"])))
        if int(frame["iteration"]) <= shown or not self._free.is_set():
            return shown
        return self._show(client.frame(self.job, "latest"))

    def _end(self, client: daemon.Client, state: str) -> None:
        if state == "done":
            self._free.wait()
            if self._stopped.is_set():
                return
            self._show(client.result(self.job))
            self._free.wait()
        self._say("ended", state)

    def _show(self, found: daemon.Pixels) -> int:
        self._free.clear()
        pieces = pixels.to_krita(found.data, found.width, found.height, found.format, self.mask, self.piece_pixels)
        self._say("picture", Picture(found.width, found.height, found.format, list(pieces), found.iteration))
        return found.iteration

    def _end_job(self) -> None:
        if self.job and self._client is not None:
            try:
                if self._keep:
                    self._client.finish(self.job)
                else:
                    self._client.cancel(self.job, timeout_s=2.0)
            except (daemon.DaemonGone, daemon.DaemonError):
                pass  # it is gone, or over already; nothing is left to cancel
