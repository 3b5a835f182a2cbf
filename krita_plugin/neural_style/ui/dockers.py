"""The dockers of all of Krita's windows, as one view: there is one job at a time, and each window shows it."""

from functools import partial
from typing import Any, List

SHOWN = (
    "show_history", "show_live", "show_made", "show_maker_problem", "show_presets", "show_problem", "show_progress",
    "show_run", "show_status", "show_thumbnail", "withdraw_problem",
)  # fmt: skip


class Dockers:
    """Has a docker's own methods: what is shown is shown in all of them, what is asked is asked of the one in front."""

    def __init__(self) -> None:
        self._all: List[Any] = []
        self._last: Any = None
        for name in SHOWN:
            setattr(self, name, partial(self._show, name))

    def add(self, docker: Any) -> None:
        self._all.append(docker)
        docker.destroyed.connect(lambda *_: self._remove(docker))

    @property
    def is_empty(self) -> bool:
        """Whether all windows are closed, as they can be on a Mac."""
        return not self._all

    def chosen(self) -> Any:
        return self._in_front().chosen()

    def show_forecast(self, words: str) -> None:
        """Of what is chosen there."""
        self._in_front().show_forecast(words)

    def are_seen(self) -> bool:
        """Whether the painter sees one of them."""
        return any(one.is_seen for one in self._all)

    def _show(self, name: str, *values: Any) -> None:
        for one in list(self._all):
            getattr(one, name)(*values)

    def _in_front(self) -> Any:
        """That of the window which the painter uses, or has used last."""
        active = [one for one in self._all if one.isActiveWindow()]
        if active or self._last not in self._all:
            self._last = (active or self._all)[0]
        return self._last

    def _remove(self, gone: Any) -> None:
        """Its window was closed."""
        self._all = [one for one in self._all if one is not gone]
