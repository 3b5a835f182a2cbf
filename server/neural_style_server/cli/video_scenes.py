"""The scenes of a clip, which lanes paint at once: each lane takes the next scene when it has painted one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from ..errors import NeuralStyleError
from ..jobs.scenes import begins_scene
from ..pixels import Picture
from ..video.clip import Clip


class Scenes:
    """Of the frames `numbers`, in order, each scene taken once; all in one where they are not `apart`. The clip is read
    no further than to the end of the scene that is taken. Thread-safe."""

    def __init__(self, clip: Clip, numbers: Sequence[int], *, apart: bool) -> None:
        self._clip, self._last = clip, numbers[-1]
        self._found = self._search() if apart else iter([list(numbers)])
        self._taking, self._lock = threading.Lock(), threading.Lock()
        self._reached: dict[object, int] = {}
        self._closed = False
        self.over = False
        """Whether all are taken."""

    def take(self, lane: object) -> list[int] | None:
        """The numbers of the next scene's frames; None where there is none, and the lane has ended."""
        with self._taking:
            scene = next(self._found, None)
            self.over = self.over or scene is None
            with self._lock:
                if scene is None:
                    self._reached.pop(lane, None)
                else:
                    self._reached[lane] = scene[0]
            return scene

    def reached(self, lane: object, number: int) -> int:
        """The lane has painted its scene up to this frame. The first frame that is still needed by any lane: all before
        are painted, or cannot be."""
        with self._lock:
            self._reached[lane] = number
            return min(self._reached.values())

    def close(self) -> None:
        """No more are looked for."""
        self._closed = self.over = True

    def _search(self) -> Iterator[list[int]]:
        scene: list[int] = []
        before: Picture | None = None
        for frame in self._clip.frames():
            if self._closed or frame.number > self._last:
                break
            try:
                now = frame.read()
            except NeuralStyleError:  # told by the lane that comes to it
                scene.append(frame.number)
                before = None
                continue
            if not now.is_empty and before is not None and begins_scene(before, now):
                yield scene
                scene = []
            scene.append(frame.number)
            before = before if now.is_empty else now  # an empty frame is not sent, and none follows it
        if scene and not self._closed:
            yield scene
