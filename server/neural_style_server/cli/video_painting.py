"""A clip through the daemon, frame by frame, each written as soon as it is done.

The frames go through the client's `FilmSession`. A frame that is painted already is sent only before one that is not:
with its picture as a key, so that the next one follows it to the same bytes.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from neural_style_client import Client, DaemonError, DaemonGone, Pixels
from neural_style_client.film import Drawing, FilmFrame, FilmSession
from neural_style_client.film import Progress as FilmProgress

from ..errors import NeuralStyleError
from ..pixels import Picture, from_raw
from ..video.clip import ClipFrame
from .video_keys import PaintedKeys, sendable
from .video_schedule import Schedule
from .video_work import Work

if TYPE_CHECKING:
    from rich.progress import Progress

LOOK_S = 0.5
"""A wait without end hears no Ctrl-C on Windows."""

LET_GO_S = 20.0
"""How long the end waits for the daemon to forget the sequence."""

SHOWN = {"running": "painting", "warming": "loading the network", "queued": "waiting"}


class ClipPainter:
    """Paints what is missing in `work`. body: of the sequence."""

    def __init__(self, client: Client, work: Work, body: dict[str, Any], schedule: Schedule, keys: PaintedKeys) -> None:
        self._client, self._work, self._body, self._schedule, self._keys = client, work, body, schedule, keys

    def run(self, most: int | None, bar: Progress, keys: PaintedKeys | None = None) -> None:
        """All frames, or the first `most`, perhaps with other keys. Raises NeuralStyleError; the painted ones stay."""
        self._keys = keys or self._keys
        numbers = self._work.clip.numbers[:most]
        painted = [self._work.has(number) for number in numbers]
        self._forget_former()
        if all(painted):
            return
        followed = sum(before and not now for before, now in itertools.pairwise(painted))
        heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        total = painted.count(False) + followed
        session = FilmSession(lambda: self._client, lambda *said: heard.put(said), total, _picture)
        session.begin(self._body)
        try:
            self._follow(session, heard, self._drawings(numbers), _Bars(bar, len(numbers), painted.count(True)))
        finally:
            session.stop()
            session.join(LET_GO_S)
            self._work.note_sequence(None)

    def _follow(
        self,
        session: FilmSession,
        heard: queue.Queue[tuple[str, Any]],
        drawings: Iterator[tuple[int, Drawing]],
        bars: _Bars,
    ) -> None:
        """Give frames when they are wanted, and write their results, until all are done."""
        for name, value in _said(heard):
            if session.sequence and session.sequence != self._work.sequence:
                self._work.note_sequence(session.sequence)
            if name == "want":
                _give(session, next(drawings, None))
            elif name == "frame" and not self._work.has(value.number):
                self._write(value)
                bars.painted()
            elif name == "failed":
                raise NeuralStyleError(value, hint="")
            elif name == "ended":
                return
            else:
                bars.show(name, value)

    def _drawings(self, numbers: list[int]) -> Iterator[tuple[int, Drawing]]:
        """The frames that are missing, and each painted one that such a frame follows."""
        before: ClipFrame | None = None
        is_followed = False
        for frame in self._work.clip.frames():
            if frame.number > numbers[-1]:
                return
            is_missing = not self._work.has(frame.number)
            if is_missing:
                if before is not None and not is_followed and self._work.picture(before.number).is_file():
                    painted = sendable(self._work.read(before.number))
                    yield before.number, Drawing(sendable(before.read()), key=painted)
                yield frame.number, self._drawing(frame)
            before, is_followed = frame, is_missing

    def _drawing(self, frame: ClipFrame) -> Drawing:
        key = self._keys.key(frame.number)
        drawn_to = self._keys.drawn_to(frame.number) if key is None else None
        return Drawing(sendable(frame.read()), None, key, drawn_to, self._schedule.at(frame.number))

    def _write(self, found: FilmFrame) -> None:
        self._work.write(found.number, found.picture)
        self._work.tidy(found.number)

    def _forget_former(self) -> None:
        """A run that was killed could not."""
        if self._work.sequence is not None:
            with contextlib.suppress(DaemonError, DaemonGone):
                self._client.delete_sequence(self._work.sequence)
                self._work.note_sequence(None)


class _Bars:
    """One bar for all frames, and one for the frame that is next."""

    def __init__(self, bar: Progress, total: int, done: int) -> None:
        self._bar = bar
        self._whole = bar.add_task("all frames", total=total, completed=done, note="")
        self._one = bar.add_task("waiting", total=1, note="")
        self._label = ""

    def painted(self) -> None:
        self._bar.advance(self._whole)

    def show(self, name: str, value: Any) -> None:
        """What a film says besides (see `neural_style_client.film`)."""
        if name == "next":
            self._label = f"frame {value.number}: "
            self._bar.reset(self._one, total=1, note="")
        elif name == "state":
            self._bar.update(self._one, description=self._label + SHOWN.get(value, value))
        elif name == "progress":
            self._progress(value)

    def _progress(self, found: FilmProgress) -> None:
        self._bar.update(self._one, completed=found.iteration, total=found.iterations)
        if found.left_s is not None:
            self._bar.update(self._whole, note=f"{spoken(found.left_s)} left")


def _said(heard: queue.Queue[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    while True:
        with contextlib.suppress(queue.Empty):
            yield heard.get(timeout=LOOK_S)


def _give(session: FilmSession, found: tuple[int, Drawing] | None) -> None:
    if found is None:
        session.no_more()
    else:
        number, drawing = found
        session.give(number, lambda: drawing)


def _picture(found: Pixels) -> Picture:
    return from_raw(found.data, found.width, found.height, found.format)


def client_name() -> str:
    return f"cli-{os.getpid()}"


def spoken(seconds: float) -> str:
    """A time for people, such as 40 s, 12 min or 3 h 20 min."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
