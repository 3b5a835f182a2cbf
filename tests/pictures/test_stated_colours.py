"""Files that state their colours without a profile have the colours of the profile that says the same."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import png
import pytest
from PIL import Image, ImageCms
from PIL.ExifTags import IFD
from tests.picture_files import PHOTO, saved
from tests.pictures.profiles import ADOBE_RGB, grey_profile, rgb_profile
from tests.pictures.test_decode import with_chunks

from neural_style_server.pictures.colour_spaces import SRGB
from neural_style_server.pictures.reading import read_picture_file
from neural_style_server.pixels import eight_bits

LIMIT = 10**6
ADOBE_POINTS = (0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
SRGB_POINTS = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(100_000 * value))


def primaries(*points: float) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(100_000 * point) for point in points))


def pixels(data: bytes, **more: Any) -> np.ndarray:
    return eight_bits(read_picture_file(data, LIMIT, **more).picture).pixels[..., :3].astype(int)


def by_littlecms(image: Image.Image, profile: bytes) -> np.ndarray:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    found = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert found is not None
    return np.asarray(found).astype(int)


def deep(image: Image.Image) -> bytes:
    """A PNG of 16 bits."""
    values = np.asarray(image).astype(np.uint16) * 257
    file = io.BytesIO()
    writer = png.Writer(*image.size, greyscale=image.mode == "L", bitdepth=16)
    writer.write(file, values.reshape(image.height, -1))
    return file.getvalue()


@pytest.mark.parametrize("write", [saved, deep])
def test_a_png_is_shown_by_its_gamma_and_its_primaries(write: Any) -> None:
    data = with_chunks(write(PHOTO), gamma(0.5), primaries(*ADOBE_POINTS))
    want = by_littlecms(PHOTO, rgb_profile(ADOBE_RGB, 2.0))
    assert np.abs(want - np.asarray(PHOTO)).max() > 20
    assert np.abs(pixels(data) - want).max() <= 2
    linear = with_chunks(write(PHOTO), gamma(1.0))
    want = by_littlecms(PHOTO, rgb_profile(SRGB_PRIMARIES, 1.0))
    assert np.abs(pixels(linear) - want).max() <= 2
    assert read_picture_file(linear, LIMIT).profile is None, "8 bits of light would show steps"


SRGB_PRIMARIES = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))


@pytest.mark.parametrize("write", [saved, deep])
def test_a_grey_png_is_shown_by_its_gamma(write: Any) -> None:
    grey = PHOTO.convert("L")
    want = by_littlecms(grey, grey_profile(1.0))
    found = pixels(with_chunks(write(grey), gamma(1.0)))
    assert np.abs(found - want).max() <= 3, "littleCMS is a little off in the shadows with 8 bits"
    assert np.abs(want[..., 0] - np.asarray(grey)).max() > 20


@pytest.mark.parametrize(
    "chunks",
    [
        [gamma(0.45455)],
        [gamma(0.45455), primaries(*SRGB_POINTS)],
        [(b"sRGB", b"\0"), gamma(1.0), primaries(*ADOBE_POINTS)],
        [gamma(0)],
        [gamma(30_000)],
        [gamma(0.45455), primaries(*[0.3] * 8)],
        [gamma(0.45455), primaries(*[0.0] * 8)],
        [gamma(0.45455), primaries(*[40_000.0] * 8)],
    ],
)
def test_what_states_srgb_or_what_cannot_be_changes_nothing(chunks: list[tuple[bytes, bytes]]) -> None:
    assert np.abs(pixels(with_chunks(saved(PHOTO), *chunks)) - np.asarray(PHOTO).astype(int)).max() <= 1


def test_a_profile_and_a_space_that_is_asked_for_count_more() -> None:
    profile = rgb_profile(ADOBE_RGB, 2.2)
    data = with_chunks(saved(PHOTO, "PNG", icc_profile=profile), gamma(1.0))
    assert np.abs(pixels(data) - by_littlecms(PHOTO, profile)).max() <= 2
    asked = pixels(with_chunks(saved(PHOTO), gamma(1.0)), space=SRGB)
    assert np.array_equal(asked, np.asarray(PHOTO).astype(int))


def test_a_camera_s_adobe_rgb_is_known_by_its_mark() -> None:
    exif = Image.Exif()
    exif[IFD.Exif] = {0xA001: 0xFFFF, IFD.Interop: {1: "R03"}}
    flat = Image.new("RGB", (40, 24), (60, 180, 90))
    marked, plain = (saved(flat, "JPEG", quality=95, **more) for more in ({"exif": exif}, {}))
    want = by_littlecms(flat, rgb_profile(ADOBE_RGB, 2.2))
    assert np.abs(pixels(marked) - want).max() <= 3
    assert np.abs(pixels(plain) - np.asarray(flat).astype(int)).max() <= 3
    exif[IFD.Exif] = {0xA001: 1, IFD.Interop: {1: "R98"}}
    assert np.abs(pixels(saved(flat, "JPEG", quality=95, exif=exif)) - pixels(plain)).max() == 0
