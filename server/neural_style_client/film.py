"""Moving pictures: an editor's frames through a sequence of the daemon, and their results back in order.

It runs on threads of its own that never touch the editor, and says what happens through `post(name, value)`:

    "state"     word         "starting", then of the frame that is next "warming", "queued", "running" or "paused";
                             that it waits for the one before is not said
    "want"      None         the next frame may be given: `give` it, or say `no_more`
    "next"      NextFrame    whose result is waited for now
    "progress"  Progress     how far the frame that is next, and the whole, are
    "frame"     FilmFrame    a result, in the order that the frames were given in
    "notice"    text         said to a painter: what was asked of the film did not reach it, and it goes on
    "ended"     word         "done", after the result of the last frame
    "failed"    text         said to a painter; the results of the frames before have been handed over

Only a few frames are with the daemon at once, so memory and disk do not depend on the film's length.
"""

import threading
import time
from contextlib import suppress
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from .api import Client, Pixels
from .drawing import Drawing
from .errors import DaemonError, DaemonGone, PainterError, explain, explain_event
from .film_progress import ProgressMeter
from .film_sender import FilmSender, SentFrame, about
from .orders import order
from .parameters import check_preset, presets_of
from .translations import tr

AHEAD = 3
"""Frames with the daemon: the one that is painted, and those that follow it without a pause."""
CANCEL_TIMEOUT_S = 2.0
SEQUENCE_KEYS = ("preset", "blend", "controls", "method", "size", "client", "seed", "on_disconnect")


class FilmFrame(NamedTuple):
    """A frame's result. `held`: its drawing is that of the frame before, and so is its picture."""

    number: int
    picture: Any
    held: bool


class NextFrame(NamedTuple):
    number: int
    job: str


class FilmSession:
    """Paints a film of `total` frames. `convert(pixels)` makes of the daemon's pixels what the editor needs, on the
    session's thread. `ahead`: so many frames are with the daemon at once; if not given, AHEAD, and one more for each
    further worker, which may paint the next scene meanwhile. `job` is that of the frame that is next."""

    def __init__(
        self,
        find: Callable[[], Client],
        post: Callable[[str, Any], Any],
        total: int,
        convert: Callable[[Pixels], Any] = lambda pixels: pixels,
        ahead: Optional[int] = None,
    ) -> None:
        self._find, self._post, self._convert = find, post, convert
        self._ahead = ahead
        self._sender = FilmSender(lambda: self._say("want", None))
        self._progress = ProgressMeter(total)
        self._threads: List[threading.Thread] = []
        self._stopped = threading.Event()
        self._client: Optional[Client] = None
        self.job = ""
        self._sequence = self._last_job = ""
        self._last_picture: Any = None

    # for the editor's main loop

    @property
    def sequence(self) -> str:
        """The daemon's, "" before there is one."""
        return self._sequence

    def begin(self, body: Dict[str, Any]) -> None:
        """`body`: as of a job (see `parameters.job_body`); what a sequence does not know is left out."""
        self._start(self._run, {name: body[name] for name in SEQUENCE_KEYS if name in body})

    def give(self, number: int, prepare: Callable[[], Drawing]) -> None:
        """The next frame, which is called `number`. `prepare` is called on a thread of the session's."""
        self._sender.give(number, prepare)

    def no_more(self) -> None:
        """The last frame was given."""
        self._sender.no_more()

    def pause(self) -> None:
        """Hold the frame that is painted now, and so all that follow it; its state says when it stands still."""
        self._start(self._order, "pause")

    def resume(self) -> None:
        self._start(self._order, "resume")

    def stop(self) -> None:
        """Stop wherever it stands; nothing stays with the daemon. Says nothing more; returns at once."""
        self._stopped.set()
        self._sender.stop()
        self._start(self._forget, CANCEL_TIMEOUT_S)

    def join(self, timeout_s: float) -> None:
        """Wait for so long until the daemon has been told."""
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    # on the session's thread

    def _start(self, target: Callable[..., None], *values: Any) -> None:
        thread = threading.Thread(target=target, args=values, name="neural-style-film", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _say(self, name: str, value: Any) -> None:
        if not self._stopped.is_set():
            self._post(name, value)

    def _run(self, body: Dict[str, Any]) -> None:
        try:
            self._say("state", "starting")
            client = self._client = self._find()
            presets = client.presets()
            for name in presets_of(body):
                check_preset(name, presets)
            self._sequence = client.sequences.start(body)["id"]
            self._paint(client)
            self._say("ended", "done")
        except Exception as error:  # the border between the thread and the painter
            self._say("failed", explain(error))
        finally:
            self._forget()

    def _paint(self, client: Client) -> None:
        """Have frames sent while there is room for them, and wait for one result after the other."""
        ahead = self._ahead or AHEAD + max(0, len(client.workers()) - 1)
        self._start(self._sender.send, client, self._sequence, ahead)
        try:
            while (sent := self._sender.next()) is not None:
                self._take(client, sent)
                self._sender.done()
        finally:
            self._sender.stop()

    def _take(self, client: Client, sent: SentFrame) -> None:
        """Wait for a frame's result and hand it over."""
        if sent.job:
            begun = time.monotonic()
            self.job = sent.job
            self._say("next", NextFrame(sent.number, sent.job))
            with about(sent.number):
                self._follow(client, sent)
                self._last_picture = self._convert(client.result(sent.job))
            self._progress.painted(time.monotonic() - begun)
            if self._last_job:  # a job is needed until the next frame is done
                with suppress(DaemonError):
                    client.delete_job(self._last_job)
            self._last_job = sent.job
        elif sent.content is not None:
            self._last_picture = self._convert(sent.content)
        self._progress.add_result()
        held = not sent.job and sent.content is None
        self._say("frame", FilmFrame(sent.number, self._last_picture, held))

    def _follow(self, client: Client, sent: SentFrame) -> None:
        """Until the frame's job is done. Raises PainterError where it never will be."""
        has_begun = self._progress.done == 0  # the first waits for its turn; that others wait for the first is no news
        for event in client.events(sent.job):
            if self._stopped.is_set():
                return
            if event.name == "progress":
                progress = self._progress.read(sent.number, event.data)
                if progress is not None:
                    self._say("progress", progress)
            elif event.name == "state":
                state = str(event.data.get("state"))
                has_begun = has_begun or state != "queued"
                if has_begun:
                    self._say("state", self._word(client, state))
            elif event.name == "error":
                raise PainterError(explain_event(event.data))
            elif event.name == "done" and event.data.get("state", "done") != "done":
                raise PainterError(tr("It was cancelled elsewhere. Paint from this frame on again."))

    def _word(self, client: Client, state: str) -> str:
        """A frame waits for the network to be loaded, or for its turn."""
        with suppress(DaemonError, DaemonGone):  # it is only about words
            if state == "queued" and not client.health().get("warm"):
                return "warming"
        return state

    def _order(self, name: str) -> None:
        problem = order(self._client, name, self.job) if self._client is not None and self.job else ""
        if problem:
            self._say("notice", problem)

    def _forget(self, timeout_s: Optional[float] = None) -> None:
        """Have the daemon delete the sequence with its jobs. One that is gone, or has done so, needs not be told."""
        if self._client is not None and self._sequence:
            with suppress(DaemonError, DaemonGone):
                self._client.sequences.delete(self._sequence, timeout_s)
