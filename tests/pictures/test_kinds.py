"""Files of every kind that can be made here: right colours by value and right way up, or one plain sentence."""

from __future__ import annotations

import io
import struct
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, features
from tests.picture_files import CLEAR, PALETTE, PHOTO, made, saved
from tests.pictures.profiles import ADOBE_RGB, DISPLAY_P3, PROPHOTO, grey_profile, rgb_profile
from tests.pictures.test_decode import ORIENTED, with_chunks
from tests.pictures.tiff_samples import tiff as tiff_of

from neural_style_server.errors import ImageError, TooLarge
from neural_style_server.pictures.reading import is_photo, read_picture_file, read_size
from neural_style_server.pictures.tiff import encode_tiff
from neural_style_server.pixels import Picture

LIMIT = 10**6
FLAT = Image.new("RGB", (40, 24), (200, 100, 50))
DEEP = np.random.default_rng(7).integers(0, 65536, (11, 9, 3), dtype=np.uint16)
HALF_CLEAR = Image.new("RGBA", (20, 10), (10, 200, 30, 255))
HALF_CLEAR.paste((0, 0, 0, 0), (0, 0, 10, 10))


def pixels(data: bytes) -> np.ndarray:
    found = read_picture_file(data, LIMIT).picture
    assert found.format == "RGBA8"
    return found.pixels.astype(int)


EXACT: dict[str, tuple[bytes, Image.Image]] = {
    **{
        f"{kind}-{mode}": (saved(CLEAR.convert(mode), kind, **options), CLEAR.convert(mode))
        for kind, modes, options in (
            ("PNG", ("1", "L", "LA", "P", "RGB", "RGBA"), {}),
            ("BMP", ("1", "L", "RGB"), {}),
            ("DIB", ("L", "RGB"), {}),
            ("TIFF", ("1", "L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"), {}),
            ("TGA", ("1", "L", "LA", "P", "RGB", "RGBA"), {}),
            ("PPM", ("1", "L", "RGB"), {}),
            ("PCX", ("1", "L", "RGB"), {}),
            ("SGI", ("L", "RGB", "RGBA"), {}),
            ("DDS", ("L", "RGB", "RGBA"), {}),
            ("GIF", ("1", "L"), {}),
            ("WEBP", ("RGB", "RGBA"), {"lossless": True, "exact": True}),
            ("JPEG2000", ("L", "LA", "RGB", "RGBA"), {}),
        )
        for mode in modes
        if kind != "JPEG2000" or features.check("jpg_2000")
    },
    **{
        f"TIFF-{way}": (saved(PHOTO, "TIFF", compression=way), PHOTO)
        for way in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "tiff_deflate")
    },
    "GIF-transparent": (saved(HALF_CLEAR, "GIF"), HALF_CLEAR),
    "PNG-palette-transparent": (saved(CLEAR.quantize(16), "PNG"), CLEAR.quantize(16)),
    "PNG-one-colour-transparent": (saved(FLAT, "PNG", transparency=(200, 100, 50)), Image.new("RGBA", FLAT.size)),
}


@pytest.mark.parametrize("name", EXACT)
def test_what_is_stored_without_loss_has_its_colours_to_the_bit(name: str) -> None:
    data, image = EXACT[name]
    want, found = np.asarray(image.convert("RGBA")).astype(int), pixels(data)
    shown = want[..., 3] > 0
    assert (found[..., 3] == want[..., 3]).all() and (found[shown] == want[shown]).all()


def without_adobe_marker(data: bytes) -> bytes:
    at = data.index(b"\xff\xee")
    return data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :]


CMYK = Image.new("CMYK", (32, 32), (10, 120, 200, 30))
LOSSY: dict[str, tuple[bytes, Image.Image]] = {
    "JPEG": (saved(FLAT, "JPEG", quality=95), FLAT),
    "JPEG-444-progressive": (saved(FLAT, "JPEG", quality=95, subsampling=0, progressive=True), FLAT),
    "JPEG-grey": (saved(FLAT.convert("L"), "JPEG", quality=95), FLAT.convert("L")),
    "JPEG-cmyk-adobe": (saved(CMYK, "JPEG", quality=95), CMYK),
    "JPEG-cmyk-without-marker": (
        without_adobe_marker(saved(Image.eval(CMYK, lambda v: 255 - v), "JPEG", quality=95)),
        CMYK,
    ),
    "MPO": (saved(FLAT, "MPO", quality=95, save_all=True, append_images=[FLAT]), FLAT),
    "WEBP": (saved(FLAT, "WEBP", quality=95), FLAT),
    **({"AVIF": (saved(FLAT, "AVIF", quality=95), FLAT)} if features.check("avif") else {}),
}


@pytest.mark.parametrize("name", LOSSY)
def test_what_is_stored_with_loss_has_nearly_its_colours(name: str) -> None:
    data, image = LOSSY[name]
    assert np.abs(pixels(data) - np.asarray(image.convert("RGBA")).astype(int)).max() <= 3
    assert not read_picture_file(data, LIMIT).notes


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("interlace", [False, True])
def test_few_bits_become_all_levels(depth: int, interlace: bool) -> None:
    grey = pixels(made(depth, greyscale=True, interlace=interlace))
    assert set(np.unique(grey[..., :3])) == {round(255 * n / (2**depth - 1)) for n in range(2**depth)}
    coloured = pixels(made(depth, palette=PALETTE[: 2**depth], interlace=interlace))
    assert {tuple(it) for it in coloured[..., :3].reshape(-1, 3).tolist()} == set(PALETTE[: 2**depth])


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "WEBP", "PNG", *(["AVIF"] if features.check("avif") else [])])
@pytest.mark.parametrize("orientation", ORIENTED)
def test_every_orientation_of_every_kind_stands_upright(kind: str, orientation: int, tmp_path: Path) -> None:
    corners = np.zeros((16, 24, 3), np.uint8)
    corners[:8, :12], corners[:8, 12:], corners[8:, :12] = (250, 0, 0), (0, 250, 0), (0, 0, 250)
    exif = Image.Exif()
    exif[0x0112] = orientation
    quality = {} if kind in ("PNG", "TIFF") else {"quality": 95}
    data = saved(Image.fromarray(corners), kind, exif=exif, **quality)
    found = pixels(data)
    want = ORIENTED[orientation](corners)
    middles = [(y * want.shape[0] // 4, x * want.shape[1] // 4) for y in (1, 3) for x in (1, 3)]
    assert found.shape[:2] == want.shape[:2]
    (tmp_path / "photo").write_bytes(data)
    assert read_size(tmp_path / "photo") == (want.shape[1], want.shape[0])
    assert max(np.abs(found[y, x, :3] - want[y, x].astype(int)).max() for y, x in middles) < 60


# Profiles

PROFILES = {
    "display-p3": rgb_profile(DISPLAY_P3, 2.2),
    "adobe-rgb": rgb_profile(ADOBE_RGB, 2.2),
    "prophoto": rgb_profile(PROPHOTO, 1.8),
}


def by_littlecms(image: Image.Image, profile: bytes) -> np.ndarray:
    target = ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(ImageCms.ImageCmsProfile(io.BytesIO(profile)), target, image.mode, "RGB")
    found = ImageCms.applyTransform(image, transform)
    assert found is not None
    return np.asarray(found).astype(int)


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_colours_of_a_profile_are_those_of_littlecms(name: str, kind: str) -> None:
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    data = saved(PHOTO, kind, icc_profile=PROFILES[name], **options)
    want = by_littlecms(PHOTO, PROFILES[name])
    assert np.abs(pixels(data)[..., :3] - want).max() <= 2
    assert np.abs(want - np.asarray(PHOTO)).max() > 20
    assert read_picture_file(data, LIMIT).profile == PROFILES[name]


def test_a_grey_profile_is_applied_and_not_given_to_a_result_in_colour() -> None:
    grey, profile = PHOTO.convert("L"), grey_profile(1.0)
    found = read_picture_file(saved(grey, "TIFF", icc_profile=profile), LIMIT)
    assert np.abs(found.picture.pixels[..., :3].astype(int) - by_littlecms(grey, profile)).max() <= 2
    assert found.profile is None


def test_lab_is_shown_as_littlecms_shows_it() -> None:
    lab = ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(PHOTO, ImageCms.createProfile("sRGB"), lab, outputMode="LAB")
    assert image is not None
    assert np.abs(pixels(saved(image, "TIFF"))[..., :3] - np.asarray(PHOTO).astype(int)).mean() < 4


def test_a_png_may_have_a_large_profile_and_long_texts() -> None:
    profile = PROFILES["adobe-rgb"] + bytes(2 << 20)
    profile = len(profile).to_bytes(4, "big") + profile[4:]
    text = b"workflow\0\0" + zlib.compress(b"a" * (3 << 20))
    data = with_chunks(saved(PHOTO), (b"iCCP", b"x\0\0" + zlib.compress(profile)), (b"zTXt", text))
    assert np.abs(pixels(data)[..., :3] - by_littlecms(PHOTO, PROFILES["adobe-rgb"])).max() <= 2


@pytest.mark.parametrize("broken", [b"rubbish", PROFILES["prophoto"][:200], b"\0" * ((8 << 20) + 1)])
def test_a_profile_that_is_broken_or_of_absurd_size_is_passed_over(broken: bytes) -> None:
    found = read_picture_file(saved(PHOTO, "TIFF", icc_profile=broken), LIMIT)
    assert np.array_equal(found.picture.pixels[..., :3], np.asarray(PHOTO)) and found.profile is None


# Deep pictures


def tiff(values: np.ndarray, order: str = "<", tile: int | None = None, predictor: int = 1, extra: int = 0) -> bytes:
    """A TIFF in one strip or in tiles, made by hand; with the predictor it is packed, without it not."""
    height, width, samples = values.shape
    kind = 3 if values.dtype.kind == "f" else 1
    tags = {
        256: (width,), 257: (height,), 258: (values.dtype.itemsize * 8,) * samples, 259: (8 if predictor == 2 else 1,),
        262: (2 if samples >= 3 else 1,), 277: (samples,), 317: (predictor,), 339: (kind,) * samples,
    }  # fmt: skip
    if samples in (2, 4):
        tags[338] = (extra,)
    if tile is None:
        parts = [values]
        tags |= {278: (height,)}
    else:
        padded = np.zeros((-(-height // tile) * tile, -(-width // tile) * tile, samples), values.dtype)
        padded[:height, :width] = values
        parts = [
            padded[y : y + tile, x : x + tile]
            for y in range(0, padded.shape[0], tile)
            for x in range(0, padded.shape[1], tile)
        ]
        tags |= {322: (tile,), 323: (tile,)}
    if predictor == 2:
        parts = [np.diff(part, axis=1, prepend=np.zeros_like(part[:, :1])) for part in parts]
    blocks = [part.astype(part.dtype.newbyteorder(order)).tobytes() for part in parts]
    blocks = [zlib.compress(block) for block in blocks] if predictor == 2 else blocks
    places, sizes = (273, 279) if tile is None else (324, 325)
    tags |= {places: (0,) * len(blocks), sizes: tuple(len(block) for block in blocks)}
    lists = sum(4 * len(it) for it in tags.values() if len(it) > 1)
    start = 8 + 2 + 12 * len(tags) + 4 + lists
    tags[places] = tuple(start + sum(map(len, blocks[:n])) for n in range(len(blocks)))
    entries, after, free = b"", b"", start - lists
    for tag, numbers in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}L", *numbers)
        entries += struct.pack(f"{order}HHL", tag, 4, len(numbers))
        entries += packed if len(numbers) == 1 else struct.pack(f"{order}L", free + len(after))
        after += packed if len(numbers) > 1 else b""
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HLH", 42, 8, len(tags))
    return head + entries + bytes(4) + after + b"".join(blocks)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("tile", [None, 16])
@pytest.mark.parametrize("predictor", [1, 2])
@pytest.mark.parametrize("samples", [1, 2, 3, 4])
def test_a_16_bit_tiff_keeps_all_its_bits(order: str, tile: int | None, predictor: int, samples: int) -> None:
    values = np.random.default_rng(samples).integers(0, 65536, (21, 35, samples), dtype=np.uint16)
    found = read_picture_file(tiff(values, order, tile, predictor, extra=2), LIMIT).picture
    colours = values[..., : 3 if samples >= 3 else 1]
    assert found.format == "RGBA16" and np.array_equal(found.pixels[..., :3], np.broadcast_to(colours, (21, 35, 3)))
    assert np.array_equal(found.pixels[..., 3], values[..., -1] if samples in (2, 4) else np.full((21, 35), 65535))


@pytest.mark.parametrize("way", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "raw"])
def test_a_packed_16_bit_tiff_in_colour_keeps_all_its_bits(way: str) -> None:
    """Written as grey of three times the width, and then called colour."""
    grey = Image.fromarray(DEEP.reshape(11, 27))
    data = bytearray(saved(grey, "TIFF", compression=None if way == "raw" else way, tiffinfo={277: 1}))
    order, at = "<", int.from_bytes(data[4:8], "little")
    for entry in range(at + 2, at + 2 + 12 * int.from_bytes(data[at : at + 2], "little"), 12):
        tag, kind = struct.unpack_from(f"{order}HH", data, entry)
        value = {256: 9, 277: 3, 262: 2}.get(tag)
        if value is not None:
            data[entry + 8 : entry + 12] = struct.pack(
                "<HH" if kind == 3 else "<L", *((value, 0) if kind == 3 else (value,))
            )
    found = read_picture_file(bytes(data), LIMIT).picture
    assert found.format == "RGBA16" and np.array_equal(found.pixels[..., :3], DEEP)


@pytest.mark.parametrize("samples", [1, 3, 4])
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_float_tiff_keeps_values_above_white(samples: int, order: str) -> None:
    values = np.random.default_rng(samples).normal(0.5, 2, (6, 5, samples)).astype(np.float32)
    values[..., 3:] = 1
    found = read_picture_file(tiff(values, order, extra=2), LIMIT).picture
    want = np.broadcast_to(values[..., : 3 if samples > 1 else 1], (6, 5, 3))
    assert found.format == "RGBAF32" and np.array_equal(found.pixels[..., :3], want)


CLEAR_RGBA = np.array([[[100, 50, 25, 128], [7, 8, 9, 255], [200, 1, 0, 200], [0, 0, 0, 0]]], np.uint8)
"""Colours that are multiplied by alpha."""


@pytest.mark.parametrize("planes", [1, 2])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_colours_that_are_multiplied_by_alpha_are_divided_by_it(kind: Any, planes: int) -> None:
    """As compositors write them."""
    peak = {np.uint8: 255, np.uint16: 65535, np.float32: 1}[kind]
    values = CLEAR_RGBA if kind is np.uint8 else (CLEAR_RGBA / 255 * peak).astype(kind)
    data = tiff_of(values, 4, values.itemsize * 8, 4, 3 if kind is np.float32 else 1, {338: 1, 284: planes})
    found = read_picture_file(data, LIMIT).picture
    assert found.pixels.dtype == kind
    shown = found.pixels.astype(float) * 255 / peak
    cover = np.maximum(CLEAR_RGBA[..., 3:], 1) / 255
    assert np.abs(shown[..., :3] - CLEAR_RGBA[..., :3] / cover).max() < 1
    assert np.abs(shown[..., 3] - CLEAR_RGBA[..., 3]).max() < 0.1


@pytest.mark.parametrize("kind", [np.uint16, np.float32])
def test_a_channel_that_is_no_alpha_hides_nothing_and_costs_no_depth(kind: Any) -> None:
    values = (CLEAR_RGBA / 255 * (1 if kind is np.float32 else 65535)).astype(kind)
    data = tiff_of(values, 4, values.itemsize * 8, 4, 3 if kind is np.float32 else 1, {338: 0})
    found = read_picture_file(data, LIMIT).picture
    assert np.array_equal(found.pixels[..., :3], values[..., :3]) and (found.pixels[..., 3] == found.peak).all()


def test_grey_that_is_multiplied_by_alpha_is_divided_by_it() -> None:
    grey = CLEAR_RGBA[..., [0, 3]]
    assert pixels(tiff_of(grey, 4, 8, 2, 1, {338: 1}))[0, :, [0, 3]].T.tolist()[0] == [199, 128]


def test_lab_in_planes_is_refused_for_it_would_have_other_colours() -> None:
    lab = np.full((12, 16, 3), (128, 10, 246), np.uint8)
    assert pixels(tiff_of(lab, 16, 8, 3, 1, {262: 8}))[0, 0, 0] > 100
    with pytest.raises(ImageError, match="Lab in planes"):
        read_picture_file(tiff_of(lab, 16, 8, 3, 1, {262: 8, 284: 2}), LIMIT)


@pytest.mark.parametrize("orientation", ORIENTED)
def test_a_deep_tiff_stands_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    rgba = np.dstack([DEEP, np.full(DEEP.shape[:2], 65535, np.uint16)])
    data = encode_tiff(Picture(rgba, "RGBA16"), alpha=False, profile=None, xmp=None, dpi=None, exif=exif)
    assert np.array_equal(read_picture_file(data, LIMIT).picture.pixels, ORIENTED[orientation](rgba))


def test_grey_of_16_bits_in_other_kinds_keeps_its_levels() -> None:
    levels = np.arange(0, 65536, 700, dtype=np.uint16)[None]
    for kind in ("PPM", *(["JPEG2000"] if features.check("jpg_2000") else [])):
        found = read_picture_file(saved(Image.fromarray(levels), kind), LIMIT).picture
        assert found.format == "RGBA16" and np.array_equal(found.pixels[..., 1], levels), kind


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (tiff(np.full((4, 4, 3), np.nan, np.float32)), "NaN"),
        (saved(Image.fromarray(np.full((4, 4), 70_000, np.int32)), "TIFF"), "32 bits"),
        (tiff_of(np.full((4, 4), 65531, np.uint16), 4, 16, 1, 2, {262: 1}), "negative"),
    ],
)
def test_values_that_are_no_colours_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(ImageError, match=said):
        read_picture_file(data, LIMIT)


# Several pictures, other names, and files that are none

OTHERS = [Image.new("RGB", FLAT.size, colour) for colour in ("blue", "green")]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", *(["AVIF"] if features.check("avif") else [])])
def test_of_several_pictures_the_first_is_taken_and_that_is_said(kind: str) -> None:
    found = read_picture_file(saved(FLAT, kind, save_all=True, append_images=OTHERS), LIMIT)
    assert np.abs(found.picture.pixels[5, 5, :3].astype(int) - (200, 100, 50)).max() <= 3
    assert "the first is taken" in found.notes[0]


HEIC = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(40)


def test_a_heic_without_the_extra_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match="HEIC") as caught:
        read_picture_file(HEIC, LIMIT)
    assert "neural-style-server[heif]" in caught.value.hint
    with pytest.raises(ImageError) as caught:
        read_picture_file(b"no picture", LIMIT)
    assert "HEIC with the extra 'heif'" in caught.value.hint


def test_a_heic_with_the_extra_is_read() -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()
    with pytest.raises(ImageError) as caught:
        read_picture_file(b"no picture", LIMIT)
    assert "HEIC too" in caught.value.hint
    found = read_picture_file(saved(FLAT, "HEIF", quality=95), LIMIT)
    assert np.abs(found.picture.pixels[..., :3].astype(int) - np.asarray(FLAT)).max() <= 4
    with pytest.raises(ImageError, match="damaged"):
        read_picture_file(HEIC, LIMIT)


SAMPLES = {name: data for name, (data, _) in {**EXACT, **LOSSY}.items()} | {
    "TIFF-deep": tiff(np.dstack([DEEP]), tile=16),
    "TIFF-float": tiff(np.ones((5, 4, 3), np.float32)),
}


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=8)
@given(
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=4),
    share=st.floats(0.2, 1),
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
    assert found.pixels.shape == (found.height, found.width, 4)


@pytest.mark.parametrize("data", [b"", b"x" * 500, b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"<svg/>"])
def test_what_is_no_picture_is_refused_without_an_object_s_address(data: bytes) -> None:
    with pytest.raises(ImageError, match="no picture that can be read") as caught:
        read_picture_file(data, LIMIT)
    assert "0x" not in caught.value.detail and "HEIC" in caught.value.hint


def bomb(build: Callable[[], bytes]) -> Any:
    return pytest.param(build, id=build.__name__)


def bmp() -> bytes:
    data = bytearray(saved(FLAT, "BMP"))
    data[18:26] = struct.pack("<ii", 20_000, 20_000)
    return bytes(data)


def gif() -> bytes:
    data = bytearray(saved(FLAT, "GIF"))
    data[6:10] = struct.pack("<HH", 30_000, 30_000)
    return bytes(data)


def deep_tiff() -> bytes:
    data = tiff(DEEP)
    return data.replace(struct.pack("<HHLL", 256, 4, 1, 9), struct.pack("<HHLL", 256, 4, 1, 2_000_000))


def float_tiff() -> bytes:
    data = tiff(np.ones((5, 4, 3), np.float32))
    return data.replace(struct.pack("<HHLL", 257, 4, 1, 5), struct.pack("<HHLL", 257, 4, 1, 2_000_000))


def tga() -> bytes:
    data = bytearray(saved(FLAT, "TGA"))
    data[12:16] = struct.pack("<HH", 60_000, 60_000)
    return bytes(data)


@pytest.mark.parametrize("build", [bomb(it) for it in (bmp, gif, deep_tiff, float_tiff, tga)])
def test_a_bomb_by_its_size_is_refused_before_it_is_unpacked(build: Callable[[], bytes]) -> None:
    with pytest.raises(TooLarge):
        read_picture_file(build(), LIMIT)


@pytest.mark.parametrize("values", [DEEP, DEEP.astype(np.uint8), np.ones((5, 4, 3), np.float32)])
def test_tiles_of_absurd_size_are_refused(values: np.ndarray) -> None:
    data = tiff(values, tile=16)
    for tag in (322, 323):
        data = data.replace(struct.pack("<HHLL", tag, 4, 1, 16), struct.pack("<HHLL", tag, 4, 1, 16_384))
    with pytest.raises(ImageError, match="tiles are larger"):
        read_picture_file(data, LIMIT)


def test_exif_that_is_a_bomb_or_points_at_itself_costs_no_picture() -> None:
    looped = b"II*\0\x08\0\0\0" + struct.pack("<H", 2)
    looped += struct.pack("<HHLL", 0x8769, 4, 1, 8) + struct.pack("<HHLL", 0x010E, 2, 2**31, 4) + bytes(4)
    found = read_picture_file(with_chunks(saved(FLAT), (b"eXIf", looped)), LIMIT)
    assert np.array_equal(found.picture.pixels[..., :3], np.asarray(FLAT))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("broken", [b"Exif\0\0no EXIF at all", bytes(20), b"II*\0\xff\xff\xff\xff"])
def test_exif_that_is_broken_costs_no_picture(kind: str, broken: bytes, tmp_path: Path) -> None:
    data = saved(FLAT, kind, exif=broken)
    assert np.abs(pixels(data)[..., :3] - np.asarray(FLAT).astype(int)).max() <= 3
    (tmp_path / "photo").write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_size(tmp_path / "photo") == FLAT.size


def test_broken_exif_costs_no_picture_of_16_bits_either() -> None:
    data = with_chunks(made(16, greyscale=False), (b"eXIf", b"no EXIF at all"))
    assert read_picture_file(data, LIMIT).picture.format == "RGBA16"


@pytest.mark.parametrize("alpha", [False, True])
def test_a_16_bit_png_says_how_many_of_its_bits_are_significant_and_has_its_colours(alpha: bool) -> None:
    plain = made(16, greyscale=False, alpha=alpha)
    found = read_picture_file(with_chunks(plain, (b"sBIT", bytes([12] * (3 + alpha)))), LIMIT).picture
    assert np.array_equal(found.pixels, read_picture_file(plain, LIMIT).picture.pixels)


def test_grey_of_12_bits_has_all_levels_between_black_and_white() -> None:
    levels = np.array([[0, 1, 2048, 4095]])
    bits = np.unpackbits((levels[..., None] >> np.array([8, 0]) & 255).astype(np.uint8), axis=-1)
    packed = np.packbits(bits.reshape(1, 4, 16)[..., 4:].reshape(1, -1), -1)
    found = read_picture_file(tiff_of(packed, 4, 12, 1, 1, {}), LIMIT).picture
    assert found.format == "RGBA16" and found.pixels[0, :, 0].tolist() == [0, 16, 32776, 65535]


@pytest.mark.parametrize("tags", [{254: 1}, {50706: 0x01040000}])
def test_the_preview_of_a_raw_file_is_not_taken_for_the_photo(tags: dict[int, int], tmp_path: Path) -> None:
    grey = np.full((12, 16), 90, np.uint8)
    with pytest.raises(ImageError, match="raw file") as caught:
        read_picture_file(tiff_of(grey, 16, 8, 1, 1, tags), LIMIT)
    assert "Develop it" in caught.value.hint
    (tmp_path / "photo.nef").write_bytes(tiff_of(grey, 16, 8, 1, 1, tags))
    assert not is_photo(tmp_path / "photo.nef"), "a folder has its JPEG, too"
    assert read_picture_file(tiff_of(grey, 16, 8, 1, 1, {254: 0}), LIMIT).picture.width == 16


def test_a_photo_is_known_by_its_beginning_whatever_its_name(tmp_path: Any) -> None:
    for name, data in {"a.txt": saved(FLAT, "GIF"), "b.jpg": saved(FLAT), "c": HEIC}.items():
        (tmp_path / name).write_bytes(data)
        assert is_photo(tmp_path / name), name
    (tmp_path / "d.png").write_bytes(b"text")
    assert not is_photo(tmp_path / "d.png") and not is_photo(tmp_path)
