"""How far a clip is: a bar for all frames, and one for the frame that is next in each scene."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from neural_style_client.film_progress import Progress as FilmProgress

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SHOWN = {"running": "painting", "warming": "loading the network", "queued": "waiting"}


class Bars:
    """Thread-safe."""

    def __init__(self, bar: Progress, total: int, done: int) -> None:
        self._bar, self._left = bar, total - done
        self._whole = bar.add_task("all frames", total=total, completed=done, note="")
        self._lock = threading.Lock()
        self._began, self._painted = time.monotonic(), 0

    @contextmanager
    def one(self) -> Iterator[OneBar]:
        """For a frame at a time."""
        task = self._bar.add_task("waiting", total=1, note="")
        try:
            yield OneBar(self._bar, task)
        finally:
            self._bar.remove_task(task)

    def painted(self) -> None:
        """Another frame is done."""
        with self._lock:
            self._painted += 1
            self._left -= 1
            left_s = (time.monotonic() - self._began) / self._painted * self._left
        self._bar.update(self._whole, advance=1, note=f"{spoken(left_s)} left" if self._left else "")


class OneBar:
    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task
        self._label = ""

    def show(self, name: str, value: Any) -> None:
        """What a film says (see `neural_style_client.film`)."""
        if name == "next":
            self._label = f"frame {value.number}: "
            self._bar.reset(self._task, total=1, note="")
        elif name == "state":
            self._bar.update(self._task, description=self._label + SHOWN.get(value, value))
        elif name == "progress":
            self._progress(value)

    def _progress(self, found: FilmProgress) -> None:
        self._bar.update(self._task, completed=found.iteration, total=found.iterations)


def spoken(seconds: float) -> str:
    """A time for people, such as 40 s, 12 min or 3 h 20 min."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
