from __future__ import annotations

import numpy as np
import pytest

from neural_style.document import pixels
from neural_style.document.pixels import Piece


@pytest.mark.parametrize("format", ["RGBA8", "RGBA16"])
def test_red_and_blue_change_places_and_back(format: str) -> None:
    kind = "u1" if format == "RGBA8" else "u2"
    picture = np.arange(24, dtype=kind).reshape(-1, 4) * 11
    swapped = pixels.swapped(picture.tobytes(), format)
    assert (np.frombuffer(swapped, kind).reshape(-1, 4) == picture[:, [2, 1, 0, 3]]).all()
    assert pixels.swapped(bytes(swapped), format) == picture.tobytes()


def test_bands_cover_every_row_once() -> None:
    for width, height, piece in ((7, 10, 14), (100, 3, 10), (5, 5, 1 << 18)):
        bands = list(pixels.bands(width, height, piece))
        assert [row for band in bands for row in range(band.top, band.top + band.rows)] == list(range(height))
        assert all(band.rows == 1 or band.rows * width <= piece for band in bands)


def test_a_picture_goes_to_pieces_and_together_again() -> None:
    data = np.random.default_rng(1).integers(0, 256, 9 * 13 * 4, dtype="u1").tobytes()
    pieces = list(pixels.to_krita(data, 9, 13, "RGBA8", piece_pixels=20))
    assert len(pieces) == 7
    assert pixels.to_daemon(pieces, "RGBA8") == data


@pytest.mark.parametrize("format", ["RGBA8", "RGBA16"])
def test_outside_the_mask_is_transparent_and_inside_untouched(format: str) -> None:
    kind = "u1" if format == "RGBA8" else "u2"
    picture = np.full((6, 4), 7, dtype=kind)
    mask = bytes([0, 1, 128, 255, 0, 9])
    cut = np.frombuffer(pixels.cut_out(picture.tobytes(), mask, format), kind).reshape(-1, 4)
    assert (cut[[0, 4]] == 0).all() and (cut[[1, 2, 3, 5]] == 7).all()


def test_the_mask_is_cut_with_the_right_rows() -> None:
    data = bytes([9]) * (4 * 2 * 4)
    mask = bytes([0, 0, 255, 255, 255, 255, 0, 0])
    pieces = list(pixels.to_krita(data, 2, 4, "RGBA8", mask, piece_pixels=2))
    assert [piece.data[3] for piece in pieces] == [0, 9, 9, 0]
    assert isinstance(pieces[0], Piece)
