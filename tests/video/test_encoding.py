"""Files that are written: parts joined to one stream, with times, rotation, colours and sound of the clip."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.clips import WRITES_ALL, drawn, frames_of, sound_of, write_clip, write_pictures

from neural_style_server.errors import InvalidRequest
from neural_style_server.video.clip import UNSPECIFIED, Moment, Span
from neural_style_server.video.encoding import Encoder, Part, check_can_hold, join
from neural_style_server.video.picture_folder import PictureFolder
from neural_style_server.video.video_file import VideoFile


def copied(clip: Any, out: Path, part_frames: int = 3, sound: bool = True) -> Path:
    """A clip through an encoder, in parts, and joined."""
    frames = list(clip.frames())
    parts = []
    for begin in range(0, len(frames), part_frames):
        chosen = frames[begin : begin + part_frames]
        part = Part(out.with_name(f"part-{begin}{out.suffix}"), [frame.number for frame in chosen])
        encoder = Encoder(part.path, out.suffix, clip.look)
        for frame in chosen:
            encoder.add(frame.read(), clip.time(frame.number), clip.duration(frame.number))
        encoder.close()
        parts.append(part)
    join(parts, clip, out, out.suffix, sound=sound)
    return out


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".webm"])
def test_parts_are_one_clip(tmp_path: Path, ending: str) -> None:
    clip = VideoFile(write_clip(tmp_path / "a.mp4", 8))
    out = copied(clip, tmp_path / f"out{ending}")
    found = frames_of(out)
    assert [round(float(frame.pts * frame.time_base), 3) for frame in found] == [0.04 * n for n in range(8)]
    for one, other in zip(found, frames_of(clip.path), strict=True):
        difference = one.to_ndarray(format="rgb24").astype(int) - other.to_ndarray(format="rgb24")
        assert np.abs(difference).mean() < 6
    with av.open(str(out)) as container:
        assert container.streams.video[0].average_rate == 25 or not WRITES_ALL


def test_variable_times_rotation_colours_and_sound_are_the_clip_s_own(tmp_path: Path) -> None:
    times = [0, 512, 1000, 6000, 6100, 8000]
    source = write_clip(
        tmp_path / "a.mp4", times=times, places=range(6), sound=True, rotation=90, matrix=6, range=2,
        pixel_format="yuv444p",
    )  # fmt: skip
    clip = VideoFile(source)
    out = copied(clip, tmp_path / "out.mp4")
    found, before = frames_of(out), frames_of(source)
    assert [frame.pts * frame.time_base for frame in found] == [frame.pts * frame.time_base for frame in before]
    for name in ("rotation", "colorspace", "color_range", "color_primaries", "color_trc"):
        assert getattr(found[0], name) == getattr(before[0], name), name
    assert found[0].format.name == before[0].format.name
    assert (found[0].width, found[0].height) == (before[0].width, before[0].height)
    assert sound_of(out) == sound_of(source)
    with av.open(str(out)) as new, av.open(str(source)) as old:
        assert abs(new.duration - old.duration) < 50_000


def test_frames_after_the_last_one_are_left_out(tmp_path: Path) -> None:
    """They were painted before for a longer span."""
    source = write_clip(tmp_path / "a.mp4", 9)
    clip = VideoFile(source)
    copied(clip, tmp_path / "out.mp4")
    parts = [Part(tmp_path / f"part-{begin}.mp4", range(begin + 1, begin + 4)) for begin in (0, 3, 6)]
    join(parts, VideoFile(source, Span(end=Moment(frame=5))), tmp_path / "short.mp4", ".mp4", sound=True)
    assert len(frames_of(tmp_path / "short.mp4")) == 5


def test_a_span_has_its_own_sound(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", 50, sound=True)
    clip = VideoFile(source, Span(Moment(1.0), Moment(1.6)))
    out = copied(clip, tmp_path / "out.mp4", 20)
    whole, part = sound_of(source), sound_of(out)
    begin = whole.index(part[0])
    assert whole[begin : begin + len(part)] == part
    assert abs(begin * 1024 / 16_000 - 1.0) < 0.15 and abs(len(part) * 1024 / 16_000 - 0.6) < 0.15
    assert len(sound_of(copied(VideoFile(source), tmp_path / "all.mp4", 60))) == len(whole)


def test_a_broadcast_becomes_a_file(tmp_path: Path) -> None:
    """Its sound is packed in another way."""
    clip = VideoFile(write_clip(tmp_path / "a.ts", 30, codec="mpeg2video", sound=True))
    check_can_hold(Path("out.mp4"), clip, sound=True)
    out = copied(clip, tmp_path / "out.mp4")
    with av.open(str(out)) as container:
        heard = list(container.decode(container.streams.audio[0]))
    assert len(frames_of(out)) == 30 and sum(frame.samples for frame in heard) / 16_000 == pytest.approx(1.2, abs=0.2)


def test_a_pixel_that_is_no_square_stays_so(tmp_path: Path) -> None:
    clip = VideoFile(write_clip(tmp_path / "a.mp4", 2))
    clip.look = replace(clip.look, aspect=Fraction(4, 3))
    with av.open(str(copied(clip, tmp_path / "out.mp4"))) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(4, 3)


def test_a_name_with_a_colon_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To ffmpeg the beginning of such a name is a protocol."""
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "T12:30.mp4", 2, sound=True)
    clip = VideoFile(Path("T12:30.mp4"))
    check_can_hold(Path("T12:31.mp4"), clip, sound=True)
    encoder = Encoder(Path("T12:part.mp4"), ".mp4", clip.look)
    for frame in clip.frames():
        encoder.add(frame.read(), clip.time(frame.number), clip.duration(frame.number))
    encoder.close()
    join([Part(Path("T12:part.mp4"), clip.numbers)], clip, Path("T12:31.mp4"), ".mp4", sound=True)
    assert len(frames_of(tmp_path / "T12:31.mp4")) == 2


def test_what_a_clip_says_of_itself_goes_along_but_not_where_it_was_filmed(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.mkv", 2)
    said = {"title": "A boat", "location": "+52.5200+013.4050/", "com.apple.quicktime.location.ISO6709": "+52+013/"}
    with av.open(str(tmp_path / "a.mkv")) as old, av.open(str(tmp_path / "phone.mkv"), "w") as new:
        new.metadata.update(said)
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.size:
                packet.stream = stream
                new.mux(packet)
    out = copied(VideoFile(tmp_path / "phone.mkv"), tmp_path / "out.mkv")
    assert b"+52" in (tmp_path / "phone.mkv").read_bytes()
    assert b"+52" not in out.read_bytes() and b"A boat" in out.read_bytes()


def test_what_a_clip_says_of_itself_may_be_in_any_encoding(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as made:
        made.metadata["title"] = "Café"
        stream = made.add_stream("libx264", rate=25)
        stream.width, stream.height = 64, 48
        made.mux(stream.encode(av.VideoFrame.from_ndarray(drawn(1), "rgb24")))
        made.mux(stream.encode(None))
    old = (tmp_path / "a.mkv").read_bytes()
    (tmp_path / "a.mkv").write_bytes(old.replace("Café".encode(), "Café ".encode("latin-1")))
    out = copied(VideoFile(tmp_path / "a.mkv"), tmp_path / "out.mkv")
    with av.open(str(out)) as container:
        assert container.metadata["title"].startswith("Caf")


def test_a_rate_that_its_times_deny_is_not_believed(tmp_path: Path) -> None:
    """As recordings of browsers have it; VP9 cannot be written at such rates."""
    source = write_clip(tmp_path / "a.mkv", 10)
    with av.open(str(source)) as old, av.open(str(tmp_path / "b.mkv"), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0], opaque=True)
        stream.codec_context.framerate = 12_800
        for packet in old.demux():
            if packet.size:
                packet.stream = stream
                new.mux(packet)
    with av.open(str(tmp_path / "b.mkv")) as container:
        assert container.streams.video[0].average_rate > 1000
    clip = VideoFile(tmp_path / "b.mkv")
    assert (clip.look.rate, clip.duration(10)) == (25, 40)
    assert len(frames_of(copied(clip, tmp_path / "out.webm"))) == 10


def test_a_clip_in_rgb_becomes_one_that_does_not_call_itself_so(tmp_path: Path) -> None:
    """Players would take brightness for green."""
    with av.open(str(tmp_path / "a.mkv"), "w") as made:
        stream = made.add_stream("libx264rgb", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        made.mux(stream.encode(av.VideoFrame.from_ndarray(drawn(1), "rgb24")))
        made.mux(stream.encode(None))
    clip = VideoFile(tmp_path / "a.mkv")
    (found,) = frames_of(copied(clip, tmp_path / "out.mp4"))
    assert found.format.name.endswith("420p") and int(found.colorspace) == UNSPECIFIED
    shown = next(VideoFile(tmp_path / "out.mp4").frames()).read().pixels[..., :3]
    assert np.abs(shown.astype(int) - drawn(1)).mean() < 6


def test_sound_can_be_left_out(tmp_path: Path) -> None:
    clip = VideoFile(write_clip(tmp_path / "a.mp4", 3, sound=True))
    with av.open(str(copied(clip, tmp_path / "out.mp4", sound=False))) as container:
        assert not container.streams.audio


def test_sound_that_a_file_cannot_have_is_told_before(tmp_path: Path) -> None:
    clip = VideoFile(write_clip(tmp_path / "a.mp4", 3, sound=True))
    with pytest.raises(InvalidRequest, match=r"sound \(aac\) cannot be in a .webm file") as caught:
        check_can_hold(Path("out.webm"), clip, sound=True)
    assert "--no-sound" in caught.value.hint
    check_can_hold(Path("out.webm"), clip, sound=False)
    check_can_hold(Path("out.mkv"), clip, sound=True)


@pytest.mark.parametrize("ending", [".mov", ".mkv"])
def test_transparency_is_kept_where_it_can_be(tmp_path: Path, ending: str) -> None:
    clip = VideoFile(write_clip(tmp_path / "a.mkv", 4, codec="ffv1", pixel_format="bgra"))
    with pytest.raises(InvalidRequest, match="transparent"):
        check_can_hold(Path("out.mp4"), clip, sound=True)
    out = copied(clip, tmp_path / f"out{ending}")
    pixels = next(iter(VideoFile(out).frames())).read().pixels
    assert pixels[2, 2, 3] < 10 and pixels[30, 30, 3] > 245


def test_pictures_of_odd_sides_become_a_video_that_plays(tmp_path: Path) -> None:
    clip = PictureFolder(write_pictures(tmp_path / "shots", size=(63, 47)))
    found = frames_of(copied(clip, tmp_path / "out.mp4"))
    assert (len(found), found[0].width, found[0].height) == (3, 62, 46)
    assert (found[0].colorspace, found[0].color_range) == (1, 1)
