"""Print sizes in exact pixels."""

from __future__ import annotations

import numpy as np
import pytest

from neural_style_server.errors import InvalidRequest
from neural_style_server.paper import Paper, parse_paper
from neural_style_server.pixels import DTYPES, PEAK, Picture


@pytest.mark.parametrize(
    ("size", "dpi", "pixels"),
    [
        ("36x24in", None, (10_800, 7_200)),
        ("90x60cm", 300, (10_630, 7_087)),
        ("90 × 60 CM", 100, (3_543, 2_362)),
        ("210x297mm", 72, (595, 842)),
        ("8.5x11in", 300, (2_550, 3_300)),
    ],
)
def test_sizes_have_their_exact_pixels(size: str, dpi: float | None, pixels: tuple[int, int]) -> None:
    paper = parse_paper(size, dpi, False)
    assert paper is not None and (paper.width, paper.height, paper.dpi) == (*pixels, dpi or 300)


@pytest.mark.parametrize("size", ["36x24", "36in", "x", "-3x4in", "0x0in", "36x24inch", "1e3x2in"])
def test_what_is_no_size_is_refused_with_an_example(size: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_paper(size, None, False)


def ramp(format: str, width: int, height: int) -> Picture:
    """Across from black to white."""
    row = np.linspace(0, 1, width)[None, :, None].repeat(height, 0).repeat(4, 2)
    row[..., 3] = 1
    return Picture((row * PEAK[format]).astype(DTYPES[format]), format)


@pytest.mark.parametrize("format", DTYPES)
def test_a_photo_of_the_same_shape_is_made_exactly_as_large_in_its_depth(format: str) -> None:
    found = Paper(90, 60, 300).fit(ramp(format, 30, 20))
    assert (found.width, found.height, found.format) == (90, 60, format)
    share = found.pixels[30, :, 0] / PEAK[format]
    assert np.abs(share - np.linspace(-1 / 87, 1 + 1 / 87, 90).clip(0, 1)).max() < 0.03
    assert (found.pixels[..., 3] == PEAK[format]).all()


def test_another_shape_is_refused_and_cropped_evenly_when_asked() -> None:
    photo = ramp("RGBA8", 60, 20)
    with pytest.raises(InvalidRequest, match="another shape") as caught:
        Paper(60, 40, 300).fit(photo)
    assert "50.0 %" in caught.value.hint
    found = Paper(60, 40, 300, crop=True).fit(photo)
    assert (found.width, found.height) == (60, 40)
    values = found.pixels[20, :, 0].astype(int)
    assert values[0] == pytest.approx(64, abs=4) and values[-1] == pytest.approx(191, abs=4)


def test_a_pixel_of_rounding_is_no_other_shape() -> None:
    assert Paper(1_063, 709, 30).fit(ramp("RGBA8", 30, 20)).width == 1_063
