"""What a clip's file has beside its pictures, its sound and its words: cover, attachments, timecode, data."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from tests.clips import drawn, frames_of, write_clip
from tests.video.test_encoding import copied

from neural_style_server.video.clip import Moment, Span
from neural_style_server.video.encoding import check_can_hold
from neural_style_server.video.video_file import VideoFile

FONT = b"a font" * 9


def cover(kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), (200, 20, 20)).save(file, kind)
    return file.getvalue()


def with_extras(path: Path, kind: str = "JPEG", timecode: str | None = None, count: int = 5) -> Path:
    """A clip with a cover and, in a .mkv file, an attached font; perhaps with the timecode of its first frame."""
    plain = write_clip(path.with_name(f"plain{path.suffix}"), count)
    with av.open(str(plain)) as old, av.open(str(path), "w") as new:
        pictures = new.add_stream_from_template(old.streams.video[0], opaque=True)
        pictures.codec_context.framerate = 25
        picture = None
        if path.suffix == ".mkv":
            new.add_attachment("a.ttf", "application/x-truetype-font", FONT)
            new.add_attachment("cover.jpg", f"image/{kind.lower()}", cover(kind))
        elif path.suffix == ".mp4":
            picture = new.add_stream("mjpeg" if kind == "JPEG" else "png")
            picture.width, picture.height, picture.pix_fmt = 32, 32, "yuvj420p" if kind == "JPEG" else "rgb24"
            picture.disposition = av.stream.Disposition.attached_pic
        if timecode is not None:
            pictures.metadata["timecode"] = timecode
        new.start_encoding()
        if picture is not None:
            packet = av.Packet(cover(kind))
            packet.stream, packet.pts, packet.dts = picture, 0, 0
            new.mux(packet)
        for packet in old.demux(old.streams.video[0]):
            if packet.size:
                packet.stream = pictures
                new.mux(packet)
    return path


def covers(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        found = [one for one in container.streams.video if one.disposition & av.stream.Disposition.attached_pic]
        return [bytes(packet) for packet in container.demux(found) if packet.size] if found else []


def timecode(path: Path) -> str | None:
    with av.open(str(path)) as container:
        found = {key.lower(): text for key, text in container.streams.video[0].metadata.items()}
        return found.get("timecode")


def told(clip: VideoFile, ending: str) -> list[str]:
    check_can_hold(Path(f"out{ending}"), clip, sound=True)
    return clip.notes


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
@pytest.mark.parametrize("source", [".mkv", ".mp4"])
def test_a_cover_goes_along(tmp_path: Path, source: str, ending: str, kind: str) -> None:
    clip = VideoFile(with_extras(tmp_path / f"a{source}", kind))
    assert not [note for note in told(clip, ending) if "cover" in note]
    out = copied(clip, tmp_path / f"out{ending}")
    assert covers(out) == [cover(kind)] and len(frames_of(out)) == 5


def test_a_part_has_the_cover_too(tmp_path: Path) -> None:
    clip = VideoFile(with_extras(tmp_path / "a.mp4"), Span(Moment(frame=3)))
    assert covers(copied(clip, tmp_path / "out.mp4")) == [cover()]


def test_attachments_go_along_where_they_can_and_that_they_do_not_is_told(tmp_path: Path) -> None:
    clip = VideoFile(with_extras(tmp_path / "a.mkv"))
    assert told(clip, ".mkv") == []
    with av.open(str(copied(clip, tmp_path / "out.mkv"))) as container:
        (found,) = container.streams.attachments
        assert (found.name, found.mimetype, found.data) == ("a.ttf", "application/x-truetype-font", FONT)
    assert told(clip, ".mp4") == ["What is attached to it (a.ttf) is left out; a .mkv file takes it."]
    assert len(frames_of(copied(clip, tmp_path / "out.mp4"))) == 5


@pytest.mark.parametrize("ending", [".mov", ".webm"])
def test_a_cover_that_a_file_cannot_have_is_told(tmp_path: Path, ending: str) -> None:
    clip = VideoFile(with_extras(tmp_path / "a.mp4"))
    assert told(clip, ending) == [f"Its cover cannot be in a {ending} file, and is left out; a .mkv file takes it."]
    out = copied(clip, tmp_path / f"out{ending}")
    assert covers(out) == [] and len(frames_of(out)) == 5


@pytest.mark.parametrize("ending", [".mov", ".mp4", ".mkv"])
@pytest.mark.parametrize("source", [".mov", ".mp4", ".mkv"])
@pytest.mark.parametrize(
    ("first", "wanted"), [(1, "01:00:59:23"), (3, "01:01:00:00"), (4, "01:01:00:01")]
)  # 25 frames a second
def test_the_timecode_is_that_of_the_first_frame(
    tmp_path: Path, source: str, ending: str, first: int, wanted: str
) -> None:
    clip = VideoFile(with_extras(tmp_path / f"a{source}", timecode="01:00:59:23"), Span(Moment(frame=first)))
    assert not [note for note in told(clip, ending) if "data" in note]
    assert timecode(copied(clip, tmp_path / f"out{ending}")) == wanted


@pytest.mark.parametrize("wrong", ["none", "01:00:00;00", "99", "01:00:00:40"])
def test_a_timecode_that_is_none_goes(tmp_path: Path, wrong: str) -> None:
    """Drop frames are of 29.97 and 59.94 frames a second alone."""
    source = with_extras(tmp_path / "a.mkv", timecode=wrong)
    out = copied(VideoFile(source), tmp_path / "out.mp4")
    assert timecode(out) is None and len(frames_of(out)) == 5
    (note,) = told(VideoFile(source), ".mkv")
    assert note == f"Its timecode ({wrong}) is none of 25 frames in a second, and is left out."


def test_a_timecode_of_the_whole_file_is_no_other(tmp_path: Path) -> None:
    """Of a part it would be wrong, and one that is none would spoil the result."""
    for code, wanted in (("10:00:00:00", "10:00:00:02"), ("none", None)):
        path = with_extras(tmp_path / "a.mkv")
        with av.open(str(path)) as old, av.open(str(tmp_path / "b.mkv"), "w") as new:
            new.metadata["timecode"] = code
            stream = new.add_stream_from_template(old.streams.video[0], opaque=True)
            for packet in old.demux(old.streams.video[0]):
                if packet.size:
                    packet.stream = stream
                    new.mux(packet)
        clip = VideoFile(tmp_path / "b.mkv", Span(Moment(frame=3)))
        assert timecode(copied(clip, tmp_path / "out.mp4")) == wanted
        assert len(told(clip, ".mp4")) == (0 if wanted else 1)


def test_other_tracks_of_pictures_and_data_are_told(tmp_path: Path) -> None:
    plain, path = write_clip(tmp_path / "plain.mov", 5), tmp_path / "a.ts"
    with av.open(str(plain)) as old, av.open(str(path), "w") as new:
        streams: list[Any] = [new.add_stream_from_template(old.streams.video[0], opaque=True) for _ in range(2)]
        data = new.add_data_stream("klv")
        data.time_base = Fraction(1, 90_000)
        for packet in old.demux(old.streams.video[0]):
            if packet.size:
                copy = av.Packet(bytes(packet))
                copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
                for one, stream in zip((packet, copy), streams, strict=True):
                    one.stream = stream
                    new.mux(one)
        words = av.Packet(b"data")
        words.pts, words.dts, words.time_base, words.stream = 0, 0, data.time_base, data
        new.mux(words)
    assert told(VideoFile(path), ".mp4") == [
        "Only the first of its 2 tracks of pictures is painted.",
        "Its tracks of data (klv) are left out.",
    ]


@pytest.mark.parametrize("what", ["chapters", "timecode"])
def test_what_goes_along_in_another_way_is_not_told_as_data(tmp_path: Path, what: str) -> None:
    with av.open(str(tmp_path / "a.mov"), "w") as new:
        stream = new.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        if what == "timecode":
            stream.metadata["timecode"] = "01:00:00:00"
        else:
            base, words = Fraction(1, 1000), {"title": "One"}
            new.set_chapters([{"id": 0, "start": 0, "end": 100, "time_base": base, "metadata": words}])
        for place in range(5):
            frame = av.VideoFrame.from_ndarray(drawn(place), "rgb24")
            frame.pts = place
            new.mux(stream.encode(frame))
        new.mux(stream.encode(None))
    with av.open(str(tmp_path / "a.mov")) as made:
        assert len(made.streams.data) == 1
    assert told(VideoFile(tmp_path / "a.mov"), ".mp4") == []
