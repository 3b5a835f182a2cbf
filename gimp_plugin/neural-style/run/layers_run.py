"""One run over one or several layers, as a task (see `neural_style_client.tasks`) that never blocks the main loop.

Its outcome is the list of layers that were put into the image. Whatever happens, nothing half-painted stays behind.
"""

import queue
import time

from document import layer_names
from neural_style_client.errors import Cancelled, PainterError
from neural_style_client.job_session import JobRequest, JobSession, going_on
from neural_style_client.masks import alpha_of
from neural_style_client.parameters import INSTEAD, START_LAYER, job_body
from neural_style_client.region_layers import region_layers
from neural_style_client.regions import EACH, empty_ones
from neural_style_client.tasks import WAIT
from neural_style_client.translations import tr
from run.buttons import Buttons
from run.layer_result import LayerResult
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


def job_request(body, picture, init=None, marked=()):
    """What is sent for a layer's picture; `init` is that of the layer to start from, `marked` are its regions."""
    if not picture.has_paint():
        raise PainterError(tr("The layer is empty. Paint or paste something into it, then try again."))
    if init is None and body["method"].get("start") == "image":
        raise PainterError(tr("Choose the layer to start from, or another start image."))
    return JobRequest(body, picture.pixels(), picture.mask(), init and init.pixels(), marked)


class LayersRun:
    """`editor` is the module that touches GIMP, `find` gives the daemon's client. `more` are the (EarlierJob,
    iterations) by which the one layer, a result, goes on; `init` is a Picture to start from."""

    def __init__(
        self,
        editor,
        image,
        layers,
        parameters,
        find,
        view=None,
        init_layer=None,
        client_name="gimp",
        more=None,
        init=None,
    ):
        self._editor, self._image, self._layers = editor, image, list(layers)
        self._parameters, self._init_layer, self._init = parameters, init_layer, init
        self._find, self._client_name = find, client_name
        self._view, self._more = view or NoView(), more
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
            closed = not self._image.is_valid()
            self._forget([one for one in self._results if closed or not one.is_whole])
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
        init = self._init
        if self._init_layer is not None:
            init = yield from self._editor.read_picture(self._image, self._init_layer)
        for number, layer in enumerate(self._layers):
            self.progress.begin(number, layer.get_name())
            self._view.show(self.progress)
            yield from self._paint(layer, init)
            if self._view.finished:
                return

    def _paint(self, layer, init):
        self._messages = messages = queue.Queue()
        self._session = JobSession(self._find, lambda *said: messages.put(said), live=self._view.live)
        begin = self._send if self._more is None else self._go_on
        yield from self._follow((yield from begin(layer, init)))
        self._session = None

    def _go_on(self, layer, _):
        """Task for the LayerResult of a job that goes on where it ended."""
        earlier, iterations = self._more
        source = yield from self._guarded(self._editor.read_result(self._image, layer, earlier.box))
        result = self._new_result(source)
        result.job, result.seed = earlier.job, earlier.seed
        self._session.follow(earlier.job, earlier.last_event, going_on(earlier.job, iterations))
        return result

    def _send(self, layer, init):
        """Task for the LayerResult of a job that begins."""
        source = yield from self._guarded(self._editor.read_source(self._image, layer))
        marked = yield from self._guarded(self._editor.read_regions(self._image, layer, self._parameters.regions))
        if empty_ones(marked):
            self._editor.tell(empty_ones(marked))
        body = job_body(self._parameters, self._client_name, live=self._view.live)
        if self._init is not None:
            body["method"]["start"] = START_LAYER[0]
        result = self._new_result(source)

        def prepare():
            request = job_request(body, source.picture, init, marked)
            if self._parameters.region_result == EACH:
                result.regions = region_layers(marked, alpha_of(request.content))
            return request

        self._session.send(prepare)
        return result

    def _new_result(self, source):
        result = LayerResult(self._editor, self._image, source, self._parameters)
        self._results.append(result)
        return result

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
        if self._more is not None and not result.fits(frame.pixels):
            name = result.source.layer.get_name()
            raise PainterError(tr("“{}” has another size than when it was painted. Paint its layer anew.", name))
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
        results = [(one.source.layer, one.finished_layers(self._takes_place(one))) for one in painted]
        return self._editor.insert_results(self._image, results, layer_names.group(self._parameters.style))

    def _takes_place(self, result):
        return result.is_whole and self._more is None and self._parameters.place == INSTEAD

    def _forget(self, results):
        """Leave nothing of them."""
        for one in list(results):
            one.remove()
            self._results.remove(one)
