"""Painted keys: which frames a changed one makes new, and what the others are drawn to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import Run
from tests.cli.test_video import WORDS
from tests.client.fake_daemon import FakeDaemon, fake_daemon  # noqa: F401
from tests.clips import HEIGHT, WIDTH, write_clip, write_pictures

from neural_style_server.cli.video_keys import PaintedKeys, changed_spans
from neural_style_server.errors import ImageError, InvalidRequest
from neural_style_server.video.picture_folder import PictureFolder

NUMBERS = range(1, 21)
KEYS = {5: "a", 10: "b", 15: "c"}


@pytest.mark.parametrize(
    ("now", "again"),
    [
        (KEYS, []),
        ({**KEYS, 10: "other"}, range(6, 15)),
        ({**KEYS, 12: "new"}, range(11, 15)),
        ({5: "a", 15: "c"}, range(6, 15)),
        ({**KEYS, 5: "other"}, range(1, 10)),
        ({**KEYS, 18: "new"}, range(16, 21)),
        ({**KEYS, 5: "x", 10: "y"}, range(1, 15)),
        ({}, NUMBERS),
    ],
)
def test_a_changed_key_makes_its_own_spans_new_and_no_others(now: dict[int, str], again: range) -> None:
    assert changed_spans(KEYS, now, NUMBERS) == list(again)


def test_a_key_makes_frame_0_new_like_any_other() -> None:
    assert changed_spans({}, {2: "a"}, range(5)) == [0, 1, 2, 3, 4]
    assert changed_spans({0: "a"}, {0: "b"}, range(3)) == [0, 1, 2]


def clip(keys: list[int], size: tuple[int, int] = (WIDTH, HEIGHT)) -> tuple[PictureFolder, Path]:
    write_pictures(Path("shots"), [2, 3, 5, 6, 8])
    Path("keys").mkdir()
    for number in keys:
        Image.new("RGB", size, (10 * number, 0, 0)).save(f"keys/key-{number}.png")
    return PictureFolder(Path("shots"), gaps=True), Path("keys")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_frame_is_drawn_to_the_next_key() -> None:
    shots, folder = clip([3, 8])
    keys = PaintedKeys(folder, shots)
    found = [keys.drawn_to(number) for number in shots.numbers]
    assert [None if each is None else (each.picture.data[0], each.time) for each in found] == [
        (30, 1), (80, 6), (80, 6), (80, 6), None
    ]  # fmt: skip
    last = np.asarray(Image.open("shots/shot-0008.png").convert("RGBA"))
    assert found[3] is not None and found[3].content.data == last.tobytes()
    own = [keys.key(number) for number in (2, 3)]
    assert own[0] is None and own[1] is not None and own[1].data[:4] == bytes([30, 0, 0, 255])


def test_without_a_folder_there_are_none() -> None:
    shots, _ = clip([])
    keys = PaintedKeys(None, shots)
    assert (keys.sums, keys.key(2), keys.drawn_to(2)) == ({}, None, None)


def test_a_key_of_another_size_or_without_a_frame_is_refused_by_its_file() -> None:
    shots, folder = clip([3], (9, 9))
    with pytest.raises(ImageError, match=r"key-3\.png is 9 × 9 pixels, the frames 64 × 48"):
        PaintedKeys(folder, shots)
    Path("keys/key-3.png").rename("keys/key-4.png")
    with pytest.raises(InvalidRequest, match=r"key-4\.png is a key for frame 4, which the clip does not have"):
        PaintedKeys(folder, shots)


@pytest.mark.parametrize("clip", ["in.mp4", "in"])
def test_the_shares_of_two_keys_are_those_of_the_time_between_them(
    cli: Run,
    fake_daemon: FakeDaemon,  # noqa: F811
    clip: str,
) -> None:
    """Of a film whose frames are not all as long, and of a folder with gaps."""
    if clip == "in":
        write_pictures(Path(clip), times := [1, 2, 12, 21])
        keys, words = [1, 21], ["--gaps"]
    else:
        write_clip(Path(clip), times=(times := [0, 512, 6_000, 10_240]), places=range(4))
        keys, words = [1, 4], []
    Path("keys").mkdir()
    for number in keys:
        Image.new("RGB", (WIDTH, HEIGHT), (number, 0, 0)).save(f"keys/{number}.png")
    code, _, err = cli("video", clip, "-o", "out/", "--keys", "keys", *words, *WORDS)
    assert code == 0, err
    first, shares = 1.0, []
    for job in fake_daemon.jobs.values():
        if "drawn_to" in job.body:
            first *= 1 - 1 / (job.body["drawn_to"]["frames"] + 1)
            shares.append(first)
    assert shares == pytest.approx([(times[-1] - time) / (times[-1] - times[0]) for time in times[1:-1]])


@pytest.mark.parametrize("clip", ["in", "in.mp4"])
def test_keys_of_other_parts_of_a_clip_are_passed_over_and_told(
    cli: Run,
    fake_daemon: FakeDaemon,  # noqa: F811
    clip: str,
) -> None:
    """Each machine of a farm is given the same folder."""
    write_pictures(Path("in"), range(1, 7))
    write_clip(Path("in.mp4"), 6)
    Path("keys").mkdir()
    for number in (2, 5):
        Image.new("RGB", (WIDTH, HEIGHT), (10, 200, 30)).save(f"keys/{number}.png")
    words = ["video", clip, "-o", "out/", "--keys", "keys", *WORDS]
    for part, said in ((["--end", "3f"], "frames 5"), (["--start", "4f"], "frames 2")):
        code, _, err = cli(*words, *part)
        assert code == 0 and f"The keys of the {said} are passed over: they are not painted now." in err, err
    assert sum("key" in job.body for job in fake_daemon.jobs.values()) == 2
    Path("keys/5.png").rename("keys/7.png")
    code, _, err = cli(*words, "--end", "3f")
    assert code == 2 and "7.png is a key for frame 7, which the clip does not have" in err


def test_a_second_run_leaves_the_keys_as_they_are(cli: Run, fake_daemon: FakeDaemon) -> None:  # noqa: F811
    write_pictures(Path("in"), [1, 2, 3])
    Path("keys").mkdir()
    Image.new("RGB", (WIDTH, HEIGHT), (10, 200, 30)).save("keys/2.png")
    before = Path("keys/2.png").read_bytes()
    for out, more in (("out/", []), ("out/", []), ("out/", ["--force"]), ("out.mp4", []), ("out.mp4", ["--force"])):
        assert cli("video", "in", "-o", out, "--keys", "keys", *more, *WORDS)[0] == 0
        assert [path.read_bytes() for path in Path("keys").iterdir()] == [before]


def test_three_hundred_keys_work() -> None:
    write_pictures(Path("shots"), range(1, 602))
    Path("keys").mkdir()
    for number in range(2, 602, 2):
        Image.new("RGB", (WIDTH, HEIGHT), (number % 250, 0, 0)).save(f"keys/{number}.png")
    keys = PaintedKeys(Path("keys"), shots := PictureFolder(Path("shots")))
    assert len(keys.sums) == 300
    for number in shots.numbers[:-1:2]:
        found = keys.drawn_to(number)
        assert found is not None and (found.picture.data[0], found.time) == ((number + 1) % 250, number)
    assert keys.drawn_to(601) is None
