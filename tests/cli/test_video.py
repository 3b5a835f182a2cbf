"""`neural-style video`, against the real daemon, with clips of 64 px."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections import namedtuple
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import Run, plain
from tests.clips import HEIGHT, WIDTH, drawn, frames_of, sound_of, write_clip, write_pictures
from tests.real import COMMAND, RealDaemon, environment
from tests.waiting import wait_for

from neural_style_server.cli import video, video_result, video_room
from neural_style_server.cli.video_notes import NAME
from neural_style_server.cli.video_pictures import PaintedPictures
from neural_style_server.errors import DiskFull

STATE = NAME.format("000001")
WORDS = ["--preset", "night-swirl", "--set", "iterations=2", "--set", "scales=1"]


@pytest.fixture
def at(daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealDaemon]:
    """In an empty folder. Nothing of a clip stays in the daemon."""
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(daemon.home))
    monkeypatch.chdir(tmp_path)
    before = {job["id"] for job in daemon.client.jobs()}
    yield daemon
    assert {job["id"] for job in daemon.client.jobs()} <= before
    assert daemon.client.sequences.all() == []


def ends_at_frame(patch: pytest.MonkeyPatch, number: int, reason: BaseException | type[BaseException]) -> None:
    """Painting ends with `reason` where this frame is written."""
    write = PaintedPictures.write

    def ending(painted: PaintedPictures, at: int, picture: Any) -> None:
        if at == number:
            raise reason
        write(painted, at, picture)

    patch.setattr(PaintedPictures, "write", ending)


def pictures(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(Path(folder).glob("*.png"))}


def pixels(path: str) -> Any:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def test_a_video_becomes_a_video_with_its_times_and_its_sound(cli: Run, at: RealDaemon) -> None:
    times = [0, 512, 1000, 3000]
    source = write_clip(Path("in.mp4"), times=times, places=range(4), sound=True, rotation=90)
    code, out, err = cli("video", "in.mp4", "-o", "out.mp4", *WORDS)
    assert (code, out) == (0, "out.mp4  (4 frames)\n"), err
    assert "4 frames of 48 × 64 px" in err and "on the disk" in err
    found = frames_of(Path("out.mp4"))
    assert [frame.pts * frame.time_base * 12800 for frame in found] == times
    assert (found[0].rotation, found[0].width, found[0].height) == (frames_of(source)[0].rotation, WIDTH, HEIGHT)
    assert sound_of(Path("out.mp4")) == sound_of(source)
    assert sorted(path.name for path in Path().iterdir()) == ["in.mp4", "out.mp4"]
    difference = found[0].to_ndarray(format="rgb24").astype(int) - frames_of(source)[0].to_ndarray(format="rgb24")
    assert np.abs(difference).mean() > 10, "it is painted"


def test_folders_and_videos_go_in_and_out_in_any_mix(cli: Run, at: RealDaemon) -> None:
    write_pictures(Path("shots"), [4, 5])
    assert cli("video", "shots", "-o", "painted", *WORDS)[0] == 0
    assert list(pictures("painted")) == ["shot-0004.png", "shot-0005.png"]
    assert pixels("painted/shot-0004.png").shape == (HEIGHT, WIDTH, 3)
    assert cli("video", "shots", "-o", "out.mkv", "--fps", "12", *WORDS)[0] == 0
    assert [float(frame.time) for frame in frames_of(Path("out.mkv"))] == [0, pytest.approx(1 / 12, abs=1e-3)]
    assert cli("video", "out.mkv", "-o", "again/", "--resize", "32", *WORDS)[0] == 0
    assert list(pictures("again")) == ["frame-000001.png", "frame-000002.png"]
    assert pixels("again/frame-000001.png").shape == (24, 32, 3)
    code, _, err = cli("video", "shots", "-o", "painted", *WORDS)
    assert code == 0 and "2 are painted already" in err


def test_a_gif_becomes_a_video_unless_it_is_transparent(cli: Run, at: RealDaemon) -> None:
    frames = [Image.fromarray(drawn(place)) for place in (1, 5)]
    frames[0].save("in.gif", save_all=True, append_images=frames[1:], duration=40)
    assert cli("video", "in.gif", "-o", "out.mp4", *WORDS)[0] == 0
    assert len(frames_of(Path("out.mp4"))) == 2
    clear = [frame.convert("RGBA") for frame in frames]
    for frame in clear:
        frame.paste((0, 0, 0, 0), (0, 0, 20, 20))
    clear[0].save("clear.gif", save_all=True, append_images=clear[1:], duration=40, disposal=2)
    code, _, err = cli("video", "clear.gif", "-o", "clear.mp4", *WORDS)
    assert code == 2 and "The clip is transparent in places" in plain(err)


def test_what_was_stopped_goes_on_to_the_same_bytes(cli: Run, at: RealDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    write_clip(Path("in.mp4"), 6, sound=True)
    assert cli("video", "in.mp4", "-o", "whole.mp4", "--keep", *WORDS)[0] == 0
    whole = pictures("whole.mp4.frames")
    assert len(whole) == 6
    with monkeypatch.context() as patch:
        ends_at_frame(patch, 4, KeyboardInterrupt)
        patch.setattr(video_result, "PART_FRAMES", 1)
        code, out, err = cli("video", "in.mp4", "-o", "out.mp4", *WORDS)
    assert (code, out) == (1, "")
    assert err.endswith("Stopped: 3 of 6 frames are painted. The same command goes on from here.\n")
    assert "Traceback" not in err
    assert sorted(path.name for path in Path("out.mp4.frames").glob("*.mp4")) == ["part-000001.mp4", "part-000002.mp4"]
    code, out, err = cli("video", "in.mp4", "-o", "out.mp4", "--keep", *WORDS)
    assert code == 0 and "3 are painted already" in err, err
    again = pictures("out.mp4.frames")
    assert list(again) == ["000003.png", "000004.png", "000005.png", "000006.png"]
    assert all(again[name] == whole[name] for name in again)
    assert len(frames_of(Path("out.mp4"))) == 6 and sound_of(Path("out.mp4")) == sound_of(Path("in.mp4"))


def test_ctrl_c_leaves_nothing_in_the_daemon(at: RealDaemon) -> None:
    write_clip(Path("in.mp4"), 30)
    words = [*COMMAND, "video", "in.mp4", "-o", "out", "--preset", "night-swirl", "--set", "iterations=3"]
    # A test run in the background ignores SIGINT, and so would the program that it starts.
    restore = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    running = subprocess.Popen(words, env=environment(at.home), stderr=subprocess.PIPE, text=True, preexec_fn=restore)
    wait_for(lambda: len(pictures("out")) >= 2, 180, "two frames")
    os.kill(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "of 30 frames are painted. The same command goes on from here." in err and "Traceback" not in err
    assert 2 <= len(pictures("out")) < 30
    assert json.loads(Path("out", STATE).read_text())["sequences"] == []


def test_a_trial_paints_the_first_frames_and_the_rest_follows(
    cli: Run, at: RealDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "TRIED", 2)
    write_clip(Path("in.mp4"), 4, sound=True)
    code, out, err = cli("video", "in.mp4", "-o", "out.mp4", "--try", *WORDS)
    assert (code, out) == (0, "out-try.mp4  (the first 2 of 4 frames; without --try it goes on)\n"), err
    assert len(frames_of(Path("out-try.mp4"))) == 2
    assert not Path("out.mp4").exists()
    code, out, err = cli("video", "in.mp4", "-o", "out.mp4", *WORDS)
    assert code == 0 and "2 are painted already" in err
    assert len(frames_of(Path("out.mp4"))) == 4


def test_a_held_drawing_is_painted_once(cli: Run, at: RealDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pictures(Path("shots"), [1, 2])
    for number, source in ((3, 2), (4, 2), (5, 1)):
        shutil.copy(f"shots/shot-{source:04}.png", f"shots/shot-{number:04}.png")
    sent = []
    calls = at.client.sequences.__class__
    add = calls.add_frame
    monkeypatch.setattr(calls, "add_frame", lambda *words: sent.append(words) or add(*words))
    assert cli("video", "shots", "-o", "out", *WORDS)[0] == 0
    found = list(pictures("out").values())
    assert len(sent) == 3
    assert found[1] == found[2] == found[3] != found[4]


def test_styles_fade_and_keys_are_kept(cli: Run, at: RealDaemon) -> None:
    write_pictures(Path("shots"), [1, 2, 3])
    Path("keys").mkdir()
    Image.new("RGB", (WIDTH, HEIGHT), (10, 200, 30)).save("keys/2.png")
    words = [*WORDS, "--then", "3:mosaic", "--fade", "1", "--keys", "keys"]
    code, _, err = cli("video", "shots", "-o", "out", *words)
    assert code == 0, err
    assert (pixels("out/shot-0002.png") == (10, 200, 30)).all()
    assert not (pixels("out/shot-0003.png") == (10, 200, 30)).all()


def test_a_changed_key_makes_only_its_own_span_new(cli: Run, at: RealDaemon) -> None:
    write_pictures(Path("shots"), list(range(1, 8)))
    Path("keys").mkdir()
    for number, colour in ((3, (200, 20, 30)), (5, (10, 200, 30))):
        Image.new("RGB", (WIDTH, HEIGHT), colour).save(f"keys/{number}.png")
    words = ["video", "shots", "-o", "out", *WORDS, "--keys", "keys"]
    assert cli(*words)[0] == 0
    before = pictures("out")
    Image.new("RGB", (WIDTH, HEIGHT), (10, 20, 230)).save("keys/3.png")
    code, _, err = cli(*words)
    assert code == 0 and "Keys have changed: 4 frames are painted again." in err and "3 are painted already" in err
    after = pictures("out")
    assert [name for name in after if after[name] != before[name]] == [f"shot-{n:04}.png" for n in range(1, 5)]
    whole = cli("video", "shots", "-o", "whole", *WORDS, "--keys", "keys")
    assert whole[0] == 0 and pictures("whole") == after, "as if all were painted with these keys"


def test_a_key_that_changes_while_it_is_painted_is_taken_at_the_end(
    cli: Run, at: RealDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(Path("shots"), [1, 2, 3, 4])
    Path("keys").mkdir()
    for number in (2, 4):
        Image.new("RGB", (WIDTH, HEIGHT), (10, 200, 30)).save(f"keys/{number}.png")
    words = ["video", "shots", *WORDS, "--keys", "keys"]
    written, write = list[int](), PaintedPictures.write

    def changing(painted: PaintedPictures, number: int, picture: Any) -> None:
        write(painted, number, picture)
        written.append(number)
        if number == 3:
            Image.new("RGB", (WIDTH, HEIGHT), (200, 20, 30)).save("keys/2.png")

    with monkeypatch.context() as patch:
        patch.setattr(PaintedPictures, "write", changing)
        assert cli(*words, "-o", "out")[0] == 0
    assert written == [1, 2, 3, 4, 1, 2, 3]
    assert (pixels("out/shot-0002.png") == (200, 20, 30)).all()
    assert cli(*words, "-o", "fresh")[0] == 0
    assert pictures("fresh") == pictures("out")
    assert "4 are painted already" in cli(*words, "-o", "out")[2]


def test_keys_of_a_video_can_change_with_its_pictures_kept(cli: Run, at: RealDaemon) -> None:
    write_clip(Path("in.mp4"), 3)
    Path("keys").mkdir()
    words = ["video", "in.mp4", "-o", "out.mp4", "--keep", *WORDS]
    assert cli(*words)[0] == 0
    before = Path("out.mp4").read_bytes()
    code, _, err = cli(*words)
    assert code == 1 and "exists already" in plain(err)
    Image.new("RGB", (WIDTH, HEIGHT), (200, 20, 30)).save("keys/3.png")
    assert cli(*words, "--keys", "keys")[0] == 0
    assert Path("out.mp4").read_bytes() != before
    assert (pixels("out.mp4.frames/000003.png") == (200, 20, 30)).all()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["none.mp4", "-o", "out.mp4"], "none.mp4 does not exist"),
        (["text.txt", "-o", "out.mp4"], "cannot be read as a video"),
        (["empty", "-o", "out.mp4"], "no numbered pictures"),
        (["gaps", "-o", "out.mp4"], "3–4 are missing"),
        (["in.mp4", "-o", "out.avi"], "no kind of video that is written"),
        (["in.mp4", "-o", "in.mp4"], "is the clip itself"),
        (["in.mp4", "-o", "IN.mp4", "--force"], "is the clip itself"),
        (["x.mp4.frames", "-o", "x.mp4", "--force"], "x.mp4.frames is where the painted pictures lie, so the clip"),
        (["shots", "-o", "out", "--keys", "out", "--force"], "out is where the painted pictures lie, so the keys"),
        (["shots", "-o", "x.mp4", "--keys", "x.mp4.frames", "--keep"], "so the keys cannot lie there"),
        (["in.mp4", "-o", "none/out.mp4"], "does not exist"),
        (["in.mp4", "-o", "out.webm"], "sound (aac) cannot be in a .webm file"),
        (["in.mp4", "-o", "out.mp4", "--start", "9"], "No frame is between --start and --end"),
        (["in.mp4", "-o", "out.mp4", "--end", "x"], "is no time"),
        (["in.mp4", "-o", "out.mp4", "--fps", "3"], "belong to folders"),
        (["shots", "-o", "out.mp4", "--fps", "0"], "no number of frames per second"),
        (["in.mp4", "-o", "out.mp4", "--keys", "none"], "is no folder"),
        (["in.mp4", "-o", "out.mp4", "--keys", "gaps"], "gaps/shot-0005.png is a key for frame 5"),
        (["in.mp4", "-o", "out.mp4", "--keys", "small"], "small/shot-0001.png is 32 × 24 pixels, the frames 64 × 48"),
        (["in.mp4", "-o", "out.mp4", "--then", "3:no"], "no"),
        (["in.mp4", "-o", "out.mp4", "--set", "strength=500"], "strength"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_before_anything_is_painted(
    cli: Run, at: RealDaemon, words: list[str], told: str
) -> None:
    write_clip(Path("in.mp4"), 2, sound=True)
    Path("IN.mp4").hardlink_to("in.mp4")  # as some file systems take one name for the other
    Path("text.txt").write_text("no video")
    Path("empty").mkdir()
    write_pictures(Path("gaps"), [1, 2, 5])
    write_pictures(Path("shots"), [1])
    write_pictures(Path("small"), [1], (32, 24))
    for folder in ("x.mp4.frames", "out"):
        write_pictures(Path(folder), [1])
    before = {path: path.read_bytes() for path in Path().rglob("*.*") if path.is_file()}
    code, out, err = cli("video", "--preset", "night-swirl", *words)
    assert (code, out) == (2, ""), err
    assert told in plain(err)
    assert {path: path.read_bytes() for path in Path().rglob("*.*") if path.is_file()} == before


def test_other_results_are_never_replaced_without_force(cli: Run, at: RealDaemon) -> None:
    write_pictures(Path("shots"), [1, 2])
    Path("out.mp4").write_bytes(b"mine")
    Path("out").mkdir()
    Path("out/mine.txt").write_text("mine")
    for out in ("out.mp4", "out"):
        code, _, err = cli("video", "shots", "-o", out, *WORDS)
        assert code == 1 and "--force" in plain(err)
    assert cli("video", "shots", "-o", "out", "--force", *WORDS)[0] == 0
    assert Path("out/mine.txt").read_text() == "mine"
    before = pictures("out")
    code, _, err = cli("video", "shots", "-o", "out", *WORDS, "--set", "strength=90")
    assert code == 1 and "pictures of another painting" in plain(err)
    assert cli("video", "shots", "-o", "out", *WORDS, "--set", "strength=90", "--force")[0] == 0
    assert pictures("out") != before


def test_pictures_of_another_clip_or_another_style_of_the_same_name_are_not_gone_on_with(
    cli: Run, at: RealDaemon
) -> None:
    write_clip(Path("in.mp4"), 3)
    assert cli("presets", "copy", "night-swirl", "mine")[0] == 0
    words = ["video", "in.mp4", "-o", "out", "--preset", "mine", *WORDS[2:]]
    try:
        wait_for(lambda: "mine" in [preset["name"] for preset in at.client.presets()])
        assert cli(*words)[0] == 0
        assert "3 are painted already" in cli(*words)[2]
        assert cli("presets", "change", "mine", "--set", "strength=90")[0] == 0
        wait_for(lambda: at.client.preset("mine")["controls"]["strength"] == 90)
        code, _, err = cli(*words)
        assert code == 1 and "pictures of another painting" in plain(err)
        assert cli(*words, "--force")[0] == 0
        write_clip(Path("in.mp4"), places=[7, 8, 9])
        code, _, err = cli(*words)
        assert code == 1 and "pictures of another painting" in plain(err)
    finally:
        cli("presets", "delete", "mine")


def test_missing_and_broken_pictures_are_listed_and_done_again_alone(cli: Run, at: RealDaemon) -> None:
    write_pictures(Path("shots"), [1, 2, 3, 4])
    assert cli("video", "shots", "-o", "out", *WORDS)[0] == 0
    before = pictures("out")
    Path("out/shot-0002.png").unlink()
    Path("out/shot-0004.png").write_bytes(before["shot-0004.png"][:-100])
    code, _, err = cli("video", "shots", "-o", "out", *WORDS)
    assert code == 0 and "Damaged, and painted again: shot-0004.png." in err
    assert "2 are painted already" in err
    assert pictures("out") == before


def test_a_video_that_is_cut_off_is_painted_as_far_as_it_goes(cli: Run, at: RealDaemon) -> None:
    data = write_clip(Path("in.mkv"), 12, options={"g": "1"}).read_bytes()
    Path("in.mkv").write_bytes(data[: len(data) // 2])
    code, _, err = cli("video", "in.mkv", "-o", "out.mp4", *WORDS)
    assert code == 0, err
    assert 1 < len(frames_of(Path("out.mp4"))) < 12


def test_a_full_disk_keeps_what_is_done(cli: Run, at: RealDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pictures(Path("shots"), [1, 2, 3])
    with monkeypatch.context() as patch:
        ends_at_frame(patch, 3, DiskFull("No space is left on the disk."))
        code, _, err = cli("video", "shots", "-o", "out", *WORDS)
    assert code == 1 and "No space is left" in err.splitlines()[-1]
    assert len(pictures("out")) == 2
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as patch:
        patch.setattr(video_room.shutil, "disk_usage", lambda _: usage(10**9, 10**9, 10**6))
        code, _, err = cli("video", "shots", "-o", "out", *WORDS)
    assert code == 1 and "MiB are free" in plain(err)
    assert cli("video", "shots", "-o", "out", *WORDS)[0] == 0
    assert len(pictures("out")) == 3


def test_without_the_extra_the_message_says_how_to_get_it(
    cli: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_clip(Path("in.mp4"), 1)
    monkeypatch.setattr(video.importlib.util, "find_spec", lambda name: None)
    code, _, err = cli("video", "in.mp4", "-o", "out.mp4", *WORDS)
    assert code == 1 and "pip install 'neural-style-server[video]'" in plain(err)


def test_a_run_that_was_killed_is_tidied_up_by_the_next_one(cli: Run, at: RealDaemon) -> None:
    write_pictures(Path("shots"), [1, 2])
    assert cli("video", "shots", "-o", "out", *WORDS)[0] == 0
    left = at.client.sequences.start({"preset": "night-swirl"})["id"]
    state = json.loads(Path("out", STATE).read_text())
    Path("out", STATE).write_text(json.dumps({**state, "sequences": [left]}))
    Path("out/shot-0002.png").unlink()
    assert cli("video", "shots", "-o", "out", *WORDS)[0] == 0
    assert left not in [sequence["id"] for sequence in at.client.sequences.all()]
