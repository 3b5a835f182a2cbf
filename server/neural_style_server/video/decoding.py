"""Frames of a video file as they are decoded: numbered by their times, progressive, as far as the file goes."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..errors import InvalidRequest
from .extras import is_cover
from .libav import libav, open_file

USUAL_RATE = Fraction(25)
FAR = 250
"""From this frame on, those before are not decoded but jumped over."""

SEVERAL = 0.1
"""So many frames may have the time of another. Where more have, as in files that were put one after the other, times
say nothing."""


class Decoder:
    """Raises NeedsVideo, and InvalidRequest where there are no pictures. `note` gets sentences for the painter.

    times: when each frame is shown, in units of `time_base`. rate: in frames per second. aspect: of a pixel, width by
    height, or None. primaries, transfer, matrix: as ITU-T H.273 numbers them.
    """

    def __init__(self, path: Path, note: Callable[[str], None]) -> None:
        self._path, self._note, self._av = path, note, libav()
        with self._opened() as container:
            stream = self._stream(container)
            self.time_base: Fraction = stream.time_base or Fraction(1, 90_000)
            self.rate: Fraction = stream.average_rate or stream.guessed_rate or USUAL_RATE
            self.aspect: Fraction | None = stream.sample_aspect_ratio or None
            stated = stream.codec_context  # by the file; some streams state none of it
            self.primaries, self.transfer, self.matrix = stated.color_primaries, stated.color_trc, stated.colorspace
            self.times, self._has_times = self._all_times(container, stream)
        self._number = {time: number for number, time in enumerate(self.times, 1)}

    def duration(self, number: int) -> int:
        """How long a frame is shown, in units of `time_base`."""
        if number < len(self.times):
            return self.times[number] - self.times[number - 1]
        return self._last_duration

    def decoded(self, begin: int | None = None) -> Generator[Any]:
        """Every frame that can be decoded, from one at or before the time `begin` on; damaged packets are passed
        over."""
        with self._opened() as container:
            stream = self._stream(container)
            if begin is not None:
                container.seek(begin, stream=stream)
            packets = container.demux(stream)
            while True:
                try:
                    packet = next(packets)
                    yield from packet.decode()
                except StopIteration:
                    return
                except self._av.error.EOFError:
                    return
                except self._av.error.FFmpegError:
                    continue

    def numbered(self, first: int) -> Iterator[tuple[int, Any]]:
        """Progressive frames with their numbers, from the one numbered `first` or one before it on. The number is 0
        where the file's times do not know a frame."""
        for place, frame in enumerate(self._progressive(first), 1):
            yield self._number.get(self._ticks(frame), 0) if self._has_times else place, frame

    def _opened(self) -> Any:
        try:
            return open_file(self._path)
        except (self._av.error.FFmpegError, OSError) as error:
            reason = error.strerror or str(error)
            raise InvalidRequest(
                f"{self._path} cannot be read as a video ({reason}).",
                hint="Check the path; a recording that was cut off may have lost the part that says what it is.",
            ) from None

    def _stream(self, container: Any) -> Any:
        found = [stream for stream in container.streams.video if not is_cover(stream)]
        if not found or found[0].codec_context is None:
            raise no_pictures(self._path)
        found[0].thread_type = "AUTO"
        return found[0]

    def _all_times(self, container: Any, stream: Any) -> tuple[list[int], bool]:
        """When each frame is shown, and whether the file says so; nothing is decoded."""
        times: list[int | None] = []
        durations: dict[int, int] = {}
        trimmed = 0
        try:
            for packet in container.demux(stream):
                trimmed += packet.is_discard
                if packet.size and not packet.is_discard:
                    times.append(packet.pts)
                    durations[packet.pts] = packet.duration
        except self._av.error.FFmpegError:
            self._note("The file is damaged or cut off; what is there is painted.")
        known = [time for time in times if time is not None]
        missing = stream.frames - trimmed - len(times)
        if container.format.name == "avi" and len(known) > 1:  # it counts what its recorder has dropped, too
            first, last = min(known), max(known)
            missing = stream.frames - last - math.ceil((last - first) / (len(known) - 1))
        if missing > 0:
            total = len(times) + missing
            self._note(f"The file is cut off: {len(times)} of its {total} frames are there, and are painted.")
        self.rate = self._likely_rate(known)
        ticks = 1 / (self.rate * self.time_base)
        self._last_duration = max(1, round(ticks))
        several = len(known) - len(set(known))
        if 2 * len(known) >= len(times) > 0 and several <= SEVERAL * len(known):  # of two fields one may have no time
            self._last_duration = durations[max(known)] or self._last_duration
            return sorted(set(known)), True
        return [round(place * ticks) for place in range(len(times))], False

    def _likely_rate(self, times: list[int]) -> Fraction:
        """What the file says, unless its times say that there are not half as many frames: recordings of browsers say
        1000 in a second."""
        if len(times) < 2 or (seconds := (max(times) - min(times)) * self.time_base) <= 0:
            return self.rate
        seen = (len(times) - 1) / seconds
        if self.rate < 2 * seen:
            return self.rate
        return seen.limit_denominator(1001) if seen > 1 else 1 / (1 / seen).limit_denominator(1001)

    def _from(self, first: int) -> Iterator[Any]:
        """Decoded frames, from the one numbered `first` or one before it on; not all that come before are decoded."""
        if self._has_times and first > FAR:
            begin = self.times[first - 1]
            frames = self.decoded(begin)
            reached = next(frames, None)
            if reached is not None and self._ticks(reached) <= begin:
                yield reached
                yield from frames
                return
            frames.close()  # some kinds of file are jumped into too late
        yield from self.decoded()

    def _progressive(self, first: int) -> Iterator[Any]:
        graph, kind = None, None
        for frame in self._from(first):
            if graph is not None and _kind(frame) != kind:  # a filter takes frames of one kind only
                yield from self._rest(graph)
                graph, kind = self._deinterlacer(frame), _kind(frame)
            if graph is None and frame.interlaced_frame:
                self._note("The video is interlaced; it is painted and written progressive.")
                graph, kind = self._deinterlacer(frame), _kind(frame)
            if graph is None:
                yield frame
            else:
                graph.push(frame)
                yield from self._pulled(graph)
        if graph is not None:
            yield from self._rest(graph)

    def _rest(self, graph: Any) -> Iterator[Any]:
        graph.push(None)
        yield from self._pulled(graph)

    def _deinterlacer(self, frame: Any) -> Any:
        graph = self._av.filter.Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        graph.link_nodes(source, graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink"))
        graph.configure()
        return graph

    def _pulled(self, graph: Any) -> Iterator[Any]:
        while True:
            try:
                yield graph.vpull()
            except (self._av.error.BlockingIOError, self._av.error.EOFError):
                return

    def _ticks(self, frame: Any) -> int:
        """When it is shown; -1 where it does not say so, which is no frame's time."""
        if frame.pts is None:
            return -1
        ticks: Fraction = frame.pts * (frame.time_base or self.time_base) / self.time_base
        return round(ticks)


def _kind(frame: Any) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name


def no_pictures(path: Path) -> InvalidRequest:
    return InvalidRequest(f"{path} has no pictures that can be read.", hint="Take a video file, or a folder.")
