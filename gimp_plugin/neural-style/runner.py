"""One run over one or several layers, as a generator that never makes anybody wait.

It yields True where there is nothing to do for the moment and None between two pieces of work; whoever drives
it (`drive_now` without a window, the progress window with one) may do something else in between. Its value is
the list of layers that were put into the image. Whatever happens, nothing half-painted stays behind.
"""

import queue
import time
from typing import Any

import keeping
import naming
import records
from complaints import Cancelled, PainterError
from painting import Painting
from progress import Progress

PAUSE_S = 0.01
LOOK_EVERY_S = 0.3


class Silent:
    """Nobody looks: a run without a window."""

    live = False
    cancelled = False
    finished = False
    keep_on_cancel = False

    def show(self, progress) -> None:
        pass


class _Painted:
    """One layer's results so far: `live` is on the canvas, `kept` are frames that become layers."""

    def __init__(self, source) -> None:
        self.source = source
        self.live = None  # type: Any
        self.shown = False
        self.kept = []  # type: List[Any]
        self.iteration = 0
        self.seed = 0
        self.done = False


class Run:
    """`editor` is the module that touches GIMP, `find` gives the daemon's client."""

    def __init__(self, editor, image, layers, parameters, **options: Any) -> None:
        self._editor = editor
        self._image = image
        self._layers = list(layers)
        self._parameters = parameters
        self._find = options["find"]
        self._view = options.get("view") or Silent()
        self._init_layer = options.get("init_layer")
        self._client_name = options.get("client_name", "gimp")
        self._painted = []  # type: List[_Painted]
        self._current = None  # type: Optional[Painting]
        self._looked = 0.0
        self.progress = Progress(len(self._layers))

    def steps(self):
        """The generator to drive."""
        try:
            yield from self._paint_all()
        except Cancelled:
            if not self._view.keep_on_cancel or not self._image.is_valid():
                self._forget(self._painted)
                raise
        except BaseException:
            closed = not self._image.is_valid()
            self._forget([one for one in self._painted if closed or not one.done])
            self._put_in()
            raise
        finally:
            if self._current is not None:
                self._current.cancel()
        return self._put_in()

    def wait_for_the_thread(self, timeout_s: float) -> None:
        """Give a cancelled job the time to be cancelled before the plug-in's process ends."""
        if self._current is not None:
            self._current.join(timeout_s)

    # --- painting -----------------------------------------------------------------------------------------

    def _paint_all(self):
        init = None
        if self._init_layer is not None:
            init = yield from self._editor.read_picture(self._image, self._init_layer)
        for number, layer in enumerate(self._layers):
            self.progress.begin(number, layer.get_name())
            self._view.show(self.progress)
            yield from self._paint(layer, init)
            if self._view.finished:
                return

    def _paint(self, layer, init):
        source = yield from self._guarded(self._editor.read_source(self._image, layer))
        one = _Painted(source)
        self._painted.append(one)
        self._current = Painting(
            self._find,
            source.picture,
            self._parameters,
            init=init,
            keeps=lambda iteration: keeping.wants(self._parameters.keep, iteration),
            live=self._view.live,
            client_name=self._client_name,
        )
        self._current.start()
        yield from self._follow(one)
        self._current = None

    def _follow(self, one):
        told = False
        while True:
            name, value = yield from self._next_message()
            if self._view.finished and not told:
                told = True
                self._current.finish()
                self.progress.state("stopping")
            if name == "frame":
                yield from self._frame(one, value)
            elif name == "done":
                yield from self._last(one, value)
                return
            elif name == "failed":
                raise PainterError(value)
            elif name == "cancelled":
                raise Cancelled()
            elif name is not None:
                self._tell(name, value)

    def _tell(self, name, value):
        if name == "progress":
            self.progress.happened(value)
        else:
            self.progress.state(value)
        self._view.show(self.progress)

    def _next_message(self):
        """The next of the painting's messages; (None, None) now and then, so that buttons are looked at."""
        for _ in range(10):
            self._look()
            try:
                return self._current.messages.get_nowait()
            except queue.Empty:
                yield True
        return None, None

    def _frame(self, one, frame):
        if frame.keep:
            layer = yield from self._guarded(
                self._editor.new_layer(one.source, naming.live(self._parameters.preset))
            )
            one.kept.append((layer, frame))
            yield from self._guarded(self._editor.write_frame(one.source, layer, frame))
        if self._view.live:
            yield from self._show(one, frame)
        self._current.taken()

    def _show(self, one, frame):
        is_new = one.live is None
        if is_new:
            one.live = yield from self._guarded(
                self._editor.new_layer(one.source, naming.live(self._parameters.preset))
            )
        yield from self._guarded(self._editor.write_frame(one.source, one.live, frame))
        if is_new:
            self._editor.show_live(one.live, one.source.layer)
            one.shown = True
        one.iteration, one.seed = frame.iteration, frame.seed

    def _last(self, one, frame):
        one.kept = [(layer, kept) for layer, kept in one.kept if not self._same(layer, kept, frame)]
        if one.live is None:
            one.live = yield from self._guarded(
                self._editor.new_layer(one.source, naming.live(self._parameters.preset))
            )
        yield from self._guarded(self._editor.write_frame(one.source, one.live, frame))
        one.iteration, one.seed, one.done = frame.iteration, frame.seed, True

    def _same(self, layer, kept, frame):
        """A kept frame of the last iteration is the result; one layer is enough."""
        same = kept.iteration == frame.iteration
        if same:
            self._editor.take_out(layer)
        return same

    # --- watching -----------------------------------------------------------------------------------------

    def _guarded(self, work):
        """The work's steps, between which the painter's Cancel and GIMP are looked at."""
        while True:
            try:
                step = next(work)
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
                "The image was closed, so the painting was stopped. Open it again and run it once more."
            )
        if self._editor.is_indexed(self._image):
            raise PainterError(
                "The image was made indexed while it was painted. Choose Image → Mode → RGB and run it again."
            )
        for one in self._painted:
            if one.shown and not self._editor.stands_in(one.live, self._image):
                raise Cancelled()  # the painter threw the live layer away: that says enough

    # --- the end ------------------------------------------------------------------------------------------

    def _put_in(self):
        """Everything that is there, as one undo step."""
        painted = [one for one in self._painted if one.live is not None and one.live.is_valid()]
        self._painted = []
        if not painted:
            return []
        results = [(one.source.layer, self._made(one)) for one in painted]
        return self._editor.put_in(self._image, results, naming.group(self._parameters.preset))

    def _made(self, one):
        final = one.live
        if self._editor.stands_in(final, self._image):
            final = one.live.copy()
            self._editor.take_out(one.live)
        layers = [self._one_made(layer, frame.iteration, frame.seed) for layer, frame in one.kept]
        return [*layers, self._one_made(final, one.iteration, one.seed)]

    def _one_made(self, layer, iteration, seed):
        record = records.pack(self._parameters, seed, iteration)
        return self._editor.Made(layer, naming.layer(self._parameters.preset, iteration), record)

    def _forget(self, painted):
        """Leave nothing of them. Layers of a closed image are gone already."""
        for one in list(painted):
            for layer in [*(layer for layer, _ in one.kept), one.live]:
                if layer is not None and self._image.is_valid():
                    self._editor.take_out(layer)
            self._painted.remove(one)


def drive_now(steps):
    """Run the steps to their end, here and now; their value."""
    try:
        while True:
            if next(steps):
                time.sleep(PAUSE_S)
    except StopIteration as end:
        return end.value
