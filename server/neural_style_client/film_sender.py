"""A film's frames on their way to the daemon.

On a thread of its own: an editor that is slow to give the next one, or busy with the last result, keeps nobody from
following the frame that is painted. The daemon cancels one that nobody follows.
"""

import queue
import threading
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, NamedTuple, Optional, Tuple

from .api import Client, Pixels
from .drawing import Drawing, frame_body, is_unpainted
from .errors import DaemonError, PainterError, explain
from .translations import tr

BUSY_S = 1.0
"""Between two questions whether the daemon has room for another job."""


class SentFrame(NamedTuple):
    """One without a job is held, or, where it has `content`, empty or not painted."""

    number: int
    job: str = ""
    content: Optional[Pixels] = None


class FilmSender:
    """`want()` asks for a frame, which is then given, while fewer than `ahead` are with the daemon."""

    def __init__(self, want: Callable[[], Any]) -> None:
        self._want = want
        self._given: "queue.Queue[Optional[Tuple[int, Callable[[], Drawing]]]]" = queue.Queue()
        self._sent: "queue.Queue[Any]" = queue.Queue()
        self._stopped = threading.Event()
        self._room = threading.Semaphore(0)
        self._last_drawing: Optional[Drawing] = None
        self._last_time: Optional[float] = None  # of the frame that was sent last

    def give(self, number: int, prepare: Callable[[], Drawing]) -> None:
        """The next frame; `prepare` is called on the sender's thread."""
        self._given.put((number, prepare))

    def no_more(self) -> None:
        self._given.put(None)

    def stop(self) -> None:
        """Nothing more is sent, and `next` gives None."""
        self._stopped.set()
        self._room.release()
        self._given.put(None)
        self._sent.put(None)

    def next(self) -> Optional[SentFrame]:
        """The frames in order; None after the last. Raises PainterError for one that could not be sent."""
        found = self._sent.get()
        if isinstance(found, BaseException):
            raise found
        return None if self._stopped.is_set() else found

    def done(self) -> None:
        """A frame's result is there, so that another may be sent."""
        self._room.release()

    def send(self, client: Client, sequence: str, ahead: int) -> None:
        """On a thread of its own, until there are no more."""
        for _ in range(ahead):
            self._room.release()
        try:
            while (given := self._next_given()) is not None:
                number, prepare = given
                with about(number):
                    self._sent.put(self._send(client, sequence, number, prepare()))
            self._sent.put(None)
        except Exception as error:  # raised where the frames are waited for
            self._sent.put(error)

    def _next_given(self) -> Optional[Tuple[int, Callable[[], Drawing]]]:
        self._room.acquire()
        if self._stopped.is_set():
            return None
        self._want()
        given = self._given.get()
        return None if self._stopped.is_set() else given

    def _send(self, client: Client, sequence: str, number: int, drawing: Drawing) -> SentFrame:
        former, self._last_drawing = self._last_drawing, drawing
        if drawing.holds(former):
            return SentFrame(number)
        if is_unpainted(drawing):
            return SentFrame(number, content=drawing.content)
        sent = SentFrame(number, self._added(client, sequence, frame_body(client, drawing, self._last_time)))
        self._last_time = drawing.time
        return sent

    def _added(self, client: Client, sequence: str, frame: Dict[str, Any]) -> str:
        """The frame's job; waits while the daemon has no room for one."""
        while True:
            try:
                return str(client.sequences.add_frame(sequence, frame)["id"])
            except DaemonError as error:
                if error.code != "too_many" or self._stopped.wait(BUSY_S):
                    raise


@contextmanager
def about(number: int) -> Iterator[None]:
    """Failures within say which frame they are about."""
    try:
        yield
    except Exception as error:
        raise PainterError(tr("Frame {}: {}", number, explain(error))) from error
