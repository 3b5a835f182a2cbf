"""Files of results: depth, quality, colours, and what is said in them or is not."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.ExifTags import IFD, Base
from tests.picture_files import PHOTO, saved
from tests.pictures.profiles import DISPLAY_P3, rgb_profile
from tests.pictures.test_kinds import by_littlecms

from neural_style_server.errors import InvalidRequest
from neural_style_server.pictures.colour import srgb_profile
from neural_style_server.pictures.formats import ENDINGS, kind_of_name, writable
from neural_style_server.pictures.metadata import exif_from, settings_of
from neural_style_server.pictures.reading import PictureFile, is_photo, read_picture_file, read_settings
from neural_style_server.pictures.writing import Labels, encode
from neural_style_server.pixels import DTYPES, PEAK, Picture

LIMIT = 10**6
KINDS = sorted({ENDINGS[ending] for ending in writable()} - {"EXR"})
P3 = rgb_profile(DISPLAY_P3, 2.2)
SETTINGS = '{"preset": "night-swirl <&\\"\'> é ⟶"}'
TOLERANCE = {"PNG": 0, "TIFF": 0, "JPEG": 40, "WEBP": 70, "AVIF": 40}


def picture(format: str = "RGBA8", *, transparent: bool = False) -> Picture:
    rgb = np.asarray(PHOTO).astype(np.float64) / 255
    alpha = np.linspace(0, 1, rgb.shape[1])[None].repeat(rgb.shape[0], 0) if transparent else np.ones(rgb.shape[:2])
    return Picture((np.dstack([rgb, alpha]) * PEAK[format]).astype(DTYPES[format]), format)


def again(data: bytes) -> PictureFile:
    return read_picture_file(data, LIMIT)


def camera_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Copyright], exif[Base.Orientation] = "Canon", "me", 6
    exif[IFD.Exif] = {
        Base.DateTimeOriginal: "2026:01:02 03:04:05", Base.LensModel: "50 mm", Base.ExposureTime: 0.01,
        Base.MakerNote: b"secret note", Base.ExifImageWidth: 9999,
    }  # fmt: skip
    exif[IFD.GPSInfo] = {1: "N", 2: (52.0, 31.0, 12.0)}
    return exif


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("transparent", [False, True])
def test_pixels_come_back_with_alpha_and_what_is_said(kind: str, transparent: bool) -> None:
    shown = picture(transparent=transparent)
    if transparent and kind == "JPEG":
        with pytest.raises(InvalidRequest, match="no transparency"):
            encode(shown, kind)
        return
    found = again(encode(shown, kind, Labels(settings=SETTINGS, dpi=300)))
    seen = shown.pixels[..., 3] > 100
    difference = np.abs(found.picture.pixels.astype(int) - shown.pixels.astype(int))
    assert found.kind == kind and difference[seen].max() <= TOLERANCE[kind] and difference[seen].mean() < 4
    assert found.settings == SETTINGS and found.dpi == pytest.approx(300, abs=0.02)
    assert found.profile == srgb_profile()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_picture_gives_the_same_bytes(kind: str) -> None:
    labels = Labels(settings=SETTINGS, dpi=300)
    assert encode(picture(), kind, labels) == encode(picture(), kind, labels)
    assert srgb_profile()[24:36] != bytes(12)


@pytest.mark.parametrize("format", ["RGBA16", "RGBAF32"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("transparent", [False, True])
def test_depth_is_kept_where_the_kind_has_it(kind: str, format: str, transparent: bool) -> None:
    if transparent and kind == "JPEG":
        return
    deep = picture(format, transparent=transparent)
    deep.pixels[0, :, 0] *= np.array(0.731).astype(deep.pixels.dtype) if format == "RGBAF32" else 1
    found = again(encode(deep, kind)).picture
    kept = {"TIFF": format, "PNG": "RGBA16"}.get(kind, "RGBA8")
    assert found.format == kept
    if kept == format:
        assert np.array_equal(found.pixels, deep.pixels)
    elif kept == "RGBA16":
        assert np.abs(found.pixels / 65535 - deep.pixels).max() < 1e-4


def test_a_float_tiff_holds_values_beyond_white() -> None:
    bright = Picture(np.full((3, 4, 4), 1, np.float32) * [7.25, -0.5, 0.1, 1], "RGBAF32")
    bright = Picture(bright.pixels.astype(np.float32), "RGBAF32")
    data = encode(bright, "TIFF", Labels(settings=SETTINGS))
    assert np.array_equal(again(data).picture.pixels, bright.pixels)
    assert read_settings(data) == SETTINGS and again(data).settings == SETTINGS


def test_a_float_tiff_in_a_folder_is_a_photo_unless_it_is_a_result(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    for settings, photo in ((None, True), (SETTINGS, False)):
        path.write_bytes(encode(picture("RGBAF32"), "TIFF", Labels(settings=settings)))
        assert is_photo(path) == photo


@pytest.mark.parametrize("kind", KINDS)
def test_the_source_s_own_profile_is_kept_and_its_colours_are_right(kind: str) -> None:
    data = encode(picture(), kind, Labels(profile=P3))
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["icc_profile"] == P3
        shown = by_littlecms(image.convert("RGB"), P3)
    difference = np.abs(shown - np.asarray(PHOTO).astype(int))
    assert difference.mean() < (7 if TOLERANCE[kind] else 0.5)


def test_there_and_back_a_wide_photo_has_the_colours_that_it_had() -> None:
    source = again(saved(PHOTO, "TIFF", icc_profile=P3))
    with Image.open(io.BytesIO(encode(source.picture, "PNG", Labels(profile=source.profile)))) as image:
        difference = np.abs(np.asarray(image).astype(int) - np.asarray(PHOTO))
    in_gamut = ((source.picture.pixels[..., :3] > 0) & (source.picture.pixels[..., :3] < 255)).all(-1)
    assert difference[in_gamut].max() <= 3 and in_gamut.mean() > 0.5


def test_a_profile_that_cannot_be_written_to_gives_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert again(encode(picture(), "PNG", Labels(profile=lab))).profile in (srgb_profile(), None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("source", ["JPEG", "TIFF"])
def test_exif_goes_along_without_orientation_thumbnail_and_place(kind: str, source: str) -> None:
    photo = again(saved(PHOTO, source, exif=camera_exif().tobytes()))
    data = encode(photo.picture, kind, Labels(exif=photo.exif, settings=SETTINGS))
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        exif = image.getexif()
        inner = exif.get_ifd(IFD.Exif)
        assert (exif[Base.Make], exif[Base.Copyright]) == ("Canon", "me")
        assert (inner[Base.DateTimeOriginal], inner[Base.LensModel]) == ("2026:01:02 03:04:05", "50 mm")
        assert inner[Base.ExifImageWidth] == photo.picture.width
        assert Base.Orientation not in exif and not exif.get_ifd(IFD.GPSInfo) and Base.MakerNote not in inner
    assert again(data).settings == SETTINGS and b"secret note" not in data


@pytest.mark.parametrize("kind", KINDS)
def test_bare_leaves_no_trace(kind: str) -> None:
    photo = again(saved(PHOTO, "JPEG", exif=camera_exif(), icc_profile=P3))
    data = encode(photo.picture, kind, Labels(photo.profile, photo.exif, SETTINGS, bare=True))
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        said = {key for key, value in image.info.items() if value}
        own = {256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 339} if kind == "TIFF" else set()
        assert set(image.getexif()) <= own
    technical = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "compression", "dpi", "background", "loop"}
    technical |= {"duration", "resolution"}
    assert said <= technical, said
    assert not any(word in data for word in (b"neural", b"night-swirl", b"Canon", b"acsp", b"xmpmeta"))


@pytest.mark.parametrize(("name", "kind"), [("a.PNG", "PNG"), ("a.b.jpeg", "JPEG"), ("x.tif", "TIFF")])
def test_the_ending_says_the_kind(name: str, kind: str) -> None:
    assert kind_of_name(name) == kind


@pytest.mark.parametrize("name", ["a.gif", "a.hdr", "a", ".png", "a.png.txt"])
def test_other_endings_are_refused_with_the_list(name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        kind_of_name(name)
    assert ".png, .jpg" in caught.value.hint and ".tiff" in caught.value.hint


def test_a_webp_that_would_be_too_long_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="16,383"):
        encode(Picture(np.full((1, 16_384, 4), 255, np.uint8), "RGBA8"), "WEBP")


@pytest.mark.parametrize("text", ["", "x" * 40_000])
def test_settings_of_no_or_absurd_length_are_none(text: str) -> None:
    assert settings_of({"neural-style": text}) is None
    assert settings_of({"xmp": f'<a neuralstyle:settings="{text}"/>'.encode()}) is None


def test_settings_are_read_from_the_header_of_a_file() -> None:
    assert read_settings(encode(picture(), "PNG", Labels(settings=SETTINGS))) == SETTINGS
    assert read_settings(saved(PHOTO)) is None


def test_no_exif_is_no_exif() -> None:
    assert len(exif_from(None)) == 0 and again(saved(PHOTO)).exif is None
