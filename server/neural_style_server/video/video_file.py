"""A video file as a clip: its frames as they are seen, upright, in ordinary colours and of one size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..pixels import Array, Picture
from .clip import FULL, WHOLE, Clip, ClipFrame, Colour, Look, Span
from .decoding import Decoder, no_pictures
from .hdr import to_sdr

KEPT_FORMATS = ("yuv420p", "yuv422p", "yuv444p")
"""Ways of storing colours that a painted clip has too; others become the nearest of these."""


class VideoFile(Clip):
    """`resize` limits the long side in pixels. Raises NeedsVideo, and InvalidRequest where there are no pictures."""

    def __init__(self, path: Path, span: Span = WHOLE, resize: int | None = None) -> None:
        self.path, self.notes, self.format = path, list[str](), "RGBA8"
        self._decoder = decoder = Decoder(path, self._note)
        self.sound = decoder.sound
        first = next(decoder.decoded(), None)
        if first is None or not decoder.times:
            raise no_pictures(path)
        self._stored = first.width, first.height
        self.look = self._look_of(first).resized(resize)
        seconds = [float((time - decoder.times[0]) * decoder.time_base) for time in decoder.times]
        self.numbers = span.numbers(list(enumerate(seconds, 1)))
        self._begin = decoder.times[self.numbers[0] - 1]
        self.start_seconds = float(self._begin * decoder.time_base)

    def frames(self) -> Iterator[ClipFrame]:
        wanted, last, found = set(self.numbers), self.numbers[-1], 0
        for number, frame in self._decoder.numbered(self.numbers[0]):
            if number > last:
                break
            if number in wanted:
                found += 1
                yield ClipFrame(number, lambda frame=frame: self._picture(frame))  # type: ignore[misc]
        if found < len(wanted):
            self._note(f"{len(wanted) - found} of {len(wanted)} frames are damaged or missing; the others are painted.")

    def time(self, number: int) -> int:
        return self._decoder.times[number - 1] - self._begin

    def duration(self, number: int) -> int:
        return self._decoder.duration(number)

    def name(self, number: int) -> str:
        return f"frame-{number:06}"

    def origin(self, number: int) -> None:
        return None

    def _look_of(self, frame: Any) -> Look:
        decoder = self._decoder
        colour = Colour(frame.colorspace, frame.color_range, decoder.primaries, decoder.transfer)
        name = frame.format.name.replace("yuvj", "yuv")
        if frame.format.name.startswith("yuvj"):
            colour = Colour(colour.matrix, FULL, colour.primaries, colour.transfer)
        kept = next((kind for kind in KEPT_FORMATS if name.startswith(kind)), KEPT_FORMATS[0])
        alpha = any(component.is_alpha for component in frame.format.components)
        if colour.is_hdr:
            self._note("The video is HDR; it is painted and written in ordinary colours (BT.709).")
        elif not frame.format.is_rgb and max(component.bits for component in frame.format.components) > 8:
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
        look, transfer = self.look, self._decoder.transfer
        if (frame.width, frame.height) != self._stored:
            self._note(f"Some frames have another size; they are scaled to {self._stored[0]} × {self._stored[1]}.")
        width, height = (look.width, look.height) if look.turns % 2 == 0 else (look.height, look.width)
        is_hdr = Colour(transfer=transfer).is_hdr
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
            pixels = to_sdr(pixels, transfer)
        if pixels.shape[-1] == 3:
            pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
        return Picture(look.upright(pixels), "RGBA8")

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
