"""Profiles of curves and a matrix, applied in full depth: by value against littleCMS, and there and back."""

from __future__ import annotations

import io
import random
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms
from tests.pictures import samples
from tests.pictures.profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    PROPHOTO,
    grey_profile,
    parametric_curve,
    rgb_profile,
    scanner_profile,
    table_curve,
)
from tests.pictures.samples import RGB

from neural_style_server.pictures import colour
from neural_style_server.pictures.deep import EIGHT_BITS, NOT_APPLIED
from neural_style_server.pictures.matrix_profiles import matrix_profile
from neural_style_server.pictures.png import encode_png, profile_chunk
from neural_style_server.pictures.reading import read_picture_file
from neural_style_server.pictures.tiff import encode_tiff
from neural_style_server.pictures.writing import Labels, encode
from neural_style_server.pixels import Picture

LIMIT = 10**6
SRGB_CURVE = parametric_curve(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
SAMPLED = [((v + 0.055) / 1.055) ** 2.4 if v > 0.04045 else v / 12.92 for v in np.linspace(0, 1, 1024)]
PROFILES = {
    "display-p3": rgb_profile(DISPLAY_P3, SRGB_CURVE),
    "adobe-rgb": rgb_profile(ADOBE_RGB, 563 / 256),
    "prophoto": rgb_profile(PROPHOTO, 1.8),
    "linear": rgb_profile(PROPHOTO, table_curve([])),
    "sampled": rgb_profile(DISPLAY_P3, table_curve(SAMPLED)),
    "power": rgb_profile(ADOBE_RGB, parametric_curve(0, 1.9)),
    "power-from-zero": rgb_profile(ADOBE_RGB, parametric_curve(1, 2.2, 0.95, 0.05)),
    "power-from-an-offset": rgb_profile(ADOBE_RGB, parametric_curve(2, 2.2, 0.915, 0.08, 0.01)),
    "all-parameters": rgb_profile(ADOBE_RGB, parametric_curve(4, 2.4, 0.9479, 0.0521, 0.0774, 0.0405, 0.001, 0.001)),
}
EXACT = ImageCms.Flags.NOOPTIMIZE
"""Otherwise littleCMS looks some profiles up in a table of few steps, which is seven levels away in the dark."""

STEPS = np.linspace(0, 255, 18).astype(np.uint8)
COLOURS = np.stack(np.meshgrid(STEPS, STEPS, STEPS), -1).reshape(54, 108, 3)


def deep(rgb: np.ndarray) -> Picture:
    """With 16 bits, of 8."""
    return Picture(np.dstack([rgb.astype(np.uint16) * 257, np.full(rgb.shape[:2], 65535, np.uint16)]), "RGBA16")


def by_littlecms(image: Image.Image, profile: bytes) -> np.ndarray:
    """0–255."""
    source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    found = ImageCms.profileToProfile(image, source, target, outputMode="RGB", flags=EXACT)
    assert found is not None
    return np.asarray(found).astype(float)


def shown(picture: Picture) -> np.ndarray:
    """0–255, not rounded."""
    return picture.pixels[..., :3].astype(float) * 255 / picture.peak


@pytest.mark.parametrize("name", PROFILES)
def test_colours_are_those_of_littlecms(name: str) -> None:
    profile = PROFILES[name]
    found = colour.deep_to_srgb(deep(COLOURS), profile)
    assert found is not None and found.format == "RGBA16"
    want = by_littlecms(Image.fromarray(COLOURS), profile)
    assert np.abs(shown(found) - want).max() <= 2
    assert np.abs(want - COLOURS).max() > 20


@pytest.mark.parametrize("name", PROFILES)
def test_colours_go_into_a_profile_as_littlecms_brings_them_there(name: str) -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(PROFILES[name]))
    srgb, flags = ImageCms.createProfile("sRGB"), EXACT | ImageCms.Flags.BLACKPOINTCOMPENSATION
    back = ImageCms.profileToProfile(Image.fromarray(COLOURS), srgb, profile, outputMode="RGB", flags=flags)
    found = colour.from_srgb(deep(COLOURS), PROFILES[name])
    assert back is not None and found is not None and found.format == "RGBA16"
    assert np.abs(shown(found) - np.asarray(back)).max() <= 2


@pytest.mark.parametrize("name", PROFILES)
def test_16_bits_come_back(name: str) -> None:
    rgb = np.random.default_rng(1).integers(8000, 65536, (40, 50, 4), dtype=np.uint16)
    there = colour.from_srgb(Picture(rgb, "RGBA16"), PROFILES[name])
    assert there is not None
    back = colour.deep_to_srgb(there, PROFILES[name])
    assert back is not None and np.array_equal(back.pixels[..., 3], rgb[..., 3])
    assert np.abs(back.pixels.astype(int) - rgb).max() <= 6


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_file_keeps_its_depth_and_its_own_colours(kind: str) -> None:
    profile, inner = PROFILES["display-p3"], deep(COLOURS // 2 + 60)
    own = colour.from_srgb(inner, profile)
    assert own is not None
    if kind == "PNG":
        data = encode_png(own, alpha=False, chunks=[profile_chunk(profile)])
    else:
        data = encode_tiff(own, alpha=False, profile=profile, xmp=None, dpi=None, exif=Image.Exif())
    found = read_picture_file(data, LIMIT)
    assert (found.picture.format, found.profile, found.notes) == ("RGBA16", profile, ())
    again = read_picture_file(encode(found.picture, kind, Labels(profile=found.profile)), LIMIT)
    assert again.profile == profile
    assert np.abs(again.picture.pixels.astype(int) - inner.pixels).max() <= 4


def test_a_deep_result_of_8_bits_has_the_right_colours_too() -> None:
    profile = PROFILES["prophoto"]
    with Image.open(io.BytesIO(encode(deep(RGB), "JPEG", Labels(profile=profile)))) as image:
        assert image.info["icc_profile"] == profile
        assert np.abs(by_littlecms(image, profile) - RGB).mean() < 2


@pytest.mark.parametrize("alpha", [False, True])
def test_a_grey_profile_of_16_bits_is_applied_in_full_depth(alpha: bool) -> None:
    import png

    levels = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16)
    rows = np.dstack([levels, np.full_like(levels, 65535)]).reshape(16, -1) if alpha else levels
    file = io.BytesIO()
    png.Writer(16, 16, greyscale=True, alpha=alpha, bitdepth=16).write(file, rows)
    name, body = profile_chunk(grey_profile(1.0))
    extra = len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
    found = read_picture_file(file.getvalue()[:33] + extra + file.getvalue()[33:], LIMIT)
    assert (found.picture.format, found.profile, found.notes) == ("RGBA16", None, ())
    want = by_littlecms(Image.fromarray((levels // 257).astype(np.uint8)), grey_profile(1.0))
    assert np.abs(shown(found.picture) - want).max() <= 2
    assert len(np.unique(found.picture.pixels[..., 0])) > 250


def test_floats_keep_what_lies_beyond_white() -> None:
    profile = PROFILES["linear"]
    rgb = np.stack(np.meshgrid(*3 * [np.array([0.0, 0.2, 1.0, 7.5])]), -1).reshape(8, 8, 3).astype(np.float32)
    source = Picture(np.dstack([rgb, np.ones((8, 8), np.float32)]), "RGBAF32")
    own = colour.from_srgb(source, profile)
    assert own is not None
    data = encode_tiff(own, alpha=False, profile=profile, xmp=None, dpi=None, exif=Image.Exif())
    found = read_picture_file(data, LIMIT)
    assert (found.picture.format, found.profile, found.notes) == ("RGBAF32", profile, ())
    assert np.allclose(found.picture.pixels, source.pixels, rtol=1e-4, atol=1e-4)
    back = read_picture_file(encode(found.picture, "TIFF", Labels(profile=profile)), LIMIT)
    assert np.allclose(back.picture.pixels, source.pixels, rtol=1e-4, atol=1e-4)


def test_a_profile_of_tables_has_8_bits_and_says_so() -> None:
    profile = scanner_profile()
    data = encode_png(deep(COLOURS), alpha=False, chunks=[profile_chunk(profile)])
    found = read_picture_file(data, LIMIT)
    assert (found.picture.format, found.notes) == ("RGBA8", (EIGHT_BITS,))
    assert np.abs(shown(found.picture) - samples.by_littlecms(Image.fromarray(COLOURS), profile)).max() <= 2
    floats = Picture((deep(COLOURS).pixels / 65535).astype(np.float32), "RGBAF32")
    data = encode_tiff(floats, alpha=False, profile=profile, xmp=None, dpi=None, exif=Image.Exif())
    found = read_picture_file(data, LIMIT)
    assert (found.picture.format, found.profile, found.notes) == ("RGBAF32", None, (NOT_APPLIED,))
    assert np.array_equal(found.picture.pixels, floats.pixels)


@pytest.mark.parametrize(
    "curve",
    [
        parametric_curve(0, 0.0), parametric_curve(0, -2.2), parametric_curve(3, 2.4, 0.0, 0.1, 0.1, 0.1),
        parametric_curve(7, 1.0), table_curve([0.0, 0.0, 0.0]), table_curve([1.0, 0.5, 0.0]), b"rubbish",
        table_curve([0.0, 1.0])[:12], b"para",
    ],
)  # fmt: skip
def test_a_curve_that_cannot_be_undone_is_none(curve: bytes) -> None:
    assert matrix_profile(rgb_profile(ADOBE_RGB, curve)) is None


def test_primaries_of_one_colour_are_no_profile() -> None:
    red = DISPLAY_P3[0]
    assert matrix_profile(rgb_profile((red, red, red), 2.2)) is None


def test_damaged_profiles_never_raise() -> None:
    chance = random.Random(7)
    picture = deep(COLOURS[:4, :4])
    for _ in range(400):
        data = bytearray(chance.choice([*PROFILES.values()]))
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        profile = bytes(data[: chance.randint(1, len(data))] if chance.random() < 0.3 else data)
        found = colour.deep_to_srgb(picture, profile)
        assert found is None or found.pixels.shape == picture.pixels.shape
