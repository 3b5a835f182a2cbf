"""An image's layers, painted as the frames of a film: each follows the one before. A task, as `LayersRun` is.

What is painted stays, however it ends.
"""

import queue

from neural_style_client import wording
from neural_style_client.drawing import Drawing
from neural_style_client.errors import Cancelled, PainterError
from neural_style_client.film import FilmSession
from neural_style_client.parameters import job_body
from neural_style_client.tasks import WAIT
from neural_style_client.translations import tr
from run import records
from run.buttons import Buttons
from run.layers_run import NoView
from run.messages import next_message


class FilmProgress:
    """What the run's window says."""

    losses = ()

    def __init__(self, frames):
        self.frames = frames
        self._state, self._event = "starting", None

    def state(self, name):
        self._state = name

    def stop_failed(self):
        """A film that is to stop here ends at once."""

    @property
    def is_paused(self):
        return self._state == "paused"

    def saw(self, found):
        """`found`: a Progress of the session."""
        self._event = found

    def fraction(self):
        """From 0 to 1 over all frames; None while nobody can know."""
        if self._event is None:
            return None
        return (self._event.done + self._event.iteration / max(1, self._event.iterations)) / max(1, self.frames)

    def can_stop(self):
        return self._event is not None or self._state in ("running", "paused")

    def headline(self):
        return tr("Painting {} frames", self.frames)

    def text(self):
        """On the progress bar."""
        found = self._event
        if found is None or self._state == "paused":
            return tr(wording.STATES.get(self._state, self._state))
        told = {"iteration": found.iteration, "iterations": found.iterations, "eta": found.left_s}
        return wording.progress(dict(told, frame=found.done + 1, frames=found.total))

    def loss_text(self):
        return ""


class FilmRun:
    """`frames` and `result` are those of `document.animation`; `find` gives the daemon's client."""

    def __init__(self, frames, result, parameters, find, view=None, client_name="gimp"):
        self._frames, self._result, self._parameters = frames, result, parameters
        self._view, self._client_name = view or NoView(), client_name
        self._messages = queue.Queue()
        total = len(frames.names)
        self._session = FilmSession(find, lambda *said: self._messages.put(said), total)
        self._left, self._done = list(range(total)), 0
        self.progress = FilmProgress(total)
        self._buttons = Buttons(self._view, self._session, self.progress)

    def task(self):
        """The task to drive; its outcome is the list of new layers."""
        try:
            self._session.begin(job_body(self._parameters, self._client_name))
            yield from self._follow()
            while self._view.is_pressed():  # a group that comes in the middle of a stroke would spoil that
                yield WAIT
        except Cancelled:
            if not self._done:
                raise
        except PainterError as problem:
            raise PainterError(self._with_count(str(problem))) from None
        finally:
            self._session.stop()
            self._frames.close()
            self._result.close()
        return self._result.layers

    def wait_for_daemon(self, timeout_s):
        """Let the daemon be told before the plug-in's process ends."""
        self._session.join(timeout_s)

    def _follow(self):
        self._view.show(self.progress)
        while True:
            name, value = yield from next_message(self._messages, self._look)
            if name == "want":
                yield from self._give()
            elif name == "notice":
                self._buttons.failed(value)
            elif name == "frame":
                yield from self._add(value)
            elif name == "failed":
                raise PainterError(value)
            elif name == "ended":
                return
            elif name in ("progress", "state"):
                (self.progress.saw if name == "progress" else self.progress.state)(value)
                self._view.show(self.progress)

    def _look(self):
        if self._view.cancelled or self._view.finished:
            raise Cancelled()
        self._buttons.pass_on()

    def _give(self):
        if not self._left:
            self._session.no_more()
            return
        number = self._left.pop(0)
        picture = yield from self._frames.read(number)
        self._session.give(number + 1, lambda: Drawing(picture.pixels(), picture.mask()))

    def _add(self, found):
        """A frame that is held has a layer of its own, too."""
        record = records.pack(self._parameters, records.EarlierJob("", 0, 0, self._parameters.seed, (0, 0, 0, 0)))
        yield from self._result.add(self._frames.names[found.number - 1], found.picture, record)
        self._done += 1

    def _with_count(self, text):
        if not self._done:
            return text
        return "{} {}".format(text, tr("{} of {} frames are painted.", self._done, self.progress.frames))
