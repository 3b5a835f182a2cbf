"""Colour spaces from the command line, against the real daemon: what is not painted keeps its values."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Run, plain
from tests.picture_files import PHOTO, saved
from tests.pictures.test_exr import AP1_VALUES, OpenEXR, exr, values
from tests.real import RealDaemon

from neural_style_server.pictures.reading import read_picture_file, read_settings

QUICK = ["--preset", "night-swirl", "--set", "iterations=2", "--seed", "4"]
LIGHT = np.random.default_rng(1).gamma(0.6, 1.5, (40, 48, 4)).astype(np.float16)
LIGHT[..., 3] = 1
LIGHT[:, :20, 3] = 0
OUTSIDE = LIGHT[..., 3] == 0


@pytest.fixture
def at(daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(daemon.home))
    monkeypatch.chdir(tmp_path)
    Path("shot.exr").write_bytes(exr({"RGBA": LIGHT}, owner="someone"))
    yield daemon.home


def test_a_shot_goes_in_and_out_and_is_painted_again_to_the_byte(cli: Run, at: Path) -> None:
    code, _, err = cli("stylize", "shot.exr", *QUICK, "-o", "out.exr")
    assert code == 0 and "the excess is added again" in err
    back, about = values(Path("out.exr").read_bytes())
    for place, name in enumerate("RGBA"):
        assert np.array_equal(back[name][OUTSIDE], LIGHT[..., place][OUTSIDE]), name
    assert back["R"].max() > 3 and not np.array_equal(back["R"], LIGHT[..., 0]) and "owner" not in about
    assert cli("again", "out.exr")[0] == 0
    assert Path("out-again.exr").read_bytes() == Path("out.exr").read_bytes()
    assert cli("presets", "from", "out.exr", "--name", "from-exr")[0] == 0
    assert cli("stylize", "shot.exr", *QUICK, "-o", "bare.exr", "--strip")[0] == 0
    assert read_settings(Path("bare.exr").read_bytes()) is None


def test_spaces_are_kept_in_the_settings_and_used_again(cli: Run, at: Path) -> None:
    Path("plate.tif").write_bytes(saved(PHOTO, "TIFF"))
    words = ["--colour-in", "linear", "--colour-out", "acescg"]
    assert cli("stylize", "plate.tif", *QUICK, *words, "-o", "out.exr")[0] == 0
    assert np.allclose(values(Path("out.exr").read_bytes())[1]["chromaticities"], AP1_VALUES, atol=1e-6)
    settings = json.loads(read_settings(Path("out.exr").read_bytes()) or "")
    assert settings["colours"] == {"given": "linear", "written": "acescg"}
    assert cli("again", "out.exr", "-o", "second.exr")[0] == 0
    assert Path("second.exr").read_bytes() == Path("out.exr").read_bytes()
    assert cli("stylize", "plate.tif", *QUICK, "--colour-in", "linear", "-o", "out.tif")[0] == 0
    assert read_picture_file(Path("out.tif").read_bytes(), 10**6).picture.format == "RGBAF32"
    assert cli("again", "out.tif")[0] == 0
    assert Path("out-again.tif").read_bytes() == Path("out.tif").read_bytes()


def test_a_batch_knows_what_it_wrote_in_which_space(cli: Run, at: Path) -> None:
    words = ["batch", "shot.exr", *QUICK, "-o", "out", "--name", "{stem}.exr"]
    assert [cli(*words)[1].split()[0] for _ in range(2)] == ["1", "0"]
    assert cli(*words, "--colour-out", "acescg")[1].startswith("1 painted")


def test_what_cannot_hold_the_values_says_so(cli: Run, at: Path) -> None:
    _, _, err = cli("stylize", "shot.exr", *QUICK, "-o", "out.png")
    assert "are cut off in a PNG picture; .exr and .tif keep them" in err
    code, _, err = cli("stylize", "shot.exr", *QUICK, "--colour-out", "linear", "-o", "out.webp")
    assert (code, "written as sRGB, not as linear" in plain(err)) == (2, True)


def test_a_mask_s_values_are_shares_and_count_as_they_are(cli: Run, at: Path) -> None:
    Path("flat.png").write_bytes(saved(PHOTO))
    half = np.full((PHOTO.height, PHOTO.width), 128 / 255, np.float32)
    out = io.BytesIO()
    with OpenEXR.File({"type": OpenEXR.scanlineimage}, {"Y": half}) as file:
        file.write(out)
    Path("mask.exr").write_bytes(out.getvalue())
    Path("mask.png").write_bytes(saved(PHOTO.convert("L").point(lambda _: 128)))
    for kind in ("exr", "png"):
        assert cli("stylize", "flat.png", *QUICK, "--region", f"mask.{kind}=mosaic", "-o", f"{kind}.png")[0] == 0
    found = [read_picture_file(Path(f"{kind}.png").read_bytes(), 10**6).picture.pixels for kind in ("exr", "png")]
    assert np.abs(found[0].astype(int) - found[1]).max() <= 2
