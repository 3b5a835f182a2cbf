"""`neural-style video` with folders of 16-bit, float and transparent pictures, against the real daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import Run, plain
from tests.cli.test_video import WORDS, at, pictures  # noqa: F401
from tests.clips import HEIGHT, WIDTH, drawn, write_clip, write_pictures
from tests.real import RealDaemon

from neural_style_server.pictures.colour_spaces import ACESCG, LINEAR
from neural_style_server.pictures.exr import ExrFrame
from neural_style_server.pictures.reading import PictureFile, read_picture_file
from neural_style_server.pictures.writing import Labels, encode
from neural_style_server.pixels import Picture


def picture(number: int, format: str) -> Picture:
    """A frame with a transparent corner; of floats, with a glow of three times white in it."""
    pixels = np.dstack([drawn(number) / 255, np.ones((HEIGHT, WIDTH))])
    if format == "RGBAF32":
        pixels[:8, :8] = (3.0, 2.0, 1.5, 0.0)
        return Picture(pixels.astype(np.float32), format)
    return Picture((pixels * 65535).astype(np.uint16), format)


def write(kind: str, format: str, **labels: Any) -> None:
    Path("shots").mkdir(exist_ok=True)
    ending = {"PNG": "png", "EXR": "exr", "TIFF": "tif"}[kind]
    for number in (1, 2, 3):
        Path(f"shots/shot-{number:04}.{ending}").write_bytes(encode(picture(number, format), kind, Labels(**labels)))


def read(path: str) -> PictureFile:
    return read_picture_file(Path(path).read_bytes(), 10**6)


def test_16_bits_become_16_bits_and_go_on_to_the_same_bytes(cli: Run, at: RealDaemon) -> None:  # noqa: F811
    write("PNG", "RGBA16")
    assert cli("video", "shots", "-o", "out", *WORDS)[0] == 0
    before = pictures("out")
    found = read("out/shot-0001.png").picture
    assert (len(before), found.format) == (3, "RGBA16")
    assert (found.pixels % 257 != 0).any(), "more than 8 bits are used"
    Path("out/shot-0002.png").unlink()
    code, _, err = cli("video", "shots", "-o", "out", *WORDS)
    assert code == 0 and "2 are painted already" in err
    assert pictures("out") == before
    assert cli("video", "shots", "-o", "out.mp4", *WORDS)[0] == 0


def test_exr_frames_stay_in_their_place_and_their_space(cli: Run, at: RealDaemon) -> None:  # noqa: F811
    pytest.importorskip("OpenEXR")
    frame = ExrFrame((4, 2, 4 + WIDTH - 1, 2 + HEIGHT - 1), (0, 0, 99, 79), 1.0, half=False)
    write("EXR", "RGBAF32", space=ACESCG, frame=frame)
    words = ["video", "shots", "-o", "out", "--pictures", "exr", *WORDS]
    code, _, err = cli(*words)
    assert code == 0 and "kept" not in err, err
    assert sorted(path.name for path in Path("out").glob("shot*")) == [f"shot-{n:04}.exr" for n in (1, 2, 3)]
    source, found = read("shots/shot-0001.exr"), read("out/shot-0001.exr")
    assert (found.space, found.frame) == (ACESCG, frame)
    assert np.allclose(found.picture.pixels[:8, :8], source.picture.pixels[:8, :8], rtol=1e-3), (
        "nothing is painted there"
    )
    assert np.abs(found.picture.pixels[8:] - source.picture.pixels[8:]).mean() > 0.02, "and here it is"
    Path("out/shot-0002.exr").unlink()
    Path("out/shot-0003.exr").write_bytes(Path("out/shot-0003.exr").read_bytes()[:-500])
    code, _, err = cli(*words)
    assert code == 0 and "Damaged, and painted again: shot-0003.exr." in err and "1 are painted already" in err
    assert read("out/shot-0003.exr").frame == frame


def test_a_space_is_taken_and_given_as_asked_for(cli: Run, at: RealDaemon) -> None:  # noqa: F811
    write("TIFF", "RGBAF32")
    words = ["video", "shots", "-o", "out", "--pictures", "tif", "--colour-in", "linear", "--colour-out", "acescg"]
    code, _, err = cli(*words, *WORDS)
    assert code == 0, err
    own = picture(1, "RGBAF32").pixels[:8, :8, :3]
    want = ACESCG.from_srgb(LINEAR.to_srgb(own))
    assert np.allclose(read("out/shot-0001.tif").picture.pixels[:8, :8, :3], want, rtol=1e-3)
    assert "3 are painted already" in cli(*words, *WORDS)[2]
    code, _, err = cli(*words[:-2], *WORDS)
    assert code == 1 and "pictures of another painting" in plain(err)


def test_a_key_is_in_the_space_of_the_results(cli: Run, at: RealDaemon) -> None:  # noqa: F811
    pytest.importorskip("OpenEXR")
    write("EXR", "RGBAF32")
    Path("keys").mkdir()
    words = ["video", "shots", "-o", "out", "--pictures", "exr", "--colour-out", "srgb", *WORDS]
    assert cli(*words)[0] == 0
    Path("keys/2.exr").write_bytes(Path("out/shot-0002.exr").read_bytes())
    before = read("out/shot-0002.exr").picture.pixels
    code, _, err = cli(*words, "--keys", "keys")
    assert code == 0 and "Keys have changed" in err, err
    assert np.allclose(read("out/shot-0002.exr").picture.pixels, before, atol=2e-3)


def test_transparency_stays_in_a_folder_and_is_refused_where_it_cannot_be(cli: Run, at: RealDaemon) -> None:  # noqa: F811
    Path("shots").mkdir()
    clear = np.dstack([drawn(1), np.full((HEIGHT, WIDTH), 255, np.uint8)])
    clear[:9, :9, 3] = 0
    Image.fromarray(clear).save("shots/1.png")
    assert cli("video", "shots", "-o", "out", *WORDS)[0] == 0
    with Image.open("out/1.png") as image:
        assert np.array_equal(np.asarray(image)[..., 3], clear[..., 3])
    code, _, err = cli("video", "shots", "-o", "out.mp4", *WORDS)
    assert code == 2 and "transparent in places" in plain(err)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["shots", "-o", "out.mp4", "--pictures", "exr"], "--pictures belongs to folders"),
        (["shots", "-o", "out.mp4", "--colour-out", "linear"], "The colours of a video are written as sRGB"),
        (["shots", "-o", "out", "--colour-out", "linear"], "Add --pictures exr or tif"),
        (["in.mp4", "-o", "out", "--colour-in", "linear"], "--colour-in belongs to folders"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_painted(
    cli: Run, home: Path, words: list[str], told: str
) -> None:
    write_pictures(Path("shots"), [1])
    write_clip(Path("in.mp4"), 1)
    code, out, err = cli("video", "--preset", "night-swirl", *words)
    assert (code, out) == (2, ""), err
    assert told in plain(err)
    assert not Path("out").exists() and not Path("out.mp4").exists()
