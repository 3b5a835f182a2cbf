"""A clip through the daemon: a few frames ahead of the one that is painted, each written as soon as it is done."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neural_style_client import Client, DaemonError, DaemonGone

from ..errors import NeuralStyleError
from ..pixels import Picture
from ..video.clip import ClipFrame
from .painting import follow, upload
from .video_schedule import Schedule
from .video_work import Work

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

AHEAD = 3
"""Frames that the daemon has at once: the one that it paints, and those that follow without a pause."""

BUSY_S = 1.0
"""Between two questions whether the daemon has room for another job."""

RECENT = 8
"""Frames by whose time the time left is told."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A frame of the clip with its pixels."""

    number: int
    picture: Picture

    def is_like(self, other: Seen | None) -> bool:
        return other is not None and np.array_equal(self.picture.pixels, other.picture.pixels)

    @property
    def is_empty(self) -> bool:
        return not self.picture.pixels[..., 3].any()


@dataclass(frozen=True, eq=False)
class Sent:
    """A frame that the daemon has as a job. Without one its picture is that of frame `held`, or its own content."""

    frame: Seen
    job: str | None = None
    iterations: int = 0
    held: int | None = None


class ClipPainter:
    """Paints what is missing in `work`. body: of the sequence. keys: files of painted key frames by their numbers."""

    def __init__(
        self, client: Client, work: Work, body: dict[str, Any], schedule: Schedule, keys: Mapping[int, Path]
    ) -> None:
        self._client, self._work, self._body, self._schedule, self._keys = client, work, body, schedule, keys
        self._sequence: str | None = None
        self._waiting: deque[Sent] = deque()
        self._last_sent: Seen | None = None
        self._last_job: str | None = None
        self._recent: deque[float] = deque(maxlen=RECENT)

    def run(self, most: int | None, bar: Progress) -> None:
        """All frames, or `most` more. Raises NeuralStyleError, DaemonError and DaemonGone; the painted ones stay."""
        numbers = self._work.clip.numbers[:most]
        whole = bar.add_task("all frames", total=len(numbers), completed=self._painted(numbers), note="")
        one = bar.add_task("waiting", total=1, note="")
        if self._work.sequence is not None:
            self._forget(self._work.sequence)
        before: ClipFrame | None = None
        try:
            for frame in self._work.clip.frames():
                if frame.number > numbers[-1]:
                    break
                if self._work.has(frame.number):
                    self._drain(bar, whole, one)
                    self._leave()
                    self._last_sent = None
                else:
                    self._send(frame, before)
                    if len(self._waiting) >= AHEAD:
                        self._take(bar, whole, one)
                before = frame
            self._drain(bar, whole, one)
        finally:
            self._leave()

    def _painted(self, numbers: list[int]) -> int:
        return sum(self._work.has(number) for number in numbers)

    # to the daemon

    def _send(self, frame: ClipFrame, before: ClipFrame | None) -> None:
        seen = Seen(frame.number, frame.read())
        if seen.is_empty:
            self._waiting.append(Sent(seen))
        elif before is not None and frame.number not in self._keys and self._holds(seen, before):
            self._waiting.append(Sent(seen, held=before.number))
        else:
            if self._sequence is None:
                self._start(before)
            job = self._add(seen, self._key(frame.number))
            self._waiting.append(Sent(seen, job["id"], job["iterations"]))
        self._last_sent = seen

    def _holds(self, seen: Seen, before: ClipFrame) -> bool:
        """Whether the picture is that of the frame before, which is painted or sent."""
        if self._last_sent is None and self._work.picture(before.number).is_file():
            self._last_sent = Seen(before.number, before.read())
        return seen.is_like(self._last_sent)

    def _start(self, before: ClipFrame | None) -> None:
        """A new sequence, which goes on from the frame before where that is painted."""
        self._sequence = self._client.start_sequence(self._body)["id"]
        self._work.note_sequence(self._sequence)
        if before is not None and self._work.picture(before.number).is_file():
            former = Seen(before.number, before.read())
            if not former.is_empty:
                self._add(former, self._work.read(before.number))

    def _key(self, number: int) -> Picture | None:
        path = self._keys.get(number)
        if path is None:
            return None
        from ..pictures.reading import read_picture_file

        return read_picture_file(path.read_bytes(), 10**9).picture

    def _add(self, seen: Seen, key: Picture | None) -> dict[str, Any]:
        """Its job; waits while the daemon has no room for one."""
        frame = {"content": upload(self._client, seen.picture), **self._schedule.at(seen.number)}
        if key is not None:
            frame["key"] = upload(self._client, key)
        while True:
            try:
                return self._client.add_frame(self._sequence or "", frame)
            except DaemonError as error:
                if error.code != "too_many":
                    raise
            time.sleep(BUSY_S)

    # from the daemon

    def _drain(self, bar: Progress, whole: TaskID, one: TaskID) -> None:
        while self._waiting:
            self._take(bar, whole, one)

    def _take(self, bar: Progress, whole: TaskID, one: TaskID) -> None:
        """Wait for the first frame that was sent, and write it."""
        sent, started = self._waiting.popleft(), time.monotonic()
        number = sent.frame.number
        if sent.job is not None:
            bar.reset(one, total=max(1, sent.iterations), note="")
            with _about(number):
                follow(self._client, {"id": sent.job}, bar, one, label=f"frame {number}: ")
                result = self._client.result(sent.job)
            painted = Picture(_pixels(result), "RGBA8")
            self._recent.append(time.monotonic() - started)
        else:
            painted = sent.frame.picture if sent.held is None else self._work.read(sent.held)
        self._work.write(number, painted)
        if sent.job is not None and self._last_job is not None:
            self._delete(self._last_job)
        self._last_job = sent.job or self._last_job
        self._work.tidy(number)
        bar.advance(whole)
        task = next(task for task in bar.tasks if task.id == whole)
        left = (task.total or 0) - task.completed
        if self._recent and left:
            bar.update(whole, note=f"{spoken(left * sum(self._recent) / len(self._recent))} left")

    def _leave(self) -> None:
        """Nothing stays in the daemon."""
        if self._sequence is not None:
            self._forget(self._sequence)
        self._sequence, self._last_job = None, None

    def _forget(self, identity: str) -> None:
        with contextlib.suppress(DaemonError, DaemonGone):
            self._client.delete_sequence(identity)
            self._work.note_sequence(None)

    def _delete(self, job: str) -> None:
        with contextlib.suppress(DaemonError):
            self._client.delete_job(job)


@contextlib.contextmanager
def _about(number: int) -> Iterator[None]:
    """Errors within say which frame they are about."""
    try:
        yield
    except NeuralStyleError as error:
        raise type(error)(f"Frame {number}: {error.detail}", hint=error.hint, code=error.code) from None


def _pixels(result: Any) -> Any:
    return np.frombuffer(result.data, np.uint8).reshape(result.height, result.width, 4)


def client_name() -> str:
    return f"cli-{os.getpid()}"


def spoken(seconds: float) -> str:
    """A time for people, such as 40 s, 12 min or 3 h 20 min."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
