"""Pixels in: every format, and everything that is not a picture."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.api.conftest import Desk, problem

BYTES = {"RGBA8": 4, "RGBA16": 8, "RGBAF32": 16}


def png(width: int = 6, height: int = 5) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that unpacks to very many."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("format", "size"), BYTES.items())
def test_raw_pixels_are_stored_as_they_came(desk: Desk, format: str, size: int) -> None:
    data = np.random.default_rng(1).integers(0, 60, 6 * 5 * size, dtype="u1").tobytes()
    answer = desk.upload(data, 6, 5, format)
    assert answer.status_code == 201
    stored = answer.get_json()
    assert (stored["width"], stored["height"], stored["format"]) == (6, 5, format)
    assert desk.shop.images.get(stored["id"]).pixels.tobytes() == data


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "tiff"])
def test_picture_files_are_read(desk: Desk, kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (6, 5), "teal").save(out, kind)
    answer = desk.post("/v1/images", data=out.getvalue(), content_type=f"image/{kind}")
    assert answer.get_json()["format"] == "RGBA8"


@pytest.mark.parametrize(
    ("width", "height", "size", "code"),
    [
        (6, 5, 119, "invalid_image"),
        (6, 5, 121, "invalid_image"),
        (6, 5, 0, "invalid_image"),
        (0, 0, 0, "invalid_image"),
        (0, 5, 0, "invalid_image"),
        (-6, 5, 120, "invalid_request"),
        (20_000, 20_000, 100, "too_large"),
        (40_000, 1, 160_000, "too_large"),
        (10**12, 1, 4, "invalid_request"),
    ],
)
def test_a_wrong_size_is_refused(desk: Desk, width: int, height: int, size: int, code: str) -> None:
    before = list((desk.shop.home / "images").iterdir())
    problem(desk.upload(bytes(size), width, height), 413 if code == "too_large" else 400, code)
    assert list((desk.shop.home / "images").iterdir()) == before
    assert desk.upload(bytes(120), 6, 5).status_code == 201


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"width": 6},
        {"width": "six", "height": 5},
        {"width": 6.0, "height": 5},
        {"width": 6, "height": 5, "format": "BGRA8"},
        {"width": 6, "height": 5, "formt": "RGBA8"},
        {"width": "٦", "height": 5},
    ],
)
def test_a_wrong_query_is_refused(desk: Desk, query: dict[str, Any]) -> None:
    answer = desk.post("/v1/images", data=bytes(120), content_type="application/octet-stream", query_string=query)
    assert answer.status_code == 400
    problem(answer, 400, answer.get_json(force=True)["code"])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_floats_must_be_finite(desk: Desk, value: float) -> None:
    pixels = np.full((5, 6, 4), value, "<f4")
    assert "NaN" in problem(desk.upload(pixels.tobytes(), 6, 5, "RGBAF32"), 400, "invalid_image")["detail"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: png()[:-30],
        lambda: png()[:20],
        lambda: b"",
        lambda: b"GIF89a" + bytes(40),
        lambda: b"\x00" * 1000,
        lambda: bomb(60, 50),
    ],
)
def test_a_damaged_picture_is_refused(desk: Desk, make: Callable[[], bytes]) -> None:
    answer = desk.post("/v1/images", data=make(), content_type="image/png")
    problem(answer, 400, "invalid_image")
    assert desk.post("/v1/images", data=png(), content_type="image/png").status_code == 201


def test_a_decompression_bomb_is_refused_before_it_is_unpacked(desk: Desk) -> None:
    answer = desk.post("/v1/images", data=bomb(30_000, 30_000), content_type="image/png")
    problem(answer, 413, "too_large")


@pytest.mark.parametrize("kind", ["image/gif", "image/svg+xml", "application/json", "application/zip", ""])
def test_other_content_types_are_refused(desk: Desk, kind: str) -> None:
    problem(desk.post("/v1/images", data=png(), content_type=kind), 415, "unsupported_media_type")


def test_the_number_of_images_is_limited(open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    desk = open_desk()
    monkeypatch.setattr(desk.shop.images, "_max_images", 2)
    assert desk.upload(bytes(120), 6, 5).status_code == 201
    problem(desk.upload(bytes(160), 8, 5), 429, "too_many")


def part(desk: Desk, base: str, x: Any, y: Any, width: int = 2, height: int = 2, format: str = "RGBA8") -> Any:
    query = {"width": width, "height": height, "format": format, "base": base, "x": x, "y": y}
    data = bytes([9]) * (width * height * BYTES[format])
    return desk.post("/v1/images", data=data, content_type="application/octet-stream", query_string=query)


def test_a_part_that_has_changed_is_enough(desk: Desk) -> None:
    base = desk.upload(bytes(6 * 5 * 4), 6, 5).get_json()["id"]
    answer = part(desk, base, 3, 1)
    assert answer.status_code == 201
    wanted = np.zeros((5, 6, 4), "u1")
    wanted[1:3, 3:5] = 9
    assert (answer.json["width"], answer.json["height"]) == (6, 5)
    assert np.array_equal(desk.shop.images.get(answer.json["id"]).pixels, wanted)
    assert not desk.shop.images.get(base).pixels.any()
    assert desk.upload(wanted.tobytes(), 6, 5).get_json()["id"] == answer.json["id"]


@pytest.mark.parametrize(
    ("x", "y", "more"), [(5, 0, {}), (0, 4, {}), (0, 0, {"format": "RGBA16"}), (-1, 0, {}), ("a", 0, {})]
)
def test_a_part_that_does_not_fit_is_refused(desk: Desk, x: Any, y: Any, more: dict[str, Any]) -> None:
    base = desk.upload(bytes(6 * 5 * 4), 6, 5).get_json()["id"]
    assert part(desk, base, x, y, **more).status_code == 400


def test_a_part_of_a_picture_that_is_not_there_is_404(desk: Desk) -> None:
    assert part(desk, "0" * 64, 0, 0).status_code == 404


def test_a_place_without_a_base_is_refused(desk: Desk) -> None:
    query = {"width": 1, "height": 1, "x": 0, "y": 0}
    answer = desk.post("/v1/images", data=bytes(4), content_type="application/octet-stream", query_string=query)
    assert answer.status_code == 400
