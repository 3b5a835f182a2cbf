"""Uploaded picture files: every kind there and back, and files that are out of the ordinary."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import png
import pytest
from hypothesis import given
from PIL import Image, ImageCms
from tests.random_pictures import pictures

from neural_style_server.errors import ImageError, UnsupportedMedia
from neural_style_server.pictures.png import encode_png
from neural_style_server.pictures.reading import decode
from neural_style_server.pixels import DTYPES, PEAK, Picture

LIMIT = 10_000
KINDS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/tiff": "TIFF"}


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(*shape: int, peak: int = 255) -> np.ndarray:
    return np.random.default_rng(1).integers(0, peak, shape, endpoint=True).astype(np.uint8 if peak == 255 else "<u2")


@given(pictures("RGBA8", "RGBA16"))
def test_png_comes_back_to_the_bit_with_its_depth(picture: Picture) -> None:
    again = decode(encode_png(picture), "image/png", LIMIT)
    assert again.format == picture.format
    assert again.pixels.tobytes() == picture.pixels.astype(DTYPES[picture.format]).tobytes()


@given(pictures("RGBAF32"))
def test_floats_become_16_bit_png_clipped(picture: Picture) -> None:
    again = decode(encode_png(picture), "image/png", LIMIT)
    assert again.format == "RGBA16"
    assert np.abs(again.pixels / 65535 - np.clip(picture.pixels, 0, 1)).max() <= 0.51 / 65535


@pytest.mark.parametrize(("type_", "kind"), KINDS.items())
def test_each_kind_of_file_is_read(type_: str, kind: str) -> None:
    pixels = np.full((6, 8, 3), (200, 100, 50), np.uint8)
    options = {"lossless": True} if kind == "WEBP" else {}
    found = decode(saved(Image.fromarray(pixels), kind, **options), f"{type_}; charset=binary", LIMIT)
    assert found.pixels.shape == (6, 8, 4) and found.format == "RGBA8"
    assert np.abs(found.pixels[..., :3].astype(int) - pixels).max() <= 4 and (found.pixels[..., 3] == 255).all()


@pytest.mark.parametrize("type_", ["", "text/plain", "image/gif", "application/json", "image/svg+xml"])
def test_other_content_types_are_not_understood(type_: str) -> None:
    with pytest.raises(UnsupportedMedia):
        decode(b"GIF89a", type_, LIMIT)


def test_a_file_of_another_kind_than_said_is_refused() -> None:
    with pytest.raises(ImageError):
        decode(saved(Image.new("RGB", (4, 4)), "JPEG"), "image/png", LIMIT)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_becomes_rgba(mode: str) -> None:
    image = (
        Image.fromarray(noise(5, 7, peak=65535)) if mode == "I;16" else Image.new("RGBA", (7, 5), "red").convert(mode)
    )
    found = decode(saved(image), "image/png", LIMIT)
    assert found.pixels.shape == (5, 7, 4) and found.format == ("RGBA16" if mode == "I;16" else "RGBA8")


def test_a_16_bit_grey_png_keeps_all_its_levels() -> None:
    grey = np.arange(0, 65536, 50, dtype="<u2")[None]
    found = decode(saved(Image.fromarray(grey)), "image/png", LIMIT)
    assert np.array_equal(found.pixels[..., 0], grey) and (found.pixels[..., 3] == 65535).all()


ORIENTED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", ORIENTED)
def test_orientation_is_applied(orientation: int) -> None:
    pixels, exif = noise(4, 6, 3), Image.Exif()
    exif[0x0112] = orientation
    found = decode(saved(Image.fromarray(pixels), exif=exif), "image/png", LIMIT)
    assert np.array_equal(found.pixels[..., :3], ORIENTED[orientation](pixels))


def with_chunks(data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with more chunks right after its header."""
    extra = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return data[:33] + extra + data[33:]


@pytest.mark.parametrize("orientation", ORIENTED)
def test_orientation_is_applied_to_16_bits_too(orientation: int) -> None:
    pixels, exif = noise(4, 6, 4, peak=65535), Image.Exif()
    exif[0x0112] = orientation
    data = with_chunks(encode_png(Picture(pixels, "RGBA16")), (b"eXIf", exif.tobytes()[6:]))
    found = decode(data, "image/png", LIMIT)
    assert found.format == "RGBA16" and np.array_equal(found.pixels, ORIENTED[orientation](pixels))


def profile(name: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


def swapped_profile() -> bytes:
    """A display profile whose red and blue are exchanged, so that what is converted can be seen."""
    data = bytearray(profile("sRGB"))
    for at in range(132, 132 + 12 * struct.unpack(">I", data[128:132])[0], 12):
        name = bytes(data[at : at + 4])
        data[at : at + 4] = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(name, name)
    return bytes(data)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_an_embedded_profile_is_converted_to_srgb(mode: str) -> None:
    image = Image.new("RGBA", (4, 4), (250, 20, 10, 255)).convert(mode)
    found = decode(saved(image, icc_profile=swapped_profile()), "image/png", LIMIT).pixels[0, 0].tolist()
    assert found[2] > 200 > 60 > found[0] and found[3] == 255


def test_an_embedded_profile_is_converted_for_16_bits_too() -> None:
    pixels = np.full((3, 3, 4), (64000, 5000, 2500, 30000), "<u2")
    data = encode_png(Picture(pixels, "RGBA16"))
    body = b"own\0\0" + zlib.compress(swapped_profile())
    found = decode(with_chunks(data, (b"iCCP", body)), "image/png", LIMIT)
    r, _, b, a = found.pixels[0, 0] / PEAK[found.format]
    assert b > 0.8 > 0.2 > r and a == pytest.approx(30000 / 65535, abs=0.01)


def test_16_bits_with_the_srgb_profile_keep_their_depth() -> None:
    pixels = noise(4, 5, 4, peak=65535)
    body = b"sRGB\0\0" + zlib.compress(profile("sRGB"))
    found = decode(with_chunks(encode_png(Picture(pixels, "RGBA16")), (b"iCCP", body)), "image/png", LIMIT)
    assert found.format == "RGBA16" and np.array_equal(found.pixels, pixels)


def test_a_profile_leaves_transparency_alone() -> None:
    pixels = noise(4, 4, 4)
    found = decode(saved(Image.fromarray(pixels), icc_profile=profile("sRGB")), "image/png", LIMIT)
    assert np.array_equal(found.pixels[..., 3], pixels[..., 3])
    see_through = Image.new("RGB", (4, 4), (10, 20, 30))
    data = saved(see_through, transparency=(10, 20, 30), icc_profile=profile("sRGB"))
    assert (decode(data, "image/png", LIMIT).pixels[..., 3] == 0).all()


@pytest.mark.parametrize("broken", [b"rubbish", b"\0" * 200, profile("LAB")])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_a_profile_that_is_of_no_use_does_not_cost_the_picture(broken: bytes, mode: str) -> None:
    image = Image.new("RGB", (4, 4), (90, 90, 90)).convert(mode)
    found = decode(saved(image, icc_profile=broken), "image/png", LIMIT)
    assert found.pixels[0, 0].tolist() == [90, 90, 90, 255]


def test_an_interlaced_16_bit_png_is_read() -> None:
    pixels, file = noise(9, 11, 4, peak=65535), io.BytesIO()
    png.Writer(11, 9, greyscale=False, alpha=True, bitdepth=16, interlace=True).write(file, pixels.reshape(9, -1))
    assert np.array_equal(decode(file.getvalue(), "image/png", LIMIT).pixels, pixels)
