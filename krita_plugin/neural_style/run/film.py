"""A range of an animation's frames as one sequence of the daemon, into one new animated layer.

Unlike a range of single jobs, each frame follows the one before, so it does not flicker. To the docker it is a run like
any other (see `JobRun`): it shows how far it is, and its buttons pause and end it. What is painted stays, however it
ends.
"""

from contextlib import suppress
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from ..document import colour_conversion, open_documents, pixels
from ..document.film_frames import FilmSource
from ..document.frame_to_layer import Place
from ..document.key_frames import KeyFrames
from ..document.open_documents import Area, is_open
from ..document.pen import Pen
from ..document.pixels import Picture
from ..neural_style_client.api import Pixels
from ..neural_style_client.drawing import Drawing, DrawnTo, is_empty
from ..neural_style_client.errors import PainterError
from ..neural_style_client.film import FilmFrame, FilmSession, NextFrame
from ..neural_style_client.film_progress import Progress
from ..neural_style_client.masks import mask_pixels
from ..neural_style_client.parameters import Parameters, job_body
from ..neural_style_client.tasks import Task
from ..neural_style_client.translations import tr
from .job_run import OVER, PAUSED, READING, RUNNING, WAITING, client_name


class Shot(NamedTuple):
    """Which layer, on which frames; `end` is the first frame after them that shows something else. `keys`: an animated
    layer whose drawings are the results of their frames."""

    node: Any
    frames: List[int]
    end: Optional[int] = None
    keys: Any = None


class FramePieces(NamedTuple):
    """What is read of a frame: its drawing, its painted key, and the key that comes next with its drawing, and when."""

    drawing: List[pixels.Piece]
    key: Optional[List[pixels.Piece]] = None
    next_key: Optional[List[pixels.Piece]] = None
    next_drawing: Optional[List[pixels.Piece]] = None
    next_time: int = 0


class FilmRun:
    """Reports "phase", "progress", "refused", "problem" and, last, "over" to `controller.run_changed`."""

    def __init__(self, document: Any, shot: Shot, chosen: Parameters, title: str, controller: Any) -> None:
        """Raises PainterError when the layer cannot be sent."""
        node, frames = shot.node, shot.frames
        self.document, self.chosen, self.title = document, chosen, title
        self.phase = self.state = READING
        self.record: Dict[str, Any] = {}  # of the frame that is painted now
        self.frame: Optional[int] = frames[0]
        self.iteration = 0
        self.result = KeyFrames(Place(document, node, Area(0, 0, 1, 1)), title, frames)
        self._source = FilmSource(document, node, self.result, shot.keys)
        self._shot, self._left, self._total, self._done = shot, list(frames), len(frames), 0
        self._ahead: Optional[Tuple[int, Any, Any]] = None  # the next key's frame, its pieces and its drawing's
        self._wrapped = open_documents.is_wrapped()
        self._ending = False
        self._pen = Pen()
        self._add_task: Callable[[Task], None] = controller.ticker.add
        self._tell = controller.run_changed
        post = controller.daemon.post
        self.session = FilmSession(
            controller.daemon.find, lambda *said: post(self._heard, *said), self._total, self._to_krita
        )

    def begin(self) -> None:
        self.session.begin(job_body(self.chosen, client_name(), self._wrapped))

    # what the painter does

    def cancel(self) -> None:
        """Stop at once; what is painted stays, and can be undone."""
        self._stop("cancelled")

    def pause_or_resume(self) -> None:
        (self.session.resume if self.phase == PAUSED else self.session.pause)()

    def keep(self) -> None:
        self._stop("kept")

    def watch(self) -> None:
        """Called now and then: nobody waits for a picture that was closed."""
        if self.phase != OVER and not is_open(self.document):
            self._stop("cancelled", tr("The picture was closed, so the job was cancelled."))

    # what the session says

    def _heard(self, name: str, value: Any) -> None:
        if not self._ending:
            getattr(self, "_on_" + name)(value)

    def _on_state(self, state: str) -> None:
        self.state = state
        self._become(state if state in (RUNNING, PAUSED) else WAITING)

    def _on_want(self, _: None) -> None:
        if self._left:
            self._add_task(self._read(self._left.pop(0)))
        else:
            self.session.no_more()

    def _on_next(self, found: NextFrame) -> None:
        self.frame, self.record = found.number, {"id": found.job}

    def _on_progress(self, found: Progress) -> None:
        self.iteration = found.iteration
        if self.phase == WAITING:
            self._on_state(RUNNING)
        told = {"iteration": found.iteration, "iterations": found.iterations, "eta": found.left_s}
        self._tell(self, "progress", dict(told, frame=found.done + 1, frames=found.total))

    def _on_notice(self, text: str) -> None:
        self._tell(self, "refused", text)

    def _on_frame(self, found: FilmFrame) -> None:
        self._add_task(self._show(found))

    def _on_ended(self, state: str) -> None:
        self._end(state)

    def _on_failed(self, text: str) -> None:
        self._end("failed", text)

    # tasks

    def _read(self, frame: int) -> Task:
        if self._ending:
            return
        try:
            found = yield from self._pen.while_up(self._read_all(frame))
            self.session.give(frame, lambda: self._drawing(frame, found))
        except PainterError as problem:
            self._stop("failed", tr("Frame {}: {}", frame, problem))

    def _read_all(self, frame: int) -> Task:
        key = yield from self._source.read_key(frame)
        if key is None:
            after = next((time for time in self._left if self._source.has_key(time)), None)
            if after is not None:
                if self._ahead is None or self._ahead[0] != after:
                    next_key = yield from self._source.read_key(after)
                    self._ahead = after, next_key, (yield from self._source.read(after))
                return FramePieces((yield from self._source.read(frame)), None, *self._ahead[1:], after)
        return FramePieces((yield from self._source.read(frame)), key)

    def _show(self, found: FilmFrame) -> Task:
        """Where a drawing is held there is nothing to show: no key frame, no change."""
        try:
            if not found.held:
                self.result.time = found.number
                yield from self._pen.while_up(self.result.show_frame(found.picture))
            self._done += 1
        except PainterError as problem:
            self._stop("failed", tr("Frame {}: {}", found.number, problem))

    def _close(self, state: str, text: str) -> Task:
        """Back to where the painter was, with all in one undo step."""
        words = [text] if text else []
        try:
            yield from self._pen.while_up(self._show_end())
            steps = yield from self._pen.while_up(self.result.close())
            if state != "done" and self._done:
                words.append(tr("{} of {} frames are painted; undo takes them away.", self._done, self._total))
            if steps > 1:
                words.append(tr("You painted meanwhile, so these frames are {} undo steps.", steps))
        finally:
            self._pen.stop()
            self.phase = OVER
            if words:
                self._tell(self, "problem", " ".join(words))
            self._tell(self, "over", state)

    def _show_end(self) -> Task:
        """An empty frame where the painted ones end, so that the layer below is seen again."""
        end = [*self._shot.frames, self._shot.end][self._done]
        if self._done and end is not None:
            self.result.time = end
            with suppress(PainterError):  # the picture, or the layer, is gone
                yield from self.result.show_frame(Picture(0, 0, self._source.format, [], 0))

    # within

    def _stop(self, state: str, text: str = "") -> None:
        if not self._ending:
            self.session.stop()
            self._end(state, text)

    def _end(self, state: str, text: str = "") -> None:
        """The end, for whatever reason, once the results that are here already are on the canvas."""
        self._ending = True
        self.state = "stopping"
        self._become(WAITING)
        self._add_task(self._close(state, text))

    def _become(self, phase: str) -> None:
        self.phase = phase
        self._tell(self, "phase", phase)

    # on the session's thread

    def _drawing(self, frame: int, found: FramePieces) -> Drawing:
        source, (_, _, width, height) = self._source, self._source.area

        def sent(pieces: Optional[List[pixels.Piece]]) -> Optional[Pixels]:
            if pieces is None:
                return None
            return Pixels(width, height, source.format, pixels.to_daemon(pieces, source.format))

        mask = mask_pixels(width, height, source.mask) if source.mask else None
        key, next_key = _painted(sent(found.key)), _painted(sent(found.next_key))
        drawn_to = DrawnTo(next_key, sent(found.next_drawing), found.next_time) if next_key is not None else None
        return Drawing(sent(found.drawing), mask, key, drawn_to, time=frame)

    def _to_krita(self, found: Pixels) -> Picture:
        """In the pieces that are converted in one go, whether they have to be or not."""
        rows = colour_conversion.rows_at_once(found.width)
        return pixels.picture_of(found, self._source.mask, rows * found.width)


def _painted(found: Optional[Pixels]) -> Optional[Pixels]:
    """A blank drawing ends a layer's keys; it is none itself."""
    return None if found is None or is_empty(found) else found
