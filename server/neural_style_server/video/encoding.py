"""Video files: frames are encoded in parts, and the parts joined with the clip's own sound.

Parts have no frames that refer forward, so that any number of them are one stream when they stand after each other.
"""

from __future__ import annotations

import heapq
import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InvalidRequest, NeuralStyleError
from ..pictures.formats import is_transparent
from ..pixels import Picture
from .clip import FULL, Clip, Look
from .libav import libav, open_file

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
"""Endings of the files that are written, and ffmpeg's names for what is in them."""

TRANSPARENT = {".mov": ("prores_ks", "yuva444p10le"), ".mkv": ("ffv1", "bgra")}
H264_OPTIONS = {"crf": "17", "preset": "medium", "bf": "0"}
VP9_OPTIONS = {"crf": "24", "b:v": "0", "auto-alt-ref": "0", "lag-in-frames": "0", "row-mt": "1"}


def is_video_name(path: Path) -> bool:
    return path.suffix.lower() in FORMATS


def is_opaque(clip: Clip) -> bool:
    """Whether no frame shows anything through, whatever could be stored: a GIF always could. Reads them up to the first
    that does."""
    return not (clip.look.alpha and any(is_transparent(frame.read()) for frame in clip.frames()))


def check_can_hold(path: Path, clip: Clip, *, sound: bool) -> None:
    """Before anything is painted. Raises InvalidRequest where a file of this ending cannot hold the clip."""
    ending = path.suffix.lower()
    if clip.look.alpha and ending not in TRANSPARENT:
        raise InvalidRequest(
            f"The clip is transparent in places, and a {ending} file cannot be.",
            hint="Name a .mov or .mkv file, or a folder, with -o.",
        )
    if not (sound and clip.sound):
        return
    av = libav()
    with open_file(clip.path) as source, av.open(io.BytesIO(), "w", format=FORMATS[ending]) as target:
        for stream in source.streams.audio:
            try:
                target.add_stream_from_template(stream)
            except ValueError:
                raise InvalidRequest(
                    f"The clip's sound ({stream.codec_context.name}) cannot be in a {ending} file.",
                    hint="Name a .mkv file, which takes every kind, or leave the sound out with --no-sound.",
                ) from None


class Encoder:
    """Writes frames into a file, which is whole once it is closed. The frames are given as they are seen; in the file
    they lie as the clip's own do. An odd last row or column is cut off."""

    def __init__(self, path: Path, ending: str, look: Look) -> None:
        self._av = libav()
        self._look = look = _in_file(look)
        self._container = open_file(path, "w", format=FORMATS[ending])
        codec, kind, options = _codec(ending, look)
        self._even = look.alpha is False
        width, height = self._size()
        stream = self._container.add_stream(codec, rate=look.rate, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, kind
        stream.codec_context.time_base = look.time_base
        stream.codec_context.sample_aspect_ratio = look.aspect or Fraction(1)
        if kind != "bgra":
            colour = look.colour
            stream.codec_context.colorspace, stream.codec_context.color_range = colour.matrix, colour.range
            stream.codec_context.color_primaries, stream.codec_context.color_trc = colour.primaries, colour.transfer
        self._stream, self._kind = stream, kind

    def add(self, picture: Picture, time: int, duration: int) -> None:
        look = self._look
        pixels = look.as_in_file(picture.pixels)
        width, height = self._size()
        pixels = np.ascontiguousarray(pixels[:height, :width, : 4 if look.alpha else 3])
        frame = self._av.VideoFrame.from_ndarray(pixels, "rgba" if look.alpha else "rgb24")
        matrix = look.colour.used_matrix(height)
        frame = frame.reformat(
            format=self._kind,
            dst_colorspace=matrix,
            src_color_range=FULL,
            dst_color_range=FULL if self._kind == "bgra" else look.colour.used_range,
        )
        frame.pts, frame.time_base, frame.duration = time, look.time_base, duration
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def abandon(self) -> None:
        self._container.close()

    def _size(self) -> tuple[int, int]:
        """Of the pixels in the file, width and height."""
        look = self._look
        width, height = (look.width, look.height) if look.turns % 2 == 0 else (look.height, look.width)
        return (width & ~1 or 1, height & ~1 or 1) if self._even else (width, height)


def _in_file(look: Look) -> Look:
    """Older versions of PyAV write no rotation; the pixels lie as they are seen then."""
    can_turn = hasattr(libav().video.stream.VideoStream, "set_display_rotation")
    return look if can_turn else replace(look, rotation=0)


def _codec(ending: str, look: Look) -> tuple[str, str, dict[str, str]]:
    """ffmpeg's names of the codec and of the pixels' format, and the codec's options."""
    if look.alpha:
        codec, kind = TRANSPARENT[ending]
        return codec, kind, {}
    if ending == ".webm":
        return "libvpx-vp9", look.pixel_format, VP9_OPTIONS
    return "libx264", look.pixel_format, H264_OPTIONS


@dataclass(frozen=True)
class Part:
    """A file of an `Encoder` with the frames of these numbers, in order."""

    path: Path
    numbers: Sequence[int]


def join(parts: Sequence[Part], clip: Clip, path: Path, ending: str, *, sound: bool) -> None:
    """One file of all parts up to the clip's last frame, with its rotation, its times, what it says about itself but
    for its place and, where asked for, its sound. Raises NeuralStyleError."""
    av = libav()
    look = _in_file(clip.look)
    numbers = [number for part in parts for number in part.numbers if number <= clip.numbers[-1]]
    end = (clip.time(numbers[-1]) + clip.duration(numbers[-1])) * look.time_base
    fast = {"movflags": "faststart"} if FORMATS[ending] in ("mp4", "mov") else {}
    try:
        with ExitStack() as stack:
            out = stack.enter_context(open_file(path, "w", format=FORMATS[ending], container_options=fast))
            first = stack.enter_context(open_file(parts[0].path)).streams.video[0]
            video = out.add_stream_from_template(first, opaque=True)
            video.time_base, video.codec_context.framerate = look.time_base, look.rate
            if look.rotation:
                video.set_display_rotation(look.rotation)
            streams: list[Iterator[tuple[float, Any]]] = [_pictures(parts, clip, video)]
            source = stack.enter_context(open_file(clip.path)) if clip.path.is_file() else None
            if source is not None:
                out.metadata.update({key: text for key, text in source.metadata.items() if not _is_place(key)})
            if source is not None and sound and clip.sound:
                streams.append(_sound(source, out, clip, float(end)))
            out.start_encoding()
            for _, packet in heapq.merge(*streams, key=lambda pair: pair[0]):
                out.mux_one(packet)
    except av.error.FFmpegError as error:
        raise NeuralStyleError(
            f"{path} cannot be written ({error.strerror or error}).", hint="Check the disk."
        ) from None


def _is_place(key: str) -> bool:
    """Whether it says where the clip was filmed, which goes along as little as a photo's place does."""
    return "location" in key.lower() or "gps" in key.lower()


def _pictures(parts: Sequence[Part], clip: Clip, stream: Any) -> Iterator[tuple[float, Any]]:
    base = clip.look.time_base
    for part in parts:
        with open_file(part.path) as container:
            packets = (packet for packet in container.demux(container.streams.video[0]) if packet.size)
            for number, packet in zip(part.numbers, packets, strict=True):
                if number > clip.numbers[-1]:
                    return
                packet.stream, packet.time_base = stream, base
                packet.pts = packet.dts = clip.time(number)
                packet.duration = clip.duration(number)
                yield float(packet.pts * base), packet


def _sound(source: Any, out: Any, clip: Clip, end: float) -> Iterator[tuple[float, Any]]:
    """The packets of all sound from the clip's first frame on to `end` seconds after it, in the file's own order; what
    sounds before the first frame of all stays."""
    targets = {stream.index: out.add_stream_from_template(stream) for stream in source.streams.audio}

    def packets() -> Iterator[tuple[float, Any]]:
        for packet in source.demux(*source.streams.audio):
            if packet.size == 0 or packet.pts is None:
                continue
            base = packet.time_base
            shift = round(clip.start_seconds / base)
            seconds = float((packet.pts - shift) * base)
            if seconds >= end or (seconds < 0 and clip.numbers[0] > 1):
                continue
            packet.stream = targets[packet.stream.index]
            packet.pts -= shift
            packet.dts = packet.pts if packet.dts is None else packet.dts - shift
            yield seconds, packet

    return packets()
