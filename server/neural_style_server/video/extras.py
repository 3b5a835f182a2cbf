"""What a clip's file has beside its pictures and the tracks that play with them: covers, attached files such as the
fonts of its subtitles, and data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .clip import Clip
from .libav import libav, open_file
from .timecode import is_timecode, later, timecode_of

COVERS = {"mjpeg": ("cover.jpg", "image/jpeg"), "png": ("cover.png", "image/png")}
"""What they are called in a .mkv file, and their types, by ffmpeg's names of their codecs."""

HAVE_COVERS, HAVE_ATTACHMENTS = (".mp4", ".m4v", ".mkv"), ".mkv"


def is_cover(stream: Any) -> bool:
    """Whether this stream of pictures is a single one that stands for the file."""
    return bool(stream.disposition & libav().stream.Disposition.attached_pic)


def left_out(source: Any, clip: Clip, ending: str) -> list[str]:
    """What a file of this ending does not get, in sentences for the painter."""
    films = [stream for stream in source.streams.video if not is_cover(stream)]
    covers, attached = _covers(source), [stream.name or "a file" for stream in source.streams.attachments]
    code, told = timecode_of(source), []
    if len(films) > 1:
        told.append(f"Only the first of its {len(films)} tracks of pictures is painted.")
    if any(stream.codec_context.name not in COVERS for stream in covers):
        told.append("A cover of it is neither JPEG nor PNG, and is left out.")
    if covers and ending not in HAVE_COVERS:
        told.append(f"Its cover cannot be in a {ending} file, and is left out; a .mkv file takes it.")
    if attached and ending != HAVE_ATTACHMENTS:
        told.append(f"What is attached to it ({', '.join(attached)}) is left out; a .mkv file takes it.")
    if code is not None and later(code, 0, clip.look.rate) is None:
        rate = float(clip.look.rate)
        told.append(f"Its timecode ({code}) is none of {rate:.6g} frames in a second, and is left out.")
    if names := _data(source):
        told.append(f"Its tracks of data ({', '.join(dict.fromkeys(names))}) are left out.")
    return told


def first_timecode(source: Any, clip: Clip) -> str | None:
    """Of the first frame that is painted."""
    code = timecode_of(source)
    return None if code is None else later(code, clip.numbers[0] - 1, clip.look.rate)


def add_extras(source: Any, out: Any, ending: str, path: Path) -> list[Any]:
    """The packets that are to be written before any other. `path` is the source's."""
    if ending not in HAVE_COVERS:
        return []
    packets = []
    for stream in _covers(source):
        kind = stream.codec_context.name
        data = _data_of_cover(path, stream.index)
        if kind not in COVERS or not data:
            continue
        if ending == HAVE_ATTACHMENTS:
            out.add_attachment(*COVERS[kind], data)
            continue
        made = out.add_stream_from_template(stream)
        made.disposition = libav().stream.Disposition.attached_pic.value
        packet = libav().Packet(data)
        packet.stream, packet.pts, packet.dts = made, 0, 0
        packets.append(packet)
    for stream in source.streams.attachments if ending == HAVE_ATTACHMENTS else ():
        out.add_attachment(stream.name or "attachment", stream.mimetype or "application/octet-stream", stream.data)
    return packets


def _covers(source: Any) -> list[Any]:
    return [stream for stream in source.streams.video if is_cover(stream) and stream.codec_context is not None]


def _data_of_cover(path: Path, index: int) -> bytes:
    """Read apart, for a file is read but once."""
    with open_file(path) as source:
        return next(_sizable(source.demux(source.streams[index])), b"")


def _sizable(packets: Iterator[Any]) -> Iterator[bytes]:
    return (bytes(packet) for packet in packets if packet.size)


def _data(source: Any) -> list[str]:
    """What the tracks of data are called, but for the timecode's and, in .mp4 and .mov, the chapters'."""
    found = []
    for stream in source.streams.data:
        is_chapters = stream.name == "bin_data" and bool(source.chapters())
        if not is_chapters and not any(map(is_timecode, stream.metadata)):
            found.append(stream.metadata.get("handler_name") or stream.name or "of an unknown kind")
    return found
