"""OpenEXR: values to the bit, layers and frames as compositors have them, and limits before anything is unpacked."""

from __future__ import annotations

import io
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.picture_files import PHOTO, saved

from neural_style_server.errors import ImageError, InvalidRequest, TooLarge
from neural_style_server.pictures.colour_spaces import ACESCG, AP1, LINEAR, SRGB
from neural_style_server.pictures.formats import kind_of_name, writable
from neural_style_server.pictures.reading import is_damaged_photo, is_photo, read_picture_file, read_settings
from neural_style_server.pictures.writing import Labels, encode
from neural_style_server.pixels import Picture, eight_bits

OpenEXR = pytest.importorskip("OpenEXR")

LIMIT = 10**6
SETTINGS = '{"preset": "night-swirl é ⟶"}'
LIGHT = np.random.default_rng(1).gamma(0.6, 1.5, (21, 34, 4)).astype(np.float16)
LIGHT[..., 3] = np.random.default_rng(2).choice([0.0, 0.25, 0.7, 1.0], LIGHT.shape[:2])
LIGHT[..., :3] -= np.float16(0.02)
LIGHT[0, 0] = 65504, -65504, 0, 1
METHODS = ("NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "DWAA")
AP1_VALUES = tuple(value for point in AP1 for value in point)


def exr(channels: dict[str, Any], **header: Any) -> bytes:
    """An EXR by the library itself."""
    out = io.BytesIO()
    start = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File({**start, **header}, channels) as file:
        file.write(out)
    return out.getvalue()


def values(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Channels and header, by the library itself."""
    with OpenEXR.File(io.BytesIO(data), separate_channels=True) as file:
        part = file.parts[0]
        return {name: channel.pixels for name, channel in part.channels.items()}, dict(part.header)


def planes(pixels: np.ndarray, prefix: str = "") -> dict[str, np.ndarray]:
    return {prefix + name: np.ascontiguousarray(pixels[..., place]) for place, name in enumerate("RGBA")}


def tiled(side: int = 16) -> dict[str, Any]:
    tiles = OpenEXR.TileDescription()
    tiles.xSize = tiles.ySize = side
    return {"type": OpenEXR.tiledimage, "tiles": tiles}


def through(data: bytes, **labels: Any) -> bytes:
    found = read_picture_file(data, LIMIT)
    return encode(found.picture, "EXR", Labels(space=found.space, frame=found.frame, **labels))


# Values


@pytest.mark.parametrize("header", [{}, {"chromaticities": (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)}, tiled()])
def test_there_and_back_every_value_keeps_its_bits(header: dict[str, Any]) -> None:
    back, about = values(through(exr({"RGBA": LIGHT}, **header)))
    assert {name: plane.dtype for name, plane in back.items()} == dict.fromkeys("RGBA", np.dtype(np.float16))
    for name, plane in planes(LIGHT).items():
        assert np.array_equal(back[name], plane), name
    assert about["compression"] == OpenEXR.ZIP_COMPRESSION


def test_32_bit_floats_stay_32_bit_floats() -> None:
    light = np.random.default_rng(6).uniform(-1, 60, (9, 14, 3)).astype(np.float32)
    back, _ = values(through(exr({"RGB": light})))
    assert back["R"].dtype == np.float32 and set(back) == set("RGB")
    assert np.abs(np.dstack([back[name] for name in "RGB"]) / light - 1).max() < 1e-5


@pytest.mark.parametrize("method", METHODS)
def test_every_packing_is_read(method: str) -> None:
    smooth = np.linspace(0, 2, 40 * 36 * 3).reshape(40, 36, 3).astype(np.float16)
    data = exr({"RGB": smooth}, compression=getattr(OpenEXR, f"{method}_COMPRESSION"))
    found = read_picture_file(data, LIMIT).picture
    assert np.abs(LINEAR.from_srgb(found.pixels[..., :3]) - smooth).max() < 0.02


def test_light_is_shown_as_srgb_and_alpha_is_straight() -> None:
    light = np.array([[[0.18 / 2, 0.5, 0, 0.5], [3, 3, 3, 0]]], np.float32)
    found = read_picture_file(exr({"RGBA": light}), LIMIT).picture
    assert np.allclose(found.pixels[0, 0], [0.46136, 1, 0, 0.5], atol=1e-4)
    assert np.allclose(found.pixels[0, 1], [1.6130, 1.6130, 1.6130, 0], atol=1e-3)  # a glow keeps its light


def test_acescg_is_known_by_its_primaries_and_stays_acescg() -> None:
    data = exr({"RGBA": LIGHT}, chromaticities=AP1_VALUES)
    found = read_picture_file(data, LIMIT)
    plain = read_picture_file(exr({"RGBA": LIGHT}), LIMIT)
    assert found.space is ACESCG and np.abs(found.picture.pixels - plain.picture.pixels).max() > 0.1
    back, about = values(through(data))
    assert np.allclose(about["chromaticities"], AP1_VALUES, atol=1e-6)
    size = np.maximum(np.abs(LIGHT[..., :3].astype(float)).max(-1), 1e-3)
    for name, plane in planes(LIGHT).items():
        assert (np.abs(back[name].astype(float) - plane) / size).max() < 1e-3


def test_a_space_that_is_asked_for_counts_more_than_the_file() -> None:
    data = exr({"RGB": np.full((2, 3, 3), 0.5, np.float16)})
    assert np.allclose(read_picture_file(data, LIMIT, space=SRGB).picture.pixels[..., :3], 0.5)
    png = saved(PHOTO)
    found = read_picture_file(png, LIMIT, space=LINEAR)
    assert np.allclose(LINEAR.from_srgb(found.picture.pixels[..., :3]) * 255, np.asarray(PHOTO), atol=1e-3)
    assert found.space is LINEAR and read_picture_file(png, LIMIT, space=SRGB).picture.format == "RGBA8"


@pytest.mark.parametrize("space", [LINEAR, ACESCG])
def test_a_tiff_holds_the_floats_of_a_space(space: Any) -> None:
    bright = Picture(np.random.default_rng(8).uniform(0, 3, (5, 6, 4)).astype(np.float32), "RGBAF32")
    bright.pixels[..., 3] = 1
    data = encode(bright, "TIFF", Labels(space=space))
    assert np.allclose(read_picture_file(data, LIMIT).picture.pixels[..., :3], space.from_srgb(bright.pixels[..., :3]))
    assert np.allclose(read_picture_file(data, LIMIT, space=space).picture.pixels, bright.pixels, atol=2e-5)


def test_a_photo_of_eight_bits_comes_back_from_an_exr() -> None:
    photo = read_picture_file(saved(PHOTO), LIMIT).picture
    for space in (None, LINEAR, ACESCG):
        found = read_picture_file(encode(photo, "EXR", Labels(space=space)), LIMIT)
        difference = np.abs(eight_bits(found.picture).pixels.astype(int) - photo.pixels)
        assert difference.max() <= (1 if space is ACESCG else 0)  # a dark channel beside a light one has fewer bits
        assert found.frame is not None and found.frame.half


# What stands beside the values


def test_settings_and_resolution_stand_in_attributes_and_bare_leaves_no_trace() -> None:
    data = through(exr({"RGBA": LIGHT}), settings=SETTINGS, dpi=300)
    assert read_settings(data) == SETTINGS and read_picture_file(data, LIMIT).dpi == 300
    assert through(exr({"RGBA": LIGHT}), settings=SETTINGS, dpi=300) == data
    bare = through(exr({"RGBA": LIGHT}, owner="someone", comments="secret"), settings=SETTINGS, bare=True)
    needed = {
        "channels", "chromaticities", "compression", "dataWindow", "displayWindow", "lineOrder", "pixelAspectRatio",
        "screenWindowCenter", "screenWindowWidth", "type",
    }  # fmt: skip
    assert set(values(bare)[1]) == needed
    assert not any(word in bare for word in (b"neural", b"night", b"someone", b"secret"))


def test_a_window_of_a_larger_frame_stays_in_its_place() -> None:
    box = ((np.array([5, -6], "i4"), np.array([38, 14], "i4")), (np.array([0, 0], "i4"), np.array([99, 49], "i4")))
    data = exr({"RGBA": LIGHT}, dataWindow=box[0], displayWindow=box[1], pixelAspectRatio=2.0)
    found = read_picture_file(data, LIMIT)
    assert (found.picture.width, found.picture.height) == (34, 21) and "stays in its place" in found.notes[0]
    about = values(through(data))[1]
    assert np.array_equal(about["dataWindow"], box[0]) and np.array_equal(about["displayWindow"], box[1])
    assert about["pixelAspectRatio"] == 2.0
    small = Picture(found.picture.pixels[:5, :5], "RGBAF32")
    assert np.array_equal(values(encode(small, "EXR", Labels(frame=found.frame)))[1]["dataWindow"], [[0, 0], [4, 4]])


def test_of_several_layers_the_picture_is_taken_and_that_is_said() -> None:
    layers = {**planes(LIGHT * 0, "View.AO."), **planes(LIGHT, "View.Combined."), "View.Depth.Z": LIGHT[..., 0].copy()}
    found = read_picture_file(exr(layers), LIMIT)
    assert "'View.Combined' is taken" in found.notes[0]
    assert np.array_equal(found.picture.pixels, read_picture_file(exr({"RGBA": LIGHT}), LIMIT).picture.pixels)
    only = read_picture_file(exr({**planes(LIGHT), "Z": LIGHT[..., 0].copy()}), LIMIT)
    assert not only.notes and np.array_equal(only.picture.pixels, found.picture.pixels)


def test_of_several_parts_the_one_with_colours_is_taken() -> None:
    out = io.BytesIO()
    about = {"type": OpenEXR.scanlineimage}
    parts = [
        OpenEXR.Part({**about, "name": "depth"}, {"Z": LIGHT[..., 0].copy()}),
        OpenEXR.Part({**about, "name": "beauty"}, {"RGBA": LIGHT}),
    ]
    with OpenEXR.File(parts) as file:
        file.write(out)
    found = read_picture_file(out.getvalue(), LIMIT)
    assert np.array_equal(found.picture.pixels, read_picture_file(exr({"RGBA": LIGHT}), LIMIT).picture.pixels)


def test_brightness_alone_is_grey() -> None:
    found = read_picture_file(exr({"Y": np.full((3, 4), 0.18, np.float16)}), LIMIT).picture
    assert np.allclose(found.pixels, [0.4613, 0.4613, 0.4613, 1], atol=1e-3)


# What is refused


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (exr({"Z": np.zeros((3, 4), np.float32)}), "without colours"),
        (exr(dict.fromkeys("RGB", np.zeros((3, 4), np.uint32))), "whole numbers"),
        (exr({"RGB": np.full((3, 4, 3), np.nan, np.float16)}), "NaN"),
        (exr({"RGB": np.full((3, 4, 3), np.inf, np.float32)}), "infinite"),
        (exr({"RGBA": LIGHT})[:700], "damaged"),
        (exr({"RGBA": LIGHT})[:60], "damaged"),
        (exr({"RGBA": LIGHT}, chromaticities=(0.1, 0.0) * 4), "primaries"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(data: bytes, said: str, capsys: Any) -> None:
    with pytest.raises(ImageError, match=said) as caught:
        read_picture_file(data, LIMIT)
    assert "0x" not in caught.value.detail and "Warning" not in capsys.readouterr().out


def window(width: int, height: int) -> bytes:
    return struct.pack("<4i", 0, 0, width - 1, height - 1)


@pytest.mark.parametrize("size", [(2_000, 2_000), (40_000, 1), (2**31 - 1, 2**31 - 1)])
@pytest.mark.parametrize("header", [{}, tiled()])
def test_a_bomb_by_its_size_is_refused_before_it_is_unpacked(size: tuple[int, int], header: dict[str, Any]) -> None:
    data = exr({"RGBA": LIGHT}, **header).replace(window(34, 21), window(*size))
    with pytest.raises((TooLarge, ImageError)) as caught:
        read_picture_file(data, LIMIT)
    assert isinstance(caught.value, TooLarge) or size[0] == 2**31 - 1


def test_a_bomb_of_many_layers_is_refused_before_it_is_unpacked() -> None:
    plane = np.zeros((1000, 1000), np.float16)
    data = exr({**dict.fromkeys("RGBA", plane), **{f"extra.{number}": plane for number in range(13)}})
    with pytest.raises(TooLarge, match="layers"):
        read_picture_file(data, LIMIT)
    assert read_picture_file(exr({**dict.fromkeys("RGBA", plane), "Z": plane}), LIMIT).picture.width == 1000


def test_tiles_of_absurd_size_are_refused() -> None:
    data = exr({"RGBA": LIGHT}, **tiled())
    place = data.index(b"tiledesc\0") + 13
    with pytest.raises(ImageError, match=r"tiles are larger|damaged"):
        read_picture_file(data[:place] + struct.pack("<II", 30_000, 30_000) + data[place + 8 :], LIMIT)


SAMPLES = {
    **{
        f"{method}-{kind}": exr({"RGBA": LIGHT}, compression=getattr(OpenEXR, f"{method}_COMPRESSION"), **header)
        for method in METHODS
        for kind, header in (("scanlines", {}), ("tiles", tiled()))
    },
    "settings": through(exr({"RGBA": LIGHT}), settings=SETTINGS, dpi=300),
}


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=8)
@given(
    changes=st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), max_size=4),
    share=st.one_of(st.just(1.0), st.floats(0.05, 1)),
)
def test_a_damaged_file_is_read_or_refused_in_a_sentence(
    name: str, changes: list[tuple[int, int]], share: float
) -> None:
    damaged = bytearray(SAMPLES[name])
    for place, value in changes:
        damaged[place % len(damaged)] = value
    try:
        found = read_picture_file(bytes(damaged[: int(len(damaged) * share)]), LIMIT).picture
    except (ImageError, TooLarge) as error:
        assert "0x" not in error.detail
        return
    assert found.pixels.shape == (found.height, found.width, 4) and np.isfinite(found.pixels).all()


# Without the extra


def test_without_the_extra_every_way_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = exr({"RGBA": LIGHT})
    (tmp_path / "a.exr").write_bytes(data)
    monkeypatch.setitem(sys.modules, "OpenEXR", None)
    for ask in (lambda: read_picture_file(data, LIMIT), lambda: read_settings(data), lambda: kind_of_name("a.exr")):
        with pytest.raises(InvalidRequest) as caught:
            ask()
        assert "neural-style-server[exr]" in caught.value.hint and caught.value.code == "needs_exr"
    assert ".exr" not in writable() and is_photo(tmp_path / "a.exr")


def test_a_folder_s_exr_is_a_photo_unless_it_is_a_result(tmp_path: Path) -> None:
    for name, data in {
        "photo.png": exr({"RGBA": LIGHT}),
        "result.exr": through(exr({"RGBA": LIGHT}), settings=SETTINGS),
        "damaged.exr": exr({"RGBA": LIGHT})[:60],
    }.items():
        (tmp_path / name).write_bytes(data)
    assert [is_photo(tmp_path / name) for name in ("photo.png", "result.exr", "damaged.exr")] == [True, False, False]
    assert is_damaged_photo(tmp_path / "damaged.exr") and not is_damaged_photo(tmp_path / "result.exr")
