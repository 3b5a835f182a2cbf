"""What goes along with a clip's pictures: sound, subtitles, chapters."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from tests.clips import frames_of, sound_of, write_clip
from tests.video.test_encoding import copied

from neural_style_server.errors import InvalidRequest
from neural_style_server.video import tracks
from neural_style_server.video.clip import Moment, Span
from neural_style_server.video.encoding import check_can_hold
from neural_style_server.video.video_file import VideoFile

SAID = [(0, 400, b"One"), (480, 900, b"Two"), (1200, 1400, b"Three")]
"""Milliseconds from and to, and words."""

CHAPTERS = [(0, 500, "Morning"), (500, 1600, "Evening")]


def told(path: Path, kind: str = "subrip", **more: Any) -> Path:
    """A clip of 40 frames in 1.6 s with subtitles and chapters."""
    plain = write_clip(path.with_name(f"plain{path.suffix}"), 40, sound=True, **more)
    with av.open(str(plain)) as old, av.open(str(path), "w") as new:
        streams = {stream.index: new.add_stream_from_template(stream, opaque=True) for stream in old.streams}
        words = new.add_mux_stream(kind)
        words.time_base = Fraction(1, 1000)
        words.metadata["language"] = "ger"
        streams[1].metadata.update(language="fra", title="Commentary")
        base = Fraction(1, 1000)
        new.set_chapters([
            {"id": place, "start": begin, "end": end, "time_base": base, "metadata": {"title": title}}
            for place, (begin, end, title) in enumerate(CHAPTERS)
        ])  # fmt: skip
        new.start_encoding()
        for packet in old.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                new.mux(packet)
        for begin, end, text in SAID:
            packet = av.Packet(text if kind != "mov_text" else len(text).to_bytes(2, "big") + text)
            packet.pts = packet.dts = begin
            packet.duration, packet.time_base, packet.stream = end - begin, base, words
            new.mux(packet)
    return path


def subtitles(path: Path) -> list[tuple[int, int, bytes]]:
    with av.open(str(path)) as container:
        found = []
        for packet in container.demux(container.streams.subtitles[0]):
            text = bytes(packet)
            if packet.size > 2:
                begin, length = (round(1000 * ticks * packet.time_base) for ticks in (packet.pts, packet.duration))
                found.append((begin, begin + length, text[2:] if text[0] == 0 else text))
        return found


def chapters(path: Path) -> list[tuple[int, int, str]]:
    with av.open(str(path)) as container:
        found = []
        for chapter in container.chapters():
            begin, end = (round(1000 * chapter[key] * chapter["time_base"]) for key in ("start", "end"))
            found.append((begin, end, chapter["metadata"]["title"]))
        return found


@pytest.mark.parametrize(("ending", "kind"), [(".mkv", "subrip"), (".mp4", "mov_text")])
def test_subtitles_and_chapters_go_along(tmp_path: Path, ending: str, kind: str) -> None:
    source = told(tmp_path / f"a{ending}", kind)
    clip = VideoFile(source)
    check_can_hold(Path(f"out{ending}"), clip, sound=True)
    assert not clip.notes
    out = copied(clip, tmp_path / f"out{ending}", 20)
    assert subtitles(out) == subtitles(source) == SAID
    assert chapters(out) == chapters(source) == CHAPTERS
    assert sound_of(out) == sound_of(source) and len(frames_of(out)) == 40


def test_languages_and_titles_of_tracks_stay(tmp_path: Path) -> None:
    out = copied(VideoFile(told(tmp_path / "a.mkv")), tmp_path / "out.mkv", 20)
    with av.open(str(out)) as container:
        audio, words = container.streams.audio[0], container.streams.subtitles[0]
        assert (audio.metadata["language"], audio.metadata["title"]) == ("fra", "Commentary")
        assert words.metadata["language"] == "ger"


def test_a_part_of_a_clip_has_its_own_subtitles_and_chapters(tmp_path: Path) -> None:
    clip = VideoFile(told(tmp_path / "a.mkv"), Span(Moment(0.6), Moment(1.3)))
    out = copied(clip, tmp_path / "out.mkv", 20)
    assert subtitles(out) == [(0, 300, b"Two"), (600, 720, b"Three")], "the last frame goes at 0.72 s"
    assert chapters(out) == [(0, 720, "Evening")]


@pytest.mark.parametrize(
    ("ending", "kind", "other"), [(".mp4", "subrip", "a .mkv file"), (".mkv", "mov_text", "a .mp4 file")]
)
def test_subtitles_that_a_file_cannot_have_are_told_before(tmp_path: Path, ending: str, kind: str, other: str) -> None:
    clip = VideoFile(told(tmp_path / f"a{'.mkv' if kind == 'subrip' else '.mp4'}", kind))
    check_can_hold(Path(f"out{ending}"), clip, sound=True)
    (note,) = clip.notes
    assert note.startswith("Its subtitles (") and f"cannot be in a {ending} file" in note and other in note
    out = copied(clip, tmp_path / f"out{ending}", 20)
    assert sound_of(out) and chapters(out) == CHAPTERS
    with av.open(str(out)) as container:
        assert not container.streams.subtitles


def trimmed(path: Path) -> Path:
    """Its first 0.2 s of 0.8 s are in the file, which says that they are not shown, as phones trim their recordings."""
    whole = write_clip(path.with_name(f"whole{path.suffix}"), 20, sound=True)
    with av.open(str(whole)) as old, av.open(str(path), "w", options={"avoid_negative_ts": "disabled"}) as new:
        streams = [new.add_stream_from_template(stream, opaque=True) for stream in old.streams]
        for packet in old.demux():
            if packet.size:
                shift = round(0.2 / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = streams[packet.stream.index]
                new.mux(packet)
    return path


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_what_a_clip_leaves_out_is_neither_missed_nor_heard(tmp_path: Path, ending: str) -> None:
    clip = VideoFile(trimmed(tmp_path / "a.mp4"))
    assert (len(list(clip.frames())), clip.notes) == (15, [])
    out = copied(clip, tmp_path / f"out{ending}", 20)
    first = frames_of(out)[0]
    assert float(first.pts * first.time_base) < 0.1
    with av.open(str(out)) as container:
        heard = sum(frame.samples for frame in container.decode(container.streams.audio[0])) / 16_000
    assert heard == pytest.approx(0.7, abs=0.08)


def longer_sound(path: Path) -> Path:
    """2 s of sound beside 5 pictures in 0.2 s."""
    sounds, pictures = write_clip(path.with_name("b.mkv"), 50, sound=True), write_clip(path.with_name("c.mkv"), 5)
    with av.open(str(sounds)) as heard, av.open(str(pictures)) as seen, av.open(str(path), "w") as new:
        made = [
            (source, new.add_stream_from_template(source, opaque=True))
            for source in (seen.streams.video[0], heard.streams.audio[0])
        ]
        for source, stream in made:
            for packet in source.container.demux(source):
                if packet.size:
                    packet.stream = stream
                    new.mux(packet)
    return path


def test_sound_that_goes_on_after_the_last_picture_stays(tmp_path: Path) -> None:
    source = longer_sound(tmp_path / "a.mkv")
    whole = sound_of(source)
    assert sound_of(copied(VideoFile(source), tmp_path / "out.mkv")) == whole
    part = sound_of(copied(VideoFile(source, Span(end=Moment(frame=4))), tmp_path / "part.mkv"))
    assert 0 < len(part) < len(whole) / 4


def test_sound_of_no_known_kind_is_left_out_and_told(tmp_path: Path) -> None:
    """No kind of file takes it, so there is nothing else to choose."""
    source = write_clip(tmp_path / "a.mkv", 2, sound=True, sound_codec="flac")
    source.write_bytes(source.read_bytes().replace(b"A_FLAC", b"A_FLAX"))
    clip = VideoFile(source)
    for ending in (".mkv", ".mp4"):
        clip.notes.clear()
        check_can_hold(Path(f"out{ending}"), clip, sound=True)
        (note,) = clip.notes
        assert note == f"A track of its sound (of an unknown kind) cannot be in a {ending} file, and is left out."
        with av.open(str(copied(clip, tmp_path / f"out{ending}"))) as container:
            assert not container.streams.audio


def test_the_hint_names_a_file_that_takes_the_sound(tmp_path: Path) -> None:
    clip = VideoFile(write_clip(tmp_path / "a.mkv", 2, sound=True, sound_codec="flac"))
    with pytest.raises(InvalidRequest, match=r"sound \(flac\) cannot be in a .webm file") as caught:
        check_can_hold(Path("out.webm"), clip, sound=True)
    assert "Name a .mkv file" in caught.value.hint


def test_sound_that_a_file_refuses_at_its_very_end_is_told_before(tmp_path: Path) -> None:
    """Matroska's PCM names no speakers, and .mp4 wants them, but only says so once all is written."""
    clip = VideoFile(write_clip(tmp_path / "a.mkv", 5, sound=True, sound_codec="pcm_s24le"))
    with pytest.raises(InvalidRequest, match=r"sound \(pcm_s24le\) cannot be in a .mp4 file"):
        check_can_hold(Path("out.mp4"), clip, sound=True)
    assert len(sound_of(copied(clip, tmp_path / "out.mov"))) == len(sound_of(clip.path))


def test_a_damaged_track_goes_along_as_far_as_it_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is painted becomes a video all the same."""
    clip, demux, got = VideoFile(write_clip(tmp_path / "a.mkv", 40, sound=True)), tracks.demuxed, []

    def damaged(*words: Any) -> Any:
        for packet in demux(*words):
            if len(got) == 5:
                raise av.error.InvalidDataError(1, "torn")
            got.append(bytes(packet))
            yield packet

    monkeypatch.setattr(tracks, "demuxed", damaged)
    out = copied(clip, tmp_path / "out.mkv", 20)
    assert sound_of(out) == got and len(frames_of(out)) == 40


@pytest.mark.parametrize("ending", [".mov", ".webm", ".mp4"])
def test_chapters_go_into_every_kind_of_file(tmp_path: Path, ending: str) -> None:
    clip = VideoFile(told(tmp_path / "a.mkv"))
    assert chapters(copied(clip, tmp_path / f"out{ending}", 20, sound=False)) == CHAPTERS
