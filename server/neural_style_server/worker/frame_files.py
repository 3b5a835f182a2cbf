"""`frames/N` and `result` of a job: the pictures that a client can fetch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from ..engine.memory.out_of_memory import raising_out_of_memory
from ..files import disk_errors, own_folder
from ..jobs.messages import FrameWritten
from ..jobs.picture_files import share_picture, write_rows
from .painting import Painting


class FrameFiles:
    """Those in a job's folder. `count` is the number of the last one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        frames = [path.stem for path in own_folder(folder / "frames").glob("*.json")]
        self.count = max((int(name) for name in frames if name.isascii() and name.isdigit()), default=0)

    def write(
        self, painting: Painting, picture: Tensor, content: Tensor, iteration: int, iterations: int, **more: Any
    ) -> FrameWritten:
        """Write the picture as the next frame. content: `Transfer.content`; `more` goes into the message."""
        whole = painting.canvas.content
        rows = painting.canvas.delivered(picture, painting.method, painting.store, content)
        path = self._folder / "frames" / str(self.count + 1)
        with disk_errors(), raising_out_of_memory():
            write_rows(path, rows, whole.width, whole.height, whole.format, iteration=iteration)
        self.count += 1
        return FrameWritten(
            id=painting.identity,
            number=self.count,
            iteration=iteration,
            iterations=iterations,
            width=whole.width,
            height=whole.height,
            **more,
        )

    def last_is_result(self) -> None:
        share_picture(self._folder / "frames" / str(self.count), self._folder / "result")
