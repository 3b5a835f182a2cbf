"""Frames of a video file, as they are seen: upright, progressive, in ordinary colours and of one size."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InvalidRequest
from ..pixels import Array, Picture
from .clip import FULL, WHOLE, Clip, ClipFrame, Colour, Look, Span
from .hdr import to_sdr
from .libav import libav, open_file

KEPT_FORMATS = ("yuv420p", "yuv422p", "yuv444p")
"""Ways of storing colours that a painted clip has too; others become the nearest of these."""

USUAL_RATE = Fraction(25)
FAR = 250
"""From this frame on, those before are not decoded but jumped over."""


class VideoFile(Clip):
    """`resize` limits the long side in pixels. Raises NeedsVideo, and InvalidRequest where there are no pictures."""

    def __init__(self, path: Path, span: Span = WHOLE, resize: int | None = None) -> None:
        self.path, self.notes, self.format = path, list[str](), "RGBA8"
        self._av = libav()
        with self._opened() as container:
            stream = self._stream(container)
            self.sound = any(other.type == "audio" for other in container.streams)
            self._time_base = stream.time_base or Fraction(1, 90_000)
            rate = stream.average_rate or stream.guessed_rate or USUAL_RATE
            self._times, self._has_times = self._all_times(container, stream, rate)
        first = next(iter(self._decoded()), None)
        if first is None or not self._times:
            raise _no_pictures(path)
        self._stored = first.width, first.height
        self.look = self._look_of(first, rate).resized(resize)
        seconds = [float((time - self._times[0]) * self._time_base) for time in self._times]
        self.numbers = span.numbers(list(enumerate(seconds, 1)))
        self.start_seconds = float(self._times[self.numbers[0] - 1] * self._time_base)
        self._number = {time: number for number, time in enumerate(self._times, 1)}

    def frames(self) -> Iterator[ClipFrame]:
        wanted, last, found = set(self.numbers), self.numbers[-1], 0
        for place, frame in enumerate(self._progressive(), 1):
            number = self._number.get(self._ticks(frame), 0) if self._has_times else place
            if number > last:
                break
            if number in wanted:
                found += 1
                yield ClipFrame(number, lambda frame=frame: self._picture(frame))  # type: ignore[misc]
        if found < len(wanted):
            self._note(f"{len(wanted) - found} of {len(wanted)} frames are damaged or missing; the others are painted.")

    def time(self, number: int) -> int:
        return self._times[number - 1] - self._times[self.numbers[0] - 1]

    def duration(self, number: int) -> int:
        if number < len(self._times):
            return self._times[number] - self._times[number - 1]
        return self._last_duration

    def name(self, number: int) -> str:
        return f"frame-{number:06}"

    def origin(self, number: int) -> None:
        return None

    # reading

    def _opened(self) -> Any:
        try:
            return open_file(self.path)
        except (self._av.error.FFmpegError, OSError) as error:
            reason = error.strerror or str(error)
            raise InvalidRequest(
                f"{self.path} cannot be read as a video ({reason}).",
                hint="Check the path; a recording that was cut off may have lost the part that says what it is.",
            ) from None

    def _stream(self, container: Any) -> Any:
        covers = self._av.stream.Disposition.attached_pic
        found = [stream for stream in container.streams.video if not stream.disposition & covers]
        if not found or found[0].codec_context is None:
            raise _no_pictures(self.path)
        found[0].thread_type = "AUTO"
        return found[0]

    def _all_times(self, container: Any, stream: Any, rate: Fraction) -> tuple[list[int], bool]:
        """When each frame is shown, and whether the file says so; nothing is decoded."""
        times: list[int | None] = []
        durations: dict[int, int] = {}
        try:
            for packet in container.demux(stream):
                if packet.size and not packet.is_discard:
                    times.append(packet.pts)
                    durations[packet.pts] = packet.duration
        except self._av.error.FFmpegError:
            self._note("The file is damaged or cut off; what is there is painted.")
        if stream.frames > len(times):
            self._note(f"The file is cut off: {len(times)} of its {stream.frames} frames are there, and are painted.")
        known = [time for time in times if time is not None]
        ticks = 1 / (rate * self._time_base)
        self._last_duration = max(1, round(ticks))
        if 2 * len(known) >= len(times) > 0 and len(set(known)) == len(known):  # of two fields only one may have a time
            self._last_duration = durations[max(known)] or self._last_duration
            return sorted(known), True
        return [round(place * ticks) for place in range(len(times))], False

    def _decoded(self, begin: int | None = None) -> Generator[Any]:
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

    def _from_first(self) -> Iterator[Any]:
        """Decoded frames, from the first that is asked for or one before it; not all that come before are decoded."""
        first = self.numbers[0]
        if self._has_times and first > FAR:
            begin = self._times[first - 1]
            frames = self._decoded(begin)
            reached = next(frames, None)
            if reached is not None and self._ticks(reached) <= begin:
                yield reached
                yield from frames
                return
            frames.close()  # some kinds of file are jumped into too late
        yield from self._decoded()

    def _progressive(self) -> Iterator[Any]:
        graph = None
        for frame in self._from_first():
            if graph is None and frame.interlaced_frame:
                self._note("The video is interlaced; it is painted and written progressive.")
                graph = self._deinterlacer(frame)
            if graph is None:
                yield frame
            else:
                graph.push(frame)
                yield from self._pulled(graph)
        if graph is not None:
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
        ticks: Fraction = frame.pts * (frame.time_base or self._time_base) / self._time_base
        return round(ticks)

    # pixels

    def _look_of(self, frame: Any, rate: Fraction) -> Look:
        with self._opened() as container:
            stream = self._stream(container)
            aspect, context = stream.sample_aspect_ratio, stream.codec_context
            colour = Colour(frame.colorspace, frame.color_range, context.color_primaries, context.color_trc)
        name = frame.format.name.replace("yuvj", "yuv")
        if frame.format.name.startswith("yuvj"):
            colour = Colour(colour.matrix, FULL, colour.primaries, colour.transfer)
        kept = next((kind for kind in KEPT_FORMATS if name.startswith(kind)), KEPT_FORMATS[0])
        alpha = any(component.is_alpha for component in frame.format.components)
        if colour.is_hdr:
            self._note("The video is HDR; it is painted and written in ordinary colours (BT.709).")
        elif not frame.format.is_rgb and max(component.bits for component in frame.format.components) > 8:
            self._note("The video has more than 8 bits a colour; it is painted and written with 8.")
        self._transfer = colour.transfer
        rotation = frame.rotation % 360
        rotation = rotation if rotation % 90 == 0 else 0
        sides = (frame.width, frame.height) if rotation % 180 == 0 else (frame.height, frame.width)
        return Look(
            *sides,
            time_base=self._time_base,
            rate=rate,
            colour=colour.as_written(),
            rotation=rotation,
            aspect=aspect if aspect else None,
            pixel_format=kept,
            alpha=alpha,
        )

    def _picture(self, frame: Any) -> Picture:
        look = self.look
        if (frame.width, frame.height) != self._stored:
            self._note(f"Some frames have another size; they are scaled to {self._stored[0]} × {self._stored[1]}.")
        width, height = (look.width, look.height) if look.turns % 2 == 0 else (look.height, look.width)
        is_hdr = Colour(transfer=self._transfer).is_hdr
        kind = "rgb48le" if is_hdr else "rgba" if look.alpha else "rgb24"
        own = Colour(frame.colorspace, FULL if frame.format.name.startswith("yuvj") else frame.color_range)
        converted = frame.reformat(
            width=width,
            height=height,
            format=kind,
            src_colorspace=own.used_matrix(self._stored[1]),
            src_color_range=FULL if frame.format.is_rgb else own.used_range,
            dst_color_range=FULL,
            interpolation="BICUBIC",
        )
        pixels: Array = converted.to_ndarray()
        if is_hdr:
            pixels = to_sdr(pixels, self._transfer)
        if pixels.shape[-1] == 3:
            pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
        return Picture(look.upright(pixels), "RGBA8")

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _no_pictures(path: Path) -> InvalidRequest:
    return InvalidRequest(f"{path} has no pictures that can be read.", hint="Take a video file, or a folder.")
