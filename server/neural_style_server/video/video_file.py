"""A video file as a clip: its frames as they are seen, upright, in ordinary colours and of one size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..pictures.hdr import to_ordinary, to_sdr
from ..pixels import Array, Picture
from .clip import FULL, UNSPECIFIED, WHOLE, Clip, ClipFrame, Colour, Look, Span
from .decoding import Decoder, no_pictures

KEPT_FORMATS = ("yuv420p", "yuv422p", "yuv444p")
"""Ways of storing colours that a painted clip has too; others become the nearest of these."""


class VideoFile(Clip):
    """`resize` limits the long side in pixels. Raises NeedsVideo, and InvalidRequest where there are no pictures."""

    def __init__(self, path: Path, span: Span = WHOLE, resize: int | None = None) -> None:
        self.path, self.notes, self.format = path, list[str](), "RGBA8"
        self._decoder = decoder = Decoder(path, self._note)
        first = next(decoder.decoded(), None)
        if first is None or not decoder.times:
            raise no_pictures(path)
        self._stored = first.width, first.height
        self.look = self._look_of(first)
        self.own_size = self.look.width, self.look.height
        self.look = self.look.resized(resize)
        seconds = [float((time - decoder.times[0]) * decoder.time_base) for time in decoder.times]
        self.numbers = span.numbers(list(enumerate(seconds, 1)))
        self.all_numbers = range(1, len(seconds) + 1)
        self._begin = decoder.times[self.numbers[0] - 1]
        self.start_seconds = float(self._begin * decoder.time_base)
        self.to_the_end = self.numbers[-1] == len(decoder.times)

    def frames(self) -> Iterator[ClipFrame]:
        wanted, last, found, before = set(self.numbers), self.numbers[-1], 0, 0
        for number, frame in self._decoder.numbered(self.numbers[0]):
            if number > last:
                break
            if number in wanted and number > before:  # of frames at one time one is shown
                found, before = found + 1, number
                yield ClipFrame(number, lambda frame=frame: self._picture(frame))  # type: ignore[misc]
        if found < len(wanted):
            self._note(f"{len(wanted) - found} of {len(wanted)} frames are damaged or missing; the others are painted.")

    def time(self, number: int) -> int:
        return self._decoder.times[number - 1] - self._begin

    def duration(self, number: int) -> int:
        return self._decoder.duration(number)

    def name(self, number: int) -> str:
        return f"frame-{number:06}"

    def files(self, number: int) -> list[Path]:
        return []

    def origin(self, number: int) -> None:
        return None

    def _look_of(self, frame: Any) -> Look:
        decoder, colour = self._decoder, self._colour_of(frame)
        name = frame.format.name.replace("yuvj", "yuv")
        kept = next((kind for kind in KEPT_FORMATS if name.startswith(kind)), KEPT_FORMATS[0])
        alpha = any(component.is_alpha for component in frame.format.components)
        deep = not frame.format.is_rgb and max(component.bits for component in frame.format.components) > 8
        if colour.is_hdr:
            self._note("The video is HDR; it is painted and written in ordinary colours (BT.709).")
        elif colour.wide is not None:
            self._note("The video's colours are wide; it is painted and written in ordinary ones (BT.709).")
        if deep and not colour.is_hdr:
            self._note("The video has more than 8 bits a colour; it is painted and written with 8.")
        rotation = frame.rotation % 360
        rotation = rotation if rotation % 90 == 0 else 0
        sides = (frame.width, frame.height) if rotation % 180 == 0 else (frame.height, frame.width)
        return Look(
            *sides,
            time_base=decoder.time_base,
            rate=decoder.rate,
            colour=colour.as_written(),
            rotation=rotation,
            aspect=decoder.aspect,
            pixel_format=kept,
            alpha=alpha,
        )

    def _picture(self, frame: Any) -> Picture:
        look, own = self.look, self._colour_of(frame)
        if (frame.width, frame.height) != self._stored:
            self._note(f"Some frames have another size; they are scaled to {self._stored[0]} × {self._stored[1]}.")
        width, height = (look.width, look.height) if look.turns % 2 == 0 else (look.height, look.width)
        kinds = ("rgb48le", "rgba64le") if own.wide is not None else ("rgb24", "rgba")
        converted = frame.reformat(
            width=width,
            height=height,
            format=kinds[look.alpha],
            src_colorspace=own.used_matrix(self._stored[1]),
            src_color_range=FULL if frame.format.is_rgb else own.used_range,
            dst_color_range=FULL,
            interpolation="BICUBIC",
        )
        pixels: Array = converted.to_ndarray()
        clear = pixels[..., 3:] if look.alpha else np.full((height, width, 1), np.iinfo(pixels.dtype).max, pixels.dtype)
        colours = pixels[..., :3]
        if own.wide is not None:
            clear = clear >> 8
            colours = to_sdr(colours, own.transfer, own.wide) if own.is_hdr else to_ordinary(colours, own.wide)
        pixels = np.dstack([colours, clear.astype(np.uint8)])
        return Picture(look.upright(pixels), "RGBA8")

    def _colour_of(self, frame: Any) -> Colour:
        whole = frame.format.name.startswith("yuvj")
        decoder = self._decoder
        matrix = decoder.matrix if frame.colorspace == UNSPECIFIED else frame.colorspace
        return Colour(matrix, FULL if whole else frame.color_range, decoder.primaries, decoder.transfer)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
