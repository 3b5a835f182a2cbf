"""Video files: frames are encoded in parts, and the parts joined with the clip's own sound.

Parts have no frames that refer forward, so that any number of them are one stream when they stand after each other.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ..errors import DiskFull, InvalidRequest, NeuralStyleError
from ..files import FULL as NO_ROOM
from ..pictures.formats import is_transparent
from ..pixels import Picture
from .clip import FULL, Clip, Look
from .extras import add_extras, first_timecode
from .libav import libav, open_file
from .timecode import is_timecode
from .tracks import FORMATS, add_tracks, chapters, check_tracks, end_of, packets

TRANSPARENT = {".mov": ("prores_ks", "yuva444p10le"), ".mkv": ("ffv1", "bgra")}
H264_OPTIONS = {"crf": "17", "preset": "medium", "bf": "0"}
VP9_OPTIONS = {"crf": "24", "b:v": "0", "auto-alt-ref": "0", "lag-in-frames": "0", "row-mt": "1"}


GOES_ON = "What is painted stays, and the same command goes on."


def is_video_name(path: Path) -> bool:
    return path.suffix.lower() in FORMATS


def is_opaque(clip: Clip) -> bool:
    """Whether no frame shows anything through, whatever could be stored: a GIF always could. Reads them up to the first
    that does."""
    return not (clip.look.alpha and any(is_transparent(frame.read()) for frame in clip.frames()))


def check_can_hold(path: Path, clip: Clip, *, sound: bool) -> None:
    """Before anything is painted. Raises InvalidRequest where a file of this ending cannot hold the clip; what is left
    out of it is noted."""
    ending = path.suffix.lower()
    if clip.look.alpha and ending not in TRANSPARENT:
        raise InvalidRequest(
            f"The clip is transparent in places, and a {ending} file cannot be.",
            hint="Name a .mov or .mkv file, or a folder, with -o.",
        )
    _check_size(ending, clip.look)
    _check_pauses(ending, clip)
    clip.notes += check_tracks(clip, ending, sound=sound)


def _check_size(ending: str, look: Look) -> None:
    """By an encoder's own word, which it gives with the first frame. Raises InvalidRequest."""
    clear = Picture(np.zeros((look.height, look.width, 4), np.uint8), "RGBA8")
    try:
        with TemporaryDirectory() as folder, encoding(Path(folder) / "one", ending, look) as encoder:
            encoder.add(clear, 0, 1)
    except (libav().error.FFmpegError, ValueError, OverflowError) as error:
        if getattr(error, "errno", None) not in NO_ROOM:  # where it was tried
            raise InvalidRequest(
                f"A {ending} file cannot have pictures of {look.width} × {look.height} pixels.",
                hint="Name a folder with -o, or another size with --resize.",
            ) from None


def _check_pauses(ending: str, clip: Clip) -> None:
    """A picture's time has 31 bits in these files, in units of a 10 000th of a second or less. Raises
    InvalidRequest."""
    longest, unit = max(map(clip.duration, clip.numbers)) * clip.look.time_base, clip.look.time_base.denominator
    while unit < 10_000:
        unit *= 2
    if FORMATS[ending] in ("mp4", "mov") and longest * unit >= 1 << 31:
        hours = round(longest / 3600)
        hint = "Name a .mkv file with -o, which can."
        raise InvalidRequest(f"A {ending} file cannot show one picture for {hours} hours.", hint=hint)


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
        with suppress(self._av.error.FFmpegError):  # of what was not written already
            self._container.close()

    def _size(self) -> tuple[int, int]:
        """Of the pixels in the file, width and height."""
        look = self._look
        width, height = (look.width, look.height) if look.turns % 2 == 0 else (look.height, look.width)
        return (width & ~1 or 1, height & ~1 or 1) if self._even else (width, height)


@contextmanager
def encoding(path: Path, ending: str, look: Look) -> Iterator[Encoder]:
    """An encoder whose file is whole at the end, unless something fails. Raises what `libav` does."""
    encoder = Encoder(path, ending, look)
    try:
        yield encoder
        encoder.close()
    except BaseException:
        encoder.abandon()
        raise


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raises NeuralStyleError where the file cannot be written."""
    try:
        yield
    except libav().error.FFmpegError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(
                f"{path} cannot be written: no space is left on the disk.", hint=f"Free some. {GOES_ON}"
            ) from None
        detail = f"{path} cannot be written ({error.strerror or error})."
        raise NeuralStyleError(detail, hint=f"Check the disk. {GOES_ON}") from None


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


def count_frames(path: Path) -> int:
    """Of a part. Raises NeuralStyleError where it cannot be read."""
    try:
        with open_file(path) as container:
            return sum(packet.size > 0 for packet in container.demux(container.streams.video[0]))
    except (libav().error.FFmpegError, IndexError):
        raise NeuralStyleError(f"{path} cannot be read.", hint=GOES_ON) from None


def join(parts: Sequence[Part], clip: Clip, path: Path, ending: str, *, sound: bool) -> None:
    """One file of all parts up to the clip's last frame, with its rotation, its times, what it says about itself but
    for its place, its cover, chapters and subtitles and, where asked for, its sound. Raises NeuralStyleError."""
    look = _in_file(clip.look)
    end = end_of(clip, [number for part in parts for number in part.numbers if number <= clip.numbers[-1]])
    fast = {"movflags": "faststart"} if FORMATS[ending] in ("mp4", "mov") else {}
    with writing(path), ExitStack() as stack:
        out = stack.enter_context(open_file(path, "w", format=FORMATS[ending], container_options=fast))
        first = stack.enter_context(open_file(parts[0].path)).streams.video[0]
        video = out.add_stream_from_template(first, opaque=True)
        video.time_base, video.codec_context.framerate = look.time_base, look.rate
        if look.rotation:
            video.set_display_rotation(look.rotation)
        streams: list[Iterator[tuple[float, Any]]] = [_pictures(parts, clip, video)]
        first_of_all = list[Any]()
        if clip.path.is_file():
            source = stack.enter_context(open_file(clip.path))
            said = {key: text for key, text in source.metadata.items() if not (_is_place(key) or is_timecode(key))}
            out.metadata.update(said)
            if code := first_timecode(source, clip):
                video.metadata["timecode"] = code
            out.set_chapters(chapters(source, clip, end))
            streams.append(packets(source, add_tracks(source, out, ending, sound=sound), clip, end))
            first_of_all = add_extras(source, out, ending, clip.path)
        out.start_encoding()
        for packet in first_of_all:
            out.mux_one(packet)
        for _, packet in heapq.merge(*streams, key=lambda pair: pair[0]):
            out.mux_one(packet)


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
