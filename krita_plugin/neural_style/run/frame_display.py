"""A job's pictures on their way to the canvas: one at a time, the newest, and between two a rest for the painter."""

from typing import TYPE_CHECKING, Any, Callable, Optional

from ..document.errors import ImageChanged, LayerGone, LayerLocked
from ..document.pixels import Picture
from ..neural_style_client.errors import PainterError
from ..neural_style_client.tasks import Task, wait_for

if TYPE_CHECKING:
    from ..document.frame_to_layer import ResultLayer


class FrameDisplay:
    """`add_task` drives the work on the canvas, `while_up` lets a task go on only while the pen is up. `shown(picture)`
    is called for each picture that stands there, `failed` with the PainterError of one that cannot, and `free()` when
    none waits any more, failed or not."""

    def __init__(
        self,
        add_task: Callable[[Task], Any],
        while_up: Callable[[Task], Task],
        shown: Callable[[Picture], Any],
        failed: Callable[[PainterError], Any],
        free: Callable[[], Any],
    ) -> None:
        self.is_busy = False
        self._add_task, self._while_up = add_task, while_up
        self._shown, self._failed, self._free = shown, failed, free
        self._waiting: Optional[Picture] = None
        self._is_over = False

    def show(self, result: "ResultLayer", picture: Picture) -> None:
        """It takes the place of one that waits."""
        self._waiting = picture
        if not self.is_busy:
            self.is_busy = True
            self._add_task(self._show(result))

    def end(self) -> None:
        """What is half shown is left so, and nothing more is shown."""
        self._is_over = True

    def _show(self, result: "ResultLayer") -> Task:
        try:
            while self._waiting is not None and not self._is_over:
                picture, self._waiting = self._waiting, None
                for step in self._while_up(result.show_frame(picture)):
                    yield step
                    if self._is_over:
                        return
                self._shown(picture)
                yield from wait_for(result.rest_s)
        except (ImageChanged, LayerGone, LayerLocked) as problem:
            self._failed(problem)
        finally:
            self.is_busy = False
            self._free()
