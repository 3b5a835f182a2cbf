"""One run over one or several layers, as a task (see `neural_style_client.tasks`) that never blocks the main loop.

Its outcome is the list of layers that were put into the image. Whatever happens, nothing half-painted stays behind.
"""

import queue
import time

from document import layer_names
from document.errors import SizeChanged
from neural_style_client.errors import Cancelled, PainterError
from neural_style_client.job_session import JobSession
from neural_style_client.parameters import INSTEAD
from neural_style_client.tasks import WAIT
from neural_style_client.translations import tr
from run.buttons import Buttons
from run.messages import next_message
from run.progress import RunProgress

LOOK_EVERY_S = 0.3


class NoView:
    """Nobody looks: a run without a window."""

    live = False
    cancelled = False
    finished = False
    paused = False
    keep_on_cancel = False

    def is_pressed(self):
        """Whether the painter is in the middle of a stroke, as far as anybody can tell."""
        return False

    def show(self, progress):
        pass

    def tell(self, text):
        """Why a button did nothing; there are none."""


class LayersRun:
    """`editor` is the module that touches GIMP, `find` gives the daemon's client, `start` is one of `job_start`."""

    def __init__(self, editor, image, layers, parameters, find, start, view=None):
        self._editor, self._image = editor, image
        self._layers = [(layer, layer.get_name()) for layer in layers]
        self._parameters, self._find, self._start = parameters, find, start
        self._view = view or NoView()
        self._results = []
        self._messages = queue.Queue()
        self._session = None
        self._looked = 0.0
        self.progress = RunProgress(len(self._layers))

    def task(self):
        """The task to drive."""
        try:
            yield from self._paint_all()
        except Cancelled:
            if not self._view.keep_on_cancel or not self._image.is_valid():
                yield from self._until_released()  # it may have been cancelled elsewhere
                self._forget(self._results)
                raise
            for one in self._results:
                yield from one.cut()
        except BaseException as failure:
            if isinstance(failure, Exception):
                yield from self._until_released()
            stays, is_open = isinstance(failure, SizeChanged), self._image.is_valid()
            kept = [one for one in self._results if is_open and (one.is_whole or (stays and one.is_shown))]
            self._forget([one for one in self._results if one not in kept])
            self._insert_results()
            raise
        finally:
            if self._session is not None:
                self._session.stop()
        yield from self._until_released()
        return self._insert_results()

    def wait_for_daemon(self, timeout_s):
        """Let the daemon be told of a cancelled job before the plug-in's process ends."""
        if self._session is not None:
            self._session.join(timeout_s)

    def _paint_all(self):
        for number, (layer, name) in enumerate(self._layers):
            if number and not self._editor.stands_in(layer, self._image):
                self._editor.tell(tr("The layer “{}” was deleted. Edit → Undo brings it back.", name))
                continue
            self.progress.begin(number, name)
            self._view.show(self.progress)
            yield from self._paint(layer)
            if self._view.finished:
                return

    def _paint(self, layer):
        self._messages = messages = queue.Queue()
        live, convert = self._view.live, self._start.convert
        self._session = JobSession(self._find, lambda *said: messages.put(said), convert, live=live)
        result = yield from self._guarded(self._start.begin(layer, self._session))
        self._results.append(result)
        yield from self._follow(result)
        self._session = None

    def _follow(self, result):
        buttons = Buttons(self._view, self._session, self.progress)
        while not result.is_whole:
            name, value = yield from next_message(self._messages, self._look)
            buttons.pass_on()
            if name == "frame":
                yield from self._frame(result, value)
            elif name == "submitted":
                result.job, result.seed = str(value["id"]), int(value.get("seed") or 0)
            elif name == "notice":
                buttons.failed(value)
            elif name == "failed":
                raise PainterError(value)
            elif name == "ended":
                raise Cancelled()
            elif name is not None:
                (self.progress.saw if name == "progress" else self.progress.state)(value)
                self._view.show(self.progress)

    def _frame(self, result, frame):
        self._start.check(result, frame.pixels)
        if frame.kept:
            yield from self._guarded(result.keep(frame))
        if self._view.live or frame.final:
            yield from self._guarded(result.write(frame))
        if frame.final:
            yield from result.finish()
        elif self._view.live and not result.is_shown:
            yield from self._guarded(self._until_released())
            result.show()
        result.last_event = self._session.last_event
        self._session.taken()

    def _until_released(self):
        """Task: a layer that comes or goes in the middle of a stroke would spoil that."""
        while self._view.is_pressed():
            yield WAIT

    def _guarded(self, task):
        """A task between whose steps the painter's Cancel and GIMP are looked at."""
        while True:
            try:
                step = next(task)
            except StopIteration as end:
                return end.value
            if not self._view.keep_on_cancel:  # the frame that is to stay must be a whole one
                self._look()
            yield step

    def _look(self):
        if self._view.cancelled:
            raise Cancelled()
        now = time.monotonic()
        if now - self._looked > LOOK_EVERY_S:
            self._looked = now
            self._look_at_gimp()

    def _look_at_gimp(self):
        if not self._image.is_valid():
            raise PainterError(
                tr("The image was closed, so the painting was stopped. Open it again and run it once more.")
            )
        if self._editor.is_indexed(self._image):
            raise PainterError(
                tr("The image was made indexed while it was painted. Choose Image → Mode → RGB and run it again.")
            )
        if any(one.was_deleted() for one in self._results):
            raise Cancelled()

    def _insert_results(self):
        """Everything that is there, as one undo step."""
        painted = [one for one in self._results if one.is_painted()]
        self._results = []
        if not painted:
            return []
        results = [(one.source, one.finished_layers(self._takes_place(one))) for one in painted]
        return self._editor.insert_results(self._image, results, layer_names.group(self._parameters.style))

    def _takes_place(self, result):
        return result.is_whole and self._start.is_new and self._parameters.place == INSTEAD

    def _forget(self, results):
        """Leave nothing of them."""
        for one in list(results):
            one.remove()
            self._results.remove(one)
