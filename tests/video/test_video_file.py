"""Video files as frames: upright, progressive, in ordinary colours; damaged ones as far as they go."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.clips import BASE, HEIGHT, WIDTH, drawn, frames_of, write_clip

from neural_style_server.errors import InvalidRequest
from neural_style_server.pictures.hdr import HLG, PQ
from neural_style_server.video.clip import UNSPECIFIED, Colour, Moment, Span
from neural_style_server.video.video_file import VideoFile


def difference(clip: VideoFile, number: int, place: int) -> float:
    """Mean, 0–255, of a frame from what was drawn."""
    frame = next(frame for frame in clip.frames() if frame.number == number)
    return float(np.abs(frame.read().pixels[..., :3].astype(int) - drawn(place)).mean())


@pytest.mark.parametrize(("matrix", "range"), [(1, 1), (1, 2), (5, 1), (6, 2), (9, 1)])
@pytest.mark.parametrize("pixel_format", ["yuv444p", "yuv420p10le"])
def test_colours_are_those_that_were_drawn(tmp_path: Path, matrix: int, range: int, pixel_format: str) -> None:
    path = write_clip(tmp_path / "a.mp4", 1, matrix=matrix, range=range, pixel_format=pixel_format)
    clip = VideoFile(path)
    assert difference(clip, 1, 0) < (1.0 if pixel_format == "yuv444p" else 5.0)
    assert (clip.look.colour.matrix, clip.look.colour.range) == (matrix, range)
    assert bool(clip.notes) == (pixel_format == "yuv420p10le")


def test_colours_that_the_file_alone_states_count(tmp_path: Path) -> None:
    """An HEVC stream that states none, as some cameras write it."""
    silent = "colorprim=unknown:transfer=unknown:colormatrix=unknown:log-level=none:pools=none:frame-threads=1"
    path = write_clip(
        tmp_path / "a.mkv", 1, codec="libx265", matrix=1, pixel_format="yuv444p",
        options={"crf": "4", "x265-params": silent},
    )  # fmt: skip
    assert frames_of(path)[0].colorspace == UNSPECIFIED
    clip = VideoFile(path)
    assert clip.look.colour.matrix == 1 and difference(clip, 1, 0) < 1.5


def test_frames_have_their_numbers_and_times(tmp_path: Path) -> None:
    times = [0, 512, 1000, 4000, 4100]
    clip = VideoFile(write_clip(tmp_path / "a.mp4", times=times))
    assert [frame.number for frame in clip.frames()] == clip.numbers == [1, 2, 3, 4, 5]
    assert [clip.time(number) for number in clip.numbers] == times
    assert [clip.duration(number) for number in (1, 3, 5)][:2] == [512, 3000]
    assert clip.look.time_base == BASE
    assert not clip.notes
    assert clip.name(3) == "frame-000003"


def test_a_span_keeps_the_numbers_and_begins_at_time_0(tmp_path: Path) -> None:
    clip = VideoFile(write_clip(tmp_path / "a.mp4", 8), Span(Moment(0.08), Moment(frame=5)))
    assert [frame.number for frame in clip.frames()] == [3, 4, 5]
    assert (clip.time(3), clip.time(4), clip.start_seconds) == (0, 512, pytest.approx(0.08))
    assert difference(clip, 3, 2) < 4 < difference(clip, 3, 6)


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".ts"])
def test_a_far_beginning_is_jumped_to(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neural_style_server.video.decoding.FAR", 5)
    options: dict[str, Any] = {"codec": "mpeg2video"} if ending == ".ts" else {"options": {"g": "6", "bf": "2"}}
    clip = VideoFile(write_clip(tmp_path / f"a{ending}", 40, **options), Span(Moment(frame=20), Moment(frame=22)))
    assert [frame.number for frame in clip.frames()] == [20, 21, 22]
    assert difference(clip, 21, 20) < 9 < difference(clip, 21, 25)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_video_is_seen_upright(tmp_path: Path, rotation: int) -> None:
    path = write_clip(tmp_path / "a.mp4", 2, rotation=rotation, pixel_format="yuv444p")
    clip = VideoFile(path)
    assert clip.look.rotation == frames_of(path)[0].rotation % 360
    assert (clip.look.width, clip.look.height) == ((WIDTH, HEIGHT) if rotation == 180 else (HEIGHT, WIDTH))
    found = next(iter(clip.frames())).read().pixels[..., :3]
    assert np.abs(found.astype(int) - np.rot90(drawn(0), rotation // 90)).mean() < 1
    assert np.array_equal(clip.look.as_in_file(clip.look.upright(drawn(0))), drawn(0))


def test_frames_are_scaled(tmp_path: Path) -> None:
    clip = VideoFile(write_clip(tmp_path / "a.mp4", 1, rotation=90), resize=32)
    found = next(iter(clip.frames())).read()
    assert (found.width, found.height) == (clip.look.width, clip.look.height) == (24, 32)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_hdr_becomes_ordinary_and_says_so(tmp_path: Path, transfer: int) -> None:
    path = write_clip(tmp_path / "a.mp4", 1, matrix=9, transfer=transfer, pixel_format="yuv420p10le")
    clip = VideoFile(path)
    assert "HDR" in clip.notes[0]
    assert (clip.look.colour.matrix, clip.look.colour.transfer) == (1, 1)
    pixels = next(iter(clip.frames())).read().pixels
    assert pixels.dtype == np.uint8 and pixels[..., 3].min() == 255 and pixels[..., :3].std() > 10


WIDE = {
    9: [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]],
    12: [[0.8225, 0.1774, 0.0000], [0.0332, 0.9669, 0.0000], [0.0171, 0.0724, 0.9108]],
}
"""Light of BT.709 in other primaries: BT.2087 has the first, and the second is of Display P3."""


@pytest.mark.parametrize(("primaries", "matrix", "transfer"), [(9, 9, 14), (12, 1, 1), (2, 9, 14)])
@pytest.mark.parametrize("pixel_format", ["yuv444p", "yuv444p10le"])
def test_wide_colours_become_ordinary_ones_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, primaries: int, matrix: int, transfer: int, pixel_format: str
) -> None:
    seen = drawn(0)
    light = (seen / 255) ** 2.4 @ np.array(WIDE[9 if primaries == 2 else primaries]).T
    monkeypatch.setattr("tests.clips.drawn", lambda *_: np.rint(255 * light ** (1 / 2.4)).astype("u1"))
    path = write_clip(
        tmp_path / "a.mkv", 1, matrix=matrix, primaries=primaries, transfer=transfer, pixel_format=pixel_format
    )
    clip = VideoFile(path)
    assert "The video's colours are wide" in clip.notes[0]
    assert clip.look.colour == Colour(1, 1, 1, 1)
    found = next(iter(clip.frames())).read().pixels
    assert np.abs(found[..., :3].astype(int) - seen).mean() < 2


def test_what_is_wide_and_transparent_stays_transparent(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mkv", 1, codec="ffv1", pixel_format="bgra", primaries=9)
    clip = VideoFile(path)
    assert "The video's colours are wide" in clip.notes[0]
    pixels = next(iter(clip.frames())).read().pixels
    assert (pixels[2, 2, 3], pixels[20, 20, 3]) == (0, 255)


def test_more_than_8_bits_become_8_and_are_told(tmp_path: Path) -> None:
    clip = VideoFile(write_clip(tmp_path / "in.mp4", 1, pixel_format="yuv420p10le"))
    found = next(iter(clip.frames())).read()
    assert clip.notes == ["The video has more than 8 bits a colour; it is painted and written with 8."]
    assert (found.format, clip.look.pixel_format) == ("RGBA8", "yuv420p")
    assert np.abs(found.pixels[..., :3].astype(int) - drawn(0)).mean() < 6


def test_an_interlaced_video_becomes_progressive_and_says_so(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", 4, options={"x264-params": "tff=1"})
    assert frames_of(path)[0].interlaced_frame
    clip = VideoFile(path)
    assert [frame.number for frame in clip.frames()] == [1, 2, 3, 4]
    assert "interlaced" in clip.notes[0]
    assert difference(clip, 2, 1) < 10


def test_transparency_is_kept(tmp_path: Path) -> None:
    clip = VideoFile(write_clip(tmp_path / "a.mkv", 1, codec="ffv1", pixel_format="bgra"))
    assert clip.look.alpha
    pixels = next(iter(clip.frames())).read().pixels
    assert (pixels[2, 2, 3], pixels[20, 20, 3]) == (0, 255)


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".ts"])
def test_a_video_that_is_cut_off_goes_as_far_as_it_does(tmp_path: Path, ending: str) -> None:
    options = {"codec": "mpeg2video"} if ending == ".ts" else {"options": {"g": "1"}}
    path = write_clip(tmp_path / f"a{ending}", 40, **options)  # type: ignore[arg-type]
    if ending == ".mp4":  # the part that says what is in it first, as cameras and streams write it
        import av

        with av.open(str(path)) as old, av.open(str(tmp_path / "b.mp4"), "w", options={"movflags": "faststart"}) as new:
            stream = new.add_stream_from_template(old.streams.video[0], opaque=True)
            for packet in old.demux(old.streams.video[0]):
                if packet.size:
                    packet.stream = stream
                    new.mux(packet)
        path = tmp_path / "b.mp4"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    clip = VideoFile(path)
    numbers = [frame.number for frame in clip.frames()]
    assert 5 < len(numbers) < 40 and numbers == list(range(1, len(numbers) + 1))
    if ending == ".mp4":
        assert clip.notes


def test_a_damaged_stretch_is_passed_over_and_told(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mkv", 40, options={"g": "1"})
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 3)
    path.write_bytes(data)
    clip = VideoFile(path)
    assert len([frame.number for frame in clip.frames()]) < 40


@pytest.mark.parametrize("options", [{"codec": "mpeg2video"}, {"options": {"x264-params": "tff=1"}}])
def test_frames_of_another_size_in_the_middle_are_scaled_and_told(tmp_path: Path, options: dict[str, Any]) -> None:
    """Interlaced ones, too."""
    parts = [write_clip(tmp_path / f"{size[0]}.ts", 6, size=size, **options) for size in ((64, 48), (96, 80))]
    path = tmp_path / "a.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    clip = VideoFile(path)
    found = [frame.read() for frame in clip.frames()]
    assert {(frame.width, frame.height) for frame in found} == {(64, 48)} and len(found) >= 11
    assert any("another size" in note for note in clip.notes)
    wanted = np.asarray(Image.fromarray(drawn(5, 96, 80)).resize((64, 48)))
    assert np.abs(found[-1].pixels[..., :3].astype(int) - wanted).mean() < 12


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    for name, data in (("a.txt", b"hello"), ("b.mp4", b""), ("c.mp4", bytes(1000))):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InvalidRequest, match=r"cannot be read as a video|no pictures"):
            VideoFile(tmp_path / name)


def test_sound_alone_has_no_pictures(tmp_path: Path) -> None:
    import av

    whole = write_clip(tmp_path / "a.mp4", 3, sound=True)
    with av.open(str(whole)) as old, av.open(str(tmp_path / "b.m4a"), "w", format="mp4") as new:
        stream = new.add_stream_from_template(old.streams.audio[0])
        for packet in old.demux(old.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                new.mux(packet)
    with pytest.raises(InvalidRequest, match="no pictures"):
        VideoFile(tmp_path / "b.m4a")


def test_one_frame_is_a_video(tmp_path: Path) -> None:
    clip = VideoFile(write_clip(tmp_path / "a.mp4", 1))
    assert (clip.numbers, clip.look.rate) == ([1], Fraction(25))
    assert clip.duration(1) > 0
