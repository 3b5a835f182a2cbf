"""`neural-style stylize` and the daemon's own commands, against the real daemon."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from tests.cli.conftest import Run, plain, process
from tests.real import COMMAND, RealDaemon, environment
from tests.waiting import wait_for


@pytest.fixture
def at(daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Commands of this test talk to the shared daemon."""
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(daemon.home))
    monkeypatch.chdir(tmp_path)
    yield daemon.home


def test_a_photo_is_painted_with_progress_and_frames(at: Path, photo: Path, tmp_path: Path) -> None:
    code, out, err = process(
        at,
        "stylize",
        str(photo),
        "--preset",
        "night-swirl",
        "--set",
        "iterations=6",
        "--frames",
        "frames",
        cwd=tmp_path,
    )
    assert code == 0, err
    result = photo.with_name("my photo-night-swirl.png")
    assert str(result) in out
    assert "6/6" in err
    with Image.open(result) as image:
        assert image.size == (48, 40)
    assert list((tmp_path / "frames").glob("frame-*-iteration-*.png"))


def test_json_is_the_job_s_record_and_nothing_else(cli: Run, at: Path, photo: Path) -> None:
    words = ["--preset", "night-swirl", "--set", "iterations=2", "--set", "colour=mine", "--seed", "9"]
    code, out, err = cli("stylize", str(photo), *words, "--json", "-o", "out.png")
    assert (code, err) == (0, "")
    record = json.loads(out)
    assert (record["state"], record["seed"], record["out"]) == ("done", 9, "out.png")
    assert record["request"]["controls"] == {"colour": "mine"}


@pytest.mark.parametrize(
    "words",
    [
        ["--preset", "nigth-swirl"],
        ["--preset", "night-swirl", "--set", "strenght=5"],
        ["--preset", "night-swirl", "--set", "strength"],
        ["--preset", "night-swirl", "--set", "strength=500"],
        ["--preset", "night-swirl", "--set", "strength=[1"],
        ["--preset", "night-swirl", "--set", "strength=.nan"],
        ["--preset", "night-swirl", "--set", "strength=2020-01-01"],
        ["--preset", "night-swirl", "--size", "3"],
        ["--preset", "night-swirl", "--seed", "-1"],
    ],
)
def test_what_is_wrong_is_told_in_one_line(cli: Run, at: Path, photo: Path, words: list[str]) -> None:
    code, out, err = cli("stylize", str(photo), *words)
    assert (code, out) == (2, "")
    plain(err)


def test_a_key_that_does_not_exist_is_told_with_the_near_one_of_all(cli: Run, at: Path, photo: Path) -> None:
    words = ["stylize", str(photo), "--preset", "night-swirl", "--set"]
    assert "unknown key 'strenght'; did you mean 'strength'?" in plain(cli(*words, "strenght=40")[2])
    assert "unknown key 'iteration'; did you mean 'iterations'?" in plain(cli(*words, "method.iteration=40")[2])


@pytest.mark.parametrize(("name", "data"), [("no.png", None), ("text.txt", b"x"), ("half.png", b"\x89PNG\r\n")])
def test_a_photo_that_cannot_be_read_is_told(cli: Run, at: Path, tmp_path: Path, name: str, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    code, _, err = cli("stylize", name, "--preset", "night-swirl")
    assert code == 2
    plain(err)


def test_a_result_that_cannot_be_written_is_a_failure(cli: Run, at: Path, photo: Path) -> None:
    words = ["--preset", "night-swirl", "--set", "iterations=1", "-o", "no/such/out.png", "--json"]
    code, _, err = cli("stylize", str(photo), *words)
    assert code == 1
    assert "cannot be written" in plain(err)


def test_ctrl_c_cancels_the_job(daemon: RealDaemon, photo: Path) -> None:
    words = [*COMMAND, "stylize", str(photo), "--preset", "night-swirl", "--set", "iterations=5000", "--seed", "77"]
    # A test run in the background ignores SIGINT, and so would the program that it starts.
    restore = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    running = subprocess.Popen(
        words, env=environment(daemon.home), stderr=subprocess.PIPE, text=True, preexec_fn=restore
    )

    def mine() -> list[dict[str, object]]:
        return [job for job in daemon.client.jobs() if job["seed"] == 77 and job["iteration"] > 0]

    wait_for(mine, 60, "the start of the job")
    os.kill(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert running.returncode == 1
    assert err.splitlines()[-1] == "neural-style: Cancelled."
    assert mine()[0]["state"] == "cancelled"


def test_status_shows_the_daemon(cli: Run, at: Path) -> None:
    code, out, _ = cli("status")
    assert code == 0
    assert "worker" in out
    assert json.loads(cli("status", "--json")[1])["running"] is True


def test_serve_beside_a_running_daemon_says_so(at: Path) -> None:
    assert process(at, "serve")[::2] == (0, "The daemon is running already.\n")


def test_a_sheet_shows_presets_on_one_s_own_picture(cli: Run, at: Path, photo: Path) -> None:
    code, _, err = cli("presets", "sheet", str(photo), "--size", "64", "--preset", "night-swirl", "-o", "sheet.png")
    assert code == 0, err
    with Image.open("sheet.png") as image:
        assert image.width >= 128


@pytest.mark.parametrize("words", [["--size", "5"], ["--preset", "nothing"]])
def test_a_wrong_sheet_is_wrong_use(cli: Run, at: Path, photo: Path, words: list[str]) -> None:
    code, _, err = cli("presets", "sheet", str(photo), *words)
    assert code == 2
    plain(err)


def test_stop_then_serve_is_a_fresh_daemon(home: Path) -> None:
    first = RealDaemon(home)
    assert process(home, "stop")[:2] == (0, "Stopped.\n")
    assert first.process.wait(10) == 0
    first.start()
    first.end()
