"""A picture of which something is missing is refused, whatever its decoder would fill in."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin
from tests import png_reference
from tests.picture_files import FILES, PHOTO, TYPES, chunks, joined, made, saved

from neural_style_server.errors import ImageError, TooLarge
from neural_style_server.pictures.reading import decode
from neural_style_server.pixels import Picture

LIMIT = 10**8
MUTATIONS = 20_000 if "NEURAL_STYLE_NIGHTLY" in os.environ else 150
"""Of each file."""

END = b"\xff\xd9"
PNGS = [name for name in FILES if name.startswith("png")]
JPEGS = [name for name in FILES if name.startswith("jpeg")]


def read(kind: str, data: bytes) -> Picture:
    return decode(data, TYPES[kind], LIMIT)


def same(one: Picture, other: Picture) -> bool:
    return one.format == other.format and np.array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("name", FILES)
def test_a_whole_picture_is_read(name: str) -> None:
    kind, data = FILES[name]
    with Image.open(io.BytesIO(data)) as image:
        assert (read(kind, data).width, read(kind, data).height) == image.size


@pytest.mark.parametrize("name", FILES)
def test_of_a_picture_that_is_cut_anywhere_all_pixels_are_there_or_it_is_refused(name: str) -> None:
    kind, data = FILES[name]
    whole, refused = read(kind, data), 0
    lengths = range(0, len(data), max(1, len(data) // 150))
    for length in lengths:
        try:
            assert same(read(kind, data[:length]), whole), length
        except ImageError:
            refused += 1
    assert refused > len(lengths) * 0.8


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_that_is_cut_and_ends_properly_is_refused_too(name: str) -> None:
    kind, data = FILES[name]
    whole = read(kind, data)
    for length in range(len(data) // 3, len(data) - 2, max(1, len(data) // 150)):
        with contextlib.suppress(ImageError):
            assert same(read(kind, data[:length] + END), whole), length
    with pytest.raises(ImageError, match="missing"):
        read(kind, data[: len(data) * 2 // 3] + END)


@pytest.mark.parametrize("name", PNGS)
@pytest.mark.parametrize("rows", [0, 1, 12])
def test_a_png_whose_data_end_after_some_rows_is_refused(name: str, rows: int) -> None:
    parts = chunks(FILES[name][1])
    pixels = zlib.decompress(b"".join(body for chunk, body in parts if chunk == b"IDAT"))
    head = parts[: [chunk for chunk, _ in parts].index(b"IDAT")]
    cut = zlib.compress(pixels[: len(pixels) * rows // 13])
    with pytest.raises(ImageError, match="missing"):
        read("PNG", joined([*head, (b"IDAT", cut), (b"IEND", b"")]))


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_palette_png_needs_its_palette(depth: int) -> None:
    parts = chunks(made(depth, palette=[(1, 2, 3), (4, 5, 6)]))
    with pytest.raises(ImageError, match="colours are missing"):
        read("PNG", joined([part for part in parts if part[0] != b"PLTE"]))
    with pytest.raises(ImageError, match="colours are missing"):
        read("PNG", joined([(name, body[:3] if name == b"PLTE" else body) for name, body in parts]))


@pytest.mark.parametrize("depth", [1, 8, 16])
def test_a_huge_header_over_little_data_is_refused_before_anything_is_unpacked(
    depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was unpacked"))
    header = struct.pack(">IIBBBBB", 10_000, 10_000, depth, 0, 0, 0, 0)
    with pytest.raises(ImageError, match="missing"):
        read("PNG", joined([(b"IHDR", header), (b"IDAT", zlib.compress(bytes(30))), (b"IEND", b"")]))


def test_a_png_with_two_headers_or_other_than_its_sums_say_is_refused() -> None:
    parts = chunks(saved(PHOTO))
    small = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    with pytest.raises(ImageError, match="two headers"):
        read("PNG", joined([parts[0], (b"IHDR", small), *parts[1:]]))
    data = bytearray(saved(PHOTO))
    data[-17] ^= 1  # in the sum of the pixels
    with pytest.raises(ImageError, match="sum"):
        read("PNG", bytes(data))


def test_a_jpeg_without_one_of_its_scans_is_refused() -> None:
    """A decoder shows it blurred or without colours."""
    data = saved(PHOTO, "JPEG", progressive=True)
    scans = [place for place in range(len(data)) if data[place : place + 2] == b"\xff\xda"]
    assert len(scans) > 5
    for first, second in zip(scans, [*scans[1:], len(data) - 2], strict=True):
        with pytest.raises(ImageError):
            read("JPEG", data[:first] + data[second:])


def test_a_tiff_that_lists_too_few_strips_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TiffImagePlugin, "STRIP_SIZE", 67 * 3 * 5)
    data = saved(PHOTO, "TIFF", compression="tiff_lzw")
    read("TIFF", data)
    for tag in (273, 279):  # where the strips are, and how long
        kinds = (struct.pack("<HH", tag, kind) for kind in (3, 4))
        entry = next(data.index(head) for head in kinds if head in data)
        assert int.from_bytes(data[entry + 4 : entry + 8], "little") == 9
        with pytest.raises(ImageError, match="missing"):
            read("TIFF", data[: entry + 4] + struct.pack("<I", 8) + data[entry + 8 :])


@pytest.mark.parametrize("name", FILES)
def test_mutated_files_are_refused_or_read_as_a_second_decoder_reads_them(name: str) -> None:
    """PNG by one that shares nothing with Pillow; the others by Pillow alone, which must not refuse what we take."""
    kind, data = FILES[name]
    dice = np.random.default_rng(len(name) if MUTATIONS < 1000 else None)
    for _ in range(MUTATIONS):
        changed = _mutated(data, kind, dice)
        try:
            found = read(kind, changed)
        except (ImageError, TooLarge):
            continue
        if kind == "PNG":
            assert _as_reference_reads(changed, found), changed.hex()
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                image = Image.open(io.BytesIO(changed))
                image.load()
                assert (found.width, found.height) in (image.size, image.size[::-1])
        assert np.isfinite(found.pixels).all()


def _mutated(data: bytes, kind: str, dice: np.random.Generator) -> bytes:
    """Some bytes changed, lost or doubled; in half of all PNGs with sums that fit again, so that more is looked at."""
    changed = bytearray(data)
    for _ in range(int(dice.integers(1, 5))):
        place = int(dice.integers(0, len(changed)))
        match int(dice.integers(0, 6)):
            case 0:
                del changed[place : place + int(dice.integers(1, 30))]
            case 1:
                changed[place:place] = changed[place : place + int(dice.integers(1, 30))]
            case 2:
                changed[place : place + 20] = bytes(len(changed[place : place + 20]))
            case _:
                changed[place] = int(dice.integers(0, 256))
        if len(changed) < 2:
            return bytes(changed)
    if kind == "PNG" and dice.integers(0, 2):
        return joined(chunks(bytes(changed)))
    return bytes(changed)


def _as_reference_reads(data: bytes, found: Picture) -> bool:
    """Whether a second decoder finds the same pixels; where a profile or an orientation changes them, only the size."""
    pixels = png_reference.rgba(data)
    if found.format == "RGBA8" and pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    if any(name in (b"iCCP", b"eXIf", b"gAMA") for name, _ in chunks(data)):
        return pixels.size == found.pixels.size
    return bool(np.array_equal(pixels, found.pixels))
