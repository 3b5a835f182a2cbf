"""One layer's talk with the daemon, on a thread that never touches GIMP.

What happens is put into a queue as (name, value) pairs, for the one who owns the main loop:

    ("state", "starting" | "sending" | "warming" | "queued" | "running")
    ("progress", the event's record)
    ("frame", Frame)        a frame to show; the next is fetched once `taken` was called
    ("done", Frame)         the result, or the last frame of a cancelled job whose picture is kept
    ("failed", text)        said to a painter
    ("cancelled", None)
"""

import queue
import threading
from contextlib import suppress
from typing import Any, Callable, NamedTuple, Sequence

import client
import parameters as parameters_
import pixels
from complaints import PainterError, explain, explain_event

ENDS = ("done", "failed", "cancelled")
FRAME_PATIENCE_S = 30.0


class Picture(NamedTuple):
    """Pixels on their way to the daemon; `selection` is a weight for each pixel, or empty.

    `strips` are joined on the painting's thread: for a large layer that takes longer than a window may wait.
    """

    width: int
    height: int
    format: str
    strips: Sequence[bytes]
    selection: bytes = b""
    weight_bytes: int = 1

    @property
    def data(self) -> bytes:
        return b"".join(self.strips)


def _mask(picture):
    data = pixels.mask_image(picture.selection, picture.weight_bytes)
    return Picture(picture.width, picture.height, "RGBA8", [data])


def has_paint(picture: Picture) -> bool:
    """Whether any pixel is not fully transparent."""
    return any(pixels.has_paint(strip, picture.format) for strip in picture.strips)


class Frame(NamedTuple):
    """Pixels from the daemon. `keep`: becomes a layer of its own. `seed`: the one that made it."""

    data: bytes
    format: str
    width: int
    height: int
    iteration: int
    keep: bool
    seed: int


class Painting(threading.Thread):
    """`find` gives the client (it may have to start the daemon); `keeps` says which iterations to keep."""

    def __init__(self, find: Callable[[], Any], picture: Picture, parameters, **options: Any) -> None:
        super().__init__(name="neural-style-painting", daemon=True)
        self.messages = queue.Queue()  # type: queue.Queue
        self._find = find
        self._picture = picture
        self._parameters = parameters
        self._init = options.get("init")  # type: Optional[Picture]
        self._keeps = options.get("keeps") or (lambda iteration: False)
        self._live = bool(options.get("live", True))
        self._client_name = str(options.get("client_name", "gimp"))
        self._daemon = None  # type: Any
        self._job = None  # type: Any
        self._cancelled = threading.Event()
        self._free = threading.Event()
        self._free.set()

    # for the main loop

    def taken(self) -> None:
        """The last frame is on the canvas (or not wanted); the next may come."""
        self._free.set()

    def cancel(self) -> None:
        """Returns at once; the daemon is told on a thread of its own."""
        self._cancelled.set()
        self._free.set()
        self._tell("cancel")

    def finish(self) -> None:
        """Stop here and keep: the job ends as done with the picture as it is."""
        self._tell("finish")

    # on the thread

    def run(self) -> None:
        try:
            self._paint()
        except Exception as error:  # the border between the thread and the painter
            self._say("cancelled", None) if self._cancelled.is_set() else self._say("failed", explain(error))

    def _paint(self) -> None:
        if not has_paint(self._picture):
            raise PainterError("The layer is empty. Paint or paste something into it, then try again.")
        if self._cancelled.is_set():  # no daemon is started for nothing
            self._say("cancelled", None)
            return
        self._say("state", "starting")
        self._daemon = self._find()
        parameters_.check_preset(self._parameters.preset, self._daemon.presets())
        self._say("state", "sending")
        body = self._upload()
        if self._cancelled.is_set():
            self._say("cancelled", None)
            return
        self._job = self._daemon.submit(body)
        if self._cancelled.is_set():  # pressed while the job was on its way
            self._daemon.cancel(self._job["id"])
        self._follow()

    def _upload(self):
        content = self._send(self._picture)
        mask = self._send(_mask(self._picture)) if self._picture.selection else ""
        init = self._send(self._init) if self._init is not None else ""
        body = parameters_.job(self._parameters, content, mask, init, self._live)
        return dict(body, client=self._client_name)

    def _send(self, picture):
        return self._daemon.upload(picture.data, picture.width, picture.height, picture.format)["id"]

    def _follow(self) -> None:
        for event in self._daemon.events(self._job["id"]):
            if event.name == "state":
                self._say("state", self._reason(event.data.get("state")))
            elif event.name == "progress":
                self._say("progress", event.data)
            elif event.name == "frame" and not self._cancelled.is_set():
                self._fetch(event.data)
            elif event.name == "error":
                self._say("failed", explain_event(event.data))
                return
            elif event.name == "done":
                self._end(event.data.get("state", "done"))
                return

    def _reason(self, state):
        """A job waits for the network to be loaded, or for its turn."""
        try:
            cold = state == "queued" and not self._daemon.health().get("warm")
        except (client.DaemonError, client.DaemonGone):
            return state  # it is only about words
        return "warming" if cold else state

    def _fetch(self, event) -> None:
        keep = bool(self._keeps(event["iteration"]))
        if keep:  # none of these may be missed
            self._free.wait(FRAME_PATIENCE_S)
        elif not (self._live and self._free.is_set()):
            return  # the canvas is busy; a later frame will do
        number = event["number"] if keep else "latest"
        try:
            found = self._daemon.frame(self._job["id"], number)
        except client.DaemonError:
            if keep:
                raise
            return  # already replaced by a newer one
        self._free.clear()
        self._say("frame", self._frame(found, keep))

    def _end(self, state) -> None:
        if state == "cancelled":
            self._say("cancelled", None)
            return
        self._say("done", self._frame(self._daemon.result(self._job["id"]), False))

    def _frame(self, found, keep) -> Frame:
        seed = int(self._job.get("seed") or 0)
        return Frame(found.data, found.format, found.width, found.height, found.iteration, keep, seed)

    def _say(self, name, value) -> None:
        self.messages.put((name, value))

    def _tell(self, what) -> None:
        if self._job is not None:
            threading.Thread(
                target=self._post, args=(what,), name="neural-style-" + what, daemon=True
            ).start()

    def _post(self, what) -> None:
        with suppress(client.DaemonError, client.DaemonGone):  # it has ended: the events say so
            getattr(self._daemon, what)(self._job["id"])
