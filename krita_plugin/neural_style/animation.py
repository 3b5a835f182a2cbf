"""A range of an animation's frames, one job each with the same seed, into one animated layer.

Krita's Python has no call that makes a key frame; its own action does, on the current layer at the current
time. So these two are set for as long as it takes, and set back. In the end all is one undo step (see `steps`).
"""

from typing import Any, Iterator, List, Optional

from krita import Krita

from . import naming
from .document import is_open
from .pixels import Picture
from .problems import LayerGone, Problem
from .pulse import rest, until
from .result import Place, Result, is_within, written
from .steps import OwnSteps
from .words import tr

SETTLED_S = 0.15
MAX_FRAMES = 500


def frames_between(first: int, last: int) -> List[int]:
    """The frames of a range, both ends among them. Raises Problem for one of no use."""
    if last < first:
        raise Problem(tr("The last frame lies before the first. Set the range again."))
    if last - first >= MAX_FRAMES:
        raise Problem(tr("That are more than {} frames. Choose a shorter range.", MAX_FRAMES))
    return list(range(first, last + 1))


def range_of(document: Any) -> "tuple":
    """The (first, last) frame that a painter plays."""
    return document.playBackStartTime(), document.playBackEndTime()


def at_time(document: Any, time: int) -> Iterator[Any]:
    """Go to a frame and wait until Krita shows it."""
    _require_open(document)
    document.setCurrentTime(time)
    yield from until(lambda: not is_open(document) or document.currentTime() == time)
    yield from rest(SETTLED_S)
    _require_open(document)
    document.waitForDone()


def _require_open(document: Any) -> None:
    if not is_open(document):
        raise LayerGone(tr("The picture was closed, so the job was cancelled."))


class KeyFrames(Result):
    """One animated layer; `time` says which of its frames the next picture is for."""

    def __init__(self, place: Place, title: str, frames: List[int]) -> None:
        super().__init__(place, naming.frame_name(title, frames[0], frames[-1]))
        self.time = frames[0]
        self._begun_at = place.document.currentTime()
        self._steps = OwnSteps(place.document)
        self._unwanted = False
        self._complete = False

    def paint(self, picture: Picture) -> Iterator[Any]:
        self.check()
        if not self._added:
            self._layer(picture)
            yield from self._add()
            yield from self._chosen()
            self._steps.took_one()
            self._node.enableAnimation()
            yield from rest(SETTLED_S)
        if not self._node.hasKeyframeAtTime(self.time):
            yield from self._add_frame()
        for _ in written(self._node, picture, self.area, self.check):
            yield
        self.outlives_failure = True
        self.document.refreshProjection()

    def keep_choice(self) -> None:
        """The animated layer has to be the active one as long as frames are added to it."""
        if self._complete:
            super().keep_choice()

    def remove(self) -> None:
        """Done by `leave`, which takes the other steps back too."""
        self._unwanted = True

    def go_to(self, time: int) -> Iterator[Any]:
        """Make a frame the current one."""
        if self.document.currentTime() != time:
            yield from at_time(self.document, time)
            self._steps.took_one()

    def leave(self) -> Iterator[Any]:
        """No further frame comes: back to where the painter was. How many undo steps there are is the value."""
        taken_back = False
        if self._added and not self._is_gone():
            copy = self._node.duplicate()
            taken_back = yield from self._steps.taken_back(self._is_gone)
        self._complete = True
        if not is_open(self.document):
            return 0
        self.document.setCurrentTime(self._begun_at)
        yield from rest(SETTLED_S)
        if taken_back and not self._unwanted:
            self._node = copy
            yield from self._add()
        elif self._unwanted and not self._is_gone():
            self._node.remove()
        if self._above is not None and is_within(self.document, self._above):
            self.document.setActiveNode(self._above)
        return 1 if taken_back or self._unwanted else self._steps.count

    def _is_gone(self) -> bool:
        return not is_open(self.document) or not is_within(self.document, self._node)

    def _chosen(self) -> Iterator[Any]:
        """Make the layer active. Krita does so itself after a while; asking for it sooner confuses its dockers."""
        is_chosen = yield from until(lambda: self._gone() or self.document.activeNode() == self._node)
        self.check()
        if not is_chosen:
            self.document.setActiveNode(self._node)
            yield from until(lambda: self._gone() or self.document.activeNode() == self._node)
        yield from rest(SETTLED_S)
        self.check()

    def _gone(self) -> bool:
        return not is_open(self.document)

    def _add_frame(self) -> Iterator[Any]:
        yield from self.go_to(self.time)
        if self.document.activeNode() != self._node:
            self.document.setActiveNode(self._node)
            yield from self._chosen()
        self.check()
        if Krita.instance().activeDocument() == self.document:
            Krita.instance().action("add_blank_frame").trigger()
        yield from until(lambda: self._gone() or self._node.hasKeyframeAtTime(self.time))
        self.check()
        if not self._node.hasKeyframeAtTime(self.time):
            raise LayerGone(tr("A frame could not be added. Keep this picture in front while it is painted."))
        yield from rest(SETTLED_S)  # until Krita's menu knows of the step
        self._steps.took_one()


class Sequence:
    """Which frames are still to be painted, and the layer that they come into."""

    def __init__(self, frames: List[int]) -> None:
        self._left = list(frames)
        self.frames = list(frames)
        self.result = None  # type: Optional[KeyFrames]
        self.layer = None

    def next(self) -> Optional[int]:
        return self._left.pop(0) if self._left else None

    def stop(self) -> None:
        """No further frame is wanted."""
        self._left.clear()

    @property
    def is_over(self) -> bool:
        return not self._left
