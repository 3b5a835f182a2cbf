"""What a clip's file has beside its pictures, as it goes along into the painted one: sound, subtitles, chapters."""

from __future__ import annotations

import io
import itertools
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, suppress
from math import inf
from pathlib import Path
from typing import Any

from ..errors import InvalidRequest
from .clip import Clip
from .extras import left_out
from .libav import libav, open_file

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
"""Endings of the files that are written, and ffmpeg's names for what is in them."""


def check_tracks(clip: Clip, ending: str, *, sound: bool) -> list[str]:
    """Before anything is painted: what a file of this ending cannot have and is left out, in sentences for the painter.
    Raises InvalidRequest for sound, which nobody wants to miss."""
    if not clip.path.is_file():
        return []
    with open_file(clip.path) as source:
        told = []
        for stream in _tracks(source, sound=sound):
            if _fits(stream, ending):
                continue
            kind, takes = _kind(stream), [other for other in (".mkv", ".mp4", ".mov") if _fits(stream, other)]
            if stream.type == "audio" and takes:
                raise InvalidRequest(
                    f"The clip's sound ({kind}) cannot be in a {ending} file.",
                    hint=f"Name a {takes[0]} file, which takes it, or leave the sound out with --no-sound.",
                )
            what, are = ("A track of its sound", "is") if stream.type == "audio" else ("Its subtitles", "are")
            other = f"; a {takes[0]} file takes them" if takes else ""
            told.append(f"{what} ({kind}) cannot be in a {ending} file, and {are} left out{other}.")
        return list(dict.fromkeys([*told, *left_out(source, clip, ending)]))


def add_tracks(source: Any, out: Any, ending: str, *, sound: bool) -> dict[int, Any]:
    """The streams of the result by the numbers of those of the clip's file that go along, with their languages and
    titles."""
    found = {}
    for stream in _tracks(source, sound=sound):
        if _fits(stream, ending):
            made = found[stream.index] = out.add_stream_from_template(stream)
            made.metadata.update({key: stream.metadata[key] for key in ("language", "title") if key in stream.metadata})
            made.disposition = stream.disposition.value  # older versions of PyAV take no other
    return found


def packets(source: Any, targets: dict[int, Any], clip: Clip, end: float) -> Iterator[tuple[float, Any]]:
    """All of these tracks from the clip's first frame on to `end` seconds after it, in the file's own order; what
    sounds before the first frame of all stays."""
    for packet in _played(_readable(demuxed(source, targets))):
        base, text = packet.time_base, packet.stream.type == "subtitle"
        shift = round(clip.start_seconds / base)
        packet.pts -= shift
        packet.dts = packet.pts if packet.dts is None else packet.dts - shift
        if text:
            _cut(packet, end / float(base), from_start=clip.numbers[0] > 1)
        seconds = float(packet.pts * base)
        if seconds >= end or (seconds < 0 and clip.numbers[0] > 1):
            continue
        packet.stream = targets[packet.stream.index]
        yield seconds, packet


def chapters(source: Any, clip: Clip, end: float) -> list[dict[str, Any]]:
    """Those that any of the pictures up to `end` seconds is in."""
    found = []
    for chapter in source.chapters():
        shift, last = (round(seconds / chapter["time_base"]) for seconds in (clip.start_seconds, min(end, 1e9)))
        begin, stop = max(0, chapter["start"] - shift), min(last, chapter["end"] - shift)
        if begin < stop:
            found.append({**chapter, "start": begin, "end": stop})
    return found


def end_of(clip: Clip, numbers: Sequence[int]) -> float:
    """When the last of the frames `numbers` goes, in seconds. The sound of a whole clip may be longer than its
    pictures."""
    if clip.to_the_end and numbers[-1] == clip.numbers[-1]:
        return inf
    return float((clip.time(numbers[-1]) + clip.duration(numbers[-1])) * clip.look.time_base)


def demuxed(source: Any, numbers: Collection[int]) -> Iterator[Any]:
    """The packets of the streams with these numbers."""
    if numbers:
        yield from source.demux([source.streams[number] for number in numbers])


def _played(found: Iterator[Any]) -> Iterator[Any]:
    """Without what the file itself leaves out, as a recording that was trimmed does; but a decoder of sound needs the
    packet before the first that is heard."""
    before = dict[int, Any]()
    for packet in found:
        if packet.size == 0 or packet.pts is None:
            continue
        index = packet.stream.index
        if packet.is_discard:
            before[index] = packet
        else:
            if index in before:
                yield before.pop(index)
            yield packet


def _readable(found: Iterator[Any]) -> Iterator[Any]:
    """As far as the file goes."""
    with suppress(libav().error.FFmpegError):
        yield from found


def _cut(packet: Any, end: float, *, from_start: bool) -> None:
    """A subtitle is seen for a while: what of that lies before the first frame, or after the last, goes."""
    if from_start and packet.pts < 0 < packet.pts + (packet.duration or 0):
        packet.duration += packet.pts
        packet.pts = packet.dts = 0
    if packet.duration and packet.pts + packet.duration > end:
        packet.duration = max(1, round(end - packet.pts))


def _tracks(source: Any, *, sound: bool) -> list[Any]:
    return [*(source.streams.audio if sound else ()), *source.streams.subtitles]


def _kind(stream: Any) -> str:
    return "of an unknown kind" if stream.codec_context is None else str(stream.codec_context.name)


def _fits(stream: Any, ending: str) -> bool:
    """Whether such a file can be written. Some kinds of sound are refused when it is closed."""
    av = libav()
    try:
        with ExitStack() as stack:
            source = stack.enter_context(open_file(Path(stream.container.name)))
            target = stack.enter_context(av.open(io.BytesIO(), "w", format=FORMATS[ending]))
            made = target.add_stream_from_template(stream)
            target.start_encoding()
            for packet in _first(source, stream):
                packet.stream = made
                target.mux_one(packet)
        return True
    except (ValueError, av.error.FFmpegError):
        return False


def _first(source: Any, stream: Any) -> list[Any]:
    """The first packet of a sound. Words may come late in a long file."""
    if stream.type != "audio" or stream.codec_context is None:
        return []
    return list(itertools.islice(_played(_readable(source.demux(source.streams[stream.index]))), 1))
