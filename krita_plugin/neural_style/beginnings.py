"""How a job begins, for each of the docker's buttons that begin one; or why it does not."""

from dataclasses import replace
from typing import Any, Callable

from .document import open_documents
from .document.print_copy import PrintCopy
from .document.source import Source
from .neural_style_client.errors import PainterError
from .neural_style_client.job_history import Entry
from .neural_style_client.parameters import MAX_SIZE, Parameters, is_seamless, restored
from .neural_style_client.print_size import PrintSize
from .neural_style_client.tasks import Task
from .neural_style_client.translations import tr
from .run.followed_run import FollowedRun
from .run.job_pictures import JobPictures
from .run.job_run import JobRun
from .run.settings import FIRST


class Beginnings:
    """One job at a time: while one runs, nothing begins. Where `choice` is asked for, it gives what the docker says."""

    def __init__(self, controller: Any) -> None:
        self._controller = controller

    def stylize(self, choice: Callable[[], Parameters]) -> None:
        """With the current layer."""
        self._attempt(lambda: self._paint(choice(), open_documents.current()))

    def full_size(self, choice: Callable[[], Parameters]) -> None:
        """With the layer that Live follows, and from Live's picture on, if there is one yet."""
        start = self._controller.live.start_of_full_size()
        if start is not None:
            self._attempt(lambda: self._paint(choice(), *start))

    def follow(self, entry: Entry, more: int) -> None:
        """More iterations of an earlier job, or with 0 its result once more."""
        self._attempt(lambda: self._follow(entry, more, open_documents.current()))

    def film(self, film: Any) -> None:
        """A film is a run like any other, with the same buttons. Raises PainterError."""
        self._controller.live.stop()  # it would follow the film from frame to frame
        film.begin()
        self._controller.show_begun(film)

    def for_print(self, chosen: Parameters, document: Any, layer: Any, wanted: PrintSize) -> None:
        """With a copy of the picture in front, as large as its print, at full size. Raises PainterError, where it can
        before there is a copy."""
        if self._controller.is_running:
            raise PainterError(tr("Something is being painted. Wait for it, or cancel it first."))
        if document != open_documents.current() or not open_documents.is_within(document, layer):
            raise PainterError(tr("The layer is no longer there. Choose another one, and begin again."))
        _check_style(chosen)
        full, wrapped = chosen.changed(size=0), open_documents.is_wrapped()
        pixels = wanted.pixels((document.width(), document.height()), MAX_SIZE)
        JobPictures(Source(document, is_seamless(full, wrapped), layer), full)
        self._controller.live.stop()  # its layer would be copied
        copy = PrintCopy(document, layer, wanted, pixels)
        self._controller.ticker.add(self._paint_copy(copy, full, wrapped))

    def _paint_copy(self, copy: PrintCopy, chosen: Parameters, wrapped: bool) -> Task:
        try:
            yield from copy.drawn()
        except PainterError as problem:
            self._controller.refuse(str(problem))
            return
        self._attempt(lambda: self._paint(chosen, copy.document, copy.layer, wrapped=wrapped))

    def _attempt(self, begin: Callable[[], Any]) -> None:
        if not self._controller.is_running:
            try:
                begin()
            except PainterError as problem:
                self._controller.refuse(str(problem))

    def _paint(
        self, chosen: Parameters, document: Any, layer: Any = None, picture: Any = None, wrapped: bool = False
    ) -> None:
        _check_style(chosen)
        if document is None:
            raise PainterError(tr("No picture is open. Open one and choose a layer."))
        controller = self._controller
        controller.live.stop()  # its layer would hide the result
        title = controller.presets.title_of(chosen)
        run = JobRun(document, chosen, title, controller, wrapped or open_documents.is_wrapped())
        if layer is not None:
            run.go_on_from(layer, picture)
        run.begin()
        controller.show_begun(run)
        controller.settings.used(chosen)

    def _follow(self, entry: Entry, more: int, document: Any) -> None:
        if document is None or not entry.area:
            return
        if entry.canvas and entry.canvas != open_documents.size_of(document):
            raise PainterError(tr("The picture's size was changed. What was there is kept; stylize again to go on."))
        self._controller.live.stop()
        if more == 0:
            entry = replace(entry, layer="", last_event=0)
        run = FollowedRun(document, restored(entry.parameters, FIRST), entry.title, self._controller)
        run.follow(entry, more, document.activeNode())
        self._controller.show_begun(run)


def _check_style(chosen: Parameters) -> None:
    if not chosen.preset:
        raise PainterError(tr("No style is chosen. Click one in the gallery."))
