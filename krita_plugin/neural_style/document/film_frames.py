"""Which frames of an animation are painted, and what of each of them is sent."""

from typing import Any, List, Optional

from ..neural_style_client.errors import PainterError
from ..neural_style_client.tasks import Task
from ..neural_style_client.translations import tr
from .key_frames import KeyFrames
from .open_documents import all_nodes, is_within
from .source import Source


def frames_of(node: Any, first: int, last: int, every: bool = False, keys: Any = None) -> List[int]:
    """The frames from `first` to `last` on which a new drawing begins, on the layer, on one within it, or on the layer
    `keys`; `first` itself shows what is held there. `every`: all of them, also between key frames.

    Raises PainterError where there is nothing to paint.
    """
    if last < first:
        raise PainterError(tr("The last frame lies before the first. Set the range again."))
    animated = _animated(node)
    if not animated:
        raise PainterError(
            tr("“{}” has no frames. Choose an animated layer, or a group that has one inside.", node.name())
        )
    drawn = animated if keys is None else [*animated, keys]
    return [
        time
        for time in range(first, last + 1)
        if every or time == first or any(one.hasKeyframeAtTime(time) for one in drawn)
    ]


def key_layers(document: Any, node: Any) -> List[Any]:
    """The animated layers that can have painted keys for another one."""
    within = {one.uniqueId() for one in (node, *all_nodes(node))}
    found = [one for one in all_nodes(document.rootNode()) if one.type() == "paintlayer" and one.animated()]
    return [one for one in found if one.uniqueId() not in within]


def end_of(document: Any, node: Any, last: int, every: bool = False) -> Optional[int]:
    """The first frame that shows something else than `last` does, None where the film's last drawing is held to the
    end. There the result has to end, or it would hide what is not painted."""
    animated = _animated(node)
    later = range(last + 1, document.fullClipRangeEndTime() + 1)
    return next((time for time in later if every or any(one.hasKeyframeAtTime(time) for one in animated)), None)


def _animated(node: Any) -> List[Any]:
    return [one for one in (node, *all_nodes(node)) if one.animated()]


class FilmSource:
    """One layer, frame by frame, on the same part of the canvas: all of it, or around the selection at the start; and
    the layer with its painted keys, if there is one."""

    def __init__(self, document: Any, node: Any, result: KeyFrames, keys: Any = None) -> None:
        self._source = Source(document, True, node)
        self._keys = None if keys is None else Source(document, True, keys)
        self._result = result
        self.area, self.mask, self.format = self._source.area, self._source.mask, self._source.format
        result.area = self.area

    def read(self, time: int) -> Task:
        """Go to a frame; its pieces are the outcome. Raises PainterError where the painter's document is in the way."""
        return (yield from self._read(self._source, time))

    def read_key(self, time: int) -> Task:
        """The pieces of the painted key of a frame; None where it has none."""
        if self._keys is None or not self.has_key(time):
            return None
        return (yield from self._read(self._keys, time))

    def has_key(self, time: int) -> bool:
        return self._keys is not None and self._keys.node.hasKeyframeAtTime(time)

    def _read(self, source: Source, time: int) -> Task:
        yield from self._result.go_to(time)
        self._result.check()
        if not is_within(source.document, source.node):
            raise PainterError(tr("The layer was deleted, so the frames after it cannot be painted."))
        pieces = []
        for piece in source.pieces():
            pieces.append(piece)
            yield
        return pieces
