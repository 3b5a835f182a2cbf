"""The frames of an animation, into one new animated layer.

Krita's Python has no call that makes a key frame; its own action does, on the current layer at the current time. So
these two are set for as long as it takes, and set back. In the end all is one undo step (see `undo_macro`).
"""

from typing import Any, List, Tuple

from krita import Krita

from ..neural_style_client.tasks import Task, wait_for, wait_until
from ..neural_style_client.translations import tr
from . import layer_names
from .errors import LayerGone
from .frame_to_layer import Place, ResultLayer, write_pixels
from .open_documents import is_open, is_within
from .pixels import Picture
from .undo_macro import UndoMacro

SETTLED_S = 0.15


def range_of(document: Any) -> Tuple[int, int]:
    """The (first, last) frame that a painter plays."""
    return document.playBackStartTime(), document.playBackEndTime()


class KeyFrames(ResultLayer):
    """One animated layer; `time` says which of its frames the next picture is for."""

    def __init__(self, place: Place, title: str, frames: List[int]) -> None:
        super().__init__(place, layer_names.frame_name(title, frames[0], frames[-1]))
        self.time = frames[0]
        self._begun_at = place.document.currentTime()
        self._macro = UndoMacro(place.document)
        self._unwanted = False
        self._complete = False

    def show_frame(self, picture: Picture) -> Task:
        self.check()
        if not self._added:
            yield from self._make()
            yield from self._add()
            yield from self._wait_until_active()
            yield from self._settle()
            self._macro.record()
            self._node.enableAnimation()
            yield from self._settle()
        if not self._node.hasKeyframeAtTime(self.time):
            yield from self._add_key_frame()
        yield from write_pixels(self._node, picture, self.area, self.check)
        self.outlives_failure = True
        self.document.refreshProjection()

    def keep_active_layer(self) -> None:
        """The animated layer has to be the active one as long as frames are added to it."""
        if self._complete:
            super().keep_active_layer()

    def remove(self) -> None:
        """Done by `close`, which takes the other steps back too."""
        self._unwanted = True

    def go_to(self, time: int) -> Task:
        """Make a frame the current one and wait until Krita shows it."""
        if self.document.currentTime() == time:
            return
        self._require_open()
        self.document.setCurrentTime(time)
        yield from wait_until(lambda: not is_open(self.document) or self.document.currentTime() == time)
        yield from self._settle()
        self._macro.record()

    def close(self) -> Task:
        """No further frame comes: back to where the painter was. The outcome is how many undo steps there are."""
        undone = False
        if self._added and not self._is_gone():
            copy = self._node.duplicate()
            undone = yield from self._macro.undo_all(self._is_gone)
        self._complete = True
        if not is_open(self.document):
            return 0
        yield from self._go_back()
        if not is_open(self.document):
            return 0
        if undone and not self._unwanted:
            self._node = copy
            yield from self._add()
        elif self._unwanted and not self._is_gone():
            self._node.remove()
        if is_within(self.document, self._above):
            self.document.setActiveNode(self._above)
        return 1 if undone or self._unwanted else self._macro.count

    def _go_back(self) -> Task:
        """To the painter's frame. Krita makes an undo step of it, which must not come after that of the copy."""
        self.document.setCurrentTime(self._begun_at)
        yield from wait_until(lambda: not is_open(self.document) or self.document.currentTime() == self._begun_at)
        yield from wait_for(SETTLED_S)
        if is_open(self.document):
            self.document.waitForDone()

    def _settle(self) -> Task:
        """Until Krita has done what it was asked for, and then its menu knows of the step."""
        self._require_open()
        self.document.waitForDone()
        yield from wait_for(SETTLED_S)
        self._require_open()

    def _is_gone(self) -> bool:
        return not is_open(self.document) or not is_within(self.document, self._node)

    def _require_open(self) -> None:
        if not is_open(self.document):
            raise LayerGone(tr("The picture was closed, so the job was cancelled."))

    def _wait_until_active(self) -> Task:
        """Make the layer active. Krita does so itself after a while; asking for it sooner confuses its dockers."""

        def is_active() -> bool:
            return not is_open(self.document) or self.document.activeNode() == self._node

        active = yield from wait_until(is_active)
        self.check()
        if not active:
            self.document.setActiveNode(self._node)
            yield from wait_until(is_active)
        yield from wait_for(SETTLED_S)
        self.check()

    def _add_key_frame(self) -> Task:
        yield from self.go_to(self.time)
        if self.document.activeNode() != self._node:
            self.document.setActiveNode(self._node)
            yield from self._wait_until_active()
        self.check()
        if Krita.instance().activeDocument() == self.document:
            Krita.instance().action("add_blank_frame").trigger()
        yield from wait_until(lambda: not is_open(self.document) or self._node.hasKeyframeAtTime(self.time))
        self.check()
        if not self._node.hasKeyframeAtTime(self.time):
            raise LayerGone(tr("A frame could not be added. Keep this picture in front while it is painted."))
        yield from self._settle()
        self._macro.record()
