"""`neural-style video` with clips and names out of the ordinary, against a daemon that paints nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import Run, plain
from tests.cli.test_video import WORDS
from tests.client.fake_daemon import FakeDaemon, fake_daemon  # noqa: F401
from tests.clips import frames_of, sound_of, write_clip


def seconds(path: Path) -> list[float]:
    """When each frame is shown, from the first."""
    with av.open(str(path)) as container:
        found = sorted(packet.pts * packet.time_base for packet in container.demux(video=0) if packet.size)
    return [float(time - found[0]) for time in found]


CLIPS: dict[str, dict[str, Any]] = {
    "one.mp4": {"count": 1},
    "tiny.mp4": {"size": (20, 2)},
    "odd.mkv": {"size": (65, 49), "codec": "ffv1", "pixel_format": "bgr0"},
    "grey.mkv": {"codec": "ffv1", "pixel_format": "gray"},
    "grey.mp4": {"pixel_format": "gray"},
    "deep.mkv": {"codec": "ffv1", "pixel_format": "gray16le"},
    "palette.gif": {"codec": "gif", "pixel_format": "rgb8", "count": 3},
    "av1.mp4": {"codec": "libsvtav1", "size": (64, 64)},
    "hevc.mkv": {"codec": "libx265", "options": {"x265-params": "log-level=none"}},
    "vp8.webm": {"codec": "libvpx"},
    "vp9.webm": {"codec": "libvpx-vp9"},
    "prores.mov": {"codec": "prores_ks", "pixel_format": "yuv422p10le"},
    "png.mov": {"codec": "png", "pixel_format": "rgb24"},
    "broadcast.ts": {"codec": "mpeg2video"},
    "still.avi": {"codec": "mjpeg", "pixel_format": "yuvj420p"},
    "an hour.mp4": {"times": [0, 512, 1024, 12_800 * 3600, 12_800 * 3600 + 512]},
    "turned.mp4": {"rotation": 90, "size": (63, 49), "pixel_format": "yuv444p"},
}


@pytest.mark.parametrize("name", CLIPS)
def test_any_clip_keeps_its_frames_and_their_times(cli: Run, fake_daemon: FakeDaemon, name: str) -> None:  # noqa: F811
    path = write_clip(Path(name), **CLIPS[name])
    code, _, err = cli("video", name, "-o", "out.mp4", *WORDS)
    assert code == 0 and "cut off" not in err, err
    assert seconds(Path("out.mp4")) == pytest.approx(seconds(path), abs=0.006)
    before, after = frames_of(path)[-1], frames_of(Path("out.mp4"))[-1]
    shown = before.to_ndarray(format="rgb24").astype(int)[: after.height, : after.width]
    painted = after.to_ndarray(format="rgb24").astype(int)
    assert np.abs(painted - (255 - shown)).mean() < 20, "its colours are inverted, and nothing else"


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".webm"])
@pytest.mark.parametrize("name", ["a.mov", "a.webm"])
def test_any_kind_becomes_any_other(cli: Run, fake_daemon: FakeDaemon, name: str, ending: str) -> None:  # noqa: F811
    codec, sound = ("libvpx-vp9", "libopus") if name == "a.webm" else ("libx264", "aac")
    path = write_clip(Path(name), sound=True, codec=codec, sound_codec=sound)
    words = [] if (sound == "aac") == (ending != ".webm") or ending == ".mkv" else ["--no-sound"]
    code, _, err = cli("video", name, "-o", f"out{ending}", *words, *WORDS)
    assert code == 0, err
    assert seconds(Path(f"out{ending}")) == pytest.approx(seconds(path), abs=0.002)
    if not words:
        assert sound_of(Path(f"out{ending}")) == sound_of(path)


def test_all_tracks_of_sound_go_along(cli: Run, fake_daemon: FakeDaemon) -> None:  # noqa: F811
    plain_clip = write_clip(Path("plain.mp4"), 20, sound=True)
    with av.open(str(plain_clip)) as old, av.open("in.mp4", "w") as new:
        pictures, sound = old.streams
        streams = {pictures.index: [new.add_stream_from_template(pictures, opaque=True)]}
        streams[sound.index] = [new.add_stream_from_template(sound) for _ in range(3)]
        for packet in old.demux():
            for stream in streams[packet.stream.index] if packet.size else ():
                copy = av.Packet(bytes(packet))
                copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
                copy.time_base, copy.is_keyframe, copy.stream = packet.time_base, packet.is_keyframe, stream
                new.mux(copy)
    assert cli("video", "in.mp4", "-o", "out.mp4", *WORDS)[0] == 0
    with av.open("in.mp4") as before, av.open("out.mp4") as after:
        assert len(after.streams.audio) == 3
        for one, other in zip(before.streams.audio, after.streams.audio, strict=True):
            packets = [
                [bytes(packet) for packet in container.demux(stream) if packet.size]
                for container, stream in ((before, one), (after, other))
            ]
            assert packets[0] == packets[1] != []
            before.seek(0)
            after.seek(0)


def test_a_clip_that_begins_before_time_0_begins_at_its_first_shown_frame(
    cli: Run,
    fake_daemon: FakeDaemon,  # noqa: F811
) -> None:
    """As .mp4 trims recordings; and .ts begins late."""
    whole = write_clip(Path("whole.mp4"), 10, sound=True)
    for name, shift, count in (("early.mp4", -0.12, 7), ("late.ts", 3000.0, 10)):
        with av.open(str(whole)) as old, av.open(name, "w", options={"avoid_negative_ts": "disabled"}) as new:
            streams = [new.add_stream_from_template(stream, opaque=True) for stream in old.streams]
            for packet in old.demux():
                if packet.size:
                    ticks = round(shift / packet.time_base)
                    packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
                    packet.stream = streams[packet.stream.index]
                    new.mux(packet)
        assert cli("video", name, "-o", f"{name}.mp4", *WORDS)[0] == 0
        found = frames_of(Path(f"{name}.mp4"))
        assert len(found) == count and float(found[0].pts * found[0].time_base) < 0.1
        shown = 255 - frames_of(whole)[-count].to_ndarray(format="rgb24").astype(int)
        assert np.abs(found[0].to_ndarray(format="rgb24") - shown).mean() < 12, "the right one"


@pytest.mark.parametrize(("size", "out"), [((1, 48), "out.mp4"), ((48, 1), "out.mkv"), ((17_000, 2), "out.mov")])
def test_pictures_that_no_video_can_have_are_refused_before_anything_is_painted(
    cli: Run,
    fake_daemon: FakeDaemon,  # noqa: F811
    size: tuple[int, int],
    out: str,
) -> None:
    Path("in").mkdir()
    for number in (1, 2):
        Image.new("RGB", size, (number, 90, 30)).save(f"in/{number}.png")
    code, _, err = cli("video", "in", "-o", out, *WORDS)
    assert code == 2, err
    assert f"{out[-4:]} file cannot have pictures of {size[0]} × {size[1]} pixels" in plain(err)
    assert fake_daemon.jobs == {} and not Path(f"{out}.frames").exists()
    assert cli("video", "in", "-o", "out/", *WORDS)[0] == 0


def test_a_pause_that_a_file_cannot_have_is_refused_before_anything_is_painted(
    cli: Run,
    fake_daemon: FakeDaemon,  # noqa: F811
) -> None:
    Path("in").mkdir()
    for number in (1, 2, 9_000_000):
        Image.new("RGB", (64, 48), (number % 200, 90, 30)).save(f"in/{number}.png")
    code, _, err = cli("video", "in", "-o", "out.mp4", "--gaps", *WORDS)
    assert code == 2 and "A .mp4 file cannot show one picture for 100 hours" in plain(err)
    assert fake_daemon.jobs == {}
    assert cli("video", "in", "-o", "out.mkv", "--gaps", *WORDS)[0] == 0
    assert seconds(Path("out.mkv")) == pytest.approx([0, 0.04, 359_999.96])


# names and places

LONG = "n" * 244 + ".mp4"
"""With `.frames` at its end it is as long as a name can be."""


@pytest.mark.parametrize("name", [LONG, "a%03d.mp4", "-a.mp4", "ä b\nc 画.mp4", "a.MP4"])
def test_any_name_is_a_file_s(cli: Run, fake_daemon: FakeDaemon, name: str) -> None:  # noqa: F811
    write_clip(Path("in.mp4"), 2)
    trial = f"{Path(name).stem}-try{Path(name).suffix}"
    for words, made in ((["--try"], trial), ([], name)):
        code, _, err = cli("video", "in.mp4", "-o", f"./{name}", *words, *WORDS)
        assert code == 0 and len(frames_of(Path(made))) == 2, err
    Path("out").mkdir()
    assert cli("video", f"./{name}", "-o", "out/x.mp4", *WORDS)[0] == 0
    assert [path.name for path in Path("out").iterdir()] == ["x.mp4"]


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("n" * 250 + ".mp4", "File name too long"),
        ("folder.mp4", "is a folder, and is called like a video"),
        ("locked/out.mp4", "Permission denied"),
        ("locked/out/", "Permission denied"),
    ],
)
def test_a_result_that_cannot_be_is_refused_before_anything_is_painted(
    cli: Run,
    fake_daemon: FakeDaemon,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    out: str,
    told: str,
) -> None:
    """Who runs the tests may write everywhere, so the system's answer is played."""
    write_clip(Path("in.mp4"), 2)
    for name in ("folder.mp4", "locked"):
        Path(name).mkdir()
    make = Path.mkdir

    def locked(path: Path, *words: Any, **more: Any) -> None:
        if path.parent.name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        make(path, *words, **more)

    monkeypatch.setattr(Path, "mkdir", locked)
    code, _, err = cli("video", "in.mp4", "-o", out, "--force", *WORDS)
    assert code in (1, 2) and told in plain(err)
    assert fake_daemon.jobs == {}
