"""Two commands never paint the same frames into one place at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run, plain
from tests.cli.test_video import WORDS, at, pictures  # noqa: F401
from tests.clips import write_pictures
from tests.real import REPOSITORY, RealDaemon

from neural_style_server.cli.video_lock import ALL, alone, is_lock
from neural_style_server.errors import Conflict

HOLDER = """
import sys, pathlib
from neural_style_server.cli.video_lock import alone
with alone(pathlib.Path(sys.argv[1]), (1, 10), passing=False):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("span", [(1, 10), (10, 20), (5, 5), (1, 3), ALL])
def test_the_second_is_refused_while_the_first_paints_one_of_its_frames(tmp_path: Path, span: tuple[int, int]) -> None:
    folder = tmp_path / "out"
    with alone(folder, (1, 10), passing=False):
        told = "Another command is painting these frames into"
        with pytest.raises(Conflict, match=told), alone(folder, span, passing=False):
            pass
        assert folder.is_dir(), "what is refused takes nothing from the other"
    with alone(folder, span, passing=False):
        pass


def test_other_frames_of_the_folder_may_be_painted_meanwhile(tmp_path: Path) -> None:
    with alone(tmp_path, (1, 10), passing=False), alone(tmp_path, (11, 20), passing=False):
        assert len([path for path in tmp_path.iterdir() if is_lock(path.name)]) == 2
    assert not list(tmp_path.iterdir())


def test_a_folder_that_was_made_for_nothing_goes(tmp_path: Path) -> None:
    mine, new, kept = tmp_path / "mine", tmp_path / "new", tmp_path / "kept"
    for folder in (mine, kept):
        folder.mkdir()
    for folder, passing in ((mine, False), (new, False), (kept, True)):
        with alone(folder, (1, 2), passing=passing):
            assert folder.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    with alone(new, (1, 2), passing=True):
        (new / "shot-0001.png").write_bytes(b"painted")
    assert [path.name for path in new.iterdir()] == ["shot-0001.png"]


def test_a_program_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(REPOSITORY / "server")}
    words = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(words, env=environment, stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(Conflict), alone(tmp_path, (1, 10), passing=False):
            pass
        holder.kill()
    assert list(tmp_path.iterdir()), "its file lies there"
    with alone(tmp_path, (5, 20), passing=False):
        pass
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_way_is_told_by_who_writes_there(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    with alone(tmp_path / "out", (1, 2), passing=True):
        pass
    assert (tmp_path / "out").read_bytes() == b"mine"


@pytest.mark.parametrize(("out", "folder"), [("out", "out"), ("out.mp4", "out.mp4.frames")])
def test_a_second_command_is_refused_in_one_sentence(
    cli: Run,
    at: RealDaemon,  # noqa: F811
    out: str,
    folder: str,
) -> None:
    write_pictures(Path("shots"), [1, 2])
    with alone(Path(folder), (1, 2) if out == "out" else ALL, passing=True):
        for more in ([], ["--force"]):
            code, said, err = cli("video", "shots", "-o", out, *WORDS, *more)
            assert (code, said) == (1, "") and "Another command is painting these frames" in plain(err)
    assert not Path(out).exists() and not Path(folder).exists()
    assert cli("video", "shots", "-o", out, *WORDS)[0] == 0
    assert not [path for path in Path().rglob("*.lock")] and (out != "out" or len(pictures("out")) == 2)
