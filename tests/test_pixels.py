"""Pictures as arrays: the raw formats, how they count as colour, alpha and mask, and other sizes of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from tests.random_pictures import FORMATS, pictures

from neural_style_server.errors import ImageError, TooLarge
from neural_style_server.pixels import DTYPES, LARGEST_SIDE, PEAK, Picture, check_size, from_raw, reduced

LIMIT = 10_000


def noise(*shape: int, peak: int = 255) -> np.ndarray:
    return np.random.default_rng(1).integers(0, peak, shape, endpoint=True).astype(np.uint8 if peak == 255 else "<u2")


@given(pictures())
def test_raw_pixels_come_back_to_the_bit(picture: Picture) -> None:
    again = from_raw(picture.pixels.tobytes(), picture.width, picture.height, picture.format)
    assert again.pixels.tobytes() == picture.pixels.tobytes()
    assert (again.width, again.height, again.format) == (picture.width, picture.height, picture.format)


@given(pictures())
def test_colour_alpha_and_grey_are_finite_and_in_range(picture: Picture) -> None:
    assert picture.rgb().dtype == np.float32 and np.isfinite(picture.rgb()).all()
    for share in (picture.alpha(), picture.grey()):
        assert share.shape == (picture.height, picture.width)
        assert float(share.min()) >= 0 and float(share.max()) <= 1


@pytest.mark.parametrize("format", FORMATS)
def test_grey_is_the_mean_of_the_channels_times_alpha(format: str) -> None:
    pixels = (np.array([[[0.2, 0.4, 0.9, 0.5]]]) * PEAK[format]).astype(DTYPES[format])
    assert Picture(pixels, format).grey()[0, 0] == pytest.approx(0.25, abs=0.004)


@pytest.mark.parametrize(("width", "height"), [(0, 4), (4, 0), (-1, 4), (4, -4)])
def test_no_pixels_are_refused(width: int, height: int) -> None:
    with pytest.raises(ImageError, match="no pixels"):
        from_raw(b"", width, height, "RGBA8")


@pytest.mark.parametrize("count", [0, 1, 63, 65, 128])
def test_a_wrong_number_of_bytes_names_both_numbers(count: int) -> None:
    with pytest.raises(ImageError, match=f"64 bytes, but {count} came"):
        from_raw(bytes(count), 4, 4, "RGBA8")


@pytest.mark.parametrize("format", ["RGB8", "rgba8", "", "RGBA8 "])
def test_an_unknown_format_names_the_known(format: str) -> None:
    with pytest.raises(ImageError, match="not known") as caught:
        from_raw(bytes(4), 1, 1, format)
    assert "RGBA16" in caught.value.hint


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_floats_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(ImageError, match="NaN"):
        from_raw(np.array([0, 0, value, 1], "<f4").tobytes(), 1, 1, "RGBAF32")


@pytest.mark.parametrize("size", [(200, 200), (LARGEST_SIDE + 1, 1), (20_000, 20_000)])
def test_too_many_pixels_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(TooLarge):
        check_size(*size, LIMIT)


@pytest.mark.parametrize("format", FORMATS)
def test_a_reduced_picture_fits_and_keeps_shape_format_and_mean(format: str) -> None:
    pixels = (np.random.default_rng(2).random((60, 90, 4)) * PEAK[format]).astype(DTYPES[format])
    pixels[..., 3] = PEAK[format]
    small = reduced(Picture(pixels, format), 30)
    assert (small.width, small.height, small.format) == (30, 20, format)
    assert small.pixels.mean() == pytest.approx(pixels.mean(), rel=0.01)


@pytest.mark.parametrize("format", FORMATS)
def test_alpha_weighs_the_colours_of_a_reduced_picture(format: str) -> None:
    """Half opaque red and half transparent green: red at half opacity, without a green seam."""
    pixels = np.zeros((4, 4, 4), DTYPES[format])
    pixels[:, ::2] = np.array([1, 0, 0, 1]) * PEAK[format]
    pixels[:, 1::2] = np.array([0, 1, 0, 0]) * PEAK[format]
    found = reduced(Picture(pixels, format), 2).pixels[0, 0] / PEAK[format]
    assert found == pytest.approx([1, 0, 0, 0.5], abs=0.01)


def test_a_small_picture_is_not_reduced() -> None:
    picture = Picture(noise(3, 5, 4), "RGBA8")
    assert reduced(picture, 5) is picture
    assert reduced(Picture(noise(1, 900, 4), "RGBA8"), 30).pixels.shape == (1, 30, 4)
