"""`neural-style batch`, against the real daemon."""

from __future__ import annotations

import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from tests.cli.conftest import Run, plain
from tests.real import COMMAND, RealDaemon, environment
from tests.waiting import wait_for

from neural_style_client import remotes
from neural_style_server.cli.batch import ONE_FRAME
from neural_style_server.jobs.spec import FrameSpec

WORDS = ["--preset", "night-swirl", "--set", "iterations=2", "-o", "out"]


@pytest.fixture
def at(daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RealDaemon:
    """In a folder with photos/1.png to 3.png."""
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(daemon.home))
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()
    for number in (1, 2, 3):
        photo(number)
    return daemon


def photo(number: int, seed: int = 0) -> None:
    Image.effect_mandelbrot((36, 32 + number), (-2, -1, 1, 1), 30 + seed).convert("RGB").save(f"photos/{number}.png")


def results() -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in sorted(Path("out").iterdir())}


def test_all_are_painted_once_and_only_what_has_changed_again(cli: Run, at: RealDaemon) -> None:
    code, out, err = cli("batch", "photos", *WORDS)
    assert (code, out) == (0, "3 painted, 0 done before, 0 failed.\n"), err
    first = results()
    assert list(first) == ["1-night-swirl.png", "2-night-swirl.png", "3-night-swirl.png"]
    photo(2, seed=1)
    Path("out/3-night-swirl.png").unlink()
    assert cli("batch", "photos", *WORDS)[1] == "2 painted, 1 done before, 0 failed.\n"
    second = results()
    assert [name for name in first if first[name] == second[name]] == ["1-night-swirl.png"]
    other = ["batch", "photos/1.png", *WORDS, "--set", "strength=71", "--seed", "3"]
    assert [cli(*words)[1].split()[0] for words in (other, other, [*other, "--force"])] == ["1", "0", "1"]


def test_it_is_the_picture_that_stylize_makes(cli: Run, at: RealDaemon) -> None:
    words = ["--preset", "night-swirl", "--blend", "mosaic:0.5", "--set", "iterations=2"]
    assert cli("stylize", "photos/1.png", *words, "-o", "one.png")[0] == 0
    assert cli("batch", "photos/1.png", *words, "-o", "out", "--name", "{preset}/{stem}")[0] == 0
    assert Path("out/night-swirl/1.png").read_bytes() == Path("one.png").read_bytes()
    assert cli("batch", "photos/1.png", *words, "-o", "out", "--name", "{preset}/{stem}")[1].startswith("0 painted")


def test_a_broken_file_stops_nothing_and_is_told_in_the_end(cli: Run, at: RealDaemon) -> None:
    whole = Path("photos/1.png").read_bytes()
    Path("photos/0.png").write_bytes(whole[: len(whole) // 2])
    Path("photos/4.jpg").write_bytes(b"no picture at all")
    Path("out").mkdir()
    Path("out/3-night-swirl.png").write_bytes(whole)
    code, out, err = cli("batch", "photos", *WORDS)
    assert (code, out) == (1, "")
    said = err.splitlines()
    assert said[-1] == "neural-style: 2 painted, 0 done before, 3 failed. The same command tries those again."
    assert {line.partition(": ")[0] for line in said[-4:-1]} == {
        "photos/0.png in night-swirl",
        "photos/4.jpg in night-swirl",
        "photos/3.png in night-swirl",
    }
    assert "exists already" in err and "--force" in err
    assert Path("out/3-night-swirl.png").read_bytes() == whole
    assert "Traceback" not in err


def test_a_daemon_elsewhere_paints_with_its_own_presets_and_what_is_done_is_known(
    cli: Run, at: RealDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.client.create_preset({"name": "theirs", "copy_of": "night-swirl"})
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(Path("mine").resolve()))
    remotes.save(remotes.Remote("studio", at.client.url, at.discovery["token"], ""))
    words = ["batch", "photos/1.png", "--preset", "theirs", "--set", "iterations=2", "-o", "out", "--on", "studio"]
    try:
        for said in ("1 painted", "0 painted, 1 done before"):
            code, out, err = cli(*words)
            assert code == 0 and out.startswith(said), err
        at.client.change_preset("theirs", {"controls": {"strength": 90}})
        assert cli(*words)[1].startswith("1 painted")
    finally:
        at.client.delete_preset("theirs")


def test_what_cannot_be_written_is_not_painted(cli: Run, at: RealDaemon) -> None:
    before = {job["id"] for job in at.client.jobs()}
    Path("out/1.png").mkdir(parents=True)
    Path("out/night-swirl").write_text("in the way")
    for name in ("{preset}/{stem}", "{stem}"):
        code, _, err = cli("batch", "photos/1.png", *WORDS, "--name", name, "--force")
        assert code == 1 and "0 painted, 0 done before, 1 failed" in err and "Traceback" not in err
    assert {job["id"] for job in at.client.jobs()} == before


@pytest.mark.parametrize(
    "words", [["--preset", "nigth-swirl"], ["--set", "strength=500"], ["--size", "3"], ["--blend", "no:1"]]
)
def test_what_is_wrong_for_all_is_told_before_anything_is_painted(cli: Run, at: RealDaemon, words: list[str]) -> None:
    code, out, err = cli("batch", "photos", *WORDS, *words)
    assert (code, out, Path("out").exists()) == (2, "", False)
    plain(err)


def test_ctrl_c_ends_it_and_the_same_command_goes_on(at: RealDaemon, tmp_path: Path) -> None:
    words = [*COMMAND, "batch", "photos", "--preset", "night-swirl", "--seed", "78", "-o", "out"]
    quick = [*words, "--set", "iterations=2"]
    subprocess.run([*quick, "--name", "{stem}"], env=environment(at.home), check=True, capture_output=True)
    Path("out/3.png").unlink()
    photo(1, seed=1)
    # A test run in the background ignores SIGINT, and so would the program that it starts.
    restore = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    slow = [*words, "--set", "iterations=5000", "--name", "slow-{stem}"]
    running = subprocess.Popen(slow, env=environment(at.home), stderr=subprocess.PIPE, text=True, preexec_fn=restore)

    def mine(*states: str) -> list[object]:
        found = [job for job in at.client.jobs() if job["seed"] == 78 and job["iterations"] > 100]
        return [job for job in found if job["state"] in states]

    wait_for(lambda: mine("running"), 60, "the start of a job")
    wait_for(lambda: mine("queued"), 60, "a second job in flight")
    os.kill(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 1
    assert err.splitlines()[-1] == "neural-style: Stopped: 0 of 3 are done. The same command goes on from here."
    assert "Traceback" not in err
    wait_for(lambda: not mine("running", "queued"), 10, "the end of both jobs")
    assert sorted(path.name for path in Path("out").iterdir()) == ["1.png", "2.png"], "no half file"
    again = subprocess.run([*quick, "--name", "{stem}"], env=environment(at.home), capture_output=True, text=True)
    assert again.stdout == "2 painted, 1 done before, 0 failed.\n"


def test_a_batch_asks_for_no_first_frame_which_nobody_would_see() -> None:
    spec = FrameSpec.model_validate(ONE_FRAME)
    assert spec.seconds is None and not any(spec.wanted(iteration, 1e9) for iteration in range(1, 20_000))
