"""A clip through the daemon, each frame written as soon as it is done.

The frames of a scene go through a `FilmSession` of the client, one after another; where the daemon has several workers
scenes are painted at once. A frame that is painted already is sent only before one that is not: with its picture as a
key, so that the next one follows it to the same bytes.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from neural_style_client import Client, DaemonError, DaemonGone, Pixels
from neural_style_client.drawing import Drawing
from neural_style_client.film import AHEAD, FilmFrame, FilmSession

from ..errors import NeuralStyleError
from ..pixels import Picture, from_raw
from ..video.clip import ClipFrame
from .video_bars import Bars, OneBar
from .video_keys import PaintedKeys, sendable
from .video_masks import FrameMasks, MaskedFrame
from .video_result import ClipResult
from .video_scenes import Scenes
from .video_schedule import Schedule

if TYPE_CHECKING:
    from rich.progress import Progress

LOOK_S = 0.5
"""A wait without end hears no Ctrl-C on Windows."""

COUNT_S = 2.0
"""Workers of a cluster come and go; they are counted anew so often."""

LET_GO_S = 20.0
"""How long the end waits for the daemon to forget a sequence."""


@dataclass(frozen=True, eq=False)
class ClipRequest:
    """What is asked of a clip's frames. body: of the sequences."""

    client: Client
    result: ClipResult
    body: dict[str, Any]
    schedule: Schedule
    keys: PaintedKeys
    masks: FrameMasks


class ClipPainter:
    """Paints what is missing: as many scenes at once as there are workers, but at most `most`."""

    def __init__(self, request: ClipRequest, most: int = 1) -> None:
        self._request, self._most = request, most
        self._counted, self._count = float("-inf"), 1

    def run(self, most: int | None, bar: Progress, keys: PaintedKeys | None = None) -> None:
        """All frames, or the first `most`, perhaps with other keys. Raises NeuralStyleError; the painted ones stay."""
        self._request = self._request if keys is None else replace(self._request, keys=keys)
        result = self._request.result
        numbers = result.clip.numbers[:most]
        painted = sum(result.has(number) for number in numbers)
        self._forget_former()
        if painted == len(numbers):
            return
        scenes, bars = Scenes(result.clip, numbers, apart=self._most > 1), Bars(bar, len(numbers), painted)
        lanes, ends = list[_Lane](), queue.Queue[BaseException | None]()
        ended = 0
        try:
            while not lanes or ended < len(lanes):
                while not scenes.over and len(lanes) - ended < self._allowed():
                    lanes.append(_Lane(self._request, scenes, bars, ends.put))
                with contextlib.suppress(queue.Empty):
                    error = ends.get(timeout=LOOK_S)
                    ended += 1
                    if error is not None:
                        raise error
        finally:
            scenes.close()
            for lane in lanes:
                lane.stop()
            for lane in lanes:
                lane.join()

    def _allowed(self) -> int:
        """How many lanes there may be now."""
        if self._most > 1 and time.monotonic() - self._counted > COUNT_S:
            with contextlib.suppress(DaemonGone):  # the lanes notice one that is really gone
                self._count = min(self._most, max(1, len(self._request.client.workers())))
            self._counted = time.monotonic()
        return self._count

    def _forget_former(self) -> None:
        """A run that was killed could not."""
        record = self._request.result.record
        for sequence in list(record.sequences):
            with contextlib.suppress(DaemonGone):  # it stays noted then
                with contextlib.suppress(DaemonError):  # it is forgotten already
                    self._request.client.sequences.delete(sequence)
                record.forget_sequence(sequence)


class _Lane:
    """A thread that paints one scene after another, each as a sequence. `end` gets None when none is left, or else what
    has failed. The scenes come in order, so it reads the clip but once."""

    def __init__(
        self, request: ClipRequest, scenes: Scenes, bars: Bars, end: Callable[[BaseException | None], None]
    ) -> None:
        self._client, self._result, self._body, self._schedule = (
            request.client,
            request.result,
            request.body,
            request.schedule,
        )
        self._keys, self._scenes, self._bars, self._end = request.keys.again(), scenes, bars, end
        self._masks = request.masks
        clip = request.result.clip
        self._may_hide, self._time, self._frames = bool(request.masks) or clip.look.alpha, clip.time, clip.frames()
        self._next: ClipFrame | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="video-lane", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Where it stands."""
        self._stopped.set()

    def join(self) -> None:
        self._thread.join(LET_GO_S)

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            with self._bars.one() as bar:
                while not self._stopped.is_set() and (scene := self._scenes.take(self)) is not None:
                    self._paint(scene, bar)
        except BaseException as found:  # the border between this thread and the one that waits for it
            error = found
        self._end(error)

    def _paint(self, scene: list[int], bar: OneBar) -> None:
        painted = [self._result.has(number) for number in scene]
        if all(painted):
            return
        followed = sum(before and not now for before, now in itertools.pairwise(painted))
        heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        total = painted.count(False) + followed
        session = FilmSession(lambda: self._client, lambda *said: heard.put(said), total, _picture, AHEAD)
        session.begin(self._body)
        try:
            self._follow(session, heard, self._drawings(scene), bar)
        finally:
            session.stop()
            session.join(LET_GO_S)
            self._result.record.forget_sequence(session.sequence)

    def _follow(
        self,
        session: FilmSession,
        heard: queue.Queue[tuple[str, Any]],
        drawings: Iterator[tuple[int, Drawing]],
        bar: OneBar,
    ) -> None:
        """Give frames when they are wanted, and write their results, until all are done."""
        for name, value in self._said(heard):
            self._result.record.note_sequence(session.sequence)
            if name == "want":
                _give(session, next(drawings, None))
            elif name == "frame" and not self._result.has(value.number):
                self._write(value)
                self._bars.painted()
            elif name == "failed":
                raise NeuralStyleError(value, hint="")
            elif name == "ended":
                return
            else:
                bar.show(name, value)

    def _said(self, heard: queue.Queue[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Empty):
                yield heard.get(timeout=LOOK_S)

    def _drawings(self, scene: list[int]) -> Iterator[tuple[int, Drawing]]:
        """The frames that are missing, and each painted one that such a frame follows. An empty frame, and one of which
        nothing is painted, is not sent, and none follows it."""
        before: MaskedFrame | None = None  # painted, and not sent
        for frame in self._frames_of(scene):
            masked = MaskedFrame(frame, self._masks)
            if self._result.has(frame.number):
                before = masked if not self._may_hide or masked.is_seen else before
                continue
            if before is not None and self._result.pictures.path(before.number).is_file():
                painted = sendable(self._result.pictures.read(before.number))
                yield before.number, Drawing(sendable(before.content), key=painted, time=self._time(before.number))
            before = None
            yield frame.number, self._drawing(masked)

    def _frames_of(self, scene: list[int]) -> Iterator[ClipFrame]:
        """The clip is read on from where it was left."""
        while (frame := self._next or next(self._frames, None)) is not None and frame.number <= scene[-1]:
            self._next = None
            if frame.number >= scene[0]:
                yield frame
        self._next = frame

    def _drawing(self, frame: MaskedFrame) -> Drawing:
        number = frame.number
        self._result.sources.note(number)
        key = self._keys.key(number)
        drawn_to = self._keys.drawn_to(number) if key is None else None
        mask = None if frame.mask is None else sendable(frame.mask)
        options, time = self._schedule.at(number), self._time(number)
        return Drawing(sendable(frame.content), mask, key, drawn_to, options, time)

    def _write(self, found: FilmFrame) -> None:
        self._result.pictures.write(found.number, found.picture)
        self._result.tidy(self._scenes.reached(self, found.number))


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
