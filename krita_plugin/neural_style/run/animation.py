"""A range of an animation's frames: one job after the other, in the end one step to undo."""

from typing import Any, Callable, List, Optional

from ..document.key_frames import FrameRange
from ..neural_style_client.tasks import Task
from ..neural_style_client.translations import tr


class Animation:
    """`say(problem)` and `closed()` are called at the end of a range; `add_task` drives what takes longer."""

    def __init__(self, add_task: Callable[[Task], Any], say: Callable[[str], Any], closed: Callable[[], Any]) -> None:
        self.frame_range: Optional[FrameRange] = None
        self.is_closing = False
        self._add_task, self._say, self._closed = add_task, say, closed

    def begin(self, document: Any, title: str, frames: List[int]) -> FrameRange:
        self.frame_range = FrameRange(document, title, frames)
        return self.frame_range

    def forget(self) -> None:
        """What is painted next belongs to no range."""
        self.frame_range = None

    def stop_after_this(self) -> None:
        """No further frame is painted."""
        if self.frame_range is not None:
            self.frame_range.left.clear()

    def goes_on(self, state: str) -> bool:
        """Whether another frame is to be painted after one that ended so."""
        return state == "done" and self.frame_range is not None and bool(self.frame_range.left)

    def end(self) -> None:
        """Make all that the range has done one step to undo."""
        frame_range, self.frame_range = self.frame_range, None
        if frame_range is not None:
            self.is_closing = True
            self._add_task(self._close(frame_range))

    def _close(self, frame_range: FrameRange) -> Task:
        try:
            steps = yield from frame_range.result.close()
            if steps > 1:
                self._say(tr("You painted meanwhile, so these frames are {} undo steps.", steps))
        finally:
            self.is_closing = False
            self._closed()
