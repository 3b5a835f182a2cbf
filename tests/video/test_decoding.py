"""What a video file has to decode: its times, and its frames by their numbers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest
from tests.clips import BASE, write_clip

from neural_style_server.errors import InvalidRequest
from neural_style_server.video import decoding
from neural_style_server.video.decoding import Decoder
from neural_style_server.video.video_file import VideoFile


def silent(text: str) -> None:
    raise AssertionError(f"it says: {text}")


def test_a_file_says_when_its_frames_are_shown_and_for_how_long(tmp_path: Path) -> None:
    times = [0, 512, 1000, 4000, 4100]
    decoder = Decoder(write_clip(tmp_path / "a.mp4", times=times, sound=True), silent)
    assert (decoder.times, decoder.time_base) == (times, BASE)
    assert [decoder.duration(number) for number in (1, 2, 3, 4)] == [512, 488, 3000, 100]
    assert decoder.duration(5) > 0
    assert [number for number, _ in decoder.numbered(1)] == [1, 2, 3, 4, 5]


def test_a_file_without_times_has_those_of_its_rate(tmp_path: Path) -> None:
    """A bare stream, whose frames are numbered as they come."""
    decoder = Decoder(write_clip(tmp_path / "a.m4v", 4, codec="mpeg4"), silent)
    assert decoder.rate == Fraction(25)
    steps = {after - before for before, after in zip(decoder.times, decoder.times[1:], strict=False)}
    assert [float(step * decoder.time_base) for step in steps] == pytest.approx([1 / 25])
    assert [number for number, _ in decoder.numbered(1)] == [1, 2, 3, 4]


def test_a_clip_may_show_a_frame_for_hours(tmp_path: Path) -> None:
    hours = 12_800 * 3600
    for times in ([0, 5 * hours], [0, 512, hours, 9 * hours]):
        decoder = Decoder(write_clip(tmp_path / "a.mkv", times=times, places=range(len(times))), silent)
        assert [float(time * decoder.time_base) for time in decoder.times] == [time / 12_800 for time in times]
        assert decoder.rate == pytest.approx((len(times) - 1) * 12_800 / times[-1], rel=0.01)


def test_two_frames_at_one_time_do_not_cost_the_others_their_times(tmp_path: Path) -> None:
    """Of the two only one is ever shown, as players do."""
    path, times = tmp_path / "a.mkv", [0, 40, 40, 80, 900, *range(940, 1600, 40)]
    plain = write_clip(tmp_path / "plain.mkv", len(times), codec="mjpeg", pixel_format="yuvj420p")
    with av.open(str(plain)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0], opaque=True)
        packets = (packet for packet in old.demux(old.streams.video[0]) if packet.size)
        for packet, time in zip(packets, times, strict=True):
            packet.pts = packet.dts = time
            packet.stream = stream
            new.mux_one(packet)
    shown = sorted(set(times))
    assert Decoder(path, silent).times == shown
    clip = VideoFile(path)
    assert [frame.number for frame in clip.frames()] == clip.numbers == list(range(1, 1 + len(shown)))
    assert clip.notes == []


def test_frames_that_a_recorder_has_dropped_are_not_missed(tmp_path: Path) -> None:
    """An AVI counts them, though nothing is there."""
    times = [0, 512, 1024, 5 * 512, 6 * 512]
    path = write_clip(tmp_path / "a.avi", times=times, codec="mpeg2video")
    decoder = Decoder(path, silent)
    assert [time - decoder.times[0] for time in decoder.times] == [0, 1, 2, 5, 6]
    assert decoder.time_base == Fraction(1, 25)
    path.write_bytes(path.read_bytes()[: path.read_bytes().index(b"idx1") - 400])
    said: list[str] = []
    assert len(Decoder(path, said.append).times) < 5 and "cut off" in said[0]


@pytest.mark.parametrize(("far", "most"), [(5, 6), (250, 20)])
def test_frames_far_before_the_first_are_jumped_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, far: int, most: int
) -> None:
    monkeypatch.setattr(decoding, "FAR", far)
    decoder = Decoder(write_clip(tmp_path / "a.mp4", 40, options={"g": "6"}), silent)
    numbers = [number for number, _ in decoder.numbered(20)]
    assert numbers == list(range(numbers[0], 41))
    assert 20 - most < numbers[0] <= 20


def test_interlaced_frames_come_out_progressive_and_that_is_said_once(tmp_path: Path) -> None:
    said: list[str] = []
    decoder = Decoder(write_clip(tmp_path / "a.mp4", 4, options={"x264-params": "tff=1"}), said.append)
    frames = list(decoder.numbered(1))
    assert [number for number, _ in frames] == [1, 2, 3, 4]
    assert not any(frame.interlaced_frame for _, frame in frames)
    assert said == ["The video is interlaced; it is painted and written progressive."]


def test_damaged_packets_are_passed_over(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mkv", 40, options={"g": "1"})
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 3)
    path.write_bytes(data)
    numbers = [number for number, _ in Decoder(path, lambda text: None).numbered(1)]
    assert numbers == sorted(set(numbers))
    assert 5 < len(numbers) < 40


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(bytes(1000))
    with pytest.raises(InvalidRequest, match="cannot be read as a video"):
        Decoder(tmp_path / "a.mp4", silent)
