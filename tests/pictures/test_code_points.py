"""Files that state their colours by numbers, as HDR pictures and screenshots do."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.picture_files import PHOTO, saved
from tests.pictures.profiles import DISPLAY_P3, rgb_profile
from tests.pictures.test_decode import with_chunks
from tests.pictures.test_matrix_profiles import SRGB_CURVE as SRGB_TAG
from tests.pictures.test_stated_colours import by_littlecms, deep, pixels

from neural_style_server.pictures.code_points import HDR, NOT_READ
from neural_style_server.pictures.colour_spaces import SRGB
from neural_style_server.pictures.hdr import HLG, PQ, to_sdr
from neural_style_server.pictures.reading import read_picture_file
from neural_style_server.pictures.stated_colours import made_profile

LIMIT = 10**6
SRGB_CURVE, LIGHT, REC_709, BT2020, P3 = 13, 8, 1, 9, 12


def cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, transfer, matrix, full])


def avif(primaries: int, transfer: int, **options: Any) -> bytes:
    """Pillow writes no other numbers, so these are put in the place of its own."""
    data = saved(PHOTO, "AVIF", quality=100, subsampling="4:4:4", **options)
    stated = b"colrnclx\0\1\0\r"
    assert data.count(stated) == 1
    return data.replace(stated, b"colrnclx" + bytes([0, primaries, 0, transfer]))


@pytest.mark.parametrize("write", [saved, deep])
def test_a_png_is_shown_by_its_numbers_before_its_profile(write: Any) -> None:
    want = by_littlecms(PHOTO, rgb_profile(DISPLAY_P3, SRGB_TAG))
    assert np.abs(want - np.asarray(PHOTO)).max() > 20
    other = (b"gAMA", (100_000).to_bytes(4, "big"))
    assert np.abs(pixels(with_chunks(write(PHOTO), cicp(P3, SRGB_CURVE), other)) - want).max() <= 2
    profile = rgb_profile(DISPLAY_P3, 1.0)
    wrong = with_chunks(saved(PHOTO, icc_profile=profile), cicp(REC_709, SRGB_CURVE))
    assert (pixels(wrong) == np.asarray(PHOTO)).all() and read_picture_file(wrong, LIMIT).profile is None


def test_light_itself_is_shown_as_such() -> None:
    linear = made_profile(((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290)), 1.0)
    assert linear is not None
    want = by_littlecms(PHOTO, linear)
    assert np.abs(pixels(with_chunks(saved(PHOTO), cicp(REC_709, LIGHT))) - want).max() <= 2
    grey = pixels(with_chunks(saved(PHOTO.convert("L")), cicp(REC_709, LIGHT)))
    assert np.abs(grey - np.asarray(PHOTO.convert("L"))[..., None]).max() > 20


@pytest.mark.parametrize("transfer", [PQ, HLG])
@pytest.mark.parametrize("write", [saved, deep])
def test_hdr_becomes_ordinary_and_is_told(write: Any, transfer: int) -> None:
    found = read_picture_file(with_chunks(write(PHOTO), cicp(BT2020, transfer)), LIMIT)
    want = to_sdr(np.asarray(PHOTO).astype(np.uint16) * 257, transfer)
    assert (found.picture.pixels[..., :3] == want).all() and found.picture.format == "RGBA8"
    assert found.notes == (HDR,)
    assert np.abs(want.astype(int) - np.asarray(PHOTO)).max() > 20


def test_paper_white_stays_bright_and_what_is_clear_stays_clear() -> None:
    values = np.zeros((4, 4, 4), np.uint16)
    values[..., :3] = round(0.5807 * 65535)  # 203 cd/m² in PQ
    values[:2, :, 3] = 65535
    found = read_picture_file(with_chunks(_rgba16(values), cicp(BT2020, PQ)), LIMIT).picture
    assert (found.pixels[:2, :, 3] == 255).all() and not found.pixels[2:, :, 3].any()
    assert 180 < found.pixels[0, 0, 0] < 200, "a little below white, for what is brighter"


def _rgba16(values: np.ndarray) -> bytes:
    import png

    file = io.BytesIO()
    png.Writer(*values.shape[1::-1], greyscale=False, alpha=True, bitdepth=16).write(file, values.reshape(4, -1))
    return file.getvalue()


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_an_avif_and_a_heic_are_shown_by_their_numbers(kind: str) -> None:
    if kind == "HEIF":
        heif = pytest.importorskip("pillow_heif")
        heif.register_heif_opener()
        data = saved(PHOTO, "HEIF", quality=100)
        stated = b"colrnclx\0\1\0\r"
        assert data.count(stated) == 1
        wide, hdr = (data.replace(stated, b"colrnclx\0" + bytes([a, 0, b])) for a, b in ((P3, 13), (BT2020, PQ)))
    else:
        data, wide, hdr = avif(REC_709, SRGB_CURVE), avif(P3, SRGB_CURVE), avif(BT2020, PQ)
    plain = pixels(data)
    want = by_littlecms(Image.fromarray(plain.astype("u1")), rgb_profile(DISPLAY_P3, 2.2))
    assert np.abs(pixels(wide) - want).mean() < 2 < np.abs(plain - want).mean()
    found = read_picture_file(hdr, LIMIT)
    want = to_sdr(plain.astype(np.uint16) * 257, PQ)
    assert np.abs(found.picture.pixels[..., :3].astype(int) - want).mean() < 3 and found.notes == (HDR,)


def test_an_avif_s_profile_counts_more_than_its_numbers() -> None:
    data = saved(PHOTO, "AVIF", quality=100, subsampling="4:4:4", icc_profile=rgb_profile(DISPLAY_P3, 2.2))
    found = read_picture_file(data.replace(b"colrnclx\0\1\0\r", b"colrnclx\0\x09\0\x10"), LIMIT)
    assert found.notes == () and found.profile is not None


@pytest.mark.parametrize(("points", "told"), [
    (cicp(2, 2), False),
    (cicp(REC_709, 6), False),
    (cicp(10, SRGB_CURVE), True),
    (cicp(REC_709, 17), True),
    (cicp(BT2020, PQ, full=0), True),
    (cicp(BT2020, PQ, matrix=9), False),
    ((b"cICP", b"\x09\x10"), False),
])  # fmt: skip
def test_numbers_that_are_not_known_change_nothing_and_are_told(points: tuple[bytes, bytes], told: bool) -> None:
    found = read_picture_file(with_chunks(saved(PHOTO), points), LIMIT)
    assert (found.picture.pixels[..., :3] == np.asarray(PHOTO)).all()
    assert found.notes == ((NOT_READ.format(points[1][0], points[1][1]),) if told else ())


def test_values_that_are_no_colours_are_not_converted() -> None:
    """A mask's, for example."""
    found = read_picture_file(with_chunks(saved(PHOTO), cicp(BT2020, PQ)), LIMIT, space=SRGB)
    assert (found.picture.pixels[..., :3] == np.asarray(PHOTO)).all() and found.notes == ()


@pytest.mark.parametrize("keep", [40, 60, 120, 200])
def test_a_damaged_avif_is_no_picture(keep: int) -> None:
    from neural_style_server.errors import ImageError

    with pytest.raises(ImageError):
        read_picture_file(avif(BT2020, PQ)[:keep], LIMIT)
