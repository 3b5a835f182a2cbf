"""Scenes of a clip: which there are, and that two workers paint two at once, to the bytes of one worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.api.test_real_faults import submit
from tests.cli.conftest import Run, plain
from tests.cli.test_video import STATE, WORDS, ends_at_frame, pictures
from tests.clips import frames_of, scene, write_scenes
from tests.real import QUICK, WARM_S, RealDaemon, with_two_workers
from tests.waiting import wait_for

from neural_style_client import Client
from neural_style_server.cli import video_result
from neural_style_server.cli.video_parts import VideoParts
from neural_style_server.cli.video_scenes import Scenes
from neural_style_server.errors import ImageError
from neural_style_server.pixels import Picture
from neural_style_server.video.clip import ClipFrame


class Film:
    """A clip of such scenes; `read` counts its frames that were read."""

    def __init__(self, *lengths: int) -> None:
        self.shots = [(seed, place) for seed, length in enumerate(lengths) for place in range(length)]
        self.read: list[int] = []

    def frames(self) -> Iterator[ClipFrame]:
        for number in range(1, len(self.shots) + 1):
            yield ClipFrame(number, lambda number=number: self._picture(number))  # type: ignore[misc]

    def _picture(self, number: int) -> Picture:
        self.read.append(number)
        pixels = scene(*self.shots[number - 1])
        return Picture(np.dstack([pixels, np.full(pixels.shape[:2], 255, "u1")]), "RGBA8")


class Torn(Film):
    """The picture of frame `torn` is damaged, and those of `empty` are fully transparent."""

    def __init__(self, *lengths: int, torn: int = 0, empty: tuple[int, ...] = ()) -> None:
        super().__init__(*lengths)
        self._torn, self._empty = torn, empty

    def _picture(self, number: int) -> Picture:
        if number == self._torn:
            raise ImageError("It is damaged.")
        picture = super()._picture(number)
        if number in self._empty:
            picture.pixels[...] = 0
        return picture


def found(film: Any, count: int, **more: Any) -> list[list[int] | None]:
    scenes = Scenes(film, range(1, count + 1), **{"apart": True, **more})
    return list(iter(lambda: scenes.take(0), None))


def test_each_cut_begins_a_scene() -> None:
    assert found(Film(3, 1, 2), 6) == [[1, 2, 3], [4], [5, 6]]
    assert found(Film(3, 1, 2), 4) == [[1, 2, 3], [4]], "no frame that is not asked for"
    film = Film(3, 2)
    assert found(film, 5, apart=False) == [[1, 2, 3, 4, 5]] and film.read == []


def test_the_frame_after_an_empty_one_follows_the_one_before_it() -> None:
    assert found(Torn(4, empty=(2, 3)), 4) == [[1, 2, 3, 4]]
    assert found(Torn(3, 2, empty=(3,)), 5) == [[1, 2, 3], [4, 5]]
    assert found(Torn(2, 2, empty=(1, 2)), 4) == [[1, 2, 3, 4]], "nothing is before the first that is seen"


def test_a_damaged_picture_is_told_by_who_comes_to_it() -> None:
    assert found(Torn(3, 3, torn=2), 6) == [[1, 2, 3], [4, 5, 6]]


def test_the_clip_is_read_as_far_as_needed() -> None:
    film = Film(2, 2, 2)
    scenes = Scenes(film, range(1, 7), apart=True)  # type: ignore[arg-type]
    assert scenes.take("a") == [1, 2] and film.read == [1, 2, 3]
    scenes.close()
    assert scenes.over and scenes.take("a") is None


def test_it_is_known_which_frames_are_still_needed() -> None:
    scenes = Scenes(Film(2, 2, 2), range(1, 7), apart=True)  # type: ignore[arg-type]
    scenes.take("a"), scenes.take("b")
    assert scenes.reached("b", 4) == 1, "the first scene has not begun"
    assert scenes.reached("a", 2) == 2
    assert scenes.take("a") == [5, 6] and scenes.reached("a", 5) == 4
    assert scenes.take("b") is None and scenes.reached("a", 6) == 6


def test_the_command_lists_them(cli: Run) -> None:
    write_scenes(Path("shots"), [3, 1, 2])
    assert cli("scenes", "shots")[:2] == (0, "1-3\n4-4\n5-6\n")
    assert cli("scenes", "shots", "--start", "2f", "--end", "4f")[:2] == (0, "2-3\n4-4\n")
    assert cli("scenes", "none")[0] == 2


# with the real network


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, daemon: RealDaemon) -> Iterator[RealDaemon]:
    """A daemon with two workers, both warm."""
    made = with_two_workers(tmp_path_factory.mktemp("pair"), daemon)
    jobs = [submit(made.client, **QUICK) for _ in range(2)]
    wait_for(lambda: [worker["state"] for worker in made.client.workers()] == ["ready"] * 2, WARM_S, "two workers")
    for job in jobs:
        made.client.delete_job(job)
    yield made
    made.end()


@pytest.fixture
def serial(
    cli: Run, daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[str], dict[str, bytes]]:
    """The words that paint a film of three scenes, and what one worker makes of it."""
    write_scenes(tmp_path / "shots", [3, 2, 2])
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "6.png").write_bytes((tmp_path / "shots" / "shot-0001.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(daemon.home))
    words = ["video", "shots", *WORDS, "--set", "iterations=12", "--keys", "keys", "-o"]
    assert cli(*words, "serial")[0] == 0
    return words, pictures("serial")


def test_parts_are_painted_by_commands_of_their_own_into_one_folder(
    cli: Run, daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(daemon.home))
    write_scenes(Path("shots"), [2, 2])
    words = ["video", "shots", *WORDS, "-o"]
    assert cli(*words, "whole")[0] == 0
    first, second = (["--start", f"{begin}f", "--end", f"{end}f"] for begin, end in ((1, 2), (3, 4)))
    assert cli(*words, "out", *second)[0] == 0
    assert list(pictures("out")) == ["shot-0003.png", "shot-0004.png"]
    assert cli(*words, "out", *first)[0] == 0
    assert pictures("out") == pictures("whole")
    Path("out/shot-0004.png").unlink()
    code, _, err = cli(*words, "out", *second)
    assert code == 0 and "1 are painted already" in err and pictures("out") == pictures("whole")
    assert cli(*words, "out")[0] == 0 and pictures("out") == pictures("whole"), "all are there"
    for other in ([*second, "--set", "strength=90"], ["--start", "2f"], ["--start", "4f", "--seed", "3"]):
        code, _, err = cli(*words, "out", *other)
        assert code == 1 and "pictures of another painting" in plain(err)


def test_two_workers_paint_scenes_at_once_to_the_same_bytes(
    cli: Run, pair: RealDaemon, serial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, wanted = serial
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(pair.home))
    at_once: list[int] = []
    follow = Client.events

    def following(client: Client, job: str, *more: Any) -> Any:
        for event in follow(client, job, *more):
            running = [other for other in pair.client.jobs() if other["state"] == "running"]
            at_once.append(len({other["sequence"]["id"] for other in running}))
            yield event

    monkeypatch.setattr(Client, "events", following)
    assert cli(*words, "out")[0] == 0
    assert max(at_once) == 2, "a frame of each of two scenes was painted"
    assert pictures("out") == wanted
    assert pair.client.sequences.all() == [] and pair.client.jobs() == []
    assert json.loads(Path("out", STATE).read_text())["sequences"] == []


def test_what_was_stopped_in_several_scenes_goes_on_to_the_same_bytes(
    cli: Run, pair: RealDaemon, serial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, wanted = serial
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(pair.home))
    with monkeypatch.context() as patch:
        ends_at_frame(patch, 5, KeyboardInterrupt)
        code, _, err = cli(*words, "out")
    assert code == 1 and "The same command goes on from here." in err
    assert 1 <= len(pictures("out")) < 7 and pair.client.sequences.all() == []
    assert cli(*words, "out")[0] == 0
    assert pictures("out") == wanted


def test_a_video_is_whole_though_its_scenes_are_done_in_any_order(
    cli: Run, pair: RealDaemon, serial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, wanted = serial
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(pair.home))
    monkeypatch.setattr(video_result, "PART_FRAMES", 1)
    made: list[list[int]] = []
    add = VideoParts.add

    def noted(parts: VideoParts, numbers: list[int], read: Any) -> None:
        made.append(numbers)
        add(parts, numbers, read)

    monkeypatch.setattr(VideoParts, "add", noted)
    assert cli(*words, "out.mkv")[0] == 0
    assert sorted(number for numbers in made for number in numbers) == [1, 2, 3, 4, 5, 6, 7]
    assert len(frames_of(Path("out.mkv"))) == len(wanted) == 7
