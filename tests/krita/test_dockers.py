"""Two windows, two dockers, one job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from neural_style.ui.dockers import SHOWN, Dockers


class Signal:
    def __init__(self) -> None:
        self.slots: list[Callable[..., Any]] = []

    def connect(self, slot: Callable[..., Any]) -> None:
        self.slots.append(slot)

    def emit(self) -> None:
        for slot in self.slots:
            slot()


class Docker:
    """Keeps the last of all that it was shown."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.destroyed = Signal()
        self.is_active = self.is_seen = False
        self.shown: dict[str, Any] = {}
        for one in (*SHOWN, "show_forecast"):
            setattr(self, one, lambda *values, one=one: self.shown.update({one: values}))

    def isActiveWindow(self) -> bool:
        return self.is_active

    def chosen(self) -> str:
        return self.name


def two() -> tuple[Dockers, Docker, Docker]:
    view, first, second = Dockers(), Docker("first"), Docker("second")
    view.add(first)
    view.add(second)
    return view, first, second


def test_a_job_is_shown_in_every_window() -> None:
    view, first, second = two()
    view.show_progress({"iteration": 3})
    assert first.shown == second.shown == {"show_progress": ({"iteration": 3},)}


def test_a_closed_window_is_shown_nothing_any_more() -> None:
    view, first, second = two()
    second.destroyed.emit()
    view.show_problem("The picture was closed.")
    assert second.shown == {} and first.shown == {"show_problem": ("The picture was closed.",)}
    first.destroyed.emit()
    assert view.is_empty
    view.show_problem("")


def test_what_is_chosen_is_what_the_docker_in_front_says() -> None:
    view, first, second = two()
    second.is_active = True
    assert view.chosen() == "second"
    second.is_active = False  # a dialogue, or another program, is in front
    assert view.chosen() == "second"
    view.show_forecast("About 3 s")
    assert first.shown == {} and second.shown == {"show_forecast": ("About 3 s",)}
    second.destroyed.emit()
    assert view.chosen() == "first"


def test_the_daemon_is_looked_at_while_one_of_them_is_seen() -> None:
    view, _, second = two()
    assert not view.are_seen()
    second.is_seen = True
    assert view.are_seen()
