"""`neural-style stylize` and the daemon's own commands, against the real daemon."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import Base
from tests.cli.conftest import Run, plain, process
from tests.picture_files import PHOTO, saved
from tests.pictures.profiles import DISPLAY_P3, rgb_profile
from tests.real import COMMAND, RealDaemon, environment
from tests.waiting import wait_for

from neural_style_server.pictures.formats import ENDINGS, writable

P3 = rgb_profile(DISPLAY_P3, 2.2)


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


QUICK = ["--preset", "night-swirl", "--set", "iterations=2"]


@pytest.fixture
def wide_photo(tmp_path: Path) -> Path:
    """A wide-gamut photo with EXIF, called what it is not."""
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Orientation] = "Canon", 6
    path = tmp_path / "wide.gif"
    path.write_bytes(saved(PHOTO, "JPEG", quality=95, icc_profile=P3, exif=exif.tobytes()))
    return path


@pytest.mark.parametrize(
    "ending", [ending for ending in (".png", ".jpg", ".tif", ".webp", ".avif") if ending in writable()]
)
def test_a_result_is_of_the_kind_of_its_name_and_painted_again_to_the_byte(
    cli: Run, at: Path, wide_photo: Path, tmp_path: Path, ending: str
) -> None:
    words = [*QUICK, "--seed", "5", "--set", "strength=70", "--set", "colour=mine", "--size", "40"]
    code, _, err = cli("stylize", "wide.gif", *words, "-o", f"first{ending}")
    assert code == 0, err
    with Image.open(f"first{ending}") as image:
        assert image.format == ENDINGS[ending] and image.size == (PHOTO.height, PHOTO.width)
        assert image.info["icc_profile"] == P3 and image.getexif()[Base.Make] == "Canon"
    assert cli("again", f"first{ending}")[0] == 0
    assert Path(f"first-again{ending}").read_bytes() == Path(f"first{ending}").read_bytes()
    code, _, err = cli("again", f"first{ending}")
    assert (code, "exists already" in plain(err.splitlines()[-1] + "\n")) == (1, True)


def test_settings_go_to_another_photo_and_into_a_preset_of_one_s_own(
    cli: Run, at: Path, photo: Path, wide_photo: Path
) -> None:
    assert cli("stylize", str(photo), *QUICK, "--set", "strength=71", "-o", "first.tif")[0] == 0
    assert cli("again", "first.tif", "wide.gif", "-o", "second.png")[0] == 0
    with Image.open("second.png") as image:
        settings = json.loads(image.info["neural-style"])
    assert (settings["job"]["controls"]["strength"], settings["photo"]["name"]) == (71, "wide.gif")
    assert cli("presets", "from", "first.tif", "--name", "from-first")[0] == 0
    found = json.loads(cli("presets", "show", "from-first", "--json")[1])
    assert (found["controls"]["strength"], found["method"]["iterations"]) == (71, 2)
    assert found["title"] == "From first"
    photo.write_bytes(saved(PHOTO))
    code, _, err = cli("again", "first.tif")
    assert (code, "no longer the picture" in plain(err)) == (1, True)
    photo.unlink()
    code, _, err = cli("again", "first.tif")
    assert (code, "not beside it" in plain(err)) == (2, True)


def test_standard_input_and_output_carry_pictures(at: Path, wide_photo: Path, tmp_path: Path) -> None:
    for words in (["stylize"], ["stylize", "-", "-o", "-"]):
        with wide_photo.open("rb") as photo:
            run = subprocess.run(
                [*COMMAND, *words, *QUICK, "--strip"], env=environment(at), stdin=photo, capture_output=True
            )
        assert run.returncode == 0, run.stderr
        with Image.open(io.BytesIO(run.stdout)) as image:
            assert image.format == "PNG" and not image.info


def test_several_photos_and_folders_with_the_preset_that_was_used_last(
    cli: Run, at: Path, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "moving.webp").write_bytes(
        saved(PHOTO, "GIF", save_all=True, append_images=[PHOTO.rotate(90)])
    )
    assert cli("stylize", str(photo), *QUICK, "-o", "one.png")[0] == 0
    code, out, err = cli("stylize", str(photo), "folder", "--set", "iterations=2", "-o", "results/", "--json")
    assert code == 0, err
    assert [json.loads(line)["out"] for line in out.splitlines()] == [
        "results/my photo-night-swirl.png", "results/moving-night-swirl.png",
    ]  # fmt: skip
    assert "used last: night-swirl" in err
    assert "moving.webp: It holds several pictures; the first is taken." in err


def test_a_print_has_its_exact_pixels_and_dpi_and_the_forecast_comes_first(cli: Run, at: Path, photo: Path) -> None:
    words = [*QUICK, "--print", "12x10cm", "--dpi", "50", "--size", "40"]
    code, _, err = cli("stylize", str(photo), *words, "-o", "print.jpg")
    assert code == 0, err
    assert err.startswith("236 × 197 px at 50 dpi: about ")
    with Image.open("print.jpg") as image:
        assert image.size == (236, 197) and image.info["dpi"] == (50, 50)
    assert cli("again", "print.jpg")[0] == 0
    assert Path("print-again.jpg").read_bytes() == Path("print.jpg").read_bytes()


def test_a_sheet_is_of_the_kind_of_its_name_and_replaces_nothing(cli: Run, at: Path, photo: Path) -> None:
    words = ["presets", "sheet", str(photo), "--size", "64", "--preset", "night-swirl"]
    assert cli(*words, "-o", "sheet.jpg")[0] == 0
    with Image.open("sheet.jpg") as image:
        assert image.format == "JPEG"
    assert cli(*words, "-o", str(photo))[0] == 1


def test_a_mask_says_where_and_a_start_image_from_what(cli: Run, at: Path, photo: Path) -> None:
    mask = np.zeros((40, 48), np.uint8)
    mask[:, 24:] = 255
    Image.fromarray(mask).save("mask.png")
    Image.fromarray(mask.T.copy()).save("turned.png")
    words = ["stylize", str(photo), "--preset", "night-swirl", "--set", "iterations=2"]
    assert cli(*words, "--mask", "mask.png", "-o", "masked.png")[0] == 0
    assert cli(*words, "-o", "whole.png")[0] == 0
    assert cli(*words, "--start-image", "mask.png", "-o", "started.png")[0] == 0
    before, masked, whole, started = (
        np.asarray(Image.open(name).convert("RGB")) for name in (photo, "masked.png", "whole.png", "started.png")
    )
    assert np.array_equal(masked[:, :24], before[:, :24]) and not np.array_equal(masked[:, 24:], before[:, 24:])
    assert not np.array_equal(started, whole)
    for result in ("masked.png", "started.png"):
        code, _, err = cli("again", result)
        assert (code, "was painted with a mask or a start image" in plain(err)) == (2, True)
    code, _, err = cli(*words, "--mask", "turned.png", "-o", "x.png")
    assert (code, "The mask turned.png is 40 × 48 pixels" in plain(err)) == (2, True)
