"""Which of a job's pictures reach the canvas, with records for layers and no Krita."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from neural_style.document.errors import ImageChanged, LayerGone, LayerLocked
from neural_style.document.pixels import Picture
from neural_style.run.frame_display import FrameDisplay


def picture(iteration: int) -> Picture:
    return Picture(1, 1, "RGBA8", [], iteration)


class Canvas:
    """A result's layer that takes two steps for a picture, and what drives them."""

    def __init__(self) -> None:
        self.rest_s = 0.0
        self.written: list[int] = []
        self.said: list[Any] = []
        self.problem: Exception | None = None
        self.tasks: list[Iterator[Any]] = []
        self.display = FrameDisplay(
            self.tasks.append,
            lambda task: task,
            lambda found: self.said.append(found.iteration),
            self.said.append,
            lambda: self.said.append("free"),
        )

    def show_frame(self, found: Picture) -> Iterator[None]:
        yield
        if self.problem is not None:
            raise self.problem
        self.written.append(found.iteration)
        yield

    def show(self, *iterations: int) -> Canvas:
        for iteration in iterations:
            self.display.show(self, picture(iteration))
        return self

    def step(self, count: int = 1) -> None:
        for _ in range(count):
            next(self.tasks[0])

    def finish(self) -> None:
        while self.tasks:
            for _ in self.tasks.pop(0):
                pass


def test_a_picture_is_shown_and_the_canvas_is_free() -> None:
    canvas = Canvas().show(10)
    assert canvas.display.is_busy
    canvas.finish()
    assert canvas.written == [10] and canvas.said == [10, "free"] and not canvas.display.is_busy


def test_of_pictures_that_wait_the_newest_is_shown() -> None:
    canvas = Canvas().show(10)
    canvas.step()
    canvas.show(20, 30)
    assert len(canvas.tasks) == 1
    canvas.finish()
    assert canvas.written == [10, 30] and canvas.said == [10, 30, "free"]


def test_after_the_canvas_was_free_the_next_is_shown() -> None:
    canvas = Canvas().show(10)
    canvas.finish()
    canvas.show(20).finish()
    assert canvas.said == [10, "free", 20, "free"]


def test_krita_has_a_rest_before_the_next() -> None:
    canvas = Canvas()
    canvas.rest_s = 10.0**6
    canvas.show(10).step(2)
    canvas.show(20).step(5)
    assert canvas.written == [10] and canvas.said == [10] and canvas.display.is_busy


def test_what_is_half_shown_at_the_end_is_left_so() -> None:
    canvas = Canvas().show(10)
    canvas.step()
    canvas.show(20).display.end()
    canvas.finish()
    assert canvas.written == [] and canvas.said == ["free"]


def test_after_the_end_nothing_is_shown() -> None:
    canvas = Canvas()
    canvas.display.end()
    canvas.show(10).finish()
    assert canvas.written == [] and canvas.said == ["free"]


@pytest.mark.parametrize("problem", [ImageChanged("Another size."), LayerGone("Deleted."), LayerLocked("Locked.")])
def test_why_a_picture_cannot_be_shown_is_told(problem: Exception) -> None:
    canvas = Canvas().show(10)
    canvas.problem = problem
    canvas.finish()
    assert canvas.said == [problem, "free"] and not canvas.display.is_busy
    canvas.problem = None
    canvas.show(20).finish()
    assert canvas.written == [20]


def test_what_nobody_expects_is_left_to_whoever_drives_it() -> None:
    canvas = Canvas().show(10)
    canvas.problem = ValueError("Unexpected.")
    with pytest.raises(ValueError, match="Unexpected"):
        canvas.finish()
    assert canvas.said == ["free"] and not canvas.display.is_busy
