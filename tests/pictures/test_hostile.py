"""Files that are damaged, cut off or made to fill the memory: refused with a plain message, quickly."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from neural_style_server.errors import ImageError, TooLarge
from neural_style_server.pictures.png import encode_png
from neural_style_server.pictures.reading import decode
from neural_style_server.pixels import Picture

LIMIT = 10_000


def noise(*shape: int, peak: int = 255) -> np.ndarray:
    return np.random.default_rng(1).integers(0, peak, shape, endpoint=True).astype(np.uint8 if peak == 255 else "<u2")


def saved(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def header(width: int, height: int, depth: int, colour: int = 6) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


@pytest.mark.parametrize("depth", [8, 16])
def test_a_bomb_by_its_size_is_refused_before_it_is_unpacked(depth: int) -> None:
    for side in (3_000, 20_000, 2_000_000):
        with pytest.raises(TooLarge):
            decode(header(side, side, depth) + b"\0\0\0\1IDAT", "image/png", LIMIT)


def test_a_limit_above_pillow_s_own_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    data = saved(Image.new("RGB", (30, 30)))
    assert decode(data, "image/png", 1000).width == 30
    with pytest.raises(TooLarge):
        decode(data, "image/png", 800)


@pytest.mark.parametrize("depth", [8, 16])
def test_a_bomb_of_more_pixels_than_its_header_says_is_not_unpacked(depth: int) -> None:
    data = zlib.compress(bytes(200_000_000), 1)
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    chunk = struct.pack(">I", len(data)) + b"IDAT" + data + struct.pack(">I", zlib.crc32(b"IDAT" + data))
    with pytest.raises(ImageError, match="more data"):
        decode(header(4, 4, depth) + chunk + end, "image/png", LIMIT)


FILES = {
    "png": ("image/png", saved(Image.fromarray(noise(20, 20, 3)))),
    "png16": ("image/png", encode_png(Picture(noise(20, 20, 4, peak=65535), "RGBA16"))),
    "jpeg": ("image/jpeg", saved(Image.fromarray(noise(20, 20, 3)), "JPEG")),
    "webp": ("image/webp", saved(Image.fromarray(noise(20, 20, 3)), "WEBP")),
    "tiff": ("image/tiff", saved(Image.fromarray(noise(20, 20, 3)), "TIFF")),
}


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_refused(name: str) -> None:
    type_, data = FILES[name]
    for length in (0, 1, 10, 30, len(data) // 2):
        with pytest.raises(ImageError):
            decode(data[:length], type_, LIMIT)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60)
@given(changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(name: str, changes: list[tuple[int, int]]) -> None:
    type_, data = FILES[name]
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(data)] = value
    try:
        found = decode(bytes(damaged), type_, LIMIT)
    except (ImageError, TooLarge):
        return
    assert found.pixels.shape == (found.height, found.width, 4)
